from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review_app.fuzzy import (
    NOT_KNOWN,
    UNKNOWN_WORDS,
    DatePrecision,
    FuzzyDate,
    Unknown,
    about_day,
    between,
    in_month,
    in_year,
    on_day,
    ongoing,
    parse_fuzzy,
)

FRIDAY = date(2026, 11, 6)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("6 November 2026", on_day(FRIDAY)),
        ("6th Nov 2026", on_day(FRIDAY)),
        ("6/11/2026", on_day(FRIDAY)),
        ("2026-11-06", on_day(FRIDAY)),
        (" About 6  november 2026. ", about_day(FRIDAY)),
        ("around 06/11/2026", about_day(FRIDAY)),
        ("November 2026", in_month(2026, 11)),
        ("feb 2028", in_month(2028, 2)),
        ("2026", in_year(2026)),
        ("between 6 November 2026 and 8 November 2026", between(FRIDAY, date(2026, 11, 8))),
        ("from 6/11/2026 to 8/11/2026", between(FRIDAY, date(2026, 11, 8))),
        ("ongoing", ongoing()),
        ("since 6 November 2026", ongoing(FRIDAY)),
        ("not known", NOT_KNOWN),
        ("", NOT_KNOWN),
        ("Don't know", NOT_KNOWN),
    ],
)
def test_rough_dates_are_read_as_people_write_them(written: str, value: FuzzyDate) -> None:
    assert parse_fuzzy(written) == value


@pytest.mark.parametrize(
    "written",
    [
        "yesterday",
        "31 February 2026",
        "6/13/2026",
        "June",
        "ju 2026",
        "6 November",
        "1826",
        "between 2026 and",
        "about 2026",
    ],
)
def test_what_cannot_be_read_is_refused_with_an_example(written: str) -> None:
    with pytest.raises(ValueError, match="Enter a"):
        parse_fuzzy(written)


def test_a_range_backwards_is_refused() -> None:
    with pytest.raises(ValueError, match="earlier date first"):
        parse_fuzzy("between 8 November 2026 and 6 November 2026")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (on_day(FRIDAY), "6 November 2026"),
        (about_day(FRIDAY), "about 6 November 2026"),
        (in_month(2026, 11), "November 2026"),
        (in_year(2026), "2026"),
        (between(FRIDAY, date(2026, 11, 8)), "between 6 November 2026 and 8 November 2026"),
        (ongoing(), "ongoing"),
        (ongoing(FRIDAY), "ongoing since 6 November 2026"),
        (NOT_KNOWN, "not known"),
    ],
)
def test_rough_dates_are_said_in_words(value: FuzzyDate, words: str) -> None:
    assert str(value) == words


days = st.dates(date(1901, 1, 1), date(2198, 12, 31))
values = st.one_of(
    st.just(NOT_KNOWN),
    days.map(on_day),
    days.map(about_day),
    days.map(ongoing),
    days.map(lambda day: in_month(day.year, day.month)),
    days.map(lambda day: in_year(day.year)),
    st.tuples(days, st.integers(0, 400)).map(
        lambda pair: between(pair[0], min(pair[0] + timedelta(pair[1]), date(2199, 1, 1)))
    ),
)


@given(values)
def test_what_is_said_in_words_is_read_back_the_same(value: FuzzyDate) -> None:
    assert parse_fuzzy(str(value)) == value


@given(values, values)
def test_overlapping_is_mutual_and_everything_overlaps_itself(one: FuzzyDate, other: FuzzyDate) -> None:
    assert one.overlaps(other) is other.overlaps(one)
    assert one.overlaps(one)
    assert one.overlaps(NOT_KNOWN)


@pytest.mark.parametrize(
    ("earliest", "latest", "precision"),
    [
        (FRIDAY, None, DatePrecision.DAY),
        (FRIDAY, FRIDAY + timedelta(1), DatePrecision.DAY),
        (FRIDAY, None, DatePrecision.NOT_KNOWN),
        (None, FRIDAY, DatePrecision.ONGOING),
        (FRIDAY, FRIDAY - timedelta(1), DatePrecision.RANGE),
        (None, None, DatePrecision.MONTH),
    ],
)
def test_days_that_do_not_fit_the_precision_are_refused(
    earliest: date | None, latest: date | None, precision: DatePrecision
) -> None:
    with pytest.raises(ValueError):
        FuzzyDate(earliest, latest, precision)


def test_every_reason_for_not_knowing_has_words() -> None:
    assert set(UNKNOWN_WORDS) == set(Unknown)
