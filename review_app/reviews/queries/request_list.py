"""The list of requests of which a person may know, a page at a time, and those that wait."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, case, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from review_app.policy import Actor, Permission, allowed
from review_app.reviews.models import InformationRequest, ReviewCase
from review_app.reviews.queries.requests import RequestRow, row_of, visible_requests
from review_app.reviews.queries.visibility import agencies_answering, visible_cases
from review_app.reviews.rules.states import BEFORE_SELECTION, ENDED, REQUEST_WAITING, RequestState

PER_PAGE = 25
ORDER = "those that wait first, by what is due soonest"
WAITS = and_(InformationRequest.state.in_(REQUEST_WAITING), ReviewCase.state.not_in((*BEFORE_SELECTION, *ENDED)))


@dataclass(frozen=True, kw_only=True)
class RequestFilter:
    """What a person narrows the list to; what is left out does not narrow."""

    state: RequestState | None = None
    late: bool = False


@dataclass(frozen=True, kw_only=True)
class RequestsPage:
    """One page of the list."""

    rows: tuple[RequestRow, ...]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """Say how many pages there are; an empty list has one."""
        return max(1, -(-self.total // PER_PAGE))


def requests_page(
    session: Session, actor: Actor, wanted: RequestFilter, *, now: datetime, page: int = 1
) -> RequestsPage:
    """Give one page of the requests of which the person may know."""
    found = visible_requests(actor).join(InformationRequest.case)
    if wanted.state is not None:
        found = found.where(InformationRequest.state == wanted.state)
    if wanted.late:
        found = found.where(WAITS, InformationRequest.due_at < now)
    total = session.scalar(select(func.count()).select_from(found.with_only_columns(InformationRequest.id).subquery()))
    page = min(max(1, page), max(1, -(-(total or 0) // PER_PAGE)))
    rows = _rows(session, actor, _in_order(found).limit(PER_PAGE).offset((page - 1) * PER_PAGE))
    return RequestsPage(rows=rows, total=total or 0, page=page)


def waiting_requests(session: Session, actor: Actor, *, most: int) -> tuple[RequestRow, ...]:
    """Give the requests that wait, what is due soonest first."""
    found = visible_requests(actor).join(InformationRequest.case).where(WAITS)
    return _rows(session, actor, _in_order(found).limit(most))


def _in_order(found: Select[InformationRequest]) -> Select[InformationRequest]:
    return found.order_by(
        case((WAITS, 0), else_=1),
        case((WAITS, InformationRequest.due_at)),
        InformationRequest.ended_at.desc(),
        InformationRequest.id,
    )


def _rows(session: Session, actor: Actor, found: Select[InformationRequest]) -> tuple[RequestRow, ...]:
    loaded = found.options(
        joinedload(InformationRequest.agency),
        joinedload(InformationRequest.case),
        selectinload(InformationRequest.returns),
    )
    requests = session.scalars(loaded).all()
    reads = _readable(session, actor, {each.case_id for each in requests})
    answers = agencies_answering(actor)
    return tuple(
        row_of(each, may_read=each.case_id in reads, may_answer=each.agency_id in answers) for each in requests
    )


def _readable(session: Session, actor: Actor, case_ids: Collection[int]) -> set[int]:
    """Give those of these cases about which the person may read every request."""
    if not allowed(actor, Permission.REQUEST_SEE):
        return set()
    narrowed = visible_cases(actor).where(ReviewCase.id.in_(case_ids)).with_only_columns(ReviewCase.id)
    return set(session.scalars(narrowed))
