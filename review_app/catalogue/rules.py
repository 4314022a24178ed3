"""What versioned content means: readers that turn a stored table into typed rules, and the words on a page."""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from review_app.marks import Confidence, Grade, Modifier, Severity
from review_app.working_time import CountingMode, due_at, end_of_next_working_day, months_after

Content = Mapping[str, object]


def text(content: Content, key: str, default: str = "") -> str:
    """Give a text of a content table. Raises ValueError when it is something else."""
    value = content.get(key, default)
    if not isinstance(value, str):
        raise ValueError(f"“{key}” must be a text")
    return value


def number(content: Content, key: str, default: int | None = None) -> int:
    """Give a whole number of a content table. Raises ValueError when it is missing or something else."""
    value = content.get(key, default)
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"“{key}” must be a whole number")
    return value


def flag(content: Content, key: str) -> bool:
    """Give a yes or no of a content table; what is not there is no."""
    value = content.get(key, False)
    if not isinstance(value, bool):
        raise ValueError(f"“{key}” must be true or false")
    return value


def section(content: Content, key: str) -> dict[str, object]:
    """Give a part of a content table that is itself a table; what is not there is empty."""
    value = content.get(key, {})
    if not isinstance(value, Mapping):
        raise ValueError(f"“{key}” must be a table")
    return {str(name): part for name, part in value.items()}


def rows(content: Content, key: str) -> list[dict[str, object]]:
    """Give the rows of a list in a content table; what is not there is empty."""
    return [section({"row": row}, "row") for row in items(content, key)]


def texts(content: Content, key: str) -> list[str]:
    """Give a list of texts of a content table; what is not there is empty."""
    return [text({"item": item}, "item") for item in items(content, key)]


def items(content: Content, key: str) -> Iterator[object]:
    """Give the members of a list in a content table."""
    value = content.get(key, [])
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise ValueError(f"“{key}” must be a list")
    yield from value


@dataclass(frozen=True, kw_only=True)
class Option:
    """One answer that can be chosen, with its words."""

    key: str
    words: str
    hint: str = ""


def options(content: Content, key: str = "options") -> tuple[Option, ...]:
    """Give the options listed under a key."""
    return tuple(
        Option(key=text(row, "key"), words=text(row, "words"), hint=text(row, "hint")) for row in rows(content, key)
    )


class QuestionType(StrEnum):
    """How a question is answered."""

    CHOICE = "choice"
    CHOICES = "choices"
    YES_NO = "yes_no"
    TEXT = "text"
    LONG_TEXT = "long_text"
    SUBSTANCE = "substance"
    LOCALITY = "locality"
    WHEN = "when"
    CONTACT = "contact"
    TICK = "tick"


