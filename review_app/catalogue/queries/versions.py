"""Which version of everything is in force. Nothing here is confidential."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from review_app.catalogue.models import AssessmentScheme, ClockRule, FormDefinition, ReportingCriterion, RuleSet
from review_app.catalogue.rules import ClockKey
from review_app.catalogue.rules.clocks import REVIEW_CLOCKS
from review_app.catalogue.rules.in_words import duration_in_words
from review_app.errors import NotVisible
from review_app.policy import Actor
from review_app.working_time import london_day

Row = TypeVar("Row", FormDefinition, RuleSet, ClockRule)


def _in_force(session: Session, table: type[Row], key: str, now: datetime, partnership_id: int | None) -> Row | None:
    """Give the newest version that has begun: one of the Partnership's own before any that ships."""
    owner = or_(table.partnership_id.is_(None), table.partnership_id == partnership_id)
    begun = select(table).where(table.key == key, table.active_from <= london_day(now), owner)
    return session.scalar(begun.order_by(table.partnership_id.is_(None), table.version.desc()).limit(1))


def current_form(session: Session, key: str, *, now: datetime, partnership_id: int | None = None) -> FormDefinition:
    """Give the version of a form that is in force: the Partnership's own where it has one, else the shipped one."""
    form = _in_force(session, FormDefinition, key, now, partnership_id)
    if form is None:
        raise NotVisible("This form is not set up yet.")
    return form


def current_scheme(session: Session, *, now: datetime, key: str = "ldis") -> AssessmentScheme:
    """Give the version of an assessment scheme that is in force."""
    newest = select(AssessmentScheme).where(
        AssessmentScheme.key == key, AssessmentScheme.active_from <= london_day(now)
    )
    scheme = session.scalar(newest.order_by(AssessmentScheme.version.desc()).limit(1))
    if scheme is None:
        raise NotVisible("The assessment scheme is not set up yet.")
    return scheme


def current_rule_set(session: Session, key: str, *, now: datetime, partnership_id: int | None = None) -> RuleSet:
    """Give the version of a table of rules that is in force, for example `inclusion` or `alert_rules`.

    A Partnership's own version wins over the shipped one, whichever is newer. Keep its id with what is decided by it.
    """
    rules = _in_force(session, RuleSet, key, now, partnership_id)
    if rules is None:
        raise NotVisible("These rules are not set up yet.")
    return rules


def current_clock_rule(
    session: Session, key: ClockKey, *, now: datetime, partnership_id: int | None = None
) -> ClockRule:
    """Give the version of a clock rule that is in force: the Partnership's own if it has one, else the shipped one."""
    rule = _in_force(session, ClockRule, key.value, now, partnership_id)
    if rule is None:
        raise NotVisible("This clock is not set up yet.")
    return rule


@dataclass(frozen=True, kw_only=True)
class ClockLine:
    """One clock of the review as the settings list it, in words."""

    key: str
    name: str
    runs: str
    starts: str
    stops: str
    own: bool


def review_clocks(session: Session, actor: Actor, *, now: datetime) -> list[ClockLine]:
    """Give the clocks of the death review as they are in force for the actor's Partnership, in their order."""
    rules = [current_clock_rule(session, key, now=now, partnership_id=actor.partnership_id) for key in REVIEW_CLOCKS]
    return [
        ClockLine(
            key=rule.key,
            name=rule.name,
            runs=duration_in_words(rule.unit, rule.amount, rule.mode),
            starts=rule.starts,
            stops=rule.stops,
            own=rule.partnership_id is not None,
        )
        for rule in rules
    ]


def reporting_criteria(session: Session, *, now: datetime) -> list[ReportingCriterion]:
    """Give the newest version in force of every criterion, in the shipped order."""
    every = select(ReportingCriterion).where(ReportingCriterion.active_from <= london_day(now))
    newest = {row.key: row for row in session.scalars(every.order_by(ReportingCriterion.version))}
    return sorted(newest.values(), key=lambda row: (row.position, row.key))
