"""Which agency's question bears a reference, whoever asks: only for the audit of refusals."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from review_app.panel.models import CorroborationAsk, CorroborationRequest
from review_app.restricted import Found, RestrictedRecord


def restricted_question(session: Session, asked: RestrictedRecord) -> Found | None:
    """Find the question to one agency with this reference, narrowed to nobody."""
    number = asked.reference.removeprefix("ask-")
    if not number.isascii() or not number.isdigit() or len(number) > 12:
        return None
    of_ask = select(CorroborationAsk.request_id).where(CorroborationAsk.id == int(number))
    owner = session.scalar(select(CorroborationRequest.partnership_id).where(CorroborationRequest.id.in_(of_ask)))
    return None if owner is None else Found(table=CorroborationAsk.__tablename__, partnership_id=owner)
