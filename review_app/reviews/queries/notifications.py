"""Which notifications and drafts a person may see, and how deep."""

from sqlalchemy import ColumnElement, Select, false, func, or_, select
from sqlalchemy.orm import Session

from review_app.errors import NotVisible
from review_app.policy import Actor, Permission, Role, allowed
from review_app.reviews.models import DeathNotification, NotificationDraft, ReviewCase
from review_app.reviews.queries.matching import matches_of
from review_app.reviews.queries.visibility import recused, visible_cases

NO_NOTIFICATION = "We cannot find that notification. Check the reference, or look for it among your notifications."
NO_DRAFT = "We cannot find that half-filled notification. It was sent or thrown away; look among your notifications."


def own_notifications(actor: Actor) -> Select[DeathNotification]:
    """Narrow to the notifications the person made, or their agency did. They see when and how it stands, no more.

    That a notification is in a case tells that the case exists, so one that is in a case hidden from them is left out.
    """
    tests: list[ColumnElement[bool]] = [DeathNotification.notified_by_id == actor.user_id]
    agencies = actor.agencies(Role.AGENCY_REPRESENTATIVE)
    if agencies:
        tests.append(DeathNotification.agency_id.in_(agencies))
    may = allowed(actor, Permission.DEATH_NOTIFY)
    hidden = select(ReviewCase.id).where(recused(actor))
    elsewhere = or_(DeathNotification.case_id.is_(None), DeathNotification.case_id.not_in(hidden))
    return select(DeathNotification).where(_here(actor), or_(*tests) if may else false(), elsewhere)


def own_notifications_about(actor: Actor, signal_id: int) -> Select[DeathNotification]:
    """Narrow those further to the ones that began at a Signal."""
    return own_notifications(actor).where(DeathNotification.signal_id == signal_id)


def visible_notifications(actor: Actor) -> Select[DeathNotification]:
    """Narrow to the notifications whose content the person may read: of cases they may read, or not in any case.

    Those in no case are the coordinator's, less what `hidden_by_recusal` says is about a case hidden from them.
    """
    readable = visible_cases(actor).with_only_columns(ReviewCase.id)
    tests: list[ColumnElement[bool]] = [DeathNotification.case_id.in_(readable)]
    if allowed(actor, Permission.CASE_MANAGE):
        tests.append(DeathNotification.case_id.is_(None))
    return select(DeathNotification).where(_here(actor), or_(*tests))


def hidden_by_recusal(session: Session, actor: Actor, notification: DeathNotification) -> bool:
    """Say whether a notification may be about a case that a declared conflict hides from this person."""
    theirs = {match.notification.case_id for match in matches_of(session, notification)} - {None}
    readable = visible_cases(actor).where(ReviewCase.id.in_(theirs)).with_only_columns(ReviewCase.id)
    return len(set(session.scalars(readable))) < len(theirs)


def get_notification(session: Session, actor: Actor, reference: str) -> DeathNotification:
    """Give a notification whose content the person may read. Raises NotVisible."""
    found = session.scalar(visible_notifications(actor).where(DeathNotification.reference == reference))
    if found is None or (found.case_id is None and hidden_by_recusal(session, actor, found)):
        raise NotVisible(NO_NOTIFICATION, reference=reference)
    return found


def get_own_notification(session: Session, actor: Actor, reference: str) -> DeathNotification:
    """Give a notification of the person or their agency. Raises NotVisible."""
    found = session.scalar(own_notifications(actor).where(DeathNotification.reference == reference))
    if found is None:
        raise NotVisible(NO_NOTIFICATION, reference=reference)
    return found


def get_known_notification(session: Session, actor: Actor, reference: str) -> DeathNotification:
    """Give a notification of which the person may know, for whichever reason. Raises NotVisible."""
    own = session.scalar(own_notifications(actor).where(DeathNotification.reference == reference))
    return own or get_notification(session, actor, reference)


def own_drafts(actor: Actor) -> Select[NotificationDraft]:
    """Narrow to what the person began and has not sent. It is nobody else's."""
    return select(NotificationDraft).where(
        NotificationDraft.partnership_id == actor.partnership_id,
        NotificationDraft.user_id == actor.user_id,
        NotificationDraft.id > 0 if allowed(actor, Permission.DEATH_NOTIFY) else false(),
    )


def find_draft(session: Session, actor: Actor, form_token: str) -> NotificationDraft | None:
    """Give the person's draft that bears this one-time number."""
    return session.scalar(own_drafts(actor).where(NotificationDraft.form_token == form_token))


def count_other_drafts(session: Session, actor: Actor, form_token: str) -> int:
    """Count what else the person began and has not sent."""
    others = own_drafts(actor).where(NotificationDraft.form_token != form_token)
    return session.scalar(select(func.count()).select_from(others.subquery())) or 0


def get_draft(session: Session, actor: Actor, form_token: str) -> NotificationDraft:
    """Give it. Raises NotVisible."""
    found = find_draft(session, actor, form_token)
    if found is None:
        raise NotVisible(NO_DRAFT)
    return found


def find_sent(session: Session, actor: Actor, form_token: str) -> DeathNotification | None:
    """Give the notification that the person's draft with this number became."""
    mine = own_notifications(actor).where(DeathNotification.notified_by_id == actor.user_id)
    return session.scalar(mine.where(DeathNotification.form_token == form_token))


def _here(actor: Actor) -> ColumnElement[bool]:
    return DeathNotification.partnership_id == actor.partnership_id
