"""A sitting as it takes place: who came, that it was held, what was decided, or that it was cancelled."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from review_app.audit.service import record
from review_app.catalogue.rules import ClockKey
from review_app.catalogue.service import stop_clock
from review_app.errors import MoveRefused, NotAllowed, RuleBroken
from review_app.filters import day, listing
from review_app.panel.models.meetings import PanelMeeting
from review_app.panel.queries.meetings import NOT_THE_RECORDER, attendees, get_locked_meeting, records_meeting
from review_app.panel.rules.meetings import MEETING_WORKFLOW, MeetingAction, MeetingState, Presence
from review_app.panel.service.meetings import SECTION, move_meeting, tell_cancelled
from review_app.policy import Actor, Permission, require
from review_app.reviews import queries
from review_app.reviews.commands.meetings import CancelMeeting, HoldMeeting, MinuteMeeting, RecordAttendance
from review_app.reviews.models import MeetingCase, ReviewCase
from review_app.reviews.queries import agenda
from review_app.reviews.rules.states import CaseAction, CaseState
from review_app.reviews.service.attaching import clocks_of_case
from review_app.reviews.service.moves import move_case
from review_app.working_time import london_day

TOO_EARLY = "This meeting is on {day}. Say that it was held from that day on, or change its plan."


def record_attendance(session: Session, actor: Actor, command: RecordAttendance, *, now: datetime) -> PanelMeeting:
    """Say who came and who sent apologies. After the sitting it can be put right, for those who were ready to come."""
    meeting = _for_the_record(session, actor, command.meeting)
    if meeting.state in (MeetingState.CANCELLED, MeetingState.MINUTED):
        raise MoveRefused("This meeting is over, so its attendance can no longer be changed.")
    if command.attended & command.apologies:
        raise RuleBroken("Say for each person either that they came or that they sent apologies.")
    before = {each.user_id: each.presence for each in meeting.attendance}
    for row in meeting.attendance:
        row.presence = _presence(row.user_id, command)
    changed = {each.user_id: each.presence for each in meeting.attendance}
    if changed == before:
        return meeting
    session.flush()
    if meeting.state is MeetingState.HELD:
        _refuse(_objections_to_people(session, meeting, now=now))
    changes = {"attendance": (_told(before), _told(changed))}
    record(session, actor, "record_attendance", meeting, at=now, section=SECTION, changes=changes)
    return meeting


def _presence(user_id: int, command: RecordAttendance) -> Presence:
    if user_id in command.attended:
        return Presence.ATTENDED
    return Presence.APOLOGIES if user_id in command.apologies else Presence.INVITED


def _told(presences: dict[int, Presence]) -> str:
    return ",".join(f"{user_id}:{presence}" for user_id, presence in sorted(presences.items()))


def hold_meeting(session: Session, actor: Actor, command: HoldMeeting, *, now: datetime) -> PanelMeeting:
    """Say that a sitting took place: its listed cases are then before the panel, and the others leave its agenda.

    Everybody's attendance is known; whoever came has accepted and declared; and for each listed case a chair or deputy
    came who can chair it. A case that this person may not know of is not named: it stays listed if anything is amiss.
    """
    meeting = get_locked_meeting(session, actor, command.meeting)
    require(actor, Permission.MEETING_MANAGE)
    MEETING_WORKFLOW.after(meeting.state, MeetingAction.HOLD)
    if london_day(now) < london_day(meeting.starts_at):
        raise RuleBroken(TOO_EARLY.format(day=day(meeting.starts_at)))
    _refuse(_objections_to_people(session, meeting, now=now))
    items = _locked_agenda(session, actor, meeting)
    table = agenda.table_of(session, meeting, [item.case_id for item in items], on=london_day(now))
    amiss = {item.case_id: table.objections(item.case_id, came=True) for item in items if _is_listed(item)}
    seen = set(session.scalars(queries.visible_cases(actor).with_only_columns(ReviewCase.id)))
    _refuse(
        [
            f"{item.case.reference}: {sentence}"
            for item in items
            if item.case_id in seen
            for sentence in amiss.get(item.case_id, [])
        ]
    )
    move_meeting(session, actor, meeting, MeetingAction.HOLD, now=now)
    for item in items:
        if not _is_listed(item):
            item.taken_off_at, item.taken_off_by_id = now, actor.user_id
        elif not amiss[item.case_id]:
            move_case(session, actor, item.case, CaseAction.OPEN_PANEL, now=now)
            for key in (ClockKey.CASE_REVIEW, ClockKey.CASE_REVIEW_CEILING):
                stop_clock(session, key, clocks_of_case(item.case), now=now)
    return meeting


def minute_meeting(session: Session, actor: Actor, command: MinuteMeeting, *, now: datetime) -> PanelMeeting:
    """Write down what was decided about each case that was before the panel, and nothing more. It is done once."""
    meeting = _for_the_record(session, actor, command.meeting)
    MEETING_WORKFLOW.after(meeting.state, MeetingAction.MINUTE)
    items = [item for item in agenda.agenda_of(session, meeting) if item.case_id in _readable(session, actor, now)]
    missing = [item.case.reference for item in items if not command.decisions.get(item.case.reference, "").strip()]
    if missing:
        raise RuleBroken(f"Enter what was decided about {listing(missing)}.")
    for item in items:
        item.decision = command.decisions[item.case.reference].strip()
        record(session, actor, "minute_case", item.case, at=now, section=SECTION)
    move_meeting(session, actor, meeting, MeetingAction.MINUTE, now=now)
    return meeting


def cancel_meeting(session: Session, actor: Actor, command: CancelMeeting, *, now: datetime) -> PanelMeeting:
    """Cancel a sitting that lies ahead, with a reason, and tell those invited. Its listed cases are put off."""
    meeting = get_locked_meeting(session, actor, command.meeting)
    require(actor, Permission.MEETING_MANAGE)
    MEETING_WORKFLOW.after(meeting.state, MeetingAction.CANCEL)
    if not command.reason.strip():
        raise RuleBroken("Enter why this meeting is cancelled.")
    for item in _locked_agenda(session, actor, meeting):
        if _is_listed(item):
            reason = f"The meeting {meeting.reference} was cancelled."
            move_case(session, actor, item.case, CaseAction.DEFER, now=now, reason=reason)
    meeting.cancel_reason = command.reason.strip()
    move_meeting(session, actor, meeting, MeetingAction.CANCEL, now=now)
    tell_cancelled(session, meeting, now=now)
    return meeting


def _for_the_record(session: Session, actor: Actor, reference: str) -> PanelMeeting:
    meeting = get_locked_meeting(session, actor, reference)
    if not records_meeting(session, actor, meeting):
        raise NotAllowed(NOT_THE_RECORDER)
    return meeting


def _objections_to_people(session: Session, meeting: PanelMeeting, *, now: datetime) -> list[str]:
    """Say who is unaccounted for, or came without having accepted or declared, a sentence for each."""
    people = attendees(session, meeting, on=london_day(now))
    unknown = [each.name for each in people if each.presence is Presence.INVITED]
    came = [each for each in people if each.presence is Presence.ATTENDED]
    found = []
    if unknown:
        found.append(f"Record first whether they came: {listing(unknown)}.")
    if not came:
        found.append("Record first who came.")
    bare = [each.name for each in came if not each.accepted]
    if bare:
        found.append(f"The confidentiality statement is not accepted yet by {listing(bare)}.")
    return found


def _readable(session: Session, actor: Actor, now: datetime) -> set[int]:
    """Give the cases whose decision this person may write down."""
    since = queries.readable_since(session, actor.partnership_id, now=now)
    found = queries.recording_cases(actor, since=since)
    return set(session.scalars(found.with_only_columns(ReviewCase.id)))


def _locked_agenda(session: Session, actor: Actor, meeting: PanelMeeting) -> Sequence[MeetingCase]:
    """Hold every case on a sitting's agenda, in the order of their numbers, and give the agenda as it is then."""
    ids = sorted(item.case_id for item in agenda.agenda_of(session, meeting))
    queries.lock_cases(session, ids)
    return agenda.agenda_of(session, meeting)


def _is_listed(item: MeetingCase) -> bool:
    return item.case.state is CaseState.LISTED


def _refuse(objections: list[str]) -> None:
    if objections:
        raise RuleBroken(" ".join(objections))
