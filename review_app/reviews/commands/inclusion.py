"""Triage of a case, and the decision about its inclusion."""

from dataclasses import dataclass, field

from review_app.reviews.rules.inclusion import InclusionFacts
from review_app.reviews.rules.states import CaseState


@dataclass(frozen=True, kw_only=True)
class StartCaseTriage:
    """Take a case on."""

    reference: str


@dataclass(frozen=True, kw_only=True)
class DecideInclusion:
    """Decide on a case, by the settings whose answer was read, with a reason where it does not go on to review."""

    reference: str
    facts: InclusionFacts = field(repr=False)
    settings_id: int
    outcome: CaseState
    reason: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True)
class ClassifyAgain:
    """Keep by which limb a case that is under review is in scope now, beside what was first decided."""

    reference: str
    facts: InclusionFacts = field(repr=False)
    settings_id: int


@dataclass(frozen=True, kw_only=True)
class ReconsiderCase:
    """Take up a case again that was not selected, because of something new."""

    reference: str
    reason: str = field(repr=False)
