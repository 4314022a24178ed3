"""Which case a notification belongs to: starting one with it, and sealing it anew under the case it is attached to."""

from datetime import datetime
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from review_app import keystore
from review_app.accounts.queries import review_panel_of
from review_app.audit.service import AuditAction, record
from review_app.catalogue.commands import ClockOf
from review_app.catalogue.rules import ClockKey
from review_app.catalogue.service import cancel_clocks, start_clock
from review_app.errors import RuleBroken
from review_app.keystore import RecordKind
from review_app.links.models import Relation
from review_app.links.service import link, reverse
from review_app.policy import Actor, Permission, require
from review_app.reviews import queries
from review_app.reviews.commands.notifying import AttachNotification, StartCase
from review_app.reviews.models import DeathNotification, ReviewCase, TriageDecision
from review_app.reviews.queries.notification_page import shares_case
from review_app.reviews.references import new_case_reference
from review_app.reviews.rules.notified import read_known, write_date
from review_app.reviews.rules.states import NOTIFICATION_WORKFLOW, CaseAction, CaseState, NotificationAction
from review_app.reviews.service.holding import get_held_case, get_held_notification
from review_app.reviews.service.keys import free_key
from review_app.reviews.service.moves import move_case
from review_app.submissions.models import Signal

MAY_BE_EMPTIED = (CaseState.NOTIFIED, CaseState.TRIAGE)
WRITTEN_DOWN = (
    CaseState.SIGNED_OFF, CaseState.ACTIONS_OPEN, CaseState.CLOSED, CaseState.RETAINED, CaseState.DESTROYED,
)  # fmt: skip
"""States in which what the case was made of is signed, and stays as it is."""


def clocks_of_case(case: ReviewCase) -> ClockOf:
    """Name a case to its clocks."""
    return ClockOf(partnership_id=case.partnership_id, review_case_id=case.id)


def start_review_clocks(session: Session, case: ReviewCase, *, now: datetime) -> None:
    """Start what is counted from the notification: triage from now, the review from when the case opened."""
    of = clocks_of_case(case)
    start_clock(session, ClockKey.NOTIFICATION_TRIAGE, of, now=now)
    for key in (ClockKey.CASE_REVIEW, ClockKey.CASE_REVIEW_CEILING):
        start_clock(session, key, of, now=now, started_at=case.opened_at)


def start_case_with(session: Session, actor: Actor, notification: DeathNotification, *, now: datetime) -> ReviewCase:
    """Open a case with its first notification, under the key that seals it already."""
    panel = review_panel_of(session, notification.partnership_id)
    case = ReviewCase(
        uuid=notification.case_uuid,
        reference=new_case_reference(session, notification.partnership_id),
        partnership_id=notification.partnership_id,
        panel_id=panel.id,
        opened_at=notification.notified_at,
        moved_at=now,
    )
    session.add(case)
    case.facts = {"died": write_date(read_known(notification.content).died)}
    session.flush()
    start_review_clocks(session, case, now=now)
    record(session, actor, "create", case, at=now, action=AuditAction.CREATE, changes={"state": (None, case.state)})
    _settle(session, actor, notification, case, now)
    return case


def start_case(session: Session, actor: Actor, command: StartCase, *, now: datetime) -> ReviewCase:
    """Say that a notification is about a death of which there is no case, although one was proposed.

    One that was put into a case by mistake is taken out of it again, with its dates and with whom it says the person
    was; the case keeps all that was decided in it.
    """
    notification = get_held_notification(session, actor, command.reference)
    require(actor, Permission.CASE_MANAGE)
    NOTIFICATION_WORKFLOW.after(notification.state, NotificationAction.ATTACH)
    left = get_held_case(session, actor, notification.case_id)
    notification = get_held_notification(session, actor, command.reference, command.version)
    if left is not None:
        _take_out(session, actor, notification, left, now)
    return start_case_with(session, actor, notification, now=now)


def _take_out(session: Session, actor: Actor, notification: DeathNotification, left: ReviewCase, now: datetime) -> None:
    """Take a notification out of the case of another death, and seal it under a key of its own."""
    if not shares_case(session, notification):
        raise RuleBroken(f"It is the only notification of case {left.reference}. Nothing was changed.")
    if left.state in WRITTEN_DOWN:
        raise RuleBroken(f"Case {left.reference} is signed. Reopen it first. Nothing was changed.")
    unlink_signal(session, actor, notification, left, reason="Another death", now=now)
    uuid = str(uuid4())
    keystore.create_data_key(RecordKind.REVIEW_CASE, uuid, now=now)
    seal_anew(session, notification, uuid, now=now, freed=False)
    record(session, actor, "separate_notification", left, at=now)


