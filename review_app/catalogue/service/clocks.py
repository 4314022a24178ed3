"""Running the clocks of records. The move that starts or stops one is what is audited."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from review_app.catalogue.commands import ClockOf
from review_app.catalogue.models import Clock
from review_app.catalogue.queries import bank_holidays, current_clock_rule, find_running_clock, running_clocks
from review_app.catalogue.rules import ClockKey, clock_due
from review_app.errors import RuleBroken
from review_app.working_time import due_at as counted_due_at
from review_app.working_time import elapsed_between


def start_clock(
    session: Session,
    key: ClockKey,
    of: ClockOf,
    *,
    now: datetime,
    started_at: datetime | None = None,
    due_at: datetime | None = None,
) -> Clock:
    """Start a clock by the rule in force, or give the one that runs already.

    `started_at` is when what it measures began, if not now. `due_at` is the date that stands on the record, for the
    rules that ask for one. The move that starts a clock is what is audited.
    """
    running = find_running_clock(session, key, of)
    if running is not None:
        return running
    rule = current_clock_rule(session, key, now=now, partnership_id=of.partnership_id)
    started = started_at or now
    due = clock_due(rule.unit, rule.amount, rule.mode, started, bank_holidays(session), due_at)
    clock = Clock(rule=rule, partnership_id=of.partnership_id, started_at=started, due_at=due, **of.subject())
    session.add(clock)
    session.flush()
    return clock


def stop_clock(session: Session, key: ClockKey, of: ClockOf, *, now: datetime) -> Clock | None:
    """Stop the running clock of this kind, met or breached by its due time; a paused one first goes on."""
    clock = find_running_clock(session, key, of)
    if clock is not None:
        go_on(session, clock, now)
        clock.stopped_at = now
    return clock


def cancel_clocks(session: Session, of: ClockOf, *, now: datetime, keys: Sequence[ClockKey] = ()) -> list[Clock]:
    """Cancel the running clocks of a record, or only those of these kinds: what they measured will not happen."""
    wanted = {key.value for key in keys or ClockKey}
    cancelled = [clock for clock in running_clocks(session, of) if clock.rule.key in wanted]
    for clock in cancelled:
        clock.paused_at, clock.pause_reason, clock.cancelled_at = None, "", now
    return cancelled


def replace_clock(session: Session, old: ClockKey, new: ClockKey, of: ClockOf, *, now: datetime) -> Clock | None:
    """Put a clock of another kind in the place of one that runs, as of its start; for when urgency is raised."""
    running = find_running_clock(session, old, of)
    if running is None:
        return None
    cancel_clocks(session, of, now=now, keys=[old])
    session.flush()
    return start_clock(session, new, of, now=now, started_at=running.started_at)


def pause_clock(session: Session, key: ClockKey, of: ClockOf, *, reason: str, now: datetime) -> Clock | None:
    """Pause a running clock with a reason. One that is paused already keeps its first reason."""
    clock = find_running_clock(session, key, of)
    if not reason.strip():
        raise RuleBroken("Enter why the clock is paused.")
    if clock is not None and clock.paused_at is None:
        clock.paused_at, clock.pause_reason = now, reason.strip()[:200]
    return clock


def resume_clock(session: Session, key: ClockKey, of: ClockOf, *, now: datetime) -> Clock | None:
    """Let a paused clock go on. What was left when it was paused is left again, in the way its rule counts."""
    clock = find_running_clock(session, key, of)
    if clock is not None:
        go_on(session, clock, now)
    return clock


def go_on(session: Session, clock: Clock, now: datetime) -> None:
    """End a pause, moving the due time unless it had passed before the pause."""
    if clock.paused_at is None:
        return
    if clock.due_at > clock.paused_at:
        days_off = bank_holidays(session)
        left = elapsed_between(clock.paused_at, clock.due_at, clock.rule.mode, days_off)
        clock.due_at = max(clock.due_at, counted_due_at(now, left, clock.rule.mode, days_off))
    clock.paused_seconds += (now - clock.paused_at) // timedelta(seconds=1)
    clock.paused_at, clock.pause_reason = None, ""
