"""Which report or Signal bears a reference, whoever asks: only for the audit of refusals."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from review_app.restricted import Found, RestrictedRecord
from review_app.submissions.models import Signal, Submission


def restricted_report_or_signal(session: Session, asked: RestrictedRecord) -> Found | None:
    """Find the report or the Signal with this reference, narrowed to nobody."""
    for model in (Submission, Signal):
        owner = session.scalar(select(model.partnership_id).where(model.reference == asked.reference))
        if owner is not None:
            return Found(table=model.__tablename__, partnership_id=owner)
    return None
