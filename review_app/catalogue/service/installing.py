"""Installing what ships. It runs at every start, so what a new version of the product adds reaches old databases."""

from collections.abc import Iterable
from itertools import chain

from sqlalchemy import select
from sqlalchemy.orm import Session

from review_app.accounts.models import AgencyType
from review_app.catalogue import shipped
from review_app.catalogue.models import (
    AdviceBlock,
    AssessmentScheme,
    ClockRule,
    FormDefinition,
    LearningTheme,
    ReportingCriterion,
    RuleSet,
    Substance,
    SubstanceVersion,
)
from review_app.catalogue.service.substances import snapshot

Versioned = FormDefinition | AssessmentScheme | RuleSet | ClockRule | AdviceBlock | ReportingCriterion


def install_catalogue(session: Session) -> int:
    """Add every shipped version, substance, theme and kind of agency that is missing, and say how many were added.

    A row that is there is never edited, so it can run at every start.
    """
    versioned: Iterable[Versioned] = chain(
        shipped.forms(), shipped.schemes(), shipped.rule_sets(), shipped.clock_rules(), shipped.advice_blocks(),
        shipped.reporting_criteria(),
    )  # fmt: skip
    missing: list[Versioned | AgencyType] = [row for row in versioned if not _installed(session, row)]
    keys = set(session.scalars(select(AgencyType.key)))
    missing += [AgencyType(key=key, name=name) for key, name in shipped.agency_types().items() if key not in keys]
    session.add_all(missing)
    session.flush()
    return len(missing) + _install_substances(session) + _install_themes(session)


def _installed(session: Session, row: Versioned) -> bool:
    """Say whether this version of this row is in its table already; what a Partnership saved is not what ships."""
    table = type(row)
    same = select(table.id).where(table.key == row.key, table.version == row.version)
    if isinstance(row, FormDefinition | RuleSet | ClockRule):
        same = same.where(type(row).partnership_id.is_(None))
    return session.scalar(same) is not None


def _install_substances(session: Session) -> int:
    """Add the substances that no entry has the name of, now or by an earlier name, each with its first version."""
    names = {*session.scalars(select(Substance.name)), *session.scalars(select(SubstanceVersion.name))}
    added = [entry for entry in shipped.substances() if entry.name not in names]
    session.add_all(added)
    session.flush()
    session.add_all(snapshot(entry) for entry in added)
    session.flush()
    return len(added)


def _install_themes(session: Session) -> int:
    """Add the shipped themes that are missing, each with the first version of its words."""
    there = set(session.scalars(select(LearningTheme.key).where(LearningTheme.partnership_id.is_(None))))
    added = [theme for theme in shipped.learning_themes() if theme.key not in there]
    session.add_all(added)
    session.flush()
    return len(added)
