"""What came of the demo's reviews: recommendations and actions in every state, owned by its agencies."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from review_app.demo.reviews import COORDINATOR, Reviewer
from review_app.learning.commands import (
    AcceptAction,
    AcceptRecommendation,
    BlockAction,
    CheckImpact,
    CloseAction,
    CompleteRecommendation,
    DeclineRecommendation,
    DraftRecommendation,
    Evidence,
    MarkActionDone,
    ProposeAction,
    ProposeRecommendation,
    RecommendationContent,
    RefuseAction,
    StartAction,
    SupersedeRecommendation,
)
from review_app.learning.models import Action, LearningPoint, Recommendation
from review_app.learning.rules.states import ActionState, Level, RecommendationState, Recurred, Strength
from review_app.learning.service import actions, recommendations

R, A = RecommendationState, ActionState


@dataclass(frozen=True, kw_only=True)
class Advice:
    """One recommendation: what it says, at which level, what became of it, and which lesson it is drawn from."""

    words: str
    lesson: str
    level: Level
    state: RecommendationState
    effect: str
    monitoring: str
    owner: str = "treatment"


@dataclass(frozen=True, kw_only=True)
class Task:
    """One action that carries out a recommendation, and how far it has come."""

    words: str
    owner: str
    strength: Strength
    state: ActionState
    due_in: int


ADVICE = (
    Advice(words="Agree one assessment of risk that every agency uses and looks at again after an overdose.",
           lesson="old assessment", level=Level.PARTNERSHIP, state=R.ACCEPTED,
           effect="Nobody’s assessment is older than the last overdose they survived.",
           monitoring="A sample of twenty records each quarter."),
    Advice(words="Write down every contact the same day, and say in it who holds the current plan.",
           lesson="two records", level=Level.SERVICE, state=R.ACCEPTED,
           effect="A colleague who opens the record knows what was agreed.", owner="housing",
           monitoring="Ten records of each team are read each month."),
    Advice(words="Ask about drinking at every attendance, and offer help on the spot.", lesson="never asked",
           level=Level.SERVICE, state=R.PROPOSED, effect="Help begins years sooner.", owner="hospital",
           monitoring="The share of attendances with a recorded score."),
    Advice(words="Keep the weekly meeting of housing, treatment and hospital, and pay for its co-ordinator.",
           lesson="weekly meeting", level=Level.COMMISSIONING, state=R.PROPOSED,
           effect="People who stop coming are missed within a week.", owner="public_health",
           monitoring="The number of meetings, and of people talked about."),
    Advice(words="Let every hostel have a visiting nurse once a week.", lesson="whole health",
           level=Level.COMMISSIONING, state=R.DECLINED, effect="Illness is found before it is an emergency.",
           owner="public_health", monitoring="Visits made."),
    Advice(words="Give outreach a phone that people can ring until midnight.", lesson="doorstep",
           level=Level.PRACTICE, state=R.COMPLETED, effect="People ring before it is too late.",
           monitoring="Calls taken after six."),
    Advice(words="Train staff in one afternoon about records.", lesson="no record", level=Level.PRACTICE,
           state=R.SUPERSEDED, effect="Fewer gaps.", owner="housing", monitoring="Attendance."),
    Advice(words="Use one set of questions about alcohol in all agencies.", lesson="two scales",
           level=Level.PARTNERSHIP, state=R.DRAFT, effect="Scores can be compared.", owner="public_health",
           monitoring="The annual audit."),
)  # fmt: skip
FOR_ASSESSMENT = (
    Task(words="Write the shared assessment with all agencies and people who have been assessed.", owner="treatment",
         strength=Strength.STRONG, state=A.IN_PROGRESS, due_in=-2),
    Task(words="Build the shared assessment into the housing record.", owner="housing", strength=Strength.STRONG,
         state=A.ACCEPTED, due_in=60),
    Task(words="Bring the shared assessment into the emergency department.", owner="hospital",
         strength=Strength.MEDIUM, state=A.PROPOSED, due_in=75),
)  # fmt: skip
FOR_RECORDS = (
    Task(words="Print the name of who holds the plan at the top of every housing record.", owner="housing",
         strength=Strength.STRONG, state=A.CLOSED, due_in=-4),
    Task(words="Read ten records of each team every month and tell the team what was found.", owner="treatment",
         strength=Strength.MEDIUM, state=A.DONE, due_in=5),
    Task(words="Send a reminder about record keeping to custody staff.", owner="police", strength=Strength.WEAK,
         state=A.NOT_ACCEPTED, due_in=-8),
    Task(words="Let custody write welfare contacts into the shared record.", owner="police",
         strength=Strength.STRONG, state=A.PROPOSED, due_in=30),
    Task(words="Ask every housing officer to write contacts down before leaving the building.", owner="housing",
         strength=Strength.MEDIUM, state=A.IMPACT_CHECKED, due_in=-3),
    Task(words="Give the night shelter a tablet to write on.", owner="housing", strength=Strength.MEDIUM,
         state=A.PROPOSED, due_in=20),
)  # fmt: skip


def advise(reviewer: Reviewer, advice: Advice, points: Sequence[LearningPoint], *, days: float) -> Recommendation:
    """Draw a recommendation from points and bring it to where it stands."""
    coordinator, at = reviewer.actor(COORDINATOR), reviewer.ago(days)
    content = RecommendationContent(
        words=advice.words,
        level=advice.level,
        owner_id=reviewer.place.agencies[advice.owner].id,
        owner_words="",
        expected_effect=advice.effect,
        monitoring=advice.monitoring,
        points=tuple(point.reference for point in points),
    )
    drafting, session = DraftRecommendation(content=content), reviewer.session
    made = recommendations.draft_recommendation(session, coordinator, drafting, now=at)
    session.flush()
    if advice.state is R.SUPERSEDED:
        aside = SupersedeRecommendation(
            reference=made.reference, reason="A rule that stays works better than training."
        )
        recommendations.supersede_recommendation(session, coordinator, aside, now=reviewer.ago(days - 3))
    elif advice.state is not R.DRAFT:
        proposing = ProposeRecommendation(reference=made.reference, version=made.version)
        recommendations.propose_recommendation(session, coordinator, proposing, now=reviewer.ago(days - 1))
        _settle(reviewer, made, advice.state, days=days - 5)
    session.flush()
    return made


def _settle(reviewer: Reviewer, made: Recommendation, state: RecommendationState, *, days: float) -> None:
    session, at, reference = reviewer.session, reviewer.ago(days), made.reference
    if state is R.DECLINED:
        declining = DeclineRecommendation(reference=reference, reason="There is no money for it before next year.")
        recommendations.decline_recommendation(session, reviewer.actor("sro"), declining, now=at)
    if state in (R.ACCEPTED, R.COMPLETED):
        accepting = AcceptRecommendation(reference=reference, reason="The partnership board agreed to pay for it.")
        recommendations.accept_recommendation(session, reviewer.actor("sro"), accepting, now=at)
    if state is R.COMPLETED:
        done = CompleteRecommendation(reference=reference, reason="The phone is answered until midnight.")
        recommendations.complete_recommendation(session, reviewer.actor(COORDINATOR), done, now=at)


def carry_out(reviewer: Reviewer, recommendation: Recommendation, task: Task, *, days: float) -> Action:
    """Ask an agency to carry out a recommendation, and let it come as far as it has."""
    session, coordinator, at = reviewer.session, reviewer.actor(COORDINATOR), reviewer.ago(days)
    proposing = ProposeAction(
        recommendation=recommendation.reference,
        words=task.words,
        owner_id=reviewer.place.agencies[task.owner].id,
        strength=task.strength,
        due_on=(reviewer.now + timedelta(days=task.due_in)).date(),
    )
    made = actions.propose_action(session, coordinator, proposing, now=at)
    session.flush()
    _do(reviewer, made, task, days=days)
    return made


def _do(reviewer: Reviewer, made: Action, task: Task, *, days: float) -> None:
    session, owner, reference = reviewer.session, reviewer.actor(f"{task.owner}.rep"), made.reference
    order = (A.ACCEPTED, A.IN_PROGRESS, A.DONE, A.IMPACT_CHECKED, A.CLOSED)
    far = order.index(task.state) if task.state in order else -1
    if task.state is A.NOT_ACCEPTED:
        refusing = RefuseAction(reference=reference, reason="Reminders have not helped. We propose another action.")
        actions.refuse_action(session, owner, refusing, now=reviewer.ago(days - 2))
    if far >= 0:
        actions.accept_action(session, owner, AcceptAction(reference=reference), now=reviewer.ago(days - 2))
    if far >= 1:
        actions.start_action(session, owner, StartAction(reference=reference), now=reviewer.ago(days - 4))
    if far >= 2:
        evidence = Evidence(words="It has been in use in every team for a month.", kept_where="Team folder, invented")
        done = MarkActionDone(reference=reference, evidence=evidence)
        actions.mark_action_done(session, owner, done, now=reviewer.ago(days - 12))
    if far >= 3:
        checking = CheckImpact(reference=reference, recurred=Recurred.NO, impact="No later review has found it again.")
        actions.check_impact(session, reviewer.actor(COORDINATOR), checking, now=reviewer.ago(days - 18))
    if far >= 4:
        actions.close_action(
            session, reviewer.actor(COORDINATOR), CloseAction(reference=reference), now=reviewer.ago(days - 19)
        )
    session.flush()


def block(reviewer: Reviewer, action: Action, reason: str, *, days: float) -> None:
    """Say that an action cannot go on for now."""
    command = BlockAction(reference=action.reference, reason=reason)
    actions.block_action(reviewer.session, reviewer.actor("housing.rep"), command, now=reviewer.ago(days))
