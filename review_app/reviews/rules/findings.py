"""When findings can be written, why a case is opened again, and who chairs it."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from review_app.reviews.rules.states import CaseState, ConflictKind

TO_THE_AGENDA = (CaseState.INFO_READY, CaseState.PACK_DRAFT, CaseState.DEFERRED)
"""States from which a case can be put on a sitting's agenda."""
TO_LIST = (CaseState.PACK_DRAFT, CaseState.DEFERRED)
"""States from which a case on an agenda can be listed."""
FACTORS_OPEN = (
    CaseState.PACK_DRAFT, CaseState.LISTED, CaseState.IN_PANEL, CaseState.DEFERRED, CaseState.FINDINGS_DRAFT,
    CaseState.ACCURACY_CHECK,
)  # fmt: skip
"""States in which factors are recorded: they may be written down before the sitting, and until the signature."""

NO_FACTORS = "none_identified"
"""The influence that says there are none: the settings keep it, and no factor is recorded with it any more."""


class ReopenTrigger(StrEnum):
    """What makes it necessary to open a case again."""

    INQUEST_CONCLUSION = "inquest_conclusion"
    TOXICOLOGY_RECEIVED = "toxicology_received"
    PREVENTION_REPORT = "prevention_report"
    NEW_AGENCY_INFORMATION = "new_agency_information"
    FAMILY_INFORMATION = "family_information"


@dataclass(frozen=True, kw_only=True)
class Sitter:
    """Somebody on a sitting's attendance list, as the rules about one case look at them.

    `rank` is 0 for a chair, 1 for a deputy, None for everybody else. `declared` is what they said of the case.
    """

    name: str
    rank: int | None
    declared: ConflictKind | None


@dataclass(frozen=True, kw_only=True)
class Chairing:
    """Who chairs one case, and which chairs or deputies have handed it over because of an interest."""

    chair: str
    recused: tuple[str, ...]

    @property
    def words(self) -> str:
        """Say who has handed the case over to whom; nothing where nobody has."""
        if not self.recused:
            return ""
        who = " and ".join(self.recused)
        have = "has" if len(self.recused) == 1 else "have"
        after = f"{self.chair} chairs this case." if self.chair else "Nobody who attends can chair this case."
        return f"{who} {have} declared an interest. {after}"


def chairing(sitters: Iterable[Sitter]) -> Chairing:
    """Say who chairs a case: the first chair, else the first deputy, who has declared that they have no conflict."""
    ranked = sorted((each for each in sitters if each.rank is not None), key=lambda each: (each.rank, each.name))
    free = [each.name for each in ranked if each.declared is ConflictKind.NONE]
    handed = tuple(each.name for each in ranked if each.declared not in (None, ConflictKind.NONE))
    return Chairing(chair=free[0] if free else "", recused=handed)


def objections_to_listing(sitters: Iterable[Sitter]) -> list[str]:
    """Say what stands in the way of listing a case, a sentence each."""
    people = list(sitters)
    missing = sorted(each.name for each in people if each.declared is None)
    found = []
    if not people:
        found.append("Nobody is on the attendance list yet.")
    if missing:
        found.append(f"Still to declare for this case: {', '.join(missing)}.")
    elif people and not chairing(people).chair:
        found.append("No chair or deputy chair without an interest in this case attends. Ask one, or take it off.")
    return found


FINDINGS_OPEN = (CaseState.IN_PANEL, CaseState.FINDINGS_DRAFT, CaseState.ACCURACY_CHECK)
"""States in which findings are written: the panel has discussed the case, and nobody has signed it."""
