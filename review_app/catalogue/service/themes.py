"""Changing the library of learning themes. A theme never goes away: it is renamed, retired or merged by a version."""

from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from review_app.audit.service import AuditAction, record
from review_app.catalogue.commands import AddTheme, ChangeTheme, MergeTheme, RetireTheme
from review_app.catalogue.models import LearningTheme, LearningThemeVersion
from review_app.catalogue.queries import Theme, all_themes, get_theme, themes
from review_app.catalogue.rules.in_words import Part, changes
from review_app.catalogue.rules.themes import theme_parts
from review_app.catalogue.service.settings import CHANGED, lock_settings
from review_app.errors import RuleBroken, Stale
from review_app.policy import Actor, Permission, require
from review_app.working_time import london_day


def add_theme(session: Session, actor: Actor, command: AddTheme, *, now: datetime) -> None:
    """Add a theme of the Partnership's own, with the next number."""
    require(actor, Permission.SETTINGS_MANAGE)
    lock_settings(session, actor)
    _refuse_taken(session, actor, command.name, None, now)
    numbers = [theme.number for theme in all_themes(session, actor.partnership_id, now=now).values()]
    number = max(numbers, default=0) + 1
    theme = LearningTheme(partnership_id=actor.partnership_id, key=f"own_{number}", number=number)
    session.add(theme)
    session.flush()
    _save(session, actor, theme.id, command.name, command.domain, reason=command.reason, now=now)


def change_theme(session: Session, actor: Actor, command: ChangeTheme, *, now: datetime) -> None:
    """Rename a theme or move it to another domain. What was filed under it stays there."""
    theme = _theme_to_change(session, actor, command.theme_id, now)
    if (theme.name, theme.domain) == (command.name, command.domain):
        return
    if theme.version_id != command.version_id:
        wanted = theme_parts(command.name, command.domain, active=theme.active)
        raise Stale(CHANGED, differences=changes(wanted, _parts(theme)))
    _refuse_taken(session, actor, command.name, theme.id, now)
    _save(session, actor, theme.id, command.name, command.domain, reason=command.reason, now=now)


def retire_theme(session: Session, actor: Actor, command: RetireTheme, *, now: datetime) -> None:
    """Take a theme out of use, or put one back that was retired or merged. Learning points keep it either way."""
    theme = _theme_to_change(session, actor, command.theme_id, now, in_use=False)
    if theme.active is not command.retire:
        return  # pressed twice
    if theme.version_id != command.version_id:
        wanted = theme_parts(theme.name, theme.domain, active=not command.retire)
        raise Stale(CHANGED, differences=changes(wanted, _parts(theme)))
    if not command.retire:
        _refuse_taken(session, actor, theme.name, theme.id, now)
    _save(session, actor, theme.id, theme.name, theme.domain, active=not command.retire, reason=command.reason, now=now)


def merge_theme(session: Session, actor: Actor, command: MergeTheme, *, now: datetime) -> None:
    """Let a theme count as another. Learning points keep the theme they were filed under, so it can be undone."""
    theme = _theme_to_change(session, actor, command.theme_id, now, in_use=False)
    if theme.merged_into_id == command.into_id:
        return  # pressed twice
    into = get_theme(session, actor.partnership_id, command.into_id, now=now)
    if not theme.active or theme.version_id != command.version_id:
        raise Stale(CHANGED, differences=(("In use", "Merged", "Yes" if theme.active else "No"),))
    if into.id == theme.id or not into.active:
        raise RuleBroken("Select another theme that is in use")
    _save(session, actor, theme.id, theme.name, theme.domain, active=False, merged_into_id=into.id,
          reason=command.reason, now=now)  # fmt: skip


def _theme_to_change(session: Session, actor: Actor, theme_id: int, now: datetime, *, in_use: bool = True) -> Theme:
    """Give the theme, for a person who may change it, while nobody else changes the settings."""
    require(actor, Permission.SETTINGS_MANAGE)
    lock_settings(session, actor)
    theme = get_theme(session, actor.partnership_id, theme_id, now=now)
    if in_use and not theme.active:
        raise RuleBroken("This theme is not in use any more. Put it back before you change it.")
    return theme


def _parts(theme: Theme) -> tuple[Part, ...]:
    return theme_parts(theme.name, theme.domain, active=theme.active)


def _refuse_taken(session: Session, actor: Actor, name: str, theme_id: int | None, now: datetime) -> None:
    """Refuse a name that another theme in use has."""
    others = [theme for theme in themes(session, actor.partnership_id, now=now) if theme.id != theme_id]
    if name.casefold() in {theme.name.casefold() for theme in others}:
        raise RuleBroken("Another theme has this name already")


def _save(
    session: Session,
    actor: Actor,
    theme_id: int,
    name: str,
    domain: str,
    *,
    reason: str,
    now: datetime,
    active: bool = True,
    merged_into_id: int | None = None,
) -> None:
    """Make the next version of a theme's words for the Partnership, and record it."""
    theirs = or_(
        LearningThemeVersion.partnership_id.is_(None), LearningThemeVersion.partnership_id == actor.partnership_id
    )
    newest = select(func.max(LearningThemeVersion.version)).where(LearningThemeVersion.theme_id == theme_id, theirs)
    version = LearningThemeVersion(
        theme_id=theme_id,
        version=(session.scalar(newest) or 0) + 1,
        name=name,
        domain=domain,
        active=active,
        merged_into_id=merged_into_id,
        active_from=london_day(now),
        partnership_id=actor.partnership_id,
        saved_by_id=actor.user_id,
        saved_at=now,
        reason=reason,
    )
    session.add(version)
    session.flush()
    record(session, actor, "save_theme", version, at=now, action=AuditAction.CONFIG)
