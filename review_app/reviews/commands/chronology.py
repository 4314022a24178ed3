"""What the coordinator can do with the chronology of a case, one dataclass a verb."""

from dataclasses import dataclass

from review_app.catalogue.rules.agency_return import ReturnSection
from review_app.fuzzy import FuzzyDate
from review_app.reviews.rules.chronology import Certainty


@dataclass(frozen=True, kw_only=True)
class EventDetails:
    """What is said of one event, and by which agency if it was one."""

    happened: FuzzyDate
    kind: str
    what: str
    significance: str = ""
    certainty: Certainty = Certainty.EXACT
    section: ReturnSection = ReturnSection.GENERAL
    third_party: bool = False
    agency_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class AddEvent:
    """Add an event of the coordinator's own to the chronology."""

    reference: str
    details: EventDetails


@dataclass(frozen=True, kw_only=True)
class CorrectEvent:
    """Correct one of the coordinator's own events, with the reason. `version` says what was on the page."""

    reference: str
    number: int
    version: int
    details: EventDetails
    reason: str


@dataclass(frozen=True, kw_only=True)
class RemoveEvent:
    """Take one of the coordinator's own events out, with the reason."""

    reference: str
    number: int
    reason: str
