"""How a Signal is graded, as one version of the assessment scheme defines it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from review_app.catalogue.rules.content import Content, Option, number, options, rows, section, text, texts
from review_app.marks import Confidence, Grade, Modifier, Severity


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
