"""What the coordinator does with requests: asking, reminding, giving more time, waiving, taking back, asking again."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from review_app.accounts import queries as accounts
from review_app.accounts.models import Agency
from review_app.audit.rules import AuditAction
from review_app.audit.service import record
from review_app.catalogue.models import FormDefinition
from review_app.catalogue.queries import agency_return, find_running_clock
from review_app.catalogue.rules import ClockKey
from review_app.errors import RuleBroken
from review_app.outbox.service import owe
from review_app.policy import Actor, Permission, allowed, require
from review_app.reviews.commands.requests import (
    AskAgain,
    AskAgencies,
    CancelRequest,
    ChaseRequest,
    GoOn,
    MoveDue,
    ReadRestricted,
    WaiveRequest,
)
from review_app.reviews.emails.requests import chase_mail, request_mail
from review_app.reviews.models import InformationRequest, ReviewCase
from review_app.reviews.queries.requests import get_request_of, people_answering, requests_of, states_of
from review_app.reviews.queries.visibility import get_case, get_locked_case
from review_app.reviews.references import new_request_reference
from review_app.reviews.rules.requests import everything_is_in, under_review
from review_app.reviews.rules.states import REQUEST_WORKFLOW, CaseAction, RequestAction, RequestState
from review_app.reviews.service.moves import move_case
from review_app.reviews.service.request_moves import clock_of, move_request, send_case_back, settle_case
from review_app.working_time import end_of_london_day, london_day

ONE_PRESS = timedelta(minutes=10)
NOT_NOW = "Agencies are asked from a case’s selection until it has ended. Nothing was sent."


def ask_agencies(session: Session, actor: Actor, command: AskAgencies, *, now: datetime) -> list[InformationRequest]:
    """Ask agencies about a case. Each of their people who may answer is told that a request waits, and no more.

    Somebody from whom a declared conflict hides the case is not told. The same words to the same agency within minutes
    are one press that came twice.
    """
    case = get_locked_case(session, actor, command.reference)
    require(actor, Permission.CASE_MANAGE)
    if not under_review(case.state):
        raise RuleBroken(NOT_NOW)
    if not command.agency_ids:
        raise RuleBroken("Select at least one agency to ask.")
    standing = {each.agency_id: each for each in requests_of(session, case) if each.state is not RequestState.CANCELLED}
    form, _questions = agency_return(session, case.partnership_id, now=now)
    made = []
    for agency_id in dict.fromkeys(command.agency_ids):
        agency = accounts.get_member_agency(session, actor, agency_id)
        earlier = standing.get(agency_id)
        if earlier is None:
            made.append(_ask(session, actor, case, agency, form, command, now=now))
        elif not _pressed_twice(earlier, command, now=now):
            raise RuleBroken(f"{agency.name} has been asked about this case already. Ask again on its request.")
    if made:
        send_case_back(session, actor, case, now=now)
    return made


def _pressed_twice(earlier: InformationRequest, command: AskAgencies, *, now: datetime) -> bool:
    recent = earlier.sent_at is not None and earlier.sent_at > now - ONE_PRESS
    return recent and earlier.asked == command.words.strip()


def _ask(
    session: Session,
    actor: Actor,
    case: ReviewCase,
    agency: Agency,
    form: FormDefinition,
    command: AskAgencies,
    *,
    now: datetime,
) -> InformationRequest:
    if not people_answering(session, case, agency.id, on=london_day(now)):
        raise RuleBroken(
            f"Nobody at {agency.name} can answer: it has no representative who may see this case. Leave it out, or ask"
            " an administrator to name another representative."
        )
    request = InformationRequest(
        reference=new_request_reference(session, case.partnership_id),
        partnership_id=case.partnership_id,
        case=case,
        case_uuid=case.uuid,
        agency=agency,
        form=form,
        matching=[field.value for field in command.matching],
        state=RequestState.DRAFT,
        made_at=now,
        made_by_id=actor.user_id,
    )
    session.add(request)
    request.asked = command.words.strip()
    request.sent_at = now
    move_request(session, actor, request, RequestAction.SEND, now=now, words=command.words)
    if command.due_on is not None:
        _give_until(session, request, MoveDue(
            reference="", request="", due_on=command.due_on, reason=command.due_reason
        ))  # fmt: skip
        move_request(session, actor, request, RequestAction.MOVE_DUE, now=now, words=command.due_reason)
    _tell(session, request, now=now)
    return request


def _tell(session: Session, request: InformationRequest, *, now: datetime, again: bool = False) -> None:
    """Owe a message to each person who may answer."""
    name = accounts.get_partnership(session, request.partnership_id).name
    due_at = request.due_at or now
    _send(session, request, request_mail(name, request.reference, due_at, again=again), now=now)


def _send(session: Session, request: InformationRequest, message: tuple[str, str], *, now: datetime) -> None:
    subject, body = message
    for person in people_answering(session, request.case, request.agency_id, on=london_day(now)):
        owe(
            session,
            to=person.email,
            subject=subject,
            body=body,
            due_at=now,
            partnership_id=request.partnership_id,
            purpose="information_request",
        )


def _held(session: Session, actor: Actor, command: ChaseRequest | MoveDue | WaiveRequest | CancelRequest | AskAgain
          ) -> InformationRequest:  # fmt: skip
    """Give a request of a case that is now held, to somebody who runs reviews."""
    case = get_locked_case(session, actor, command.reference)
    require(actor, Permission.CASE_MANAGE)
    return get_request_of(session, case, command.request)


def chase(session: Session, actor: Actor, command: ChaseRequest, *, now: datetime) -> InformationRequest:
    """Remind an agency, and count it. Pressing twice within minutes reminds once."""
    request = _held(session, actor, command)
    REQUEST_WORKFLOW.after(request.state, RequestAction.CHASE)
    chases = [each.moved_at for each in request.moves if each.action is RequestAction.CHASE]
    if chases and chases[-1] > now - ONE_PRESS:
        return request
    if not people_answering(session, request.case, request.agency_id, on=london_day(now)):
        raise RuleBroken(f"Nobody at {request.agency.name} can be reminded: no representative there may see this case.")
    request.chased += 1
    move_request(session, actor, request, RequestAction.CHASE, now=now)
    name, due_at = accounts.get_partnership(session, request.partnership_id).name, request.due_at or now
    _send(session, request, chase_mail(name, request.reference, due_at, overdue=due_at < now), now=now)
    return request


def move_due(session: Session, actor: Actor, command: MoveDue, *, now: datetime) -> InformationRequest:
    """Give an agency more time."""
    request = _held(session, actor, command)
    REQUEST_WORKFLOW.after(request.state, RequestAction.MOVE_DUE)
    if end_of_london_day(command.due_on) <= now:
        raise RuleBroken("Enter a day that is still to come.")
    _give_until(session, request, command)
    move_request(session, actor, request, RequestAction.MOVE_DUE, now=now, words=command.reason)
    return request


def _give_until(session: Session, request: InformationRequest, command: MoveDue) -> None:
    """Move a request's clock to the end of a later day; nobody is given less time than they were told."""
    clock = find_running_clock(session, ClockKey.AGENCY_RETURN, clock_of(request))
    until = end_of_london_day(command.due_on)
    if clock is None or until <= clock.due_at:
        raise RuleBroken("Enter a later day than the one it is due now.")
    if not command.reason.strip():
        raise RuleBroken("Enter why they have more time.")
    clock.due_at = until


