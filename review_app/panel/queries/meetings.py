"""Who may know of which sitting of the review panel, who can be asked to it, and who is on its attendance list."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, exists, false, or_, select
from sqlalchemy.orm import Session, joinedload

from review_app.accounts.models import Agency, Panel, PanelMember, RoleAssignment, User
from review_app.accounts.queries import in_force
from review_app.errors import NotAllowed, NotVisible
from review_app.panel.models.meetings import ConfidentialityAcceptance, MeetingAttendance, PanelMeeting
from review_app.panel.rules.meetings import Presence
from review_app.policy import PANEL_ROLES, Actor, PanelKind, Permission, Role, allowed

NO_MEETING = "We cannot find that meeting. Check the reference, or look for it in the list of meetings."
NOT_ON_THE_LIST = "You are not on the attendance list of this meeting. Nothing was changed. Ask the coordinator."
NOT_THE_RECORDER = "The coordinator, a chair or the scribe of this meeting keeps its record. Nothing was changed."
CHAIRS = frozenset({Role.CHAIR, Role.DEPUTY_CHAIR})


@dataclass(frozen=True, kw_only=True)
class Seated:
    """Somebody who holds a role on a panel: for which agency, and whether they may chair."""

    user_id: int
    name: str
    email: str
    agency: str
    chairs: bool


@dataclass(frozen=True, kw_only=True)
class Attendee:
    """Somebody on a sitting's attendance list."""

    user_id: int
    name: str
    email: str
    agency: str
    chairs: bool
    scribe: bool
    presence: Presence
    accepted: bool

    @property
    def expected(self) -> bool:
        """Say whether the sitting still reckons with them."""
        return self.presence is not Presence.APOLOGIES


def visible_meetings(actor: Actor) -> Select[PanelMeeting]:
    """Narrow to the sittings of which the person may know: all of them, or those they are asked to."""
    tests: list[ColumnElement[bool]] = [false()]
    if allowed(actor, Permission.MEETING_SEE) or allowed(actor, Permission.DECLARATION_SEE):
        tests.append(PanelMeeting.id > 0)
    if allowed(actor, Permission.MEETING_SEE_OWN):
        tests.append(_asked(actor))
    review_panels = select(Panel.id).where(Panel.kind == PanelKind.REVIEW)
    return select(PanelMeeting).where(
        PanelMeeting.partnership_id == actor.partnership_id, PanelMeeting.panel_id.in_(review_panels), or_(*tests)
    )


def own_meetings(actor: Actor) -> Select[PanelMeeting]:
    """Narrow to the sittings whose attendance list names the person."""
    return visible_meetings(actor).where(_asked(actor))


def _asked(actor: Actor) -> ColumnElement[bool]:
    return exists().where(MeetingAttendance.meeting_id == PanelMeeting.id, MeetingAttendance.user_id == actor.user_id)


def get_meeting(session: Session, actor: Actor, reference: str) -> PanelMeeting:
    """Give a sitting. Raises NotVisible."""
    meeting = session.scalar(visible_meetings(actor).where(PanelMeeting.reference == reference))
    if meeting is None:
        raise NotVisible(NO_MEETING, reference=reference)
    return meeting


def get_locked_meeting(session: Session, actor: Actor, reference: str) -> PanelMeeting:
    """Give a sitting and hold it until the transaction ends, as it is now. Raises NotVisible."""
    wanted = select(PanelMeeting.id).where(
        PanelMeeting.reference == reference, PanelMeeting.partnership_id == actor.partnership_id
    )
    session.execute(wanted.with_for_update())
    narrowed = visible_meetings(actor).where(PanelMeeting.reference == reference)
    meeting = session.scalar(narrowed.execution_options(populate_existing=True))
    if meeting is None:
        raise NotVisible(NO_MEETING, reference=reference)
    return meeting


def find_attendance(session: Session, actor: Actor, meeting: PanelMeeting) -> MeetingAttendance | None:
    """Find the person's own place on a sitting's attendance list."""
    return session.scalar(
        select(MeetingAttendance).where(
            MeetingAttendance.meeting_id == meeting.id, MeetingAttendance.user_id == actor.user_id
        )
    )


def get_attendance(session: Session, actor: Actor, meeting: PanelMeeting) -> MeetingAttendance:
    """Give the person's own place on a sitting's attendance list. Raises NotAllowed."""
    own = find_attendance(session, actor, meeting)
    if own is None:
        raise NotAllowed(NOT_ON_THE_LIST)
    return own


def has_accepted(session: Session, actor: Actor, meeting: PanelMeeting) -> bool:
    """Say whether the person accepted this sitting's confidentiality statement."""
    found = select(ConfidentialityAcceptance.id).where(
        ConfidentialityAcceptance.meeting_id == meeting.id, ConfidentialityAcceptance.user_id == actor.user_id
    )
    return session.scalar(found) is not None


