"""What requests to agencies ask of somebody: to answer them, and to see to those that are late or all answered."""

from datetime import datetime
from itertools import groupby

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from review_app.filters import listing
from review_app.home.queries.task import MOST, Task
from review_app.policy import Actor, Permission, allowed
from review_app.reviews.models import InformationRequest, ReviewCase
from review_app.reviews.queries import visible_cases
from review_app.reviews.queries.request_list import waiting_requests
from review_app.reviews.queries.requests import RequestRow
from review_app.reviews.rules.states import REQUEST_WAITING, CaseState


def requests_to_answer(session: Session, actor: Actor, now: datetime) -> list[Task]:
    """Ask an agency's representatives to answer, by when it is due."""
    if not allowed(actor, Permission.REQUEST_ANSWER):
        return []
    return [
        Task(
            title=f"Request {row.reference} to {row.agency}",
            endpoint="requests.show",
            values={"reference": row.reference},
            button="Answer",
            text="What does your agency know about a person who died?",
            due_at=row.due_at,
        )
        for row in waiting_requests(session, actor, most=MOST)
        if row.may_answer
    ]


def requests_overdue(session: Session, actor: Actor, now: datetime) -> list[Task]:
    """Ask the coordinator to see to agencies that have not answered in time."""
    return [
        Task(
            title=f"Request {row.reference} to {row.agency}",
            endpoint="reviews.request",
            values={"reference": row.case_reference, "request": row.reference},
            button="Open the request",
            text=f"No answer for case {row.case_reference}: chase them, give more time, or waive it",
            due_at=row.due_at,
        )
        for row in _waiting(session, actor)
        if row.due_at is not None and row.due_at < now
    ]


def cases_with_everything_in(session: Session, actor: Actor, now: datetime) -> list[Task]:
    """Tell the coordinator of cases about which everybody has answered, and of those that nobody was asked about."""
    if not allowed(actor, Permission.CASE_MANAGE):
        return []
    words = {
        CaseState.SELECTED: ("Selected for review: ask the agencies that may have known the person", "Ask agencies"),
        CaseState.INFO_REQUESTED: (
            "No agency is being asked now: ask one, or say that everything is in",
            "Ask agencies",
        ),
        CaseState.INFO_READY: ("Every agency has answered: read the returns and the chronology", "Open the case"),
    }
    asked = select(InformationRequest.id).where(
        InformationRequest.case_id == ReviewCase.id, InformationRequest.state.in_(REQUEST_WAITING)
    )
    idle = and_(ReviewCase.state == CaseState.INFO_REQUESTED, ~asked.exists())
    found = visible_cases(actor).where(or_(ReviewCase.state.in_((CaseState.SELECTED, CaseState.INFO_READY)), idle))
    rows = found.order_by(ReviewCase.moved_at, ReviewCase.id)
    return [
        Task(
            title=f"Case {case.reference}",
            endpoint="reviews.show" if case.state is CaseState.INFO_READY else "reviews.ask",
            values={"reference": case.reference},
            button=words[case.state][1],
            text=words[case.state][0],
        )
        for case in session.scalars(rows.limit(MOST)).all()
    ]


def waiting_for_agencies(session: Session, actor: Actor, now: datetime) -> list[Task]:
    """Say which agencies the coordinator's cases wait for."""
    rows = sorted(_waiting(session, actor), key=lambda row: row.case_reference)
    found = []
    for reference, of_case in groupby(rows, key=lambda row: row.case_reference):
        each = list(of_case)
        found.append(
            Task(
                title=f"Case {reference}",
                endpoint="reviews.show",
                values={"reference": reference},
                text=f"An answer from {listing(row.agency for row in each)}",
                due_at=min((row.due_at for row in each if row.due_at is not None), default=None),
            )
        )
    return found


def _waiting(session: Session, actor: Actor) -> list[RequestRow]:
    """Give the requests that wait in cases which the person runs."""
    if not allowed(actor, Permission.CASE_MANAGE):
        return []
    return [row for row in waiting_requests(session, actor, most=MOST) if row.may_read]
