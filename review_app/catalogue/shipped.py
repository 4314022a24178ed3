"""The shipped files of the catalogue, read into rows. They are a starting point; the tables are what is in force."""

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import yaml

from review_app.catalogue.models import (
    AdviceBlock,
    AssessmentScheme,
    ClockRule,
    FormDefinition,
    LearningTheme,
    LearningThemeVersion,
    ReportingCriterion,
    RuleSet,
    Substance,
    SubstanceAlias,
)
from review_app.catalogue.rules import ClockUnit, Content, flag, number, rows, section, text, texts
from review_app.working_time import CountingMode

FOLDER = Path(__file__).parent / "data"
FORMS = ("short_form.v1.yaml", "agency_return.v1.yaml")
SCHEMES = ("scheme.v1.yaml",)
RULE_SETS = (
    "alert_rules.v1.yaml",
    "redirects.v1.yaml",
    "inclusion.v1.yaml",
    "factors.v1.yaml",
    "notification_sources.v1.yaml",
    "place_kinds.v1.yaml",
    "chronology_types.v1.yaml",
    "risk_windows.v1.yaml",
    "confidentiality_statement.v1.yaml",
    "retention.v1.yaml",
    "small_numbers.v1.yaml",
    "theme_codes.v1.yaml",
)


def read_file(name: str) -> dict[str, object]:
    """Read one shipped file."""
    return section({"file": yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))}, "file")


def day(content: Content, key: str) -> date:
    """Give a date of a shipped file. Raises ValueError when it is missing or something else."""
    value = content.get(key)
    if not isinstance(value, date):
        raise ValueError(f"“{key}” must be a date")
    return value


def forms() -> Iterator[FormDefinition]:
    """Give the shipped versions of the forms."""
    for file in map(read_file, FORMS):
        yield FormDefinition(
            key=text(file, "key"),
            version=number(file, "version"),
            content=section(file, "content"),
            active_from=day(file, "active_from"),
        )


def schemes() -> Iterator[AssessmentScheme]:
    """Give the shipped versions of the assessment scheme."""
    for file in map(read_file, SCHEMES):
        yield AssessmentScheme(
            key=text(file, "key"),
            version=number(file, "version"),
            content=section(file, "content"),
            active_from=day(file, "active_from"),
        )


def rule_sets() -> Iterator[RuleSet]:
    """Give the shipped versions of the other tables of rules."""
    for file in map(read_file, RULE_SETS):
        yield RuleSet(
            key=text(file, "key"),
            version=number(file, "version"),
            content=section(file, "content"),
            active_from=day(file, "active_from"),
        )


def clock_rules() -> Iterator[ClockRule]:
    """Give the shipped clock rules."""
    file = read_file("clock_rules.v1.yaml")
    for row in rows(file, "rules"):
        yield ClockRule(
            key=text(row, "key"),
            version=number(file, "version"),
            name=text(row, "name"),
            unit=ClockUnit(text(row, "unit")),
            amount=number(row, "amount"),
            mode=CountingMode(text(row, "mode")),
            starts=text(row, "starts"),
            stops=text(row, "stops"),
            active_from=day(file, "active_from"),
        )


def advice_blocks() -> Iterator[AdviceBlock]:
    """Give the shipped advice blocks, all of them unsigned."""
    file = read_file("advice_blocks.v1.yaml")
    for row in rows(file, "blocks"):
        yield AdviceBlock(
            key=text(row, "key"),
            version=number(file, "version"),
            title=text(row, "title"),
            body=text(row, "body"),
            under_18_only=flag(row, "under_18_only"),
            active_from=day(file, "active_from"),
        )


def reporting_criteria() -> Iterator[ReportingCriterion]:
    """Give the shipped reporting criteria in their order."""
    file = read_file("reporting_criteria.v1.yaml")
    for position, row in enumerate(rows(file, "criteria"), start=1):
        yield ReportingCriterion(
            key=text(row, "key"),
            version=number(file, "version"),
            words=text(row, "words"),
            source=text(row, "source"),
            suggested_by=texts(row, "suggested_by"),
            position=position,
            active_from=day(file, "active_from"),
        )


def learning_themes() -> Iterator[LearningTheme]:
    """Give the shipped learning themes, each with the first version of its words."""
    file = read_file("learning_themes.v1.yaml")
    for row in rows(file, "themes"):
        words = LearningThemeVersion(
            version=number(file, "version"),
            name=text(row, "name"),
            domain=text(row, "domain"),
            active=True,
            active_from=day(file, "active_from"),
        )
        yield LearningTheme(
            key=text(row, "key"), number=number(row, "number"), code=text(row, "code"), versions=[words]
        )


def agency_types() -> dict[str, str]:
    """Give the shipped kinds of agency, key and name."""
    types = section(read_file("agency_types.v1.yaml"), "types")
    return {key: text(types, key) for key in types}


def substances() -> Iterator[Substance]:
    """Give the shipped substances with their aliases. A date that was not checked is not invented."""
    with (FOLDER / "substances.v1.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield Substance(
                name=row["name"],
                substance_class=row["class"],
                mda_class=row["mda_class"] or None,
                controlled_on=date.fromisoformat(row["controlled_on"]) if row["controlled_on"] else None,
                controlled_before=date.fromisoformat(row["controlled_before"]) if row["controlled_before"] else None,
                source=row["source"],
                verified=row["verified"] == "yes",
                novel=None,
                aliases=[SubstanceAlias(alias=alias) for alias in unique(row["aliases"].split(";"))],
            )


def unique(names: list[str]) -> list[str]:
    """Give the names that say something, each spelling once."""
    return list({name.strip(): None for name in names if name.strip()})
