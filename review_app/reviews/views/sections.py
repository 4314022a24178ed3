"""What the page of a case, and that of a Signal, show of notifications, inclusion and identity."""

from flask import url_for
from sqlalchemy.orm import Session

from review_app.reviews.queries.case_notifications import notifications_about_signal, notifications_of_case
from review_app.reviews.queries.identity import identity_section_of
from review_app.reviews.queries.inclusion import InclusionSection, inclusion_section_of
from review_app.reviews.rules.states import CaseState
from review_app.sections import CasePage, NextAction, Section, SignalPage


def notifications_section(session: Session, page: CasePage) -> Section | None:
    """Give the notifications of a case, each with its notifier's own dates."""
    found = notifications_of_case(session, page.actor, page.case_id, now=page.now)
    if found is None:
        return None
    context = {"found": found, "now": page.now}
    return Section(order=5, key="notifications", template="reviews/sections/notifications.html", context=context)


def deaths_section(session: Session, page: SignalPage) -> Section | None:
    """Give the person's own notifications of deaths that a Signal may explain, and how to make one."""
    found = notifications_about_signal(session, page.actor, page.signal_id)
    if found is None:
        return None
    return Section(order=60, key="deaths", template="reviews/sections/deaths.html", context={"found": found})


def inclusion_section(session: Session, page: CasePage) -> Section | None:
    """Give what was decided about including a case, and how to decide."""
    found = inclusion_section_of(session, page.actor, page.case_id)
    if found is None:
        return None
    return Section(
        order=10,
        key="inclusion",
        template="reviews/sections/inclusion.html",
        context={"found": found},
        next_action=_next(found) if found.may_manage else None,
    )


def identity_section(session: Session, page: CasePage) -> Section | None:
    """Say whether it is known who the person was, without saying it."""
    found = identity_section_of(session, page.actor, page.case_id)
    if found is None:
        return None
    return Section(order=20, key="identity", template="reviews/sections/identity.html", context={"found": found})


def _next(found: InclusionSection) -> NextAction | None:
    if found.state is CaseState.NOTIFIED:
        return _to_triage(url_for("reviews.start_triage", reference=found.reference))
    if found.state is CaseState.TRIAGE:
        return _to_decide(url_for("reviews.inclusion", reference=found.reference))
    return None


def _to_triage(href: str) -> NextAction:
    why = "Find out whether this death is one that the review looks at."
    return NextAction(title="Start triage", text=why, button="Start triage", href=href, posts=True)


def _to_decide(href: str) -> NextAction:
    why = "The rules weigh what was notified, ask for what they need, and say why. You decide."
    return NextAction(title="Decide inclusion", text=why, button="Decide inclusion", href=href)
