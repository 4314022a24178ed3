"""What the audit of a case is to others: why it is kept, and from whom it is hidden.

It is kept for the life of the case and a time after its destruction. Whoever may not know of a case for a conflict that
they declared does not learn of it from the audit either: recusal wins over every right.
"""

from sqlalchemy import Select, func, select, union_all
from sqlalchemy.orm import Session

from review_app.audit.events import AuditHides, AuditPrunes
from review_app.catalogue.queries import retention
from review_app.catalogue.rules.review import years_after
from review_app.reviews.models import DeathNotification, InformationRequest, ReviewCase
from review_app.reviews.queries.visibility import recused
from review_app.working_time import london_day

KEPT = "A review that had begun by then is still kept, or was destroyed too short a time ago, so its audit is kept too."


def objection_to_pruning(session: Session, asked: AuditPrunes) -> str | None:
    """Say why events of these months must stay: a case opened by then lives, or has not long been gone."""
    begun = ReviewCase.opened_at < asked.before
    living = select(ReviewCase.id).where(begun, ReviewCase.destroyed_at.is_(None))
    if session.scalar(living.limit(1)) is not None:
        return KEPT
    gone = select(ReviewCase.partnership_id, func.max(ReviewCase.destroyed_at)).where(begun)
    for partnership_id, last in session.execute(gone.group_by(ReviewCase.partnership_id)):
        periods = retention(session, partnership_id, now=asked.at)
        if last is not None and london_day(asked.at) < years_after(
            london_day(last), periods.access_audit_years_after_case
        ):
            return KEPT
    return None


def references_hidden(_session: Session, asked: AuditHides) -> Select[str]:
    """Select the references under which the audit names a case that is hidden from this reader."""
    hidden = select(ReviewCase.id).where(recused(asked.reader))
    named = union_all(
        select(ReviewCase.reference).where(ReviewCase.id.in_(hidden)),
        select(DeathNotification.reference).where(DeathNotification.case_id.in_(hidden)),
        select(InformationRequest.reference).where(InformationRequest.case_id.in_(hidden)),
    ).subquery()
    return select(named.c.reference)
