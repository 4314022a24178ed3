"""The panel's decision, dissent from it, and the ratification of an urgent one."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from review_app import events
from review_app.accounts import queries as accounts
from review_app.audit.service import record
from review_app.catalogue.commands import ClockOf
from review_app.catalogue.rules import ClockKey, Scheme
from review_app.catalogue.service import start_clock, stop_clock
from review_app.errors import MoveRefused, NotAllowed, RuleBroken
from review_app.filters import listing
from review_app.outbox.service import owe
from review_app.panel import emails
from review_app.panel.commands import OverturnDecision, RatifyDecision, RecordDecision, RecordDissent
from review_app.panel.events import PanelDecided, PanelDecisionOverturned
from review_app.panel.models import Dissent, EfficacyCheck, PanelDecision
from review_app.panel.queries import decisions, grading, papers
from review_app.panel.rules import (
    DECISION_WORKFLOW,
    IN_FORCE,
    CombinedGrade,
    PanelDecisionAction,
    ProposedDecision,
    decision_objections,
    quorum,
    urgent_quorum,
)
from review_app.policy import Actor, Permission, require
from review_app.submissions.models import Signal, Watch
from review_app.submissions.queries import get_locked_signal
from review_app.submissions.rules import SignalAction
from review_app.submissions.service.moves import move_signal
from review_app.submissions.service.signals import set_grade
from review_app.working_time import london_day

SECTION = "decision"
SOMEONE_ELSE = "You made this decision, so another chair or deputy chair must ratify or overturn it."
NOTHING_TO_DISSENT_FROM = "There is no decision on this Signal to disagree with yet."


class DecisionRefused(RuleBroken):
    """Something stands in the way of recording the decision; each objection is a sentence of its own."""

    def __init__(self, objections: Sequence[str]) -> None:
        super().__init__(" ".join(objections))
        self.objections = tuple(objections)


def record_decision(session: Session, actor: Actor, command: RecordDecision, *, now: datetime) -> PanelDecision:
    """Record what the chair decides. Short of a full quorum it stands under the urgent rule and must be ratified."""
    signal = get_locked_signal(session, actor, command.reference)
    _require_chair(actor, signal, Permission.DECISION_MAKE)
    decision = grading.get_locked_decision(session, signal)
    before, after = decision.state, DECISION_WORKFLOW.after(decision.state, PanelDecisionAction.DECIDE)
    scheme = grading.scheme_of(session, decision)
    urgent = _needs_urgent_rule(session, signal, decision, scheme)
    _refuse_objections(session, decision, scheme, command)
    decision.state, decision.decided_at, decision.decided_by_id = after, now, actor.user_id
    decision.final_grade, decision.grade_reason = command.final_grade, command.grade_reason.strip()
    decision.outcome, decision.reason = command.outcome, command.reason.strip()
    decision.audience_reason, decision.urgent_rule = command.audience_reason.strip(), urgent
    decision.efficacy = [
        EfficacyCheck(question_key=key, answer=answer, note=command.efficacy_notes.get(key, "").strip())
        for key, answer in command.efficacy.items()
    ]
    set_grade(session, actor, signal, command.final_grade, starred=decision.suggested_star, now=now)
    move_signal(session, actor, signal, SignalAction.DECIDE, now=now)
    changes = {
        "state": (before, after),
        "final_grade": (None, command.final_grade),
        "outcome": (None, command.outcome),
        "urgent_rule": (None, urgent),
    }
    record(session, actor, PanelDecisionAction.DECIDE, decision, at=now, section=SECTION, changes=changes)
    if urgent:
        _ask_ratification(session, actor, signal, decision, now=now)
    events.publish(session, PanelDecided(signal_id=signal.id, decision_id=decision.id, at=now))
    return decision


def _require_chair(actor: Actor, signal: Signal, permission: Permission) -> None:
    require(actor, permission)
    if not grading.chairs_panel(actor, signal):
        raise NotAllowed(papers.NOT_YOUR_PANEL)


def _needs_urgent_rule(session: Session, signal: Signal, decision: PanelDecision, scheme: Scheme) -> bool:
    """Say whether only the urgent quorum has graded by now; with neither quorum nothing can be decided."""
    rule = grading.quorum_rule(session, signal, scheme)
    counted = grading.graders(grading.gradings_in_force(session, decision.id))
    full = quorum(rule, counted)
    if not full.met and not urgent_quorum(rule, counted).met:
        raise RuleBroken(f"Not enough of the panel has graded. Still needed: {listing(full.missing)}.")
    return not full.met


def _refuse_objections(session: Session, decision: PanelDecision, scheme: Scheme, command: RecordDecision) -> None:
    assert decision.suggested_grade is not None
    assert decision.spread is not None
    suggested = CombinedGrade(
        grade=decision.suggested_grade,
        star=decision.suggested_star,
        spread=decision.spread,
        disagreement=decision.spread >= scheme.disagreement_from,
    )
    proposed = ProposedDecision(
        suggested=suggested,
        final=command.final_grade,
        outcome=command.outcome,
        reason=command.reason,
        grade_reason=command.grade_reason,
        efficacy=command.efficacy,
        audience_reason=command.audience_reason,
    )
    blocked = decisions.star_still_blocks(session, decision, scheme)
    objections = decision_objections(scheme, proposed, star_still_blocks=blocked)
    if objections:
        raise DecisionRefused(objections)


def _ask_ratification(
    session: Session, actor: Actor, signal: Signal, decision: PanelDecision, *, now: datetime
) -> None:
    """Start the clock of ratification, and tell the other chairs that it waits for one of them."""
    action = PanelDecisionAction.ASK_RATIFICATION
    before, decision.state = decision.state, DECISION_WORKFLOW.after(decision.state, action)
    clock = start_clock(session, ClockKey.RATIFICATION, _clocks_of(signal), now=now)
    record(session, actor, action, decision, at=now, section=SECTION, changes={"state": (before, decision.state)})
    subject, body = emails.ratification_mail(signal.reference, clock.due_at)
    others = accounts.addresses_of_role(session, signal.partnership_id, grading.CHAIRING, on=london_day(now))
    for address in others:
        owe(
            session, to=address, subject=subject, body=body, due_at=now, partnership_id=signal.partnership_id,
            purpose=SECTION, exercise=signal.exercise,
        )  # fmt: skip


def _clocks_of(signal: Signal) -> ClockOf:
    return ClockOf(partnership_id=signal.partnership_id, signal_id=signal.id)


def record_dissent(session: Session, actor: Actor, command: RecordDissent, *, now: datetime) -> Dissent:
    """Record that a member disagrees with the decision, and why. Saying it again replaces the words."""
    signal = get_locked_signal(session, actor, command.reference)
    require(actor, Permission.DECISION_DISSENT)
    if all(a.panel_id != signal.panel_id for a in actor.assignments):
        raise NotAllowed("You are not a member of this Signal’s panel. Nothing was changed.")
    decision = grading.get_locked_decision(session, signal)
    if decision.state not in IN_FORCE:
        raise MoveRefused(NOTHING_TO_DISSENT_FROM)
    if not command.reason.strip():
        raise RuleBroken("Enter why you disagree.")
    dissent = decisions.find_dissent(session, decision.id, actor.user_id)
    if dissent is None:
        dissent = Dissent(decision_id=decision.id, user_id=actor.user_id, reason="", at=now)
        session.add(dissent)
    dissent.reason, dissent.at = command.reason.strip(), now
    record(session, actor, "dissent", decision, at=now, section=SECTION)
    return dissent


def ratify_decision(session: Session, actor: Actor, command: RatifyDecision, *, now: datetime) -> PanelDecision:
    """Confirm an urgent decision. Whoever made it cannot."""
    return _settle(session, actor, command.reference, PanelDecisionAction.RATIFY, command.reason, now=now)[1]


def overturn_decision(session: Session, actor: Actor, command: OverturnDecision, *, now: datetime) -> PanelDecision:
    """Set an urgent decision aside: the Signal is open again without a grade, and alerts hear of it."""
    if not command.reason.strip():
        raise RuleBroken("Enter why the decision is overturned.")
    signal, decision = _settle(session, actor, command.reference, PanelDecisionAction.OVERTURN, command.reason, now=now)
    signal.grade, signal.starred = None, False
    move_signal(session, actor, signal, SignalAction.REOPEN, now=now, reason=command.reason.strip())
    session.execute(update(Watch).where(Watch.signal_id == signal.id, Watch.ended_at.is_(None)).values(ended_at=now))
    told = PanelDecisionOverturned(
        signal_id=signal.id,
        decision_id=decision.id,
        reason=command.reason.strip(),
        by_user_id=actor.user_id,
        at=now,
    )
    events.publish(session, told)
    return decision


def settle_decision(
    session: Session, actor: Actor, command: RatifyDecision | OverturnDecision, *, now: datetime
) -> PanelDecision:
    """Ratify or overturn, whichever was asked for."""
    if isinstance(command, OverturnDecision):
        return overturn_decision(session, actor, command, now=now)
    return ratify_decision(session, actor, command, now=now)


def _settle(
    session: Session, actor: Actor, reference: str, action: PanelDecisionAction, reason: str, *, now: datetime
) -> tuple[Signal, PanelDecision]:
    """Ratify or overturn: four eyes, the clock stops, who and why are kept."""
    signal = get_locked_signal(session, actor, reference)
    _require_chair(actor, signal, Permission.DECISION_MAKE)
    decision = grading.get_locked_decision(session, signal)
    before, after = decision.state, DECISION_WORKFLOW.after(decision.state, action)
    if decision.decided_by_id == actor.user_id:
        raise RuleBroken(SOMEONE_ELSE)
    decision.state, decision.ratification_reason = after, reason.strip()
    decision.ratified_at, decision.ratified_by_id = now, actor.user_id
    stop_clock(session, ClockKey.RATIFICATION, _clocks_of(signal), now=now)
    record(session, actor, action, decision, at=now, section=SECTION, changes={"state": (before, after)})
    return signal, decision
