"""Invented reviews of deaths for tests, each brought to a stage.

    case = reviewing.make_case(session, place, now=clock.now())                         a case that was just notified
    case = reviewing.make_case(session, place, now=clock.now(), state=CaseState.SELECTED, limbs=("a",))
    housing, police = reviewing.ask(session, place, case, "housing", "treatment", now=clock.now())
    reviewing.answer(session, place, housing, now=clock.now(), worked_well="She was met at the gate.")
    reviewing.declare(session, place, case, "housing.rep", ConflictKind.FAMILY_OR_FRIEND, now=clock.now())

Everything is flushed, nothing is committed.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy.orm import Session

from review_app import keystore
from review_app.catalogue.rules.agency_return import ReturnSection
from review_app.keystore import RecordKind
from review_app.policy import Actor
from review_app.reviews.commands.requests import AskAgencies, SaveDraft, SaveEntry, SendReturn
from review_app.reviews.models import AgencyReturn, DeclarationOfInterest, InformationRequest, ReviewCase, SideFlag
from review_app.reviews.queries.requests import content_in_work, draft_of, get_own_request
from review_app.reviews.references import new_case_reference
from review_app.reviews.rules.chronology import Certainty
from review_app.reviews.rules.requests import Answer, ReturnEntry, digest_of, read_content
from review_app.reviews.rules.states import CaseState, ConflictKind, FlagKind, ReturnKind
from review_app.reviews.service.requests import ask_agencies
from review_app.reviews.service.returns import save_draft, save_entry, send_return
from tests.factories import Place

SIGNED = (CaseState.SIGNED_OFF, CaseState.ACTIONS_OPEN, CaseState.CLOSED, CaseState.REOPENED, CaseState.RETAINED)
NO_LIMBS_YET = (CaseState.NOTIFIED, CaseState.TRIAGE, CaseState.OUT_OF_SCOPE)


def make_case(
    session: Session,
    place: Place,
    *,
    now: datetime,
    state: CaseState = CaseState.NOTIFIED,
    limbs: Sequence[str] = ("a",),
    flags: Sequence[FlagKind] = (),
) -> ReviewCase:
    """Make a case in a state. One that was not triaged has no limbs."""
    uuid = str(uuid4())
    keystore.create_data_key(RecordKind.REVIEW_CASE, uuid, now=now)
    case = ReviewCase(
        uuid=uuid,
        reference=new_case_reference(session, place.partnership.id),
        partnership_id=place.partnership.id,
        panel_id=place.review_panel.id,
        state=state,
        limbs=[] if state in NO_LIMBS_YET else list(limbs),
        opened_at=now,
        moved_at=now,
        signed_at=now if state in SIGNED else None,
        closed_at=now if state in (CaseState.CLOSED, CaseState.RETAINED) else None,
        destroyed_at=now if state is CaseState.DESTROYED else None,
    )
    session.add(case)
    session.flush()
    for kind in flags:
        raise_flag(session, place, case, kind, now=now)
    return case


def raise_flag(session: Session, place: Place, case: ReviewCase, kind: FlagKind, *, now: datetime) -> SideFlag:
    """Put a flag beside a case, by the coordinator."""
    flag = SideFlag(
        case_uuid=case.uuid,
        case_id=case.id,
        kind=kind,
        raised_at=now,
        raised_by_id=place.user("review.coordinator").id,
    )
    session.add(flag)
    session.flush()
    return flag


def ask(session: Session, place: Place, case: ReviewCase, *agencies: str, now: datetime, **words: Any
        ) -> list[InformationRequest]:  # fmt: skip
    """Ask agencies by their keys about a case, by the coordinator; each needs a representative."""
    command = AskAgencies(
        reference=case.reference, agency_ids=tuple(place.agencies[each].id for each in agencies), **words
    )
    return ask_agencies(session, place.actor("review.coordinator"), command, now=now)


COMPLETE: dict[str, Answer] = {"known": "yes", "third_party_information": "no", "author": "Pat Example, manager"}


def an_event(key: str = "a", happened: str = "5 March 2026", **parts: Any) -> ReturnEntry:
    """Give an event as a return tells it; certainty and section may be given by their words."""
    parts["section"] = ReturnSection(parts.get("section", "general"))
    parts["certainty"] = Certainty(parts.get("certainty", "exact"))
    return ReturnEntry(**{"key": key, "happened": happened, "kind": "contact", "what": "Seen.", "saved": 0, **parts})


def write(
    session: Session,
    actor: Actor,
    reference: str,
    *,
    now: datetime,
    events: Sequence[ReturnEntry] = (),
    **answers: Answer,
) -> AgencyReturn:
    """Write a return without sending it: what a complete one needs, and these answers and events besides."""
    saved = content_in_work(get_own_request(session, actor, reference)).saved
    row = save_draft(
        session, actor, SaveDraft(reference=reference, saved=saved, answers={**COMPLETE, **answers}), now=now
    )
    for event in events:
        row = save_entry(session, actor, SaveEntry(reference=reference, entry=event), now=now)
    return row


def send(
    session: Session,
    actor: Actor,
    reference: str,
    *,
    now: datetime,
    kind: ReturnKind = ReturnKind.COMPLETE,
    reason: str = "",
) -> AgencyReturn:
    """Send what was written, as somebody does who has just checked it."""
    row = draft_of(get_own_request(session, actor, reference))
    assert row is not None
    checked = digest_of(read_content(row.content))
    command = SendReturn(reference=reference, kind=kind, number=row.number, checked=checked, reason=reason)
    return send_return(session, actor, command, now=now)


def answer(
    session: Session,
    place: Place,
    request: InformationRequest,
    *,
    now: datetime,
    events: Sequence[ReturnEntry] = (),
    **answers: Answer,
) -> AgencyReturn:
    """Let the asked agency's representative send a complete return, with these events for the chronology."""
    key = next(key for key, agency in place.agencies.items() if agency.id == request.agency_id)
    actor = place.actor(f"{key}.rep")
    write(session, actor, request.reference, now=now, events=events, **answers)
    return send(session, actor, request.reference, now=now)


def declare(
    session: Session, place: Place, case: ReviewCase, person: str, kind: ConflictKind, *, now: datetime
) -> DeclarationOfInterest:
    """Let somebody declare their interest in a case."""
    row = DeclarationOfInterest(
        case_uuid=case.uuid,
        case_id=case.id,
        user_id=place.user(person).id,
        kind=kind,
        declared_at=now,
        declared_by_id=place.user(person).id,
    )
    session.add(row)
    session.flush()
    return row
