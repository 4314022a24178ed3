"""What a coordinator can ask of one report."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from review_app.fuzzy import FuzzyDate
from review_app.submissions.rules import ClosureReason, LinkReason, RevealPurpose, UrgentTick

Learned = str | int | bool | list[str] | dict[str, int] | dict[str, str | int] | None


@dataclass(frozen=True, kw_only=True)
class StartTriage:
    """Take a received report on."""

    reference: str


@dataclass(frozen=True, kw_only=True)
class AddAnswers:
    """Add what was learned since, by question; what is not given is left as it is. Ticks only ever raise urgency."""

    reference: str
    answers: Mapping[str, Learned] = field(repr=False)
    happened: FuzzyDate | None = None
    ticks: tuple[UrgentTick, ...] = ()


@dataclass(frozen=True, kw_only=True)
class AskSubmitter:
    """Ask the submitter a question behind their private link."""

    reference: str
    question: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class TellSubmitter:
    """Give the submitter words in plain language; `outcome` says that they tell what was decided."""

    reference: str
    body: str = field(repr=False)
    outcome: bool = False


@dataclass(frozen=True, kw_only=True)
class LinkToSignal:
    """Join a report to a Signal of this Partnership, with a reason."""

    reference: str
    signal: str
    kind: LinkReason
    reason: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True)
class OpenSignalWith:
    """Open a Signal with a title and join this report to it as the first."""

    reference: str
    title: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class UnlinkFromSignal:
    """Take a report out of its Signal again, with a reason; it goes back to being checked."""

    reference: str
    reason: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class CloseSubmission:
    """Close a report with a reason; at triage also with what the submitter is told."""

    reference: str
    reason: ClosureReason
    note: str = field(default="", repr=False)
    message: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True)
class ReopenSubmission:
    """Take a closed report up again, with a reason."""

    reference: str
    reason: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class WithdrawSubmission:
    """Withdraw a report on the submitter's behalf, with a reason. Its text is kept and it stays linked, marked."""

    reference: str
    reason: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class MarkSubmission:
    """Say whether a report is police-sensitive."""

    reference: str
    police_sensitive: bool


@dataclass(frozen=True, kw_only=True)
class RevealSubmitter:
    """Look at who sent a report and how to reach them, for a purpose."""

    reference: str
    purpose: RevealPurpose
