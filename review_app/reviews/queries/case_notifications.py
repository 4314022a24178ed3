"""The notifications of one case, each with its notifier's own dates; and those that began at a Signal."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from review_app.policy import Actor, Permission, allowed
from review_app.reviews.models import DeathNotification, ReviewCase
from review_app.reviews.queries.known_facts import source_lines
from review_app.reviews.queries.notification_page import OwnLine, agency_names, own_line, proposals_for
from review_app.reviews.queries.notifications import own_notifications_about
from review_app.reviews.queries.visibility import visible_cases
from review_app.reviews.rules.notified import read_known
from review_app.reviews.rules.states import CaseState
from review_app.submissions.models import Signal

UNDECIDED = (CaseState.NOTIFIED, CaseState.TRIAGE)


@dataclass(frozen=True, kw_only=True)
class CaseNotification:
    """One notification of a case: when it was made, and on which day each source had told."""

    line: OwnLine
    told_by: tuple[str, ...]
    same_as: tuple[str, ...]
    risk_due_at: datetime | None


def notifications_of_case(
    session: Session, actor: Actor, case_id: int, *, now: datetime
) -> tuple[CaseNotification, ...] | None:
    """Give the notifications of a case the person may read, the earliest first; None for any other case."""
    case = session.scalar(visible_cases(actor).where(ReviewCase.id == case_id))
    if case is None:
        return None
    rows = select(DeathNotification).where(DeathNotification.case_id == case.id).order_by(DeathNotification.id)
    found = session.scalars(rows).all()
    names = agency_names(session, found)
    decides = allowed(actor, Permission.CASE_MANAGE) and case.state in UNDECIDED
    return tuple(
        CaseNotification(
            line=own_line(each, names),
            told_by=tuple(source_lines(session, case.partnership_id, read_known(each.content), now=now)),
            same_as=tuple(other.case.reference for other in proposals_for(session, actor, each)) if decides else (),
            risk_due_at=each.risk_due_at if each.risk_settled_at is None else None,
        )
        for each in found
    )


@dataclass(frozen=True, kw_only=True)
class SignalNotifications:
    """The person's own notifications of deaths that a Signal may explain."""

    signal: str
    lines: tuple[OwnLine, ...]


def notifications_about_signal(session: Session, actor: Actor, signal_id: int) -> SignalNotifications | None:
    """Give them to who may notify a death in the Signal's own Partnership; None to anybody else."""
    signal = session.get_one(Signal, signal_id)
    if signal.partnership_id != actor.partnership_id or not allowed(actor, Permission.DEATH_NOTIFY):
        return None
    found = session.scalars(own_notifications_about(actor, signal.id).order_by(DeathNotification.id)).all()
    names = agency_names(session, found)
    return SignalNotifications(signal=signal.reference, lines=tuple(own_line(each, names) for each in found))
