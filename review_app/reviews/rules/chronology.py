"""The chronology of a case: its order, the days between events, and the times of raised risk. Pure.

Events are dated by London's calendar days, of which some are known only as a range. So a number of days is a range too:
the least and the most that the dates leave possible. Nothing is worked out from hours, so no change of the clocks adds
or takes a day.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from review_app.catalogue.rules.agency_return import ReturnSection
from review_app.catalogue.rules.review import RiskWindow
from review_app.fuzzy import FuzzyDate

Span = tuple[date, date]

OVERDOSE = "non_fatal_overdose"
CONTACT, MISSED = "contact", "missed_contact"
DISCHARGES = ("hospital_discharge", "mental_health_discharge")
RELEASE = "release"


class Certainty(StrEnum):
    """How sure the source is of an entry."""

    EXACT = "exact"
    APPROXIMATE = "approximate"
    INFERRED = "inferred"


class Since(StrEnum):
    """The events since which the days are counted."""

    OVERDOSE = "overdose"
    DISCHARGE = "discharge"
    RELEASE = "release"
    CONTACT = "contact"


KINDS_OF: Mapping[Since, tuple[str, ...]] = {
    Since.OVERDOSE: (OVERDOSE,),
    Since.DISCHARGE: DISCHARGES,
    Since.RELEASE: (RELEASE,),
    Since.CONTACT: (CONTACT,),
}


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One event as one source tells it. `agency_id` is the source; without it the coordinator is."""

    number: int
    happened: FuzzyDate
    kind: str
    what: str = ""
    significance: str = ""
    certainty: Certainty = Certainty.EXACT
    section: ReturnSection = ReturnSection.GENERAL
    third_party: bool = False
    agency_id: int | None = None
    returned: bool = False


@dataclass(frozen=True, kw_only=True)
class Days:
    """How many days lie between: at least and at most. `certain` is false where there may have been nothing before."""

    least: int
    most: int
    certain: bool = True


