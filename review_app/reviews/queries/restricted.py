"""Looking a case, request or sitting up without narrowing, only so that its refusal can be audited."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from review_app.panel.models.meetings import PanelMeeting
from review_app.restricted import Found, RestrictedRecord
from review_app.reviews.models import DeathNotification, InformationRequest, ReviewCase


def restricted_case(session: Session, question: RestrictedRecord) -> Found | None:
    """Give the case, notification, request or sitting that bears this reference."""
    for model in (ReviewCase, DeathNotification, InformationRequest, PanelMeeting):
        owner = session.scalar(select(model.partnership_id).where(model.reference == question.reference))
        if owner is not None:
            return Found(table=model.__tablename__, partnership_id=owner)
    return None
