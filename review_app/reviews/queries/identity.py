"""Whether it is known who the person was, and by which notification. What is known is not shown here."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from review_app.accounts.queries import people_names
from review_app.policy import Actor, Permission, allowed
from review_app.reviews.models import DeathNotification, ReviewCase
from review_app.reviews.queries.visibility import visible_cases
from review_app.reviews.rules.identity import parts_held
from review_app.reviews.rules.notified import read_identity
from review_app.reviews.rules.states import NotificationState


@dataclass(frozen=True, kw_only=True)
class HeldIdentity:
    """One notification of a case, and which parts of an identity it holds. `version` is 0 where it holds none."""

    notification: str
    parts: tuple[str, ...]
    version: int
    recorded_at: datetime | None
    recorded_by: str


@dataclass(frozen=True, kw_only=True)
class IdentitySection:
    """What the page of a case shows of who the person was."""

    reference: str
    held: tuple[HeldIdentity, ...]
    may_reveal: bool
    may_correct: bool

    @property
    def any_held(self) -> bool:
        """Say whether anything is known."""
        return any(each.parts for each in self.held)


def identity_section_of(session: Session, actor: Actor, case_id: int) -> IdentitySection | None:
    """Give what is held about the identity in a case the person may read; None of any other."""
    case = session.scalar(visible_cases(actor).where(ReviewCase.id == case_id))
    if case is None:
        return None
    return IdentitySection(
        reference=case.reference,
        held=tuple(held_identity(session, each) for each in notifications_in(session, case)),
        may_reveal=allowed(actor, Permission.IDENTITY_REVEAL),
        may_correct=allowed(actor, Permission.CASE_MANAGE),
    )


def notifications_in(session: Session, case: ReviewCase) -> list[DeathNotification]:
    """Give the notifications in a case that was read before, the earliest first."""
    rows = select(DeathNotification).where(
        DeathNotification.case_id == case.id, DeathNotification.state == NotificationState.ATTACHED
    )
    return list(session.scalars(rows.order_by(DeathNotification.id)))


def held_identity(session: Session, notification: DeathNotification) -> HeldIdentity:
    """Say which parts a notification holds, and who recorded them when."""
    record = notification.identity
    if record is None:
        return HeldIdentity(notification=notification.reference, parts=(), version=0, recorded_at=None, recorded_by="")
    names = people_names(session, {record.recorded_by_id})
    return HeldIdentity(
        notification=notification.reference,
        parts=parts_held(read_identity(record.details)),
        version=record.version,
        recorded_at=record.recorded_at,
        recorded_by=names.get(record.recorded_by_id, ""),
    )
