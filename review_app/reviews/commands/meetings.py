"""What can be asked about the sittings of the review panel, and about interests in a case."""

from collections.abc import Mapping
from dataclasses import dataclass

from review_app.reviews.rules.states import ConflictKind


@dataclass(frozen=True, kw_only=True)
class DeclareInterest:
    """Say what one has to do with a case: nothing, or a conflict with a few words about it."""

    reference: str
    kind: ConflictKind
    words: str = ""
    meeting: str = ""


@dataclass(frozen=True, kw_only=True)
class CorrectDeclaration:
    """Put a declaration right on somebody's behalf, with the reason."""

    reference: str
    user_id: int
    kind: ConflictKind
    reason: str


@dataclass(frozen=True, kw_only=True)
class AgendaItem:
    """One case of one sitting: to put it on the agenda, to take it off, to list it."""

    meeting: str
    reference: str


@dataclass(frozen=True, kw_only=True)
class RecordAttendance:
    """Who came to a sitting and who sent apologies; everybody else is still only invited."""

    meeting: str
    attended: frozenset[int]
    apologies: frozenset[int]


@dataclass(frozen=True, kw_only=True)
class HoldMeeting:
    """Say that a sitting took place."""

    meeting: str


@dataclass(frozen=True, kw_only=True)
class MinuteMeeting:
    """What was decided about each case, by its reference, and nothing else."""

    meeting: str
    decisions: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class CancelMeeting:
    """Cancel a sitting, with a reason."""

    meeting: str
    reason: str
