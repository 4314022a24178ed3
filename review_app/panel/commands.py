"""What can be asked of the panel and of the agencies it asks, one dataclass a verb."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from review_app.marks import Confidence, Grade, Modifier, ModifierLevel, Severity
from review_app.panel.rules import EfficacyAnswer, Outcome, ReplyAnswer


@dataclass(frozen=True, kw_only=True)
class AskAgencies:
    """Send one neutral question about a Signal to chosen agencies."""

    reference: str
    agency_ids: tuple[int, ...]
    summary: str
    urgent: bool


@dataclass(frozen=True, kw_only=True)
class CloseRound:
    """End a question round; later answers are kept and flagged."""

    reference: str
    round_id: int


@dataclass(frozen=True, kw_only=True)
class CancelRound:
    """Take a question round back, with a reason."""

    reference: str
    round_id: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One agency's answer to a question, with words if there is more to say."""

    answer: ReplyAnswer
    words: str = ""


@dataclass(frozen=True, kw_only=True)
class OpenGrading:
    """Put a Signal before the panel."""

    reference: str


@dataclass(frozen=True, kw_only=True)
class SaveGrading:
    """One member's own grading."""

    reference: str
    severity: Severity
    confidence: Confidence
    modifiers: Mapping[Modifier, ModifierLevel]
    reason: str
    efficacy: Mapping[str, EfficacyAnswer] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class RevealGrades:
    """Show everyone's grading to everyone. The urgent rule has to be asked for by name."""

    reference: str
    urgent_rule: bool = False


@dataclass(frozen=True, kw_only=True)
class RecordDecision:
    """What the chair decides after the reveal."""

    reference: str
    final_grade: Grade
    outcome: Outcome
    reason: str
    grade_reason: str = ""
    audience_reason: str = ""
    efficacy: Mapping[str, EfficacyAnswer] = field(default_factory=dict)
    efficacy_notes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class RecordDissent:
    """A member's disagreement with the decision, with the reason."""

    reference: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class RatifyDecision:
    """Confirm a decision that was made under the urgent rule."""

    reference: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class OverturnDecision:
    """Set aside a decision that was made under the urgent rule, with the reason."""

    reference: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class MeetingPlan:
    """When and where a sitting is, who is on its attendance list, and who of them keeps its record."""

    starts_at: datetime
    place: str
    user_ids: tuple[int, ...]
    scribe_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class PlanMeeting:
    """Plan a sitting of the review panel."""

    plan: MeetingPlan


@dataclass(frozen=True, kw_only=True)
class ChangeMeeting:
    """Plan a sitting that lies ahead anew; `version` is the one that was read."""

    reference: str
    plan: MeetingPlan
    version: int


@dataclass(frozen=True, kw_only=True)
class AcceptStatement:
    """Accept the confidentiality statement of one sitting."""

    reference: str
