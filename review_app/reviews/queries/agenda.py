"""What stands on a sitting's agenda, and what the people on its attendance list declared for it.

These are for use cases and pages that have narrowed to the person already; they leave nobody's case out.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from review_app import events
from review_app.panel.models.meetings import PanelMeeting
from review_app.panel.queries.meetings import Attendee, attendees, chairs_among
from review_app.panel.rules.meetings import UPCOMING, MeetingState, Presence
from review_app.reviews.events import CaseSignsOff
from review_app.reviews.models import DeclarationOfInterest, MeetingCase, ReviewCase
from review_app.reviews.rules.findings import Chairing, Sitter, chairing, objections_to_listing
from review_app.reviews.rules.states import CaseState, ConflictKind

NO_MINUTES = "Keep the minutes of {meeting} first: they say what was decided about this case."
Declared = Mapping[int, ConflictKind]
"""What people declared about one case, by their account."""


@dataclass(frozen=True, kw_only=True)
class Table:
    """The people of one sitting, and what each declared about each case on its agenda."""

    people: tuple[Attendee, ...]
    ranks: Mapping[int, int]
    declared: Mapping[int, Declared]

    def sitters(self, case_id: int, *, came: bool = False) -> list[Sitter]:
        """Give those with whom the sitting reckons, or only those who came, as the rules about a case look at them."""
        declared = self.declared.get(case_id, {})
        return [
            Sitter(name=each.name, rank=self.ranks.get(each.user_id), declared=declared.get(each.user_id))
            for each in self.people
            if (each.presence is Presence.ATTENDED if came else each.expected)
        ]

    def chairing(self, case_id: int) -> Chairing:
        """Say who chairs a case."""
        return chairing(self.sitters(case_id))

    def objections(self, case_id: int, *, came: bool = False) -> list[str]:
        """Say what stands in the way of listing a case, or of the panel's taking it up."""
        return objections_to_listing(self.sitters(case_id, came=came))


def table_of(session: Session, meeting: PanelMeeting, case_ids: Collection[int], *, on: date) -> Table:
    """Give the people of a sitting and what they declared about these cases."""
    people = attendees(session, meeting, on=on)
    ranks = chairs_among(session, meeting.partnership_id, {each.user_id for each in people}, on=on)
    return Table(people=tuple(people), ranks=ranks, declared=declarations_of(session, case_ids))


def declarations_of(session: Session, case_ids: Collection[int]) -> dict[int, dict[int, ConflictKind]]:
    """Give what stands declared about each of these cases, by account."""
    rows = session.execute(
        select(DeclarationOfInterest.case_id, DeclarationOfInterest.user_id, DeclarationOfInterest.kind).where(
            DeclarationOfInterest.case_id.in_(case_ids), DeclarationOfInterest.replaced_at.is_(None)
        )
    )
    found: dict[int, dict[int, ConflictKind]] = {}
    for case_id, user_id, kind in rows:
        found.setdefault(case_id, {})[user_id] = kind
    return found


def find_declaration(session: Session, case_id: int, user_id: int) -> DeclarationOfInterest | None:
    """Find what a person's declaration about a case is now."""
    return session.scalar(
        select(DeclarationOfInterest).where(
            DeclarationOfInterest.case_id == case_id,
            DeclarationOfInterest.user_id == user_id,
            DeclarationOfInterest.replaced_at.is_(None),
        )
    )


def agenda_of(session: Session, meeting: PanelMeeting) -> Sequence[MeetingCase]:
    """Give what stands on a sitting's agenda, in order, with the cases as they are now."""
    return session.scalars(
        select(MeetingCase)
        .where(MeetingCase.meeting_id == meeting.id, MeetingCase.taken_off_at.is_(None))
        .options(joinedload(MeetingCase.case, innerjoin=True))
        .order_by(MeetingCase.position, MeetingCase.id)
        .execution_options(populate_existing=True)
    ).all()


def find_agenda_item(session: Session, meeting: PanelMeeting, case: ReviewCase) -> MeetingCase | None:
    """Find a case's place on a sitting's agenda, even where it was taken off."""
    return session.scalar(
        select(MeetingCase).where(MeetingCase.meeting_id == meeting.id, MeetingCase.case_id == case.id)
    )


def upcoming_item(session: Session, case: ReviewCase) -> MeetingCase | None:
    """Find the case's place on the agenda of a sitting that lies ahead; it has one at most."""
    return session.scalar(
        select(MeetingCase)
        .join(PanelMeeting, PanelMeeting.id == MeetingCase.meeting_id)
        .where(MeetingCase.case_id == case.id, MeetingCase.taken_off_at.is_(None), PanelMeeting.state.in_(UPCOMING))
        .options(joinedload(MeetingCase.meeting, innerjoin=True))
        .order_by(MeetingCase.id.desc())
        .limit(1)
    )


def meetings_of(session: Session, case: ReviewCase) -> Sequence[MeetingCase]:
    """Give every agenda a case stands on, of sittings that were held or lie ahead or were cancelled, oldest first."""
    return session.scalars(
        select(MeetingCase)
        .join(PanelMeeting, PanelMeeting.id == MeetingCase.meeting_id)
        .where(MeetingCase.case_id == case.id, MeetingCase.taken_off_at.is_(None))
        .options(joinedload(MeetingCase.meeting, innerjoin=True))
        .order_by(PanelMeeting.starts_at, MeetingCase.id)
    ).all()


def objections_to_signing(session: Session, case: ReviewCase, *, now: datetime) -> list[str]:
    """Say what stands in the way of signing a case off: a sitting about it without minutes, or what learning lacks."""
    held = [item.meeting for item in meetings_of(session, case) if item.meeting.state is MeetingState.HELD]
    missing = [NO_MINUTES.format(meeting=meeting.reference) for meeting in held]
    return [*missing, *events.objections(session, CaseSignsOff(case_id=case.id, at=now))]


def any_listed(items: Sequence[MeetingCase]) -> bool:
    """Say whether a case of this agenda is listed."""
    return any(item.case.state is CaseState.LISTED for item in items)
