from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review_app.working_time import (
    ENGLAND,
    LONDON,
    BankHolidays,
    CountingMode,
    Nation,
    due_at,
    elapsed_between,
    end_of_london_day,
    end_of_next_working_day,
    is_working_hours,
    london_day,
    london_instant,
    months_after,
    start_of_day,
    to_london,
)

HOURS, DAYS, ALWAYS = CountingMode.WORKING_HOURS, CountingMode.WORKING_DAYS, CountingMode.ELAPSED


def at(text: str) -> datetime:
    """Give the instant of a London clock time such as 2026-11-06 17:00."""
    return london_instant(datetime.fromisoformat(text))


def london(instant: datetime) -> str:
    return to_london(instant).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize("clock_time", ["2026-03-29 01:00", "2026-03-29 01:59", "2026-10-25 01:00", "2026-10-25 01:30"])
def test_a_clock_time_that_does_not_exist_or_occurs_twice_is_refused(clock_time: str) -> None:
    with pytest.raises(ValueError, match="the clocks change that night"):
        london_instant(datetime.fromisoformat(clock_time))


@pytest.mark.parametrize(
    ("clock_time", "instant"),
    [
        ("2026-03-29 00:59", datetime(2026, 3, 29, 0, 59, tzinfo=UTC)),
        ("2026-03-29 02:00", datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),
        ("2026-10-25 00:59", datetime(2026, 10, 24, 23, 59, tzinfo=UTC)),
        ("2026-10-25 02:00", datetime(2026, 10, 25, 2, 0, tzinfo=UTC)),
        ("2026-07-01 12:00", datetime(2026, 7, 1, 11, 0, tzinfo=UTC)),
    ],
)
def test_every_other_clock_time_is_one_instant(clock_time: str, instant: datetime) -> None:
    assert london_instant(datetime.fromisoformat(clock_time)) == instant


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(ValueError):
        to_london(datetime(2026, 1, 1))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("started", "hours", "mode", "due"),
    [
        ("2026-11-06 17:00", 4, HOURS, "2026-11-09 13:00"),  # Friday at closing time
        ("2026-11-06 16:30", 4, HOURS, "2026-11-09 12:30"),
        ("2026-11-06 13:00", 4, HOURS, "2026-11-06 17:00"),
        ("2026-11-07 03:00", 4, HOURS, "2026-11-09 13:00"),
        ("2026-11-09 07:00", 4, HOURS, "2026-11-09 13:00"),
        ("2026-11-06 17:00", 1, ALWAYS, "2026-11-06 18:00"),
        ("2026-11-06 17:00", 24, DAYS, "2026-11-09 17:00"),
        ("2026-11-07 03:00", 24, DAYS, "2026-11-10 00:00"),
        ("2026-11-05 12:00", 48, DAYS, "2026-11-09 12:00"),
        ("2026-12-24 16:00", 4, HOURS, "2026-12-29 12:00"),  # Friday 25th, and Monday 28th for Boxing Day
        ("2026-12-24 16:00", 24, DAYS, "2026-12-29 16:00"),
        ("2026-12-31 16:00", 4, HOURS, "2027-01-04 12:00"),
        ("2027-12-24 16:00", 4, HOURS, "2027-12-29 12:00"),  # Christmas on a Saturday, Boxing Day on a Sunday
        ("2026-04-02 16:30", 1, HOURS, "2026-04-07 09:30"),  # Good Friday and Easter Monday
        ("2026-03-27 16:00", 4, HOURS, "2026-03-30 12:00"),  # the clocks go forward
        ("2026-03-28 12:00", 24, ALWAYS, "2026-03-29 13:00"),
        ("2026-10-23 16:00", 4, HOURS, "2026-10-26 12:00"),  # the clocks go back
        ("2026-10-24 12:00", 24, ALWAYS, "2026-10-25 11:00"),
        ("2026-03-27 16:00", 24, DAYS, "2026-03-30 16:00"),
        ("2026-11-07 03:00", 0, HOURS, "2026-11-07 03:00"),
    ],
)
def test_due_times(started: str, hours: int, mode: CountingMode, due: str) -> None:
    assert london(due_at(at(started), timedelta(hours=hours), mode)) == due


def test_an_override_adds_or_removes_a_bank_holiday() -> None:
    kept = BankHolidays({date(2026, 11, 9): True, date(2026, 12, 25): False})
    assert london(due_at(at("2026-11-06 17:00"), timedelta(hours=4), HOURS, kept)) == "2026-11-10 13:00"
    assert london(due_at(at("2026-12-24 17:00"), timedelta(hours=4), HOURS, kept)) == "2026-12-25 13:00"
    assert date(2026, 12, 28) in kept
    assert "2026-12-28" not in kept


def test_the_nations_keep_different_bank_holidays() -> None:
    assert date(2026, 3, 17) in BankHolidays(nation=Nation.NORTHERN_IRELAND)
    assert date(2026, 11, 30) in BankHolidays(nation=Nation.SCOTLAND)
    assert date(2026, 3, 17) not in ENGLAND
    assert date(2026, 4, 6) in BankHolidays(nation=Nation.WALES)


