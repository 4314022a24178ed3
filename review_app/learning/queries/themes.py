"""The themes of what was learned: how many cases each came up in, as protected numbers, and what may be told of it.

A case counts once for a theme, however many of its points have it. Merged themes count as the one they were merged
into. Cases that a declared conflict hides from the reader are left out.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from review_app.catalogue.queries import factors, small_numbers
from review_app.catalogue.queries.themes import Theme, all_themes, get_theme
from review_app.catalogue.queries.themes import themes as themes_in_use
from review_app.catalogue.rules.review import SmallNumbers
from review_app.learning.models import Action, LearningPoint, LearningPointTheme, RecommendationPoint
from review_app.learning.queries.narrowing import agreed_points, counted_actions, not_of_hidden_cases
from review_app.learning.rules.sharing import identifying_objection
from review_app.learning.rules.small_numbers import Protected, ProtectedRow, protect_roughly, protect_row
from review_app.learning.rules.states import ACTION_OPEN, Polarity
from review_app.policy import Actor, Permission, allowed
from review_app.reviews.models import ReviewCase
from review_app.reviews.queries import origin_cases
from review_app.working_time import london_day

POLARITIES = (Polarity.GOOD_PRACTICE, Polarity.AREA_FOR_LEARNING, Polarity.OBSERVATION)
CaseKey = int | str


@dataclass(frozen=True, kw_only=True)
class ThemeFilter:
    """What a person narrows the list of themes to. Nothing here changes a number: two lists tell no more than one."""

    domain: str = ""
    polarity: Polarity | None = None
    open_actions: bool = False


@dataclass(frozen=True, kw_only=True)
class ThemeRow:
    """One theme as the list shows it. The numbers of cases are protected; actions are no people and are not."""

    theme: Theme
    cases: ProtectedRow
    last_seen: str
    open_actions: int
    polarities: frozenset[Polarity]

    def of(self, polarity: Polarity) -> Protected:
        """Give in how many cases it came up as this."""
        return self.cases.parts[POLARITIES.index(polarity)]


@dataclass(kw_only=True)
class Tally:
    """The cases in which one theme came up, by polarity, and when last."""

    cases: dict[Polarity, set[CaseKey]] = field(default_factory=lambda: defaultdict(set))
    last_at: datetime | None = None

    def add(self, polarity: Polarity, case: CaseKey, at: datetime) -> None:
        """Count a point."""
        self.cases[polarity].add(case)
        self.last_at = max(at, self.last_at or at)

    def protected(self, rule: SmallNumbers) -> ProtectedRow:
        """Give the numbers as they may be shown."""
        every = set().union(*self.cases.values())
        return protect_row([len(self.cases.get(each, ())) for each in POLARITIES], len(every), rule)


def theme_rows(
    session: Session, actor: Actor, wanted: ThemeFilter, *, now: datetime
) -> tuple[list[ThemeRow], list[Theme]]:
    """Give the themes that came up, and those in use that never did, each by number."""
    themes = all_themes(session, actor.partnership_id, now=now)
    rule = small_numbers(session, actor.partnership_id, now=now)
    tallies, actions = _tallies(session, actor, themes), open_actions_by_theme(session, actor, themes)
    rows = [
        ThemeRow(
            theme=theme,
            cases=tallies[theme.id].protected(rule),
            last_seen=quarter(tallies[theme.id].last_at),
            open_actions=actions.get(theme.id, 0),
            polarities=frozenset(tallies[theme.id].cases),
        )
        for theme in themes.values()
        if theme.id in tallies
    ]
    unseen = [theme for theme in themes.values() if theme.active and theme.id not in tallies]
    return [row for row in rows if _wanted(row, wanted)], unseen


def theme_row(session: Session, actor: Actor, theme_id: int, *, now: datetime) -> ThemeRow:
    """Give one theme with its numbers, whether or not it ever came up. Raises NotVisible."""
    theme = get_theme(session, actor.partnership_id, theme_id, now=now)
    themes = all_themes(session, actor.partnership_id, now=now)
    tally = _tallies(session, actor, themes).get(theme.id, Tally())
    return ThemeRow(
        theme=theme,
        cases=tally.protected(small_numbers(session, actor.partnership_id, now=now)),
        last_seen=quarter(tally.last_at),
        open_actions=open_actions_by_theme(session, actor, themes).get(theme.id, 0),
        polarities=frozenset(tally.cases),
    )


def domain_choices(session: Session, actor: Actor, *, now: datetime) -> list[tuple[str, str]]:
    """Give the domains that themes belong to, each with its words."""
    found = factors(session, actor.partnership_id, now=now).domains
    return [(domain.key, f"{domain.key}. {domain.words}") for domain in found]


def theme_choices(session: Session, actor: Actor, *, now: datetime) -> list[tuple[int, str]]:
    """Give the themes in use by number, to choose from."""
    return [(each.id, f"{each.number}. {each.name}") for each in themes_in_use(session, actor.partnership_id, now=now)]


def _wanted(row: ThemeRow, wanted: ThemeFilter) -> bool:
    return (
        wanted.domain in ("", row.theme.domain)
        and (wanted.polarity is None or wanted.polarity in row.polarities)
        and (not wanted.open_actions or row.open_actions > 0)
    )


def _tallies(session: Session, actor: Actor, themes: Mapping[int, Theme]) -> dict[int, Tally]:
    """Count the agreed points by theme. A point that was agreed has its day."""
    tallies: dict[int, Tally] = defaultdict(Tally)
    for point in session.scalars(agreed_points(actor).options(selectinload(LearningPoint.themes))):
        for each in point.themes:
            if each.theme_id in themes and point.agreed_at is not None:
                tallies[themes[each.theme_id].counts_as_id].add(point.polarity, case_key(point), point.agreed_at)
    return dict(tallies)


def case_key(point: LearningPoint) -> CaseKey:
    """Give what tells the case of a point from others: its number, or the mark that is left of it."""
    return point.case_id if point.case_id is not None else point.case_mark or ""


def open_actions_by_theme(session: Session, actor: Actor, themes: Mapping[int, Theme]) -> dict[int, int]:
    """Count the open actions that come from each theme."""
    ids = counted_actions(actor).where(Action.state.in_(ACTION_OPEN)).with_only_columns(Action.id)
    rows = session.execute(
        select(Action.id, LearningPointTheme.theme_id)
        .join(RecommendationPoint, RecommendationPoint.recommendation_id == Action.recommendation_id)
        .join(LearningPointTheme, LearningPointTheme.point_id == RecommendationPoint.point_id)
        .join(LearningPoint, LearningPoint.id == RecommendationPoint.point_id)
        .where(Action.id.in_(ids), not_of_hidden_cases(actor))
    )
    found: dict[int, set[int]] = defaultdict(set)
    for action_id, theme_id in rows:
        if theme_id in themes:
            found[themes[theme_id].counts_as_id].add(action_id)
    return {theme_id: len(actions) for theme_id, actions in found.items()}


@dataclass(frozen=True, kw_only=True)
class Recurrence:
    """How often one theme came up as an area for learning, and how often since an action was done."""

    theme: Theme
    cases: Protected
    open_actions: int
    since: Protected | None


def recurrences(
    session: Session, actor: Actor, theme_ids: Iterable[int], *, since: datetime | None, now: datetime
) -> list[Recurrence]:
    """Say how often themes came up. The number since a day is rough, or two of them would tell a small one."""
    themes = all_themes(session, actor.partnership_id, now=now)
    rule = small_numbers(session, actor.partnership_id, now=now)
    tallies, actions = _tallies(session, actor, themes), open_actions_by_theme(session, actor, themes)
    later = _later_cases(session, actor, themes, since) if since is not None else {}
    wanted = sorted({themes[each].counts_as_id for each in theme_ids if each in themes})
    place = POLARITIES.index(Polarity.AREA_FOR_LEARNING)
    return [
        Recurrence(
            theme=themes[each],
            cases=tallies.get(each, Tally()).protected(rule).parts[place],
            open_actions=actions.get(each, 0),
            since=protect_roughly(len(later.get(each, ())), rule) if since is not None else None,
        )
        for each in wanted
    ]


def _later_cases(
    session: Session, actor: Actor, themes: Mapping[int, Theme], since: datetime
) -> Mapping[int, set[CaseKey]]:
    """Give the cases in which each theme was agreed as an area for learning after a day, and never before it."""
    learned = agreed_points(actor).where(LearningPoint.polarity == Polarity.AREA_FOR_LEARNING)
    later: dict[int, set[CaseKey]] = defaultdict(set)
    earlier: dict[int, set[CaseKey]] = defaultdict(set)
    for point in session.scalars(learned.options(selectinload(LearningPoint.themes))):
        for each in point.themes:
            if each.theme_id in themes and point.agreed_at is not None:
                side = later if point.agreed_at > since else earlier
                side[themes[each.theme_id].counts_as_id].add(case_key(point))
    return {theme: cases - earlier[theme] for theme, cases in later.items()}


@dataclass(frozen=True, kw_only=True)
class SharedPoint:
    """One learning point as it may be told: its wording, and its case only to whoever may know of that."""

    reference: str
    polarity: Polarity
    words: str
    approved: bool
    quarter: str
    case: str


def shared_points(session: Session, actor: Actor, theme_id: int, *, now: datetime) -> list[SharedPoint]:
    """Give what may be told of one theme's agreed points, good practice first."""
    themes = all_themes(session, actor.partnership_id, now=now)
    members = [key for key, theme in themes.items() if theme.counts_as_id == theme_id]
    having = select(LearningPointTheme.point_id).where(LearningPointTheme.theme_id.in_(members))
    found = agreed_points(actor).where(LearningPoint.id.in_(having)).options(joinedload(LearningPoint.case))
    points = session.scalars(found.order_by(LearningPoint.agreed_at.desc(), LearningPoint.id.desc())).all()
    told = [each for point in points if (each := _shared(point, actor, _known(session, actor, points))) is not None]
    return sorted(told, key=lambda each: POLARITIES.index(each.polarity))


