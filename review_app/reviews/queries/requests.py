"""Requests to agencies, narrowed to what a person may know of: their own agency's, or those of cases they may read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, and_, false, not_, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from review_app.accounts.models import Agency, User
from review_app.accounts.queries import agencies_of, load_actor, representatives_of
from review_app.catalogue.queries import agency_return, bank_holidays, current_clock_rule
from review_app.catalogue.rules import ClockKey, clock_due
from review_app.catalogue.rules.agency_return import ReturnBlock, read_agency_return
from review_app.errors import NotVisible
from review_app.policy import Actor, Permission, allowed, qualifying
from review_app.reviews.models import AgencyReturn, InformationRequest, ReviewCase
from review_app.reviews.queries.visibility import HIDDEN_REQUESTS, agencies_answering, recused, visible_cases
from review_app.reviews.rules.requests import ReturnContent, read_content, under_review
from review_app.reviews.rules.states import (
    REQUEST_WAITING,
    REQUEST_WORKFLOW,
    CaseState,
    RequestAction,
    RequestState,
    ReturnKind,
)
from review_app.working_time import london_day

ANEW = {"populate_existing": True}
NO_REQUEST = "We cannot find that request. Check the reference, or look for it in the list of requests."


def visible_requests(actor: Actor) -> Select[InformationRequest]:
    """Narrow to the requests of which the person may know. The caller states the order."""
    return select(InformationRequest).where(_here(actor), or_(_of_cases(actor), _of_agencies(actor, _agencies(actor))))


def own_requests(actor: Actor) -> Select[InformationRequest]:
    """Narrow to the requests that the person may answer for their agency."""
    return select(InformationRequest).where(_here(actor), _of_agencies(actor, agencies_answering(actor)))


def _here(actor: Actor) -> ColumnElement[bool]:
    return InformationRequest.partnership_id == actor.partnership_id


def _of_cases(actor: Actor) -> ColumnElement[bool]:
    if not allowed(actor, Permission.REQUEST_SEE):
        return false()
    return InformationRequest.case_id.in_(visible_cases(actor).with_only_columns(ReviewCase.id))


def _of_agencies(actor: Actor, agencies: frozenset[int]) -> ColumnElement[bool]:
    standing = select(ReviewCase.id).where(ReviewCase.state != CaseState.DESTROYED, not_(recused(actor)))
    return and_(
        InformationRequest.agency_id.in_(agencies),
        InformationRequest.state.not_in(HIDDEN_REQUESTS),
        InformationRequest.case_id.in_(standing),
    )


def _agencies(actor: Actor) -> frozenset[int]:
    held = qualifying(actor, Permission.REQUEST_SEE_AGENCY)
    return frozenset(each.agency_id for each in held if each.agency_id is not None)


def get_request(session: Session, actor: Actor, reference: str) -> InformationRequest:
    """Give a request of which the person may know. Raises NotVisible."""
    return _one(session, visible_requests(actor), reference)


def get_own_request(session: Session, actor: Actor, reference: str) -> InformationRequest:
    """Give a request that the person may answer for their agency. Raises NotVisible."""
    return _one(session, own_requests(actor), reference)


def get_request_of(session: Session, case: ReviewCase, reference: str) -> InformationRequest:
    """Give one request about a case that was read before. Raises NotVisible."""
    return _one(session, select(InformationRequest).where(InformationRequest.case_id == case.id), reference)


def get_locked_own_request(session: Session, actor: Actor, reference: str) -> InformationRequest:
    """Hold the case of such a request until the transaction ends, and only then give the request as it is now.

    Everything that changes a request holds its case first, so nobody answers what was waived meanwhile.
    """
    case_id = get_own_request(session, actor, reference).case_id
    session.scalar(select(ReviewCase).where(ReviewCase.id == case_id).with_for_update().execution_options(**ANEW))
    return _one(session, own_requests(actor).execution_options(**ANEW), reference)


def _one(session: Session, narrowed: Select[InformationRequest], reference: str) -> InformationRequest:
    request = session.scalar(narrowed.where(InformationRequest.reference == reference))
    if request is None:
        raise NotVisible(NO_REQUEST, reference=reference)
    return request


def case_of_page(session: Session, case_id: int) -> ReviewCase:
    """Give the case whose page asks for its sections: whoever opened that page may read it."""
    return session.get_one(ReviewCase, case_id)


def requests_of(session: Session, case: ReviewCase) -> list[InformationRequest]:
    """Give every request about a case that was read before, by the agency's name, those taken back last."""
    rows = (
        select(InformationRequest)
        .join(Agency)
        .where(InformationRequest.case_id == case.id)
        .options(
            joinedload(InformationRequest.agency).joinedload(Agency.agency_type),
            selectinload(InformationRequest.returns),
            selectinload(InformationRequest.moves),
        )
    )
    taken_back = InformationRequest.state == RequestState.CANCELLED
    return list(session.scalars(rows.order_by(taken_back, Agency.name, InformationRequest.id)))


