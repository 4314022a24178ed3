"""Sittings of the review panel for tests, each brought to a stage by the real services.

    meeting = sittings.plan_meeting(session, place, now=clock.now(), cases=[case])     planned, nobody has declared
    sittings.be_ready(session, place, meeting, now=clock.now())                        all accepted, declared, listed
    sittings.hold(session, place, meeting, now=clock.now())                            all came, and it was held

Everything is flushed, nothing is committed.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from review_app.panel.commands import AcceptStatement, MeetingPlan, PlanMeeting
from review_app.panel.models.meetings import PanelMeeting
from review_app.panel.service.meetings import accept_statement
from review_app.panel.service.meetings import plan_meeting as plan_sitting
from review_app.reviews.commands.meetings import (
    AgendaItem,
    DeclareInterest,
    HoldMeeting,
    MinuteMeeting,
    RecordAttendance,
)
from review_app.reviews.models import ReviewCase
from review_app.reviews.queries.agenda import agenda_of
from review_app.reviews.rules.states import ConflictKind
from review_app.reviews.service.agenda import list_case, put_on_agenda
from review_app.reviews.service.declaring import declare_interest
from review_app.reviews.service.sittings import hold_meeting, minute_meeting, record_attendance
from tests.factories import Place

SITTERS = ("review.coordinator", "review.chair", "review.deputy", "review.member")
"""Who is asked to a sitting unless a test says who."""


def plan_meeting(
    session: Session,
    place: Place,
    *,
    now: datetime,
    people: Sequence[str] = SITTERS,
    cases: Sequence[ReviewCase] = (),
    scribe: str = "",
    ahead: timedelta = timedelta(days=7),
) -> PanelMeeting:
    """Plan a sitting in a week, unless a test says when, and put cases on its agenda."""
    coordinator = place.actor("review.coordinator")
    plan = MeetingPlan(
        starts_at=now + ahead,
        place="Room 4",
        user_ids=tuple(place.user(key).id for key in people),
        scribe_id=place.user(scribe).id if scribe else None,
    )
    meeting = plan_sitting(session, coordinator, PlanMeeting(plan=plan), now=now)
    for case in cases:
        item = AgendaItem(meeting=meeting.reference, reference=case.reference)
        put_on_agenda(session, coordinator, item, now=now)
    session.flush()
    return meeting


def declare(
    session: Session,
    place: Place,
    case: ReviewCase,
    who: str,
    kind: ConflictKind = ConflictKind.NONE,
    *,
    now: datetime,
    meeting: PanelMeeting | None = None,
) -> None:
    """Let somebody declare for a case."""
    words = "" if kind is ConflictKind.NONE else "I knew them."
    reference = meeting.reference if meeting is not None else ""
    command = DeclareInterest(reference=case.reference, kind=kind, words=words, meeting=reference)
    declare_interest(session, place.actor(who), command, now=now)
    session.flush()


def be_ready(
    session: Session,
    place: Place,
    meeting: PanelMeeting,
    *,
    now: datetime,
    conflicts: Mapping[str, ConflictKind] | None = None,
) -> None:
    """Let everybody accept and declare for every case, and list them all."""
    keys = {place.user(key).id: key for key in place.users}
    items = agenda_of(session, meeting)
    for row in meeting.attendance:
        who = keys[row.user_id]
        accept_statement(session, place.actor(who), AcceptStatement(reference=meeting.reference), now=now)
        for item in items:
            kind = (conflicts or {}).get(who, ConflictKind.NONE)
            declare(session, place, item.case, who, kind, now=now, meeting=meeting)
    for item in items:
        command = AgendaItem(meeting=meeting.reference, reference=item.case.reference)
        list_case(session, place.actor("review.coordinator"), command, now=now)
    session.flush()


def hold(session: Session, place: Place, meeting: PanelMeeting, *, now: datetime) -> None:
    """Let everybody come, and hold the sitting, now at the latest."""
    meeting.starts_at = min(meeting.starts_at, now)
    coordinator = place.actor("review.coordinator")
    came = frozenset(row.user_id for row in meeting.attendance)
    command = RecordAttendance(meeting=meeting.reference, attended=came, apologies=frozenset())
    record_attendance(session, coordinator, command, now=now)
    hold_meeting(session, coordinator, HoldMeeting(meeting=meeting.reference), now=now)
    session.flush()


def minute(session: Session, place: Place, meeting: PanelMeeting, *, now: datetime) -> None:
    """Keep the minutes of a sitting that was held."""
    decisions = {item.case.reference: "Two things were learned." for item in agenda_of(session, meeting)}
    command = MinuteMeeting(meeting=meeting.reference, decisions=decisions)
    minute_meeting(session, place.actor("review.coordinator"), command, now=now)
    session.flush()
