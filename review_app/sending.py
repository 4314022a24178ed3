"""Sending rows that are owed, whatever table they are in: each marked before the attempt, and its result after.

Exactly once over SMTP does not exist. A round marks one row for each connection and sends those messages side by side;
their results and the marks of the next round share one commit. So what was in flight when a process died is known row
by row, and is never more than one message for each connection.

A feature gives a Ledger for its own table and decides there what a lost or uncertain row becomes.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from review_app.clock import Clock

RETRY_AFTER = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 20))
FRESH_BEAT = timedelta(seconds=30)
"""A worker whose own beat is older sends nothing: another may soon take over its rows."""

K = TypeVar("K")


class Outcome(StrEnum):
    """What the mail server made of one message."""

    ACCEPTED = "accepted"
    TEMPORARY = "temporary"
    PERMANENT = "permanent"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """One finished message for one address."""

    sender: str
    recipient: str
    message_id: str
    content: bytes

    def __repr__(self) -> str:
        return f"Envelope({self.message_id})"


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An outcome with the server's code. The server's words are not kept: they often repeat the address."""

    outcome: Outcome
    code: int | None = None
    connected: bool = True


class Mailer(Protocol):
    """One connection to wherever mail goes."""

    def send(self, envelope: Envelope) -> Reply:
        """Send one message and say what became of it; trouble with mail is a reply, not an exception."""

    def close(self) -> None:
        """Let the connection go."""


class Fate(StrEnum):
    """What a row becomes after an attempt."""

    SENT = "sent"
    RETRY = "retry"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a row becomes, and when it may be tried again."""

    fate: Fate
    next_attempt_at: datetime
    code: int | None = None


def after_reply(reply: Reply | None, attempts: int, now: datetime) -> Verdict:
    """Decide what follows an attempt: five more tries after 1, 2, 5, 10 and 20 minutes, then failure.

    An attempt that was never begun has no reply, and may be made at once.
    """
    if reply is None:
        return Verdict(fate=Fate.RETRY, next_attempt_at=now)
    again = attempts <= len(RETRY_AFTER)
    next_at = now + RETRY_AFTER[attempts - 1] if again else now
    match reply.outcome:
        case Outcome.ACCEPTED:
            fate = Fate.SENT
        case Outcome.TEMPORARY:
            fate = Fate.RETRY if again else Fate.FAILED
        case Outcome.UNCERTAIN:
            fate = Fate.UNKNOWN if again else Fate.FAILED
        case Outcome.PERMANENT:
            fate = Fate.FAILED
    return Verdict(fate=fate, next_attempt_at=next_at, code=reply.code)


class Sending(Protocol):
    """The worker on whose behalf rows are sent."""

    @property
    def worker_id(self) -> int:
        """The worker's row."""

    def may_send(self, now: datetime) -> bool:
        """Say whether a further message may be started: the own beat is fresh and nobody asked to stop."""


@dataclass(frozen=True, kw_only=True)
class Parcel(Generic[K]):
    """A row that was marked as being sent, and its message. `attempt` fences off late answers to earlier attempts."""

    key: K
    attempt: int
    envelope: Envelope


@dataclass(frozen=True, kw_only=True)
class Settled(Generic[K]):
    """The answer to one attempt; None if the worker lost the right to send before it began."""

    key: K
    attempt: int
    reply: Reply | None


class Ledger(Protocol[K]):
    """The table in which rows are marked."""

    def anything_due(self, worker_id: int, now: datetime) -> bool:
        """Look, without writing, whether there is something to send, or left marked by this worker."""

    def exchange(self, settled: Sequence[Settled[K]], room: int, worker_id: int, now: datetime) -> list[Parcel[K]]:
        """In one transaction write the answers, and mark at most `room` due rows as being sent by this worker.

        A row of this worker that is marked from an earlier run of the same loop, and is not among the answers, was
        lost with an error: it becomes unknown.
        """


class Sender(Generic[K]):
    """Rounds over one ledger. Answers that could not be written are kept and written in the next run."""

    def __init__(self, ledger: Ledger[K]) -> None:
        self.ledger = ledger
        self._settled: list[Settled[K]] = []

    def run(self, worker: Sending, mailers: Sequence[Mailer], clock: Clock) -> int:
        """Send until nothing is due, the connections fail, or the worker may not; give the number of attempts."""
        if not self._settled and not self.ledger.anything_due(worker.worker_id, clock.now()):
            return 0
        attempts = 0
        connected = True
        with ThreadPoolExecutor(len(mailers)) as threads:
            while True:
                room = len(mailers) if connected and worker.may_send(clock.now()) else 0
                parcels = self.ledger.exchange(self._settled, room, worker.worker_id, clock.now())
                self._settled.clear()
                if not parcels:
                    return attempts
                attempts += len(parcels)
                if worker.may_send(clock.now()):
                    replies: list[Reply | None] = list(threads.map(_send, mailers, parcels))
                else:
                    replies = [None] * len(parcels)
                self._settled = [
                    Settled(key=parcel.key, attempt=parcel.attempt, reply=reply)
                    for parcel, reply in zip(parcels, replies, strict=True)
                ]
                connected = any(reply is not None and reply.connected for reply in replies)


def _send(mailer: Mailer, parcel: Parcel[K]) -> Reply:
    return mailer.send(parcel.envelope)
