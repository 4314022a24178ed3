"""How instants, durations, states and lists are written on a page: London time and plain words.

This is the only place where an instant becomes London time on its way out; on its way in it is `LondonTimeField`.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from flask import Flask
from markupsafe import Markup, escape

from review_app import wording
from review_app.working_time import to_london

MINUTE = timedelta(minutes=1)
MIDNIGHT = time(0)
UNITS = (("day", 24 * 60), ("hour", 60), ("minute", 1))


def day(moment: date | datetime) -> str:
    """Write a date as “20 November 2026”."""
    local = _local_date(moment)
    return f"{local.day} {local:%B %Y}"


def short_day(moment: date | datetime) -> str:
    """Write a date as “20 Nov 2026”, for tables."""
    local = _local_date(moment)
    return f"{local.day} {local:%b %Y}"


def month(named: str) -> str:
    """Write a month named “2026-11” as “November 2026”."""
    return f"{date.fromisoformat(named + '-01'):%B %Y}"


def time_of_day(instant: datetime) -> str:
    """Write the London time of an instant as “17:00”."""
    return f"{to_london(instant):%H:%M}"


def when(instant: datetime) -> str:
    """Write an instant as “Friday 20 November 2026 at 17:00”."""
    return f"{to_london(instant):%A} {day(instant)} at {time_of_day(instant)}"


def deadline(instant: datetime) -> str:
    """Write until when something can be done: as `when`, but a midnight is named by the day that it ends."""
    if to_london(instant).time() != MIDNIGHT:
        return when(instant)
    last = to_london(instant).date() - timedelta(days=1)
    return f"the end of {last:%A} {day(last)}"


def short_when(instant: datetime) -> str:
    """Write an instant as “20 Nov 2026, 17:00”, for tables."""
    return f"{short_day(instant)}, {time_of_day(instant)}"


def machine(instant: datetime) -> str:
    """Write an instant for the `datetime` attribute of a `time` element."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def near(instant: datetime, now: datetime) -> str:
    """Write the time alone when it falls today, else the day with it: “14:30” or “Monday 23 November, 14:30”.

    A midnight to come ends a day that people can still use, so it is named by that day.
    """
    local, today = to_london(instant), to_london(now).date()
    if instant > now and local.time() == MIDNIGHT:
        return f"the end of {near_day(local.date() - timedelta(days=1), today)}"
    if local.date() == today:
        return time_of_day(instant)
    return f"{near_day(local.date(), today)}, {time_of_day(instant)}"


def near_day(date_: date, today: date) -> str:
    """Write a date with its day of the week, and with the year when it is another one."""
    year = f" {date_.year}" if date_.year != today.year else ""
    return f"{date_:%A} {date_.day} {date_:%B}{year}"


def duration(length: timedelta) -> str:
    """Write a length of time in its two largest units: “1 hour 5 minutes”. Seconds are left out."""
    minutes = length // MINUTE
    if minutes < 1:
        return "less than a minute"
    counts = []
    for name, size in UNITS:
        number, minutes = divmod(minutes, size)
        counts.append((name, number))
    first = next(place for place, (_name, number) in enumerate(counts) if number)
    return " ".join(plural(number, name) for name, number in counts[first : first + 2] if number)


def due(due_at: datetime, now: datetime) -> str:
    """Say how long is left, or by how much it is late: “due in 42 minutes”, “overdue by 1 hour 5 minutes”."""
    left = due_at - now
    if left <= -MINUTE:
        return f"overdue by {duration(-left)}"
    if left <= timedelta(0):
        return "due now"
    return f"due in {duration(-(-left // MINUTE) * MINUTE)}"


def ago(instant: datetime, now: datetime) -> str:
    """Say how long ago an instant was: “5 minutes ago”; after a week, the date."""
    passed = now - instant
    if passed < MINUTE:
        return "just now"
    return f"{duration(passed)} ago" if passed < timedelta(days=7) else f"on {day(instant)}"


def words(value: str, group: str) -> str:
    """Give the screen word for a stored value: `report.state | words("submission")`."""
    return wording.word(value, group).text


def colour(value: str, group: str) -> str:
    """Give the colour of a stored value's tag."""
    return wording.word(value, group).colour


def plural(number: int, singular: str, several: str = "") -> str:
    """Write a number with its noun: “1 report”, “1,000 reports”."""
    return f"{number:,} {singular if number == 1 else several or singular + 's'}"


def thousands(number: int) -> str:
    """Write a whole number with commas."""
    return f"{number:,}"


def listing(items: Iterable[str], last: str = "and") -> str:
    """Join items as in a sentence: “a, b and c”."""
    *before, final = list(items) or [""]
    return f"{', '.join(before)} {last} {final}" if before else final


def yes_no(answer: bool | None) -> str:
    """Write a yes-or-no answer; None is “Not known”."""
    return "Not known" if answer is None else "Yes" if answer else "No"


def paragraphs(text: str) -> Markup:
    """Show typed text as paragraphs, escaped, keeping its line breaks."""
    blocks = [block.strip("\n") for block in text.replace("\r\n", "\n").split("\n\n")]
    lines = (Markup("<br>").join(escape(line) for line in block.split("\n")) for block in blocks if block.strip())
    return Markup("\n").join(Markup('<p class="govuk-body">{}</p>').format(line) for line in lines)


def _local_date(moment: date | datetime) -> date:
    return to_london(moment).date() if isinstance(moment, datetime) else moment


FILTERS = {
    "ago": ago,
    "colour": colour,
    "day": day,
    "due": due,
    "duration": duration,
    "listing": listing,
    "machine": machine,
    "month": month,
    "near": near,
    "deadline": deadline,
    "paragraphs": paragraphs,
    "plural": plural,
    "short_day": short_day,
    "short_when": short_when,
    "thousands": thousands,
    "time": time_of_day,
    "when": when,
    "words": words,
    "yes_no": yes_no,
}


def init_filters(app: Flask) -> None:
    """Give every template these filters."""
    app.jinja_env.filters.update(FILTERS)
