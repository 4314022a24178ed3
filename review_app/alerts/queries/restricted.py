"""Which alert bears a reference, whoever asks: only for the audit of refusals."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from review_app.alerts.models import Alert
from review_app.restricted import Found, RestrictedRecord


def restricted_alert(session: Session, asked: RestrictedRecord) -> Found | None:
    """Find the alert with this reference, narrowed to nobody."""
    owner = session.scalar(select(Alert.partnership_id).where(Alert.reference == asked.reference))
    return None if owner is None else Found(table=Alert.__tablename__, partnership_id=owner)
