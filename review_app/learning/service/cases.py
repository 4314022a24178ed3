"""What learning answers when a case is signed off, closed or destroyed."""

from collections.abc import Mapping
from datetime import datetime
from secrets import token_hex

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from review_app.accounts.queries import agencies_of
from review_app.audit.service import destroy_salt
from review_app.catalogue.queries.themes import all_themes
from review_app.filters import listing, plural
from review_app.learning.models import Action, LearningPoint, RecommendationPoint
from review_app.learning.queries.points import content_of, points_of
from review_app.learning.rules.states import ACTION_OPEN, PointState
from review_app.links.models import EvidenceLink
from review_app.reviews.events import CaseCloses, CaseDestroyed, CaseSigned, CaseSignsOff, SignedPart
from review_app.reviews.models import ReviewCase
from review_app.working_time import london_day, start_of_day

NOTHING_LEARNED = "Agree at least one learning point, or record why none was found."
DRAFTS_LEFT = "{count} not agreed yet. Agree or withdraw each of them first."
ACTIONS_OPEN = "Actions are still open: {references}. They are done first, or moved to the partnership’s log."


def objection_to_signing(session: Session, question: CaseSignsOff) -> str | None:
    """Say why a case may not be signed off as far as learning goes: nothing agreed, or something left undecided."""
    case = session.get_one(ReviewCase, question.case_id)
    states = [point.state for point in points_of(session, case.id)]
    drafts = states.count(PointState.DRAFT)
    if drafts:
        return DRAFTS_LEFT.format(count=plural(drafts, "learning point is", "learning points are"))
    if PointState.AGREED not in states and not case.no_learning:
        return NOTHING_LEARNED
    return None


def objection_to_closing(session: Session, question: CaseCloses) -> str | None:
    """Say which actions keep a case open: those that are open and were not moved to the Partnership's log."""
    found = open_actions_of(session, question.case_id)
    return ACTIONS_OPEN.format(references=listing(found)) if found else None


def open_actions_of(session: Session, case_id: int) -> list[str]:
    """Give the references of the actions that keep a case open, the first due first."""
    from_case = (
        select(RecommendationPoint.recommendation_id)
        .join(LearningPoint, LearningPoint.id == RecommendationPoint.point_id)
        .where(LearningPoint.case_id == case_id)
    )
    standing = select(Action.reference).where(
        Action.recommendation_id.in_(from_case), Action.state.in_(ACTION_OPEN), Action.transferred_at.is_(None)
    )
    return list(session.scalars(standing.order_by(Action.due_on, Action.id)))


def signed_learning(session: Session, question: CaseSigned) -> SignedPart:
    """Give the agreed learning of a case as it is signed."""
    case = session.get_one(ReviewCase, question.case_id)
    agreed = [(each.agreed_at, each) for each in points_of(session, case.id) if each.agreed_at is not None]
    standing = [(at, point) for at, point in agreed if point.state is PointState.AGREED]
    last = max((at for at, _point in standing), default=case.moved_at)
    themes = all_themes(session, case.partnership_id, now=last)
    agencies = {agency.id: agency.name for agency in agencies_of(session, case.partnership_id)}
    rows: list[Mapping[str, object]] = [
        {
            "reference": point.reference,
            "polarity": point.polarity.value,
            "statement": point.statement,
            "themes": [themes[each.theme_id].name for each in point.themes],
            "agencies": [agencies[each] for each in content_of(point).agency_ids if each in agencies],
            "agreed_at": at.isoformat(),
        }
        for at, point in standing
    ]
    return SignedPart(key="learning", content=rows)


def forget_case(session: Session, told: CaseDestroyed) -> None:
    """Erase what learning holds of a case. Agreed points with an approved wording stay, and belong to no case."""
    mark = token_hex(16)
    for point in points_of(session, told.case_id):
        destroy_salt(session, LearningPoint.__tablename__, point.reference)
        if point.state is PointState.AGREED and point.shareable:
            _part_from_case(point, mark)
        else:
            _delete(session, point)
    touching = select(LearningPoint.id).where(LearningPoint.case_mark == mark)
    session.flush()
    session.execute(delete(EvidenceLink).where(EvidenceLink.to_learning_point_id.in_(touching)))


def _part_from_case(point: LearningPoint, mark: str) -> None:
    """Leave polarity, themes, approved wording and the quarter; whose they were, who agreed and when is gone."""
    assert point.agreed_at is not None
    point.case_id, point.case_uuid, point.case_mark = None, None, mark
    point.statement_sealed = point.details_sealed = point.wording_sealed = point.reason_sealed = None
    point.recorded_by_id = point.worded_by_id = point.agreed_by_id = point.approved_by_id = point.meeting_id = None
    point.recorded_at = point.agreed_at = point.approved_at = _quarter_of(point.agreed_at)


def _delete(session: Session, point: LearningPoint) -> None:
    ends = or_(EvidenceLink.from_learning_point_id == point.id, EvidenceLink.to_learning_point_id == point.id)
    session.execute(delete(EvidenceLink).where(ends))
    session.execute(delete(RecommendationPoint).where(RecommendationPoint.point_id == point.id))
    session.delete(point)


def _quarter_of(at: datetime) -> datetime:
    """Give the first moment of the quarter an instant falls in."""
    day = london_day(at)
    return start_of_day(day.replace(month=3 * ((day.month - 1) // 3) + 1, day=1))
