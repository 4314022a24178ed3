"""The library of learning themes, as one Partnership sees it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from review_app.catalogue.models import LearningTheme, LearningThemeVersion
from review_app.catalogue.queries.review import factors, theme_codes
from review_app.catalogue.rules.review import ThemeCode
from review_app.errors import NotVisible
from review_app.policy import Actor
from review_app.working_time import london_day


@dataclass(frozen=True, kw_only=True)
class Theme:
    """A theme as it stands for a Partnership.

    `id` is the row that a learning point refers to; it never changes. `code` is the published theme it corresponds to,
    or empty. `version_id` is the version of its words that was read. A theme that was merged is not active, and what
    refers to it counts as `counts_as_id`, the theme at the end of the chain of merges (its own id when not merged).
    """

    id: int
    key: str
    number: int
    code: str
    name: str
    domain: str
    active: bool
    version: int
    version_id: int
    merged_into_id: int | None
    counts_as_id: int


def themes(session: Session, partnership_id: int, *, now: datetime) -> list[Theme]:
    """Give the themes in use, by number: those that ship, as the Partnership has changed them, and its own."""
    return [theme for theme in all_themes(session, partnership_id, now=now).values() if theme.active]


def get_theme(session: Session, partnership_id: int, theme_id: int, *, now: datetime) -> Theme:
    """Give one theme, whether or not it is still in use. Raises NotVisible for one of another Partnership."""
    theme = all_themes(session, partnership_id, now=now).get(theme_id)
    if theme is None:
        raise NotVisible("We cannot find that theme.")
    return theme


def all_themes(session: Session, partnership_id: int, *, now: datetime) -> dict[int, Theme]:
    """Give every theme by its id, in the order of their numbers, those retired and merged included."""
    every = (
        select(LearningThemeVersion, LearningTheme)
        .join(LearningThemeVersion.theme)
        .where(
            or_(LearningTheme.partnership_id.is_(None), LearningTheme.partnership_id == partnership_id),
            or_(LearningThemeVersion.partnership_id.is_(None), LearningThemeVersion.partnership_id == partnership_id),
            LearningThemeVersion.active_from <= london_day(now),
        )
        .order_by(
            LearningTheme.number,
            LearningTheme.id,
            LearningThemeVersion.partnership_id.is_not(None),
            LearningThemeVersion.version,
        )
    )
    newest = {theme.id: (version, theme) for version, theme in session.execute(every)}
    merged = {key: version.merged_into_id for key, (version, _theme) in newest.items()}
    return {
        theme.id: Theme(
            id=theme.id,
            key=theme.key,
            number=theme.number,
            code=theme.code,
            name=version.name,
            domain=version.domain,
            active=version.active,
            version=version.version,
            version_id=version.id,
            merged_into_id=version.merged_into_id,
            counts_as_id=_end_of_merges(theme.id, merged),
        )
        for version, theme in newest.values()
    }


@dataclass(frozen=True, kw_only=True)
class ThemeLine:
    """One theme as the settings list it: with the words of its domain and of the published theme it corresponds to."""

    theme: Theme
    domain: str
    code: str
    state: str


def theme_lines(session: Session, actor: Actor, *, now: datetime) -> list[ThemeLine]:
    """Give every theme in words, by number, those retired and merged included."""
    every = all_themes(session, actor.partnership_id, now=now)
    domains = {each.key: each.words for each in factors(session, actor.partnership_id, now=now).domains}
    codes = {each.key: _code_in_words(each) for each in theme_codes(session, actor.partnership_id, now=now)}
    return [
        ThemeLine(
            theme=theme,
            domain=f"{theme.domain}: {domains[theme.domain]}",
            code=codes.get(theme.code, "None"),
            state=_state_in_words(theme, every),
        )
        for theme in every.values()
    ]


def _code_in_words(code: ThemeCode) -> str:
    linked = f" (one phrase with {code.linked})" if code.linked else ""
    return f"{code.key}: {code.words}{linked}"


def _state_in_words(theme: Theme, every: dict[int, Theme]) -> str:
    if theme.merged_into_id is not None:
        return f"Merged into “{every[theme.merged_into_id].name}”"
    return "In use" if theme.active else "Out of use"


def _end_of_merges(theme_id: int, merged: dict[int, int | None]) -> int:
    """Follow the merges of a theme to the one that is still there."""
    followed = [theme_id]
    while (into := merged[followed[-1]]) is not None and into not in followed:
        followed.append(into)
    return followed[-1]
