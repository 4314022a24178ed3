"""Notifying a death: drafts, sending one, and the case that starts with it unless it may be known already."""

from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from review_app import keystore
from review_app.accounts.queries import addresses_on_panel, get_partnership, review_panel_of
from review_app.accounts.references import next_reference
from review_app.audit.service import AuditAction, record
from review_app.errors import NotAllowed, RuleBroken
from review_app.keystore import RecordKind
from review_app.outbox.service import owe
from review_app.policy import Actor, Permission, Role, require
from review_app.reviews.commands.notifying import DiscardDraft, NotifyDeath, SaveIdentity, SaveKnown
from review_app.reviews.emails.notifying import notification_waits
from review_app.reviews.models import DeathNotification, IdentityRecord, NotificationDraft
from review_app.reviews.queries.matching import day_index, index_identity, matches_of
from review_app.reviews.queries.notifications import find_draft, find_sent, get_draft
from review_app.reviews.rules.notified import Identity, Known, read_identity, read_known
from review_app.reviews.rules.states import NotificationState
from review_app.reviews.service.attaching import start_case_with
from review_app.reviews.service.holding import hold_notifications
from review_app.reviews.service.keys import free_key
from review_app.submissions.queries import get_own_signal
from review_app.working_time import end_of_london_day, london_day

DRAFTS_KEPT = timedelta(days=14)
"""For how long after it was last saved a draft waits for its writer. The page of drafts says so."""


def save_known(session: Session, actor: Actor, command: SaveKnown, *, now: datetime) -> NotificationDraft:
    """Keep what is known in the person's own draft, which this makes the first time."""
    require(actor, Permission.DEATH_NOTIFY)
    _check(actor, command.known, now)
    hold_notifications(session, actor)
    draft = find_draft(session, actor, command.form_token) or _begin(session, actor, command, now)
    draft.known, draft.saved_at = command.known.answers(), now
    session.flush()
    return draft


def save_identity(session: Session, actor: Actor, command: SaveIdentity, *, now: datetime) -> NotificationDraft:
    """Keep in the draft who the person was, as far as that is known."""
    require(actor, Permission.DEATH_NOTIFY)
    if command.identity.born and command.identity.born > london_day(now):
        raise RuleBroken("Enter a date of birth that is not in the future.")
    hold_notifications(session, actor)
    draft = get_draft(session, actor, command.form_token)
    draft.identity, draft.saved_at = command.identity.answers(), now
    return draft


def discard_draft(session: Session, actor: Actor, command: DiscardDraft, *, now: datetime) -> None:
    """Throw a draft away with its key."""
    require(actor, Permission.DEATH_NOTIFY)
    hold_notifications(session, actor)
    draft = get_draft(session, actor, command.form_token)
    free_key(session, RecordKind.IDENTITY_RECORD, draft.uuid, now=now)
    session.delete(draft)


def forget_old_drafts(session: Session, *, now: datetime) -> int:
    """Throw away every draft that nobody has gone on with for two weeks; give their number."""
    old = session.scalars(select(NotificationDraft).where(NotificationDraft.saved_at < now - DRAFTS_KEPT)).all()
    for draft in old:
        free_key(session, RecordKind.IDENTITY_RECORD, draft.uuid, now=now)
        session.delete(draft)
    return len(old)


def notify_death(session: Session, actor: Actor, command: NotifyDeath, *, now: datetime) -> DeathNotification:
    """Send a draft. A case starts at once, unless the death may be known already: then the coordinator decides.

    The same draft sent twice is one notification.
    """
    require(actor, Permission.DEATH_NOTIFY)
    hold_notifications(session, actor)
    sent = find_sent(session, actor, command.form_token)
    if sent is not None:
        return sent
    draft = get_draft(session, actor, command.form_token)
    known, identity = read_known(draft.known), read_identity(draft.identity)
    _check(actor, known, now)
    notification = _receive(session, actor, draft, known, now)
    _keep_identity(session, actor, notification, draft, identity, now)
    session.delete(draft)
    session.flush()
    record(
        session, actor, "notify", notification, at=now, action=AuditAction.CREATE,
        changes={"state": (None, notification.state)},
    )  # fmt: skip
    if not matches_of(session, notification):
        start_case_with(session, actor, notification, now=now)
    _tell_coordinators(session, notification, now)
    return notification


