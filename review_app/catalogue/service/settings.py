"""Changing a setting of the review: always a new version of the Partnership's own, never a change of a row."""

from collections.abc import Mapping
from datetime import datetime
from typing import TypeVar

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from review_app.accounts.models import Partnership
from review_app.audit.service import AuditAction, record
from review_app.catalogue.commands import SaveSetting, SetClock
from review_app.catalogue.models import ClockRule, FormDefinition, RuleSet
from review_app.catalogue.queries import current_clock_rule, current_rule_set
from review_app.catalogue.rules import ClockKey
from review_app.catalogue.rules.clocks import REVIEW_CLOCKS
from review_app.catalogue.rules.in_words import changes, duration_in_words, setting_parts
from review_app.errors import NotVisible, RuleBroken, Stale
from review_app.policy import Actor, Permission, require
from review_app.working_time import london_day

Row = TypeVar("Row", RuleSet, ClockRule, FormDefinition)
CHANGED = "Someone changed this after you opened it. Nothing of yours was saved yet."


def save_setting(session: Session, actor: Actor, command: SaveSetting, *, now: datetime) -> RuleSet:
    """Make a new version of a setting, in force from today. What was saved already is not saved again."""
    require(actor, Permission.SETTINGS_MANAGE)
    lock_settings(session, actor)
    try:
        wanted = setting_parts(command.setting, command.content)
    except (KeyError, ValueError):
        raise RuleBroken("These settings are not complete. Open the page again; nothing was changed.") from None
    current = current_rule_set(session, command.setting, now=now, partnership_id=actor.partnership_id)
    if current.content == command.content:
        return current
    if current.id != command.base_id:
        raise Stale(CHANGED, differences=changes(wanted, setting_parts(command.setting, current.content)))
    row = RuleSet(key=command.setting.value, content=dict(command.content), active_from=london_day(now))
    return own_version(session, actor, row, command.reason, now=now)


def set_clock(session: Session, actor: Actor, command: SetClock, *, now: datetime) -> ClockRule:
    """Make a new version of a clock of the review. Clocks that run already keep the version they were started under."""
    require(actor, Permission.SETTINGS_MANAGE)
    if command.key not in REVIEW_CLOCKS:
        raise NotVisible("We cannot find that clock.")
    lock_settings(session, actor)
    current = current_clock_rule(session, command.key, now=now, partnership_id=actor.partnership_id)
    if current.amount == command.days:
        return current
    if current.id != command.base_id:
        yours = duration_in_words(current.unit, command.days, current.mode)
        theirs = duration_in_words(current.unit, current.amount, current.mode)
        raise Stale(CHANGED, differences=((current.name, yours, theirs),))
    _refuse_target_after_ceiling(session, actor, command, now)
    row = ClockRule(
        key=current.key,
        name=current.name,
        unit=current.unit,
        amount=command.days,
        mode=current.mode,
        starts=current.starts,
        stops=current.stops,
        active_from=london_day(now),
    )
    return own_version(session, actor, row, command.reason, now=now)


def _refuse_target_after_ceiling(session: Session, actor: Actor, command: SetClock, now: datetime) -> None:
    """Keep the target of the collective review no later than its ceiling."""
    days: Mapping[ClockKey, int] = {
        key: current_clock_rule(session, key, now=now, partnership_id=actor.partnership_id).amount
        for key in (ClockKey.CASE_REVIEW, ClockKey.CASE_REVIEW_CEILING)
    }
    wanted = {**days, command.key: command.days}
    if wanted[ClockKey.CASE_REVIEW] > wanted[ClockKey.CASE_REVIEW_CEILING]:
        raise RuleBroken("Enter days with which the target of the review comes no later than its latest time")


def lock_settings(session: Session, actor: Actor) -> None:
    """Let only one person at a time change the settings of a Partnership, so that no two make the same version."""
    session.execute(select(Partnership.id).where(Partnership.id == actor.partnership_id).with_for_update())


def own_version(session: Session, actor: Actor, row: Row, reason: str, *, now: datetime) -> Row:
    """Number a Partnership's new version after its own and the shipped ones, say who saved it and why; record it."""
    table = type(row)
    theirs = or_(table.partnership_id.is_(None), table.partnership_id == actor.partnership_id)
    newest = select(func.max(table.version)).where(table.key == row.key, theirs)
    row.version = (session.scalar(newest) or 0) + 1
    row.partnership_id, row.saved_by_id, row.saved_at, row.reason = actor.partnership_id, actor.user_id, now, reason
    session.add(row)
    session.flush()
    record(session, actor, "save_setting", row, at=now, action=AuditAction.CONFIG)
    return row
