"""Every version of a setting, for the pages that edit them: since when, by whom, why, and what it changed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import takewhile
from typing import TypeVar

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from review_app.accounts.models import Partnership
from review_app.accounts.queries import people_names
from review_app.catalogue.models import (
    ClockRule,
    FormDefinition,
    LearningThemeVersion,
    RuleSet,
    SubstanceVersion,
)
from review_app.catalogue.queries.substances import control_of, parts_of_substance
from review_app.catalogue.queries.themes import all_themes
from review_app.catalogue.rules import ClockKey
from review_app.catalogue.rules.agency_return import AGENCY_RETURN, read_agency_return
from review_app.catalogue.rules.in_words import Part, changes, duration_in_words, return_parts, setting_parts
from review_app.catalogue.rules.review import ReviewSetting
from review_app.catalogue.rules.themes import theme_parts
from review_app.policy import Actor

Row = TypeVar("Row", RuleSet, FormDefinition, ClockRule)


@dataclass(frozen=True, kw_only=True)
class Saved:
    """One version as the history tells it. `who` and `at` are empty for what ships with the product.

    `changed` has (label, before, after) rows against the version before; the first version changed nothing.
    """

    number: int
    since: date | None
    at: datetime | None
    who: str
    reason: str
    changed: tuple[tuple[str, str, str], ...]


def setting_history(session: Session, actor: Actor, setting: ReviewSetting) -> list[Saved]:
    """Give the versions of one setting that this Partnership follows or followed, the newest first."""
    told = _owned(session, actor, RuleSet, setting)
    return _history(session, told, [setting_parts(setting, row.content) for row in told])


def clock_history(session: Session, actor: Actor, key: ClockKey) -> list[Saved]:
    """Give the versions of one clock that this Partnership follows or followed, the newest first."""
    told = _owned(session, actor, ClockRule, key)
    said = [duration_in_words(row.unit, row.amount, row.mode) for row in told]
    return _history(session, told, [(Part(key="days", label="How long", words=words),) for words in said])


def return_history(session: Session, actor: Actor) -> list[Saved]:
    """Give the versions of the agency return that this Partnership follows or followed, the newest first."""
    told = _owned(session, actor, FormDefinition, AGENCY_RETURN)
    return _history(session, told, [return_parts(read_agency_return(row.content)) for row in told])


def theme_history(session: Session, actor: Actor, theme_id: int, *, now: datetime) -> list[Saved]:
    """Give the versions of one theme that this Partnership follows or followed, the newest first."""
    names = {theme.id: theme.name for theme in all_themes(session, actor.partnership_id, now=now).values()}
    versions = select(LearningThemeVersion).where(
        LearningThemeVersion.theme_id == theme_id,
        or_(LearningThemeVersion.partnership_id.is_(None), LearningThemeVersion.partnership_id == actor.partnership_id),
    )
    told = session.scalars(
        versions.order_by(LearningThemeVersion.partnership_id.is_not(None), LearningThemeVersion.version)
    ).all()
    parts = [
        theme_parts(row.name, row.domain, active=row.active, merged_into=names.get(row.merged_into_id or 0, ""))
        for row in told
    ]
    return _history(session, told, parts)


def substance_history(session: Session, actor: Actor, substance_id: int) -> list[Saved]:
    """Give the versions of one entry of the substance list, the newest first.

    The list is shared: where somebody of another Partnership made a change, that Partnership is named instead.
    """
    versions = select(SubstanceVersion).where(SubstanceVersion.substance_id == substance_id)
    told = session.scalars(versions.order_by(SubstanceVersion.version)).all()
    ours = {row.saved_by_id for row in told if row.saved_by_id and row.saved_for_id == actor.partnership_id}
    theirs = {row.saved_for_id for row in told if row.saved_for_id}
    people = people_names(session, ours)
    places = dict(session.execute(select(Partnership.id, Partnership.name).where(Partnership.id.in_(theirs))).all())
    who = [
        people.get(row.saved_by_id or 0, "")
        if row.saved_for_id == actor.partnership_id
        else places.get(row.saved_for_id or 0, "")
        for row in told
    ]
    saved = [
        Saved(number=row.version, since=None, at=row.saved_at, who=name, reason=row.reason, changed=())
        for row, name in zip(told, who, strict=True)
    ]
    return _compared(saved, [parts_of_substance(row) for row in told])


def who_verified(session: Session, actor: Actor, substance_id: int) -> Saved | None:
    """Give the version in which what an entry says of control today was first marked as checked; None if it is not."""
    versions = select(SubstanceVersion).where(SubstanceVersion.substance_id == substance_id)
    told = session.scalars(versions.order_by(SubstanceVersion.version.desc())).all()
    same = list(takewhile(lambda row: row.verified and control_of(row) == control_of(told[0]), told))
    history = substance_history(session, actor, substance_id)
    return history[len(same) - 1] if same else None


def _owned(session: Session, actor: Actor, table: type[Row], key: str) -> Sequence[Row]:
    """Give what ships and then what the Partnership saved, each in the order of its numbers."""
    owner = or_(table.partnership_id.is_(None), table.partnership_id == actor.partnership_id)
    every = select(table).where(table.key == key, owner)
    return session.scalars(every.order_by(table.partnership_id.is_not(None), table.version)).all()


def _history(
    session: Session,
    told: Sequence[RuleSet | FormDefinition | ClockRule | LearningThemeVersion],
    parts: Sequence[tuple[Part, ...]],
) -> list[Saved]:
    names = people_names(session, {row.saved_by_id for row in told if row.saved_by_id})
    saved = [
        Saved(
            number=row.version,
            since=row.active_from,
            at=row.saved_at,
            who=names.get(row.saved_by_id or 0, ""),
            reason=row.reason,
            changed=(),
        )
        for row in told
    ]
    return _compared(saved, parts)


def _compared(saved: Sequence[Saved], parts: Sequence[tuple[Part, ...]]) -> list[Saved]:
    """Say of each version what it changed from the one before, and give the newest first."""
    before = [*parts[:1], *parts[:-1]]
    return [
        replace(version, changed=changes(old, new)) for version, old, new in zip(saved, before, parts, strict=True)
    ][::-1]
