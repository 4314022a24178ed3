"""The panel's parts of a Signal's page, each narrowed to what the person who opens it may know."""

from dataclasses import replace

from sqlalchemy.orm import Session

from review_app.accounts.queries import people_names
from review_app.filters import listing
from review_app.panel.models import PanelDecision
from review_app.panel.queries import decisions, grading, papers, rounds, stories
from review_app.panel.rules import (
    BLIND,
    DECISION_WORKFLOW,
    IN_FORCE,
    REVEALED,
    PanelDecisionAction,
)
from review_app.policy import Actor, Permission, allowed
from review_app.sections import Section, SignalPage
from review_app.submissions.models import Signal
from review_app.submissions.rules import SIGNAL_WORKFLOW, SignalAction


def corroboration_section(session: Session, page: SignalPage) -> Section | None:
    """Show the rounds and every agency's answer to those who may see replies; a neighbour sees nothing of them."""
    signal = session.get_one(Signal, page.signal_id)
    if signal.partnership_id != page.actor.partnership_id or not allowed(page.actor, Permission.CORROBORATION_SEE):
        return None
    manages = allowed(page.actor, Permission.CORROBORATION_ASK)
    legal = SIGNAL_WORKFLOW.actions_from(signal.state)
    views = rounds.round_views(session, signal.id, manages=manages)
    waiting = [ask.agency.name for view in views if view.waits for ask in view.asks if ask.reply is None]
    settles = [view for view in views if view.can_close and view.answered == len(view.asks)]
    decision = grading.latest_round(session, signal.id)
    starred = decision is not None and decision.state in REVEALED and decision.suggested_star
    urgent_needed = (
        starred
        and decision is not None
        and decisions.star_still_blocks(session, decision, grading.scheme_of(session, decision))
    )
    can_ask = manages and SignalAction.ASK_AGENCIES in legal
    asks = can_ask and not waiting and (urgent_needed or SignalAction.SKIP_CORROBORATION in legal) and not settles
    context = {
        "signal": signal,
        "reference": signal.reference,
        "rounds": views,
        "can_ask": can_ask,
        "urgent_needed": urgent_needed,
        "now": page.now,
        "next": "ask" if asks else "close" if settles else "",
    }
    return Section(
        order=20,
        key="corroboration",
        template="panel/sections/corroboration.html",
        context=context,
        waiting_for=f"an answer from {listing(dict.fromkeys(waiting))}" if waiting else "",
        happened=stories.of_rounds(session, views),
    )


def assessments_section(session: Session, page: SignalPage) -> Section | None:
    """Show who has graded, and how only after the reveal; those with no part in grading see nothing before it."""
    signal, actor = session.get_one(Signal, page.signal_id), page.actor
    if signal.partnership_id != actor.partnership_id:
        return None
    can_open = allowed(actor, Permission.PANEL_OPEN_GRADING) and (
        SignalAction.OPEN_GRADING in SIGNAL_WORKFLOW.actions_from(signal.state)
    )
    decision = grading.latest_round(session, signal.id)
    if decision is not None and decision.state not in REVEALED and not grading.sees_who_graded(actor):
        decision = next((each for each in grading.earlier_rounds(session, decision) if each.state in REVEALED), None)
    if decision is None:
        return _before_grading(signal, can_open=can_open) if can_open or grading.sees_who_graded(actor) else None
    view = grading.grading_view(session, actor, signal, decision, now=page.now)
    earlier = [
        grading.grading_view(session, actor, signal, each, now=page.now)
        for each in grading.earlier_rounds(session, decision)
        if each.state in REVEALED
    ]
    names = people_names(session, {each.user_id for shown in (view, *earlier) for each in shown.shown})
    may = grading_actions(actor, signal, view)
    context = {
        "signal": signal,
        "reference": signal.reference,
        "view": view,
        "earlier": earlier,
        "names": names,
        "can_open": can_open,
        **may,
        "next": _next_of_grading(view, may, can_open=can_open),
    }
    return Section(
        order=30,
        key="assessments",
        template="panel/sections/assessments.html",
        context=context,
        waiting_for=_waiting_for_grades(view),
        happened=stories.of_grading(session, decision),
    )


