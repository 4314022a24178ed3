"""The rules of the panel: corroboration, grading, quorum, the efficacy check and the decision."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from review_app.catalogue.rules import EfficacyQuestion, Floor, QuorumRule, Scheme
from review_app.errors import RuleBroken
from review_app.marks import Audience, Confidence, Grade, Modifier, ModifierLevel, Severity
from review_app.workflow import Workflow

LINK_LASTS = timedelta(days=28)
"""How long the private link of a question works: late answers are kept, so it outlives the round."""
UNDO_LASTS = timedelta(minutes=10)
"""How long an answer can be taken back."""


class CorroborationState(StrEnum):
    """Where one question round stands; it is open from the first answer."""

    DRAFT = "draft"
    SENT = "sent"
    OPEN = "open"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class CorroborationAction(StrEnum):
    """What can be done to one question round."""

    SEND = "send"
    REPLY = "reply"
    CLOSE = "close"
    CANCEL = "cancel"


CORROBORATION_WORKFLOW = Workflow(
    {
        (CorroborationState.DRAFT, CorroborationAction.SEND): CorroborationState.SENT,
        (CorroborationState.DRAFT, CorroborationAction.CANCEL): CorroborationState.CANCELLED,
        (CorroborationState.SENT, CorroborationAction.REPLY): CorroborationState.OPEN,
        (CorroborationState.SENT, CorroborationAction.CLOSE): CorroborationState.CLOSED,
        (CorroborationState.SENT, CorroborationAction.CANCEL): CorroborationState.CANCELLED,
        (CorroborationState.OPEN, CorroborationAction.REPLY): CorroborationState.OPEN,
        (CorroborationState.OPEN, CorroborationAction.CLOSE): CorroborationState.CLOSED,
        (CorroborationState.OPEN, CorroborationAction.CANCEL): CorroborationState.CANCELLED,
        (CorroborationState.CLOSED, CorroborationAction.REPLY): CorroborationState.CLOSED,
    }
)


WAITING_FOR_ANSWERS = (CorroborationState.SENT, CorroborationState.OPEN)
"""States in which a round still waits, and is chased."""


class ReplyAnswer(StrEnum):
    """What an agency answers; `cannot_say` is a reply and not an answer."""

    SEEN = "seen"
    NOT_SEEN = "not_seen"
    MORE_TO_SAY = "more_to_say"
    CANNOT_SAY = "cannot_say"


class PanelDecisionState(StrEnum):
    """Where the panel's decision stands."""

    COLLECTING = "collecting"
    REVEALED = "revealed"
    DECIDED = "decided"
    AWAITING_RATIFICATION = "awaiting_ratification"
    RATIFIED = "ratified"
    OVERTURNED = "overturned"


class PanelDecisionAction(StrEnum):
    """What can be done to the panel's decision."""

    REVEAL = "reveal"
    DECIDE = "decide"
    ASK_RATIFICATION = "ask_ratification"
    RATIFY = "ratify"
    OVERTURN = "overturn"


DECISION_WORKFLOW = Workflow(
    {
        (PanelDecisionState.COLLECTING, PanelDecisionAction.REVEAL): PanelDecisionState.REVEALED,
        (PanelDecisionState.REVEALED, PanelDecisionAction.DECIDE): PanelDecisionState.DECIDED,
        (PanelDecisionState.DECIDED, PanelDecisionAction.ASK_RATIFICATION): PanelDecisionState.AWAITING_RATIFICATION,
        (PanelDecisionState.AWAITING_RATIFICATION, PanelDecisionAction.RATIFY): PanelDecisionState.RATIFIED,
        (PanelDecisionState.AWAITING_RATIFICATION, PanelDecisionAction.OVERTURN): PanelDecisionState.OVERTURNED,
    }
)


BLIND: Mapping[PanelDecisionState, bool] = {PanelDecisionState.COLLECTING: True, PanelDecisionState.REVEALED: False}
"""In which states a member may grade, and whether that grading is blind."""
REVEALED = tuple(state for state in PanelDecisionState if state is not PanelDecisionState.COLLECTING)
"""States in which members' gradings are shown to those who may see them."""
DECIDED = tuple(state for state in REVEALED if state is not PanelDecisionState.REVEALED)
"""States in which there is a decision."""
IN_FORCE = tuple(state for state in DECIDED if state is not PanelDecisionState.OVERTURNED)
"""States in which a decision stands."""


class Outcome(StrEnum):
    """What the panel decides to do."""

    NO_FURTHER_ACTION = "no_further_action"
    COUNTERPRODUCTIVE = "counterproductive"
    MONITOR = "monitor"
    SHARE_FOR_INFORMATION = "share_for_information"
    TARGETED_ALERT = "targeted_alert"
    FORMAL_ALERT = "formal_alert"
    PUBLIC_ALERT = "public_alert"
    TELL_NEIGHBOURS = "tell_neighbours"
    DECLARE_INCIDENT = "declare_incident"


