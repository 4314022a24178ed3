"""The parts of a case's page about what agencies know: the requests, and the chronology that is merged from them."""

from flask import url_for
from sqlalchemy.orm import Session

from review_app.filters import listing
from review_app.policy import Permission, allowed
from review_app.reviews.queries.chronology import chronology_page
from review_app.reviews.queries.pack import pack_chronology, pack_reflections
from review_app.reviews.queries.request_section import RequestsOfCase, requests_of_case
from review_app.reviews.queries.requests import case_of_page
from review_app.sections import CasePage, NextAction, PackPage, Section


def requests_section(session: Session, page: CasePage) -> Section | None:
    """Show whom the case was asked of, how that stands, and what the coordinator can do next."""
    shown = requests_of_case(session, page.actor, page.case_id, now=page.now)
    if shown is None:
        return None
    return Section(
        order=30,
        key="requests",
        template="reviews/sections/requests.html",
        context={"shown": shown, "now": page.now},
        waiting_for=_waiting_for(shown),
        next_action=_ask(shown),
        happened=shown.happened,
    )


def _waiting_for(shown: RequestsOfCase) -> str:
    if shown.waiting:
        return f"an answer from {listing(shown.waiting)}"
    return "the review coordinator, to ask agencies or say that everything is in" if shown.ask_again else ""


def _ask(shown: RequestsOfCase) -> NextAction | None:
    """Give what comes next on a case of which nobody is being asked, where the reader can ask."""
    if not shown.can_ask or not (shown.ask_first or shown.ask_again):
        return None
    again = "No agency is being asked now. Ask one, or say below that everything is in."
    return NextAction(
        title="Ask the agencies that may have known the person",
        text="The case was selected for review. Nobody has been asked yet." if shown.ask_first else again,
        button="Ask an agency",
        href=url_for("reviews.ask", reference=shown.reference),
    )


def chronology_section(session: Session, page: CasePage) -> Section | None:
    """Show how much the chronology holds, and what it says of the time before the death."""
    if not allowed(page.actor, Permission.CASE_SEE):
        return None
    reference = case_of_page(session, page.case_id).reference
    shown = chronology_page(session, page.actor, reference, now=page.now)
    if not shown.open and not shown.total:
        return None
    return Section(order=40, key="chronology", template="reviews/sections/chronology.html", context={"page": shown})


def pack_chronology_section(session: Session, page: PackPage) -> Section:
    """Show a panel the chronology without names, dates of the calendar, third persons and restricted sections."""
    shown = pack_chronology(session, case_of_page(session, page.case_id), now=page.now)
    return Section(
        order=40, key="chronology", template="reviews/sections/pack_chronology.html", context={"page": shown}
    )


def pack_reflections_section(session: Session, page: PackPage) -> Section:
    """Show a panel side by side what each agency thinks of its own work."""
    shown = pack_reflections(session, case_of_page(session, page.case_id))
    return Section(
        order=45, key="reflections", template="reviews/sections/pack_reflections.html", context={"agencies": shown}
    )