def _before_grading(signal: Signal, *, can_open: bool) -> Section:
    context = {
        "signal": signal,
        "reference": signal.reference,
        "view": None,
        "can_open": can_open,
        "earlier": [],
        "next": "open" if can_open else "",
    }
    return Section(order=30, key="assessments", template="panel/sections/assessments.html", context=context)


def _next_of_grading(view: grading.GradingView, may: dict[str, bool], *, can_open: bool) -> str:
    """Give the one thing this person can do next about grading."""
    if can_open:
        return "open"
    if may["can_grade"] and view.mine is None and not view.revealed:
        return "grade"
    return "reveal" if may["can_reveal"] else ""


def grading_actions(actor: Actor, signal: Signal, view: grading.GradingView) -> dict[str, bool]:
    """Say what the person can do now in this round of grading."""
    state = view.decision.state
    reveals = allowed(actor, Permission.ASSESSMENT_REVEAL) and (
        PanelDecisionAction.REVEAL in DECISION_WORKFLOW.actions_from(state)
    )
    late = not BLIND.get(state, False) and view.mine is not None
    return {
        "can_grade": state in BLIND and grading.seat_of(actor, signal) is not None and not late,
        "can_reveal": reveals and view.quorum.met,
        "can_reveal_urgent": reveals and not view.quorum.met and view.urgent_quorum.met,
    }


def _waiting_for_grades(view: grading.GradingView) -> str:
    if view.revealed:
        return ""
    return listing(view.quorum.missing) + " to grade" if view.quorum.missing else "the coordinator or chair to reveal"


def decision_section(session: Session, page: SignalPage) -> Section | None:
    """Show the decision, its reason and dissent, and what the person can do about it."""
    signal, actor = session.get_one(Signal, page.signal_id), page.actor
    if not allowed(actor, Permission.DECISION_SEE):
        return None
    latest, made = grading.latest_round(session, signal.id), decisions.decisions_of(session, signal.id)
    own = signal.partnership_id == actor.partnership_id
    chairs = own and allowed(actor, Permission.DECISION_MAKE) and grading.chairs_panel(actor, signal)
    legal = DECISION_WORKFLOW.actions_from(latest.state) if latest is not None else []
    can_decide = chairs and PanelDecisionAction.DECIDE in legal
    can_ratify = chairs and PanelDecisionAction.RATIFY in legal and not _own_decision(latest, actor)
    if not made and not can_decide and not (own and grading.sees_who_graded(actor)):
        return None
    settled = bool(made) and (not own or made[0] is latest)
    views = [papers.decision_view(session, each) for each in (made if own else made[:1])]
    if not own:
        views = [replace(view, names={}) for view in views]
    context = {
        "signal": signal, "reference": signal.reference,
        "waits_for_chair": own and PanelDecisionAction.DECIDE in legal,
        "current": views[0] if settled else None,
        "earlier": views[1:] if settled else views,
        "can_decide": can_decide,
        "can_ratify": can_ratify,
        "next": "decide" if can_decide else "ratify" if can_ratify else "",
        "can_dissent": own and may_dissent(actor, signal) and latest is not None and latest.state in IN_FORCE,
        "now": page.now,
    }  # fmt: skip
    return Section(
        order=40,
        key="decision",
        template="panel/sections/decision.html",
        context=context,
        waiting_for=_waiting_for_decision(legal) if own else "",
        happened=stories.of_decisions(session, made) if own else (),
    )


def _own_decision(decision: PanelDecision | None, actor: Actor) -> bool:
    return decision is not None and decision.decided_by_id == actor.user_id


def may_dissent(actor: Actor, signal: Signal) -> bool:
    """Say whether the person may record dissent on this Signal: any member of its panel."""
    member = any(a.panel_id == signal.panel_id for a in actor.assignments)
    return member and allowed(actor, Permission.DECISION_DISSENT)


def _waiting_for_decision(legal: list[PanelDecisionAction]) -> str:
    if PanelDecisionAction.DECIDE in legal:
        return "the chair or deputy to decide"
    return "another chair or deputy to ratify" if PanelDecisionAction.RATIFY in legal else ""