def blocks_of(request: InformationRequest) -> tuple[ReturnBlock, ...]:
    """Give what a request asks, by the version of the form under which it was made."""
    return read_agency_return(request.form.content).for_agency(request.agency.agency_type.key)


def sent_returns(request: InformationRequest) -> list[AgencyReturn]:
    """Give the versions that the agency has sent, the oldest first."""
    return [each for each in request.returns if each.sent_at is not None]


def latest_return(request: InformationRequest) -> AgencyReturn | None:
    """Give the version in force of what an agency sent."""
    sent = sent_returns(request)
    return sent[-1] if sent else None


def latest_content(request: InformationRequest) -> AgencyReturn | None:
    """Give the newest version in which the agency has told anything: a nil or declined one tells nothing."""
    told = [each for each in sent_returns(request) if each.kind in (ReturnKind.COMPLETE, ReturnKind.PARTIAL)]
    return told[-1] if told else None


def draft_of(request: InformationRequest) -> AgencyReturn | None:
    """Give the version that is being written."""
    return next((each for each in request.returns if each.sent_at is None), None)


def content_in_work(request: InformationRequest) -> ReturnContent:
    """Give what the form is filled in with: the draft, else what the agency sent last."""
    row = draft_of(request) or latest_content(request)
    return read_content(row.content) if row is not None else ReturnContent()


def being_written(request: InformationRequest) -> bool:
    """Say whether the agency can write its return now: while it is asked, or when it has begun a correction."""
    if not under_review(request.case.state):
        return False
    begun = draft_of(request) is not None and RequestAction.CORRECT in REQUEST_WORKFLOW.actions_from(request.state)
    return request.state in REQUEST_WAITING or begun


def people_answering(session: Session, case: ReviewCase, agency_id: int, *, on: date) -> list[User]:
    """Give the representatives of an agency from whom no declared conflict hides the case."""
    people = representatives_of(session, agency_id, on=on)
    return [each for each in people if not _hidden_from(session, case, each, on)]


def _hidden_from(session: Session, case: ReviewCase, person: User, on: date) -> bool:
    actor = load_actor(session, person.id, case.partnership_id, on=on)
    return session.scalar(select(ReviewCase.id).where(ReviewCase.id == case.id, recused(actor))) is not None


def usual_due_at(session: Session, partnership_id: int, *, now: datetime) -> datetime:
    """Give by when an agency that is asked now has to answer, unless it is given longer."""
    rule = current_clock_rule(session, ClockKey.AGENCY_RETURN, now=now, partnership_id=partnership_id)
    return clock_due(rule.unit, rule.amount, rule.mode, now, bank_holidays(session))


@dataclass(frozen=True, kw_only=True)
class AskChoices:
    """Which agencies can be asked about a case, and why the others cannot."""

    agencies: tuple[Agency, ...]
    asked: tuple[str, ...]
    without_people: tuple[str, ...]
    only_conflicts: tuple[str, ...]
    usual_due_at: datetime


