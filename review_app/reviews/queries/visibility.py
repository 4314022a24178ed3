"""Who may know of which case: the one place that carries out those rows of the access rules.

There are three depths: that a case exists (`known_cases`), its pack for a panel member who attends and has declared no
conflict (`pack_cases`), and its content (`visible_cases`). Recusal wins over each of them: a case in which a person
declared a conflict that hides it is not there for them at any depth, whatever their roles.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, exists, false, not_, or_, select
from sqlalchemy.orm import Session

from review_app.catalogue.queries import retention
from review_app.errors import NotVisible
from review_app.panel.models.meetings import ConfidentialityAcceptance, MeetingAttendance, PanelMeeting
from review_app.panel.rules.meetings import MeetingState, Presence
from review_app.policy import Actor, Held, Permission, allowed, qualifying
from review_app.reviews.models import DeclarationOfInterest, InformationRequest, MeetingCase, ReviewCase
from review_app.reviews.rules.states import (
    CONFLICTS,
    FROM_LISTED,
    HIDES_FROM_ANYONE,
    CaseState,
    ConflictKind,
    RequestState,
)

NO_CASE = "We cannot find that case. Check the reference, or look for it in the list of cases."
HIDDEN_REQUESTS = (RequestState.DRAFT, RequestState.CANCELLED)


def visible_cases(actor: Actor) -> Select[ReviewCase]:
    """Narrow to the cases whose content the person may read. The caller states the order."""
    sees = ReviewCase.id > 0 if allowed(actor, Permission.CASE_SEE) else false()
    return select(ReviewCase).where(_own(actor), sees, ReviewCase.state != CaseState.DESTROYED, not_(recused(actor)))


def known_cases(actor: Actor) -> Select[ReviewCase]:
    """Narrow to the cases of which the person may know that they exist: reference, state and clocks, no content."""
    tests: list[ColumnElement[bool]] = []
    if allowed(actor, Permission.CASE_SEE) or allowed(actor, Permission.CASE_SEE_EXISTS):
        tests.append(ReviewCase.id > 0)
    if allowed(actor, Permission.CASE_SEE_LISTED):
        tests.append(and_(ReviewCase.state.in_(FROM_LISTED), ReviewCase.id.in_(_on_own_agendas(actor))))
    agencies = agencies_answering(actor)
    if agencies:
        asked = select(InformationRequest.case_id).where(
            InformationRequest.agency_id.in_(agencies), InformationRequest.state.not_in(HIDDEN_REQUESTS)
        )
        tests.append(ReviewCase.id.in_(asked))
    return select(ReviewCase).where(_own(actor), or_(false(), *tests), not_(recused(actor)))


def origin_cases(actor: Actor) -> Select[ReviewCase]:
    """Narrow to the known cases of which the person may be told what was learned from which.

    An agency that was asked knows who the person was, and of their review no more than that it was asked: which
    learning came of it would tell them what the panel found. So knowing a case for that reason alone is not enough.
    """
    by_office = frozenset(each for each in actor.assignments if each.held is not Held.AGENCY)
    return known_cases(replace(actor, assignments=by_office))


def agenda_cases(actor: Actor) -> Select[ReviewCase]:
    """Narrow to the cases on the agenda of a sitting that the person attends, for which they are to declare.

    Of these they may know the reference and, having accepted the sitting's statement, the few facts by which a conflict
    is recognised.
    """
    sits = allowed(actor, Permission.CASE_SEE_LISTED) or allowed(actor, Permission.CASE_SEE)
    return select(ReviewCase).where(
        _own(actor),
        ReviewCase.state != CaseState.DESTROYED,
        ReviewCase.id.in_(_on_own_agendas(actor)) if sits else false(),
        not_(recused(actor)),
    )


def pack_cases(actor: Actor, *narrower: ColumnElement[bool], since: datetime) -> Select[ReviewCase]:
    """Narrow to the cases whose pack the person may open as a member of a sitting that deals with them.

    They are on the attendance list, accepted that sitting's confidentiality statement, and declared for the case that
    they have no conflict of any kind. The case is listed or later, the sitting's papers are ready, and it was not held
    before `since`: `readable_since` gives that. `narrower` narrows the sittings.
    """
    accepted = select(ConfidentialityAcceptance.meeting_id).where(ConfidentialityAcceptance.user_id == actor.user_id)
    through = _on_own_agendas(
        actor,
        MeetingCase.meeting_id.in_(accepted),
        PanelMeeting.state != MeetingState.PLANNED,
        or_(PanelMeeting.held_at.is_(None), PanelMeeting.held_at >= since),
        *narrower,
    )
    sits = allowed(actor, Permission.CASE_SEE_LISTED) or allowed(actor, Permission.CASE_SEE)
    return select(ReviewCase).where(
        _own(actor),
        ReviewCase.state.in_(FROM_LISTED),
        ReviewCase.id.in_(through),
        _declared(actor, ConflictKind.NONE) if sits else false(),
        not_(recused(actor)),
    )


def readable_since(session: Session, partnership_id: int, *, now: datetime) -> datetime:
    """Give when a sitting was held whose packs can still be read today, and not those of any earlier one."""
    return now - timedelta(days=retention(session, partnership_id, now=now).packs_readable_days_after_meeting)


def recording_cases(actor: Actor, *, since: datetime) -> Select[ReviewCase]:
    """Narrow to the cases for which the person may record factors and learning.

    They are the coordinator, a chair or deputy, or the scribe of a sitting whose pack of the case they may open. Nobody
    records anything about a case in which they declared a conflict of any kind.
    """
    content = visible_cases(actor).with_only_columns(ReviewCase.id)
    as_scribe = pack_cases(actor, MeetingAttendance.scribe.is_(True), since=since).with_only_columns(ReviewCase.id)
    return select(ReviewCase).where(
        _own(actor),
        or_(ReviewCase.id.in_(content), ReviewCase.id.in_(as_scribe)),
        ReviewCase.id > 0 if allowed(actor, Permission.LEARNING_RECORD) else false(),
        not_(_declared(actor, *CONFLICTS)),
    )


def counted_cases(actor: Actor) -> Select[ReviewCase]:
    """Narrow to the cases the person may know as protected numbers. A recused person's numbers leave the case out."""
    counts = allowed(actor, Permission.CASE_SEE_TOTALS) or allowed(actor, Permission.CASE_SEE)
    return select(ReviewCase).where(_own(actor), ReviewCase.id > 0 if counts else false(), not_(recused(actor)))


