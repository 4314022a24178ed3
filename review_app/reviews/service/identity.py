"""Showing who the person was, once for each purpose that is given, and putting it right."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

from sqlalchemy.orm import Session

from review_app import keystore
from review_app.audit.service import AuditAction, record
from review_app.errors import RuleBroken, Stale
from review_app.keystore import RecordKind
from review_app.policy import Actor, Permission, require
from review_app.reviews import queries
from review_app.reviews.commands.identity import CorrectIdentity, RevealIdentity
from review_app.reviews.models import DeathNotification, IdentityRecord, ReviewCase
from review_app.reviews.queries.identity import held_identity, notifications_in
from review_app.reviews.queries.matching import index_identity
from review_app.reviews.queries.notifications import get_notification
from review_app.reviews.rules.identity import LABELS, IdentityPurpose, corrected, names_somebody
from review_app.reviews.rules.notified import FIELDS, Identity, read_identity
from review_app.reviews.rules.states import NotificationState
from review_app.reviews.service.holding import get_held_notification
from review_app.reviews.service.notifying import add_identity
from review_app.working_time import london_day


@dataclass(frozen=True, kw_only=True)
class Shown:
    """Who one notification says the person was, as somebody was shown it."""

    notification: str
    identity: Identity = field(repr=False)


def reveal_identity(session: Session, actor: Actor, command: RevealIdentity, *, now: datetime) -> list[Shown]:
    """Show who the notifications of a case say the person was, for a purpose that is recorded, once."""
    case = queries.get_case(session, actor, command.reference)
    require(actor, Permission.IDENTITY_REVEAL)
    return _show(session, actor, case, notifications_in(session, case), command, now)


def reveal_waiting_identity(session: Session, actor: Actor, command: RevealIdentity, *, now: datetime) -> list[Shown]:
    """Show who a notification in no case says the person was, so that somebody can decide where it belongs."""
    notification = get_notification(session, actor, command.reference)
    require(actor, Permission.CASE_MANAGE)
    require(actor, Permission.IDENTITY_REVEAL)
    if notification.case_id is not None:
        raise RuleBroken("This notification is in a case. Look at who the person was on the page of the case.")
    return _show(session, actor, notification, [notification], command, now)


def _show(
    session: Session,
    actor: Actor,
    subject: ReviewCase | DeathNotification,
    notifications: Sequence[DeathNotification],
    command: RevealIdentity,
    now: datetime,
) -> list[Shown]:
    records = [each.identity for each in notifications if each.identity is not None]
    shown = [Shown(notification=each.notification.reference, identity=read_identity(each.details)) for each in records]
    if not shown:
        raise RuleBroken("No notification says who the person was, so there is nothing to show.")
    if command.purpose is IdentityPurpose.OTHER and not command.words.strip():
        raise RuleBroken("Enter what you need it for.")
    if names_somebody(command.words, [each.identity for each in shown]):
        raise RuleBroken("Say what you need it for without naming anybody: the record of who looked keeps your words.")
    words = f": {command.words.strip()}" if command.words.strip() else ""
    record(
        session, actor, AuditAction.REVEAL, subject, at=now, section="identity",
        purpose=f"{command.purpose.value}{words}",
    )  # fmt: skip
    return shown


def correct_identity(session: Session, actor: Actor, command: CorrectIdentity, *, now: datetime) -> IdentityRecord:
    """Put right or add who a notification says the person was. What is held is not shown to whoever does it."""
    notification = get_held_notification(session, actor, command.reference)
    require(actor, Permission.CASE_MANAGE)
    if notification.state is NotificationState.WITHDRAWN:
        raise RuleBroken("This notification was withdrawn, and what it said is destroyed. Nothing was changed.")
    if command.typed.born and command.typed.born > london_day(now):
        raise RuleBroken("Enter a date of birth that is not in the future.")
    _refuse_stale(session, notification, command)
    held = notification.identity
    before = read_identity(held.details) if held else Identity()
    after = corrected(before, command.typed, command.taken_out)
    if after.answers() == before.answers():
        raise RuleBroken("Enter what is to be put right. Nothing was changed.")
    if held is None:
        uuid = str(uuid4())
        keystore.create_data_key(RecordKind.IDENTITY_RECORD, uuid, now=now)
        held = add_identity(session, actor, notification, uuid, after, now=now)
    held.details = after.answers()
    held.recorded_at, held.recorded_by_id = now, actor.user_id
    index_identity(held, after)
    changed = [LABELS[name] for name in FIELDS if after.answers().get(name) != before.answers().get(name)]
    record(
        session, actor, "correct_identity", notification, at=now, section="identity", purpose=", ".join(changed)
    )  # fmt: skip
    session.flush()
    return held


def _refuse_stale(session: Session, notification: DeathNotification, command: CorrectIdentity) -> None:
    """Tell the second of two people that a colleague was first, without showing what either of them wrote."""
    held = held_identity(session, notification)
    if held.version == command.version:
        return
    raise Stale(
        f"{held.recorded_by or 'A colleague'} changed who this person was after you opened this page. Nothing of yours"
        " is saved yet. What you typed is still here: press again to put it over theirs.",
        differences=(("Held now", "Another version", ", ".join(held.parts) or "Nothing"),),
    )
