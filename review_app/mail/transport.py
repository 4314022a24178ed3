"""Where mail goes: to a real SMTP server, or into files when none is set."""

import hashlib
import os
import smtplib
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from review_app.sending import Envelope, Outcome, Reply

DEADLINE = 18.0
"""Seconds for one message, connecting included. It is under 20, so that a worker whose beat has just become too old has
nothing in flight by the time others may take over."""


@dataclass(frozen=True, kw_only=True)
class SmtpServer:
    """A mail server, from `smtp://user:password@host:port?starttls=1`."""

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    starttls: bool = False

    @classmethod
    def parse(cls, url: str) -> "SmtpServer":
        """Read the setting. Raises ValueError with a sentence that does not repeat the password."""
        try:
            parts = urlsplit(url)
            port = parts.port or 25
        except ValueError:
            parts, port = urlsplit(""), 0
        if parts.scheme != "smtp" or not parts.hostname or not port:
            raise ValueError("REVIEW_MAIL_URL must look like smtp://user:password@host:port?starttls=1.")
        return cls(
            host=parts.hostname,
            port=port,
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            starttls=parse_qs(parts.query).get("starttls", ["0"])[-1] in {"1", "true", "yes"},
        )


Command = Callable[[], tuple[int, bytes]]


class _NotConnected(Exception):
    """The connection failed before the server was handed the message, so it was certainly not accepted."""

    def __init__(self, code: int | None = None) -> None:
        super().__init__("no connection to the mail server")
        self.code = code


class SmtpMailer:
    """One connection, kept open from message to message. One thread at a time."""

    def __init__(self, server: SmtpServer, *, deadline: float = DEADLINE) -> None:
        self._server = server
        self._deadline = deadline
        self._smtp: smtplib.SMTP | None = None
        self._until = 0.0

    def send(self, envelope: Envelope) -> Reply:
        """Send one message. An idle connection that the server has closed is opened again once."""
        self._until = time.monotonic() + self._deadline
        reused = self._smtp is not None
        try:
            try:
                return self._transfer(envelope)
            except _NotConnected:
                if not reused:
                    raise
                self._drop()
                return self._transfer(envelope)
        except _NotConnected as error:
            self._drop()
            return Reply(outcome=Outcome.TEMPORARY, code=error.code, connected=False)

    def close(self) -> None:
        """Say goodbye, if the server still listens."""
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            try:
                smtp.quit()
            except (OSError, smtplib.SMTPException):
                smtp.close()

    def _transfer(self, envelope: Envelope) -> Reply:
        smtp = self._connected()
        for command in (
            lambda: smtp.mail(envelope.sender),
            lambda: smtp.rcpt(envelope.recipient),
            lambda: smtp.docmd("DATA"),
        ):
            code = self._ask(smtp, command)
            if code >= 400:
                self._reset(smtp)
                return _reply(code)
        return self._content(smtp, envelope.content)

    def _ask(self, smtp: smtplib.SMTP, command: Command) -> int:
        """Give one command. The server leaving (421, or a closed connection) is not an answer about the message."""
        try:
            self._hurry(smtp)
            code = command()[0]
        except (OSError, smtplib.SMTPException):
            raise _NotConnected from None
        if code == 421:
            raise _NotConnected(code)
        return code

    def _content(self, smtp: smtplib.SMTP, content: bytes) -> Reply:
        """Hand over the message. From here on, silence does not mean that it was not accepted."""
        try:
            self._hurry(smtp)
            smtp.send(_with_dots(content))
            self._hurry(smtp)
            code = smtp.getreply()[0]
        except (OSError, smtplib.SMTPException):
            self._drop()
            return Reply(outcome=Outcome.UNCERTAIN)
        if code == 421:
            self._drop()
        return _reply(code)

    def _reset(self, smtp: smtplib.SMTP) -> None:
        try:
            self._hurry(smtp)
            smtp.rset()
        except (OSError, smtplib.SMTPException):
            self._drop()

    def _connected(self) -> smtplib.SMTP:
        if self._smtp is not None:
            return self._smtp
        try:
            smtp = smtplib.SMTP(self._server.host, self._server.port, timeout=self._left())
        except smtplib.SMTPResponseException as error:
            raise _NotConnected(error.smtp_code) from None
        except (OSError, smtplib.SMTPException):
            raise _NotConnected from None
        self._smtp = smtp
        try:
            self._hurry(smtp)
            smtp.ehlo_or_helo_if_needed()
            if self._server.starttls:
                smtp.starttls(context=ssl.create_default_context())
                smtp.ehlo_or_helo_if_needed()
            if self._server.user:
                smtp.login(self._server.user, self._server.password)
        except smtplib.SMTPResponseException as error:
            raise _NotConnected(error.smtp_code) from None
        except (OSError, smtplib.SMTPException):
            raise _NotConnected from None
        return smtp

    def _left(self) -> float:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def _hurry(self, smtp: smtplib.SMTP) -> None:
        if smtp.sock is None:
            raise smtplib.SMTPServerDisconnected("closed")
        smtp.sock.settimeout(self._left())

    def _drop(self) -> None:
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            smtp.close()


def _reply(code: int) -> Reply:
    if 200 <= code < 300:
        return Reply(outcome=Outcome.ACCEPTED, code=code)
    return Reply(outcome=Outcome.PERMANENT if code >= 500 else Outcome.TEMPORARY, code=code)


def _with_dots(content: bytes) -> bytes:
    """Double each dot that begins a line, and end with the dot that ends a message."""
    doubled = content.replace(b"\r\n.", b"\r\n..")
    return (b"." if doubled.startswith(b".") else b"") + doubled.removesuffix(b"\r\n") + b"\r\n.\r\n"


class FileMailer:
    """A folder with one real .eml file for each message. A message sent again replaces its file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, envelope: Envelope) -> Reply:
        """Write the message, whole or not at all, under a name that tells nothing of whom it is for."""
        name = hashlib.sha256(envelope.message_id.encode()).hexdigest()[:24]
        draft = self._folder / f".{name}.{os.getpid()}.part"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            draft.write_bytes(envelope.content)
            draft.replace(self._folder / f"{name}.eml")
        except OSError:
            return Reply(outcome=Outcome.TEMPORARY, connected=False)
        return Reply(outcome=Outcome.ACCEPTED)

    def close(self) -> None:
        """Do nothing: there is no connection."""


@dataclass(frozen=True, kw_only=True)
class SentMail:
    """One file of the mail folder, read for the demonstration's page."""

    name: str
    at: datetime
    to: str
    subject: str
    text: str


def sent_mail(folder: Path, *, limit: int = 200) -> list[SentMail]:
    """Read the newest messages of the mail folder, newest first."""
    files = sorted(folder.glob("*.eml"), key=lambda file: (file.stat().st_mtime_ns, file.name), reverse=True)
    return [_read(file) for file in files[:limit]]


def _read(file: Path) -> SentMail:
    message = message_from_bytes(file.read_bytes().replace(b"\r\n", b"\n"), policy=default)
    body = message.get_body(("plain",))
    return SentMail(
        name=file.stem,
        at=datetime.fromtimestamp(file.stat().st_mtime, UTC),
        to=str(message["To"]),
        subject=str(message["Subject"]),
        text=str(body.get_content()) if body is not None else "",
    )
