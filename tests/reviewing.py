"""Invented reviews of deaths for tests, each brought to a stage.

    case = reviewing.make_case(session, place, now=clock.now())                         a case that was just notified
    case = reviewing.make_case(session, place, now=clock.now(), state=CaseState.SELECTED, limbs=("a",))
    housing, police = reviewing.ask(session, place, case, "housing", "treatment", now=clock.now())
    reviewing.answer(session, place, housing, now=clock.now(), worked_well="She was met at the gate.")
    reviewing.declare(session, place, case, "housing.rep", ConflictKind.FAMILY_OR_FRIEND, now=clock.now())
    notification = reviewing.notify(session, place, "housing.rep", now=clock.now(), identity=reviewing.SAM)

Everything is flushed, nothing is committed.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from review_app.catalogue.commands import ClockOf
from review_app.catalogue.rules import ClockKey
from review_app.catalogue.rules.agency_return import ReturnSection
from review_app.catalogue.service import cancel_clocks, stop_clock
from review_app.crypto import new_token
from review_app.fuzzy import on_day
from review_app.policy import Actor, Role
from review_app.reviews.commands.notifying import NotifyDeath, SaveIdentity, SaveKnown
from review_app.reviews.commands.requests import AskAgencies, SaveDraft, SaveEntry, SendReturn
from review_app.reviews.models import (
    AgencyReturn,
    DeathNotification,
    DeclarationOfInterest,
    IdentityRecord,
    InformationRequest,
    ReviewCase,
    SideFlag,
)
from review_app.reviews.queries.requests import content_in_work, draft_of, get_own_request
from review_app.reviews.rules.chronology import Certainty
from review_app.reviews.rules.inclusion import Answer as Said
from review_app.reviews.rules.notified import Identity, Known, Source, Suspected, Where
from review_app.reviews.rules.notified import Place as NotifiedPlace
from review_app.reviews.rules.requests import Answer, ReturnEntry, digest_of, read_content
from review_app.reviews.rules.states import ENDED, CaseState, ConflictKind, FlagKind, ReturnKind
from review_app.reviews.service.notifying import notify_death, save_identity, save_known
from review_app.reviews.service.requests import ask_agencies
from review_app.reviews.service.returns import save_draft, save_entry, send_return
from tests.factories import Place

SAM = Identity(
    forename="Samuel",
    surname="Applethwaite",
    other_names="Sammy",
    nhs_number="9434765919",
    born=date(1984, 3, 17),
    address="Flat 2, 17 Quillfeather Row",
    postcode="ZE99 9QQ",
)
"""An invented person, with words that stand nowhere else."""
SIGNED = (CaseState.SIGNED_OFF, CaseState.ACTIONS_OPEN, CaseState.CLOSED, CaseState.REOPENED, CaseState.RETAINED)
NO_LIMBS_YET = (CaseState.NOTIFIED, CaseState.TRIAGE, CaseState.OUT_OF_SCOPE)


def known(**facts: Any) -> Known:
    """Say what is known of a death that the rules take in by limb A, or with other facts."""
    usual: dict[str, Any] = {
        "sources": (Source(kind="police", told_on=date(2026, 11, 6)),),
        "died": on_day(date(2026, 11, 5)),
        "place_kind": "own_home",
        "places": {place: Where(in_area=Said.YES) for place in (NotifiedPlace.RESIDENCE, NotifiedPlace.DEATH)},
        "age": 42,
        "suspected": (Suspected.DRUG_POISONING,),
        "substances": ("isotonitazene",),
        "risk": Said.NO,
        "story": "Found by a neighbour in the morning.",
    }
    return Known(**{**usual, **facts})


def draft(
    session: Session,
    place: Place,
    by: str = "review.coordinator",
    *,
    now: datetime,
    identity: Identity | None = None,
    signal: str = "",
    **facts: Any,
) -> str:
    """Begin a notification and give its one-time number."""
    token, actor = new_token(), place.actor(by)
    own = sorted(actor.agencies(Role.AGENCY_REPRESENTATIVE))
    facts = {"agency_id": own[0] if own else None, **facts}
    save_known(session, actor, SaveKnown(form_token=token, known=known(**facts), signal=signal), now=now)
    save_identity(session, actor, SaveIdentity(form_token=token, identity=identity or Identity()), now=now)
    return token


def notify(
    session: Session, place: Place, by: str = "review.coordinator", *, now: datetime, **facts: Any
) -> DeathNotification:
    """Notify a death, by a person; `identity`, `signal` and the facts of `Known` as they are given."""
    command = NotifyDeath(form_token=draft(session, place, by, now=now, **facts))
    return notify_death(session, place.actor(by), command, now=now)


def case_of(notification: DeathNotification) -> ReviewCase:
    """Give the case that a notification is in."""
    assert notification.case is not None
    return notification.case


def identity_of(notification: DeathNotification) -> IdentityRecord:
    """Give who a notification says the person was."""
    assert notification.identity is not None
    return notification.identity


def make_case(
    session: Session,
    place: Place,
    *,
    now: datetime,
    state: CaseState = CaseState.NOTIFIED,
    limbs: Sequence[str] = ("a",),
    flags: Sequence[FlagKind] = (),
    identity: Identity | None = None,
    **facts: Any,
) -> ReviewCase:
    """Notify a death, so that its case starts, and set the state of the case. One that was not triaged has no limbs."""
    case = case_of(notify(session, place, now=now, identity=identity, **facts))
    if state is CaseState.DESTROYED:
        case.facts_sealed = None
    case.state, case.limbs = state, [] if state in NO_LIMBS_YET else list(limbs)
    case.signed_at = now if state in SIGNED else None
    case.closed_at = now if state in (CaseState.CLOSED, CaseState.RETAINED) else None
    if state is CaseState.DESTROYED:
        case.destroyed_at = now
    session.flush()
    _settle_clocks(session, case, now)
    for kind in flags:
        raise_flag(session, place, case, kind, now=now)
    return case


def _settle_clocks(session: Session, case: ReviewCase, now: datetime) -> None:
    """Let the clocks stand as the state says."""
    of = ClockOf(partnership_id=case.partnership_id, review_case_id=case.id)
    if case.state not in (CaseState.NOTIFIED, CaseState.TRIAGE):
        stop_clock(session, ClockKey.NOTIFICATION_TRIAGE, of, now=now)
    if case.state in (*ENDED, *SIGNED):
        cancel_clocks(session, of, now=now)
    session.flush()


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
