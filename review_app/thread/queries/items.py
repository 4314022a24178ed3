"""The records of a thread, each through its own feature's narrowed reads: which may be known, and what is shown of it.

Whatever kind of record is not in `READERS` is nobody's: no thread holds one, and none leads through one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from review_app.alerts.models import Alert
from review_app.alerts.queries.pages import alert_rows
from review_app.alerts.queries.visibility import sees_versions, visible_alerts
from review_app.catalogue.queries.themes import Theme, all_themes
from review_app.learning.models import Action, LearningPoint, Recommendation
from review_app.learning.queries.narrowing import (
    reading_cases,
    visible_actions,
    visible_points,
    visible_recommendations,
)
from review_app.learning.queries.themes import SharedPoint, quarter, shared_by_reference
from review_app.links.models import EvidenceLink, Relation
from review_app.policy import Actor, Permission, allowed
from review_app.reviews.models import ReviewCase
from review_app.reviews.queries import known_cases, origin_cases, visible_cases
from review_app.submissions.models import Signal, Submission
from review_app.submissions.queries import own_submissions, signal_of, visible_signals, visible_submissions
from review_app.submissions.rules import plain_stage
from review_app.thread.rules import ItemKind
from review_app.working_time import london_day

OPENS_CASES = (Permission.CASE_SEE, Permission.CASE_SEE_EXISTS, Permission.CASE_SEE_LISTED)
"""What opens the page of a case; an agency that was asked knows of one, and has the page of its request instead."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """One record as its reader may know it. Without `content` only its reference and state may be shown.

    `group` names the words for its state. `endpoint` is the page that the reader may open, if there is one, and
    `values` fill its address if it is not the reference that does. `at` gives it its place in a list; unless it is
    `dated` the day itself may not be known, and `roughly` says what may.
    """

    kind: ItemKind
    id: int
    reference: str
    partnership_id: int
    title: str = ""
    state: str
    group: str
    at: datetime
    endpoint: str = ""
    values: Mapping[str, str | int] = field(default_factory=dict)
    content: bool = True
    dated: bool = True
    roughly: str = ""

    @property
    def address(self) -> Mapping[str, str | int]:
        """What fills the address of its page."""
        return self.values or {"reference": self.reference}


Ids = Select[int]
Model = (
    type[Submission] | type[Signal] | type[Alert] | type[ReviewCase] | type[LearningPoint] | type[Recommendation]
    | type[Action]
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Reader:
    """How one kind of record is read: its table, which may be known, and what is shown of those."""

    model: Model
    known: Callable[[Session, Actor, datetime], Ids]
    show: Callable[[Session, Actor, Sequence[int], datetime], list[Item]]


def _own_reports(actor: Actor) -> Select[Submission]:
    """Narrow to the person's own reports that have a page of their own; what was added to one later has none."""
    return own_submissions(actor).where(Submission.earlier_id.is_(None))


def _known_reports(_session: Session, actor: Actor, _now: datetime) -> Ids:
    visible = visible_submissions(actor).with_only_columns(Submission.id)
    own = _own_reports(actor).with_only_columns(Submission.id)
    return select(Submission.id).where(or_(Submission.id.in_(visible), Submission.id.in_(own)))


def _reports(session: Session, actor: Actor, ids: Sequence[int], _now: datetime) -> list[Item]:
    wanted = (selectinload(Submission.substances), joinedload(Submission.locality))
    rows = session.scalars(visible_submissions(actor).where(Submission.id.in_(ids)).options(*wanted)).all()
    seen = {row.id for row in rows}
    own = session.scalars(_own_reports(actor).where(Submission.id.in_(ids)).options(*wanted)).all()
    return [
        *(_report(row, state=row.state.value, group="submission", endpoint="reports.show") for row in rows),
        *(_own_report(session, row) for row in own if row.id not in seen),
    ]


def _own_report(session: Session, report: Submission) -> Item:
    signal = signal_of(session, report.id)
    stage = plain_stage(report.state, signal.state if signal else None)
    return _report(report, state=stage.value, group="stage", endpoint="follow.own_show")


def _report(report: Submission, *, state: str, group: str, endpoint: str) -> Item:
    sold_as = ", ".join(each.sold_as for each in report.substances)
    place = report.locality.name if report.locality else ""
    return Item(
        kind=ItemKind.SUBMISSION,
        id=report.id,
        reference=report.reference,
        partnership_id=report.partnership_id,
        title=", ".join(part for part in (sold_as, place) if part),
        state=state,
        group=group,
        at=report.received_at,
        endpoint=endpoint,
    )


def _known_signals(_session: Session, actor: Actor, _now: datetime) -> Ids:
    return visible_signals(actor).with_only_columns(Signal.id)


def _signals(session: Session, actor: Actor, ids: Sequence[int], _now: datetime) -> list[Item]:
    return [
        Item(
            kind=ItemKind.SIGNAL,
            id=signal.id,
            reference=signal.reference,
            partnership_id=signal.partnership_id,
            title=signal.title,
            state=signal.state.value,
            group="signal",
            at=signal.opened_at,
            endpoint="signals.show",
        )
        for signal in session.scalars(visible_signals(actor).where(Signal.id.in_(ids)))
    ]


def _known_alerts(_session: Session, actor: Actor, _now: datetime) -> Ids:
    return visible_alerts(actor).with_only_columns(Alert.id)


def _alerts(session: Session, actor: Actor, ids: Sequence[int], _now: datetime) -> list[Item]:
    return [
        Item(
            kind=ItemKind.ALERT,
            id=row.alert.id,
            reference=row.alert.reference,
            partnership_id=row.alert.partnership_id,
            title=row.headline,
            state=row.alert.state.value,
            group="alert",
            at=_known_since(actor, row.alert),
            endpoint="alerts.show",
        )
        for row in alert_rows(session, actor, ids)
    ]


