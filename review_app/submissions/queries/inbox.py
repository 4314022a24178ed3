"""The coordinator's inbox, and what of it may be known as numbers or without anyone in it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Select, case, func, or_, select
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from review_app.accounts.models import Agency, Area, Locality
from review_app.catalogue.models import NOT_ENDED_CLOCK, Clock
from review_app.catalogue.queries import running_clocks_by_submission
from review_app.errors import NotVisible
from review_app.policy import Actor, Permission, allowed
from review_app.submissions.models import ReportedSubstance, Signal, SignalLink, Submission
from review_app.submissions.queries.visibility import (
    agencies_led,
    counted_submissions,
    visible_signals,
    visible_submissions,
)
from review_app.submissions.rules import AgeBand, SubmissionState, Urgency
from review_app.working_time import start_of_day, to_london

PER_PAGE = 25
WAITING = (SubmissionState.RECEIVED, SubmissionState.TRIAGE, SubmissionState.NEEDS_INFO)
ENDED = (SubmissionState.CLOSED, SubmissionState.WITHDRAWN)
ORDER = "what waits first, urgent before routine, then by what is due soonest"


@dataclass(frozen=True, kw_only=True)
class InboxFilter:
    """What a person narrows the inbox to; what is left out does not narrow."""

    state: SubmissionState | None = None
    urgent: bool = False
    locality_id: int | None = None
    substance: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, kw_only=True)
class RunningClock:
    """A clock that runs: its words, when it is due, and why it stands still if it does."""

    label: str
    due_at: datetime
    paused: bool
    reason: str


@dataclass(frozen=True, kw_only=True)
class InboxRow:
    """One report as the inbox shows it."""

    reference: str
    received_at: datetime
    state: SubmissionState
    urgency: Urgency
    exercise: bool
    place: str
    sold_as: str
    kinds: tuple[str, ...]
    how_known: str
    clock: RunningClock | None
    signal: str | None


@dataclass(frozen=True, kw_only=True)
class InboxPage:
    """One page of the inbox."""

    rows: tuple[InboxRow, ...]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """Say how many pages there are; an empty inbox has one."""
        return max(1, -(-self.total // PER_PAGE))


def inbox(session: Session, actor: Actor, wanted: InboxFilter, *, page: int = 1) -> InboxPage:
    """Give one page of the reports the person may read: what waits first, urgent first, then what is due soonest."""
    found = _narrow(visible_submissions(actor), wanted)
    total = session.scalar(select(func.count()).select_from(found.subquery())) or 0
    page = min(max(1, page), max(1, -(-total // PER_PAGE)))
    shown = in_order(found).limit(PER_PAGE).offset((page - 1) * PER_PAGE)
    rows = session.scalars(shown.options(selectinload(Submission.substances), joinedload(Submission.locality))).all()
    ids = [row.id for row in rows]
    clocks, signals = running_clocks_by_submission(session, ids), _signals_of(session, actor, ids)
    return InboxPage(
        rows=tuple(_row(row, clocks.get(row.id, []), signals.get(row.id)) for row in rows), total=total, page=page
    )


def in_order(found: Select[Submission]) -> Select[Submission]:
    """Put reports in the stated order of the inbox."""
    due = select(func.min(Clock.due_at)).where(Clock.submission_id == Submission.id, NOT_ENDED_CLOCK).scalar_subquery()
    return found.order_by(
        case((Submission.state.in_(WAITING), 0), (Submission.state.in_(ENDED), 2), else_=1),
        case((Submission.urgency == Urgency.CRITICAL, 0), (Submission.urgency == Urgency.URGENT, 1), else_=2),
        due.is_(None),
        due,
        Submission.received_at.desc(),
        Submission.id.desc(),
    )


def first_clock(clocks: Sequence[Clock]) -> RunningClock | None:
    """Give the clock to show in one line: the first due of those that run."""
    if not clocks:
        return None
    clock = min(clocks, key=lambda each: (each.paused_at is not None, each.due_at))
    return RunningClock(
        label=clock.rule.name.partition(",")[0],
        due_at=clock.due_at,
        paused=clock.paused_at is not None,
        reason=clock.pause_reason,
    )


def _narrow(found: Select[Submission], wanted: InboxFilter) -> Select[Submission]:
    if wanted.state is not None:
        found = found.where(Submission.state == wanted.state)
    if wanted.urgent:
        found = found.where(Submission.urgency != Urgency.ROUTINE)
    if wanted.locality_id is not None:
        found = found.where(Submission.locality_id == wanted.locality_id)
    if wanted.since is not None:
        found = found.where(Submission.received_at >= start_of_day(wanted.since))
    if wanted.until is not None:
        found = found.where(Submission.received_at < start_of_day(wanted.until + timedelta(days=1)))
    if wanted.substance:
        found = found.where(Submission.id.in_(_describing(wanted.substance)))
    return found


def _describing(substance: str) -> Select[int]:
    wanted = substance.lower()
    names = (ReportedSubstance.sold_as, ReportedSubstance.street_name)
    return select(ReportedSubstance.submission_id).where(
        or_(*(func.lower(name).contains(wanted, autoescape=True) for name in names))
    )


def _signals_of(session: Session, actor: Actor, ids: Sequence[int]) -> Mapping[int, str]:
    """Give the reference of each report's Signal, where the person may know of it."""
    known = aliased(Signal, visible_signals(actor).subquery())
    rows = session.execute(
        select(SignalLink.submission_id, known.reference)
        .join(known, known.id == SignalLink.signal_id)
        .where(SignalLink.submission_id.in_(ids), SignalLink.unlinked_at.is_(None))
    )
    return dict(rows.all())


