"""What can be done with requests to agencies and with their returns, one dataclass a verb.

In those of the coordinator `reference` names the case and `request` the request; in those of the agency `reference`
names the request.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from review_app.reviews.rules.requests import (
    USUAL_MATCHING,
    Answer,
    MatchField,
    RestrictedPurpose,
    ReturnEntry,
)
from review_app.reviews.rules.states import ReturnKind


@dataclass(frozen=True, kw_only=True)
class AskAgencies:
    """Ask chosen agencies what they know. Another due date than the clock's needs a reason, and is never sooner."""

    reference: str
    agency_ids: tuple[int, ...]
    words: str = ""
    matching: tuple[MatchField, ...] = USUAL_MATCHING
    due_on: date | None = None
    due_reason: str = ""


@dataclass(frozen=True, kw_only=True)
class ChaseRequest:
    """Remind an agency."""

    reference: str
    request: str


@dataclass(frozen=True, kw_only=True)
class MoveDue:
    """Give an agency more time, with the reason."""

    reference: str
    request: str
    due_on: date
    reason: str


@dataclass(frozen=True, kw_only=True)
class WaiveRequest:
    """Go on without an agency's answer, with the reason."""

    reference: str
    request: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class CancelRequest:
    """Take a request back as if it had not been made, with the reason."""

    reference: str
    request: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class AskAgain:
    """Ask an agency that has answered for more, in words."""

    reference: str
    request: str
    words: str


@dataclass(frozen=True, kw_only=True)
class GoOn:
    """Say that everything is in, where the case waits for agencies that have all answered before."""

    reference: str


@dataclass(frozen=True, kw_only=True)
class ReadRestricted:
    """Read what police or safeguarding have said, for a purpose."""

    reference: str
    purpose: RestrictedPurpose
    request: str = ""


@dataclass(frozen=True, kw_only=True)
class OpenRequest:
    """Open a request at the agency that was asked."""

    reference: str


@dataclass(frozen=True, kw_only=True)
class ShowPerson:
    """Show whom a request is about, to match the person in the agency's records."""

    reference: str


@dataclass(frozen=True, kw_only=True)
class SaveDraft:
    """Save the answers of a return that is being written. `saved` says which answers were on the page."""

    reference: str
    saved: int
    answers: Mapping[str, Answer] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class SaveEntry:
    """Add an event to a return, or change the one with its key. `entry.saved` says which was on the page."""

    reference: str
    entry: ReturnEntry


@dataclass(frozen=True, kw_only=True)
class DropEntry:
    """Take an event out of a return that is being written."""

    reference: str
    key: str


@dataclass(frozen=True, kw_only=True)
class SendReturn:
    """Send the return that was checked: its number, and which answers and entries were on the page."""

    reference: str
    kind: ReturnKind
    number: int
    checked: str
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class SayNothingHeld:
    """Answer that the agency holds nothing about the person."""

    reference: str


@dataclass(frozen=True, kw_only=True)
class DeclineRequest:
    """Answer that the agency will not send anything, with the reason."""

    reference: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class CorrectReturn:
    """Begin the next version of a return that was sent."""

    reference: str
