"""For which case somebody declares, and what stands declared about it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from review_app.accounts.queries import get_person
from review_app.errors import NotVisible, RuleBroken
from review_app.panel.queries.meetings import get_attendance, get_meeting, has_accepted
from review_app.policy import Actor
from review_app.reviews.models import ReviewCase
from review_app.reviews.queries import agenda
from review_app.reviews.queries.sittings import items_for
from review_app.reviews.queries.visibility import NO_CASE, get_case, known_cases
from review_app.reviews.rules.states import ConflictKind

ACCEPT_FIRST = "Accept the confidentiality statement of this meeting first."


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What somebody's declaration about a case says now; None where they have not declared."""

    case: ReviewCase
    name: str
    kind: ConflictKind | None
    declared_at: datetime | None


def case_to_declare(session: Session, actor: Actor, meeting_reference: str, reference: str) -> ReviewCase:
    """Give a case on the agenda of a sitting whose statement the person accepted. Raises NotVisible or RuleBroken."""
    meeting = get_meeting(session, actor, meeting_reference)
    get_attendance(session, actor, meeting)
    case = next((i.case for i in items_for(session, actor, meeting) if i.case.reference == reference), None)
    if case is None:
        raise NotVisible(NO_CASE, reference=reference)
    if not has_accepted(session, actor, meeting):
        raise RuleBroken(ACCEPT_FIRST)
    return case


def still_known(session: Session, actor: Actor, reference: str) -> bool:
    """Say whether the person may still know of a case for which they have just declared."""
    return session.scalar(known_cases(actor).where(ReviewCase.reference == reference)) is not None


def declaration_to_correct(session: Session, actor: Actor, reference: str, user_id: int) -> Standing:
    """Give what somebody declared about a case whose content the person may read. Raises NotVisible."""
    case, person = get_case(session, actor, reference), get_person(session, actor, user_id)
    found = agenda.find_declaration(session, case.id, person.id)
    return Standing(
        case=case,
        name=person.name,
        kind=found.kind if found is not None else None,
        declared_at=found.declared_at if found is not None else None,
    )
