"""Dates and London times, typed in parts. This is the only way in for a local time."""

import re
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import ClassVar

from wtforms.utils import unset_value

from review_app.forms.text import JudgedField, Validators
from review_app.forms.widgets import GovParts
from review_app.working_time import london_instant, to_london

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
CLOCK_TIME = re.compile(r"([01]?[0-9]|2[0-3])(?:[:.]?([0-5][0-9]))?\s*(am|pm)?")
Part = tuple[str, str, str, str]
DAY_PARTS: tuple[Part, ...] = (
    ("day", "Day", "2", "numeric"),
    ("month", "Month", "2", "numeric"),
    ("year", "Year", "4", "numeric"),
)


class Unreadable(ValueError):
    """What was typed is not a date or a time; `parts` are the ones to mark."""

    def __init__(self, message: str, *parts: str) -> None:
        super().__init__(message)
        self.parts = parts


class PartsField(JudgedField):
    """A value typed into several inputs, `name-day` and so on. All empty is no answer; some empty is an error."""

    widget = GovParts("govukDateInput")
    parts: ClassVar[tuple[Part, ...]] = DAY_PARTS
    data: date | None

    def __init__(self, label: str = "", validators: Validators = (), *, hint: str = "", **options: object) -> None:
        super().__init__(label, validators, description=hint, **options)  # type: ignore[arg-type]
        self.typed: dict[str, str] = {}
        self.faulty: Sequence[str] = [name for name, *_ in self.parts]

    def process(self, formdata, data=unset_value, extra_filters=None):  # type: ignore[no-untyped-def]
        """Read the parts that were sent; a part that is missing or sent twice is an error, not a crash."""
        super().process(None, data, extra_filters)
        if formdata is None:
            self.typed = self.written(self.data)
            return
        sent = {name: formdata.getlist(f"{self.name}-{name}") for name, *_ in self.parts}
        self.typed = {name: str(values[0]).strip()[:20] if values else "" for name, values in sent.items()}
        self.raw_data = [value for value in self.typed.values() if value]
        try:
            if any(len(values) > 1 for values in sent.values()):
                raise Unreadable(f"Enter “{self.label.text}” once")
            self.data = self.read() if self.raw_data else None
        except ValueError as error:
            self.data = None
            self.faulty = getattr(error, "parts", ()) or self.faulty
            self.process_errors = [*self.process_errors, str(error)]

    def show(self, value: date | None) -> None:
        """Fill in a value that was kept, for a page that is opened."""
        self.data, self.typed = value, self.written(value)

    def written(self, value: date | None) -> dict[str, str]:
        """Write a value into its parts."""
        raise NotImplementedError

    def read(self) -> date:
        """Read the value from its parts. Raises ValueError with the words for the person."""
        raise NotImplementedError

    def missing(self) -> None:
        """Refuse when some parts are empty, naming them."""
        empty = [(name, label.lower()) for name, label, *_ in self.parts if not self.typed.get(name)]
        if empty:
            words = " and ".join(f"a {label}" for _name, label in empty)
            raise Unreadable(f"Enter {words} for “{self.label.text}”", *(name for name, _label in empty))

    def read_day(self) -> date:
        """Read the day, month and year."""
        day, month, year = (self.typed[name] for name in ("day", "month", "year"))
        if month[:3].lower() in MONTHS:
            month = str(MONTHS.index(month[:3].lower()) + 1)
        if not re.fullmatch(r"[0-9]{4}", year) or not 1900 <= int(year) <= 2100:
            raise Unreadable(f"Enter the year for “{self.label.text}” as four figures, like 2026", "year")
        try:
            return date(int(year), int(month), int(day))
        except (ValueError, OverflowError):
            raise Unreadable(f"Enter a real date for “{self.label.text}”, like 27 3 2026", "day", "month") from None


class DateField(PartsField):
    """A date, or None."""

    def written(self, value: date | None) -> dict[str, str]:
        """Write a date into day, month and year."""
        return {"day": str(value.day), "month": str(value.month), "year": str(value.year)} if value else {}

    def read(self) -> date:
        """Read a whole date."""
        self.missing()
        return self.read_day()


class LondonTimeField(PartsField):
    """A London date and time, given as the instant it names. A time the clocks skip or repeat is refused in words."""

    parts: ClassVar[tuple[Part, ...]] = (*DAY_PARTS, ("time", "Time", "5", "text"))
    data: datetime | None

    def written(self, value: date | None) -> dict[str, str]:
        """Write an instant as London date and time."""
        if not isinstance(value, datetime):
            return {}
        local = to_london(value)
        return {"day": str(local.day), "month": str(local.month), "year": str(local.year), "time": f"{local:%H:%M}"}

    def read(self) -> datetime:
        """Read the date and the time, and give the instant."""
        self.missing()
        instant: datetime = london_instant(datetime.combine(self.read_day(), self.read_time()))
        return instant

    def read_time(self) -> time:
        """Read a clock time: 18:40, 1840, 6.40pm or 6pm."""
        found = CLOCK_TIME.fullmatch(self.typed["time"].lower())
        if found is None or (found[2] is None and found[3] is None):
            raise Unreadable(f"Enter the time for “{self.label.text}” like 18:40 or 6:40pm", "time")
        hour, minute, half = int(found[1]), int(found[2] or 0), found[3]
        if half and not 1 <= hour <= 12:
            raise Unreadable(f"Enter the time for “{self.label.text}” like 18:40 or 6:40pm", "time")
        return time(hour % 12 + (12 if half == "pm" else 0) if half else hour, minute)
