"""Moving a request: the one place where its state changes, its words kept, its clock moved on and the move audited."""

from datetime import datetime

from sqlalchemy.orm import Session

from review_app.audit.rules import AuditAction
from review_app.audit.service import record
from review_app.catalogue.commands import ClockOf
from review_app.catalogue.rules import ClockKey
from review_app.catalogue.service import cancel_clocks, start_clock, stop_clock
from review_app.policy import Actor
from review_app.reviews.models import InformationRequest, RequestMove, ReviewCase
from review_app.reviews.queries.requests import states_of
from review_app.reviews.rules.requests import everything_is_in
from review_app.reviews.rules.states import (
    CASE_WORKFLOW,
    REQUEST_WAITING,
    REQUEST_WORKFLOW,
    CaseAction,
    RequestAction,
)
from review_app.reviews.service.moves import move_case

SECTION = "requests"
SENDS = (RequestAction.SEND, RequestAction.CHASE, RequestAction.ASK_AGAIN)
TAKEN_BACK = (RequestAction.WAIVE, RequestAction.CANCEL)


def move_request(
    session: Session,
    actor: Actor,
    request: InformationRequest,
    action: RequestAction,
    *,
    now: datetime,
    words: str = "",
) -> None:
    """Move a request whose case is held. The use case has asked for its permission. Raises MoveRefused."""
    before, after = request.state, REQUEST_WORKFLOW.after(request.state, action)
    request.state = after
    request.ended_at = None if after in REQUEST_WAITING else request.ended_at or now
    move = RequestMove(
        case_uuid=request.case_uuid, request=request, action=action, moved_at=now, moved_by_id=actor.user_id
    )
    move.words = words.strip()
    session.add(move)
    _run_clock(session, request, action, now=now)
    record(
        session,
        actor,
        action,
        request,
        at=now,
        section=SECTION,
        changes={"state": (before, after)} if before is not after else None,
        action=AuditAction.SEND if action in SENDS else None,
    )


def _run_clock(session: Session, request: InformationRequest, action: RequestAction, *, now: datetime) -> None:
    """Start the clock of a request that waits, and end it with the answer."""
    session.flush()
    of = clock_of(request)
    if request.state in REQUEST_WAITING:
        request.due_at = start_clock(session, ClockKey.AGENCY_RETURN, of, now=now).due_at
    elif action in TAKEN_BACK:
        cancel_clocks(session, of, now=now)
    else:
        stop_clock(session, ClockKey.AGENCY_RETURN, of, now=now)


def clock_of(request: InformationRequest) -> ClockOf:
    """Name the record whose clock it is."""
    return ClockOf(partnership_id=request.partnership_id, information_request_id=request.id)


def settle_case(session: Session, actor: Actor, case: ReviewCase, *, now: datetime) -> None:
    """Move a case on that waits for agencies, when every one of them has answered."""
    waits = CaseAction.COMPLETE_INFO in CASE_WORKFLOW.actions_from(case.state)
    if waits and everything_is_in(states_of(session, case)):
        move_case(session, actor, case, CaseAction.COMPLETE_INFO, now=now)


def send_case_back(session: Session, actor: Actor, case: ReviewCase, *, now: datetime) -> None:
    """Let a case wait for agencies, where that is the next or the last step; later its state stays as it is."""
    if CaseAction.REQUEST_INFO in CASE_WORKFLOW.actions_from(case.state):
        move_case(session, actor, case, CaseAction.REQUEST_INFO, now=now)
