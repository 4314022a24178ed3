"""Composing e-mail: headers and body once for a text, then a few bytes for each person.

Building a message with `email.message` costs ten times as much as sending it, so an alert to a thousand people is
composed once. What is personal (address, Message-ID, date, private link) is put between finished bytes.
"""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.quoprimime import body_encode
from email.utils import format_datetime, formataddr

from review_app.sending import Envelope

PERSONAL_LINK = "[[personal-link]]"
"""Stands in a body for the link that only one recipient is given."""

LINE = "\r\n"
_LOCAL = r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"{_LOCAL}@{_LABEL}(?:\.{_LABEL})*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def clean_address(text: str) -> str:
    """Give one e-mail address without blanks around it and with its domain in lower case.

    Raises ValueError, without repeating the address, for anything else: no names, no lists, no control characters.
    """
    local, _, domain = text.strip().rpartition("@")
    try:
        address = f"{local}@{domain.lower() if domain.isascii() else domain.encode('idna').decode()}"
    except UnicodeError:
        address = ""
    if len(address) > 254 or not _ADDRESS.fullmatch(address):
        raise ValueError("Enter an email address in the correct format, like name@example.com")
    return address


def normalised_address(text: str) -> str:
    """Give the form under which two spellings of an address are one recipient."""
    return clean_address(text).lower()


def new_message_id(sender: str) -> str:
    """Make a Message-ID at the sender's domain; it says nothing of recipient or record."""
    return f"<{secrets.token_hex(16)}@{sender.rpartition('@')[2]}>"


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A message for many: everything but what is personal."""

    sender: str
    head: bytes
    body: tuple[bytes, ...]

    def personalise(self, *, to: str, message_id: str, at: datetime, link: str = "") -> Envelope:
        """Give one person's message. A body that has the link's place needs a link."""
        recipient = clean_address(to)
        if _CONTROL.search(message_id) or _CONTROL.search(link):
            raise ValueError("a header or link may not hold control characters")
        if len(self.body) > 1 and not link:
            raise ValueError("this message needs a personal link")
        personal = f"To: {recipient}{LINE}Message-ID: {message_id}{LINE}Date: {format_datetime(at)}{LINE}"
        return Envelope(
            sender=self.sender,
            recipient=recipient,
            message_id=message_id,
            content=personal.encode("ascii") + self.head + _own_line(link).join(self.body),
        )


def compose(
    *, subject: str, body: str, sender: str, sender_name: str = "", headers: Mapping[str, str] | None = None
) -> Prepared:
    """Make a message ready for many. Raises ValueError if a header would hold a line break."""
    message = EmailMessage(policy=SMTP)
    message["From"] = formataddr((sender_name, sender))
    message["Subject"] = subject
    message["Auto-Submitted"] = "auto-generated"
    for name, value in (headers or {}).items():
        message[name] = value
    message["MIME-Version"] = "1.0"
    message["Content-Type"] = 'text/plain; charset="utf-8"'
    message["Content-Transfer-Encoding"] = "quoted-printable"
    text = body.replace(LINE, "\n").replace("\r", "\n").rstrip() + "\n"
    return Prepared(
        sender=clean_address(sender),
        head=bytes(message).rstrip(b"\r\n") + b"\r\n\r\n",
        body=tuple(_quoted(part) for part in text.split(PERSONAL_LINK)),
    )


def _quoted(text: str) -> bytes:
    """Write text as quoted-printable, so that every mail server passes it on unchanged."""
    return body_encode(text.encode().decode("latin-1"), eol=LINE).encode("ascii")


def _own_line(link: str) -> bytes:
    """Write a link between soft line breaks, so that no line grows too long wherever it stands."""
    return b"=\r\n" + _quoted(link) + b"=\r\n" if link else b""
