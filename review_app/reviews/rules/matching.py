"""Whether two notifications may be about the same person, and why. It proposes; a person decides."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from review_app.fuzzy import FuzzyDate

NEAR_DAYS = 3
"""Days of death so far apart may be the same: one was found later, or written down wrongly."""
LONGEST_SEARCH = 40
"""A date of death known more roughly than this many days is no help in matching."""


class MatchReason(StrEnum):
    """Why two notifications may be about the same person."""

    SAME_NHS_NUMBER = "same_nhs_number"
    SAME_BIRTH_AND_NAMES = "same_birth_and_names"
    SAME_BIRTH_AND_DAY = "same_birth_and_day"
    ALIKE_NAMES = "alike_names"


@dataclass(frozen=True, kw_only=True)
class Compared:
    """How two notifications compare. None is where one of them does not say."""

    nhs_number: bool | None = None
    born: bool | None = None
    surname: bool | None = None
    forename: bool | None = None
    near_day: bool | None = None


def match_reason(compared: Compared) -> MatchReason | None:
    """Say why they may be about the same person, by the strongest reason there is, or None.

    The same NHS number is enough. The same date of birth needs a name that sounds alike, or the same few days of death
    where names are missing. Names alone count when both sound alike and no date of birth says otherwise. Days of death
    that are known and too far apart speak against everything but the NHS number.
    """
    if compared.nhs_number:
        return MatchReason.SAME_NHS_NUMBER
    if compared.near_day is False:
        return None
    if compared.born and (compared.surname or compared.forename):
        return MatchReason.SAME_BIRTH_AND_NAMES
    if compared.born and compared.near_day and compared.surname is None and compared.forename is None:
        return MatchReason.SAME_BIRTH_AND_DAY
    if compared.born is None and compared.surname and compared.forename:
        return MatchReason.ALIKE_NAMES
    return None


def near_days(died: FuzzyDate) -> list[str]:
    """Give every day, as written, within three days of when somebody may have died; none if that is too rough."""
    if died.earliest is None or died.latest is None or (died.latest - died.earliest).days > LONGEST_SEARCH:
        return []
    first = died.earliest - timedelta(days=NEAR_DAYS)
    length = (died.latest - died.earliest).days + 2 * NEAR_DAYS + 1
    return [(first + timedelta(days=number)).isoformat() for number in range(length)]
