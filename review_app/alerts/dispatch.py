"""The worker's jobs for alerts: releasing at the time, sending, and ending.

A row is marked before its message is sent and settled after. What was in flight when a process died becomes unknown:
of an amber or red alert it is sent again with the same Message-ID, for an information alert a person is asked.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

import structlog
from sqlalchemy.orm import Session

from review_app.alerts.models import Delivery
from review_app.alerts.queries import deliveries
from review_app.alerts.queries.reading import token_of
from review_app.alerts.service import delivering, ending, releasing
from review_app.alerts.service.signing import schedule_what_waits_no_more
from review_app.clock import Clock
from review_app.db import db, unit_of_work
from review_app.mail import Prepared, compose, link, post
from review_app.outbox.rules import WorkerSilent
from review_app.outbox.service import is_alive
from review_app.sending import Mailer, Parcel, Sender, Sending, Settled

log = structlog.get_logger()

RELEASE_EVERY = 1.0
SEND_EVERY = 1.0
LOOK_AT_SIGNATURES_EVERY = 60.0
REMIND_EVERY = 300.0


class DeliveryLedger:
    """The Deliveries as the sending rounds see them."""

    def anything_due(self, worker_id: int, now: datetime) -> bool:
        """Look without writing."""
        due = deliveries.anything_due(db.session(), worker_id, now)
        db.session.rollback()
        return due

    def exchange(self, settled: Sequence[Settled[int]], room: int, worker_id: int, now: datetime) -> list[Parcel[int]]:
        """Write the answers and mark the next Deliveries, in one transaction.

        Locks are taken in the order worker, alert, Delivery, as everywhere else, so that nobody waits in a circle.
        """
        with unit_of_work() as session:
            alive = is_alive(session, worker_id)
            delivering.settle(session, settled, worker_id, now=now)
            claimed = delivering.claim(session, worker_id, room, now=now) if alive else []
            return [parcel for delivery in claimed if (parcel := self._parcel(delivery, now)) is not None]

    def _parcel(self, delivery: Delivery, now: datetime) -> Parcel[int] | None:
        version = delivery.alert_version
        address = link("acknowledge.show", token=token_of(delivery.id))
        try:
            message = _prepared(version.id, version.subject, version.body, post().sender)
            envelope = message.personalise(to=delivery.address, message_id=delivery.message_id, at=now, link=address)
        except ValueError as error:
            log.error("delivery_not_ready", delivery=delivery.id, problem=type(error).__name__)
            delivering.give_up(delivery, now=now)
            return None
        return Parcel(key=delivery.id, attempt=delivery.attempts, envelope=envelope)


@lru_cache(maxsize=16)
def _prepared(_version_id: int, subject: str, body: str, sender: str) -> Prepared:
    """Compose a version's message once, and not again for each of a thousand people."""
    return compose(subject=subject, body=body, sender=sender)


_sender = Sender(DeliveryLedger())


def send_due(worker: Sending, mailers: Sequence[Mailer], clock: Clock) -> None:
    """Send the Deliveries that are due."""
    attempts = _sender.run(worker, mailers, clock)
    if attempts:
        log.info("deliveries_sent", attempts=attempts)


def on_worker_silent(session: Session, silent: WorkerSilent) -> None:
    """Make unknown what a silent worker was sending."""
    delivering.lose(session, silent.worker_id, now=silent.at)


def release_due(_worker: Sending, _mailers: Sequence[Mailer], clock: Clock) -> None:
    """Release what is due, then finish and expire what is over, each in a transaction of its own."""
    for version_id in _look(releasing.due_versions(db.session(), now=clock.now())):
        with unit_of_work() as session:
            releasing.release(session, version_id, now=clock.now())
    for alert_id in _look(delivering.finished_alerts(db.session())):
        with unit_of_work() as session:
            delivering.finish(session, alert_id, now=clock.now())
    for alert_id in _look(ending.ended_alerts(db.session(), now=clock.now())):
        with unit_of_work() as session:
            ending.expire(session, alert_id, now=clock.now())


def look_at_signatures(_worker: Sending, _mailers: Sequence[Mailer], clock: Clock) -> None:
    """Schedule what lacks only a signature that is not waited for at this hour."""
    for alert_id in _look(releasing.partly_signed_alerts(db.session())):
        with unit_of_work() as session:
            schedule_what_waits_no_more(session, alert_id, now=clock.now())


def remind_due(_worker: Sending, _mailers: Sequence[Mailer], clock: Clock) -> None:
    """Remind the leads of alerts that end within two days, each once."""
    for alert_id in _look(ending.alerts_ending_soon(db.session(), now=clock.now())):
        with unit_of_work() as session:
            ending.remind_of_end(session, alert_id, now=clock.now())


def _look(found: Sequence[int]) -> list[int]:
    """Keep what a look without writing has found, and let its transaction go."""
    db.session.rollback()
    return list(found)
