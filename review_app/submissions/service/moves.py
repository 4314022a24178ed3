"""The only places where a report or a Signal changes its state."""

from datetime import datetime

from sqlalchemy.orm import Session

from review_app import events
from review_app.audit.service import record
from review_app.catalogue.commands import ClockOf
from review_app.catalogue.rules import ClockKey
from review_app.catalogue.service import cancel_clocks, start_clock, stop_clock
from review_app.policy import Actor
from review_app.submissions.events import SignalMoved
from review_app.submissions.models import RecordedMove, Signal, Submission
from review_app.submissions.rules import (
    SIGNAL_WORKFLOW,
    SUBMISSION_WORKFLOW,
    SignalAction,
    SignalState,
    SubmissionAction,
    Urgency,
)

TRIAGE_CLOCKS = {
    Urgency.ROUTINE: ClockKey.TRIAGE_ROUTINE,
    Urgency.URGENT: ClockKey.TRIAGE_URGENT,
    Urgency.CRITICAL: ClockKey.TRIAGE_URGENT,
}
PANEL_CLOCKS = {
    Urgency.ROUTINE: ClockKey.PANEL_ROUTINE,
    Urgency.URGENT: ClockKey.PANEL_URGENT,
    Urgency.CRITICAL: ClockKey.PANEL_CRITICAL,
}


def clocks_of_submission(submission: Submission) -> ClockOf:
    """Name a report as the owner of its clocks."""
    return ClockOf(partnership_id=submission.partnership_id, submission_id=submission.id)


def clocks_of_signal(signal: Signal) -> ClockOf:
    """Name a Signal as the owner of its clocks."""
    return ClockOf(partnership_id=signal.partnership_id, signal_id=signal.id)


def move_submission(
    session: Session,
    actor: Actor | None,
    submission: Submission,
    action: SubmissionAction,
    *,
    now: datetime,
    reason: str = "",
) -> Submission:
    """Take a legal step with a report that is held locked, and keep who, when, from, to and why."""
    before = submission.state
    submission.state = SUBMISSION_WORKFLOW.after(before, action)
    session.add(
        RecordedMove(
            submission_id=submission.id,
            action=action.value,
            from_state=before.value,
            to_state=submission.state.value,
            reason=reason,
            at=now,
            by_id=actor.user_id if actor else None,
        )
    )
    record(session, actor, action, submission, at=now, changes={"state": (before, submission.state)})
    return submission


def finish_triage(session: Session, actor: Actor, submission: Submission, *, now: datetime) -> None:
    """Keep who made the first decision on a report and when, and stop its triage clock."""
    if submission.triaged_at is None:
        submission.triaged_at, submission.triaged_by_id = now, actor.user_id
    for key in set(TRIAGE_CLOCKS.values()):
        stop_clock(session, key, clocks_of_submission(submission), now=now)


def return_to_triage(session: Session, submission: Submission, *, now: datetime) -> None:
    """Let a triage clock run for a report that has to be decided on again."""
    start_clock(session, TRIAGE_CLOCKS[submission.urgency], clocks_of_submission(submission), now=now)


def move_signal(
    session: Session, actor: Actor | None, signal: Signal, action: SignalAction, *, now: datetime, reason: str = ""
) -> Signal:
    """Take a legal step with a Signal that is held locked, run the panel's clock, and keep who, when and why."""
    before = signal.state
    signal.state = SIGNAL_WORKFLOW.after(before, action)
    signal.closed_at = now if signal.state is SignalState.CLOSED else None
    _run_panel_clock(session, signal, before, now)
    session.add(
        RecordedMove(
            signal_id=signal.id,
            action=action.value,
            from_state=before.value,
            to_state=signal.state.value,
            reason=reason,
            at=now,
            by_id=actor.user_id if actor else None,
        )
    )
    record(session, actor, action, signal, at=now, changes={"state": (before, signal.state)})
    events.publish(session, SignalMoved(signal_id=signal.id, action=action, at=now))
    return signal


def _run_panel_clock(session: Session, signal: Signal, before: SignalState, now: datetime) -> None:
    """The panel's clock runs from ready to decided; reopening takes a running one away."""
    if signal.state is before:
        return
    if signal.state is SignalState.PANEL_READY:
        start_clock(session, PANEL_CLOCKS[signal.urgency], clocks_of_signal(signal), now=now)
    elif signal.state is SignalState.DECIDED:
        for key in PANEL_CLOCKS.values():
            stop_clock(session, key, clocks_of_signal(signal), now=now)
    elif signal.state is SignalState.OPEN:
        cancel_clocks(session, clocks_of_signal(signal), now=now, keys=list(PANEL_CLOCKS.values()))
