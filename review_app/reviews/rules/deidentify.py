"""Saying things about a person who died without saying who they were: bands, months, and time before the death."""

import calendar
from datetime import date

from review_app.fuzzy import FuzzyDate

BANDS = ((0, 17), (18, 24), (25, 34), (35, 44), (45, 54), (55, 64), (65, 74))
OLDEST = 75
WEEK, MONTH_DAYS, YEAR_DAYS = 7, 30.44, 365.25


def age_band(age: int | None) -> str:
    """Give the band an age lies in; what is not known stays so."""
    if age is None:
        return ""
    for first, last in BANDS:
        if age <= last:
            return "under 18" if first == 0 else f"{first} to {last}"
    return f"{OLDEST} or over"


def month_of(value: FuzzyDate) -> str:
    """Give the month of a date, or the months between which it lies; what is not known stays so."""
    first, last = value.earliest, value.latest
    if first is None or last is None:
        return ""
    if (first.year, first.month) == (last.year, last.month):
        return _month(first)
    if (first.month, last.month) == (1, 12) and first.year == last.year:
        return str(first.year)
    return f"{_month(first)} to {_month(last)}"


def _month(day: date) -> str:
    return f"{calendar.month_name[day.month]} {day.year}"


def before_death(days: int | None) -> str:
    """Say how long before the death something was: in days up to a fortnight, then in weeks, months and years."""
    if days is None:
        return ""
    if days < 0:
        return "after the death"
    if days == 0:
        return "on the day of the death"
    if days <= 2 * WEEK:
        return "the day before" if days == 1 else f"{days} days before"
    if days < 3 * MONTH_DAYS:
        return f"about {round(days / WEEK)} weeks before"
    if days < 2 * YEAR_DAYS:
        return f"about {round(days / MONTH_DAYS)} months before"
    return f"about {round(days / YEAR_DAYS)} years before"
