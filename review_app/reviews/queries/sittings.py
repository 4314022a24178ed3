"""The list of sittings and the page of one sitting, as far as the person who opens it may know.

A case from which the person is recused leaves no trace: it is in no list, no number and no sentence.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, case, func, or_, select
from sqlalchemy.orm import Session

from review_app.accounts.queries import people_names
from review_app.catalogue.queries import retention
from review_app.catalogue.rules.review import Statement, read_statement
from review_app.errors import NotAllowed
from review_app.panel.models.meetings import PanelMeeting
from review_app.panel.queries import meetings
from review_app.panel.queries.meetings import Attendee
from review_app.panel.rules.meetings import MEETING_WORKFLOW, OVER, UPCOMING, MeetingAction, MeetingState
from review_app.policy import Actor, Permission, allowed
from review_app.reviews.models import DeclarationOfInterest, MeetingCase, ReviewCase
from review_app.reviews.queries import agenda
from review_app.reviews.queries.reading import ReadBefore, read_before
from review_app.reviews.queries.visibility import (
    agenda_cases,
    known_cases,
    pack_cases,
    readable_since,
    recording_cases,
    visible_cases,
)
from review_app.reviews.rules.findings import TO_LIST, TO_THE_AGENDA
from review_app.reviews.rules.states import CaseState, ConflictKind
from review_app.working_time import london_day

PER_PAGE = 25


@dataclass(frozen=True, kw_only=True)
class MeetingRow:
    """One sitting as the list shows it, with the number of cases on its agenda of which the person may know."""

    reference: str
    state: MeetingState
    starts_at: datetime
    cases: int
    asked: bool


@dataclass(frozen=True, kw_only=True)
class MeetingsPage:
    """One page of the list of sittings: those that lie ahead first, the next one at the top."""

    rows: tuple[MeetingRow, ...]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """Say how many pages there are; an empty list has one."""
        return max(1, -(-self.total // PER_PAGE))


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """What one person declared about one case. `words` only for those who may read the case's content."""

    case: str
    user_id: int
    name: str
    kind: ConflictKind
    declared_at: datetime
    on_behalf_by: str
    words: str
    before: ReadBefore | None


@dataclass(frozen=True, kw_only=True)
class AgendaLine:
    """One case on the agenda, as this person sees it."""

    reference: str
    state: CaseState
    own: ConflictKind | None
    chair: str
    handover: str
    waits_for: tuple[str, ...]
    pack: bool
    reads_case: bool
    decision: str

    @property
    def can_list(self) -> bool:
        """Say whether listing it is the next step."""
        return self.state in TO_LIST


@dataclass(frozen=True, kw_only=True)
class MeetingPage:
    """Everything the page of one sitting shows to one person. `step` is what they do next: accept, declare, or ""."""

    meeting: PanelMeeting
    statement: Statement
    statement_version: int
    people: tuple[Attendee, ...]
    lines: tuple[AgendaLine, ...]
    declarations: tuple[Declaration, ...]
    attends: bool
    accepted: bool
    step: str
    manages: bool
    records: bool
    shows_agenda: bool
    actions: frozenset[MeetingAction]
    readable_days: int
    today: date

    @property
    def listed(self) -> list[str]:
        """Name the cases that are listed."""
        return [line.reference for line in self.lines if line.state is CaseState.LISTED]

    @property
    def not_listed(self) -> list[str]:
        """Name the cases that are not listed."""
        return [line.reference for line in self.lines if line.state is not CaseState.LISTED]

    @property
    def can_hold(self) -> bool:
        """Say whether it can be said that the sitting took place, at the earliest on its day."""
        return self.manages and MeetingAction.HOLD in self.actions

    @property
    def has_come(self) -> bool:
        """Say whether the day of the sitting has come."""
        return london_day(self.meeting.starts_at) <= self.today

    @property
    def can_minute(self) -> bool:
        """Say whether its minutes can be kept."""
        return self.records and MeetingAction.MINUTE in self.actions

    @property
    def can_record(self) -> bool:
        """Say whether attendance can be recorded."""
        return self.records and bool(self.actions)

    @property
    def by_case(self) -> dict[str, list[Declaration]]:
        """Give the declarations by case, in the order of the agenda."""
        found: dict[str, list[Declaration]] = {line.reference: [] for line in self.lines}
        for each in self.declarations:
            found[each.case].append(each)
        return {reference: rows for reference, rows in found.items() if rows}

    @property
    def to_declare(self) -> tuple[AgendaLine, ...]:
        """Give the cases for which the person still has to declare."""
        return tuple(line for line in self.lines if line.own is None)

    @property
    def scribe(self) -> str:
        """Name the scribe."""
        return next((each.name for each in self.people if each.scribe), "")

    @property
    def agencies(self) -> int:
        """Count the agencies from which somebody is expected or came."""
        return len({each.agency for each in self.people if each.expected and each.agency})

    @property
    def upcoming(self) -> bool:
        """Say whether the sitting lies ahead."""
        return self.meeting.state in UPCOMING

    @property
    def over(self) -> bool:
        """Say whether the sitting took place."""
        return self.meeting.state in OVER


