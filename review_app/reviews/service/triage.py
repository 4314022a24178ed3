"""Taking a case on, deciding on its inclusion, and taking it up again."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from review_app.audit.service import record
from review_app.catalogue.rules import ClockKey
from review_app.catalogue.service import cancel_clocks, stop_clock
from review_app.errors import MoveRefused, RuleBroken, Stale
from review_app.policy import Actor, Permission, require
from review_app.reviews import queries
from review_app.reviews.commands.inclusion import ClassifyAgain, DecideInclusion, ReconsiderCase, StartCaseTriage
from review_app.reviews.models import ReviewCase, TriageDecision
from review_app.reviews.queries.inclusion import look_up, settings_in_force, what_rules_say
from review_app.reviews.rules.inclusion import Inclusion, InclusionFacts, InclusionOutcome
from review_app.reviews.rules.notified import write_date
from review_app.reviews.rules.states import CASE_WORKFLOW, CaseAction, CaseState
from review_app.reviews.rules.weighing import ACTION_OF, CLASSIFIED_AGAIN, NEEDS_REASON, write_facts
from review_app.reviews.service.attaching import clocks_of_case, start_review_clocks
from review_app.reviews.service.moves import move_case


def start_case_triage(session: Session, actor: Actor, command: StartCaseTriage, *, now: datetime) -> ReviewCase:
    """Take a case on. It is a press of a button, never the opening of a page."""
    case = queries.get_locked_case(session, actor, command.reference)
    require(actor, Permission.CASE_MANAGE)
    move_case(session, actor, case, CaseAction.START_TRIAGE, now=now)
    return case


def decide_inclusion(session: Session, actor: Actor, command: DecideInclusion, *, now: datetime) -> TriageDecision:
    """Decide on a case in triage: out of scope, in scope and not selected, or selected.

    The rules have to say that it is in scope for anything but the first, and a person may find it out of scope in
    spite of them; both that and not selecting it need a reason. Every decision is kept with its facts.
    """
    case = queries.get_locked_case(session, actor, command.reference)
    require(actor, Permission.CASE_MANAGE)
    CASE_WORKFLOW.after(case.state, ACTION_OF[command.outcome])
    if command.outcome in NEEDS_REASON and not command.reason.strip():
        raise RuleBroken("Enter the reason: it is what the numbers of the annual report rest on.")
    facts, inclusion = _weigh(session, case, command.facts, command.settings_id, now)
    in_scope = command.outcome is not CaseState.OUT_OF_SCOPE
    if in_scope and inclusion.outcome is not InclusionOutcome.IN_SCOPE:
        raise RuleBroken(f"The rules do not say that this death is in scope. {inclusion.summary} Nothing was decided.")
    decision = _keep(session, actor, case, command.outcome, facts, inclusion, command, now)
    case.limbs = list(inclusion.limbs) if in_scope else []
    move_case(session, actor, case, ACTION_OF[command.outcome], now=now, reason=command.reason)
    stop_clock(session, ClockKey.NOTIFICATION_TRIAGE, clocks_of_case(case), now=now)
    if command.outcome is not CaseState.SELECTED:
        cancel_clocks(session, clocks_of_case(case), now=now)
    return decision


def classify_again(session: Session, actor: Actor, command: ClassifyAgain, *, now: datetime) -> TriageDecision:
    """Keep by which limb a case under review is in scope now, suspected or confirmed. It goes on whatever that says."""
    case = queries.get_locked_case(session, actor, command.reference)
    require(actor, Permission.CASE_MANAGE)
    if case.state not in CLASSIFIED_AGAIN:
        raise MoveRefused("Only a case under review is classified again. Nothing was changed.")
    facts, inclusion = _weigh(session, case, command.facts, command.settings_id, now)
    decision = _keep(session, actor, case, CaseState.SELECTED, facts, inclusion, None, now)
    before, case.limbs = list(case.limbs), list(inclusion.limbs)
    record(session, actor, "classify_again", case, at=now, changes={"limbs": (before, case.limbs)})
    return decision


def reconsider_case(session: Session, actor: Actor, command: ReconsiderCase, *, now: datetime) -> ReviewCase:
    """Take up a case again that was out of scope or not selected. What was decided stays."""
    case = queries.get_locked_case(session, actor, command.reference)
    require(actor, Permission.CASE_MANAGE)
    if not command.reason.strip():
        raise RuleBroken("Enter what is new.")
    move_case(session, actor, case, CaseAction.RECONSIDER, now=now, reason=command.reason)
    start_review_clocks(session, case, now=now)
    return case


def _weigh(
    session: Session, case: ReviewCase, given: InclusionFacts, settings_id: int, now: datetime
) -> tuple[InclusionFacts, Inclusion]:
    """Look the substances up and weigh the facts, by the settings whose answer the person has read."""
    settings = settings_in_force(session, case, now=now)
    if settings.id != settings_id:
        raise Stale("The settings have changed since you opened this page. Read what the rules say now, then decide.")
    facts = look_up(session, given)
    return facts, what_rules_say(session, facts, settings)


def _keep(
    session: Session,
    actor: Actor,
    case: ReviewCase,
    outcome: CaseState,
    facts: InclusionFacts,
    inclusion: Inclusion,
    command: DecideInclusion | None,
    now: datetime,
) -> TriageDecision:
    """Add a decision after those there are. Nothing that was decided before is changed."""
    last = session.scalar(select(func.max(TriageDecision.number)).where(TriageDecision.case_id == case.id))
    decision = TriageDecision(
        case_uuid=case.uuid,
        case_id=case.id,
        number=(last or 0) + 1,
        outcome=outcome,
        limbs=list(inclusion.limbs),
        criterion_basis=facts.basis.value,
        settings_id=settings_in_force(session, case, now=now).id,
        decided_at=now,
        decided_by_id=actor.user_id,
    )
    session.add(decision)
    decision.facts = write_facts(facts)
    decision.explanation = "\n".join(inclusion.sentences())
    decision.reason = command.reason.strip() if command else ""
    case.facts = {**case.facts, "died": write_date(facts.died)}
    session.flush()
    return decision
