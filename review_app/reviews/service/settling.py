"""Ending a notification without a case, and seeing to somebody living who may be at risk."""

from datetime import datetime
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from review_app import keystore
from review_app.audit.service import record
from review_app.errors import MoveRefused, RuleBroken
from review_app.keystore import RecordKind
from review_app.policy import Actor, Permission, allowed, require
from review_app.reviews.commands.notifying import SettleNotification, SettleRisk
from review_app.reviews.models import DeathNotification, ReviewCase
from review_app.reviews.queries.notifications import get_own_notification
from review_app.reviews.rules.states import NOTIFICATION_WORKFLOW, NotificationAction, NotificationState
from review_app.reviews.service.attaching import unlink_signal
from review_app.reviews.service.holding import get_held_case, get_held_notification, hold_notifications
from review_app.reviews.service.keys import free_key


def withdraw_notification(
    session: Session, actor: Actor, command: SettleNotification, *, now: datetime
) -> DeathNotification:
    """Withdraw a notification with a reason. What it said is destroyed; that it was made, and when, stays.

    Its notifier may until it is in a case, the coordinator also after that, as long as the case has another one.
    """
    require(actor, Permission.DEATH_NOTIFY)
    hold_notifications(session, actor)
    notification = _to_withdraw(session, actor, command.reference)
    before = notification.state
    after = NOTIFICATION_WORKFLOW.after(before, NotificationAction.WITHDRAW)
    case = get_held_case(session, actor, notification.case_id)
    if case is not None:
        _take_out(session, actor, notification, case, now)
    _destroy(session, notification, command.reason, now)
    notification.state, notification.case_id = after, None
    notification.settled_at, notification.settled_by_id = now, actor.user_id
    record(session, actor, NotificationAction.WITHDRAW, notification, at=now, changes={"state": (before, after)})
    return notification


def exclude_notification(
    session: Session, actor: Actor, command: SettleNotification, *, now: datetime
) -> DeathNotification:
    """Say, with a reason, that a notification is nothing for the review, so that no case starts."""
    notification = get_held_notification(session, actor, command.reference)
    require(actor, Permission.CASE_MANAGE)
    before = notification.state
    notification.state = NOTIFICATION_WORKFLOW.after(before, NotificationAction.EXCLUDE)
    notification.reason = _reason(command.reason)
    notification.settled_at, notification.settled_by_id = now, actor.user_id
    changes = {"state": (before, notification.state)}
    record(session, actor, "exclude_notification", notification, at=now, changes=changes)
    return notification


def settle_risk(session: Session, actor: Actor, command: SettleRisk, *, now: datetime) -> DeathNotification:
    """Say what was done for somebody living who may have been at risk. It is asked for on the same day."""
    notification = get_held_notification(session, actor, command.reference)
    require(actor, Permission.CASE_MANAGE)
    if notification.risk_due_at is None or notification.risk_settled_at is not None:
        raise MoveRefused("Nobody is waiting for this any more: it is settled already. Nothing was changed.")
    notification.risk_note = _reason(command.note)
    notification.risk_settled_at, notification.risk_settled_by_id = now, actor.user_id
    record(session, actor, "settle_risk", notification, at=now)
    return notification


def _reason(words: str) -> str:
    if not words.strip():
        raise RuleBroken("Enter why. Nothing was changed.")
    return words.strip()


def _to_withdraw(session: Session, actor: Actor, reference: str) -> DeathNotification:
    """Give the notification to whoever may withdraw it: the coordinator, or its notifier while it is in no case."""
    if allowed(actor, Permission.CASE_MANAGE):
        return get_held_notification(session, actor, reference)
    notification = get_own_notification(session, actor, reference)
    session.refresh(notification)
    if notification.state is NotificationState.ATTACHED:
        raise RuleBroken(
            "This notification is in a case already, so only the review coordinator can withdraw it. Ask them, and say"
            " why. Nothing was changed."
        )
    return notification


def _take_out(session: Session, actor: Actor, notification: DeathNotification, case: ReviewCase, now: datetime) -> None:
    others = select(func.count()).where(DeathNotification.case_id == case.id, DeathNotification.id != notification.id)
    if not session.scalar(others):
        raise RuleBroken(
            f"This is the only notification of case {case.reference}. Decide on its inclusion instead: out of scope,"
            " with the reason. Nothing was changed."
        )
    unlink_signal(session, actor, notification, case, reason="A notification was withdrawn", now=now)
    record(session, actor, "take_out_notification", case, at=now)


def _destroy(session: Session, notification: DeathNotification, reason: str, now: datetime) -> None:
    """Destroy what a notification said and whom it named. The reason stays, under a key that sealed nothing before."""
    before, in_case = notification.case_uuid, notification.case_id is not None
    notification.content_sealed = notification.risk_note_sealed = None
    notification.death_day_index = ""
    notification.case_uuid = str(uuid4())
    keystore.create_data_key(RecordKind.REVIEW_CASE, notification.case_uuid, now=now)
    notification.reason = _reason(reason)
    if not in_case:
        free_key(session, RecordKind.REVIEW_CASE, before, now=now)
    if notification.identity is not None:
        free_key(session, RecordKind.IDENTITY_RECORD, notification.identity.uuid, now=now)
        session.delete(notification.identity)