def meetings_page(session: Session, actor: Actor, state: MeetingState | None, *, page: int = 1) -> MeetingsPage:
    """Give one page of the sittings of which the person may know."""
    found = meetings.visible_meetings(actor)
    if state is not None:
        found = found.where(PanelMeeting.state == state)
    total = session.scalar(select(func.count()).select_from(found.subquery())) or 0
    page = min(max(1, page), max(1, -(-total // PER_PAGE)))
    ahead = case((PanelMeeting.state.in_(UPCOMING), 0), else_=1)
    soonest = case((PanelMeeting.state.in_(UPCOMING), PanelMeeting.starts_at))
    ordered = found.order_by(ahead, soonest, PanelMeeting.starts_at.desc(), PanelMeeting.id)
    rows = session.scalars(ordered.limit(PER_PAGE).offset((page - 1) * PER_PAGE)).all()
    own = set(session.scalars(meetings.own_meetings(actor).with_only_columns(PanelMeeting.id)))
    counts = _counts(session, actor, rows)
    return MeetingsPage(
        rows=tuple(
            MeetingRow(
                reference=row.reference,
                state=row.state,
                starts_at=row.starts_at,
                cases=counts.get(row.id, 0),
                asked=row.id in own,
            )
            for row in rows
        ),
        total=total,
        page=page,
    )


def _counts(session: Session, actor: Actor, rows: Sequence[PanelMeeting]) -> dict[int, int]:
    counted = (
        select(MeetingCase.meeting_id, func.count())
        .where(
            MeetingCase.meeting_id.in_([row.id for row in rows]),
            MeetingCase.taken_off_at.is_(None),
            or_(*(MeetingCase.case_id.in_(each) for each in _may_know(actor))),
        )
        .group_by(MeetingCase.meeting_id)
    )
    return dict(session.execute(counted).all())


def _may_know(actor: Actor) -> tuple[Select[int], Select[int]]:
    """Give the ids of cases that the person may find on an agenda."""
    narrowed = (agenda_cases(actor), known_cases(actor))
    return narrowed[0].with_only_columns(ReviewCase.id), narrowed[1].with_only_columns(ReviewCase.id)


def meeting_page(session: Session, actor: Actor, reference: str, *, now: datetime) -> MeetingPage:
    """Give the page of one sitting. Raises NotVisible."""
    meeting = meetings.get_meeting(session, actor, reference)
    own, accepted = meetings.find_attendance(session, actor, meeting), meetings.has_accepted(session, actor, meeting)
    attends = own is not None
    lines = _lines(session, actor, meeting, now=now)
    step = _step(meeting, lines, attends=attends, accepted=accepted)
    manages = allowed(actor, Permission.MEETING_MANAGE)
    shows = manages or not attends or not step
    legal = MEETING_WORKFLOW.actions_from(meeting.state)
    return MeetingPage(
        meeting=meeting,
        statement=read_statement(meeting.statement.content),
        statement_version=meeting.statement.version,
        people=tuple(meetings.attendees(session, meeting, on=london_day(now))),
        lines=lines,
        declarations=_declarations(session, actor, meeting, lines, now=now) if shows else (),
        attends=attends,
        accepted=accepted,
        step=step,
        manages=manages,
        records=meetings.records_meeting(session, actor, meeting),
        shows_agenda=shows,
        actions=frozenset(legal),
        readable_days=retention(session, actor.partnership_id, now=now).packs_readable_days_after_meeting,
        today=london_day(now),
    )


def _step(meeting: PanelMeeting, lines: Sequence[AgendaLine], *, attends: bool, accepted: bool) -> str:
    """Give what somebody who attends has to do next."""
    if not attends or meeting.state is MeetingState.CANCELLED:
        return ""
    if not accepted:
        return "accept" if meeting.state in UPCOMING else ""
    return "declare" if any(line.own is None for line in lines) else ""


def _lines(session: Session, actor: Actor, meeting: PanelMeeting, *, now: datetime) -> tuple[AgendaLine, ...]:
    items = items_for(session, actor, meeting)
    ids = [item.case_id for item in items]
    table = agenda.table_of(session, meeting, ids, on=london_day(now))
    content = set(session.scalars(visible_cases(actor).where(ReviewCase.id.in_(ids)).with_only_columns(ReviewCase.id)))
    since = readable_since(session, actor.partnership_id, now=now)
    packs = pack_cases(actor, PanelMeeting.id == meeting.id, since=since)
    readable = set(session.scalars(packs.with_only_columns(ReviewCase.id)))
    lines = []
    for item in items:
        chairing = table.chairing(item.case_id)
        lines.append(
            AgendaLine(
                reference=item.case.reference,
                state=item.case.state,
                own=table.declared.get(item.case_id, {}).get(actor.user_id),
                chair=chairing.chair,
                handover=chairing.words,
                waits_for=tuple(sorted(each.name for each in table.sitters(item.case_id) if each.declared is None)),
                pack=item.case_id in readable,
                reads_case=item.case_id in content,
                decision=item.decision if item.case_id in content | readable else "",
            )
        )
    return tuple(lines)


def items_for(session: Session, actor: Actor, meeting: PanelMeeting) -> list[MeetingCase]:
    """Give what stands on a sitting's agenda, without the cases of which the person may not know."""
    items = agenda.agenda_of(session, meeting)
    may = select(ReviewCase.id).where(or_(*(ReviewCase.id.in_(each) for each in _may_know(actor))))
    seen = set(session.scalars(may.where(ReviewCase.id.in_([item.case_id for item in items]))))
    return [item for item in items if item.case_id in seen]


def _declarations(
    session: Session, actor: Actor, meeting: PanelMeeting, lines: Sequence[AgendaLine], *, now: datetime
) -> tuple[Declaration, ...]:
    """Give what the people of a sitting declared about the cases on this person's agenda."""
    items = {item.case_id: item.case for item in items_for(session, actor, meeting)}
    rows = session.scalars(
        select(DeclarationOfInterest)
        .where(DeclarationOfInterest.case_id.in_(items), DeclarationOfInterest.replaced_at.is_(None))
        .order_by(DeclarationOfInterest.case_id, DeclarationOfInterest.declared_at, DeclarationOfInterest.id)
    ).all()
    listed = {row.user_id for row in meeting.attendance}
    names = people_names(session, {row.user_id for row in rows} | {row.declared_by_id for row in rows})
    reading = {line.reference for line in lines if line.reads_case}
    return tuple(
        Declaration(
            case=items[row.case_id].reference,
            user_id=row.user_id,
            name=names.get(row.user_id, ""),
            kind=row.kind,
            declared_at=row.declared_at,
            on_behalf_by=names.get(row.declared_by_id, "") if row.declared_by_id != row.user_id else "",
            words=row.words if items[row.case_id].reference in reading else "",
            before=_before(session, actor, items[row.case_id], row),
        )
        for row in rows
        if row.user_id in listed or allowed(actor, Permission.DECLARATION_SEE)
    )


def _before(session: Session, actor: Actor, reviewed: ReviewCase, row: DeclarationOfInterest) -> ReadBefore | None:
    """Give what somebody had read before they declared a conflict, to those who look after declarations."""
    if row.kind is ConflictKind.NONE or not allowed(actor, Permission.DECLARATION_SEE):
        return None
    return read_before(session, reviewed, row.user_id, until=row.declared_at)


def cases_to_add(session: Session, actor: Actor) -> list[ReviewCase]:
    """Give the cases that can go on an agenda and are on none that lies ahead, those that waited longest first."""
    waiting = (
        select(MeetingCase.case_id)
        .join(PanelMeeting, PanelMeeting.id == MeetingCase.meeting_id)
        .where(MeetingCase.taken_off_at.is_(None), PanelMeeting.state.in_(UPCOMING))
    )
    found = visible_cases(actor).where(ReviewCase.state.in_(TO_THE_AGENDA), ReviewCase.id.not_in(waiting))
    return list(session.scalars(found.order_by(ReviewCase.opened_at, ReviewCase.id)))


def plan_of(meeting: PanelMeeting) -> dict[str, object]:
    """Give the plan of a sitting as its form is filled with it."""
    return {
        "starts_at": meeting.starts_at,
        "place": meeting.place,
        "people": [str(each.user_id) for each in meeting.attendance],
        "scribe": next((each.user_id for each in meeting.attendance if each.scribe), None),
        "version": meeting.version,
    }


def people_to_record(
    session: Session, actor: Actor, reference: str, *, now: datetime
) -> tuple[PanelMeeting, list[Attendee]]:
    """Give a sitting whose record the person keeps, with the people on its list. Raises NotVisible or NotAllowed."""
    meeting = _recorded(session, actor, reference)
    return meeting, meetings.attendees(session, meeting, on=london_day(now))


def cases_to_minute(session: Session, actor: Actor, reference: str, *, now: datetime) -> tuple[PanelMeeting, list[str]]:
    """Give a sitting whose record the person keeps, with the cases whose decision they write down."""
    meeting = _recorded(session, actor, reference)
    MEETING_WORKFLOW.after(meeting.state, MeetingAction.MINUTE)
    may = recording_cases(actor, since=readable_since(session, actor.partnership_id, now=now))
    records = set(session.scalars(may.with_only_columns(ReviewCase.id)))
    return meeting, [item.case.reference for item in agenda.agenda_of(session, meeting) if item.case_id in records]


def _recorded(session: Session, actor: Actor, reference: str) -> PanelMeeting:
    meeting = meetings.get_meeting(session, actor, reference)
    if not meetings.records_meeting(session, actor, meeting):
        raise NotAllowed(meetings.NOT_THE_RECORDER)
    return meeting
