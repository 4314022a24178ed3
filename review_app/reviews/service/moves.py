"""Moving a case: the one place where its state changes, with its reason kept and the move audited."""

from datetime import datetime

from sqlalchemy.orm import Session

from review_app.audit.service import record
from review_app.policy import Actor
from review_app.reviews.models import CaseMove, ReviewCase
from review_app.reviews.rules.states import CASE_WORKFLOW, CaseAction, CaseState


def move_case(
    session: Session, actor: Actor, case: ReviewCase, action: CaseAction, *, now: datetime, reason: str = ""
) -> None:
    """Move a case that is held locked. The use case has asked for its permission. Raises MoveRefused."""
    before, after = case.state, CASE_WORKFLOW.after(case.state, action)
    case.state, case.moved_at = after, now
    if after is CaseState.CLOSED:
        case.closed_at = now
    if after is CaseState.SIGNED_OFF:
        case.signed_at = now
    if after is CaseState.DESTROYED:
        case.destroyed_at = now
    move = CaseMove(
        case_uuid=case.uuid,
        case_id=case.id,
        action=action,
        from_state=before.value,
        to_state=after.value,
        moved_at=now,
        moved_by_id=actor.user_id,
    )
    move.reason = reason.strip()
    session.add(move)
    record(session, actor, action, case, at=now, changes={"state": (before, after)})
