"""Reads of the catalogue. Nothing in it is confidential; a clock is read for a record that was read before."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from review_app.catalogue.commands import ClockOf
from review_app.catalogue.models import (
    NOT_ENDED_CLOCK,
    AdviceBlock,
    AdviceBlockSignature,
    AssessmentScheme,
    BankHolidayOverride,
    Clock,
    ClockRule,
    FormDefinition,
    ReportingCriterion,
    RuleSet,
    Substance,
)
from review_app.catalogue.rules import ClockKey
from review_app.errors import NotVisible
from review_app.terms import names_of
from review_app.working_time import BankHolidays, Nation, london_day

SYNTHETIC_OPIOID_CLASSES = ("nitazene", "synthetic_opioid")


def current_form(session: Session, key: str, *, now: datetime) -> FormDefinition:
    """Give the version of a form that is in force."""
    newest = select(FormDefinition).where(FormDefinition.key == key, FormDefinition.active_from <= london_day(now))
    form = session.scalar(newest.order_by(FormDefinition.version.desc()).limit(1))
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


def current_rule_set(session: Session, key: str, *, now: datetime) -> RuleSet:
    """Give the version of a table of rules that is in force, for example `alert_rules` or `redirects`."""
    newest = select(RuleSet).where(RuleSet.key == key, RuleSet.active_from <= london_day(now))
    rules = session.scalar(newest.order_by(RuleSet.version.desc()).limit(1))
    if rules is None:
        raise NotVisible("These rules are not set up yet.")
    return rules


def current_clock_rule(session: Session, key: ClockKey, *, now: datetime) -> ClockRule:
    """Give the version of a clock rule that is in force."""
    newest = select(ClockRule).where(ClockRule.key == key.value, ClockRule.active_from <= london_day(now))
    rule = session.scalar(newest.order_by(ClockRule.version.desc()).limit(1))
    if rule is None:
        raise NotVisible("This clock is not set up yet.")
    return rule


def reporting_criteria(session: Session, *, now: datetime) -> list[ReportingCriterion]:
    """Give the newest version in force of every criterion, in the shipped order."""
    every = select(ReportingCriterion).where(ReportingCriterion.active_from <= london_day(now))
    newest = {row.key: row for row in session.scalars(every.order_by(ReportingCriterion.version))}
    return sorted(newest.values(), key=lambda row: (row.position, row.key))


def clocks_of(session: Session, of: ClockOf) -> list[Clock]:
    """Give every clock of a record, the first due first."""
    return list(session.scalars(select(Clock).filter_by(**of.subject()).order_by(Clock.due_at, Clock.id)))


def running_clocks(session: Session, of: ClockOf) -> list[Clock]:
    """Give the clocks of a record that are neither stopped nor cancelled, the first due first."""
    return [clock for clock in clocks_of(session, of) if not clock.ended]


def find_running_clock(session: Session, key: ClockKey, of: ClockOf) -> Clock | None:
    """Give the clock of this kind that still runs for a record."""
    running = select(Clock).filter_by(**of.subject()).join(ClockRule)
    return session.scalar(running.where(ClockRule.key == key.value, NOT_ENDED_CLOCK))


def running_clocks_by_submission(session: Session, ids: Collection[int]) -> dict[int, list[Clock]]:
    """Give the running clocks of many Submissions at once, the first due first."""
    found: dict[int, list[Clock]] = {}
    running = select(Clock).where(Clock.submission_id.in_(ids), NOT_ENDED_CLOCK).order_by(Clock.due_at, Clock.id)
    for clock in session.scalars(running):
        if clock.submission_id is not None:
            found.setdefault(clock.submission_id, []).append(clock)
    return found


def running_clocks_by_signal(session: Session, ids: Collection[int]) -> dict[int, list[Clock]]:
    """Give the running clocks of many Signals at once, the first due first."""
    found: dict[int, list[Clock]] = {}
    running = select(Clock).where(Clock.signal_id.in_(ids), NOT_ENDED_CLOCK).order_by(Clock.due_at, Clock.id)
    for clock in session.scalars(running):
        if clock.signal_id is not None:
            found.setdefault(clock.signal_id, []).append(clock)
    return found


def bank_holidays(session: Session, nation: Nation = Nation.ENGLAND) -> BankHolidays:
    """Give a nation's bank holidays as the override table corrects them."""
    overrides = session.scalars(select(BankHolidayOverride).where(BankHolidayOverride.nation == nation))
    return BankHolidays({override.on: override.is_holiday for override in overrides}, nation)


def substances(session: Session) -> list[Substance]:
    """Give the active substances with their aliases, by name."""
    active = select(Substance).where(Substance.active).options(selectinload(Substance.aliases))
    return list(session.scalars(active.order_by(Substance.name)))


def substance_names(session: Session) -> list[str]:
    """Give every name and alias that a form can suggest, each once, in alphabetical order."""
    names = {name for entry in substances(session) for name in (entry.name, *(each.alias for each in entry.aliases))}
    return sorted(names, key=str.casefold)


def substances_called(session: Session, written: str) -> list[Substance]:
    """Give the active substances that have exactly this name or alias; a street name may stand for several."""
    wanted = written.strip().casefold()
    return [
        entry
        for entry in substances(session)
        if wanted in {name.casefold() for name in (entry.name, *names_of(entry.name, aliases_of(entry)))}
    ]


def aliases_of(entry: Substance) -> list[str]:
    """Give the other names of a substance."""
    return [each.alias for each in entry.aliases]


def synthetic_opioid_terms(session: Session) -> list[str]:
    """Give every name and alias of the synthetic opioids in the list, which make a report urgent."""
    opioids = [entry for entry in substances(session) if entry.substance_class in SYNTHETIC_OPIOID_CLASSES]
    return sorted({term for entry in opioids for term in names_of(entry.name, aliases_of(entry))})


def advice_blocks(session: Session, *, now: datetime) -> list[AdviceBlock]:
    """Give the newest version in force of every advice block, with its signatures, by title."""
    every = select(AdviceBlock).where(AdviceBlock.active_from <= london_day(now))
    newest = {
        block.key: block
        for block in session.scalars(every.options(selectinload(AdviceBlock.signatures)).order_by(AdviceBlock.version))
    }
    return sorted(newest.values(), key=lambda block: (block.title, block.key))


def get_advice_block(session: Session, key: str, version: int) -> AdviceBlock:
    """Give one version of an advice block."""
    block = session.scalar(select(AdviceBlock).where(AdviceBlock.key == key, AdviceBlock.version == version))
    if block is None:
        raise NotVisible("We cannot find that advice block.")
    return block


def unsigned_blocks(session: Session, partnership_id: int, block_ids: Collection[int]) -> list[AdviceBlock]:
    """Give those of these block versions that no clinician of the Partnership has signed, by title."""
    signed = select(AdviceBlockSignature.advice_block_id).where(AdviceBlockSignature.partnership_id == partnership_id)
    unsigned = select(AdviceBlock).where(AdviceBlock.id.in_(block_ids), AdviceBlock.id.not_in(signed))
    return list(session.scalars(unsigned.order_by(AdviceBlock.title, AdviceBlock.id)))
