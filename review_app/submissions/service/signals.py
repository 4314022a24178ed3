"""What the coordinator does with one Signal, and what the panel sets on it."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from review_app import events
from review_app.audit.service import record
from review_app.errors import RuleBroken, Stale
from review_app.marks import Grade
from review_app.policy import Actor, Permission, require
from review_app.submissions import queries
from review_app.submissions.commands.signals import (
    CloseSignal,
    MarkSignal,
    ReopenSignal,
    SkipCorroboration,
    TitleSignal,
    WatchSignal,
)
from review_app.submissions.events import SignalCloses
from review_app.submissions.models import Signal, Watch
from review_app.submissions.rules import SIGNAL_WORKFLOW, SignalAction
from review_app.submissions.service.moves import move_signal

__all__ = [
    "close_signal",
    "mark_signal",
    "move_signal",
    "reopen_signal",
    "set_grade",
    "skip_corroboration",
    "title_signal",
    "watch_signal",
]


def get_for_management(session: Session, actor: Actor, reference: str) -> Signal:
    """Give a Signal, held locked, to someone who may manage it. Raises NotVisible or NotAllowed."""
    signal = queries.get_locked_signal(session, actor, reference)
    require(actor, Permission.SIGNAL_MANAGE)
    return signal


def title_signal(session: Session, actor: Actor, command: TitleSignal, *, now: datetime) -> Signal:
    """Give a Signal another title. If somebody changed it meanwhile the person is shown both."""
    signal = get_for_management(session, actor, command.reference)
    if signal.version != command.version and signal.title != command.title:
        raise Stale(
            "This Signal changed while you had it open. Your title is kept below: press again to use it.",
            differences=(("Title", command.title, signal.title),),
        )
    before, signal.title = signal.title, command.title
    if before != command.title:
        record(session, actor, "title", signal, at=now, changes={"title": (before, command.title)})
    return signal


def mark_signal(session: Session, actor: Actor, command: MarkSignal, *, now: datetime) -> Signal:
    """Say whether a Signal is police-sensitive: then only coordinator, chairs and police members see it."""
    signal = get_for_management(session, actor, command.reference)
    before = signal.police_sensitive
    if before != command.police_sensitive:
        signal.police_sensitive = command.police_sensitive
        change = {"police_sensitive": (before, command.police_sensitive)}
        record(session, actor, "mark_police_sensitive", signal, at=now, changes=change)
    return signal


def skip_corroboration(session: Session, actor: Actor, command: SkipCorroboration, *, now: datetime) -> Signal:
    """Make a Signal ready for the panel without waiting for agencies, with a stated reason."""
    signal = get_for_management(session, actor, command.reference)
    if not command.reason.strip():
        raise RuleBroken("Enter why the panel should not wait for agencies.")
    move_signal(session, actor, signal, SignalAction.SKIP_CORROBORATION, now=now, reason=command.reason)
    signal.skipped_round_reason = command.reason
    return signal


def watch_signal(session: Session, actor: Actor, command: WatchSignal, *, now: datetime) -> Watch:
    """Keep a decided Signal open until a time, with a reason."""
    signal = get_for_management(session, actor, command.reference)
    if command.until <= now:
        raise RuleBroken("Enter a time in the future until which you will watch this Signal.")
    move_signal(session, actor, signal, SignalAction.WATCH, now=now, reason=command.reason)
    watch = Watch(
        signal_id=signal.id,
        reason=command.reason,
        expires_at=command.until,
        started_by_id=actor.user_id,
        started_at=now,
    )
    session.add(watch)
    return watch


def close_signal(session: Session, actor: Actor, command: CloseSignal, *, now: datetime) -> Signal:
    """Close a Signal, unless the panel or an active alert stands in the way."""
    signal = get_for_management(session, actor, command.reference)
    SIGNAL_WORKFLOW.after(signal.state, SignalAction.CLOSE)
    objections = events.objections(session, SignalCloses(signal_id=signal.id, at=now))
    if objections:
        raise RuleBroken(" ".join(objections))
    move_signal(session, actor, signal, SignalAction.CLOSE, now=now, reason=command.reason)
    signal.closure_note = command.reason
    _end_watches(session, signal, now)
    return signal


def reopen_signal(session: Session, actor: Actor, command: ReopenSignal, *, now: datetime) -> Signal:
    """Open a Signal again: a new report, a result or an incident asks for another look."""
    signal = get_for_management(session, actor, command.reference)
    if not command.reason.strip():
        raise RuleBroken("Enter why this Signal is opened again.")
    move_signal(session, actor, signal, SignalAction.REOPEN, now=now, reason=command.reason)
    signal.closure_note, signal.skipped_round_reason = "", ""
    _end_watches(session, signal, now)
    return signal


def set_grade(
    session: Session, actor: Actor | None, signal: Signal, grade: Grade, *, starred: bool, now: datetime
) -> None:
    """Keep the grade in force on a Signal that is held locked. The panel decides it; a star says it blocks."""
    change = {"grade": (signal.grade, grade), "starred": (signal.starred, starred)}
    signal.grade, signal.starred = grade, starred
    record(session, actor, "grade", signal, at=now, changes=change)


def _end_watches(session: Session, signal: Signal, now: datetime) -> None:
    session.execute(update(Watch).where(Watch.signal_id == signal.id, Watch.ended_at.is_(None)).values(ended_at=now))
