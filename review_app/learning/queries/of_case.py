"""What learning adds to a case's page: its learning points, and the recommendations and actions that came of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from review_app.accounts.queries import people_names
from review_app.learning.models import Action, LearningPoint, Recommendation, RecommendationPoint
from review_app.learning.queries.narrowing import visible_actions, visible_recommendations
from review_app.learning.queries.points import points_of
from review_app.learning.queries.recommendations import owner_of
from review_app.learning.rules.states import PointState, RecommendationState
from review_app.policy import Actor, Permission, allowed
from review_app.reviews.models import ReviewCase
from review_app.reviews.rules.states import CaseState
from review_app.sections import Happening


@dataclass(frozen=True, kw_only=True)
class DrawnRecommendation:
    """A recommendation that came of a case, with the actions that carry it out."""

    reference: str
    words: str
    state: RecommendationState
    owner: str
    actions: tuple[Action, ...]


@dataclass(frozen=True, kw_only=True)
class CaseOutcome:
    """What came of the learning of one case."""

    reference: str
    state: CaseState
    recommendations: tuple[DrawnRecommendation, ...]
    agreed: int
    may_draft: bool

    @property
    def actions(self) -> list[Action]:
        """Give every action, each once."""
        return list({each.id: each for drawn in self.recommendations for each in drawn.actions}.values())


def outcome_of(session: Session, actor: Actor, case_id: int) -> CaseOutcome:
    """Give what came of a case's learning, to somebody who has been let read the case."""
    case = session.get_one(ReviewCase, case_id)
    from_case = (
        select(RecommendationPoint.recommendation_id)
        .join(LearningPoint, LearningPoint.id == RecommendationPoint.point_id)
        .where(LearningPoint.case_id == case_id)
    )
    drawn = visible_recommendations(actor).where(Recommendation.id.in_(from_case))
    rows = session.scalars(drawn.options(joinedload(Recommendation.owner)).order_by(Recommendation.id)).all()
    actions = visible_actions(actor).where(Action.recommendation_id.in_([row.id for row in rows]))
    found = session.scalars(actions.options(joinedload(Action.owner)).order_by(Action.due_on, Action.id)).all()
    agreed = select(LearningPoint.id).where(LearningPoint.case_id == case_id, LearningPoint.state == PointState.AGREED)
    return CaseOutcome(
        reference=case.reference,
        state=case.state,
        recommendations=tuple(
            DrawnRecommendation(
                reference=row.reference,
                words=row.words,
                state=row.state,
                owner=owner_of(row),
                actions=tuple(each for each in found if each.recommendation_id == row.id),
            )
            for row in rows
        ),
        agreed=len(session.scalars(agreed).all()),
        may_draft=allowed(actor, Permission.RECOMMENDATION_DRAFT),
    )


def story_of(session: Session, case_id: int) -> Sequence[Happening]:
    """Tell when learning points of a case were added, agreed and withdrawn."""
    points = points_of(session, case_id)
    numbers = {number for each in points for number in (each.recorded_by_id, each.agreed_by_id) if number is not None}
    names = people_names(session, numbers)
    told = []
    for each in points:
        who = names.get(each.recorded_by_id or 0, "")
        told.append(Happening(at=each.recorded_at, what=f"Learning point {each.reference} was added", who=who))
        if each.agreed_at is not None:
            who = names.get(each.agreed_by_id or 0, "")
            told.append(Happening(at=each.agreed_at, what=f"Learning point {each.reference} was agreed", who=who))
        if each.withdrawn_at is not None:
            what = f"Learning point {each.reference} was withdrawn"
            told.append(Happening(at=each.withdrawn_at, what=what, note=each.reason))
    return told
