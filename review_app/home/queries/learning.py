"""What waits about learning: points to agree and to word, recommendations to decide, and actions to carry out."""

import textwrap
from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from review_app.filters import plural
from review_app.home.queries.task import MOST, Task
from review_app.learning.models import Action, LearningPoint, Recommendation
from review_app.learning.queries.actions import is_overdue
from review_app.learning.queries.narrowing import own_agencies, visible_actions, visible_recommendations
from review_app.learning.rules.states import (
    MAY_AGREE,
    MAY_RECORD,
    MAY_WORD,
    ActionState,
    PointState,
    RecommendationState,
)
from review_app.policy import Actor, Permission, allowed
from review_app.reviews.models import ReviewCase
from review_app.reviews.queries import visible_cases
from review_app.reviews.rules.states import CaseState
from review_app.working_time import end_of_london_day, london_day

OF_OWNER: Mapping[ActionState, tuple[str, str, str]] = {
    ActionState.PROPOSED: ("Your agency is asked to do this", "Accept or not", "actions.show"),
    ActionState.ACCEPTED: ("Accepted, and not started yet", "Start", "actions.show"),
    ActionState.IN_PROGRESS: ("In progress", "Mark done with evidence", "actions.mark_done"),
}
OF_COORDINATOR: Mapping[ActionState, tuple[str, str, str]] = {
    ActionState.DONE: ("Done: has the theme come up again?", "Check its impact", "actions.impact"),
    ActionState.IMPACT_CHECKED: ("Its impact is checked", "Open and close it", "actions.show"),
}


def points_to_agree(session: Session, actor: Actor, now: datetime) -> list[Task]:
    """Tell a chair which cases have learning points to agree, and which wordings somebody else wrote."""
    if not allowed(actor, Permission.LEARNING_AGREE):
        return []
    drafts = _cases_with(session, actor, MAY_AGREE, LearningPoint.state == PointState.DRAFT)
    wordings = _cases_with(
        session,
        actor,
        MAY_WORD,
        LearningPoint.state == PointState.AGREED,
        LearningPoint.wording_sealed.is_not(None),
        LearningPoint.approved_at.is_(None),
        LearningPoint.worded_by_id != actor.user_id,
    )
    return [
        *_of_cases(drafts, "learning point waits", "learning points wait", "to be agreed", "Read and agree"),
        *_of_cases(wordings, "wording waits", "wordings wait", "to be approved", "Read and approve"),
    ]


def points_to_finish(session: Session, actor: Actor, now: datetime) -> list[Task]:
    """Tell the coordinator which cases have learning points in draft."""
    if not allowed(actor, Permission.CASE_MANAGE):
        return []
    drafts = _cases_with(session, actor, MAY_RECORD, LearningPoint.state == PointState.DRAFT)
    return _of_cases(drafts, "learning point is", "learning points are", "in draft", "Open them")


def recommendations_to_decide(session: Session, actor: Actor, now: datetime) -> list[Task]:
    """Tell those who decide for the Partnership, and those who draft, what waits for them."""
    decides = allowed(actor, Permission.RECOMMENDATION_DECIDE)
    manages = allowed(actor, Permission.ACTION_MANAGE)
    words = {
        **({RecommendationState.PROPOSED: "Decide"} if decides else {}),
        **({RecommendationState.DRAFT: "Finish and propose"} if manages else {}),
    }
    rows = visible_recommendations(actor).where(Recommendation.state.in_(tuple(words)))
    found = session.scalars(rows.order_by(Recommendation.drafted_at, Recommendation.id).limit(MOST))
    return [_of_recommendation(each, words[each.state]) for each in found]


def recommendations_without_action(session: Session, actor: Actor, now: datetime) -> list[Task]:
    """Tell the coordinator which accepted recommendations nobody was asked to carry out."""
    if not allowed(actor, Permission.ACTION_MANAGE):
        return []
    carried_out = select(Action.id).where(Action.recommendation_id == Recommendation.id).exists()
    accepted = Recommendation.state == RecommendationState.ACCEPTED
    rows = visible_recommendations(actor).where(accepted, ~carried_out)
    found = session.scalars(rows.order_by(Recommendation.decided_at, Recommendation.id).limit(MOST))
    return [_of_recommendation(each, "Ask an agency to carry it out") for each in found]


def actions_to_carry_out(session: Session, actor: Actor, now: datetime) -> list[Task]:
    """Tell an agency's representative what it is to accept, start and do, what is overdue first."""
    mine = visible_actions(actor).where(Action.state.in_(tuple(OF_OWNER)), Action.owner_id.in_(own_agencies(actor)))
    return [
        _of_action(action, OF_OWNER, now, due_at=end_of_london_day(action.due_on))
        for action in session.scalars(mine.order_by(Action.due_on, Action.id).limit(MOST))
    ]


def actions_to_check(session: Session, actor: Actor, now: datetime) -> list[Task]:
    """Tell the coordinator which actions are done, and what is to be checked or closed."""
    if not allowed(actor, Permission.ACTION_MANAGE):
        return []
    due = or_(Action.look_again_on.is_(None), Action.look_again_on <= london_day(now))
    done = visible_actions(actor).where(Action.state.in_(tuple(OF_COORDINATOR)), due)
    rows = session.scalars(done.order_by(Action.done_at, Action.id).limit(MOST))
    return [_of_action(action, OF_COORDINATOR, now) for action in rows]


def _of_recommendation(found: Recommendation, button: str) -> Task:
    return Task(
        title=f"Recommendation {found.reference}",
        endpoint="recommendations.show",
        values={"reference": found.reference},
        button=button,
        text=textwrap.shorten(found.words, 120, placeholder=" …"),
    )


def _of_action(
    action: Action, words: Mapping[ActionState, tuple[str, str, str]], now: datetime, *, due_at: datetime | None = None
) -> Task:
    why, button, endpoint = words[action.state]
    if action.blocked_at is not None:
        why, button, endpoint = f"Blocked: {action.blocked_reason}", "See what blocks it", "actions.show"
    return Task(
        title=f"Action {action.reference}: {textwrap.shorten(action.words, 80, placeholder=' …')}",
        endpoint=endpoint,
        values={"reference": action.reference},
        button=button,
        text=why,
        due_at=due_at,
        urgent=is_overdue(action, london_day(now)),
    )


def _cases_with(
    session: Session, actor: Actor, states: tuple[CaseState, ...], *tests: ColumnElement[bool]
) -> Counter[str]:
    """Count the learning points of this kind by the references of the cases the person reads."""
    cases = visible_cases(actor).where(ReviewCase.state.in_(states)).with_only_columns(ReviewCase.id)
    rows = (
        select(ReviewCase.reference)
        .join(LearningPoint, LearningPoint.case_id == ReviewCase.id)
        .where(ReviewCase.id.in_(cases), *tests)
    )
    return Counter(session.scalars(rows.order_by(LearningPoint.recorded_at, LearningPoint.id)))


def _of_cases(cases: Counter[str], one: str, several: str, what: str, button: str) -> list[Task]:
    return [
        Task(
            title=f"Case {reference}",
            endpoint="reviews.show",
            values={"reference": reference, "_anchor": "learning"},
            button=button,
            text=f"{plural(number, one, several)} {what}",
        )
        for reference, number in list(cases.items())[:MOST]
    ]
