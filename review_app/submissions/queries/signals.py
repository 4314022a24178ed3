"""The list of Signals, and one Signal with its reports and its story, each as far as a person may see it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, and_, case, false, func, not_, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from review_app import events
from review_app.accounts.models import Partnership
from review_app.accounts.queries import people_names
from review_app.audit.queries import timeline
from review_app.catalogue.commands import ClockOf
from review_app.catalogue.models import NOT_ENDED_CLOCK, Clock
from review_app.catalogue.queries import running_clocks, running_clocks_by_signal
from review_app.marks import Grade
from review_app.policy import Actor, Permission, allowed
from review_app.sections import Happening, NextAction, Section, SignalPage
from review_app.submissions.models import RecordedMove, Signal, SignalLink, Submission, Watch
from review_app.submissions.queries.inbox import RunningClock, first_clock
from review_app.submissions.queries.visibility import (
    counted_signals,
    get_signal,
    untold_reports,
    visible_signals,
    visible_submissions,
)
from review_app.submissions.rules import (
    SIGNAL_WORKFLOW,
    LinkReason,
    SignalAction,
    SignalState,
    SubmissionState,
    Urgency,
)
from review_app.working_time import to_london

PER_PAGE = 25
LATE = (SignalState.MONITORING, SignalState.CLOSED)
ORDER = "open first, urgent before routine, then by what is due soonest"


@dataclass(frozen=True, kw_only=True)
class SignalFilter:
    """What a person narrows the list of Signals to; what is left out does not narrow."""

    state: SignalState | None = None
    urgent: bool = False
    grade: Grade | None = None
    words: str = ""


@dataclass(frozen=True, kw_only=True)
class SignalRow:
    """One Signal as the list shows it."""

    reference: str
    title: str
    state: SignalState
    urgency: Urgency
    grade: str
    exercise: bool
    opened_at: datetime
    reports: int
    clock: RunningClock | None
    shared_by: str


@dataclass(frozen=True, kw_only=True)
class SignalsPage:
    """One page of the list of Signals."""

    rows: tuple[SignalRow, ...]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """Say how many pages there are; an empty list has one."""
        return max(1, -(-self.total // PER_PAGE))


def signals(session: Session, actor: Actor, wanted: SignalFilter, *, page: int = 1) -> SignalsPage:
    """Give one page of the Signals the person may read: open first, urgent first, then what is due soonest."""
    found = _narrow(visible_signals(actor), wanted)
    total = session.scalar(select(func.count()).select_from(found.subquery())) or 0
    page = min(max(1, page), max(1, -(-total // PER_PAGE)))
    rows = session.scalars(_in_order(found).limit(PER_PAGE).offset((page - 1) * PER_PAGE)).all()
    ids = [row.id for row in rows]
    clocks, counts = running_clocks_by_signal(session, ids), _counts(session, actor, ids)
    neighbours = _neighbours(session, actor, rows)
    return SignalsPage(
        rows=tuple(
            SignalRow(
                reference=row.reference,
                title=row.title,
                state=row.state,
                urgency=row.urgency,
                grade=grade_of(row),
                exercise=row.exercise,
                opened_at=row.opened_at,
                reports=counts.get(row.id, 0),
                clock=first_clock(clocks.get(row.id, [])),
                shared_by=neighbours.get(row.partnership_id, ""),
            )
            for row in rows
        ),
        total=total,
        page=page,
    )


def grade_of(signal: Signal) -> str:
    """Give the stored word of the grade in force, with its star; empty before the first."""
    return f"{signal.grade.value}{'*' if signal.starred else ''}" if signal.grade else ""


def _narrow(found: Select[Signal], wanted: SignalFilter) -> Select[Signal]:
    if wanted.state is not None:
        found = found.where(Signal.state == wanted.state)
    if wanted.urgent:
        found = found.where(Signal.urgency != Urgency.ROUTINE)
    if wanted.grade is not None:
        found = found.where(Signal.grade == wanted.grade)
    if wanted.words:
        written = wanted.words
        found = found.where(
            or_(Signal.title.icontains(written, autoescape=True), Signal.reference.icontains(written, autoescape=True))
        )
    return found


def _in_order(found: Select[Signal]) -> Select[Signal]:
    due = select(func.min(Clock.due_at)).where(Clock.signal_id == Signal.id, NOT_ENDED_CLOCK).scalar_subquery()
    return found.order_by(
        case((Signal.state == SignalState.CLOSED, 2), (Signal.state.in_(LATE), 1), else_=0),
        case((Signal.urgency == Urgency.CRITICAL, 0), (Signal.urgency == Urgency.URGENT, 1), else_=2),
        due.is_(None),
        due,
        Signal.opened_at.desc(),
        Signal.id.desc(),
    )


def _counts(session: Session, actor: Actor, ids: Sequence[int]) -> dict[int, int]:
    rows = (
        select(SignalLink.signal_id, func.count())
        .join(SignalLink.submission)
        .where(SignalLink.signal_id.in_(ids), SignalLink.unlinked_at.is_(None), not_(_leaves_no_trace(actor)))
    )
    return dict(session.execute(rows.group_by(SignalLink.signal_id)).all())


def _neighbours(session: Session, actor: Actor, rows: Sequence[Signal]) -> dict[int, str]:
    ids = {row.partnership_id for row in rows} - {actor.partnership_id}
    names = session.execute(select(Partnership.id, Partnership.name).where(Partnership.id.in_(ids)))
    return dict(names.all())


@dataclass(frozen=True, kw_only=True)
class LinkedReport:
    """A report in a Signal. Without `reference` the person may know that it is there and no more."""

    reference: str
    title: str
    state: SubmissionState | None
    urgency: Urgency | None
    kind: LinkReason
    reason: str
    linked_at: datetime
    withdrawn: bool
    may_unlink: bool


@dataclass(frozen=True, kw_only=True)
class OneSignal:
    """Everything the page of one Signal shows to one person."""

    reference: str
    title: str
    state: SignalState
    urgency: Urgency
    grade: str
    exercise: bool
    police_sensitive: bool
    version: int
    shared_by: str
    clocks: tuple[RunningClock, ...]
    waiting_for: str
    next_action: NextAction | None
    reports: tuple[LinkedReport, ...]
    taken_out: int
    untold: int
    sections: tuple[Section, ...]
    happened: tuple[Happening, ...]
    watch: Watch | None
    skipped: str
    closure_note: str
    may_manage: bool
    actions: frozenset[SignalAction]


def signal_page(session: Session, actor: Actor, reference: str, *, now: datetime) -> OneSignal:
    """Give the page of a Signal the person may read, with what features on the right add to it. Raises NotVisible."""
    signal = get_signal(session, actor, reference)
    own = signal.partnership_id == actor.partnership_id
    may_manage = own and allowed(actor, Permission.SIGNAL_MANAGE)
    asked = SignalPage(signal_id=signal.id, actor=actor, now=now)
    sections = sorted(
        (each for each in events.answers(session, asked) if isinstance(each, Section)), key=lambda each: each.order
    )
    running = running_clocks(session, ClockOf(partnership_id=signal.partnership_id, signal_id=signal.id))
    every = _links(session, signal)
    traceless = _traceless(session, actor, every)
    links = [link for link in every if link.id not in traceless]
    hidden = [link for link in every if link.id in traceless]
    story = [*story_of(session, signal, hidden), *(each for section in sections for each in section.happened)]
    return OneSignal(
        reference=signal.reference,
        title=signal.title,
        state=signal.state,
        urgency=signal.urgency,
        grade=grade_of(signal),
        exercise=signal.exercise,
        police_sensitive=signal.police_sensitive,
        version=signal.version,
        shared_by=_neighbours(session, actor, [signal]).get(signal.partnership_id, ""),
        clocks=tuple(each for clock in running if (each := first_clock([clock])) is not None),
        waiting_for=next((each.waiting_for for each in sections if each.waiting_for), _waiting_for(signal)),
        next_action=next((each.next_action for each in sections if each.next_action is not None), None),
        reports=_reports(session, actor, [link for link in links if link.unlinked_at is None], may_manage),
        taken_out=sum(link.unlinked_at is not None for link in links),
        untold=len(untold_reports(session, signal.id)) if may_manage else 0,
        sections=tuple(sections),
        happened=tuple(sorted(story, key=lambda each: each.at)),
        watch=_watch(session, signal),
        skipped=signal.skipped_round_reason,
        closure_note=signal.closure_note,
        may_manage=may_manage,
        actions=frozenset(SIGNAL_WORKFLOW.actions_from(signal.state)) if may_manage else frozenset(),
    )


def _leaves_no_trace(actor: Actor) -> ColumnElement[bool]:
    """Match the police-sensitive reports of which the person may not know, not even that one is there."""
    sees = Submission.partnership_id == actor.partnership_id
    known = sees if allowed(actor, Permission.POLICE_SENSITIVE_SEE) else false()
    return and_(Submission.police_sensitive.is_(True), not_(known))


def _links(session: Session, signal: Signal) -> Sequence[SignalLink]:
    return session.scalars(
        select(SignalLink).where(SignalLink.signal_id == signal.id).order_by(SignalLink.linked_at, SignalLink.id)
    ).all()


def _traceless(session: Session, actor: Actor, links: Sequence[SignalLink]) -> set[int]:
    """Give which of these links the person may not know of."""
    ids = [link.submission_id for link in links]
    found = select(Submission.id).where(Submission.id.in_(ids), _leaves_no_trace(actor))
    reports = set(session.scalars(found))
    return {link.id for link in links if link.submission_id in reports}


def _reports(session: Session, actor: Actor, links: Sequence[SignalLink], may_manage: bool) -> tuple[LinkedReport, ...]:
    ids = [link.submission_id for link in links]
    visible = {
        report.id: report
        for report in session.scalars(
            visible_submissions(actor)
            .where(Submission.id.in_(ids))
            .options(selectinload(Submission.substances), joinedload(Submission.locality))
        )
    }
    return tuple(_linked(link, visible.get(link.submission_id), may_manage) for link in links)


def _linked(link: SignalLink, report: Submission | None, may_manage: bool) -> LinkedReport:
    sold_as = ", ".join(each.sold_as for each in report.substances) if report else ""
    place = report.locality.name if report and report.locality else ""
    return LinkedReport(
        reference=report.reference if report else "",
        title=", ".join(part for part in (sold_as, place) if part),
        state=report.state if report else None,
        urgency=report.urgency if report else None,
        kind=link.kind,
        reason=link.reason if report else "",
        linked_at=link.linked_at,
        withdrawn=report is not None and report.state is SubmissionState.WITHDRAWN,
        may_unlink=may_manage and report is not None and report.state is SubmissionState.LINKED,
    )


def _watch(session: Session, signal: Signal) -> Watch | None:
    standing = select(Watch).where(Watch.signal_id == signal.id, Watch.ended_at.is_(None))
    return session.scalar(standing.order_by(Watch.id.desc()).limit(1))


def _waiting_for(signal: Signal) -> str:
    match signal.state:
        case SignalState.OPEN:
            return "a coordinator to ask agencies"
        case SignalState.CORROBORATING:
            return "the agencies that were asked"
        case SignalState.PANEL_READY:
            return "a coordinator to open grading"
        case SignalState.WITH_PANEL:
            return "the panel"
        case SignalState.DECIDED:
            return "a coordinator to act on the decision"
    return ""


STORY = {
    "create": "Signal opened",
    "add_report": "A report was linked",
    "take_out_report": "A report was taken out",
    "raise_urgency": "Urgency was raised",
    "title": "The title was changed",
    "mark_police_sensitive": "The police-sensitive mark was changed",
    "ask_agencies": "Agencies were asked",
    "make_ready": "Ready for the panel",
    "skip_corroboration": "Ready for the panel without waiting for agencies",
    "open_grading": "Grading was opened",
    "decide": "The panel decided",
    "grade": "The grade was set",
    "watch": "Watching began",
    "close": "Closed",
    "reopen": "Opened again",
}


def story_of(session: Session, signal: Signal, hidden: Sequence[SignalLink] = ()) -> list[Happening]:
    """Tell what happened to a Signal, from the audit, with the reasons kept beside it.

    Looking is left out, and so is the coming and going of reports whose links are hidden from the reader.
    """
    untold = Counter(("add_report", link.linked_at) for link in hidden)
    untold.update(("take_out_report", link.unlinked_at) for link in hidden if link.unlinked_at is not None)
    told = []
    for event in timeline(session, "signal", signal.reference):
        if untold[event.verb, event.at] > 0:
            untold[event.verb, event.at] -= 1
        elif event.verb in STORY:
            told.append(event)
    names = people_names(session, {each.actor_id for each in told if each.actor_id is not None})
    moves = session.scalars(select(RecordedMove).where(RecordedMove.signal_id == signal.id)).all()
    reasons = {(move.action, move.at): move.reason for move in moves}
    return [
        Happening(
            at=event.at,
            what=STORY[event.verb],
            who=names.get(event.actor_id or 0, ""),
            note=reasons.get((event.verb, event.at), ""),
        )
        for event in told
    ]


@dataclass(frozen=True, kw_only=True)
class SignalTotals:
    """How many Signals there were, by state, grade and month."""

    opened: int
    by_state: tuple[tuple[SignalState, int], ...]
    by_grade: tuple[tuple[Grade, int], ...]
    by_month: tuple[tuple[date, int], ...]


def signal_totals(session: Session, actor: Actor) -> SignalTotals:
    """Count the Signals the person may know as numbers."""
    rows = session.scalars(counted_signals(actor).order_by(Signal.id)).all()
    states = Counter(row.state for row in rows)
    grades = Counter(row.grade for row in rows if row.grade is not None)
    months = Counter(to_london(row.opened_at).date().replace(day=1) for row in rows)
    return SignalTotals(
        opened=len(rows),
        by_state=tuple((state, states[state]) for state in SignalState if states[state]),
        by_grade=tuple((grade, grades[grade]) for grade in Grade if grades[grade]),
        by_month=tuple(sorted(months.items(), reverse=True)[:12]),
    )
