"""The learning points of one case, as those who read the case or its pack see them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from review_app.accounts.queries import agencies_of, people_names
from review_app.catalogue.queries.themes import all_themes, themes
from review_app.learning.commands import PointContent
from review_app.learning.models import LearningPoint
from review_app.learning.queries.narrowing import cases_to_record, get_point, get_reading_case
from review_app.learning.rules.sharing import identifying_objection
from review_app.learning.rules.states import (
    MAY_AGREE,
    MAY_RECORD,
    MAY_WORD,
    POINT_WORKFLOW,
    PointAction,
    PointState,
    Polarity,
    Weight,
)
from review_app.policy import Actor, Permission, allowed
from review_app.reviews.models import ReviewCase
from review_app.reviews.queries import visible_cases
from review_app.reviews.rules.states import CaseState

Choices = list[tuple[int, str]]


@dataclass(frozen=True, kw_only=True)
class PointView:
    """One learning point, whole, with what this person can do with it."""

    reference: str
    state: PointState
    polarity: Polarity
    statement: str
    themes: tuple[str, ...]
    agencies: tuple[str, ...]
    strength: Weight | None
    confidence: Weight | None
    wording: str
    shareable: str
    objection: str
    recorded_by: str
    worded_by: str
    agreed_at: datetime | None
    agreed_by: str
    reason: str
    version: int
    may: frozenset[PointAction]


@dataclass(frozen=True, kw_only=True)
class CaseLearning:
    """What was learned from one case, good practice and areas for learning side by side."""

    reference: str
    state: CaseState
    points: tuple[PointView, ...]
    no_learning: str
    may_record: bool

    def of(self, polarity: Polarity) -> list[PointView]:
        """Give the points of one kind that were not withdrawn."""
        return [each for each in self.standing if each.polarity == polarity]

    @property
    def standing(self) -> list[PointView]:
        """Give the points that were not withdrawn."""
        return [each for each in self.points if each.state is not PointState.WITHDRAWN]

    @property
    def withdrawn(self) -> list[PointView]:
        """Give the points that were withdrawn."""
        return [each for each in self.points if each.state is PointState.WITHDRAWN]

    @property
    def sides(self) -> list[tuple[Polarity, list[PointView]]]:
        """Give the two kinds that stand side by side."""
        return [(each, self.of(each)) for each in (Polarity.GOOD_PRACTICE, Polarity.AREA_FOR_LEARNING)]

    def waiting(self, action: PointAction) -> list[PointView]:
        """Give the points with which this person can do this."""
        return [each for each in self.standing if action in each.may]


def points_of(session: Session, case_id: int) -> Sequence[LearningPoint]:
    """Give every learning point of a case, the first recorded first. Whoever asks has been let read the case."""
    every = select(LearningPoint).where(LearningPoint.case_id == case_id).options(selectinload(LearningPoint.themes))
    return session.scalars(every.order_by(LearningPoint.recorded_at, LearningPoint.id)).all()


def case_learning(session: Session, actor: Actor, reference: str, *, now: datetime) -> CaseLearning:
    """Give what was learned from a case to somebody who reads it or its pack. Raises NotVisible."""
    return learning_of(session, actor, get_reading_case(session, actor, reference, now=now), now=now)


def learning_of_page(session: Session, actor: Actor, case_id: int, *, now: datetime) -> CaseLearning:
    """Give what was learned from the case whose page or pack the person has just been let open."""
    return learning_of(session, actor, session.get_one(ReviewCase, case_id), now=now)


def learning_of(session: Session, actor: Actor, case: ReviewCase, *, now: datetime) -> CaseLearning:
    """Give what was learned from a case that was narrowed to."""
    points = points_of(session, case.id)
    rights = Rights.of(session, actor, case, now=now)
    names = _Names.of(session, case.partnership_id, points, now=now)
    return CaseLearning(
        reference=case.reference,
        state=case.state,
        points=tuple(_view(each, rights, names) for each in points),
        no_learning=case.no_learning,
        may_record=rights.records and case.state in MAY_RECORD,
    )


def point_view(session: Session, actor: Actor, reference: str, point: str, *, now: datetime) -> PointView:
    """Give one learning point, whole, with what this person can do with it. Raises NotVisible."""
    case = get_reading_case(session, actor, reference, now=now)
    row = get_point(session, case, point)
    names = _Names.of(session, case.partnership_id, [row], now=now)
    return _view(row, Rights.of(session, actor, case, now=now), names)


def saved_point(
    session: Session, actor: Actor, reference: str, point: str, *, now: datetime
) -> tuple[PointContent, int]:
    """Give what a learning point says, as it was typed, and its version. Raises NotVisible."""
    row = get_point(session, get_reading_case(session, actor, reference, now=now), point)
    return content_of(row), row.version


@dataclass(frozen=True, kw_only=True)
class Rights:
    """What one person may do with the learning points of one case, as it stands."""

    user_id: int
    records: bool
    agrees: bool
    case: ReviewCase

    @classmethod
    def of(cls, session: Session, actor: Actor, case: ReviewCase, *, now: datetime) -> "Rights":
        """Find what the person may do."""
        recording = cases_to_record(session, actor, now=now).where(ReviewCase.id == case.id)
        reads = visible_cases(actor).where(ReviewCase.id == case.id)
        agrees = allowed(actor, Permission.LEARNING_AGREE) and session.scalar(reads) is not None
        return cls(
            user_id=actor.user_id, records=session.scalar(recording) is not None, agrees=agrees, case=case
        )  # fmt: skip

    def over(self, point: LearningPoint) -> frozenset[PointAction]:
        """Give what the person may do with a point now."""
        state = self.case.state
        own = point.worded_by_id == self.user_id
        may = {
            PointAction.EDIT: self.records and state in MAY_RECORD,
            PointAction.AGREE: self.agrees and state in MAY_AGREE,
            PointAction.WITHDRAW: state in MAY_RECORD
            and (self.agrees or (self.records and point.state is PointState.DRAFT)),
            PointAction.WORD: self.records and state in MAY_WORD,
            PointAction.APPROVE_WORDING: self.agrees
            and state in MAY_WORD
            and point.wording_sealed is not None
            and point.approved_at is None
            and not own,
        }
        return frozenset(action for action in POINT_WORKFLOW.actions_from(point.state) if may[action])


@dataclass(frozen=True, kw_only=True)
class _Names:
    """The words for the numbers in learning points."""

    themes: Mapping[int, str]
    agencies: Mapping[int, str]
    people: Mapping[int, str]

    @classmethod
    def of(cls, session: Session, partnership_id: int, points: Iterable[LearningPoint], *, now: datetime) -> "_Names":
        found = all_themes(session, partnership_id, now=now)
        people = {
            number for each in points for number in (each.recorded_by_id, each.worded_by_id, each.agreed_by_id)
        }  # fmt: skip
        return cls(
            themes={key: found.get(theme.counts_as_id, theme).name for key, theme in found.items()},
            agencies={agency.id: agency.name for agency in agencies_of(session, partnership_id)},
            people=people_names(session, {number for number in people if number is not None}),
        )


def content_of(point: LearningPoint) -> PointContent:
    """Give what a point says as it was typed."""
    details = point.details
    agencies = details.get("agencies", [])
    return PointContent(
        statement=point.statement,
        polarity=point.polarity,
        theme_ids=tuple(each.theme_id for each in point.themes),
        agency_ids=tuple(int(each) for each in agencies) if isinstance(agencies, list) else (),
        strength=_weight(details.get("strength")),
        confidence=_weight(details.get("confidence")),
    )


def _weight(written: object) -> Weight | None:
    return Weight(str(written)) if written else None


def _view(point: LearningPoint, rights: Rights, names: _Names) -> PointView:
    content = content_of(point)
    return PointView(
        reference=point.reference,
        state=point.state,
        polarity=point.polarity,
        statement=content.statement,
        themes=tuple(names.themes[each] for each in content.theme_ids if each in names.themes),
        agencies=tuple(names.agencies[each] for each in content.agency_ids if each in names.agencies),
        strength=content.strength,
        confidence=content.confidence,
        wording=point.wording,
        shareable=point.shareable,
        objection=identifying_objection(point.wording),
        recorded_by=names.people.get(point.recorded_by_id or 0, ""),
        worded_by=names.people.get(point.worded_by_id or 0, ""),
        agreed_at=point.agreed_at,
        agreed_by=names.people.get(point.agreed_by_id or 0, ""),
        reason=point.reason,
        version=point.version,
        may=rights.over(point),
    )


def theme_choices(session: Session, actor: Actor, *, keep: Iterable[int] = (), now: datetime) -> Choices:
    """Give the themes a point can have: those in use, and those that it has already."""
    kept = set(keep)
    known = all_themes(session, actor.partnership_id, now=now).values()
    in_use = {each.id for each in themes(session, actor.partnership_id, now=now)}
    return [(each.id, f"{each.number}. {each.name}") for each in known if each.id in in_use | kept]


def agency_choices(session: Session, actor: Actor) -> Choices:
    """Give the agencies a point can concern, or that can own something."""
    return [(agency.id, agency.name) for agency in agencies_of(session, actor.partnership_id)]
