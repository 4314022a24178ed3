"""Moving Deliveries: marked before an attempt, settled after it, and lost when the process that made it died.

Of a text that a newer version has overtaken nothing more is started; whoever turns out to have it after a correction
or a withdrawal is told once. So each answer is written under a shared lock on its alert: it sees every release and
withdrawal that is before it, and those that come later see it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session, joinedload

from review_app.alerts.models import Alert, AlertVersion, Delivery
from review_app.alerts.queries import deliveries
from review_app.alerts.queries.audience import told_member
from review_app.alerts.rules import (
    DELIVERY_WORKFLOW,
    TELLS_ALL_WHO_HAVE_IT,
    TOLD_OF_THE_END,
    DeliveryAction,
    DeliveryState,
    VersionAction,
    sends_unknown_again,
)
from review_app.alerts.service.moving import move
from review_app.alerts.service.releasing import delivery_values
from review_app.once import insert_once
from review_app.sending import Fate, Outcome, Reply, Settled, Verdict, after_reply

ACTION_OF_FATE = {
    Fate.SENT: DeliveryAction.MARK_SENT,
    Fate.RETRY: DeliveryAction.PUT_BACK,
    Fate.FAILED: DeliveryAction.FAIL,
    Fate.UNKNOWN: DeliveryAction.LOSE,
}
LOST = Reply(outcome=Outcome.UNCERTAIN)


def claim(session: Session, worker_id: int, room: int, *, now: datetime) -> list[Delivery]:
    """Mark at most so many due Deliveries as being sent by this worker; other workers skip them."""
    if room < 1:
        return []
    due = session.scalars(
        select(Delivery)
        .where(deliveries.due(now))
        .order_by(Delivery.next_attempt_at, Delivery.id)
        .limit(room)
        .options(joinedload(Delivery.alert_version))
        .with_for_update(skip_locked=True, of=Delivery)
    ).all()
    for delivery in due:
        again = delivery.state is DeliveryState.UNKNOWN
        action = DeliveryAction.SEND_AGAIN if again else DeliveryAction.CLAIM
        delivery.state = DELIVERY_WORKFLOW.after(delivery.state, action)
        delivery.attempts += 1
        delivery.worker_id, delivery.claimed_at = worker_id, now
    session.flush()
    return list(due)


def settle(session: Session, answers: Sequence[Settled[int]], worker_id: int, *, now: datetime) -> None:
    """Write what became of a worker's attempts. What it has marked and gives no answer for is lost: it is unknown.

    An answer to an earlier attempt than the latest changes nothing.
    """
    answered = {answer.key: answer for answer in answers}
    open_states = (DeliveryState.SENDING, DeliveryState.UNKNOWN)
    mine = and_(Delivery.state == DeliveryState.SENDING, Delivery.worker_id == worker_id)
    held = _held(session, or_(and_(Delivery.id.in_(answered), Delivery.state.in_(open_states)), mine))
    newest = _newest_released(session, held)
    for delivery in held:
        overtaken = _overtaken(session, delivery, newest)
        answer = answered.get(delivery.id)
        if answer is not None and answer.attempt == delivery.attempts:
            verdict = after_reply(answer.reply, delivery.attempts, now)
            _settle(session, delivery, verdict, answer.reply, overtaken, now=now)
        elif delivery.state is DeliveryState.SENDING and delivery.worker_id == worker_id:
            verdict = replace(after_reply(LOST, delivery.attempts, now), next_attempt_at=now)
            _settle(session, delivery, verdict, LOST, overtaken, now=now)
    session.flush()


def lose(session: Session, worker_id: int, *, now: datetime) -> None:
    """Make unknown whatever a worker that is gone was sending."""
    settle(session, (), worker_id, now=now)


def give_up(delivery: Delivery, *, now: datetime) -> None:
    """Fail a Delivery whose message cannot be made, such as one to an address that no mail server takes."""
    delivery.state = DELIVERY_WORKFLOW.after(delivery.state, DeliveryAction.FAIL)
    delivery.next_attempt_at, delivery.settled_at = None, now


def _held(session: Session, wanted: ColumnElement[bool]) -> Sequence[Delivery]:
    """Hold the alerts of these Deliveries against release and withdrawal, then give the Deliveries, held too."""
    alerts = select(AlertVersion.alert_id).join(Delivery, Delivery.alert_version_id == AlertVersion.id).where(wanted)
    ids = session.scalars(alerts.distinct()).all()
    if not ids:
        return []
    session.scalars(select(Alert).where(Alert.id.in_(ids)).order_by(Alert.id).with_for_update(read=True)).all()
    rows = select(Delivery).where(wanted).order_by(Delivery.id)
    return session.scalars(rows.options(joinedload(Delivery.alert_version)).with_for_update(of=Delivery)).all()


@dataclass(frozen=True, kw_only=True)
class Overtaken:
    """A newer version that has gone out in the place of a Delivery's text."""

    by: AlertVersion

    @property
    def tells_all(self) -> bool:
        """Say whether everyone who has the earlier text is told."""
        return self.by.kind in TELLS_ALL_WHO_HAVE_IT


