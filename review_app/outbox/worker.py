"""The outbox's part of a sending process: its ledger, its job, and the worker's own life."""

import os
import socket
from collections.abc import Sequence
from datetime import datetime

import structlog

from review_app.clock import Clock
from review_app.crypto import CannotOpen
from review_app.db import db, unit_of_work
from review_app.mail import compose, post
from review_app.outbox import queries, service
from review_app.outbox.models import OutboxMessage
from review_app.sending import FRESH_BEAT, Mailer, Parcel, Sender, Sending, Settled

log = structlog.get_logger()


class SendingWorker:
    """This process as a worker: it beats, and knows whether it may still send."""

    def __init__(self, clock: Clock) -> None:
        self.name = f"{socket.gethostname()}:{os.getpid()}"[:120]
        self.stopping = False
        self._beat_at = clock.now()
        with unit_of_work() as session:
            self._id = service.register_worker(session, self.name, now=self._beat_at)

    @property
    def worker_id(self) -> int:
        """The number of this run."""
        return self._id

    def may_send(self, now: datetime) -> bool:
        """Say whether a further message may be started: the own beat is fresh and nobody asked to stop."""
        return not self.stopping and now - self._beat_at <= FRESH_BEAT

    def beat(self, clock: Clock) -> None:
        """Beat, and take over from workers that have fallen silent. Entering again if others took this one for dead."""
        now = clock.now()
        with unit_of_work() as session:
            worker_id = self._id
            if not service.beat(session, worker_id, now=now):
                worker_id = service.register_worker(session, self.name, now=now)
            ended = service.end_silent_workers(session, now=now)
        self._id, self._beat_at = worker_id, now
        for silent in ended:
            log.warning("worker_silent", worker=silent)

    def end(self, clock: Clock) -> None:
        """Take leave, after the last message has been answered."""
        with unit_of_work() as session:
            service.end_worker(session, self._id, now=clock.now())


class OutboxLedger:
    """The rows of the outbox as the sending rounds see them."""

    def anything_due(self, worker_id: int, now: datetime) -> bool:
        """Look without writing."""
        due = queries.anything_due(db.session(), worker_id, now)
        db.session.rollback()
        return due

    def exchange(self, settled: Sequence[Settled[int]], room: int, worker_id: int, now: datetime) -> list[Parcel[int]]:
        """Write the answers and mark the next messages, in one transaction."""
        with unit_of_work() as session:
            service.settle(session, settled, now=now)
            service.lose_marked(session, worker_id, now=now)
            service.expire(session, now=now)
            claimed = service.claim(session, worker_id, room, now=now)
            return [parcel for message in claimed if (parcel := self._parcel(message, now)) is not None]

    def _parcel(self, message: OutboxMessage, now: datetime) -> Parcel[int] | None:
        try:
            prepared = compose(subject=message.subject, body=message.body, sender=post().sender)
            envelope = prepared.personalise(to=message.to, message_id=message.message_id, at=now)
        except (CannotOpen, ValueError) as error:
            log.error("message_not_ready", message=message.id, problem=type(error).__name__)
            service.give_up(message, now=now)
            return None
        return Parcel(key=message.id, attempt=message.attempts, envelope=envelope)


_sender = Sender(OutboxLedger())


def send_due(worker: Sending, mailers: Sequence[Mailer], clock: Clock) -> None:
    """Send the messages that are due. The job of every worker, once a second."""
    attempts = _sender.run(worker, mailers, clock)
    if attempts:
        log.info("outbox_sent", attempts=attempts)