def _known_since(actor: Actor, alert: Alert) -> datetime:
    """Give when an alert was begun; to those who know only what went out, when it did."""
    return alert.created_at if sees_versions(actor, alert) else alert.activated_at or alert.created_at


def _known_cases(_session: Session, actor: Actor, _now: datetime) -> Ids:
    return known_cases(actor).with_only_columns(ReviewCase.id)


def _cases(session: Session, actor: Actor, ids: Sequence[int], _now: datetime) -> list[Item]:
    readable = set(session.scalars(visible_cases(actor).with_only_columns(ReviewCase.id)))
    opens = any(allowed(actor, permission) for permission in OPENS_CASES)
    return [
        Item(
            kind=ItemKind.REVIEW_CASE,
            id=case.id,
            reference=case.reference,
            partnership_id=case.partnership_id,
            state=case.state.value,
            group="case",
            at=case.opened_at,
            endpoint="reviews.show" if opens else "",
            content=case.id in readable,
            dated=case.id in readable,
        )
        for case in session.scalars(known_cases(actor).where(ReviewCase.id.in_(ids)))
    ]


def _known_points(session: Session, actor: Actor, now: datetime) -> Ids:
    return visible_points(session, actor, now=now).with_only_columns(LearningPoint.id)


def _points(session: Session, actor: Actor, ids: Sequence[int], now: datetime) -> list[Item]:
    """Show learning points by kind, themes and the wording that may be told; what the panel wrote stays in the case."""
    found = visible_points(session, actor, now=now).where(LearningPoint.id.in_(ids))
    points = session.scalars(found.options(joinedload(LearningPoint.case), selectinload(LearningPoint.themes))).all()
    read = set(session.scalars(reading_cases(session, actor, now=now).with_only_columns(ReviewCase.id)))
    told = shared_by_reference(session, actor, points)
    themes = all_themes(session, actor.partnership_id, now=now)
    return [
        _point(point, point.case if point.case_id in read else None, told.get(point.reference), themes)
        for point in points
    ]


def _point(
    point: LearningPoint, case: ReviewCase | None, told: SharedPoint | None, themes: Mapping[int, Theme]
) -> Item:
    """Show one; the case is given to those who read it, and to others its day would point at a meeting of the panel."""
    names = ", ".join(themes[each.theme_id].name for each in point.themes)
    at = point.agreed_at or point.recorded_at
    return Item(
        kind=ItemKind.LEARNING_POINT,
        id=point.id,
        reference=point.reference,
        partnership_id=point.partnership_id,
        title=f"{names}. {told.words}" if told else names,
        state=point.state.value,
        group="learning_point",
        at=at if case else _quarter_of(at),
        endpoint="points.index" if case else "learning.show",
        values={"reference": case.reference} if case else {"theme_id": point.themes[0].theme_id},
        dated=case is not None,
        roughly="" if case else quarter(point.agreed_at),
    )


def _quarter_of(at: datetime) -> datetime:
    day = london_day(at)
    return datetime(day.year, 1 + (day.month - 1) // 3 * 3, 1, tzinfo=UTC)


def _known_recommendations(_session: Session, actor: Actor, _now: datetime) -> Ids:
    return visible_recommendations(actor).with_only_columns(Recommendation.id)


def _recommendations(session: Session, actor: Actor, ids: Sequence[int], _now: datetime) -> list[Item]:
    return [
        Item(
            kind=ItemKind.RECOMMENDATION,
            id=row.id,
            reference=row.reference,
            partnership_id=row.partnership_id,
            title=row.words,
            state=row.state.value,
            group="recommendation",
            at=row.drafted_at,
            endpoint="recommendations.show",
        )
        for row in session.scalars(visible_recommendations(actor).where(Recommendation.id.in_(ids)))
    ]


def _known_actions(_session: Session, actor: Actor, _now: datetime) -> Ids:
    return visible_actions(actor).with_only_columns(Action.id)


def _actions(session: Session, actor: Actor, ids: Sequence[int], _now: datetime) -> list[Item]:
    return [
        Item(
            kind=ItemKind.ACTION,
            id=row.id,
            reference=row.reference,
            partnership_id=row.partnership_id,
            title=row.words,
            state=row.state.value,
            group="action",
            at=row.proposed_at,
            endpoint="actions.show",
        )
        for row in session.scalars(visible_actions(actor).where(Action.id.in_(ids)))
    ]


def may_be_told(actor: Actor) -> ColumnElement[bool]:
    """Match the links the person may be told of, beside their ends: what was learned from which case is not for all."""
    cases = origin_cases(actor).with_only_columns(ReviewCase.id)
    return or_(EvidenceLink.relation != Relation.GAVE_LEARNING, EvidenceLink.from_review_case_id.in_(cases))


READERS: Mapping[ItemKind, Reader] = {
    ItemKind.SUBMISSION: Reader(model=Submission, known=_known_reports, show=_reports),
    ItemKind.SIGNAL: Reader(model=Signal, known=_known_signals, show=_signals),
    ItemKind.ALERT: Reader(model=Alert, known=_known_alerts, show=_alerts),
    ItemKind.REVIEW_CASE: Reader(model=ReviewCase, known=_known_cases, show=_cases),
    ItemKind.LEARNING_POINT: Reader(model=LearningPoint, known=_known_points, show=_points),
    ItemKind.RECOMMENDATION: Reader(model=Recommendation, known=_known_recommendations, show=_recommendations),
    ItemKind.ACTION: Reader(model=Action, known=_known_actions, show=_actions),
}