def ask_choices(session: Session, case: ReviewCase, *, now: datetime) -> AskChoices:
    """Sort the member agencies by whether they can be asked: each has somebody who may answer, and no request yet."""
    standing = {each.agency_id for each in requests_of(session, case) if each.state is not RequestState.CANCELLED}
    free: list[Agency] = []
    asked: list[str] = []
    nobody: list[str] = []
    conflicts: list[str] = []
    on = london_day(now)
    for agency in agencies_of(session, case.partnership_id):
        if agency.id in standing:
            asked.append(agency.name)
        elif people_answering(session, case, agency.id, on=on):
            free.append(agency)
        else:
            (conflicts if representatives_of(session, agency.id, on=on) else nobody).append(agency.name)
    return AskChoices(
        agencies=tuple(free),
        asked=tuple(asked),
        without_people=tuple(nobody),
        only_conflicts=tuple(conflicts),
        usual_due_at=usual_due_at(session, case.partnership_id, now=now),
    )


def questions_asked(
    session: Session, case: ReviewCase, agencies: Sequence[Agency], *, now: datetime
) -> list[tuple[str, tuple[str, ...], list[str]]]:
    """Give each block of the form in force with the names of the agencies that it goes to and its questions."""
    _row, form = agency_return(session, case.partnership_id, now=now)
    found = []
    for block in form.blocks:
        asked = [each.name for each in agencies if block in form.for_agency(each.agency_type.key)]
        if asked:
            found.append((block.words, tuple(asked), [question.words for question in block.asked()]))
    return found


def answers_it(actor: Actor, request: InformationRequest) -> bool:
    """Say whether the person answers for the agency that was asked."""
    return request.agency_id in agencies_answering(actor)


@dataclass(frozen=True, kw_only=True)
class RequestRow:
    """One request as a list shows it: whom it went to, how it stands, and what came back."""

    reference: str
    case_reference: str
    agency: str
    state: RequestState
    due_at: datetime | None
    sent_at: datetime | None
    ended_at: datetime | None
    kind: ReturnKind | None
    versions: int
    chased: int
    waits: bool
    may_answer: bool
    may_read: bool
    after_signing: bool
    nobody_left: bool = False


def row_of(request: InformationRequest, *, may_read: bool, may_answer: bool, nobody_left: bool = False) -> RequestRow:
    """Give a request as a list shows it. The case is named only to who may read it."""
    sent = sent_returns(request)
    return RequestRow(
        reference=request.reference,
        case_reference=request.case.reference if may_read else "",
        agency=request.agency.name,
        state=request.state,
        due_at=request.due_at,
        sent_at=request.sent_at,
        ended_at=request.ended_at,
        kind=sent[-1].kind if sent else None,
        versions=len(sent),
        chased=request.chased,
        waits=request.state in REQUEST_WAITING and under_review(request.case.state),
        may_answer=may_answer,
        may_read=may_read,
        after_signing=_after_signing(request, sent),
        nobody_left=nobody_left,
    )


def _after_signing(request: InformationRequest, sent: Sequence[AgencyReturn]) -> bool:
    """Say whether the newest version came when the case had been signed: a reason to open it again."""
    signed, newest = request.case.signed_at, sent[-1].sent_at if sent else None
    return signed is not None and newest is not None and newest > signed


def rows_of_case(session: Session, case: ReviewCase, *, now: datetime) -> list[RequestRow]:
    """Give the requests about a case that was read before. One that waits where nobody can answer says so."""
    on = london_day(now)
    return [
        row_of(
            each,
            may_read=True,
            may_answer=False,
            nobody_left=each.state in REQUEST_WAITING and not people_answering(session, case, each.agency_id, on=on),
        )
        for each in requests_of(session, case)
    ]


def states_of(session: Session, case: ReviewCase) -> Sequence[RequestState]:
    """Give the state of every request about a case."""
    return session.scalars(select(InformationRequest.state).where(InformationRequest.case_id == case.id)).all()