def waive(session: Session, actor: Actor, command: WaiveRequest, *, now: datetime) -> InformationRequest:
    """Go on without an agency's answer. If nobody else is waited for, the case goes on too."""
    request = _held(session, actor, command)
    if not command.reason.strip():
        raise RuleBroken("Enter why you go on without this answer.")
    move_request(session, actor, request, RequestAction.WAIVE, now=now, words=command.reason)
    settle_case(session, actor, request.case, now=now)
    return request


def cancel(session: Session, actor: Actor, command: CancelRequest, *, now: datetime) -> InformationRequest:
    """Take a request back: its agency sees it no longer, and can be asked anew."""
    request = _held(session, actor, command)
    if not command.reason.strip():
        raise RuleBroken("Enter why the request is taken back.")
    move_request(session, actor, request, RequestAction.CANCEL, now=now, words=command.reason)
    settle_case(session, actor, request.case, now=now)
    return request


def ask_again(session: Session, actor: Actor, command: AskAgain, *, now: datetime) -> InformationRequest:
    """Ask an agency for more. What it sent stands until it sends the next version."""
    request = _held(session, actor, command)
    if not command.words.strip():
        raise RuleBroken("Enter what you ask for.")
    if not under_review(request.case.state):
        raise RuleBroken(NOT_NOW)
    if not people_answering(session, request.case, request.agency_id, on=london_day(now)):
        raise RuleBroken(f"Nobody at {request.agency.name} can answer: no representative there may see this case.")
    move_request(session, actor, request, RequestAction.ASK_AGAIN, now=now, words=command.words)
    send_case_back(session, actor, request.case, now=now)
    _tell(session, request, now=now, again=True)
    return request


def go_on(session: Session, actor: Actor, command: GoOn, *, now: datetime) -> ReviewCase:
    """Let a case go on that was opened again to ask, when everyone has answered and nothing new is asked."""
    case = get_locked_case(session, actor, command.reference)
    require(actor, Permission.CASE_MANAGE)
    if not everything_is_in(states_of(session, case)):
        raise RuleBroken("Not every agency has answered yet. Wait for them, or waive their requests.")
    move_case(session, actor, case, CaseAction.COMPLETE_INFO, now=now)
    return case


def read_restricted(session: Session, actor: Actor, command: ReadRestricted, *, now: datetime) -> None:
    """Record that somebody reads what police or safeguarding have said about a case, and why."""
    case = get_case(session, actor, command.reference)
    if not allowed(actor, Permission.SENSITIVE_SEE):
        require(actor, Permission.SENSITIVE_SEE_BY_REASON)
    subject = get_request_of(session, case, command.request) if command.request else case
    record(session, actor, AuditAction.REVEAL, subject, at=now, section="restricted", purpose=command.purpose.value)
