"""What the page of a case shows of its requests, and what its reader can do next about them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from review_app.policy import Actor, Permission, allowed
from review_app.reviews.queries.requests import RequestRow, case_of_page, requests_of, rows_of_case
from review_app.reviews.queries.returns import story_of
from review_app.reviews.rules.requests import everything_is_in, under_review
from review_app.reviews.rules.states import CASE_WORKFLOW, CaseAction, CaseState
from review_app.sections import Happening


@dataclass(frozen=True, kw_only=True)
class RequestsOfCase:
    """The requests about one case, who is waited for, and what can be done."""

    reference: str
    rows: tuple[RequestRow, ...]
    waiting: tuple[str, ...]
    can_ask: bool
    can_go_on: bool
    ask_first: bool
    ask_again: bool
    happened: tuple[Happening, ...]


def requests_of_case(session: Session, actor: Actor, case_id: int, *, now: datetime) -> RequestsOfCase | None:
    """Give the requests to who may read them; the case is one whose page the person has opened."""
    if not allowed(actor, Permission.REQUEST_SEE):
        return None
    case, manages = case_of_page(session, case_id), allowed(actor, Permission.CASE_MANAGE)
    rows = rows_of_case(session, case, now=now)
    waits = CaseAction.COMPLETE_INFO in CASE_WORKFLOW.actions_from(case.state)
    can_ask = manages and under_review(case.state)
    return RequestsOfCase(
        reference=case.reference,
        rows=tuple(rows),
        waiting=tuple(row.agency for row in rows if row.waits) if waits else (),
        can_ask=can_ask,
        can_go_on=manages and waits and everything_is_in([row.state for row in rows]),
        ask_first=can_ask and case.state is CaseState.SELECTED,
        ask_again=waits and not any(row.waits for row in rows),
        happened=tuple(
            each for request in requests_of(session, case) for each in story_of(session, request, named=True)
        ),
    )
