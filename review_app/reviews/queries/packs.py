"""The pack of one case for one sitting: what a panel member reads, with nothing in it that names anybody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from review_app import events
from review_app.accounts.queries import people_names
from review_app.catalogue.queries import factors, retention
from review_app.catalogue.rules.review import FactorDomain
from review_app.errors import NotVisible
from review_app.panel.models.meetings import PanelMeeting
from review_app.panel.queries.meetings import get_meeting
from review_app.policy import Actor
from review_app.reviews.models import DeathNotification, InformationRequest, MeetingCase, ReviewCase
from review_app.reviews.queries.factors import FactorBoard, factor_board
from review_app.reviews.queries.identifying import identities_of
from review_app.reviews.queries.recognition import Recognition, recognition
from review_app.reviews.queries.requests import latest_return, requests_of
from review_app.reviews.queries.visibility import NO_CASE, pack_cases, readable_since
from review_app.reviews.rules.notified import Identity, read_known
from review_app.reviews.rules.states import RequestState, ReturnKind
from review_app.reviews.rules.without_names import deidentified
from review_app.sections import PackPage, Section
from review_app.wording import word

UNANSWERED = {RequestState.DECLINED: "declined to answer", RequestState.WAIVED: "was not waited for"}


@dataclass(frozen=True, kw_only=True)
class Pack:
    """What the pack shows to one reader. `until` is when it closes, once its sitting was held.

    `suspected` and `substances` are what any notification says of the cause, before anybody confirms it.
    """

    meeting: PanelMeeting
    reference: str
    reader: str
    facts: Recognition
    limbs: tuple[str, ...]
    suspected: tuple[str, ...]
    substances: tuple[str, ...]
    sections: tuple[Section, ...]
    board: FactorBoard
    unknown: tuple[str, ...]
    prompts: tuple[FactorDomain, ...]
    until: datetime | None


def get_pack_case(
    session: Session, actor: Actor, meeting_reference: str, reference: str, *, now: datetime
) -> tuple[PanelMeeting, ReviewCase]:
    """Give a sitting with a case whose pack the person may open there. Raises NotVisible."""
    meeting = get_meeting(session, actor, meeting_reference)
    since = readable_since(session, actor.partnership_id, now=now)
    found = pack_cases(actor, PanelMeeting.id == meeting.id, since=since).where(ReviewCase.reference == reference)
    case = session.scalar(found)
    if case is None:
        raise NotVisible(NO_CASE, reference=reference)
    return meeting, case


def pack(session: Session, actor: Actor, meeting: PanelMeeting, case: ReviewCase, *, now: datetime) -> Pack:
    """Give the pack of a case that the person has just opened."""
    asked = PackPage(case_id=case.id, meeting_id=meeting.id, actor=actor, now=now)
    sections = (each for each in events.answers(session, asked) if isinstance(each, Section))
    days = timedelta(days=retention(session, case.partnership_id, now=now).packs_readable_days_after_meeting)
    facts, suspected, substances = recognition(session, case), *_cause(session, case)
    return Pack(
        meeting=meeting,
        reference=case.reference,
        reader=people_names(session, {actor.user_id})[actor.user_id],
        facts=facts,
        limbs=tuple(case.limbs),
        suspected=suspected,
        substances=substances,
        sections=tuple(sorted(sections, key=lambda each: each.order)),
        board=factor_board(session, actor, case, now=now),
        unknown=_unknown(session, case, facts),
        prompts=factors(session, case.partnership_id, now=now).domains,
        until=meeting.held_at + days if meeting.held_at is not None else None,
    )


def _cause(session: Session, case: ReviewCase) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give the suspected causes in words, and the substances, of all notifications of a case, each once."""
    rows = select(DeathNotification).where(DeathNotification.case_id == case.id).order_by(DeathNotification.id)
    known, people = [read_known(row.content) for row in session.scalars(rows)], identities_of(session, case)
    suspected = [word(each, "suspected").text for one in known for each in one.suspected]
    substances = [deidentified(each, people) for one in known for each in one.substances]
    return tuple(dict.fromkeys(suspected)), tuple(dict.fromkeys(substances))


def _unknown(session: Session, case: ReviewCase, facts: Recognition) -> tuple[str, ...]:
    """Say what is not known, a sentence each, so that nobody takes silence for an answer."""
    blanks = (("The person’s age", facts.age), ("The month of the death", facts.died), ("The town", facts.town))
    found = [f"{what} is not known." for what, value in blanks if not value]
    people = identities_of(session, case)
    for request in requests_of(session, case):
        found.extend(_unsaid(request, people))
    return tuple(found)


def _unsaid(request: InformationRequest, people: Sequence[Identity]) -> list[str]:
    """Say that an agency did not answer, or what it said is missing from its answer."""
    if request.state in UNANSWERED:
        return [f"{request.agency.name} {UNANSWERED[request.state]}."]
    newest = latest_return(request)
    if request.state is RequestState.CANCELLED or newest is None or newest.kind is not ReturnKind.PARTIAL:
        return []
    return [f"{request.agency.name} answered in part. What it says is missing: {deidentified(newest.reason, people)}"]


def meeting_to_read_in(session: Session, actor: Actor, reference: str, *, now: datetime) -> str:
    """Name the latest sitting for which the person may open the pack of a case; nothing where there is none."""
    since = readable_since(session, actor.partnership_id, now=now)
    rows = (
        select(PanelMeeting)
        .join(MeetingCase, MeetingCase.meeting_id == PanelMeeting.id)
        .join(ReviewCase, ReviewCase.id == MeetingCase.case_id)
        .where(ReviewCase.reference == reference, MeetingCase.taken_off_at.is_(None))
        .order_by(PanelMeeting.starts_at.desc(), PanelMeeting.id.desc())
    )
    for meeting in session.scalars(rows):
        opens = pack_cases(actor, PanelMeeting.id == meeting.id, since=since)
        if session.scalar(opens.where(ReviewCase.reference == reference)) is not None:
            return meeting.reference
    return ""
