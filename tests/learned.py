"""Invented learning for tests: points, recommendations and actions, each brought to a state by the real services.

case = reviewing.make_case(session, here, now=now, state=CaseState.IN_PANEL)
point = learned.make_point(session, here, case, now=now)                              a draft
point = learned.agreed_point(session, here, case, now=now, themes=(1, 8))             agreed, by numbers of themes
point = learned.told_point(session, here, case, now=now)                              with an approved wording
recommendation = learned.make_recommendation(session, here, [point], now=now)         a draft
action = learned.make_action(session, here, recommendation, now=now)                  proposed to housing
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from review_app.catalogue.models import LearningTheme
from review_app.learning.commands import (
    AcceptAction,
    AcceptRecommendation,
    AgreePoint,
    ApproveWording,
    CheckImpact,
    CloseAction,
    CompleteRecommendation,
    DeclineRecommendation,
    DraftRecommendation,
    Evidence,
    MarkActionDone,
    PointContent,
    ProposeAction,
    ProposeRecommendation,
    RecommendationContent,
    RecordPoint,
    RefuseAction,
    StartAction,
    SupersedeRecommendation,
    WithdrawPoint,
)
from review_app.learning.models import Action, LearningPoint, Recommendation
from review_app.learning.rules.states import (
    ActionState,
    Level,
    PointState,
    Polarity,
    RecommendationState,
    Recurred,
    Strength,
)
from review_app.learning.service import actions, points, recommendations
from review_app.reviews.models import ReviewCase
from tests.factories import Place

WORDING = "Services that meet together know sooner when somebody stops coming."


def theme_ids(session: Session, *numbers: int) -> tuple[int, ...]:
    """Give the ids of shipped themes by their numbers."""
    found = {theme.number: theme.id for theme in session.scalars(select(LearningTheme))}
    return tuple(found[number] for number in numbers)


def content(
    session: Session,
    *,
    statement: str = "Housing and treatment met every week about the person.",
    polarity: Polarity = Polarity.GOOD_PRACTICE,
    themes: Sequence[int] = (1,),
) -> PointContent:
    """Give what a learning point says."""
    return PointContent(statement=statement, polarity=polarity, theme_ids=theme_ids(session, *themes))


def make_point(
    session: Session,
    place: Place,
    case: ReviewCase,
    *,
    now: datetime,
    by: str = "review.coordinator",
    wording: str = "",
    **said: object,
) -> LearningPoint:
    """Add a draft to a case."""
    command = RecordPoint(
        reference=case.reference,
        content=content(session, **said),  # type: ignore[arg-type]
        wording=wording,
    )
    return points.record_point(session, place.actor(by), command, now=now)


def agreed_point(
    session: Session, place: Place, case: ReviewCase, *, now: datetime, by: str = "review.chair", **said: object
) -> LearningPoint:
    """Add a learning point and agree it."""
    point = make_point(session, place, case, now=now, **said)  # type: ignore[arg-type]
    session.flush()
    command = AgreePoint(reference=case.reference, point=point.reference, version=point.version)
    return points.agree_point(session, place.actor(by), command, now=now)


def told_point(
    session: Session, place: Place, case: ReviewCase, *, now: datetime, wording: str = WORDING, **said: object
) -> LearningPoint:
    """Add a learning point, agree it, and approve its wording."""
    point = agreed_point(session, place, case, now=now, wording=wording, **said)  # type: ignore[arg-type]
    session.flush()
    command = ApproveWording(reference=case.reference, point=point.reference, version=point.version)
    return points.approve_wording(session, place.actor("review.chair"), command, now=now)


def point_in(
    session: Session, place: Place, case: ReviewCase, state: PointState, *, now: datetime, **said: object
) -> LearningPoint:
    """Bring a learning point to a state."""
    if state is PointState.AGREED:
        return agreed_point(session, place, case, now=now, **said)  # type: ignore[arg-type]
    point = make_point(session, place, case, now=now, **said)  # type: ignore[arg-type]
    if state is PointState.WITHDRAWN:
        command = WithdrawPoint(reference=case.reference, point=point.reference, reason="It was said twice.")
        points.withdraw_point(session, place.actor("review.coordinator"), command, now=now)
    return point


def recommendation_content(
    place: Place, references: Sequence[str], *, words: str = "Meet every week about people at risk."
) -> RecommendationContent:
    """Give what a recommendation says; housing owns it."""
    return RecommendationContent(
        words=words,
        level=Level.SERVICE,
        owner_id=place.agencies["housing"].id,
        owner_words="",
        expected_effect="People who stop coming are missed within a week.",
        monitoring="The coordinator counts the meetings every quarter.",
        points=tuple(references),
    )


def make_recommendation(
    session: Session,
    place: Place,
    drawn_from: Sequence[LearningPoint],
    *,
    now: datetime,
    state: RecommendationState = RecommendationState.DRAFT,
    words: str = "Meet every week about people at risk.",
) -> Recommendation:
    """Draw a recommendation from points and bring it to a state."""
    coordinator, sro = place.actor("review.coordinator"), place.actor("sro")
    given = recommendation_content(place, [point.reference for point in drawn_from], words=words)
    made = recommendations.draft_recommendation(session, coordinator, DraftRecommendation(content=given), now=now)
    session.flush()
    reference, r = made.reference, RecommendationState
    if state in (r.PROPOSED, r.ACCEPTED, r.DECLINED, r.COMPLETED):
        command = ProposeRecommendation(reference=reference, version=made.version)
        recommendations.propose_recommendation(session, coordinator, command, now=now)
    if state in (r.ACCEPTED, r.COMPLETED):
        accepting = AcceptRecommendation(reference=reference, reason="The board agreed to it.")
        recommendations.accept_recommendation(session, sro, accepting, now=now)
    if state is r.DECLINED:
        declined = DeclineRecommendation(reference=reference, reason="It is under way already.")
        recommendations.decline_recommendation(session, sro, declined, now=now)
    if state is r.COMPLETED:
        completed = CompleteRecommendation(reference=reference, reason="The meetings are held.")
        recommendations.complete_recommendation(session, coordinator, completed, now=now)
    if state is r.SUPERSEDED:
        aside = SupersedeRecommendation(reference=reference, reason="Another says it better.")
        recommendations.supersede_recommendation(session, coordinator, aside, now=now)
    session.flush()
    return made


def make_action(
    session: Session,
    place: Place,
    recommendation: Recommendation,
    *,
    now: datetime,
    state: ActionState = ActionState.PROPOSED,
    owner: str = "housing",
    words: str = "Hold the weekly meeting.",
    due_on: date | None = None,
) -> Action:
    """Propose an action to an agency and bring it to a state, by its representative where there is one."""
    coordinator = place.actor("review.coordinator")
    doer = place.actors.get(f"{owner}.rep", coordinator)
    made = actions.propose_action(
        session,
        coordinator,
        ProposeAction(
            recommendation=recommendation.reference,
            words=words,
            owner_id=place.agencies[owner].id,
            strength=Strength.STRONG,
            due_on=due_on or (now + timedelta(days=60)).date(),
        ),
        now=now,
    )
    reference, a = made.reference, ActionState
    if state is a.NOT_ACCEPTED:
        refused = RefuseAction(reference=reference, reason="We do not run this service.")
        actions.refuse_action(session, doer, refused, now=now)
    if state in (a.ACCEPTED, a.IN_PROGRESS, a.DONE, a.IMPACT_CHECKED, a.CLOSED):
        actions.accept_action(session, doer, AcceptAction(reference=reference), now=now)
    if state in (a.IN_PROGRESS, a.DONE, a.IMPACT_CHECKED, a.CLOSED):
        actions.start_action(session, doer, StartAction(reference=reference), now=now)
    if state in (a.DONE, a.IMPACT_CHECKED, a.CLOSED):
        evidence = Evidence(words="Twelve meetings were held.", kept_where="Minutes of the meeting")
        actions.mark_action_done(session, doer, MarkActionDone(reference=reference, evidence=evidence), now=now)
    if state in (a.IMPACT_CHECKED, a.CLOSED):
        checked = CheckImpact(reference=reference, recurred=Recurred.NO, impact="Nobody was missed.")
        actions.check_impact(session, coordinator, checked, now=now)
    if state is a.CLOSED:
        actions.close_action(session, coordinator, CloseAction(reference=reference), now=now)
    session.flush()
    return made
