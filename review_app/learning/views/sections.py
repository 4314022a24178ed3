"""What learning adds to the page of a case and to its pack, with the address of what the person can do next."""

from flask import url_for
from sqlalchemy.orm import Session

from review_app.filters import plural
from review_app.learning.queries import of_case, points
from review_app.learning.rules.states import ACTION_OPEN, MAY_AGREE, PointAction
from review_app.reviews.rules.states import CaseState
from review_app.sections import CasePage, NextAction, PackPage, Section

RECOMMENDING = (CaseState.FINDINGS_DRAFT, CaseState.ACCURACY_CHECK, CaseState.SIGNED_OFF, CaseState.ACTIONS_OPEN)
READ_FIRST = "Read each one, then agree it for the panel or withdraw it."
BOTH_COUNT = "Good practice counts as much as what should be better."


def learning_section(session: Session, page: CasePage) -> Section | None:
    """Show what was learned, good practice and areas for learning side by side."""
    learning = points.learning_of_page(session, page.actor, page.case_id, now=page.now)
    return Section(
        order=70,
        key="learning",
        template="learning/_section.html",
        context={"learning": learning},
        next_action=_next_of_learning(learning),
        happened=of_case.story_of(session, page.case_id),
    )


def pack_learning_section(session: Session, page: PackPage) -> Section | None:
    """Show what was learned so far to those who sit on the case; its scribe adds to it."""
    learning = points.learning_of_page(session, page.actor, page.case_id, now=page.now)
    context = {"learning": learning}
    return Section(order=70, key="learning", template="learning/_section.html", context=context)


def outcome_section(session: Session, page: CasePage) -> Section | None:
    """Show the recommendations that came of a case and the actions that carry them out."""
    outcome = of_case.outcome_of(session, page.actor, page.case_id)
    owners = sorted({action.owner.name for action in outcome.actions if action.state in ACTION_OPEN})
    return Section(
        order=80,
        key="recommendations",
        template="recommendations/_section.html",
        context={"outcome": outcome},
        waiting_for=", ".join(owners) if owners and outcome.state is CaseState.ACTIONS_OPEN else "",
        next_action=_next_of_outcome(outcome),
    )


def _next_of_learning(learning: points.CaseLearning) -> NextAction | None:
    waiting = len(learning.waiting(PointAction.AGREE))
    if waiting:
        title = plural(waiting, "learning point waits", "learning points wait") + " to be agreed"
        return NextAction(title=title, text=READ_FIRST, button="Go to learning", href="#learning")
    if learning.may_record and learning.state in MAY_AGREE and not learning.standing and not learning.no_learning:
        href = url_for("points.new", reference=learning.reference)
        return NextAction(title="Record what was learned", text=BOTH_COUNT, button="Add learning point", href=href)
    return None


def _next_of_outcome(outcome: of_case.CaseOutcome) -> NextAction | None:
    if not (outcome.may_draft and outcome.agreed and not outcome.recommendations and outcome.state in RECOMMENDING):
        return None
    return NextAction(
        title="Recommend what should change",
        text="Learning points are agreed, and no recommendation has been drawn from them yet.",
        button="Draft a recommendation",
        href=url_for("recommendations.new", reference=outcome.reference),
    )
