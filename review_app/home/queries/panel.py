"""What waits about Signals: questions to agencies, grading, and decisions; and what waits for others."""

import textwrap
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from review_app.catalogue.queries import running_clocks_by_signal
from review_app.home.queries.task import LATELY, MOST, Task
from review_app.panel.models import Assessment, PanelDecision
from review_app.panel.queries import grading, rounds
from review_app.panel.rules import CorroborationState, PanelDecisionState
from review_app.policy import Actor, Permission, allowed
from review_app.submissions.models import Signal
from review_app.submissions.queries import visible_signals
from review_app.submissions.rules import SignalState, Urgency


def questions_to_answer_as_agency(session: Session, actor: Actor, now: datetime) -> list[Task]:
    open_states = (CorroborationState.SENT, CorroborationState.OPEN)
    return [
        Task(
            title=f"A question: {_opening(ask.request.summary)}",
            endpoint="corroborate.own_question",
            values={"reference": f"ask-{ask.id}"},
            button="Answer",
            due_at=ask.request.due_at,
            urgent=ask.request.urgent,
        )
        for ask in rounds.asks_of_agency(session, actor)
        if ask.reply is None and ask.request.state in open_states and rounds.may_answer(actor, ask)
    ]


def _opening(words: str) -> str:
    """Give the first words of a question, enough to tell it from another."""
    return textwrap.shorten(words, 90, placeholder=" …")


def signals_to_move_on(session: Session, actor: Actor, now: datetime) -> list[Task]:
    if not allowed(actor, Permission.SIGNAL_MANAGE):
        return []
    words = {
        SignalState.OPEN: ("Ask agencies, or say why you skip that", "Ask agencies"),
        SignalState.PANEL_READY: ("Ready for the panel: open grading", "Open grading"),
    }
    rows = visible_signals(actor).where(Signal.partnership_id == actor.partnership_id, Signal.state.in_(tuple(words)))
    found = session.scalars(rows.order_by(Signal.opened_at).limit(MOST)).all()
    return _signal_tasks(session, found, words)


def _signal_tasks(
    session: Session, found: Sequence[Signal], words: Mapping[SignalState, tuple[str, str]]
) -> list[Task]:
    clocks = running_clocks_by_signal(session, [each.id for each in found])
    return [
        Task(
            title=f"Signal {each.reference}: {each.title}",
            endpoint="signals.show",
            values={"reference": each.reference},
            button=words[each.state][1],
            text=words[each.state][0],
            due_at=min((clock.due_at for clock in clocks.get(each.id, [])), default=None),
            urgent=each.urgency is not Urgency.ROUTINE,
        )
        for each in found
    ]


def _with_panel(session: Session, actor: Actor, *states: PanelDecisionState) -> list[tuple[Signal, PanelDecision]]:
    rows = visible_signals(actor).where(
        Signal.partnership_id == actor.partnership_id,
        Signal.id.in_(select(PanelDecision.signal_id).where(PanelDecision.state.in_(states))),
    )
    found = []
    for signal in session.scalars(rows.order_by(Signal.opened_at)).all():
        decision = grading.latest_round(session, signal.id)
        if decision is not None and decision.state in states:
            found.append((signal, decision))
    return found


def signals_to_grade(session: Session, actor: Actor, now: datetime) -> list[Task]:
    if not allowed(actor, Permission.ASSESSMENT_MAKE):
        return []
    waiting = [
        signal
        for signal, decision in _with_panel(session, actor, PanelDecisionState.COLLECTING)
        if grading.seat_of(actor, signal) is not None and not _has_graded(session, decision, actor.user_id)
    ]
    return [
        Task(
            title=task.title,
            endpoint="panel.grade",
            values=task.values,
            button=task.button,
            text=task.text,
            due_at=task.due_at,
            urgent=task.urgent,
        )
        for task in _signal_tasks(
            session, waiting, {SignalState.WITH_PANEL: ("Nobody sees your grading before the reveal", "Grade")}
        )
    ]


def _has_graded(session: Session, decision: PanelDecision, user_id: int) -> bool:
    made = exists().where(
        Assessment.decision_id == decision.id, Assessment.user_id == user_id, Assessment.replaced_at.is_(None)
    )
    return bool(session.scalar(select(made)))


def decisions_to_make(session: Session, actor: Actor, now: datetime) -> list[Task]:
    tasks: list[Task] = []
    if allowed(actor, Permission.ASSESSMENT_REVEAL):
        for signal, decision in _with_panel(session, actor, PanelDecisionState.COLLECTING):
            view = grading.grading_view(session, actor, signal, decision, now=now)
            if view.quorum.met:
                words = {signal.state: ("Enough people have graded", "Open and reveal")}
                tasks += _signal_tasks(session, [signal], words)
    if allowed(actor, Permission.DECISION_MAKE):
        for signal, _ in _with_panel(session, actor, PanelDecisionState.REVEALED):
            tasks += _signal_tasks(session, [signal], {signal.state: ("Revealed: record the decision", "Decide")})
        for signal, decision in _with_panel(session, actor, PanelDecisionState.AWAITING_RATIFICATION):
            if decision.decided_by_id == actor.user_id:
                continue
            words = {signal.state: ("Decided by the urgent rule: ratify or overturn it", "Ratify")}
            tasks += _signal_tasks(session, [signal], words)
    return tasks


def waiting_for_others(session: Session, actor: Actor, now: datetime) -> list[Task]:
    if not allowed(actor, Permission.SIGNAL_SEE):
        return []
    words = {
        SignalState.CORROBORATING: ("Agencies have been asked", ""),
        SignalState.WITH_PANEL: ("With the panel", ""),
    }
    rows = visible_signals(actor).where(Signal.partnership_id == actor.partnership_id, Signal.state.in_(tuple(words)))
    return _signal_tasks(session, session.scalars(rows.order_by(Signal.opened_at).limit(20)).all(), words)


def decided(session: Session, actor: Actor, now: datetime) -> list[Task]:
    decided = select(PanelDecision.signal_id).where(PanelDecision.decided_at >= now - LATELY)
    rows = visible_signals(actor).where(
        Signal.partnership_id == actor.partnership_id,
        Signal.id.in_(decided),
        Signal.state.in_((SignalState.DECIDED, SignalState.MONITORING, SignalState.CLOSED)),
    )
    words = dict.fromkeys(SignalState, ("", ""))
    return _signal_tasks(session, session.scalars(rows.order_by(Signal.id.desc()).limit(10)).all(), words)
