"""The order of a chronology, the days between its events, and the times of raised risk."""

from datetime import UTC, date, datetime, timedelta
from itertools import product
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review_app.catalogue.rules.review import RiskWindow
from review_app.fuzzy import NOT_KNOWN, FuzzyDate, about_day, between, in_month, in_year, on_day, ongoing
from review_app.reviews.rules.chronology import (
    CONTACT,
    OVERDOSE,
    RELEASE,
    Certainty,
    Days,
    Entry,
    Since,
    chronology,
    contact_counts,
    days_between,
    days_since,
    death_words,
    in_order,
    mark_words,
    reading,
    since_words,
)
from review_app.working_time import london_day

MONDAY = date(2026, 3, 2)
OVERDOSE_28 = RiskWindow(key="overdose_28", words="28 days after an overdose", after=OVERDOSE, days=28, basis="")
RELEASE_21 = RiskWindow(key="release_21", words="3 weeks after release", after=RELEASE, days=21, basis="")
RELEASE_92 = RiskWindow(key="release_92", words="3 months after release", after=RELEASE, days=92, basis="")
WINDOWS = (RELEASE_92, OVERDOSE_28, RELEASE_21)


def day(number: int) -> date:
    return MONDAY + timedelta(days=number)


def entry(number: int, happened: FuzzyDate | int, kind: str = CONTACT, agency_id: int | None = 1) -> Entry:
    when = on_day(day(happened)) if isinstance(happened, int) else happened
    return Entry(number=number, happened=when, kind=kind, agency_id=agency_id, certainty=Certainty.EXACT, returned=True)


def test_entries_stand_by_their_earliest_then_their_latest_day_and_undated_ones_last() -> None:
    entries = [
        entry(1, NOT_KNOWN), entry(2, ongoing()), entry(3, in_month(2026, 3)), entry(4, on_day(date(2026, 3, 1))),
        entry(5, in_year(2025)), entry(6, ongoing(date(2026, 3, 1))), entry(7, on_day(date(2026, 3, 1))),
    ]  # fmt: skip
    assert [each.number for each in in_order(entries)] == [5, 4, 7, 3, 6, 1, 2]


SPANS = st.tuples(st.integers(0, 12), st.integers(0, 4)).map(lambda pair: between(day(pair[0]), day(sum(pair))))


def days_of(value: FuzzyDate) -> list[date]:
    assert value.earliest is not None
    assert value.latest is not None
    return [value.earliest + timedelta(days=number) for number in range((value.latest - value.earliest).days + 1)]


@given(SPANS, st.lists(SPANS, max_size=4))
def test_the_range_of_days_since_is_exactly_what_every_reading_of_the_dates_allows(
    moment: FuzzyDate, events: list[FuzzyDate]
) -> None:
    found: list[int | None] = []
    for now, *each in product(days_of(moment), *map(days_of, events)):
        before = [event for event in each if event <= now]
        found.append((now - max(before)).days if before else None)
    possible = [number for number in found if number is not None]
    counted = days_since(moment, events)
    if not possible:
        assert counted is None
    else:
        assert counted == Days(least=min(possible), most=max(possible), certain=None not in found)


@given(SPANS, SPANS)
def test_the_days_to_the_death_are_exactly_what_both_dates_allow(earlier: FuzzyDate, death: FuzzyDate) -> None:
    possible = [(end - start).days for start, end in product(days_of(earlier), days_of(death))]
    assert days_between(earlier, death) == Days(least=min(possible), most=max(possible))


@given(st.lists(SPANS, max_size=6), st.randoms())
def test_the_order_in_which_entries_were_added_changes_nothing(dates: list[FuzzyDate], random: Random) -> None:
    entries = [entry(number, when) for number, when in enumerate(dates)]
    shuffled = random.sample(entries, len(entries))
    rows = chronology(shuffled, WINDOWS, on_day(day(30)))
    assert rows == chronology(entries, WINDOWS, on_day(day(30)))
    firsts = [row.entry.happened.earliest for row in rows]
    assert firsts == sorted(each for each in firsts if each is not None)


def test_what_is_not_dated_has_no_days_and_what_goes_on_counts_from_its_start() -> None:
    assert days_since(NOT_KNOWN, [on_day(MONDAY)]) is None
    assert days_since(on_day(MONDAY), [NOT_KNOWN, ongoing()]) is None
    assert days_since(on_day(day(9)), [ongoing(MONDAY)]) == Days(least=9, most=9)
    assert days_between(on_day(MONDAY), NOT_KNOWN) is None


@pytest.mark.parametrize(("after", "within"), [(0, True), (1, True), (27, True), (28, True), (29, False)])
def test_the_twenty_eighth_day_after_an_overdose_is_within_and_the_twenty_ninth_is_not(
    after: int, within: bool
) -> None:
    marks = reading(on_day(day(after)), [entry(1, 0, OVERDOSE)], WINDOWS).marks
    assert [(mark.window.key, mark.sure) for mark in marks] == ([("overdose_28", True)] if within else [])


@pytest.mark.parametrize(
    ("overdose", "sure"),
    [(about_day(day(3)), True), (about_day(day(2)), True), (about_day(day(-1)), False), (about_day(day(-3)), False)],
)
def test_a_rough_date_makes_a_risk_sure_only_when_every_day_of_it_does(overdose: FuzzyDate, sure: bool) -> None:
    [mark] = reading(on_day(day(27)), [entry(1, overdose, OVERDOSE)], WINDOWS).marks
    assert mark.sure is sure
    assert mark_words(mark) == ("Within" if sure else "Perhaps within") + " 28 days after an overdose"


