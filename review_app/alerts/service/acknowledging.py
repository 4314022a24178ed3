"""What recipients tell us by their own link, without signing in; and what people do about what did not arrive."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from review_app.alerts.commands import Acknowledge, ResendUnknown, SayAction, SeeToDeliveries
from review_app.alerts.models import Acknowledgement, Delivery, DeliverySeenTo
from review_app.alerts.queries.deliveries import get_released, needs_a_person, newest_released
from review_app.alerts.queries.reading import find_delivery
from review_app.alerts.queries.visibility import get_locked_alert
from review_app.alerts.rules import (
    ACKNOWLEDGEMENT_WORKFLOW,
    AcknowledgementAction,
    AcknowledgementState,
    AlertState,
    DeliveryState,
    VersionKind,
)
from review_app.audit.service import record
from review_app.errors import RuleBroken
from review_app.policy import Actor, Permission, require

NO_LONGER_APPLIES = "This text no longer applies, so it is not sent again. Nothing was changed."


def acknowledge(session: Session, command: Acknowledge, *, now: datetime) -> Acknowledgement:
    """Note that the recipient pressed the button. Pressing it again changes nothing."""
    return _note_reading(session, command.token, now=now)


def say_action(session: Session, command: SayAction, *, now: datetime) -> Acknowledgement:
    """Note what the recipient did, and to how many people they passed it on; the last answer counts."""
    said = _note_reading(session, command.token, now=now)
    said.state = ACKNOWLEDGEMENT_WORKFLOW.after(said.state, AcknowledgementAction.SAY_ACTION)
    said.action, said.passed_on, said.acted_at = command.action, command.passed_on, now
    return said


def _note_reading(session: Session, token: str, *, now: datetime) -> Acknowledgement:
    delivery = find_delivery(session, token, lock=True)
    said = session.scalar(select(Acknowledgement).where(Acknowledgement.delivery_id == delivery.id))
    if said is None:
        state = ACKNOWLEDGEMENT_WORKFLOW.after(AcknowledgementState.NONE, AcknowledgementAction.CONFIRM_READ)
        said = Acknowledgement(delivery_id=delivery.id, state=state, read_at=now)
        session.add(said)
        session.flush()
    return said


def resend_unknown(session: Session, actor: Actor, command: ResendUnknown, *, now: datetime) -> int:
    """Let every uncertain Delivery of a version be sent once more with its old Message-ID; give how many.

    Only the text that people should have now is sent again: after a withdrawal the withdrawal, after an update that.
    """
    alert = get_locked_alert(session, actor, command.reference)
    require(actor, Permission.DELIVERY_RESEND)
    version = newest_released(session, alert.id)
    if version is None or version.number != command.number:
        raise RuleBroken(NO_LONGER_APPLIES)
    if alert.state is not AlertState.ACTIVE and version.kind is not VersionKind.WITHDRAWAL:
        raise RuleBroken(NO_LONGER_APPLIES)
    rows = (
        select(Delivery)
        .where(
            Delivery.alert_version_id == version.id,
            Delivery.state == DeliveryState.UNKNOWN,
            needs_a_person(),
        )
        .order_by(Delivery.id)
        .with_for_update()
    )
    uncertain = session.scalars(rows).all()
    for delivery in uncertain:
        delivery.next_attempt_at = now
    if uncertain:
        record(session, actor, "resend", version, at=now, changes={"recipients": (None, len(uncertain))})
    return len(uncertain)


def see_to(session: Session, actor: Actor, command: SeeToDeliveries, *, now: datetime) -> int:
    """Note what was done about messages that need a person, so that they wait for nobody; give how many.

    What somebody else has seen to meanwhile keeps the first note.
    """
    alert = get_locked_alert(session, actor, command.reference)
    require(actor, Permission.DELIVERY_SETTLE)
    version = get_released(session, alert, command.number)
    rows = select(Delivery).where(
        Delivery.alert_version_id == version.id, Delivery.id.in_(command.deliveries), needs_a_person()
    )
    waiting = session.scalars(rows.order_by(Delivery.id).with_for_update(of=Delivery)).all()
    session.add_all(
        DeliverySeenTo(delivery_id=each.id, seen_to_at=now, seen_to_by_id=actor.user_id, note=command.note)
        for each in waiting
    )
    if waiting:
        changes = {"recipients": (None, len(waiting)), "note": (None, command.note)}
        record(session, actor, "see_to", version, at=now, changes=changes)
    return len(waiting)
