"""Declaring an interest in a case, and putting a declaration right on somebody's behalf.

Whoever declares holds the case while doing so, like whoever signs it: of a signature and a conflict that are made at
the same moment, either the signature was first, or it is not made.
"""

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from review_app.accounts.models import User
from review_app.accounts.queries import get_person
from review_app.audit.service import record
from review_app.errors import NotVisible, RuleBroken
from review_app.panel.models.meetings import MeetingAttendance, PanelMeeting
from review_app.panel.queries.meetings import get_attendance, get_meeting, has_accepted
from review_app.policy import Actor, Permission, require
from review_app.reviews import queries
from review_app.reviews.commands.meetings import CorrectDeclaration, DeclareInterest
from review_app.reviews.models import DeclarationOfInterest, MeetingCase, ReviewCase
from review_app.reviews.queries import agenda
from review_app.reviews.queries.declarations import ACCEPT_FIRST
from review_app.reviews.queries.reading import read_before
from review_app.reviews.rules.states import ConflictKind

SECTION = "declarations"


def declare_interest(session: Session, actor: Actor, command: DeclareInterest, *, now: datetime) -> ReviewCase:
    """Declare what one has to do with a case. A later declaration takes the place of an earlier one.

    From a conflict on, the person sees no more of the case than their role still lets them; what they had read before
    is in the record. Who no longer sees the case cannot declare for it again.
    """
    meeting = _accepted_meeting(session, actor, command.meeting) if command.meeting else None
    knows, sits = queries.known_cases(actor), queries.agenda_cases(actor)
    may = select(ReviewCase).where(
        or_(
            ReviewCase.id.in_(knows.with_only_columns(ReviewCase.id)),
            ReviewCase.id.in_(sits.with_only_columns(ReviewCase.id)),
        )
    )
    case = queries.lock_narrowed(session, actor, may, command.reference)
    if meeting is not None and not _on_agenda(session, meeting, case):
        raise NotVisible(queries.NO_CASE, reference=command.reference)
    if command.kind is not ConflictKind.NONE and not command.words.strip():
        raise RuleBroken("Enter in a few words what the interest is.")
    words = command.words if command.kind is not ConflictKind.NONE else ""
    _put(session, actor, case, actor.user_id, command.kind, words, meeting, now=now)
    return case


def correct_declaration(session: Session, actor: Actor, command: CorrectDeclaration, *, now: datetime) -> ReviewCase:
    """Put a declaration right for somebody who asked for it, or who can no longer do it, with the reason."""
    case = queries.get_locked_case(session, actor, command.reference)
    require(actor, Permission.MEETING_MANAGE)
    person = get_person(session, actor, command.user_id)
    if person.id == actor.user_id:
        raise RuleBroken("This is your own declaration. Declare for yourself, or ask another coordinator.")
    if not command.reason.strip():
        raise RuleBroken("Enter why you put this declaration right.")
    if agenda.find_declaration(session, case.id, person.id) is None and not _is_invited(session, case, person):
        raise RuleBroken("This person has not declared for this case and is not asked to a meeting about it.")
    _put(session, actor, case, person.id, command.kind, command.reason, None, now=now)
    return case


def _put(
    session: Session,
    actor: Actor,
    case: ReviewCase,
    user_id: int,
    kind: ConflictKind,
    words: str,
    meeting: PanelMeeting | None,
    *,
    now: datetime,
) -> None:
    standing = agenda.find_declaration(session, case.id, user_id)
    if standing is not None and (standing.kind, standing.words) == (kind, words.strip()):
        return
    if standing is not None:
        standing.replaced_at = now
        session.flush()
    made = DeclarationOfInterest(
        case_uuid=case.uuid,
        case_id=case.id,
        user_id=user_id,
        meeting_id=meeting.id if meeting is not None else None,
        kind=kind,
        declared_at=now,
        declared_by_id=actor.user_id,
    )
    made.words = words.strip()
    session.add(made)
    changes = {"declaration": (standing.kind if standing else None, kind)}
    verb = "declare_interest" if user_id == actor.user_id else "correct_declaration"
    record(session, actor, verb, case, at=now, section=SECTION, changes=changes)
    if kind is not ConflictKind.NONE and read_before(session, case, user_id, until=now).anything:
        record(session, actor, "conflict_after_reading", case, at=now, section=SECTION)


def _accepted_meeting(session: Session, actor: Actor, reference: str) -> PanelMeeting:
    """Give a sitting the person is asked to and whose statement they accepted: declarations come after that."""
    meeting = get_meeting(session, actor, reference)
    get_attendance(session, actor, meeting)
    if not has_accepted(session, actor, meeting):
        raise RuleBroken(ACCEPT_FIRST)
    return meeting


def _on_agenda(session: Session, meeting: PanelMeeting, case: ReviewCase) -> bool:
    item = agenda.find_agenda_item(session, meeting, case)
    return item is not None and item.taken_off_at is None


def _is_invited(session: Session, case: ReviewCase, person: User) -> bool:
    invited = (
        select(MeetingAttendance.id)
        .join(MeetingCase, MeetingCase.meeting_id == MeetingAttendance.meeting_id)
        .where(
            MeetingAttendance.user_id == person.id,
            MeetingCase.case_id == case.id,
            MeetingCase.taken_off_at.is_(None),
        )
    )
    return session.scalar(invited.limit(1)) is not None
