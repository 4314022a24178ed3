"""Opening a round of grading, grading blind, and the reveal."""

from datetime import datetime

from sqlalchemy.orm import Session

from review_app.audit.service import record
from review_app.catalogue.queries import current_scheme
from review_app.errors import MoveRefused, NotAllowed, RuleBroken
from review_app.filters import listing
from review_app.marks import Modifier
from review_app.outbox.service import owe
from review_app.panel import emails
from review_app.panel.commands import OpenGrading, RevealGrades, SaveGrading
from review_app.panel.models import Assessment, PanelDecision
from review_app.panel.queries import grading as queries
from review_app.panel.rules import (
    BLIND,
    DECISION_WORKFLOW,
    PanelDecisionAction,
    PanelDecisionState,
    combine_grades,
    quorum,
    suggest_grade,
    urgent_quorum,
)
from review_app.policy import Actor, Permission, require
from review_app.submissions.models import Signal
from review_app.submissions.queries import get_locked_signal
from review_app.submissions.rules import SignalAction, Urgency, UrgencyFacts, urgency
from review_app.submissions.service.moves import move_signal
from review_app.submissions.service.urgency import raise_signal_urgency

SECTION = "grading"
DECIDED_ALREADY = "The panel has decided on this Signal, so it can no longer be graded."
GRADED_ALREADY = (
    "The grades have been revealed, so yours can no longer be changed. If you disagree with the decision, record it as"
    " dissent."
)


def open_grading(session: Session, actor: Actor, command: OpenGrading, *, now: datetime) -> PanelDecision:
    """Put a Signal before its panel: a new round on the scheme in force, and every member is told that it waits."""
    signal = get_locked_signal(session, actor, command.reference)
    require(actor, Permission.PANEL_OPEN_GRADING)
    last = queries.latest_round(session, signal.id)
    move_signal(session, actor, signal, SignalAction.OPEN_GRADING, now=now)
    decision = PanelDecision(
        signal=signal,
        partnership_id=signal.partnership_id,
        round=last.round + 1 if last else 1,
        state=PanelDecisionState.COLLECTING,
        scheme_id=current_scheme(session, now=now).id,
        opened_at=now,
        opened_by_id=actor.user_id,
    )
    session.add(decision)
    record(session, actor, SignalAction.OPEN_GRADING, decision, at=now, section=SECTION)
    for seat in queries.seats(session, signal.panel_id, now=now):
        _tell(session, signal, seat.email, emails.grading_mail(signal.reference), now=now)
    return decision


def _tell(session: Session, signal: Signal, to: str, message: tuple[str, str], *, now: datetime) -> None:
    subject, body = message
    owe(
        session,
        to=to,
        subject=subject,
        body=body,
        due_at=now,
        partnership_id=signal.partnership_id,
        purpose=SECTION,
        exercise=signal.exercise,
    )


def save_grading(session: Session, actor: Actor, command: SaveGrading, *, now: datetime) -> Assessment:
    """Keep a member's own grading. It may be replaced until the reveal; a first one after it is marked not blind.

    The audit says that the person graded and nothing of how, in the same words each time.
    """
    signal = get_locked_signal(session, actor, command.reference)
    require(actor, Permission.ASSESSMENT_MAKE)
    seat = queries.seat_of(actor, signal)
    if seat is None or seat.agency_id is None:
        raise NotAllowed(queries.NO_SEAT)
    decision = queries.get_locked_decision(session, signal)
    if decision.state not in BLIND:
        raise MoveRefused(DECIDED_ALREADY)
    if not command.reason.strip():
        raise RuleBroken("Enter the reason for your grading.")
    _replace_own(session, actor, decision, now=now)
    suggested = suggest_grade(
        queries.scheme_of(session, decision), command.severity, command.confidence, command.modifiers
    )
    grading = Assessment(
        decision=decision,
        user_id=actor.user_id,
        agency_id=seat.agency_id,
        agency_type=seat.agency_type,
        clinical=seat.clinical,
        chairs=queries.chairs_panel(actor, signal),
        severity=command.severity,
        confidence=command.confidence,
        relevance=command.modifiers[Modifier.RELEVANCE],
        novelty=command.modifiers[Modifier.NOVELTY],
        vulnerability=command.modifiers[Modifier.VULNERABILITY],
        time_sensitivity=command.modifiers[Modifier.TIME],
        efficacy={key: answer.value for key, answer in command.efficacy.items()},
        suggested_grade=suggested.grade,
        starred=suggested.star,
        reason=command.reason.strip(),
        blind=BLIND[decision.state],
        made_at=now,
    )
    session.add(grading)
    record(session, actor, "save_grading", decision, at=now, section=SECTION)
    return grading


def _replace_own(session: Session, actor: Actor, decision: PanelDecision, *, now: datetime) -> None:
    earlier = queries.own_grading(session, decision.id, actor.user_id)
    if earlier is None:
        return
    if not BLIND[decision.state]:
        raise MoveRefused(GRADED_ALREADY)
    earlier.replaced_at = now
    session.flush()


def reveal_grades(session: Session, actor: Actor, command: RevealGrades, *, now: datetime) -> PanelDecision:
    """Show everyone's grading to everyone, once a quorum has graded; by the urgent rule only when that is asked for."""
    signal = get_locked_signal(session, actor, command.reference)
    require(actor, Permission.ASSESSMENT_REVEAL)
    decision = queries.get_locked_decision(session, signal)
    before, after = decision.state, DECISION_WORKFLOW.after(decision.state, PanelDecisionAction.REVEAL)
    scheme = queries.scheme_of(session, decision)
    gradings = queries.gradings_in_force(session, decision.id)
    rule, counted = queries.quorum_rule(session, signal, scheme), queries.graders(gradings)
    full = quorum(rule, counted)
    needed = urgent_quorum(rule, counted) if command.urgent_rule and not full.met else full
    if not needed.met:
        raise RuleBroken(f"Not enough of the panel has graded. Still needed: {listing(needed.missing)}.")
    combined = combine_grades(scheme, queries.suggestions(gradings))
    decision.state, decision.revealed_at, decision.revealed_by_id = after, now, actor.user_id
    decision.suggested_grade, decision.suggested_star = combined.grade, combined.star
    decision.spread, decision.urgent_rule = combined.spread, not full.met
    changes = {"state": (before, after), "suggested_grade": (None, combined.grade)}
    record(session, actor, PanelDecisionAction.REVEAL, decision, at=now, section=SECTION, changes=changes)
    raise_signal_urgency(session, actor, signal, _judged(gradings), now=now)
    return decision


def _judged(gradings: list[Assessment]) -> Urgency:
    """Give how urgent the panel's own severity and confidence make a Signal; known only once they are revealed."""
    facts = (UrgencyFacts(severity=each.severity, confidence=each.confidence) for each in gradings)
    return max((urgency(each, ()) for each in facts), key=lambda found: found.rank)
