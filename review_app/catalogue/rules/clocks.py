"""Which clocks there are, when one is due and how it stands."""

from collections.abc import Container
from datetime import date, datetime, timedelta
from enum import StrEnum

from review_app.working_time import CountingMode, days_after, due_at, end_of_next_working_day, months_after


class ClockKey(StrEnum):
    """The clocks that the product knows how to start and stop; their times are versioned data."""

    RECEIPT = "receipt"
    TRIAGE_ROUTINE = "triage_routine"
    TRIAGE_URGENT = "triage_urgent"
    CORROBORATION_ROUTINE = "corroboration_routine"
    CORROBORATION_URGENT = "corroboration_urgent"
    PANEL_ROUTINE = "panel_routine"
    PANEL_URGENT = "panel_urgent"
    PANEL_CRITICAL = "panel_critical"
    RATIFICATION = "ratification"
    PROVISIONAL_ALERT = "provisional_alert"
    FEEDBACK = "feedback"
    ALERT_REVIEW = "alert_review"
    ALERT_REVIEW_REMINDER = "alert_review_reminder"
    RECIPIENT_RECONFIRMATION = "recipient_reconfirmation"
    NOTIFICATION_TRIAGE = "notification_triage"
    AGENCY_RETURN = "agency_return"
    CASE_REVIEW = "case_review"
    CASE_REVIEW_CEILING = "case_review_ceiling"


REVIEW_CLOCKS = (
    ClockKey.NOTIFICATION_TRIAGE,
    ClockKey.AGENCY_RETURN,
    ClockKey.CASE_REVIEW,
    ClockKey.CASE_REVIEW_CEILING,
)
"""The clocks of the death review, which each Partnership may set for itself."""


class ClockUnit(StrEnum):
    """How the amount of a clock rule is meant."""

    HOURS = "hours"
    DAYS = "days"
    MONTHS = "months"
    END_OF_NEXT_WORKING_DAY = "end_of_next_working_day"
    ON_RECORD = "on_record"


class ClockState(StrEnum):
    """How a clock stands at an instant."""

    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    BREACHED = "breached"
    CANCELLED = "cancelled"


def clock_due(
    unit: ClockUnit,
    amount: int,
    mode: CountingMode,
    started: datetime,
    bank_holidays: Container[date],
    on_record: datetime | None = None,
) -> datetime:
    """Give when a clock is due. A rule whose date stands on the record is handed that date.

    A day of a rule in working days is 24 hours of them; a day of one that counts every hour is a day of the calendar,
    so that what starts at ten in the morning is due at ten, whether or not the clocks changed meanwhile.
    """
    match unit:
        case ClockUnit.HOURS:
            return due_at(started, timedelta(hours=amount), mode, bank_holidays)
        case ClockUnit.DAYS if mode is CountingMode.ELAPSED:
            return days_after(started, amount)
        case ClockUnit.DAYS:
            return due_at(started, timedelta(days=amount), mode, bank_holidays)
        case ClockUnit.MONTHS:
            return months_after(started, amount)
        case ClockUnit.END_OF_NEXT_WORKING_DAY:
            return end_of_next_working_day(started, bank_holidays)
        case ClockUnit.ON_RECORD if on_record is not None:
            return on_record
    raise ValueError("this clock needs the date that stands on its record")


def clock_state(
    *, due: datetime, paused: datetime | None, stopped: datetime | None, cancelled: datetime | None, now: datetime
) -> ClockState:
    """Say how a clock stands: a stopped one was met or breached for good, a paused one can pass no due time."""
    if cancelled is not None:
        return ClockState.CANCELLED
    if stopped is not None:
        return ClockState.MET if stopped <= due else ClockState.BREACHED
    if paused is not None:
        return ClockState.PAUSED if paused <= due else ClockState.BREACHED
    return ClockState.RUNNING if now <= due else ClockState.BREACHED
