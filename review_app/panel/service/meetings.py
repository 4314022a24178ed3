"""Sittings of the review panel: planning them, changing the plan, and accepting the confidentiality statement."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from review_app.accounts.references import next_reference
from review_app.audit.service import record
from review_app.catalogue.queries import current_rule_set
from review_app.catalogue.rules.review import ReviewSetting
from review_app.errors import MoveRefused, RuleBroken, Stale
from review_app.filters import when
from review_app.outbox.service import owe
from review_app.panel import emails
from review_app.panel.commands import AcceptStatement, ChangeMeeting, MeetingPlan, PlanMeeting
from review_app.panel.models.meetings import ConfidentialityAcceptance, MeetingAttendance, PanelMeeting
from review_app.panel.queries import meetings as queries
from review_app.panel.rules.meetings import MEETING_WORKFLOW, UPCOMING, MeetingAction, MeetingState
from review_app.policy import Actor, Permission, require
from review_app.working_time import london_day

SECTION = "meeting"
ONE_PRESS = timedelta(minutes=10)
CHANGED = "Somebody changed this meeting while you had it open. Your changes are kept below: press again to use them."
OVER_ALREADY = "This meeting was held or cancelled, so its plan can no longer be changed."


def plan_meeting(session: Session, actor: Actor, command: PlanMeeting, *, now: datetime) -> PanelMeeting:
    """Plan a sitting and tell those invited that it waits. The same plan within minutes is one press made twice."""
    require(actor, Permission.MEETING_MANAGE)
    panel, plan = queries.review_panel_of(session, actor), command.plan
    people = _invited(session, panel.id, plan, now=now)
    if plan.starts_at <= now:
        raise RuleBroken("Enter a date and time that is still to come.")
    pressed_before = _same_plan(session, actor, plan, now=now)
    if pressed_before is not None:
        return pressed_before
    rules = current_rule_set(
        session, ReviewSetting.CONFIDENTIALITY_STATEMENT, now=now, partnership_id=actor.partnership_id
    )
    meeting = PanelMeeting(
        reference=next_reference(session, actor.partnership_id, "M", now=now),
        partnership_id=actor.partnership_id,
        panel_id=panel.id,
        starts_at=plan.starts_at,
        place=plan.place.strip(),
        statement_id=rules.id,
        planned_by_id=actor.user_id,
        planned_at=now,
        attendance=[
            MeetingAttendance(user_id=each.user_id, scribe=each.user_id == plan.scribe_id, invited_at=now)
            for each in people
        ],
    )
    session.add(meeting)
    session.flush()
    changes = {"starts_at": (None, plan.starts_at), "attendance": (None, _ids(plan.user_ids))}
    record(session, actor, "plan_meeting", meeting, at=now, section=SECTION, changes=changes)
    _tell(session, meeting, {each.email for each in people}, emails.meeting_mail(meeting.reference), now=now)
    return meeting


def _same_plan(session: Session, actor: Actor, plan: MeetingPlan, *, now: datetime) -> PanelMeeting | None:
    """Give the sitting that the same press has just planned."""
    return session.scalar(
        select(PanelMeeting)
        .where(
            PanelMeeting.planned_by_id == actor.user_id,
            PanelMeeting.partnership_id == actor.partnership_id,
            PanelMeeting.starts_at == plan.starts_at,
            PanelMeeting.place == plan.place.strip(),
            PanelMeeting.planned_at > now - ONE_PRESS,
            PanelMeeting.state == MeetingState.PLANNED,
        )
        .order_by(PanelMeeting.id)
        .limit(1)
    )


def _invited(session: Session, panel_id: int, plan: MeetingPlan, *, now: datetime) -> list[queries.Seated]:
    """Give the people of a plan. Each of them sits on the panel, and the scribe is one of them."""
    wanted = set(plan.user_ids)
    people = [each for each in queries.seated(session, panel_id, on=london_day(now)) if each.user_id in wanted]
    if not people:
        raise RuleBroken("Select who is invited.")
    if len(people) != len(wanted):
        raise RuleBroken("One of these people no longer sits on the panel. Open the page again and choose once more.")
    if plan.scribe_id is not None and plan.scribe_id not in wanted:
        raise RuleBroken("The scribe must be on the attendance list.")
    return people


def change_meeting(session: Session, actor: Actor, command: ChangeMeeting, *, now: datetime) -> PanelMeeting:
    """Plan a sitting that lies ahead anew. Whoever is new is invited; the others hear of another time or place.

    Somebody taken off the list loses what it gave them at once. What they accepted and declared is kept.
    """
    meeting = queries.get_locked_meeting(session, actor, command.reference)
    require(actor, Permission.MEETING_MANAGE)
    plan = command.plan
    if meeting.state not in UPCOMING:
        raise MoveRefused(OVER_ALREADY)
    standing = {each.user_id: each for each in meeting.attendance}
    if meeting.version != command.version:
        raise Stale(CHANGED, differences=_differences(session, meeting, plan, now=now))
    people = _invited(session, meeting.panel_id, plan, now=now)
    if plan.starts_at != meeting.starts_at and plan.starts_at <= now:
        raise RuleBroken("Enter a date and time that is still to come.")
    moved = (plan.starts_at, plan.place.strip()) != (meeting.starts_at, meeting.place)
    changes = {
        "starts_at": (meeting.starts_at, plan.starts_at),
        "place": (meeting.place, plan.place.strip()),
        "attendance": (_ids(standing), _ids(plan.user_ids)),
        "scribe": (_ids(key for key, each in standing.items() if each.scribe), str(plan.scribe_id or "")),
    }
    meeting.starts_at, meeting.place = plan.starts_at, plan.place.strip()
    for user_id, row in standing.items():
        if user_id not in plan.user_ids:
            meeting.attendance.remove(row)
            session.delete(row)
    for each in people:
        row = standing.get(each.user_id) or MeetingAttendance(user_id=each.user_id, invited_at=now)
        row.scribe = each.user_id == plan.scribe_id
        if each.user_id not in standing:
            meeting.attendance.append(row)
    told = {key: pair for key, pair in changes.items() if pair[0] != pair[1]}
    if told:
        session.flush()
        record(session, actor, "change_meeting", meeting, at=now, section=SECTION, changes=told)
    new = {each.email for each in people if each.user_id not in standing}
    _tell(session, meeting, new, emails.meeting_mail(meeting.reference), now=now)
    if moved:
        rest = {each.email for each in people} - new
        _tell(session, meeting, rest, emails.meeting_moved_mail(meeting.reference), now=now)
    return meeting


def _differences(
    session: Session, meeting: PanelMeeting, plan: MeetingPlan, *, now: datetime
) -> tuple[tuple[str, str, str], ...]:
    names = {each.user_id: each.name for each in queries.seated(session, meeting.panel_id, on=london_day(now))}
    names |= {each.user_id: each.user.name for each in meeting.attendance}
    there = {each.user_id for each in meeting.attendance}
    scribe = next((each.user_id for each in meeting.attendance if each.scribe), None)
    rows = (
        ("When", when(plan.starts_at), when(meeting.starts_at)),
        ("Where", plan.place.strip(), meeting.place),
        ("Attendance list", _names(names, plan.user_ids), _names(names, there)),
        ("Scribe", names.get(plan.scribe_id or 0, ""), names.get(scribe or 0, "")),
    )
    return tuple(row for row in rows if row[1] != row[2])


def _names(names: dict[int, str], user_ids: Collection[int]) -> str:
    return ", ".join(sorted(names.get(user_id, "") for user_id in user_ids))


def _ids(user_ids: Iterable[int]) -> str:
    return ",".join(str(each) for each in sorted(user_ids))


def accept_statement(session: Session, actor: Actor, command: AcceptStatement, *, now: datetime) -> PanelMeeting:
    """Accept the statement of a sitting one is asked to, in the version the sitting has. Once is enough."""
    meeting = queries.get_locked_meeting(session, actor, command.reference)
    queries.get_attendance(session, actor, meeting)
    if meeting.state not in UPCOMING:
        raise MoveRefused("This meeting was held or cancelled, so there is nothing left to accept.")
    if not queries.has_accepted(session, actor, meeting):
        session.add(
            ConfidentialityAcceptance(
                meeting_id=meeting.id, user_id=actor.user_id, statement_id=meeting.statement_id, accepted_at=now
            )
        )
        record(session, actor, "accept_statement", meeting, at=now, section=SECTION)
    return meeting


def move_meeting(
    session: Session, actor: Actor, meeting: PanelMeeting, action: MeetingAction, *, now: datetime
) -> None:
    """Move a sitting that is held locked. The use case has asked for its permission. Raises MoveRefused."""
    before, after = meeting.state, MEETING_WORKFLOW.after(meeting.state, action)
    meeting.state = after
    match after:
        case MeetingState.HELD:
            meeting.held_at = now
        case MeetingState.MINUTED:
            meeting.minuted_at = now
        case MeetingState.CANCELLED:
            meeting.cancelled_at = now
        case _:
            pass
    record(session, actor, action, meeting, at=now, section=SECTION, changes={"state": (before, after)})


def tell_cancelled(session: Session, meeting: PanelMeeting, *, now: datetime) -> None:
    """Tell everybody who was invited that a sitting does not take place."""
    people = queries.attendees(session, meeting, on=london_day(now))
    _tell(session, meeting, {each.email for each in people}, emails.meeting_cancelled_mail(meeting.reference), now=now)


def _tell(
    session: Session, meeting: PanelMeeting, addresses: Collection[str], message: tuple[str, str], *, now: datetime
) -> None:
    """Owe each of these people a message about a sitting: that something waits and where, nothing more."""
    subject, body = message
    for address in sorted(addresses):
        owe(
            session,
            to=address,
            subject=subject,
            body=body,
            due_at=now,
            partnership_id=meeting.partnership_id,
            purpose=SECTION,
        )