def _newest_released(session: Session, held: Sequence[Delivery]) -> dict[int, AlertVersion | None]:
    """Find, once for each alert, the newest version that has gone out."""
    alerts = sorted({delivery.alert_version.alert_id for delivery in held})
    return {alert_id: deliveries.newest_released(session, alert_id) for alert_id in alerts}


def _overtaken(session: Session, delivery: Delivery, newest: Mapping[int, AlertVersion | None]) -> Overtaken | None:
    """Find what a person has been, or is to be, sent in the place of this Delivery's text."""
    version = delivery.alert_version
    by = newest[version.alert_id]
    if by is None or by.number <= version.number:
        return None
    found = Overtaken(by=by)
    return found if found.tells_all or deliveries.gets(session, by.id, delivery.normalised) else None


def _settle(
    session: Session,
    delivery: Delivery,
    verdict: Verdict,
    reply: Reply | None,
    overtaken: Overtaken | None,
    *,
    now: datetime,
) -> None:
    """Write one answer. A late one that says no more than is known, that nobody knows, changes nothing."""
    if delivery.state is DeliveryState.UNKNOWN and verdict.fate is Fate.UNKNOWN:
        return
    delivery.reply_code = verdict.code
    if reply is not None and reply.outcome is Outcome.UNCERTAIN:
        delivery.lost_at = now
    _move(delivery, verdict.fate, over=overtaken is not None, now=now)
    urgent = sends_unknown_again(delivery.alert_version.level)
    again = verdict.fate is Fate.RETRY or (verdict.fate is Fate.UNKNOWN and urgent)
    delivery.next_attempt_at = verdict.next_attempt_at if again and overtaken is None else None
    if overtaken is not None and overtaken.tells_all and _may_have_it(delivery):
        session.flush()
        insert_once(session, Delivery, **delivery_values(overtaken.by, told_member(delivery), now=now))


def _move(delivery: Delivery, fate: Fate, *, over: bool, now: datetime) -> None:
    """Move a row by its answer. One that was taken for lost is never queued again: it stays unknown, and due."""
    if delivery.state is DeliveryState.UNKNOWN:
        if fate is Fate.RETRY:
            return
        delivery.state = DELIVERY_WORKFLOW.after(delivery.state, DeliveryAction.SEND_AGAIN)
    action = DeliveryAction.CANCEL if over and fate is Fate.RETRY else ACTION_OF_FATE[fate]
    delivery.state = DELIVERY_WORKFLOW.after(delivery.state, action)
    delivery.settled_at = None if delivery.state is DeliveryState.QUEUED else now


def _may_have_it(delivery: Delivery) -> bool:
    return delivery.state in TOLD_OF_THE_END or delivery.lost_at is not None


def finished_alerts(session: Session) -> Sequence[int]:
    """Give the alerts of which a version has gone out as far as it will by itself."""
    rows = select(AlertVersion.alert_id).where(_has_finished()).distinct()
    return session.scalars(rows.order_by(AlertVersion.alert_id)).all()


def finish(session: Session, alert_id: int, *, now: datetime) -> int:
    """Mark as sent every version of an alert of which nothing is queued, being sent or about to be sent again."""
    session.scalar(select(Alert).where(Alert.id == alert_id).with_for_update())
    rows = select(AlertVersion).where(AlertVersion.alert_id == alert_id, _has_finished())
    versions = session.scalars(rows.order_by(AlertVersion.id)).all()
    for version in versions:
        move(session, None, version, VersionAction.FINISH, now=now)
        version.finished_at = now
    return len(versions)


def _has_finished() -> ColumnElement[bool]:
    under_way = exists().where(Delivery.alert_version_id == AlertVersion.id, deliveries.goes_on())
    return deliveries.going_out() & ~under_way