OUTCOME_AUDIENCES: Mapping[Outcome, Audience] = {
    Outcome.SHARE_FOR_INFORMATION: Audience.PROFESSIONALS,
    Outcome.TARGETED_ALERT: Audience.AT_RISK_AGENCIES,
    Outcome.FORMAL_ALERT: Audience.AT_RISK_AGENCIES,
    Outcome.PUBLIC_ALERT: Audience.PUBLIC,
    Outcome.DECLARE_INCIDENT: Audience.PUBLIC,
}
ALERTING_OUTCOMES = frozenset(OUTCOME_AUDIENCES)
CLOSING_OUTCOMES = frozenset({Outcome.NO_FURTHER_ACTION, Outcome.COUNTERPRODUCTIVE})


@dataclass(frozen=True, kw_only=True)
class SuggestedGrade:
    """The grade the scheme suggests. With a star it may be neither closed nor alerted before an urgent answer."""

    grade: Grade
    star: bool = False

    def __str__(self) -> str:
        return self.grade.value.upper() + ("*" if self.star else "")


def suggest_grade(
    scheme: Scheme, severity: Severity, confidence: Confidence, modifiers: Mapping[Modifier, ModifierLevel]
) -> SuggestedGrade:
    """Suggest one member's grade: table, then one up, then one down, then the floors, in this order."""
    grade = scheme.table[severity, confidence]
    high = sum(level is ModifierLevel.HIGH for level in modifiers.values())
    if high >= scheme.high_modifiers_that_raise:
        grade = grade.moved(+1)
    if any(modifiers.get(modifier) is ModifierLevel.LOW for modifier in scheme.lowering_modifiers):
        grade = grade.moved(-1)
    star = applies(scheme.star, severity, confidence)
    floors = [floor.grade for floor in (*scheme.floors, scheme.star) if applies(floor, severity, confidence)]
    return SuggestedGrade(grade=max([grade, *floors], key=lambda each: each.rank), star=star)


def grade_steps(
    scheme: Scheme, severity: Severity, confidence: Confidence, modifiers: Mapping[Modifier, ModifierLevel]
) -> list[str]:
    """Say in words how the scheme comes to the grade it suggests, one sentence a step."""
    table = scheme.table[severity, confidence]
    steps = [f"{severity.upper()} with {confidence.upper()} gives {table.upper()}."]
    high = sum(level is ModifierLevel.HIGH for level in modifiers.values())
    if high >= scheme.high_modifiers_that_raise:
        steps.append(f"One up, because {high} of the four further questions are high.")
    lowering = [scheme.modifiers[each].words for each in scheme.lowering_modifiers]
    if any(modifiers.get(modifier) is ModifierLevel.LOW for modifier in scheme.lowering_modifiers):
        steps.append(f"One down, because this is low: {', '.join(sorted(lowering)).lower()}.")
    suggested = suggest_grade(scheme, severity, confidence, modifiers)
    lowest = [floor.grade for floor in (*scheme.floors, scheme.star) if applies(floor, severity, confidence)]
    if lowest:
        steps.append(f"For these two answers it is never below {max(lowest, key=lambda each: each.rank).upper()}.")
    if suggested.star:
        steps.append("The star means: a rumour of a death, to be checked with police, ambulance or a hospital first.")
    return steps


def applies(floor: Floor, severity: Severity, confidence: Confidence) -> bool:
    """Say whether a floor covers this pair."""
    return severity in floor.severities and confidence in floor.confidences


@dataclass(frozen=True, kw_only=True)
class CombinedGrade:
    """What several members' grades come to: the median, how far apart they are, and whether any carries a star."""

    grade: Grade
    star: bool
    spread: int
    disagreement: bool

    def __str__(self) -> str:
        return self.grade.value.upper() + ("*" if self.star else "")