def _check(actor: Actor, known: Known, now: datetime) -> None:
    """Refuse what no notification may say."""
    today = london_day(now)
    if not known.sources:
        raise RuleBroken("Select who told you of the death.")
    for day in (known.died.earliest, known.last_alive.earliest, *(each.told_on for each in known.sources)):
        if day is not None and day > today:
            raise RuleBroken("Enter dates that are not in the future.")
    if known.agency_id is not None and known.agency_id not in actor.agencies(Role.AGENCY_REPRESENTATIVE):
        raise NotAllowed("You can only notify a death for an agency that you represent. Nothing was changed.")


def _begin(session: Session, actor: Actor, command: SaveKnown, now: datetime) -> NotificationDraft:
    signal = get_own_signal(session, actor, command.signal) if command.signal else None
    uuid = str(uuid4())
    keystore.create_data_key(RecordKind.IDENTITY_RECORD, uuid, now=now)
    draft = NotificationDraft(
        uuid=uuid,
        form_token=command.form_token,
        partnership_id=actor.partnership_id,
        user_id=actor.user_id,
        signal_id=signal.id if signal else None,
        saved_at=now,
    )
    session.add(draft)
    return draft


def _receive(
    session: Session, actor: Actor, draft: NotificationDraft, known: Known, now: datetime
) -> DeathNotification:
    uuid = str(uuid4())
    keystore.create_data_key(RecordKind.REVIEW_CASE, uuid, now=now)
    notification = DeathNotification(
        case_uuid=uuid,
        reference=next_reference(session, actor.partnership_id, "D", now=now),
        partnership_id=actor.partnership_id,
        signal_id=draft.signal_id,
        agency_id=known.agency_id,
        state=NotificationState.RECEIVED,
        sources=known.plain_sources(),
        form_token=draft.form_token,
        death_day_index=day_index(known.died),
        notified_at=now,
        notified_by_id=actor.user_id,
        risk_due_at=end_of_london_day(now) if known.someone_at_risk else None,
    )
    session.add(notification)
    notification.content = known.answers()
    session.flush()
    return notification


def _keep_identity(
    session: Session,
    actor: Actor,
    notification: DeathNotification,
    draft: NotificationDraft,
    identity: Identity,
    now: datetime,
) -> None:
    """Keep the identity under the key that sealed the draft; without one that key is free."""
    if not identity:
        free_key(session, RecordKind.IDENTITY_RECORD, draft.uuid, now=now)
        return
    add_identity(session, actor, notification, draft.uuid, identity, now=now)


def add_identity(
    session: Session,
    actor: Actor,
    notification: DeathNotification,
    uuid: str,
    identity: Identity,
    *,
    now: datetime,
) -> IdentityRecord:
    """Keep who a notification says the person was, sealed under the key of this name."""
    held = IdentityRecord(
        uuid=uuid, partnership_id=notification.partnership_id, recorded_at=now, recorded_by_id=actor.user_id
    )
    notification.identity = held
    session.add(held)
    held.details = identity.answers()
    index_identity(held, identity)
    return held


def _tell_coordinators(session: Session, notification: DeathNotification, now: datetime) -> None:
    """Owe every coordinator of the review panel a notice that something waits, without saying what."""
    panel = review_panel_of(session, notification.partnership_id)
    name = get_partnership(session, notification.partnership_id).name
    subject, body = notification_waits(name, notification.reference, today=notification.risk_due_at is not None)
    for address in addresses_on_panel(session, panel.id, frozenset({Role.COORDINATOR}), on=london_day(now)):
        owe(
            session, to=address, subject=subject, body=body, due_at=now,
            partnership_id=notification.partnership_id, purpose="notification_waits",
        )  # fmt: skip
