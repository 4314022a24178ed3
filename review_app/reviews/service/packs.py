"""Opening the pack of a case: it is kept who read it for which sitting, and each opening is recorded."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from review_app.audit.service import AuditAction, record
from review_app.once import insert_once
from review_app.policy import Actor
from review_app.reviews.models import PackRead, ReviewCase
from review_app.reviews.queries.packs import get_pack_case

SECTION = "pack"


def open_pack(session: Session, actor: Actor, meeting_reference: str, reference: str, *, now: datetime) -> ReviewCase:
    """Note that somebody who may opens the pack of a case for a sitting. Raises NotVisible."""
    meeting, case = get_pack_case(session, actor, meeting_reference, reference, now=now)
    key = {"meeting_id": meeting.id, "case_id": case.id, "user_id": actor.user_id}
    if not insert_once(session, PackRead, **key, first_at=now, last_at=now):
        session.execute(update(PackRead).filter_by(**key).values(last_at=now))
    record(session, actor, AuditAction.VIEW, case, at=now, section=SECTION, purpose=meeting.reference)
    return case