@pytest.mark.parametrize(
    ("instant", "open_"),
    [
        ("2026-11-09 08:59", False),
        ("2026-11-09 09:00", True),
        ("2026-11-09 16:59", True),
        ("2026-11-09 17:00", False),
        ("2026-11-07 12:00", False),
        ("2026-12-25 12:00", False),
        ("2026-07-06 09:00", True),
    ],
)
def test_business_hours(instant: str, open_: bool) -> None:
    assert is_working_hours(at(instant)) is open_


@pytest.mark.parametrize(
    ("instant", "end"),
    [
        ("2026-11-06 22:00", "2026-11-09 17:00"),
        ("2026-11-09 03:00", "2026-11-10 17:00"),
        ("2026-12-24 22:00", "2026-12-29 17:00"),
    ],
)
def test_the_end_of_the_next_working_day(instant: str, end: str) -> None:
    assert london(end_of_next_working_day(at(instant))) == end


@pytest.mark.parametrize("day", [date(2026, 11, 6), date(2026, 3, 29), date(2026, 10, 25), date(2026, 12, 31)])
def test_a_london_day_ends_in_its_last_minute_and_begins_at_midnight(day: date) -> None:
    assert london(end_of_london_day(day)) == f"{day} 23:59"
    assert london(start_of_day(day)) == f"{day} 00:00"
    assert london_day(end_of_london_day(day)) == london_day(start_of_day(day)) == day


@pytest.mark.parametrize(
    ("instant", "months", "moved"),
    [
        ("2026-08-31 10:00", 6, "2027-02-28 10:00"),
        ("2026-01-15 10:00", 6, "2026-07-15 10:00"),
        ("2026-12-15 10:00", 1, "2027-01-15 10:00"),
        ("2026-11-30 10:00", 1, "2026-12-30 10:00"),
        ("2026-09-29 01:30", 6, "2027-03-29 01:30"),
        ("2025-09-29 01:30", 6, "2026-03-29 02:30"),
    ],
)
def test_months_keep_the_london_clock_time(instant: str, months: int, moved: str) -> None:
    assert london(months_after(at(instant), months)) == moved


def test_a_clock_never_counts_backwards() -> None:
    with pytest.raises(ValueError):
        due_at(at("2026-11-06 17:00"), timedelta(hours=-1), HOURS)
    assert elapsed_between(at("2026-11-06 17:00"), at("2026-11-05 17:00"), HOURS) == timedelta(0)


instants = st.datetimes(datetime(2024, 1, 1), datetime(2031, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
amounts = st.timedeltas(timedelta(0), timedelta(hours=200))
modes = st.sampled_from(list(CountingMode))


@given(instants, amounts, amounts, modes)
def test_a_longer_clock_is_never_due_earlier(
    started: datetime, less: timedelta, more: timedelta, mode: CountingMode
) -> None:
    assert due_at(started, less, mode) <= due_at(started, less + more, mode)


@given(instants, st.timedeltas(timedelta(0), timedelta(days=30)), amounts, modes)
def test_a_later_start_is_never_due_earlier(
    started: datetime, later: timedelta, amount: timedelta, mode: CountingMode
) -> None:
    assert due_at(started, amount, mode) <= max(due_at(started + later, amount, mode), started + later)


@given(instants, amounts, amounts, modes)
def test_counting_in_two_parts_comes_to_the_same(
    started: datetime, first: timedelta, second: timedelta, mode: CountingMode
) -> None:
    assert due_at(due_at(started, first, mode), second, mode) == due_at(started, first + second, mode)


@given(instants, amounts, modes)
def test_what_has_elapsed_at_the_due_time_is_the_amount(
    started: datetime, amount: timedelta, mode: CountingMode
) -> None:
    due = due_at(started, amount, mode)
    assert elapsed_between(started, due, mode) == amount
    assert due - started >= amount


@given(instants, amounts, amounts, modes)
def test_elapsed_time_adds_up(started: datetime, first: timedelta, second: timedelta, mode: CountingMode) -> None:
    middle, end = started + first, started + first + second
    parts = elapsed_between(started, middle, mode) + elapsed_between(middle, end, mode)
    assert parts == elapsed_between(started, end, mode)


@given(instants, st.timedeltas(timedelta(minutes=1), timedelta(hours=200)))
def test_working_hours_are_due_in_working_hours(started: datetime, amount: timedelta) -> None:
    due = due_at(started, amount, HOURS)
    assert is_working_hours(due - timedelta(microseconds=1))


@given(st.datetimes(datetime(2024, 1, 1), datetime(2031, 12, 31)))  # noqa: DTZ001
def test_reading_a_clock_time_and_showing_it_again_changes_nothing(local: datetime) -> None:
    try:
        instant = london_instant(local)
    except ValueError:
        assert local.hour == 1
        return
    assert instant.astimezone(LONDON).replace(tzinfo=None) == local
