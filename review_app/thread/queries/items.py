"""The records of a thread, each through its own feature's narrowed reads: which may be known, and what is shown of it.

Whatever kind of record is not in `READERS` is nobody's: no thread holds one, and none leads through one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from review_app.alerts.models import Alert
from review_app.alerts.queries.pages import alert_rows
from review_app.alerts.queries.visibility import sees_versions, visible_alerts
from review_app.policy import Actor, Permission, allowed
from review_app.reviews.models import ReviewCase
from review_app.reviews.queries import known_cases, visible_cases
from review_app.submissions.models import Signal, Submission
from review_app.submissions.queries import own_submissions, signal_of, visible_signals, visible_submissions
from review_app.submissions.rules import plain_stage
from review_app.thread.rules import ItemKind

OPENS_CASES = (Permission.CASE_SEE, Permission.CASE_SEE_EXISTS, Permission.CASE_SEE_LISTED)
"""What opens the page of a case; an agency that was asked knows of one, and has the page of its request instead."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """One record as its reader may know it. Without `content` only its reference and state may be shown.

    `group` names the words for its state. `endpoint` is the page that the reader may open, if there is one.
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
    content: bool = True


Ids = Select[int]


@dataclass(frozen=True, kw_only=True)
class Reader:
    """How one kind of record is read: its table, which may be known, and what is shown of those."""

    model: type[Submission] | type[Signal] | type[Alert] | type[ReviewCase]
    known: Callable[[Session, Actor, datetime], Ids]
    show: Callable[[Session, Actor, Sequence[int]], list[Item]]


def _own_reports(actor: Actor) -> Select[Submission]:
    """Narrow to the person's own reports that have a page of their own; what was added to one later has none."""
    return own_submissions(actor).where(Submission.earlier_id.is_(None))


def _known_reports(_session: Session, actor: Actor, _now: datetime) -> Ids:
    visible = visible_submissions(actor).with_only_columns(Submission.id)
    own = _own_reports(actor).with_only_columns(Submission.id)
    return select(Submission.id).where(or_(Submission.id.in_(visible), Submission.id.in_(own)))


def _reports(session: Session, actor: Actor, ids: Sequence[int]) -> list[Item]:
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


def _signals(session: Session, actor: Actor, ids: Sequence[int]) -> list[Item]:
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


def _alerts(session: Session, actor: Actor, ids: Sequence[int]) -> list[Item]:
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


def _cases(session: Session, actor: Actor, ids: Sequence[int]) -> list[Item]:
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
        )
        for case in session.scalars(known_cases(actor).where(ReviewCase.id.in_(ids)))
    ]


READERS: Mapping[ItemKind, Reader] = {
    ItemKind.SUBMISSION: Reader(model=Submission, known=_known_reports, show=_reports),
    ItemKind.SIGNAL: Reader(model=Signal, known=_known_signals, show=_signals),
    ItemKind.ALERT: Reader(model=Alert, known=_known_alerts, show=_alerts),
    ItemKind.REVIEW_CASE: Reader(model=ReviewCase, known=_known_cases, show=_cases),
}
