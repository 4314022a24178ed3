"""The parts of a case's page about what agencies know: the requests, and the chronology that is merged from them."""

from flask import url_for
from sqlalchemy.orm import Session

from review_app.filters import listing
from review_app.policy import Permission, allowed
from review_app.reviews.queries.chronology import chronology_page
from review_app.reviews.queries.requests import RequestRow, case_of_page, requests_of, rows_of_case
from review_app.reviews.queries.returns import story_of
from review_app.reviews.rules.requests import everything_is_in, under_review
from review_app.reviews.rules.states import CASE_WORKFLOW, CaseAction, CaseState
from review_app.sections import CasePage, NextAction, Section


def requests_section(session: Session, page: CasePage) -> Section | None:
    """Show whom the case was asked of, how that stands, and what the coordinator can do next."""
    if not allowed(page.actor, Permission.REQUEST_SEE):
        return None
    case = case_of_page(session, page.case_id)
    rows, manages = rows_of_case(session, case, now=page.now), allowed(page.actor, Permission.CASE_MANAGE)
    waits = CaseAction.COMPLETE_INFO in CASE_WORKFLOW.actions_from(case.state)
    can_ask = manages and under_review(case.state)
    can_go_on = manages and waits and everything_is_in([row.state for row in rows])
    waiting = [row.agency for row in rows if row.waits]
    return Section(
        order=30,
        key="requests",
        template="reviews/sections/requests.html",
        context={
            "rows": rows, "reference": case.reference, "can_ask": can_ask, "can_go_on": can_go_on, "now": page.now,
        },
        waiting_for=f"an answer from {listing(waiting)}" if waiting and waits else "",
        next_action=_ask_first(case.reference, rows) if can_ask and case.state is CaseState.SELECTED else None,
        happened=[each for request in requests_of(session, case) for each in story_of(session, request, named=True)],
    )  # fmt: skip


def _ask_first(reference: str, rows: list[RequestRow]) -> NextAction | None:
    """Give what comes next on a case that was selected and of which nobody has been asked."""
    if any(row.waits for row in rows):
        return None
    return NextAction(
        title="Ask the agencies that may have known the person",
        text="The case was selected for review. Nobody has been asked yet.",
        button="Ask an agency",
        href=url_for("reviews.ask", reference=reference),
    )


def chronology_section(session: Session, page: CasePage) -> Section | None:
    """Show how much the chronology holds, and what it says of the time before the death."""
    case = case_of_page(session, page.case_id)
    if not allowed(page.actor, Permission.CASE_SEE):
        return None
    shown = chronology_page(session, page.actor, case.reference, now=page.now)
    if not shown.open and not shown.total:
        return None
    return Section(order=40, key="chronology", template="reviews/sections/chronology.html", context={"page": shown})