def records_meeting(session: Session, actor: Actor, meeting: PanelMeeting) -> bool:
    """Say whether the person keeps this sitting's record: the coordinator, a chair or deputy, or its scribe."""
    if allowed(actor, Permission.MEETING_MANAGE) or allowed(actor, Permission.LEARNING_AGREE):
        return True
    own = find_attendance(session, actor, meeting)
    return own is not None and own.scribe and allowed(actor, Permission.LEARNING_RECORD)


def review_panel_of(session: Session, actor: Actor) -> Panel:
    """Give the panel whose sittings the coordinator plans. Raises NotVisible while there is none."""
    own = [a.panel_id for a in actor.assignments if a.role is Role.COORDINATOR and a.panel_id is not None]
    panel = session.scalar(
        select(Panel)
        .where(Panel.partnership_id == actor.partnership_id, Panel.kind == PanelKind.REVIEW, Panel.id.in_(own))
        .order_by(Panel.id)
        .limit(1)
    )
    if panel is None:
        raise NotVisible("This partnership has no review panel yet. Ask an administrator to set one up.")
    return panel


def seated(session: Session, panel_id: int, *, on: date) -> list[Seated]:
    """Give everyone active who holds a role on a panel today, by name."""
    rows = session.execute(
        select(User, RoleAssignment.role)
        .join(RoleAssignment, RoleAssignment.user_id == User.id)
        .where(RoleAssignment.panel_id == panel_id, RoleAssignment.role.in_(PANEL_ROLES), in_force(on), User.active)
        .order_by(User.name, User.id)
    ).all()
    agencies = _agencies_on_panel(session, panel_id, {user.id for user, _role in rows}, on=on)
    found: dict[int, Seated] = {}
    for user, role in rows:
        earlier = found.get(user.id)
        found[user.id] = Seated(
            user_id=user.id,
            name=user.name,
            email=user.email,
            agency=agencies.get(user.id, ""),
            chairs=role in CHAIRS or (earlier is not None and earlier.chairs),
        )
    return list(found.values())


def _agencies_on_panel(session: Session, panel_id: int, user_ids: Collection[int], *, on: date) -> dict[int, str]:
    """Give for which agency each of these people sits on a panel, the latest seat for one who had several."""
    rows = session.execute(
        select(PanelMember.user_id, Agency.name)
        .join(Agency, Agency.id == PanelMember.agency_id)
        .where(
            PanelMember.panel_id == panel_id,
            PanelMember.user_id.in_(user_ids),
            and_(PanelMember.starts_on <= on, or_(PanelMember.ends_on.is_(None), PanelMember.ends_on >= on)),
        )
        .order_by(PanelMember.id)
    )
    return dict(rows.all())


def attendees(session: Session, meeting: PanelMeeting, *, on: date) -> list[Attendee]:
    """Give a sitting's attendance list by name, chairs first."""
    rows = session.scalars(
        select(MeetingAttendance)
        .where(MeetingAttendance.meeting_id == meeting.id)
        .options(joinedload(MeetingAttendance.user))
        .execution_options(populate_existing=True)
    ).all()
    ids = {row.user_id for row in rows}
    chairing = chairs_among(session, meeting.partnership_id, ids, on=on)
    agencies = _agencies_on_panel(session, meeting.panel_id, ids, on=on)
    accepted = set(
        session.scalars(
            select(ConfidentialityAcceptance.user_id).where(ConfidentialityAcceptance.meeting_id == meeting.id)
        )
    )
    listed = [
        Attendee(
            user_id=row.user_id,
            name=row.user.name,
            email=row.user.email,
            agency=agencies.get(row.user_id, ""),
            chairs=row.user_id in chairing,
            scribe=row.scribe,
            presence=row.presence,
            accepted=row.user_id in accepted,
        )
        for row in rows
    ]
    return sorted(listed, key=lambda each: (chairing.get(each.user_id, 2), each.name, each.user_id))


def chairs_among(session: Session, partnership_id: int, user_ids: Collection[int], *, on: date) -> dict[int, int]:
    """Give who of these people may chair a review panel here today: 0 for a chair, 1 for a deputy."""
    panels = select(Panel.id).where(Panel.partnership_id == partnership_id, Panel.kind == PanelKind.REVIEW)
    rows = session.execute(
        select(RoleAssignment.user_id, RoleAssignment.role).where(
            RoleAssignment.panel_id.in_(panels),
            RoleAssignment.role.in_(CHAIRS),
            RoleAssignment.user_id.in_(user_ids),
            in_force(on),
        )
    )
    found: dict[int, int] = {}
    for user_id, role in rows:
        found[user_id] = min(found.get(user_id, 1), 0 if role is Role.CHAIR else 1)
    return found
