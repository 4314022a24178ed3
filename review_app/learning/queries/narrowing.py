"""Who may know of which learning point, recommendation and action. Recusal wins over each of them.

What a point says is content of its case. Agreed points are otherwise known by their shareable wording. Recommendations
and actions hold nothing of a case; one that comes only from cases in which the person declared a conflict that hides
them is not there for that person either.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, exists, false, not_, or_, select, union_all
from sqlalchemy.orm import Session

from review_app.audit.events import AuditHides
from review_app.errors import NotVisible
from review_app.learning.models import Action, LearningPoint, Recommendation, RecommendationPoint
from review_app.learning.rules.states import PointState, RecommendationState
from review_app.policy import Actor, Permission, allowed, qualifying
from review_app.reviews.models import ReviewCase
from review_app.reviews.queries import pack_cases, readable_since, recording_cases, recused, visible_cases

NO_POINT = "We cannot find that learning point."
NO_RECOMMENDATION = "We cannot find that recommendation. Check the reference, or look for it in the list."
NO_ACTION = "We cannot find that action. Check the reference, or look for it in the list of actions."


def reading_cases(session: Session, actor: Actor, *, now: datetime) -> Select[ReviewCase]:
    """Narrow to the cases whose learning points the person may read whole: as content, or in the pack of a sitting."""
    content = visible_cases(actor).with_only_columns(ReviewCase.id)
    since = readable_since(session, actor.partnership_id, now=now)
    pack = pack_cases(actor, since=since).with_only_columns(ReviewCase.id)
    return select(ReviewCase).where(or_(ReviewCase.id.in_(content), ReviewCase.id.in_(pack)))


def cases_to_record(session: Session, actor: Actor, *, now: datetime) -> Select[ReviewCase]:
    """Narrow to the cases for which the person may record learning: as coordinator, chair, deputy or scribe."""
    return recording_cases(actor, since=readable_since(session, actor.partnership_id, now=now))


def get_reading_case(session: Session, actor: Actor, reference: str, *, now: datetime) -> ReviewCase:
    """Give a case whose learning points the person may read whole. Raises NotVisible."""
    case = session.scalar(reading_cases(session, actor, now=now).where(ReviewCase.reference == reference))
    if case is None:
        raise NotVisible(NO_POINT, reference=reference)
    return case


def get_point(session: Session, case: ReviewCase, reference: str, *, lock: bool = False) -> LearningPoint:
    """Give a learning point of a case that was narrowed to, held as it is now if asked. Raises NotVisible."""
    found = select(LearningPoint).where(LearningPoint.case_id == case.id, LearningPoint.reference == reference)
    held = found.with_for_update(of=LearningPoint).execution_options(populate_existing=True)
    point = session.scalar(held if lock else found)
    if point is None:
        raise NotVisible(NO_POINT, reference=case.reference)
    return point


def visible_points(session: Session, actor: Actor, *, now: datetime) -> Select[LearningPoint]:
    """Narrow to the learning points of which the person may know: those they read whole, and agreed ones.

    Some know an agreed point only once its wording for sharing is approved. The caller states the order.
    """
    read = reading_cases(session, actor, now=now).with_only_columns(ReviewCase.id)
    tests: list[ColumnElement[bool]] = [LearningPoint.case_id.in_(read)]
    agreed = LearningPoint.id.in_(agreed_points(actor).with_only_columns(LearningPoint.id))
    if allowed(actor, Permission.LEARNING_SEE):
        tests.append(agreed)
    if allowed(actor, Permission.LEARNING_SEE_APPROVED):
        tests.append(and_(agreed, LearningPoint.approved_at.is_not(None)))
    return select(LearningPoint).where(LearningPoint.partnership_id == actor.partnership_id, or_(*tests))


def agreed_points(actor: Actor) -> Select[LearningPoint]:
    """Narrow to the agreed points that count for this person: those of cases hidden from them do not."""
    return select(LearningPoint).where(
        LearningPoint.partnership_id == actor.partnership_id,
        LearningPoint.state == PointState.AGREED,
        not_of_hidden_cases(actor),
    )


def not_of_hidden_cases(actor: Actor) -> ColumnElement[bool]:
    """Match the learning points of cases that no declared conflict hides from this person, and of destroyed ones."""
    hidden = select(ReviewCase.id).where(recused(actor))
    return or_(LearningPoint.case_id.is_(None), LearningPoint.case_id.not_in(hidden))


def visible_recommendations(actor: Actor) -> Select[Recommendation]:
    """Narrow to the recommendations the person may see; the caller states the order.

    Drafts are for those who draft, and an agency sees those it is to carry out or that lead to its own actions.
    """
    tests: list[ColumnElement[bool]] = []
    if allowed(actor, Permission.RECOMMENDATION_SEE):
        drafts = allowed(actor, Permission.RECOMMENDATION_DRAFT)
        tests.append(Recommendation.id > 0 if drafts else Recommendation.state != RecommendationState.DRAFT)
    mine = own_agencies(actor)
    if mine:
        own = exists().where(Action.recommendation_id == Recommendation.id, Action.owner_id.in_(mine))
        theirs = or_(own, Recommendation.owner_id.in_(mine))
        tests.append(and_(theirs, Recommendation.state != RecommendationState.DRAFT))
    return select(Recommendation).where(
        Recommendation.partnership_id == actor.partnership_id, or_(false(), *tests), not_(only_of_hidden_cases(actor))
    )


def visible_actions(actor: Actor) -> Select[Action]:
    """Narrow to the actions the person may see: all of them, or those that their agency owns.

    The caller states the order.
    """
    tests: list[ColumnElement[bool]] = []
    if allowed(actor, Permission.ACTION_SEE):
        tests.append(Action.id > 0)
    mine = own_agencies(actor)
    if mine:
        tests.append(Action.owner_id.in_(mine))
    return counted_actions(actor).where(or_(false(), *tests))


def counted_actions(actor: Actor) -> Select[Action]:
    """Narrow to the actions that count for this person, whoever owns them."""
    hidden = select(Recommendation.id).where(only_of_hidden_cases(actor))
    return select(Action).where(
        Action.partnership_id == actor.partnership_id,
        or_(Action.recommendation_id.is_(None), Action.recommendation_id.not_in(hidden)),
    )


def own_agencies(actor: Actor) -> frozenset[int]:
    """Give the agencies for which the person represents owners of actions."""
    held = qualifying(actor, Permission.ACTION_SEE_AGENCY)
    return frozenset(each.agency_id for each in held if each.agency_id is not None)


def only_of_hidden_cases(actor: Actor) -> ColumnElement[bool]:
    """Match the recommendations whose learning points are all of cases that are hidden from this person."""
    hidden = select(ReviewCase.id).where(recused(actor))
    of = exists().where(
        RecommendationPoint.recommendation_id == Recommendation.id, LearningPoint.id == RecommendationPoint.point_id
    )
    elsewhere = or_(LearningPoint.case_id.is_(None), LearningPoint.case_id.not_in(hidden))
    return and_(of.where(LearningPoint.case_id.in_(hidden)), not_(of.where(elsewhere)))


def references_hidden(_session: Session, asked: AuditHides) -> Select[str]:
    """Select the references under which the audit names what came only of cases that are hidden from this reader."""
    cases = select(ReviewCase.id).where(recused(asked.reader))
    recommendations = select(Recommendation.id).where(only_of_hidden_cases(asked.reader))
    named = union_all(
        select(LearningPoint.reference).where(LearningPoint.case_id.in_(cases)),
        select(Recommendation.reference).where(Recommendation.id.in_(recommendations)),
        select(Action.reference).where(Action.recommendation_id.in_(recommendations)),
    ).subquery()
    return select(named.c.reference)


def get_recommendation(session: Session, actor: Actor, reference: str) -> Recommendation:
    """Give a recommendation the person may see. Raises NotVisible."""
    found = session.scalar(visible_recommendations(actor).where(Recommendation.reference == reference))
    if found is None:
        raise NotVisible(NO_RECOMMENDATION, reference=reference)
    return found


def get_locked_recommendation(session: Session, actor: Actor, reference: str) -> Recommendation:
    """Give such a recommendation and hold it until the transaction ends, as it is now. Raises NotVisible."""
    here = (Recommendation.partnership_id == actor.partnership_id, Recommendation.reference == reference)
    session.execute(select(Recommendation.id).where(*here).with_for_update())
    found = visible_recommendations(actor).where(Recommendation.reference == reference)
    recommendation = session.scalar(found.execution_options(populate_existing=True))
    if recommendation is None:
        raise NotVisible(NO_RECOMMENDATION, reference=reference)
    return recommendation


def get_action(session: Session, actor: Actor, reference: str) -> Action:
    """Give an action the person may see. Raises NotVisible."""
    found = session.scalar(visible_actions(actor).where(Action.reference == reference))
    if found is None:
        raise NotVisible(NO_ACTION, reference=reference)
    return found


def get_locked_action(session: Session, actor: Actor, reference: str) -> Action:
    """Give such an action and hold it until the transaction ends, as it is now. Raises NotVisible."""
    here = (Action.partnership_id == actor.partnership_id, Action.reference == reference)
    session.execute(select(Action.id).where(*here).with_for_update())
    found = visible_actions(actor).where(Action.reference == reference)
    action = session.scalar(found.execution_options(populate_existing=True))
    if action is None:
        raise NotVisible(NO_ACTION, reference=reference)
    return action
