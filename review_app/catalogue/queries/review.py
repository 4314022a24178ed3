"""The settings of the avoidable-death review, as they are in force for a Partnership.

`current_rule_set(session, ReviewSetting.INCLUSION, ...)` gives the row whose id a record keeps;
these give what it says.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from review_app.accounts.queries import all_partnerships
from review_app.audit.events import AuditIsKept
from review_app.catalogue.models import FormDefinition
from review_app.catalogue.queries.versions import current_form, current_rule_set
from review_app.catalogue.rules import Content, Option
from review_app.catalogue.rules.agency_return import AGENCY_RETURN, ReturnForm, ReturnQuestion, read_agency_return
from review_app.catalogue.rules.review import (
    Factors,
    InclusionSettings,
    Retention,
    ReviewSetting,
    RiskWindow,
    SmallNumbers,
    Statement,
    ThemeCode,
    option_rows,
    read_factors,
    read_inclusion,
    read_retention,
    read_risk_windows,
    read_small_numbers,
    read_statement,
    read_theme_codes,
)
from review_app.errors import NotVisible
from review_app.policy import Actor


def _content(session: Session, setting: ReviewSetting, partnership_id: int, now: datetime) -> Content:
    return current_rule_set(session, setting, now=now, partnership_id=partnership_id).content


def inclusion_settings(session: Session, partnership_id: int, *, now: datetime) -> InclusionSettings:
    """Give which deaths are in scope."""
    return read_inclusion(_content(session, ReviewSetting.INCLUSION, partnership_id, now))


def factors(session: Session, partnership_id: int, *, now: datetime) -> Factors:
    """Give the domains of factors, the levels of influence and the answers to "modifiable?"."""
    return read_factors(_content(session, ReviewSetting.FACTORS, partnership_id, now))


def review_options(
    session: Session, setting: ReviewSetting, partnership_id: int, *, now: datetime
) -> tuple[Option, ...]:
    """Give a plain list of choices: NOTIFICATION_SOURCES, PLACE_KINDS or CHRONOLOGY_TYPES."""
    return option_rows(_content(session, setting, partnership_id, now))


def option_words(session: Session, setting: ReviewSetting, partnership_id: int, *, now: datetime) -> Mapping[str, str]:
    """Give the words of a plain list of choices by their keys."""
    return {option.key: option.words for option in review_options(session, setting, partnership_id, now=now)}


def risk_windows(session: Session, partnership_id: int, *, now: datetime) -> tuple[RiskWindow, ...]:
    """Give the times of raised risk, in calendar days from an entry of the chronology."""
    return read_risk_windows(_content(session, ReviewSetting.RISK_WINDOWS, partnership_id, now))


def confidentiality_statement(session: Session, partnership_id: int, *, now: datetime) -> Statement:
    """Give what everybody at a meeting accepts. The meeting keeps the RuleSet's id."""
    return read_statement(_content(session, ReviewSetting.CONFIDENTIALITY_STATEMENT, partnership_id, now))


def retention(session: Session, partnership_id: int, *, now: datetime) -> Retention:
    """Give for how long records are kept."""
    return read_retention(_content(session, ReviewSetting.RETENTION, partnership_id, now))


def years_of_audit(session: Session, asked: AuditIsKept) -> int:
    """Answer for how many years the audit is kept: as long as the Partnership that keeps it longest."""
    periods = (retention(session, each.id, now=asked.at) for each in all_partnerships(session))
    return max((each.access_audit_least_years for each in periods), default=0)


def small_numbers(session: Session, partnership_id: int, *, now: datetime) -> SmallNumbers:
    """Give which counts of people are hidden."""
    return read_small_numbers(_content(session, ReviewSetting.SMALL_NUMBERS, partnership_id, now))


def theme_codes(session: Session, partnership_id: int, *, now: datetime) -> tuple[ThemeCode, ...]:
    """Give the published themes (GP1 to GP5, AL1 to AL3, TI) that the library's themes correspond to."""
    return read_theme_codes(_content(session, ReviewSetting.THEME_CODES, partnership_id, now))


def agency_return(session: Session, partnership_id: int, *, now: datetime) -> tuple[FormDefinition, ReturnForm]:
    """Give the agency return in force: the row whose id a request keeps, and what it asks."""
    form = current_form(session, AGENCY_RETURN, now=now, partnership_id=partnership_id)
    return form, read_agency_return(form.content)


def return_question(
    session: Session, actor: Actor, key: str, *, now: datetime
) -> tuple[FormDefinition, ReturnQuestion]:
    """Give one question of the agency return in force, with the row it stands in."""
    form, asked = agency_return(session, actor.partnership_id, now=now)
    question = asked.questions().get(key)
    if question is None:
        raise NotVisible("We cannot find that question.")
    return form, question