def recused(actor: Actor) -> ColumnElement[bool]:
    """Match the cases that a declared conflict hides from this person altogether."""
    return _declared(actor, *(CONFLICTS if allowed(actor, Permission.CASE_SIGN) else HIDES_FROM_ANYONE))


def _declared(actor: Actor, *kinds: ConflictKind) -> ColumnElement[bool]:
    return exists().where(
        DeclarationOfInterest.case_id == ReviewCase.id,
        DeclarationOfInterest.user_id == actor.user_id,
        DeclarationOfInterest.replaced_at.is_(None),
        DeclarationOfInterest.kind.in_(kinds),
    )


def get_case(session: Session, actor: Actor, reference: str) -> ReviewCase:
    """Give a case whose content the person may read. Raises NotVisible."""
    return _one(session, visible_cases(actor), reference)


def reads_case(session: Session, actor: Actor, reference: str) -> bool:
    """Say whether the person may read the content of a case."""
    return session.scalar(visible_cases(actor).where(ReviewCase.reference == reference)) is not None


def get_locked_case(session: Session, actor: Actor, reference: str) -> ReviewCase:
    """Give such a case and hold it until the transaction ends, as it is now. Raises NotVisible."""
    return lock_narrowed(session, actor, visible_cases(actor), reference)


def lock_narrowed(session: Session, actor: Actor, narrowed: Select[ReviewCase], reference: str) -> ReviewCase:
    """Hold a case until the transaction ends, and only then ask whether it is among those narrowed to.

    What is asked while waiting for a lock is answered from before the wait: a conflict that was declared meanwhile
    would be missed. Whoever declares one holds the case too. Raises NotVisible.
    """
    session.execute(select(ReviewCase.id).where(_own(actor), ReviewCase.reference == reference).with_for_update())
    return _one(session, narrowed.execution_options(populate_existing=True), reference)


def lock_cases(session: Session, case_ids: Sequence[int]) -> None:
    """Hold several cases until the transaction ends, one after the other in the order of their numbers."""
    for case_id in sorted(case_ids):
        session.execute(select(ReviewCase.id).where(ReviewCase.id == case_id).with_for_update())


def get_known_case(session: Session, actor: Actor, reference: str) -> ReviewCase:
    """Give a case of which the person may know that it exists. Raises NotVisible."""
    return _one(session, known_cases(actor), reference)


def agencies_answering(actor: Actor) -> frozenset[int]:
    """Give the agencies for which the person answers requests as their representative."""
    held = qualifying(actor, Permission.REQUEST_ANSWER)
    return frozenset(each.agency_id for each in held if each.agency_id is not None)


def _one(session: Session, narrowed: Select[ReviewCase], reference: str) -> ReviewCase:
    case = session.scalar(narrowed.where(ReviewCase.reference == reference))
    if case is None:
        raise NotVisible(NO_CASE, reference=reference)
    return case


def _own(actor: Actor) -> ColumnElement[bool]:
    return ReviewCase.partnership_id == actor.partnership_id


def _on_own_agendas(actor: Actor, *narrower: ColumnElement[bool]) -> Select[int]:
    """Give the ids of cases on the agenda of a sitting that the person attends: invited, and without apologies."""
    return (
        select(MeetingCase.case_id)
        .join(PanelMeeting, PanelMeeting.id == MeetingCase.meeting_id)
        .join(MeetingAttendance, MeetingAttendance.meeting_id == MeetingCase.meeting_id)
        .where(
            MeetingAttendance.user_id == actor.user_id,
            MeetingAttendance.presence != Presence.APOLOGIES,
            MeetingCase.taken_off_at.is_(None),
            PanelMeeting.state != MeetingState.CANCELLED,
            *narrower,
        )
    )
