"""What is waiting for one person across every feature, what they wait for from others, and what was decided lately.

Each source below starts from the feature's own narrowed reads, so a task never names a record its reader may not know.
"""

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import and_, exists, literal, or_, select
from sqlalchemy.orm import Session

from review_app.alerts.models import Alert, AlertVersion, Delivery
from review_app.alerts.queries import deliveries, versions, visibility
from review_app.alerts.rules import AlertState, VersionKind, VersionState
from review_app.catalogue.queries import (
    advice_blocks,
    running_clocks_by_signal,
    running_clocks_by_submission,
    unsigned_blocks,
)
from review_app.panel.models import Assessment, PanelDecision
from review_app.panel.queries import grading, rounds
from review_app.panel.rules import CorroborationState, PanelDecisionState
from review_app.policy import Actor, Permission, allowed
from review_app.submissions.models import Signal, Submission, SubmissionQuestion
from review_app.submissions.queries import own_submissions, visible_signals, visible_submissions
from review_app.submissions.rules import SignalState, SubmissionState, Urgency

FAR = datetime.max.replace(tzinfo=UTC)
MOST = 50
LATELY = timedelta(days=14)
ENDS_SOON = timedelta(days=2)


@dataclass(frozen=True, kw_only=True)
class Task:
    """One thing with one button: where it leads, by when, and why."""

    title: str
    endpoint: str
    values: Mapping[str, object] = field(default_factory=dict)
    button: str = ""
    text: str = ""
    due_at: datetime | None = None
    urgent: bool = False


@dataclass(frozen=True, kw_only=True)
class HomePage:
    """What one person's home page says."""

    tasks: Sequence[Task]
    waiting: Sequence[Task]
    decided: Sequence[Task]


def home_page(session: Session, actor: Actor, *, now: datetime) -> HomePage:
    """Gather everything for one person, what breaks first at the top."""
    sources = (
        _reports_to_triage,
        _questions_to_answer_as_submitter,
        _questions_to_answer_as_agency,
        _signals_to_move_on,
        _signals_to_grade,
        _decisions_to_make,
        _alerts_to_sign,
        _alerts_to_finish,
        _alerts_that_need_a_person,
        _advice_to_sign,
    )
    tasks = [task for source in sources for task in source(session, actor, now)]
    tasks.sort(key=lambda task: (not task.urgent, task.due_at or FAR, task.title))
    return HomePage(
        tasks=tasks[:MOST], waiting=_waiting_for_others(session, actor, now), decided=_decided(session, actor, now)
    )


def _reports_to_triage(session: Session, actor: Actor, now: datetime) -> list[Task]:
    if not (allowed(actor, Permission.SUBMISSION_TRIAGE) or allowed(actor, Permission.SUBMISSION_SEE_URGENT)):
        return []
    rows = visible_submissions(actor).where(
        Submission.state.in_((SubmissionState.RECEIVED, SubmissionState.TRIAGE)), Submission.earlier_id.is_(None)
    )
    found = session.scalars(rows.order_by(Submission.received_at).limit(MOST)).all()
    clocks = running_clocks_by_submission(session, [each.id for each in found])
    triages = allowed(actor, Permission.SUBMISSION_TRIAGE)
    begun = SubmissionState.TRIAGE
    return [
        Task(
            title=f"Report {each.reference}",
            endpoint="reports.show",
            values={"reference": each.reference},
            button="Go on with triage" if each.state is begun else ("Open and start triage" if triages else "Read it"),
            text="Being checked: link it to a Signal, ask the submitter or close it"
            if each.state is begun
            else "New: nobody has started triage",
            due_at=min((clock.due_at for clock in clocks.get(each.id, [])), default=None),
            urgent=each.urgency is not Urgency.ROUTINE,
        )
        for each in found
    ]


def _questions_to_answer_as_submitter(session: Session, actor: Actor, now: datetime) -> list[Task]:
    mine = own_submissions(actor).with_only_columns(Submission.id)
    rows = (
        select(Submission.reference, SubmissionQuestion.id, SubmissionQuestion.due_at)
        .join(SubmissionQuestion, SubmissionQuestion.submission_id == Submission.id)
        .where(Submission.id.in_(mine), SubmissionQuestion.answered_at.is_(None))
        .order_by(SubmissionQuestion.due_at)
    )
    return [
        Task(
            title=f"A question about your report {reference}",
            endpoint="follow.own_show",
            values={"reference": reference},
            button="Answer",
            due_at=due_at,
        )
        for reference, _, due_at in session.execute(rows)
    ]


def _questions_to_answer_as_agency(session: Session, actor: Actor, now: datetime) -> list[Task]:
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


def _signals_to_move_on(session: Session, actor: Actor, now: datetime) -> list[Task]:
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


def _signals_to_grade(session: Session, actor: Actor, now: datetime) -> list[Task]:
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


def _decisions_to_make(session: Session, actor: Actor, now: datetime) -> list[Task]:
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


