"""Why the audit of a case is kept: for the life of the case and a time after its destruction."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from review_app.audit.events import AuditPrunes
from review_app.catalogue.queries import retention
from review_app.catalogue.rules.review import years_after
from review_app.reviews.models import ReviewCase
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
