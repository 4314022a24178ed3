"""Decisions as pages show them, and what a chair has before them when deciding."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from review_app.accounts.queries import people_names
from review_app.catalogue.commands import ClockOf
from review_app.catalogue.queries import find_running_clock
from review_app.catalogue.rules import ClockKey
from review_app.errors import NotAllowed, RuleBroken
from review_app.panel.models import PanelDecision
from review_app.panel.queries import decisions, grading
from review_app.panel.rules import REVEALED, EfficacyAnswer, PanelDecisionState
from review_app.policy import Actor
from review_app.submissions.models import Signal
from review_app.submissions.queries import get_signal, visible_signals

NOT_YOUR_PANEL = "You do not chair this Signal’s panel. Nothing was changed."
NOT_REVEALED = "The grades have not been revealed yet. The decision comes after that."


@dataclass(frozen=True, kw_only=True)
class DecisionView:
    """One decision as a page shows it, with the names of those who made it, ratified it and dissent.

    `title` is the Signal's, for those who may read the Signal; the others know the decision by its reference.
    """

    decision: PanelDecision
    signal: Signal
    differs: bool
    outcome: str
    questions: tuple[tuple[str, str, str], ...]
    settled: str
    names: dict[int, str]
    ratify_by: datetime | None
    title: str = ""


def decision_view(session: Session, decision: PanelDecision) -> DecisionView:
    """Put a decision into the words of the scheme under which it was made."""
    scheme = grading.scheme_of(session, decision)
    words = {question.key: question.words for question in scheme.efficacy}
    outcomes = {option.key: option.words for option in scheme.outcomes}
    people = {decision.decided_by_id, decision.ratified_by_id, *(each.user_id for each in decision.dissents)}
    clock = find_running_clock(
        session,
        ClockKey.RATIFICATION,
        ClockOf(partnership_id=decision.partnership_id, signal_id=decision.signal_id),
    )
    assert decision.final_grade is not None
    assert decision.outcome is not None
    return DecisionView(
        decision=decision,
        signal=decision.signal,
        differs=decision.final_grade is not decision.suggested_grade,
        outcome=outcomes.get(decision.outcome, decision.outcome),
        questions=tuple((words.get(each.question_key, ""), each.answer, each.note) for each in decision.efficacy),
        settled="Overturned" if decision.state is PanelDecisionState.OVERTURNED else "Ratified",
        names=people_names(session, {user_id for user_id in people if user_id is not None}),
        ratify_by=clock.due_at
        if clock is not None and decision.state is PanelDecisionState.AWAITING_RATIFICATION
        else None,
    )


def decision_on(session: Session, actor: Actor, reference: str) -> DecisionView:
    """Give the newest decision made on a Signal, as a page shows it. Raises NotVisible."""
    return _titled(session, actor, decision_view(session, decisions.get_decision(session, actor, reference)))


def decision_views(session: Session, actor: Actor) -> list[DecisionView]:
    """Give the decisions the person may read, the newest first."""
    listed = decisions.list_decisions(session, actor)
    return [_titled(session, actor, decision_view(session, decision)) for decision in listed]


def _titled(session: Session, actor: Actor, view: DecisionView) -> DecisionView:
    known = visible_signals(actor).with_only_columns(Signal.id).where(Signal.id == view.signal.id)
    return replace(view, title=view.signal.title) if session.scalar(known) is not None else view


def own_dissent(session: Session, actor: Actor, view: DecisionView) -> str:
    """Give the words of the dissent the person has recorded, or nothing."""
    found = decisions.find_dissent(session, view.decision.id, actor.user_id)
    return found.reason if found is not None else ""


def round_to_decide(
    session: Session, actor: Actor, reference: str, *, now: datetime
) -> tuple[Signal, grading.GradingView]:
    """Give a Signal and its revealed round to the chair or a deputy of its panel.

    Raises NotVisible, NotAllowed for another panel's chair, or RuleBroken before the reveal.
    """
    signal = get_signal(session, actor, reference)
    if not grading.chairs_panel(actor, signal):
        raise NotAllowed(NOT_YOUR_PANEL)
    decision = grading.latest_round(session, signal.id)
    if decision is None or decision.state not in REVEALED:
        raise RuleBroken(NOT_REVEALED)
    return signal, grading.grading_view(session, actor, signal, decision, now=now)


@dataclass(frozen=True, kw_only=True)
class DecisionHelp:
    """What helps the chair to decide: what is suggested, how members answered, and what stands in the way."""

    suggested: str
    suggested_words: str
    outcome_words: str
    disagreement: bool
    urgent: bool
    star_blocks: bool
    answers: dict[str, str]
    names: dict[int, str]


def decision_help(session: Session, view: grading.GradingView) -> DecisionHelp:
    """Gather what helps the chair to decide."""
    decision, scheme = view.decision, view.scheme
    assert decision.suggested_grade is not None
    outcomes = {option.key: option.words for option in scheme.outcomes}
    given = [each.efficacy for each in view.shown]
    return DecisionHelp(
        suggested=f"{decision.suggested_grade}{'*' if decision.suggested_star else ''}",
        suggested_words=scheme.grades[decision.suggested_grade].anchor,
        outcome_words=outcomes.get(scheme.suggested_outcomes.get(decision.suggested_grade, ""), ""),
        disagreement=(decision.spread or 0) >= scheme.disagreement_from,
        urgent=not view.quorum.met,
        star_blocks=decisions.star_still_blocks(session, decision, scheme),
        answers={
            question.key: _tally([EfficacyAnswer(each[question.key]) for each in given if question.key in each])
            for question in scheme.efficacy
        },
        names=people_names(session, {each.user_id for each in view.shown}),
    )


def _tally(answers: Sequence[EfficacyAnswer]) -> str:
    """Say how members answered one question: “2 yes, 1 unsure”."""
    return ", ".join(f"{answers.count(each)} {each}" for each in EfficacyAnswer if each in answers)
