"""The list of recommendations, and one of them with where it comes from, what was decided and what carries it out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from review_app.accounts.queries import people_names
from review_app.audit.queries import timeline
from review_app.learning.commands import RecommendationContent
from review_app.learning.models import Action, LearningPoint, Recommendation, RecommendationPoint
from review_app.learning.queries.narrowing import (
    agreed_points,
    get_recommendation,
    not_of_hidden_cases,
    reading_cases,
    visible_actions,
    visible_recommendations,
)
from review_app.learning.queries.themes import Recurrence, SharedPoint, recurrences, shared_by_reference
from review_app.learning.rules.states import (
    RECOMMENDATION_ENDED,
    RECOMMENDATION_WORKFLOW,
    Level,
    RecommendationAction,
    RecommendationState,
)
from review_app.policy import Actor, Permission, allowed
from review_app.reviews.models import ReviewCase
from review_app.sections import Happening

PER_PAGE = 25
ORDER = "those that wait for a decision first, then the newest"
STORY = {
    "draft": "Drafted",
    "edit_recommendation": "Changed",
    "propose_recommendation": "Proposed to the partnership",
    "accept_recommendation": "Accepted by the partnership",
    "decline_recommendation": "Declined by the partnership",
    "complete_recommendation": "Completed",
    "supersede_recommendation": "Put aside",
}
NEEDS = {
    RecommendationAction.EDIT: Permission.RECOMMENDATION_DRAFT,
    RecommendationAction.PROPOSE: Permission.RECOMMENDATION_DRAFT,
    RecommendationAction.ACCEPT: Permission.RECOMMENDATION_DECIDE,
    RecommendationAction.DECLINE: Permission.RECOMMENDATION_DECIDE,
    RecommendationAction.ADD_ACTION: Permission.ACTION_MANAGE,
    RecommendationAction.COMPLETE: Permission.RECOMMENDATION_DRAFT,
    RecommendationAction.SUPERSEDE: Permission.RECOMMENDATION_DRAFT,
}


@dataclass(frozen=True, kw_only=True)
class RecommendationFilter:
    """What a person narrows the list to."""

    state: RecommendationState | None = None
    level: Level | None = None


@dataclass(frozen=True, kw_only=True)
class RecommendationRow:
    """One recommendation as the list shows it."""

    reference: str
    words: str
    state: RecommendationState
    level: Level
    owner: str
    since: datetime
    actions: int


@dataclass(frozen=True, kw_only=True)
class RecommendationsPage:
    """One page of the list of recommendations."""

    rows: tuple[RecommendationRow, ...]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """Say how many pages there are; an empty list has one."""
        return max(1, -(-self.total // PER_PAGE))


@dataclass(frozen=True, kw_only=True)
class RecommendationView:
    """One recommendation as one person sees it. Its points are told by their shareable wording, or only counted."""

    row: Recommendation
    owner: str
    points: tuple[SharedPoint, ...]
    untold: int
    recurrences: tuple[Recurrence, ...]
    actions: tuple[Action, ...]
    decided_by: str
    replaced_by: str
    may: frozenset[RecommendationAction]
    happened: tuple[Happening, ...]


def recommendations(
    session: Session, actor: Actor, wanted: RecommendationFilter, *, page: int = 1
) -> RecommendationsPage:
    """Give one page of the recommendations the person may see."""
    found = visible_recommendations(actor)
    if wanted.state is not None:
        found = found.where(Recommendation.state == wanted.state)
    if wanted.level is not None:
        found = found.where(Recommendation.level == wanted.level)
    total = session.scalar(select(func.count()).select_from(found.subquery())) or 0
    page = min(max(1, page), max(1, -(-total // PER_PAGE)))
    waiting = case(
        (Recommendation.state == RecommendationState.PROPOSED, 0),
        (Recommendation.state.in_(RECOMMENDATION_ENDED), 2),
        else_=1,
    )
    ordered = found.order_by(waiting, Recommendation.drafted_at.desc(), Recommendation.id.desc())
    shown = ordered.options(joinedload(Recommendation.owner)).limit(PER_PAGE).offset((page - 1) * PER_PAGE)
    rows = session.scalars(shown).all()
    return RecommendationsPage(rows=_rows(session, actor, rows), total=total, page=page)


def _rows(session: Session, actor: Actor, rows: Sequence[Recommendation]) -> tuple[RecommendationRow, ...]:
    mine = visible_actions(actor).with_only_columns(Action.id)
    counted = (
        select(Action.recommendation_id, func.count())
        .where(Action.recommendation_id.in_([row.id for row in rows]), Action.id.in_(mine))
        .group_by(Action.recommendation_id)
    )
    counts = {key: number for key, number in session.execute(counted) if key is not None}
    return tuple(
        RecommendationRow(
            reference=row.reference,
            words=row.words,
            state=row.state,
            level=row.level,
            owner=owner_of(row),
            since=row.proposed_at or row.drafted_at,
            actions=counts.get(row.id, 0),
        )
        for row in rows
    )


def owner_of(row: Recommendation) -> str:
    """Give who owns a recommendation."""
    return row.owner.name if row.owner is not None else row.owner_words


def recommendation_view(session: Session, actor: Actor, reference: str, *, now: datetime) -> RecommendationView:
    """Give one recommendation as the person sees it. Raises NotVisible."""
    row = get_recommendation(session, actor, reference)
    points = points_behind(session, actor, row)
    told = shared_by_reference(session, actor, points)
    themes = [each.theme_id for point in points for each in point.themes]
    actions = visible_actions(actor).where(Action.recommendation_id == row.id).options(joinedload(Action.owner))
    names = people_names(session, {row.decided_by_id or 0})
    return RecommendationView(
        row=row,
        owner=owner_of(row),
        points=tuple(told[point.reference] for point in points if point.reference in told),
        untold=_untold(session, actor, points, told),
        recurrences=tuple(recurrences(session, actor, themes, since=None, now=now)),
        actions=tuple(session.scalars(actions.order_by(Action.due_on, Action.id))),
        decided_by=names.get(row.decided_by_id or 0, ""),
        replaced_by=_replaced_by(session, actor, row),
        may=frozenset(each for each in RECOMMENDATION_WORKFLOW.actions_from(row.state) if allowed(actor, NEEDS[each])),
        happened=tuple(_story(session, row)),
    )


def points_behind(session: Session, actor: Actor, row: Recommendation) -> list[LearningPoint]:
    """Give the learning points a recommendation is drawn from, but none of a case that is hidden from the person.

    Whoever asks narrows what is told of them.
    """
    drawn = (
        select(LearningPoint)
        .join(RecommendationPoint, RecommendationPoint.point_id == LearningPoint.id)
        .where(RecommendationPoint.recommendation_id == row.id, not_of_hidden_cases(actor))
        .options(selectinload(LearningPoint.themes))
    )
    return list(session.scalars(drawn.order_by(LearningPoint.id)))


def _untold(session: Session, actor: Actor, points: Sequence[LearningPoint], told: dict[str, SharedPoint]) -> int:
    """Count the points of which only that they are there may be told; those of hidden cases are not counted."""
    ids = agreed_points(actor).where(LearningPoint.id.in_([each.id for each in points]))
    counted = session.scalars(ids.with_only_columns(LearningPoint.reference)).all()
    return len([reference for reference in counted if reference not in told])


def _replaced_by(session: Session, actor: Actor, row: Recommendation) -> str:
    if row.superseded_by_id is None:
        return ""
    seen = visible_recommendations(actor).where(Recommendation.id == row.superseded_by_id)
    return session.scalar(seen.with_only_columns(Recommendation.reference)) or ""


def _story(session: Session, row: Recommendation) -> list[Happening]:
    told = [each for each in timeline(session, "recommendation", row.reference) if each.verb in STORY]
    names = people_names(session, {each.actor_id for each in told if each.actor_id is not None})
    notes = {"accept_recommendation": row.decision_reason, "decline_recommendation": row.decision_reason}
    notes |= {"complete_recommendation": row.end_reason, "supersede_recommendation": row.end_reason}
    return [
        Happening(
            at=each.at, what=STORY[each.verb], who=names.get(each.actor_id or 0, ""), note=notes.get(each.verb, "")
        )
        for each in told
    ]


def content_of(row: Recommendation) -> RecommendationContent:
    """Give what a recommendation says as it was typed."""
    return RecommendationContent(
        words=row.words,
        level=row.level,
        owner_id=row.owner_id,
        owner_words=row.owner_words,
        expected_effect=row.expected_effect,
        monitoring=row.monitoring,
        points=tuple(sorted(each.point.reference for each in row.points)),
    )


def saved_recommendation(
    session: Session, actor: Actor, reference: str
) -> tuple[RecommendationContent, int, list[tuple[str, str]]]:
    """Give what a recommendation says as it was typed, its version, and its points by what may be told of them."""
    row = get_recommendation(session, actor, reference)
    behind = points_behind(session, actor, row)
    told = shared_by_reference(session, actor, behind)
    content = seen_content(content_of(row), behind)
    points = [(each, told[each].words if each in told else "no wording for sharing yet") for each in content.points]
    return content, row.version, points


def seen_content(content: RecommendationContent, behind: Sequence[LearningPoint]) -> RecommendationContent:
    """Give what a recommendation says without the points that are not among those behind it for this person."""
    seen = {point.reference for point in behind}
    return replace(content, points=tuple(each for each in content.points if each in seen))


def point_choices(session: Session, actor: Actor, reference: str, *, now: datetime) -> list[tuple[str, str]]:
    """Give the agreed points of a case, by their words, to somebody who reads them."""
    readable = reading_cases(session, actor, now=now).where(ReviewCase.reference == reference)
    found = agreed_points(actor).where(LearningPoint.case_id.in_(readable.with_only_columns(ReviewCase.id)))
    return [
        (point.reference, point.statement)
        for point in session.scalars(found.order_by(LearningPoint.recorded_at, LearningPoint.id))
    ]
