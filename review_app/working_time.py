"""Working hours, bank holidays, due times, and the reading of a London clock time.

Three ways to count: every hour; working days of 24 hours, with weekends and England's bank holidays left out; working
hours, 09:00 to 17:00 on working days. A due time is the earliest instant by which the amount has been counted.
"""

from collections.abc import Container, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from zoneinfo import ZoneInfo

import holidays

LONDON = ZoneInfo("Europe/London")
OPENS, CLOSES = time(9), time(17)
LONGEST_WAIT_DAYS = 3660


class CountingMode(StrEnum):
    """Which hours a clock counts."""

    ELAPSED = "elapsed"
    WORKING_DAYS = "working_days"
    WORKING_HOURS = "working_hours"


class Nation(StrEnum):
    """Whose bank holidays, as the library names them."""

    ENGLAND = "ENG"
    WALES = "WLS"
    SCOTLAND = "SCT"
    NORTHERN_IRELAND = "NIR"


@cache
def published_bank_holidays(nation: Nation) -> holidays.HolidayBase:
    """Give the nation's bank holidays as the library knows them; it works out each year when first asked."""
    return holidays.country_holidays("GB", subdiv=nation.value)


class BankHolidays:
    """A nation's bank holidays: what the library knows, as corrected by an override table."""

    def __init__(self, overrides: Mapping[date, bool] | None = None, nation: Nation = Nation.ENGLAND) -> None:
        self.overrides = dict(overrides or {})
        self.nation = nation

    def __contains__(self, day: object) -> bool:
        if not isinstance(day, date):
            return False
        return self.overrides.get(day, day in published_bank_holidays(self.nation))


ENGLAND = BankHolidays()
"""England's bank holidays with no correction, for where no override table is at hand."""


def london_instant(local: datetime) -> datetime:
    """Give the instant of a London clock time. Refuse one that does not exist or occurs twice."""
    first, second = (local.replace(tzinfo=LONDON, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first != second:
        raise ValueError("Enter a time before 01:00 or from 02:00: the clocks change that night.")
    return first


def to_london(instant: datetime) -> datetime:
    """Give an instant as London's clocks show it."""
    if instant.tzinfo is None:
        raise ValueError("an instant must say its time zone")
    return instant.astimezone(LONDON)


def london_day(instant: datetime) -> date:
    """Give the day it is in London at an instant."""
    return to_london(instant).date()


def start_of_day(day: date) -> datetime:
    """Give the instant at which a London day begins; midnight never falls into a change of the clocks."""
    return london_instant(datetime.combine(day, time.min))


def end_of_london_day(day: date) -> datetime:
    """Give the last minute of a London day, so that what ends then is still said to end on that day."""
    return london_instant(datetime.combine(day, time(23, 59)))


def is_working_day(day: date, bank_holidays: Container[date] = ENGLAND) -> bool:
    """Say whether a day is Monday to Friday and no bank holiday."""
    return day.weekday() < 5 and day not in bank_holidays


def is_working_hours(instant: datetime, bank_holidays: Container[date] = ENGLAND) -> bool:
    """Say whether an instant is in business hours: 09:00 up to, not including, 17:00 on a working day."""
    local = to_london(instant)
    return is_working_day(local.date(), bank_holidays) and OPENS <= local.time() < CLOSES


def windows(start: datetime, mode: CountingMode, bank_holidays: Container[date]) -> Iterator[tuple[datetime, datetime]]:
    """Give the stretches that count, from `start` on, each as (from, to) in UTC."""
    if mode is CountingMode.ELAPSED:
        yield start, datetime.max.replace(tzinfo=UTC)
        return
    first = london_day(start)
    for day in (first + timedelta(days=offset) for offset in range(LONGEST_WAIT_DAYS)):
        if not is_working_day(day, bank_holidays):
            continue
        if mode is CountingMode.WORKING_HOURS:
            opens, closes = (london_instant(datetime.combine(day, at)) for at in (OPENS, CLOSES))
        else:
            opens, closes = start_of_day(day), start_of_day(day + timedelta(days=1))
        if closes > start:
            yield max(opens, start), closes


def due_at(
    started: datetime, amount: timedelta, mode: CountingMode, bank_holidays: Container[date] = ENGLAND
) -> datetime:
    """Give the earliest instant by which `amount` has been counted since `started`; nothing to count is due at once."""
    if amount < timedelta(0):
        raise ValueError("a clock cannot count backwards")
    left, instant = amount, to_london(started).astimezone(UTC)
    if not left:
        return instant
    for opens, closes in windows(instant, mode, bank_holidays):
        if closes - opens >= left:
            return opens + left
        left -= closes - opens
    raise ValueError("a clock cannot run for so many years")


def elapsed_between(
    start: datetime, end: datetime, mode: CountingMode, bank_holidays: Container[date] = ENGLAND
) -> timedelta:
    """Give how much of the time between two instants counts; nothing when the second is not later."""
    total, finish = timedelta(0), to_london(end).astimezone(UTC)
    for opens, closes in windows(to_london(start).astimezone(UTC), mode, bank_holidays):
        if opens >= finish:
            break
        total += min(closes, finish) - opens
    return total


def end_of_next_working_day(instant: datetime, bank_holidays: Container[date] = ENGLAND) -> datetime:
    """Give 17:00 on the first working day after the day of this instant."""
    day = london_day(instant) + timedelta(days=1)
    while not is_working_day(day, bank_holidays):
        day += timedelta(days=1)
    return london_instant(datetime.combine(day, CLOSES))


def days_after(instant: datetime, days: int) -> datetime:
    """Give the same London clock time so many days of the calendar later.

    A clock time that does not exist or occurs twice that night counts as the first hour after the change.
    """
    return _settled(to_london(instant).replace(tzinfo=None) + timedelta(days=days))


def months_after(instant: datetime, months: int) -> datetime:
    """Give the same London clock time so many months later, on the last day of a month that is too short.

    A clock time that does not exist or occurs twice that night counts as the first hour after the change.
    """
    local = to_london(instant).replace(tzinfo=None)
    year, month = divmod(local.year * 12 + local.month - 1 + months, 12)
    longest = (date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return _settled(local.replace(year=year, month=month + 1, day=min(local.day, longest)))


def _settled(local: datetime) -> datetime:
    """Give the instant of a London clock time, or that of the first hour after a change of the clocks."""
    try:
        return london_instant(local)
    except ValueError:
        return london_instant(local.replace(hour=2))