def combine_grades(scheme: Scheme, suggestions: Sequence[SuggestedGrade]) -> CombinedGrade:
    """Combine members' grades: the median, the higher middle one when even, never below the star's floor."""
    if not suggestions:
        raise RuleBroken("Nobody has graded this Signal yet, so there is no grade to suggest.")
    ordered = sorted((each.grade for each in suggestions), key=lambda grade: grade.rank)
    star = any(each.star for each in suggestions)
    median = ordered[len(ordered) // 2]
    spread = ordered[-1].rank - ordered[0].rank
    return CombinedGrade(
        grade=max(median, scheme.star.grade, key=lambda grade: grade.rank) if star else median,
        star=star,
        spread=spread,
        disagreement=spread >= scheme.disagreement_from,
    )


@dataclass(frozen=True, kw_only=True)
class Grader:
    """One person who has graded, as the quorum counts them."""

    user_id: int
    agency_id: int
    agency_type: str
    clinical: bool = False
    chairs: bool = False


@dataclass(frozen=True, kw_only=True)
class Quorum:
    """How many people have graded, and in words who is still missing."""

    counted: int
    missing: tuple[str, ...]

    @property
    def met(self) -> bool:
        """Say whether nobody is missing."""
        return not self.missing


def quorum(rule: QuorumRule, graders: Collection[Grader]) -> Quorum:
    """Count the ordinary quorum: chair or deputy, others from enough agencies, a clinician, police or public health."""
    chaired = any(grader.chairs for grader in graders)
    lacking = rule.other_agencies + int(chaired) - len({grader.agency_id for grader in graders})
    missing = [] if chaired else ["the chair or deputy chair"]
    if lacking > 0:
        missing.append("a member from another agency" if lacking == 1 else f"members from {lacking} other agencies")
    if not any(grader.clinical or grader.agency_type in rule.clinical_agency_types for grader in graders):
        missing.append("a clinician or a treatment provider")
    if not any(grader.agency_type in rule.one_of_agency_types for grader in graders):
        missing.append("the police or public health")
    return Quorum(counted=len({grader.user_id for grader in graders}), missing=tuple(missing))


def urgent_quorum(rule: QuorumRule, graders: Collection[Grader]) -> Quorum:
    """Count the urgent quorum: a public-health lead and one from another agency; ratification must follow."""
    led = any(grader.agency_type in rule.urgent_lead_agency_types for grader in graders)
    missing = [] if led else ["the public health lead"]
    if len({grader.agency_id for grader in graders}) < rule.urgent_people - int(not led):
        missing.append("a member from another agency")
    return Quorum(counted=len({grader.user_id for grader in graders}), missing=tuple(missing))


@dataclass(frozen=True, kw_only=True)
class AgencyAnswer:
    """One agency's reply, as the star rule reads it."""

    agency_type: str
    answer: ReplyAnswer
    urgent: bool


def star_blocks(scheme: Scheme, *, star: bool, answers: Iterable[AgencyAnswer]) -> bool:
    """Say whether a star still blocks closing and alerting.

    It does until police, ambulance or a hospital has answered an urgent request; `cannot_say` is no answer.
    """
    return star and not any(
        reply.urgent and reply.agency_type in scheme.star_cleared_by and reply.answer is not ReplyAnswer.CANNOT_SAY
        for reply in answers
    )


class EfficacyAnswer(StrEnum):
    """How one question of the efficacy check is answered."""

    YES = "yes"
    NO = "no"
    UNSURE = "unsure"


@dataclass(frozen=True, kw_only=True)
class EfficacyVerdict:
    """What the efficacy check comes to."""

    missing: tuple[EfficacyQuestion, ...]
    narrowing: tuple[EfficacyQuestion, ...]
    blocking: tuple[EfficacyQuestion, ...]

    @property
    def recommends_narrower(self) -> bool:
        """Say whether a narrower audience is recommended, and a reason asked for keeping the wider one."""
        return bool(self.narrowing)

    @property
    def blocks_sign_off(self) -> bool:
        """Say whether an answer blocks sign-off until it is resolved."""
        return bool(self.blocking)


def efficacy_verdict(scheme: Scheme, answers: Mapping[str, EfficacyAnswer]) -> EfficacyVerdict:
    """Judge the answers to the efficacy check by the scheme's questions."""
    return EfficacyVerdict(
        missing=tuple(question for question in scheme.efficacy if question.key not in answers),
        narrowing=tuple(question for question in scheme.efficacy if answers.get(question.key) in question.narrows_on),
        blocking=tuple(question for question in scheme.efficacy if answers.get(question.key) in question.blocks_on),
    )


def efficacy_needed(scheme: Scheme, final: Grade) -> bool:
    """Say whether a final grade needs the whole efficacy check."""
    return final.rank >= scheme.efficacy_from.rank


@dataclass(frozen=True, kw_only=True)
class ProposedDecision:
    """What a chair is about to decide, with what the scheme suggested."""

    suggested: CombinedGrade
    final: Grade
    outcome: Outcome
    reason: str
    grade_reason: str
    efficacy: Mapping[str, EfficacyAnswer]
    audience_reason: str


def decision_objections(scheme: Scheme, proposed: ProposedDecision, *, star_still_blocks: bool) -> list[str]:
    """Say in words what stands in the way of a decision; an empty list means that it can be recorded."""
    verdict = efficacy_verdict(scheme, proposed.efficacy)
    found: list[str] = []
    if not proposed.reason.strip():
        found.append("Enter the reason for the decision.")
    if proposed.final is not proposed.suggested.grade and not proposed.grade_reason.strip():
        found.append("Enter why the final grade differs from the suggested grade.")
    if efficacy_needed(scheme, proposed.final) and verdict.missing:
        found.append("Answer every question of the efficacy check: this grade needs it.")
    alerting = proposed.outcome in ALERTING_OUTCOMES
    if alerting and verdict.recommends_narrower and not proposed.audience_reason.strip():
        found.append("Enter why this audience is right although the efficacy check recommends a narrower one.")
    if alerting and star_still_blocks:
        found.append("Police, ambulance or a hospital must answer an urgent question before this can be an alert.")
    return found
