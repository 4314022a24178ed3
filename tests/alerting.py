"""Alerts on their way out, for tests of release, delivery and ending.

alert = scheduled(session, here, now=now, level=..., people=4)     signed by all who must; goes out when it is due
alert = going_out(session, here, now=now, ...)                     and released: its Deliveries are written
desk = Desk(app, clock); desk.release(); desk.send(); desk.go()    a worker whose jobs are run by hand
next_signed(session, here, alert, VersionKind.UPDATE, now=now)     the next version, written and signed
"""

import re
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from review_app.alerts import dispatch
from review_app.alerts.commands import StartNextVersion, WithdrawAlert
from review_app.alerts.dispatch import DeliveryLedger
from review_app.alerts.models import Alert, AlertVersion, AlertVersionList, Delivery, DistributionList, Recipient
from review_app.alerts.queries.versions import newest_version, wording_of
from review_app.alerts.rules import AlertLevel, DeliveryState, VersionKind, WithdrawalReason
from review_app.alerts.service import ending, releasing
from review_app.jobs import CONNECTIONS
from review_app.mail import post
from review_app.outbox.worker import SendingWorker
from review_app.panel.rules import EfficacyAnswer
from review_app.policy import Role
from review_app.sending import Envelope, Mailer, Outcome, Reply, Sender
from tests.conftest import FixedClock, Work
from tests.factories import Place
from tests.service.alert_cases import edit, ready_draft, sign, submitted
from tests.smtp import Received

SIGNED_BY = {
    AlertLevel.INFORMATION: (("chair", Role.CHAIR),),
    AlertLevel.AMBER: (("dph", Role.DPH), ("chair", Role.CHAIR)),
    AlertLevel.RED: (("dph", Role.DPH), ("chair", Role.CHAIR)),
}
LINK = re.compile(r"https?://\S+/acknowledge/\S+")


def signed(session: Session, here: Place, alert: Alert, *, now: datetime) -> AlertVersion:
    """Submit what is saved, and let everybody sign whom its level asks for."""
    version = submitted(session, here, alert, now=now)
    for who, role in SIGNED_BY[version.level]:
        sign(session, here, who, alert, role, now=now)
    return version


def scheduled(
    session: Session, here: Place, *, now: datetime, level: AlertLevel = AlertLevel.RED, people: int = 4, **changes: Any
) -> Alert:
    """Make an alert that is signed and waits for its time, which is now unless `send_at` says."""
    alert = ready_draft(session, here, now=now, level=level, people=people, **changes)
    signed(session, here, alert, now=now)
    return alert


def going_out(session: Session, here: Place, *, now: datetime, **changes: Any) -> Alert:
    """Make an alert that has been released; nothing of it is sent yet."""
    alert = scheduled(session, here, now=now, **changes)
    release(session, alert, now=now)
    return alert


def release(session: Session, alert: Alert, *, now: datetime) -> AlertVersion:
    """Release the newest version, whether or not that is what becomes of it."""
    version = newest_version(session, alert)
    releasing.release(session, version.id, now=now)
    session.flush()
    return version


def next_written(
    session: Session, here: Place, alert: Alert, kind: VersionKind, *, now: datetime, **changes: Any
) -> AlertVersion:
    """Begin the next version and write it, with nothing missing."""
    command = StartNextVersion(reference=alert.reference, kind=kind)
    version = ending.start_next_version(session, here.actor("coordinator"), command, now=now)
    session.flush()
    given = {"ef8": EfficacyAnswer.NO, "expires_at": now + timedelta(days=10), **changes}
    edit(session, here, "coordinator", alert, replace(wording_of(session, version), **given), now=now)
    return version


def next_signed(
    session: Session, here: Place, alert: Alert, kind: VersionKind, *, now: datetime, **changes: Any
) -> AlertVersion:
    """Write the next version and let it be signed."""
    next_written(session, here, alert, kind, now=now, **changes)
    return signed(session, here, alert, now=now)


def withdraw(
    session: Session,
    here: Place,
    alert: Alert,
    *,
    now: datetime,
    by: str = "coordinator",
    reason: WithdrawalReason = WithdrawalReason.CONTAINED,
) -> Alert:
    """Withdraw an alert."""
    command = WithdrawAlert(reference=alert.reference, reason=reason)
    ended = ending.withdraw(session, here.actor(by), command, now=now)
    session.flush()
    return ended


def lists_of(session: Session, alert: Alert) -> list[DistributionList]:
    """Give the lists of the newest version."""
    chosen = select(AlertVersionList.list_id).where(
        AlertVersionList.alert_version_id == newest_version(session, alert).id
    )
    return list(session.scalars(select(DistributionList).where(DistributionList.id.in_(chosen))))