def shared_by_reference(session: Session, actor: Actor, points: Sequence[LearningPoint]) -> dict[str, SharedPoint]:
    """Give what may be told of points that the person may count, by their references."""
    found = agreed_points(actor).where(LearningPoint.id.in_([point.id for point in points]))
    counted = session.scalars(found.options(joinedload(LearningPoint.case))).all()
    known = _known(session, actor, counted)
    return {point.reference: each for point in counted if (each := _shared(point, actor, known)) is not None}


def cases_behind(session: Session, actor: Actor, points: Sequence[LearningPoint]) -> tuple[str, ...]:
    """Give the references of the cases points come from, to whoever may know of them."""
    ids = {point.case_id for point in points if point.case_id is not None}
    known = origin_cases(actor).where(ReviewCase.id.in_(ids)).with_only_columns(ReviewCase.reference)
    return tuple(session.scalars(known.order_by(ReviewCase.reference)))


def _known(session: Session, actor: Actor, points: Sequence[LearningPoint]) -> frozenset[int]:
    ids = {point.case_id for point in points if point.case_id is not None}
    known = origin_cases(actor).where(ReviewCase.id.in_(ids)).with_only_columns(ReviewCase.id)
    return frozenset(session.scalars(known))


def _shared(point: LearningPoint, actor: Actor, known: frozenset[int]) -> SharedPoint | None:
    words, approved = point.shareable, bool(point.shareable)
    if not approved and allowed(actor, Permission.LEARNING_SEE) and not identifying_objection(point.wording):
        words = point.wording
    if not words:
        return None
    return SharedPoint(
        reference=point.reference,
        polarity=point.polarity,
        words=words,
        approved=approved,
        quarter=quarter(point.agreed_at),
        case=point.case.reference if point.case is not None and point.case_id in known else "",
    )


def quarter(at: datetime | None) -> str:
    """Write the quarter of a year in which something was agreed: a day would point at a meeting, and so at a case."""
    if at is None:
        return ""
    day = london_day(at)
    months = ("Jan to Mar", "Apr to Jun", "Jul to Sep", "Oct to Dec")
    return f"{months[(day.month - 1) // 3]} {day.year}"
