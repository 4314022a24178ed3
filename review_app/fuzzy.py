"""Dates that are known only roughly, and the reasons why something is not known.

A FuzzyDate is mapped as a composite of three columns:

    happened_from: Mapped[date | None]
    happened_to: Mapped[date | None]
    happened_precision: Mapped[DatePrecision]
    happened: Mapped[FuzzyDate] = composite("happened_from", "happened_to", "happened_precision")
"""

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
ABOUT_DAYS = 3


class DatePrecision(StrEnum):
    """How well a date is known."""

    DAY = "day"
    ABOUT = "about"
    MONTH = "month"
    YEAR = "year"
    RANGE = "range"
    ONGOING = "ongoing"
    NOT_KNOWN = "not_known"


class Unknown(StrEnum):
    """Why a coded field holds no value."""

    NOT_KNOWN_SOUGHT = "not_known_sought"
    NOT_KNOWN_NOT_ASKED = "not_known_not_asked"
    NOT_APPLICABLE = "not_applicable"


UNKNOWN_WORDS: dict[Unknown, str] = {
    Unknown.NOT_KNOWN_SOUGHT: "Not known, although it was asked",
    Unknown.NOT_KNOWN_NOT_ASKED: "Not known, and not asked",
    Unknown.NOT_APPLICABLE: "Does not apply",
}


@dataclass(frozen=True)
class FuzzyDate:
    """The first and last day on which something may have happened, and how well that is known."""

    earliest: date | None
    latest: date | None
    precision: DatePrecision

    def __post_init__(self) -> None:
        """Refuse days that do not fit the precision."""
        match self.precision:
            case DatePrecision.NOT_KNOWN:
                fits = self.earliest is None and self.latest is None
            case DatePrecision.ONGOING:
                fits = self.latest is None
            case DatePrecision.DAY:
                fits = self.earliest is not None and self.earliest == self.latest
            case _:
                fits = self.earliest is not None and self.latest is not None and self.earliest <= self.latest
        if not fits:
            raise ValueError("the days do not fit the precision")

    def __str__(self) -> str:
        return in_words(self)

    def overlaps(self, other: "FuzzyDate") -> bool:
        """Say whether both may have happened on the same day; what is not known may have been any day."""
        starts_in_time = other.latest is None or self.earliest is None or self.earliest <= other.latest
        return starts_in_time and (self.latest is None or other.earliest is None or other.earliest <= self.latest)


NOT_KNOWN = FuzzyDate(None, None, DatePrecision.NOT_KNOWN)


def on_day(day: date) -> FuzzyDate:
    """Give a date that is known exactly."""
    return FuzzyDate(day, day, DatePrecision.DAY)


def about_day(day: date) -> FuzzyDate:
    """Give a date that is known to within three days."""
    margin = timedelta(days=ABOUT_DAYS)
    return FuzzyDate(day - margin, day + margin, DatePrecision.ABOUT)


def in_month(year: int, month: int) -> FuzzyDate:
    """Give a date of which only the month is known."""
    last = calendar.monthrange(year, month)[1]
    return FuzzyDate(date(year, month, 1), date(year, month, last), DatePrecision.MONTH)


def in_year(year: int) -> FuzzyDate:
    """Give a date of which only the year is known."""
    return FuzzyDate(date(year, 1, 1), date(year, 12, 31), DatePrecision.YEAR)


def between(first: date, last: date) -> FuzzyDate:
    """Give a date known to lie between two days, both included."""
    return FuzzyDate(first, last, DatePrecision.RANGE)


def ongoing(since: date | None = None) -> FuzzyDate:
    """Give something that still goes on, since a day if that is known."""
    return FuzzyDate(since, None, DatePrecision.ONGOING)


def in_words(value: FuzzyDate) -> str:
    """Say a rough date as a person would."""
    match value:
        case FuzzyDate(precision=DatePrecision.NOT_KNOWN):
            return "not known"
        case FuzzyDate(earliest=None):
            return "ongoing"
        case FuzzyDate(earliest=date() as first, precision=DatePrecision.ONGOING):
            return f"ongoing since {day_in_words(first)}"
        case FuzzyDate(earliest=date() as first, precision=DatePrecision.DAY):
            return day_in_words(first)
        case FuzzyDate(earliest=date() as first, latest=date() as last, precision=DatePrecision.ABOUT):
            return f"about {day_in_words(first + (last - first) / 2)}"
        case FuzzyDate(earliest=date() as first, precision=DatePrecision.MONTH):
            return f"{calendar.month_name[first.month]} {first.year}"
        case FuzzyDate(earliest=date() as first, precision=DatePrecision.YEAR):
            return str(first.year)
        case FuzzyDate(earliest=date() as first, latest=date() as last):
            return f"between {day_in_words(first)} and {day_in_words(last)}"
    raise ValueError("the days do not fit the precision")


def day_in_words(day: date) -> str:
    """Say a day, for example 5 March 2026."""
    return f"{day.day} {calendar.month_name[day.month]} {day.year}"


def parse_fuzzy(written: str) -> FuzzyDate:
    """Read a rough date as people write it. Raises ValueError with a sentence for the person who wrote it."""
    text = re.sub(r"\s+", " ", written.strip().lower()).rstrip(".")
    if text in {"", "not known", "unknown", "don't know", "do not know"}:
        return NOT_KNOWN
    if text in {"ongoing", "still happening"}:
        return ongoing()
    if match := re.fullmatch(r"(?:ongoing since|since) (.+)", text):
        return ongoing(parse_day(match[1]))
    if match := re.fullmatch(r"(?:about|around|approximately|roughly) (.+)", text):
        return about_day(parse_day(match[1]))
    if match := re.fullmatch(r"(?:between|from) (.+?) (?:and|to) (.+)", text):
        first, last = parse_day(match[1]), parse_day(match[2])
        if last < first:
            raise ValueError("Enter the earlier date first")
        return between(first, last)
    if match := re.fullmatch(r"([a-z]+) (\d{4})", text):
        return in_month(parse_year(match[2]), parse_month(match[1]))
    if re.fullmatch(r"\d{4}", text):
        return in_year(parse_year(text))
    return on_day(parse_day(text))


def parse_day(text: str) -> date:
    """Read one day: 5 March 2026, 5/3/2026 or 2026-03-05."""
    try:
        if match := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", text):
            return date(parse_year(match[1]), int(match[2]), int(match[3]))
        if match := re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", text):
            return date(parse_year(match[3]), int(match[2]), int(match[1]))
        if match := re.fullmatch(r"(\d{1,2})(?:st|nd|rd|th)? ([a-z]+),? (\d{4})", text):
            return date(parse_year(match[3]), parse_month(match[2]), int(match[1]))
    except ValueError:
        pass
    raise ValueError("Enter a date, for example 5 March 2026, March 2026, about 5 March 2026 or not known")


def parse_month(name: str) -> int:
    """Read the name of a month, in full or by its first three letters or more."""
    numbers = {number for month, number in MONTHS.items() if len(name) >= 3 and month.startswith(name)}
    if len(numbers) != 1:
        raise ValueError("Enter a month, for example March")
    return numbers.pop()


def parse_year(text: str) -> int:
    """Read a year that people alive can mean."""
    if not 1900 <= int(text) <= 2199:
        raise ValueError("Enter a year, for example 2026")
    return int(text)