def _versions(session: Session, actor: Actor, *states: VersionState) -> Sequence[AlertVersion]:
    mine = visibility.visible_alerts(actor).with_only_columns(Alert.id)
    rows = (
        select(AlertVersion)
        .join(Alert)
        .where(Alert.id.in_(mine), Alert.partnership_id == actor.partnership_id, AlertVersion.state.in_(states))
    )
    return session.scalars(rows.order_by(AlertVersion.id).limit(MOST)).all()


def _alerts_to_sign(session: Session, actor: Actor, now: datetime) -> list[Task]:
    if not allowed(actor, Permission.ALERT_SIGN):
        return []
    return [
        Task(
            title=f"Alert {version.reference}: {version.headline}",
            endpoint="alerts.sign",
            values={"reference": version.reference},
            button="Read and sign",
            text="Awaiting sign-off",
            due_at=version.send_at,
            urgent=version.level.value == "red",
        )
        for version in _versions(session, actor, VersionState.AWAITING_SIGN_OFF)
        if versions.roles_to_sign_as(session, actor, version, now=now)
    ]


def _alerts_to_finish(session: Session, actor: Actor, now: datetime) -> list[Task]:
    if not allowed(actor, Permission.ALERT_DRAFT):
        return []
    return [
        Task(
            title=f"Alert {version.reference}: {version.headline or 'no headline yet'}",
            endpoint="alerts.edit",
            values={"reference": version.reference},
            button="Go on writing",
            text=f"Returned: {version.returned_reason}" if version.returned_reason else "A draft",
        )
        for version in _versions(session, actor, VersionState.DRAFT)
        if versions.wrote(version, actor.user_id)
    ]


def _alerts_that_need_a_person(session: Session, actor: Actor, now: datetime) -> list[Task]:
    if not (allowed(actor, Permission.ALERT_WITHDRAW) or allowed(actor, Permission.DELIVERY_SETTLE)):
        return []
    rows = visibility.visible_alerts(actor).where(
        Alert.partnership_id == actor.partnership_id,
        or_(
            Alert.state == AlertState.ACTIVE,
            and_(Alert.state == AlertState.WITHDRAWN, Alert.ended_at >= now - LATELY),
        ),
    )
    tasks = []
    for alert in session.scalars(rows.order_by(Alert.expires_at, Alert.id)).all():
        stuck = _stuck(session, alert)
        active = alert.state is AlertState.ACTIVE
        ends_soon = active and alert.expires_at is not None and alert.expires_at - now <= ENDS_SOON
        if not (stuck or ends_soon):
            continue
        tasks.append(
            Task(
                title=f"Alert {alert.reference}",
                endpoint="alerts.show",
                values={"reference": alert.reference},
                button="Open the alert",
                text="Some messages failed or are uncertain" if stuck else "Ends soon: extend, update or withdraw it",
                due_at=None if stuck else alert.expires_at,
                urgent=stuck,
            )
        )
    return tasks


def _stuck(session: Session, alert: Alert) -> bool:
    """Say whether messages of what an alert says now failed or are uncertain, and nobody has seen to them."""
    ended = alert.state is AlertState.WITHDRAWN
    rows = (
        select(Delivery.id)
        .join(AlertVersion, AlertVersion.id == Delivery.alert_version_id)
        .where(
            AlertVersion.alert_id == alert.id,
            or_(AlertVersion.kind == VersionKind.WITHDRAWAL, literal(not ended)),
            deliveries.needs_a_person(),
        )
    )
    return session.scalar(rows.limit(1)) is not None


def _advice_to_sign(session: Session, actor: Actor, now: datetime) -> list[Task]:
    if not allowed(actor, Permission.ADVICE_SIGN):
        return []
    blocks = advice_blocks(session, now=now)
    unsigned = unsigned_blocks(session, actor.partnership_id, [block.id for block in blocks])
    return [
        Task(
            title=f"Advice: {block.title}",
            endpoint="advice.index",
            button="Read and sign",
            text="No alert can hold it until a clinician has signed it",
        )
        for block in unsigned
    ]


def _waiting_for_others(session: Session, actor: Actor, now: datetime) -> list[Task]:
    if not allowed(actor, Permission.SIGNAL_SEE):
        return []
    words = {
        SignalState.CORROBORATING: ("Agencies have been asked", ""),
        SignalState.WITH_PANEL: ("With the panel", ""),
    }
    rows = visible_signals(actor).where(Signal.partnership_id == actor.partnership_id, Signal.state.in_(tuple(words)))
    return _signal_tasks(session, session.scalars(rows.order_by(Signal.opened_at).limit(20)).all(), words)


def _decided(session: Session, actor: Actor, now: datetime) -> list[Task]:
    decided = select(PanelDecision.signal_id).where(PanelDecision.decided_at >= now - LATELY)
    rows = visible_signals(actor).where(
        Signal.partnership_id == actor.partnership_id,
        Signal.id.in_(decided),
        Signal.state.in_((SignalState.DECIDED, SignalState.MONITORING, SignalState.CLOSED)),
    )
    words = dict.fromkeys(SignalState, ("", ""))
    return _signal_tasks(session, session.scalars(rows.order_by(Signal.id.desc()).limit(10)).all(), words)
