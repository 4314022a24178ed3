"""What can be asked about the findings of a case, from its factors to its signature and beyond, and about its flags."""

from dataclasses import dataclass
from enum import StrEnum

from review_app.reviews.rules.findings import ReopenTrigger
from review_app.reviews.rules.states import FlagKind


@dataclass(frozen=True, kw_only=True)
class FactorWords:
    """What is said of one factor: its domain, its influence, whether it could be changed, and in words."""

    domain: str
    influence: str
    modifiable: str
    words: str


@dataclass(frozen=True, kw_only=True)
class AddFactor:
    """Add a factor to a case."""

    reference: str
    factor: FactorWords


@dataclass(frozen=True, kw_only=True)
class ChangeFactor:
    """Change a factor; `version` is the one that was read."""

    reference: str
    factor_id: int
    factor: FactorWords
    version: int


@dataclass(frozen=True, kw_only=True)
class RemoveFactor:
    """Take a factor away."""

    reference: str
    factor_id: int


@dataclass(frozen=True, kw_only=True)
class DeferCase:
    """Put a case off that is listed or before the panel, with a reason."""

    reference: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class StartFindings:
    """Begin to write the findings of a case that the panel has discussed."""

    reference: str


@dataclass(frozen=True, kw_only=True)
class SkipAccuracyCheck:
    """Say that no agency was asked to check the facts, and why."""

    reference: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class SayNoLearning:
    """Say that no learning was identified, and why; an empty reason takes that back."""

    reference: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class SignCase:
    """Sign a case off; `digest` names the content that was read."""

    reference: str
    digest: str


@dataclass(frozen=True, kw_only=True)
class CloseCase:
    """Close a case."""

    reference: str


class BackTo(StrEnum):
    """Where a case goes on when it is opened again; the words are those of its moves."""

    INFO = "back_to_info"
    PACK = "back_to_pack"
    FINDINGS = "back_to_findings"


@dataclass(frozen=True, kw_only=True)
class ReopenCase:
    """Open a case again: what made it necessary, where it goes on, and why."""

    reference: str
    trigger: ReopenTrigger
    back_to: BackTo
    reason: str


@dataclass(frozen=True, kw_only=True)
class RaiseFlag:
    """Put a hold or warning beside a case."""

    reference: str
    kind: FlagKind
    reason: str


@dataclass(frozen=True, kw_only=True)
class EndFlag:
    """Take a hold or warning away."""

    reference: str
    kind: FlagKind
    reason: str
