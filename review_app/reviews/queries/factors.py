"""The factors of a case, in the words of the settings under which each was recorded."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from review_app.accounts.queries import people_names
from review_app.catalogue.models import RuleSet
from review_app.catalogue.rules.review import Factors, read_factors
from review_app.errors import NotVisible
from review_app.policy import Actor
from review_app.reviews.models import ContributoryFactor, ReviewCase
from review_app.reviews.queries.visibility import NO_CASE, readable_since, recording_cases
from review_app.reviews.rules.findings import FACTORS_OPEN

GONE = "We cannot find that factor. It may have been taken away. Open the case again to see its factors."


@dataclass(frozen=True, kw_only=True)
class FactorView:
    """One factor in words."""

    id: int
    domain: str
    influence: str
    modifiable: str
    words: str
    recorded_at: datetime
    recorded_by: str


@dataclass(frozen=True, kw_only=True)
class FactorBoard:
    """The factors of a case by domain, in the order of the settings, and whether the person may record any."""

    reference: str
    domains: tuple[tuple[str, tuple[FactorView, ...]], ...]
    may_record: bool

    @property
    def count(self) -> int:
        """Count the factors."""
        return sum(len(factors) for _domain, factors in self.domains)


def factors_of(session: Session, case: ReviewCase) -> list[ContributoryFactor]:
    """Give the factors of a case that were not taken away, in the order in which they were recorded."""
    rows = select(ContributoryFactor).where(
        ContributoryFactor.case_id == case.id, ContributoryFactor.removed_at.is_(None)
    )
    return list(session.scalars(rows.order_by(ContributoryFactor.id)))


def factor_board(session: Session, actor: Actor, case: ReviewCase, *, now: datetime) -> FactorBoard:
    """Give the factors of a case that the person may read."""
    found = factors_of(session, case)
    rules = {each.id: read_factors(each.content) for each in _rule_sets(session, {row.rules_id for row in found})}
    names = people_names(session, {row.recorded_by_id for row in found})
    views = [(row.domain, _view(row, rules[row.rules_id], names)) for row in found]
    by_key: dict[str, list[FactorView]] = {}
    for key, view in views:
        by_key.setdefault(key, []).append(view)
    return FactorBoard(
        reference=case.reference,
        domains=tuple((each[0].domain, tuple(each)) for _key, each in sorted(by_key.items())),
        may_record=case.state in FACTORS_OPEN and may_record(session, actor, case, now=now),
    )


def board_of(session: Session, actor: Actor, case_id: int, *, now: datetime) -> FactorBoard:
    """Give the factors of a case whose content the person reads."""
    return factor_board(session, actor, session.get_one(ReviewCase, case_id), now=now)


def _rule_sets(session: Session, ids: set[int]) -> list[RuleSet]:
    return list(session.scalars(select(RuleSet).where(RuleSet.id.in_(ids)).order_by(RuleSet.id)))


def _view(row: ContributoryFactor, rules: Factors, names: Mapping[int, str]) -> FactorView:
    words = {each.key: each.words for each in (*rules.influence, *rules.modifiable)}
    return FactorView(
        id=row.id,
        domain=f"{row.domain} {rules.domain(row.domain).words}",
        influence=words.get(row.influence, ""),
        modifiable=words.get(row.modifiable, ""),
        words=row.words,
        recorded_at=row.recorded_at,
        recorded_by=names.get(row.recorded_by_id, ""),
    )


def may_record(session: Session, actor: Actor, case: ReviewCase, *, now: datetime) -> bool:
    """Say whether the person may record factors and learning of a case."""
    since = readable_since(session, actor.partnership_id, now=now)
    return session.scalar(recording_cases(actor, since=since).where(ReviewCase.id == case.id)) is not None


def case_to_record(session: Session, actor: Actor, reference: str, *, now: datetime) -> ReviewCase:
    """Give a case for which the person may record factors and learning. Raises NotVisible."""
    since = readable_since(session, actor.partnership_id, now=now)
    case = session.scalar(recording_cases(actor, since=since).where(ReviewCase.reference == reference))
    if case is None:
        raise NotVisible(NO_CASE, reference=reference)
    return case


def get_factor(session: Session, case: ReviewCase, factor_id: int) -> ContributoryFactor:
    """Give one standing factor of a case. Raises NotVisible."""
    factor = session.scalar(
        select(ContributoryFactor).where(
            ContributoryFactor.id == factor_id,
            ContributoryFactor.case_id == case.id,
            ContributoryFactor.removed_at.is_(None),
        )
    )
    if factor is None:
        raise NotVisible(GONE)
    return factor


@dataclass(frozen=True, kw_only=True)
class FactorToChange:
    """What one factor says, as its form is filled with it, and by whose settings."""

    partnership_id: int
    values: Mapping[str, object]
    version: int


def factor_to_change(
    session: Session, actor: Actor, reference: str, factor_id: int, *, now: datetime
) -> FactorToChange:
    """Give a standing factor that the person may change. Raises NotVisible."""
    case = case_to_record(session, actor, reference, now=now)
    factor = get_factor(session, case, factor_id)
    names = ("domain", "influence", "modifiable", "words", "version")
    values = {name: getattr(factor, name) for name in names}
    return FactorToChange(partnership_id=case.partnership_id, values=values, version=factor.version)
