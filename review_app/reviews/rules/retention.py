"""For how long a case is kept, and what keeps it from being destroyed."""

from collections.abc import Collection, Sequence
from datetime import date

from review_app.catalogue.rules.review import Retention
from review_app.filters import day, listing
from review_app.fuzzy import FuzzyDate
from review_app.reviews.rules.states import HOLDS, CaseState, FlagKind
from review_app.wording import word

TO_RETAIN = (CaseState.CLOSED, CaseState.OUT_OF_SCOPE, CaseState.IN_SCOPE_NOT_SELECTED)
"""States in which the work on a case is over, so that the time for which it is kept runs."""
OVER = (*TO_RETAIN, CaseState.RETAINED)


def died_by(deaths: Sequence[FuzzyDate], opened_on: date) -> date:
    """Give the last day on which the person may have died.

    Of several accounts, and of a date that is known only roughly, the latest day counts. A death of which no day is
    known was before the case was opened.
    """
    return max((each.latest for each in deaths if each.latest is not None), default=opened_on)


def due_on(periods: Retention, deaths: Sequence[FuzzyDate], *, opened_on: date, ended_on: date) -> date:
    """Give the day from which a case may be destroyed: the later of its two periods, both counted in full."""
    return periods.case_kept_until(died_by=died_by(deaths, opened_on), closed_on=ended_on)


def objections_to_destroying(state: CaseState, flags: Collection[FlagKind], due: date, today: date) -> list[str]:
    """Say what keeps a case from being destroyed, a sentence each; nothing where it may be."""
    found = []
    if state not in OVER:
        found.append("The work on this case is not over.")
    holds = [word(kind, "case_flag").text.lower() for kind in FlagKind if kind in flags and kind in HOLDS]
    if holds:
        found.append(f"It is held: {listing(holds)}.")
    if today < due:
        found.append(f"It is kept until {day(due)}.")
    return found