@dataclass(frozen=True, kw_only=True)
class Question:
    """One question of a form, in the words that the submitter reads."""

    key: str
    type: QuestionType
    words: str
    hint: str = ""
    error: str = ""
    required: bool = False
    screen: int = 1
    limit: int = 0
    default: str = ""
    options: tuple[Option, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Form:
    """A form as one version defines it, its questions in the order in which they are asked."""

    title: str
    questions: tuple[Question, ...]

    def question(self, key: str) -> Question:
        """Give one question. Raises KeyError when the form does not ask it."""
        for question in self.questions:
            if question.key == key:
                return question
        raise KeyError(key)

    def missing(self, answered: Mapping[str, object]) -> list[Question]:
        """Give the required questions to which there is no answer."""
        return [question for question in self.questions if question.required and not answered.get(question.key)]

    def words_of(self, key: str, answer: str) -> str:
        """Give the words of a chosen option, or the answer itself where the form does not list it."""
        return next((option.words for option in self.question(key).options if option.key == answer), answer)


def read_form(content: Content) -> Form:
    """Turn a form's stored content into its questions. Raises ValueError when it is malformed."""
    return Form(title=text(content, "title"), questions=tuple(map(read_question, rows(content, "questions"))))


def read_question(row: Content) -> Question:
    """Turn one stored question into a Question."""
    return Question(
        key=text(row, "key"),
        type=QuestionType(text(row, "type")),
        words=text(row, "words"),
        hint=text(row, "hint"),
        error=text(row, "error"),
        required=flag(row, "required"),
        screen=number(row, "screen", 1),
        limit=number(row, "limit", 0),
        default=text(row, "default"),
        options=options(row),
    )


@dataclass(frozen=True, kw_only=True)
class Level:
    """One level of a scale: a short name and the anchor text that says when it applies."""

    key: str
    words: str
    anchor: str = ""


@dataclass(frozen=True, kw_only=True)
class Scale:
    """One thing that an assessor judges, with its levels in order."""

    key: str
    words: str
    levels: tuple[Level, ...]


@dataclass(frozen=True, kw_only=True)
class Floor:
    """The grade below which a pair of severity and confidence never falls."""

    severities: frozenset[Severity]
    confidences: frozenset[Confidence]
    grade: Grade


@dataclass(frozen=True, kw_only=True)
class QuorumRule:
    """Whose assessments make a quorum. The chair or deputy always belongs to it."""

    other_agencies: int
    clinical_agency_types: frozenset[str]
    one_of_agency_types: frozenset[str]
    urgent_lead_agency_types: frozenset[str]
    urgent_people: int


@dataclass(frozen=True, kw_only=True)
class EfficacyQuestion:
    """One question of the efficacy check, with the answers that narrow the audience or block sign-off."""

    key: str
    words: str
    narrows_on: frozenset[str] = frozenset()
    blocks_on: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Scheme:
    """One version of the assessment scheme."""

    severity: Scale
    confidence: Scale
    modifiers: Mapping[Modifier, Scale]
    table: Mapping[tuple[Severity, Confidence], Grade]
    high_modifiers_that_raise: int
    lowering_modifiers: frozenset[Modifier]
    floors: tuple[Floor, ...]
    star: Floor
    star_cleared_by: frozenset[str]
    disagreement_from: int
    efficacy: tuple[EfficacyQuestion, ...]
    efficacy_from: Grade
    quorum: QuorumRule
    grades: Mapping[Grade, Level]
    outcomes: tuple[Option, ...]
    suggested_outcomes: Mapping[Grade, str] = field(default_factory=dict)


def read_scale(key: str, content: Content) -> Scale:
    """Turn a stored scale into a Scale."""
    levels = tuple(
        Level(key=text(row, "key"), words=text(row, "words"), anchor=text(row, "anchor"))
        for row in rows(content, "levels")
    )
    return Scale(key=key, words=text(content, "words"), levels=levels)


def read_floor(content: Content) -> Floor:
    """Turn a stored floor into a Floor."""
    return Floor(
        severities=frozenset(map(Severity, texts(content, "severities"))),
        confidences=frozenset(map(Confidence, texts(content, "confidences"))),
        grade=Grade(text(content, "grade")),
    )


def read_table(content: Content) -> dict[tuple[Severity, Confidence], Grade]:
    """Turn the stored table into one grade for every pair. Raises ValueError when a pair has none."""
    return {
        (severity, confidence): Grade(text(section(content, severity), confidence))
        for severity in Severity
        for confidence in Confidence
    }


def read_scheme(content: Content) -> Scheme:
    """Turn a scheme's stored content into rules. Raises ValueError when it is malformed."""
    modifiers, rule, quorum = section(content, "modifiers"), section(content, "rule"), section(content, "quorum")
    grades = read_scale("grades", section(content, "grades")).levels
    return Scheme(
        severity=read_scale("severity", section(content, "severity")),
        confidence=read_scale("confidence", section(content, "confidence")),
        modifiers={modifier: read_scale(modifier, section(modifiers, modifier)) for modifier in Modifier},
        table=read_table(section(content, "table")),
        high_modifiers_that_raise=number(rule, "high_modifiers_that_raise"),
        lowering_modifiers=frozenset(map(Modifier, texts(rule, "lowered_by_low"))),
        floors=tuple(map(read_floor, rows(rule, "floors"))),
        star=read_floor(section(rule, "star")),
        star_cleared_by=frozenset(texts(rule, "star_cleared_by")),
        disagreement_from=number(rule, "disagreement_from"),
        efficacy=tuple(
            EfficacyQuestion(
                key=text(row, "key"),
                words=text(row, "words"),
                narrows_on=frozenset(texts(row, "narrows_on")),
                blocks_on=frozenset(texts(row, "blocks_on")),
            )
            for row in rows(content, "efficacy")
        ),
        efficacy_from=Grade(text(rule, "efficacy_from")),
        quorum=QuorumRule(
            other_agencies=number(quorum, "other_agencies"),
            clinical_agency_types=frozenset(texts(quorum, "clinical_agency_types")),
            one_of_agency_types=frozenset(texts(quorum, "one_of_agency_types")),
            urgent_lead_agency_types=frozenset(texts(quorum, "urgent_lead_agency_types")),
            urgent_people=number(quorum, "urgent_people"),
        ),
        grades={Grade(level.key): level for level in grades},
        outcomes=options(content, "outcomes"),
        suggested_outcomes={
            Grade(key): text({"outcome": value}, "outcome")
            for key, value in section(content, "suggested_outcomes").items()
        },
    )


class ClockKey(StrEnum):
    """The clocks that the product knows how to start and stop; their times are versioned data."""

    RECEIPT = "receipt"
    TRIAGE_ROUTINE = "triage_routine"
    TRIAGE_URGENT = "triage_urgent"
    CORROBORATION_ROUTINE = "corroboration_routine"
    CORROBORATION_URGENT = "corroboration_urgent"
    PANEL_ROUTINE = "panel_routine"
    PANEL_URGENT = "panel_urgent"
    PANEL_CRITICAL = "panel_critical"
    RATIFICATION = "ratification"
    PROVISIONAL_ALERT = "provisional_alert"
    FEEDBACK = "feedback"
    ALERT_REVIEW = "alert_review"
    ALERT_REVIEW_REMINDER = "alert_review_reminder"
    RECIPIENT_RECONFIRMATION = "recipient_reconfirmation"


class ClockUnit(StrEnum):
    """How the amount of a clock rule is meant."""

    HOURS = "hours"
    MONTHS = "months"
    END_OF_NEXT_WORKING_DAY = "end_of_next_working_day"
    ON_RECORD = "on_record"


class ClockState(StrEnum):
    """How a clock stands at an instant."""

    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    BREACHED = "breached"
    CANCELLED = "cancelled"


def clock_due(
    unit: ClockUnit,
    amount: int,
    mode: CountingMode,
    started: datetime,
    bank_holidays: Container[date],
    on_record: datetime | None = None,
) -> datetime:
    """Give when a clock is due. A rule whose date stands on the record is handed that date."""
    match unit:
        case ClockUnit.HOURS:
            return due_at(started, timedelta(hours=amount), mode, bank_holidays)
        case ClockUnit.MONTHS:
            return months_after(started, amount)
        case ClockUnit.END_OF_NEXT_WORKING_DAY:
            return end_of_next_working_day(started, bank_holidays)
        case ClockUnit.ON_RECORD if on_record is not None:
            return on_record
    raise ValueError("this clock needs the date that stands on its record")


def clock_state(
    *, due: datetime, paused: datetime | None, stopped: datetime | None, cancelled: datetime | None, now: datetime
) -> ClockState:
    """Say how a clock stands: a stopped one was met or breached for good, a paused one can pass no due time."""
    if cancelled is not None:
        return ClockState.CANCELLED
    if stopped is not None:
        return ClockState.MET if stopped <= due else ClockState.BREACHED
    if paused is not None:
        return ClockState.PAUSED if paused <= due else ClockState.BREACHED
    return ClockState.RUNNING if now <= due else ClockState.BREACHED