@dataclass(frozen=True, kw_only=True)
class RiskMark:
    """A time of raised risk into which something falls: surely, or as far as the dates leave it possible."""

    window: RiskWindow
    sure: bool


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What the chronology says of one moment: days since the last event of each sort, and the risk it falls into."""

    since: Mapping[Since, Days] = field(default_factory=dict)
    marks: tuple[RiskMark, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Row:
    """One entry in its place, with what is worked out for it."""

    entry: Entry
    reading: Reading
    to_death: Days | None
    told_twice: bool


def in_order(entries: Sequence[Entry]) -> list[Entry]:
    """Give entries by their earliest, then their latest day; what is still going on, or not dated, comes last."""
    return sorted(
        entries,
        key=lambda each: (each.happened.earliest or date.max, each.happened.latest or date.max, each.number),
    )


def chronology(entries: Sequence[Entry], windows: Sequence[RiskWindow], death: FuzzyDate) -> list[Row]:
    """Give every entry in order with its reading. Two accounts of one event both stay, and neither counts as the
    event before the other.
    """
    rows = []
    for entry in in_order(entries):
        same = [each for each in entries if tells_the_same(each, entry)]
        others = [each for each in entries if each is not entry and each not in same]
        rows.append(
            Row(
                entry=entry,
                reading=reading(entry.happened, others, windows),
                to_death=days_between(entry.happened, death),
                told_twice=bool(same),
            )
        )
    return rows


def reading(moment: FuzzyDate, entries: Sequence[Entry], windows: Sequence[RiskWindow]) -> Reading:
    """Say how long after the last events of each sort a moment lies, and into which times of raised risk it falls."""
    since = {sort: days_since(moment, _dates(entries, kinds)) for sort, kinds in KINDS_OF.items()}
    marks: list[RiskMark] = []
    for window in sorted(windows, key=lambda each: each.days):
        days = days_since(moment, _dates(entries, (window.after,)))
        narrower = any(mark.sure and mark.window.after == window.after for mark in marks)
        if days is not None and days.least <= window.days and not narrower:
            marks.append(RiskMark(window=window, sure=days.certain and days.most <= window.days))
    return Reading(since={sort: days for sort, days in since.items() if days is not None}, marks=tuple(marks))


def _dates(entries: Sequence[Entry], kinds: Sequence[str]) -> list[FuzzyDate]:
    return [each.happened for each in entries if each.kind in kinds]


def tells_the_same(one: Entry, other: Entry) -> bool:
    """Say whether two sources seem to tell of one event: the same kind, on days that are known and may be the same."""
    if one is other or one.kind != other.kind or (one.agency_id, one.returned) == (other.agency_id, other.returned):
        return False
    spans = (span(one.happened), span(other.happened))
    close = all(each is not None and each[1] - each[0] <= timedelta(days=7) for each in spans)
    return close and one.happened.overlaps(other.happened)


def span(value: FuzzyDate) -> Span | None:
    """Give the first and last day on which something may have begun; None where nothing is known."""
    if value.earliest is None:
        return None
    return value.earliest, value.latest or value.earliest


def days_since(moment: FuzzyDate, events: Sequence[FuzzyDate]) -> Days | None:
    """Count the days from the last event on or before a moment: every number that the dates leave possible lies between
    the least and the most. None when no event can have been before.
    """
    at = span(moment)
    if at is None:
        return None
    before = [each for each in map(span, events) if each is not None and each[0] <= at[1]]
    if not before:
        return None
    turns = [at[1], *(last - timedelta(days=1) for _first, last in before if at[0] < last <= at[1])]
    return Days(
        least=min(max(0, (at[0] - last).days) for _first, last in before),
        most=max(longest for each in turns if (longest := _longest(each, before)) is not None),
        certain=any(last <= at[0] for _first, last in before),
    )


def _longest(day: date, spans: Sequence[Span]) -> int | None:
    """Give the most days that can lie between a day and the last event before it."""
    surely = [first for first, last in spans if last <= day]
    if surely:
        return (day - max(surely)).days
    perhaps = [first for first, _last in spans if first <= day]
    return (day - min(perhaps)).days if perhaps else None


def days_between(earlier: FuzzyDate, later: FuzzyDate) -> Days | None:
    """Count the days from one date to another; fewer than none when it came after."""
    start, end = span(earlier), span(later)
    if start is None or end is None:
        return None
    return Days(least=(end[0] - start[1]).days, most=(end[1] - start[0]).days)


@dataclass(frozen=True, kw_only=True)
class ContactCount:
    """How often one source told of contact, of contact that was missed, and of anything."""

    agency_id: int | None
    contacts: int
    missed: int
    entries: int


def contact_counts(entries: Sequence[Entry]) -> list[ContactCount]:
    """Count contacts by source, the most contacts first."""
    contacts = Counter(each.agency_id for each in entries if each.kind == CONTACT)
    missed = Counter(each.agency_id for each in entries if each.kind == MISSED)
    every = Counter(each.agency_id for each in entries)
    counts = [
        ContactCount(agency_id=source, contacts=contacts[source], missed=missed[source], entries=number)
        for source, number in every.items()
    ]
    return sorted(counts, key=lambda each: (-each.contacts, -each.entries, each.agency_id or 0))


def since_words(days: Days) -> str:
    """Say how long since the last event: “12 days”, “5 to 9 days”, “up to 30 days, or none before”."""
    if not days.certain:
        return f"{'same day' if days.most == 0 else f'up to {_number(days.most)}'}, or none before"
    if days.most == 0:
        return "same day"
    return _number(days.most) if days.least == days.most else f"{days.least} to {_number(days.most)}"


def death_words(days: Days) -> str:
    """Say how long before the death: “12 days before”, “5 to 9 days before”, “2 days after”."""
    if days.least == days.most:
        return "same day" if days.most == 0 else f"{_number(abs(days.most))} {'before' if days.most > 0 else 'after'}"
    if days.least >= 0:
        return f"{days.least} to {_number(days.most)} before"
    if days.most <= 0:
        return f"{-days.most} to {_number(-days.least)} after"
    return f"{_number(days.most)} before to {_number(-days.least)} after"


def mark_words(mark: RiskMark) -> str:
    """Say into which time of raised risk something falls."""
    return f"Within {mark.window.words}" if mark.sure else f"Perhaps within {mark.window.words}"


def _number(days: int) -> str:
    return f"{days:,} day" if days == 1 else f"{days:,} days"
