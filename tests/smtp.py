"""A real SMTP server that keeps what it is given, and can be slow, refuse addresses, or be hung up on."""

import asyncio
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests import watch


@dataclass(frozen=True, kw_only=True)
class Received:
    """One message as one recipient was given it."""

    sender: str
    recipient: str
    message: EmailMessage
    connection: int
    at: float

    @property
    def message_id(self) -> str:
        """The Message-ID, by which a duplicate is known."""
        return str(self.message["Message-ID"])

    @property
    def subject(self) -> str:
        """The subject line."""
        return str(self.message["Subject"])

    @property
    def text(self) -> str:
        """The plain text of the message."""
        body = self.message.get_body(("plain",))
        return str(body.get_content()).replace("\r\n", "\n") if body is not None else ""


class SmtpSink:
    """An SMTP server on a free port of this machine, run in a thread of its own.

    `delay` is how many seconds it takes over each message; `refusals` gives an address the reply it gets, such as
    "450 Try later"; `reply` may answer a whole message with something other than "250 OK".
    """

    def __init__(self, **options: Any) -> None:
        self.delay = 0.0
        self.refusals: dict[str, str] = {}
        self.reply: Callable[[Received], str] | None = None
        self.connections_made = 0
        self._open: set[int] = set()
        self._received: list[Received] = []
        self._changed = threading.Condition()
        self._controller = _Controller(self, port=free_port(), **options)
        self._controller.start()

    @property
    def host(self) -> str:
        """The address it listens on."""
        return str(self._controller.hostname)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._controller.port)

    @property
    def url(self) -> str:
        """What REVIEW_MAIL_URL is to be."""
        return f"smtp://{self.host}:{self.port}"

    @property
    def received(self) -> list[Received]:
        """Everything so far, in the order of arrival, one entry for each recipient."""
        with self._changed:
            return list(self._received)

    @property
    def open_connections(self) -> int:
        """How many clients are connected now."""
        with self._changed:
            return len(self._open)

    def to(self, recipient: str) -> list[Received]:
        """Give what one address was sent."""
        return [each for each in self.received if each.recipient.lower() == recipient.lower()]

    def counts(self) -> Counter[str]:
        """Give how many messages each address was sent."""
        return Counter(each.recipient.lower() for each in self.received)

    def wait_for(self, messages: int, *, seconds: float = 30) -> list[Received]:
        """Wait until so many messages are there, and give them all."""
        with self._changed:
            there = self._changed.wait_for(lambda: len(self._received) >= messages, timeout=seconds)
            if not there:
                raise AssertionError(f"{len(self._received)} of {messages} messages came within {seconds:g} s")
            return list(self._received)

    def clear(self) -> None:
        """Forget what came, and answer quickly and kindly again."""
        with self._changed:
            self._received.clear()
            self.delay, self.reply = 0.0, None
            self.refusals.clear()

    def stop(self) -> None:
        """Stop listening and hang up."""
        self._controller.stop(no_assert=True)

    def connected(self, number: int) -> None:
        """Note a new connection."""
        with self._changed:
            self.connections_made += 1
            self._open.add(number)

    def disconnected(self, number: int) -> None:
        """Note the end of a connection."""
        with self._changed:
            self._open.discard(number)

    def keep(self, messages: list[Received]) -> None:
        """Keep one message, once for each recipient."""
        with self._changed:
            self._received.extend(messages)
            self._changed.notify_all()


def free_port() -> int:
    """Give a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class _Protocol(SMTP):
    sink: SmtpSink

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.sink.connected(id(self))

    def connection_lost(self, error: Exception | None) -> None:
        self.sink.disconnected(id(self))
        super().connection_lost(error)


class _Handler:
    def __init__(self, sink: SmtpSink) -> None:
        self.sink = sink

    async def handle_RCPT(  # noqa: N802  # the name that aiosmtpd looks for
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        refusal = self.sink.refusals.get(address)
        if refusal:
            return refusal
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.sink.delay:
            await asyncio.sleep(self.sink.delay)
        message = message_from_bytes(envelope.original_content or b"", policy=default)
        watch.saw("smtp", "a message", _readable(message))
        messages = [
            Received(
                sender=envelope.mail_from or "",
                recipient=recipient,
                message=message,
                connection=id(server),
                at=time.time(),
            )
            for recipient in envelope.rcpt_tos
        ]
        answer = self.sink.reply(messages[0]) if self.sink.reply else "250 OK"
        if answer.startswith("2"):
            self.sink.keep(messages)
        return answer


def _readable(message: EmailMessage) -> bytes:
    """Give the headers and every text of a message, decoded as a mail program shows them."""
    headers = (f"{name}: {value}" for name, value in message.items())
    texts = (str(part.get_content()) for part in message.walk() if part.get_content_maintype() == "text")
    return "\n".join((*headers, *texts)).encode()


class _Controller(Controller):
    def __init__(self, sink: SmtpSink, *, port: int, **options: Any) -> None:
        self.sink = sink
        super().__init__(_Handler(sink), hostname="127.0.0.1", port=port, ready_timeout=30, **options)

    def factory(self) -> SMTP:
        """Make the protocol of one connection, which tells the sink of its coming and going."""
        protocol = _Protocol(self.handler, **self.SMTP_kwargs)
        protocol.sink = self.sink
        return protocol
