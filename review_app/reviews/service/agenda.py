"""The agenda of a sitting: putting a case on it, taking it off, listing it, and putting it off."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from review_app.audit.service import record
from review_app.errors import MoveRefused, RuleBroken
from review_app.panel.models.meetings import PanelMeeting
from review_app.panel.queries.meetings import get_locked_meeting
from review_app.panel.rules.meetings import UPCOMING, MeetingAction, MeetingState
from review_app.panel.service.meetings import OVER_ALREADY, SECTION, move_meeting
from review_app.policy import Actor, Permission, require
from review_app.reviews import queries
from review_app.reviews.commands.findings import DeferCase
from review_app.reviews.commands.meetings import AgendaItem
from review_app.reviews.models import MeetingCase, ReviewCase
from review_app.reviews.queries import agenda
from review_app.reviews.rules.findings import TO_LIST, TO_THE_AGENDA
from review_app.reviews.rules.states import CaseAction, CaseState
from review_app.reviews.service.moves import move_case
from review_app.working_time import london_day

NOT_ON_AGENDA = "This case is not on the agenda of this meeting. Put it there first."


def put_on_agenda(session: Session, actor: Actor, command: AgendaItem, *, now: datetime) -> MeetingCase:
    """Put a case last on the agenda of a sitting that lies ahead. A case whose answers are all in gets its papers."""
    meeting, case = _both(session, actor, command)
    standing = agenda.upcoming_item(session, case)
    if standing is not None and standing.meeting_id == meeting.id:
        return standing
    if standing is not None:
        raise RuleBroken(
            f"This case is on the agenda of {standing.meeting.reference} already. Take it off there first."
        )
    if case.state not in TO_THE_AGENDA:
        raise MoveRefused("Only a case whose information is ready, or that was put off, can go on an agenda.")
    if case.state is CaseState.INFO_READY:
        move_case(session, actor, case, CaseAction.DRAFT_PACK, now=now)
    items = agenda.agenda_of(session, meeting)
    item = agenda.find_agenda_item(session, meeting, case) or MeetingCase(
        case_uuid=case.uuid, meeting_id=meeting.id, case_id=case.id
    )
    item.position = max((each.position for each in items), default=0) + 1
    item.added_at, item.added_by_id, item.taken_off_at, item.taken_off_by_id = now, actor.user_id, None, None
    session.add(item)
    record(session, actor, "put_on_agenda", case, at=now, section=SECTION)
    return item


def take_off_agenda(session: Session, actor: Actor, command: AgendaItem, *, now: datetime) -> ReviewCase:
    """Take a case off the agenda of a sitting that lies ahead. One that is listed is put off instead, with a reason."""
    meeting, case = _both(session, actor, command)
    item = _item(session, meeting, case)
    if case.state is CaseState.LISTED:
        raise RuleBroken("This case is listed. Put it off with a reason instead.")
    item.taken_off_at, item.taken_off_by_id = now, actor.user_id
    record(session, actor, "take_off_agenda", case, at=now, section=SECTION)
    return case


def move_up_agenda(session: Session, actor: Actor, command: AgendaItem, *, now: datetime) -> MeetingCase:
    """Let a case be dealt with before the one in front of it."""
    meeting, case = _both(session, actor, command)
    item = _item(session, meeting, case)
    earlier = [each for each in agenda.agenda_of(session, meeting) if each.position < item.position]
    if earlier:
        item.position, earlier[-1].position = earlier[-1].position, item.position
        record(session, actor, "move_up_agenda", case, at=now, section=SECTION)
    return item


def list_case(session: Session, actor: Actor, command: AgendaItem, *, now: datetime) -> ReviewCase:
    """List a case for a sitting: everybody on its attendance list has declared, and somebody can chair it.

    The first case that is listed makes the sitting's packs ready.
    """
    meeting, case = _both(session, actor, command)
    _item(session, meeting, case)
    if case.state not in TO_LIST:
        raise MoveRefused("This case is listed already, or has moved on. Open the meeting again to see.")
    table = agenda.table_of(session, meeting, [case.id], on=london_day(now))
    objections = table.objections(case.id)
    if objections:
        raise RuleBroken(" ".join(objections))
    move_case(session, actor, case, CaseAction.LIST, now=now)
    if meeting.state is MeetingState.PLANNED:
        move_meeting(session, actor, meeting, MeetingAction.READY_PACK, now=now)
    return case


def defer_case(session: Session, actor: Actor, command: DeferCase, *, now: datetime) -> ReviewCase:
    """Put a case off that is listed or before the panel, with a reason. It leaves an agenda that lies ahead."""
    require(actor, Permission.LEARNING_RECORD)
    waiting = agenda.upcoming_item(session, queries.get_case(session, actor, command.reference))
    meeting = _hold_meeting(session, waiting.meeting_id) if waiting is not None else None
    case = queries.get_locked_case(session, actor, command.reference)
    if not command.reason.strip():
        raise RuleBroken("Enter why this case is put off.")
    move_case(session, actor, case, CaseAction.DEFER, now=now, reason=command.reason)
    if meeting is not None:
        item = agenda.find_agenda_item(session, meeting, case)
        if item is not None and meeting.state in UPCOMING:
            item.taken_off_at, item.taken_off_by_id = now, actor.user_id
            session.flush()
            close_packs_if_none(session, actor, meeting, now=now)
    return case


def close_packs_if_none(session: Session, actor: Actor, meeting: PanelMeeting, *, now: datetime) -> None:
    """Take a sitting back to being planned when nothing on its agenda is listed any more."""
    if meeting.state is MeetingState.PACK_READY and not agenda.any_listed(agenda.agenda_of(session, meeting)):
        move_meeting(session, actor, meeting, MeetingAction.UNREADY_PACK, now=now)


def _both(session: Session, actor: Actor, command: AgendaItem) -> tuple[PanelMeeting, ReviewCase]:
    """Hold the sitting, then the case, in the order in which everybody holds them."""
    meeting = get_locked_meeting(session, actor, command.meeting)
    require(actor, Permission.MEETING_MANAGE)
    if meeting.state not in UPCOMING:
        raise MoveRefused(OVER_ALREADY)
    return meeting, queries.get_locked_case(session, actor, command.reference)


def _item(session: Session, meeting: PanelMeeting, case: ReviewCase) -> MeetingCase:
    item = agenda.find_agenda_item(session, meeting, case)
    if item is None or item.taken_off_at is not None:
        raise RuleBroken(NOT_ON_AGENDA)
    return item


def _hold_meeting(session: Session, meeting_id: int) -> PanelMeeting:
    return session.scalars(
        select(PanelMeeting)
        .where(PanelMeeting.id == meeting_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
