"""Who may know of which case: the one place that carries out those rows of the access rules.

There are three depths: that a case exists (`known_cases`), its pack for a panel member who attends and has declared no
conflict (`pack_cases`), and its content (`visible_cases`). Recusal wins over each of them: a case in which a person
declared a conflict that hides it is not there for them at any depth, whatever their roles.
"""

from sqlalchemy import ColumnElement, Select, and_, exists, false, not_, or_, select
from sqlalchemy.orm import Session

from review_app.errors import NotVisible
from review_app.panel.models.meetings import ConfidentialityAcceptance, MeetingAttendance, PanelMeeting
from review_app.panel.rules.meetings import MeetingState
from review_app.policy import Actor, Permission, allowed, qualifying
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


def pack_cases(actor: Actor) -> Select[ReviewCase]:
    """Narrow to the cases whose pack the person may open as a member of a sitting that deals with them.

    They are on the attendance list, accepted that sitting's confidentiality statement, and declared for the case that
    they have no conflict of any kind. The case is listed or later, and the sitting's papers are ready.
    """
    declared = exists().where(
        DeclarationOfInterest.case_id == ReviewCase.id,
        DeclarationOfInterest.user_id == actor.user_id,
        DeclarationOfInterest.replaced_at.is_(None),
        DeclarationOfInterest.kind == ConflictKind.NONE,
    )
    accepted = select(ConfidentialityAcceptance.meeting_id).where(ConfidentialityAcceptance.user_id == actor.user_id)
    sits = allowed(actor, Permission.CASE_SEE_LISTED) or allowed(actor, Permission.CASE_SEE)
    return select(ReviewCase).where(
        _own(actor),
        ReviewCase.state.in_(FROM_LISTED),
        ReviewCase.id.in_(_on_own_agendas(actor, MeetingCase.meeting_id.in_(accepted), ready=True)),
        declared if sits else false(),
        not_(recused(actor)),
    )


def counted_cases(actor: Actor) -> Select[ReviewCase]:
    """Narrow to the cases the person may know as protected numbers. A recused person's numbers leave the case out."""
    counts = allowed(actor, Permission.CASE_SEE_TOTALS) or allowed(actor, Permission.CASE_SEE)
    return select(ReviewCase).where(_own(actor), ReviewCase.id > 0 if counts else false(), not_(recused(actor)))


def recused(actor: Actor) -> ColumnElement[bool]:
    """Match the cases that a declared conflict hides from this person altogether."""
    chairs = allowed(actor, Permission.CASE_SIGN)
    return exists().where(
        DeclarationOfInterest.case_id == ReviewCase.id,
        DeclarationOfInterest.user_id == actor.user_id,
        DeclarationOfInterest.replaced_at.is_(None),
        DeclarationOfInterest.kind.in_(CONFLICTS if chairs else HIDES_FROM_ANYONE),
    )


def get_case(session: Session, actor: Actor, reference: str) -> ReviewCase:
    """Give a case whose content the person may read. Raises NotVisible."""
    return _one(session, visible_cases(actor), reference)


def get_locked_case(session: Session, actor: Actor, reference: str) -> ReviewCase:
    """Give such a case and hold it until the transaction ends, as it is now. Raises NotVisible."""
    held = visible_cases(actor).with_for_update(of=ReviewCase).execution_options(populate_existing=True)
    return _one(session, held, reference)


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


def _on_own_agendas(actor: Actor, *narrower: ColumnElement[bool], ready: bool = False) -> Select[int]:
    """Give the ids of cases on the agenda of a sitting whose attendance list names the person."""
    out = (MeetingState.PLANNED, MeetingState.CANCELLED) if ready else (MeetingState.CANCELLED,)
    return (
        select(MeetingCase.case_id)
        .join(PanelMeeting, PanelMeeting.id == MeetingCase.meeting_id)
        .join(MeetingAttendance, MeetingAttendance.meeting_id == MeetingCase.meeting_id)
        .where(
            MeetingAttendance.user_id == actor.user_id,
            MeetingCase.taken_off_at.is_(None),
            PanelMeeting.state.not_in(out),
            *narrower,
        )
    )