def test_a_wider_time_of_risk_is_not_said_beside_a_narrower_sure_one() -> None:
    def keys(moment: int, release: FuzzyDate) -> list[str]:
        return [mark.window.key for mark in reading(on_day(day(moment)), [entry(1, release, RELEASE)], WINDOWS).marks]

    assert keys(21, on_day(MONDAY)) == ["release_21"]
    assert keys(22, on_day(MONDAY)) == ["release_92"]
    assert keys(93, on_day(MONDAY)) == []
    assert keys(22, about_day(MONDAY)) == ["release_21", "release_92"]


def test_an_event_after_a_moment_is_no_risk_for_it() -> None:
    assert reading(on_day(MONDAY), [entry(1, 1, OVERDOSE)], WINDOWS) == reading(on_day(MONDAY), [], WINDOWS)


def test_a_second_overdose_is_counted_from_the_first_and_starts_the_days_anew() -> None:
    rows = chronology([entry(1, 0, OVERDOSE), entry(2, 10, OVERDOSE), entry(3, 15)], WINDOWS, on_day(day(40)))
    assert [row.reading.since.get(Since.OVERDOSE) for row in rows] == [
        None, Days(least=10, most=10), Days(least=5, most=5),
    ]  # fmt: skip
    assert [bool(row.reading.marks) for row in rows] == [False, True, True]


def test_two_accounts_of_one_event_both_stay_and_are_marked_and_neither_comes_before_the_other() -> None:
    police, ambulance = entry(1, 0, OVERDOSE, 1), entry(2, about_day(day(1)), OVERDOSE, 2)
    rows = chronology([police, ambulance, entry(3, 4, CONTACT, 2)], WINDOWS, NOT_KNOWN)
    assert [row.told_twice for row in rows] == [True, True, False]
    assert [row.reading.since.get(Since.OVERDOSE) for row in rows[:2]] == [None, None]
    assert [row.to_death for row in rows] == [None, None, None]


def test_two_events_that_one_agency_tells_of_are_two_events() -> None:
    rows = chronology([entry(1, 0, OVERDOSE), entry(2, 0, OVERDOSE)], WINDOWS, NOT_KNOWN)
    assert [row.told_twice for row in rows] == [False, False]
    assert rows[1].reading.since[Since.OVERDOSE] == Days(least=0, most=0)


def test_every_sort_of_event_is_counted_by_its_own_kinds() -> None:
    kinds = ("non_fatal_overdose", "hospital_discharge", "mental_health_discharge", "release", "contact")
    entries = [entry(number, number, kind) for number, kind in enumerate(kinds)]
    since = reading(on_day(day(10)), entries, WINDOWS).since
    assert {sort: days.most for sort, days in since.items()} == {
        Since.OVERDOSE: 10, Since.DISCHARGE: 8, Since.RELEASE: 7, Since.CONTACT: 6,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("event", "moment", "days"),
    [
        # 00:30 in London on 29 March 2026 is still GMT; an hour later it is summer time.
        (datetime(2026, 3, 29, 0, 30, tzinfo=UTC), datetime(2026, 4, 25, 23, 30, tzinfo=UTC), 28),
        (datetime(2026, 3, 28, 23, 30, tzinfo=UTC), datetime(2026, 4, 25, 22, 30, tzinfo=UTC), 28),
        # In summer 23:30 UTC is half past midnight of the next day in London.
        (datetime(2026, 10, 24, 22, 30, tzinfo=UTC), datetime(2026, 10, 24, 23, 30, tzinfo=UTC), 1),
        (datetime(2026, 10, 24, 23, 30, tzinfo=UTC), datetime(2026, 11, 22, 0, 30, tzinfo=UTC), 28),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 26, 0, 0, tzinfo=UTC), 1),
    ],
)
def test_days_are_londons_days_across_a_change_of_the_clocks(event: datetime, moment: datetime, days: int) -> None:
    overdose = [entry(1, on_day(london_day(event)), OVERDOSE)]
    read = reading(on_day(london_day(moment)), overdose, WINDOWS)
    assert read.since[Since.OVERDOSE] == Days(least=days, most=days)
    assert [mark.window.key for mark in read.marks] == ["overdose_28"]


def test_contacts_are_counted_by_agency_the_most_first() -> None:
    entries = [entry(1, 0), entry(2, 1), entry(3, 2, "missed_contact"), entry(4, 3, CONTACT, 2), entry(5, 4, "x", None)]
    counted = [(each.agency_id, each.contacts, each.missed, each.entries) for each in contact_counts(entries)]
    assert counted == [(1, 2, 1, 3), (2, 1, 0, 1), (None, 0, 0, 1)]


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (Days(least=0, most=0), "same day"),
        (Days(least=1, most=1), "1 day"),
        (Days(least=1200, most=1200), "1,200 days"),
        (Days(least=5, most=9), "5 to 9 days"),
        (Days(least=0, most=1), "0 to 1 day"),
        (Days(least=0, most=30, certain=False), "up to 30 days, or none before"),
        (Days(least=0, most=0, certain=False), "same day, or none before"),
    ],
)
def test_days_since_in_words(days: Days, words: str) -> None:
    assert since_words(days) == words


@pytest.mark.parametrize(
    ("least", "most", "words"),
    [
        (12, 12, "12 days before"), (0, 0, "same day"), (-1, -1, "1 day after"), (5, 9, "5 to 9 days before"),
        (0, 3, "0 to 3 days before"), (-9, -5, "5 to 9 days after"), (-2, 3, "3 days before to 2 days after"),
    ],
)  # fmt: skip
def test_days_to_the_death_in_words(least: int, most: int, words: str) -> None:
    assert death_words(Days(least=least, most=most)) == words