def attach_notification(
    session: Session, actor: Actor, command: AttachNotification, *, now: datetime
) -> DeathNotification:
    """Say that a notification is about the death of this case, keeping the notifier's own dates.

    The only notification of a case that nobody has decided on yet can be moved too: that case then ends.
    """
    notification = get_held_notification(session, actor, command.reference)
    require(actor, Permission.CASE_MANAGE)
    NOTIFICATION_WORKFLOW.after(notification.state, NotificationAction.ATTACH)
    case = queries.get_locked_case(session, actor, command.case)
    if notification.case_id == case.id:
        raise RuleBroken(f"This notification is in case {case.reference} already. Nothing was changed.")
    notification = get_held_notification(session, actor, command.reference, command.version)
    left = get_held_case(session, actor, notification.case_id)
    if left is not None:
        _leave(session, actor, notification, left, case, now)
    seal_anew(session, notification, case.uuid, now=now, freed=left is None)
    _settle(session, actor, notification, case, now)
    return notification


def seal_anew(session: Session, notification: DeathNotification, case_uuid: str, *, now: datetime, freed: bool) -> None:
    """Seal a notification's content under another key. The one it had is then free, if it was its own."""
    content, reason, note = notification.content, notification.reason, notification.risk_note
    before, notification.case_uuid = notification.case_uuid, case_uuid
    notification.content, notification.reason, notification.risk_note = content, reason, note
    if freed:
        free_key(session, RecordKind.REVIEW_CASE, before, now=now)


def _leave(
    session: Session, actor: Actor, notification: DeathNotification, left: ReviewCase, case: ReviewCase, now: datetime
) -> None:
    """Take the only notification out of a case that nobody has decided on; that case is the same death as the other."""
    others = select(func.count()).where(DeathNotification.case_id == left.id, DeathNotification.id != notification.id)
    decisions = select(func.count()).where(TriageDecision.case_id == left.id)
    if session.scalar(others) or session.scalar(decisions) or left.state not in MAY_BE_EMPTIED:
        raise RuleBroken(
            f"Case {left.reference} has gone too far for its notification to be moved, or has several of them."
            " Nothing was changed."
        )
    unlink_signal(session, actor, notification, left, reason=f"Same death as {case.reference}", now=now)
    if left.state is CaseState.NOTIFIED:
        move_case(session, actor, left, CaseAction.START_TRIAGE, now=now)
    move_case(session, actor, left, CaseAction.EXCLUDE, now=now, reason=f"Same death as {case.reference}")
    cancel_clocks(session, clocks_of_case(left), now=now)


def unlink_signal(
    session: Session, actor: Actor, notification: DeathNotification, case: ReviewCase, *, reason: str, now: datetime
) -> None:
    """Take back that the Signal a notification came from may explain a case, unless another notification says so."""
    if notification.signal_id is None:
        return
    others = select(DeathNotification.id).where(
        DeathNotification.case_id == case.id,
        DeathNotification.signal_id == notification.signal_id,
        DeathNotification.id != notification.id,
    )
    if session.scalar(others.limit(1)) is None:
        signal = session.get_one(Signal, notification.signal_id)
        reverse(session, actor, signal, case, Relation.MAY_EXPLAIN, reason=reason, now=now)


def _settle(session: Session, actor: Actor, notification: DeathNotification, case: ReviewCase, now: datetime) -> None:
    """Put a notification into a case, link the Signal it came from, and record both."""
    before = notification.state
    notification.state = NOTIFICATION_WORKFLOW.after(before, NotificationAction.ATTACH)
    notification.case_id, notification.settled_at, notification.settled_by_id = case.id, now, actor.user_id
    if notification.signal_id is not None:
        signal = session.get_one(Signal, notification.signal_id)
        link(session, actor, signal, case, Relation.MAY_EXPLAIN, now=now)
    record(
        session, actor, NotificationAction.ATTACH, notification, at=now, changes={"state": (before, notification.state)}
    )
    record(session, actor, "add_notification", case, at=now)
    session.flush()