def _row(report: Submission, clocks: Sequence[Clock], signal: str | None) -> InboxRow:
    return InboxRow(
        reference=report.reference,
        received_at=report.received_at,
        state=report.state,
        urgency=report.urgency,
        exercise=report.exercise,
        place=report.locality.name if report.locality else "",
        sold_as=", ".join(each.sold_as for each in report.substances),
        kinds=tuple(report.reporting),
        how_known=report.how_known,
        clock=first_clock(clocks) if report.state not in ENDED else None,
        signal=signal,
    )


@dataclass(frozen=True, kw_only=True)
class Totals:
    """How many reports there were, by what may be counted. `whose` is an agency, or the whole Partnership."""

    whose: str
    received: int
    waiting: int
    urgent: int
    by_month: tuple[tuple[date, int], ...]


def totals(session: Session, actor: Actor) -> list[Totals]:
    """Count the reports of the last twelve months: of the Partnership, or of each agency the person leads."""
    counted = counted_submissions(actor).order_by(Submission.received_at.desc(), Submission.id.desc())
    reports = session.scalars(counted.options(joinedload(Submission.agency))).all()
    whole = [_totals("All agencies", reports)] if allowed(actor, Permission.SUBMISSION_SEE_TOTALS) else []
    led = session.scalars(select(Agency).where(Agency.id.in_(agencies_led(actor))).order_by(Agency.name))
    mine = [_totals(each.name, [report for report in reports if report.agency_id == each.id]) for each in led]
    return [*whole, *mine]


def _totals(whose: str, reports: Sequence[Submission]) -> Totals:
    months = Counter(_month(report.received_at) for report in reports)
    return Totals(
        whose=whose,
        received=len(reports),
        waiting=sum(report.state in WAITING for report in reports),
        urgent=sum(report.urgency is not Urgency.ROUTINE for report in reports),
        by_month=tuple(sorted(months.items(), reverse=True)[:12]),
    )


@dataclass(frozen=True, kw_only=True)
class DeidentifiedRow:
    """One report without anyone in it: no reference, no words, no day and no place below the council area."""

    month: date
    area: str
    kinds: tuple[str, ...]
    how_known: str
    ages: tuple[AgeBand, ...]
    ended: bool


@dataclass(frozen=True, kw_only=True)
class DeidentifiedPage:
    """One page of the list for analysis."""

    rows: tuple[DeidentifiedRow, ...]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """Say how many pages there are; an empty list has one."""
        return max(1, -(-self.total // PER_PAGE))


def deidentified(session: Session, actor: Actor, *, page: int = 1) -> DeidentifiedPage:
    """Give one page of the reports for analysis, newest month first and otherwise in no telling order."""
    if not allowed(actor, Permission.SUBMISSION_SEE_DEIDENTIFIED):
        raise NotVisible("We cannot find that page.")
    counted = counted_submissions(actor).options(joinedload(Submission.locality).joinedload(Locality.area))
    rows = sorted((_deidentify(each) for each in session.scalars(counted)), key=_untelling, reverse=True)
    page = min(max(1, page), max(1, -(-len(rows) // PER_PAGE)))
    return DeidentifiedPage(rows=tuple(rows[(page - 1) * PER_PAGE : page * PER_PAGE]), total=len(rows), page=page)


def _deidentify(report: Submission) -> DeidentifiedRow:
    return DeidentifiedRow(
        month=_month(report.received_at),
        area=report.locality.area.name if report.locality else "",
        kinds=tuple(sorted(report.reporting)),
        how_known=report.how_known,
        ages=tuple(AgeBand(band) for band, people in sorted((report.ages or {}).items()) if people),
        ended=report.state in ENDED,
    )


def _untelling(row: DeidentifiedRow) -> tuple[date, str, tuple[str, ...], str]:
    return row.month, row.area, row.kinds, row.how_known


def _month(instant: datetime) -> date:
    return to_london(instant).date().replace(day=1)


def areas_of_inbox(session: Session, actor: Actor) -> list[tuple[int, str]]:
    """Give the places the inbox can be narrowed to, by name."""
    rows = select(Locality.id, Locality.name).join(Area).where(Area.partnership_id == actor.partnership_id)
    return [(number, name) for number, name in session.execute(rows.order_by(Locality.name))]
