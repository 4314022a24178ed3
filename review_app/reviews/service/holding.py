"""Letting one person at a time decide which notifications are about the same death."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from review_app.accounts.models import Partnership
from review_app.errors import Stale
from review_app.policy import Actor
from review_app.reviews import queries
from review_app.reviews.models import DeathNotification, ReviewCase
from review_app.reviews.queries.notifications import get_notification

MOVED_ON = (
    "This notification has changed since you opened it, perhaps by a colleague’s hand. Nothing was changed now. Open it"
    " again to see how it stands."
)


def hold_notifications(session: Session, actor: Actor) -> None:
    """Wait until nobody else decides about notifications in this Partnership, and keep others waiting till the end.

    Two notifications of one death that come in at the same instant are so received one after the other, and the second
    is compared with the first.
    """
    own = select(Partnership.id).where(Partnership.id == actor.partnership_id)
    session.scalar(own.with_for_update(key_share=True))


def hold_every_notification(session: Session) -> None:
    """Wait until nobody decides about notifications in any Partnership, and keep everybody waiting till the end."""
    session.scalars(select(Partnership.id).order_by(Partnership.id).with_for_update(key_share=True)).all()


def get_held_notification(
    session: Session, actor: Actor, reference: str, version: int | None = None
) -> DeathNotification:
    """Give a notification whose content the person may read, as it is now. Raises NotVisible, or Stale by `version`."""
    hold_notifications(session, actor)
    notification = get_notification(session, actor, reference)
    session.refresh(notification)
    if version is not None and notification.version != version:
        raise Stale(MOVED_ON)
    return notification


def get_held_case(session: Session, actor: Actor, case_id: int | None) -> ReviewCase | None:
    """Give the case that a notification is in, held until the end, or None."""
    if case_id is None:
        return None
    reference = session.get_one(ReviewCase, case_id).reference
    return queries.get_locked_case(session, actor, reference)
