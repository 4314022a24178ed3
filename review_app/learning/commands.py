"""What can be asked of learning points, recommendations and actions, one dataclass a verb.

`reference` is that of the case, recommendation or action; `point` that of a learning point of the case.
"""

from dataclasses import dataclass
from datetime import date

from review_app.learning.rules.states import Level, Polarity, Recurred, Strength, Weight


@dataclass(frozen=True, kw_only=True)
class PointContent:
    """What a learning point says."""

    statement: str
    polarity: Polarity
    theme_ids: tuple[int, ...]
    agency_ids: tuple[int, ...] = ()
    strength: Weight | None = None
    confidence: Weight | None = None


@dataclass(frozen=True, kw_only=True)
class RecordPoint:
    """Add a learning point to a case, with a wording for sharing if there is one already."""

    reference: str
    content: PointContent
    wording: str = ""


@dataclass(frozen=True, kw_only=True)
class EditPoint:
    """Change a draft."""

    reference: str
    point: str
    content: PointContent
    version: int


@dataclass(frozen=True, kw_only=True)
class AgreePoint:
    """Agree a learning point for the panel, in the version that was read."""

    reference: str
    point: str
    version: int


@dataclass(frozen=True, kw_only=True)
class WithdrawPoint:
    """Take a learning point back, with a reason."""

    reference: str
    point: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class WordPoint:
    """Write how a learning point may be told to those who do not know the case."""

    reference: str
    point: str
    wording: str
    version: int


@dataclass(frozen=True, kw_only=True)
class ApproveWording:
    """Approve a wording that somebody else wrote, in the version that was read."""

    reference: str
    point: str
    version: int


@dataclass(frozen=True, kw_only=True)
class RecommendationContent:
    """What a recommendation says: an agency owns it, or a body that is named in words."""

    words: str
    level: Level
    owner_id: int | None
    owner_words: str
    expected_effect: str
    monitoring: str
    points: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class DraftRecommendation:
    """Draw a recommendation from agreed learning points."""

    content: RecommendationContent


@dataclass(frozen=True, kw_only=True)
class EditRecommendation:
    """Change a draft."""

    reference: str
    content: RecommendationContent
    version: int


@dataclass(frozen=True, kw_only=True)
class ProposeRecommendation:
    """Put a recommendation before the Partnership, in the version that was read."""

    reference: str
    version: int


@dataclass(frozen=True, kw_only=True)
class AcceptRecommendation:
    """Accept a recommendation for the Partnership, with the reason."""

    reference: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class DeclineRecommendation:
    """Decline a recommendation, with the reason."""

    reference: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class CompleteRecommendation:
    """Say that a recommendation has been carried out, and what came of it."""

    reference: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class SupersedeRecommendation:
    """Put a recommendation aside, with the reason, and if there is one with what takes its place."""

    reference: str
    reason: str
    by: str = ""


@dataclass(frozen=True, kw_only=True)
class ProposeAction:
    """Ask an agency to do something about a recommendation by a day."""

    recommendation: str
    words: str
    owner_id: int
    strength: Strength
    due_on: date


@dataclass(frozen=True, kw_only=True)
class AcceptAction:
    """Take an action on."""

    reference: str


@dataclass(frozen=True, kw_only=True)
class RefuseAction:
    """Not accept an action, with the reason."""

    reference: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class StartAction:
    """Begin an action."""

    reference: str


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What shows that an action was done, and where it can be seen."""

    words: str
    kept_where: str = ""


@dataclass(frozen=True, kw_only=True)
class MarkActionDone:
    """Say that an action is done, with the evidence."""

    reference: str
    evidence: Evidence


@dataclass(frozen=True, kw_only=True)
class AddEvidence:
    """Add to the evidence."""

    reference: str
    evidence: Evidence


@dataclass(frozen=True, kw_only=True)
class BlockAction:
    """Say that an action cannot go on, and why."""

    reference: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class UnblockAction:
    """Say that an action can go on again."""

    reference: str


@dataclass(frozen=True, kw_only=True)
class TransferAction:
    """Move an action to the Partnership's own log, with the reason, so that it keeps no case open."""

    reference: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class ChangeDue:
    """Give an action another day, with the reason."""

    reference: str
    due_on: date
    reason: str


@dataclass(frozen=True, kw_only=True)
class CheckImpact:
    """Say whether the theme came up again since the action was done, and what that tells.

    `look_again_on` is the day of the next look where it is too soon to say, and nothing otherwise.
    """

    reference: str
    recurred: Recurred
    impact: str
    look_again_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class SendBackAction:
    """Ask the owner for more about an action that has not worked or is not done, by another day."""

    reference: str
    reason: str
    due_on: date


@dataclass(frozen=True, kw_only=True)
class CloseAction:
    """Close an action whose impact was checked."""

    reference: str