def add_people(session: Session, to: DistributionList, *addresses: str, now: datetime) -> None:
    """Put addresses on a list."""
    rows = [
        {
            "list_id": to.id,
            "exercise": to.exercise,
            "address": address,
            "normalised": address.lower(),
            "role": "",
            "added_at": now,
            "version": 1,
        }
        for address in addresses
    ]
    session.execute(insert(Recipient), rows)


def deliveries(session: Session, alert: Alert, number: int | None = None) -> list[Delivery]:
    """Give the Deliveries of one version of an alert, the newest unless one is named, by address."""
    wanted = newest_version(session, alert).number if number is None else number
    rows = (
        select(Delivery)
        .join(AlertVersion, AlertVersion.id == Delivery.alert_version_id)
        .where(AlertVersion.alert_id == alert.id, AlertVersion.number == wanted)
    )
    return list(session.scalars(rows.order_by(Delivery.normalised)))


def delivery_states(work: Work) -> dict[str, int]:
    """Count all Deliveries by their state."""
    with work() as session:
        counted = select(Delivery.state, func.count()).group_by(Delivery.state)
        return {state.value: count for state, count in session.execute(counted)}


def only(session: Session, state: DeliveryState) -> Delivery:
    """Give the one Delivery in this state."""
    return session.scalars(select(Delivery).where(Delivery.state == state)).one()


def own_link(message: Received) -> str:
    """Give the private link that a message holds."""
    found = LINK.search(message.text)
    assert found is not None, message.text
    return "/" + found.group().split("/", 3)[3]


@dataclass(kw_only=True)
class Scripted:
    """A connection that answers by this script, then accepts; it keeps what it was given."""

    outcomes: list[Outcome]
    sent: list[Envelope]

    @classmethod
    def answering(cls, *outcomes: Outcome) -> "Scripted":
        """Answer with these, one after the other."""
        return cls(outcomes=list(outcomes), sent=[])

    def send(self, envelope: Envelope) -> Reply:
        """Take one message."""
        self.sent.append(envelope)
        outcome = self.outcomes.pop(0) if self.outcomes else Outcome.ACCEPTED
        return Reply(outcome=outcome, code={Outcome.ACCEPTED: 250, Outcome.PERMANENT: 550}.get(outcome, 451))

    def close(self) -> None:
        """Do nothing."""


class Desk:
    """One worker whose jobs are run by hand."""

    def __init__(self, app: Flask, clock: FixedClock) -> None:
        self.app, self.clock = app, clock
        self.sender = Sender(DeliveryLedger())
        with app.app_context():
            self.worker = SendingWorker(clock)

    def beat(self) -> None:
        """Beat, and take over from workers that have fallen silent."""
        with self.app.app_context():
            self.worker.beat(self.clock)

    def release(self) -> None:
        """Release, finish and expire what is due."""
        with self.app.app_context():
            dispatch.release_due(self.worker, [], self.clock)

    def look_at_signatures(self) -> None:
        """Schedule what lacks only a signature that is not waited for at this hour."""
        with self.app.app_context():
            dispatch.look_at_signatures(self.worker, [], self.clock)

    def remind(self) -> None:
        """Remind of alerts that are about to end."""
        with self.app.app_context():
            dispatch.remind_due(self.worker, [], self.clock)

    def send(self, *over: Mailer, connections: int = CONNECTIONS) -> int:
        """Send what is due, over real connections unless others are given; give the number of attempts."""
        with self.app.app_context():
            mailers = list(over) or post().connections(connections)
            attempts = self.sender.run(self.worker, mailers, self.clock)
            for mailer in mailers:
                mailer.close()
        return attempts

    def go(self, *over: Mailer) -> int:
        """Do what a second of a worker's life does: release, send, and see what has finished."""
        self.beat()
        self.release()
        attempts = self.send(*over)
        self.release()
        return attempts

    def claim(self, room: int = 1) -> list[tuple[int, int]]:
        """Mark Deliveries as being sent and go no further, like a process that dies there."""
        with self.app.app_context():
            parcels = DeliveryLedger().exchange([], room, self.worker.worker_id, self.clock.now())
        return [(parcel.key, parcel.attempt) for parcel in parcels]


def repeated(messages: list[Received]) -> Counter[str]:
    """Count the messages each address got beyond the first."""
    counted = Counter(each.recipient for each in messages)
    return Counter({address: count - 1 for address, count in counted.items() if count > 1})
