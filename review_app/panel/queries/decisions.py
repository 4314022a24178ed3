"""What the panel decided, who may read it, and whether it stands in the way of closing or alerting."""

from sqlalchemy import Select, false, select
from sqlalchemy.orm import Session, joinedload, selectinload

from review_app.catalogue.rules import Scheme
from review_app.errors import NotVisible
from review_app.panel.models import Dissent, PanelDecision
from review_app.panel.queries.grading import latest_round, scheme_of
from review_app.panel.queries.rounds import agency_answers
from review_app.panel.rules import ALERTING_OUTCOMES, DECIDED, IN_FORCE, Outcome, PanelDecisionState, star_blocks
from review_app.policy import Actor, Permission, allowed
from review_app.submissions.events import SignalCloses
from review_app.submissions.models import Signal

NO_DECISION = "We cannot find a decision on that Signal."
STAR_BLOCKS_CLOSING = (
    "This grade rests on a rumour of a death. Police, ambulance or a hospital must answer an urgent question"
    " before the Signal can be closed."
)
STAR_BLOCKS_ALERTING = (
    "This grade rests on a rumour of a death. Police, ambulance or a hospital must answer an urgent question"
    " before an alert can be sent."
)
NOT_RATIFIED = "The panel decided under the urgent rule, and another chair or deputy must ratify that first."
NOT_DECIDED = "The panel has not decided on this Signal, so there is nothing to alert about yet."
SET_ASIDE = "The panel’s decision was overturned. The panel must decide again before an alert can be sent."
NO_ALERT_DECIDED = (
    "The panel decided that no alert should go out. If something new is known, reopen the Signal so that it can decide"
    " again."
)


def visible_decisions(actor: Actor) -> Select[PanelDecision]:
    """Narrow to the decisions that were made and that the person may read. The caller states the order."""
    sees = allowed(actor, Permission.DECISION_SEE)
    sensitive = allowed(actor, Permission.POLICE_SENSITIVE_SEE)
    return (
        select(PanelDecision)
        .join(PanelDecision.signal)
        .where(
            PanelDecision.partnership_id == actor.partnership_id,
            PanelDecision.state.in_(DECIDED),
            PanelDecision.id > 0 if sees else false(),
            Signal.police_sensitive.is_not(None) if sensitive else Signal.police_sensitive.is_(False),
        )
        .options(
            joinedload(PanelDecision.signal),
            selectinload(PanelDecision.efficacy),
            selectinload(PanelDecision.dissents),
        )
    )


def counted_decisions(actor: Actor) -> Select[PanelDecision]:
    """Narrow to the decisions the person may know as numbers; an exercise is not counted."""
    counts = allowed(actor, Permission.DECISION_SEE_TOTALS) or allowed(actor, Permission.DECISION_SEE)
    return (
        select(PanelDecision)
        .join(PanelDecision.signal)
        .where(
            PanelDecision.partnership_id == actor.partnership_id,
            PanelDecision.state.in_(DECIDED),
            Signal.exercise.is_(False),
            Signal.police_sensitive.is_(False),
            PanelDecision.id > 0 if counts else false(),
        )
    )


def decision_totals(session: Session, actor: Actor) -> list[tuple[Outcome, int]]:
    """Count the decisions by outcome, in the order of the outcomes, leaving out those that never came about."""
    outcomes = [decision.outcome for decision in session.scalars(counted_decisions(actor))]
    return [(outcome, outcomes.count(outcome)) for outcome in Outcome if outcome in outcomes]


def list_decisions(session: Session, actor: Actor) -> list[PanelDecision]:
    """Give the decisions the person may read, the newest first."""
    newest = visible_decisions(actor).order_by(PanelDecision.decided_at.desc(), PanelDecision.id.desc())
    return list(session.scalars(newest))


def get_decision(session: Session, actor: Actor, reference: str) -> PanelDecision:
    """Give the newest decision made on a Signal. Raises NotVisible."""
    newest = visible_decisions(actor).where(Signal.reference == reference)
    decision = session.scalar(newest.order_by(PanelDecision.round.desc()).limit(1))
    if decision is None:
        raise NotVisible(NO_DECISION, reference=reference)
    return decision


def decisions_of(session: Session, signal_id: int) -> list[PanelDecision]:
    """Give every decision made on a Signal, the newest first. Whoever asks has been let see them."""
    made = select(PanelDecision).where(PanelDecision.signal_id == signal_id, PanelDecision.state.in_(DECIDED))
    loaded = made.options(selectinload(PanelDecision.efficacy), selectinload(PanelDecision.dissents))
    return list(session.scalars(loaded.order_by(PanelDecision.round.desc())))


def find_dissent(session: Session, decision_id: int, user_id: int) -> Dissent | None:
    """Find the dissent a person has recorded."""
    return session.scalar(select(Dissent).where(Dissent.decision_id == decision_id, Dissent.user_id == user_id))


def star_still_blocks(session: Session, decision: PanelDecision, scheme: Scheme) -> bool:
    """Say whether the star of a round still blocks closing and alerting."""
    answers = agency_answers(session, decision.signal_id) if decision.suggested_star else []
    return star_blocks(scheme, star=decision.suggested_star, answers=answers)


def closing_objection(session: Session, signal: Signal) -> str | None:
    """Say why the panel's rules do not let a Signal be closed, or give None."""
    decision = latest_round(session, signal.id)
    if decision is None:
        return None
    if decision.state is PanelDecisionState.AWAITING_RATIFICATION:
        return NOT_RATIFIED
    if decision.state in DECIDED and star_still_blocks(session, decision, scheme_of(session, decision)):
        return STAR_BLOCKS_CLOSING
    return None


def objection_to_closing(session: Session, question: SignalCloses) -> str | None:
    """Answer the question of a Signal that is about to close."""
    return closing_objection(session, session.get_one(Signal, question.signal_id))


def alerting_objection(session: Session, signal: Signal) -> str | None:
    """Say why the panel's rules do not let a first alert go out about a Signal, or give None.

    An urgent decision may be alerted before it is ratified: that is what the urgent rule is for.
    """
    made = decisions_of(session, signal.id)
    if not made:
        return NOT_DECIDED
    if made[0].state not in IN_FORCE:
        return SET_ASIDE
    if made[0].outcome not in ALERTING_OUTCOMES:
        return NO_ALERT_DECIDED
    if star_still_blocks(session, made[0], scheme_of(session, made[0])):
        return STAR_BLOCKS_ALERTING
    return None
