"""The chronology: events that returns bring, and those that the coordinator adds, corrects and takes out."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from review_app.accounts.queries import get_member_agency
from review_app.audit.rules import AuditAction
from review_app.audit.service import record
from review_app.errors import RuleBroken, Stale
from review_app.fuzzy import FuzzyDate, in_words
from review_app.policy import Actor, Permission, require
from review_app.reviews.commands.chronology import AddEvent, CorrectEvent, EventDetails, RemoveEvent
from review_app.reviews.models import ChronologyChange, ChronologyEntry, InformationRequest, ReviewCase
from review_app.reviews.queries.chronology import get_own_event
from review_app.reviews.queries.visibility import get_locked_case
from review_app.reviews.rules.requests import TO_COME, ReturnContent, ReturnEntry, is_to_come, under_review
from review_app.working_time import london_day

SECTION = "chronology"
NOT_NOW = "The chronology of a case is kept from its selection until it has ended. Nothing was changed."
CHANGED = "This entry was changed while you had it open. Compare, then save again."


def publish_entries(
    session: Session, actor: Actor, request: InformationRequest, content: ReturnContent, *, now: datetime
) -> None:
    """Bring what a return tells into the chronology: new events join, changed ones are corrected, others leave."""
    rows = select(ChronologyEntry).where(ChronologyEntry.request_id == request.id, ChronologyEntry.removed_at.is_(None))
    standing = {str(row.details.get("key")): row for row in session.scalars(rows)}
    reason = "The agency’s next version says otherwise."
    for each in content.entries:
        row, details = standing.pop(each.key, None), _details_of_return(each)
        if row is None:
            _add(session, actor, request.case, each.when, details, now=now, request=request)
        elif (row.happened, row.details) != (each.when, details):
            _change(session, actor, row, each.when, details, reason, now=now)
    for row in standing.values():
        _remove(session, actor, row, reason, now=now)


def _details_of_return(entry: ReturnEntry) -> dict[str, object]:
    return {
        "key": entry.key,
        "kind": entry.kind,
        "what": entry.what,
        "significance": entry.significance,
        "certainty": entry.certainty.value,
        "section": entry.section.value,
        "third_party": entry.third_party,
    }


def add_event(session: Session, actor: Actor, command: AddEvent, *, now: datetime) -> ChronologyEntry:
    """Add an event of the coordinator's own, or one that an agency told them. The same event twice is added once."""
    case = _held(session, actor, command.reference)
    agency_id, details = _source(session, actor, command.details), _details_of_event(command.details, now)
    rows = select(ChronologyEntry).where(
        ChronologyEntry.case_id == case.id,
        ChronologyEntry.request_id.is_(None),
        ChronologyEntry.removed_at.is_(None),
    )
    for each in session.scalars(rows):
        if (each.agency_id, each.happened, each.details) == (agency_id, command.details.happened, details):
            return each
    row = _add(session, actor, case, command.details.happened, details, now=now, agency_id=agency_id)
    record(session, actor, "add_event", case, at=now, section=SECTION, action=AuditAction.CREATE)
    return row


def correct_event(session: Session, actor: Actor, command: CorrectEvent, *, now: datetime) -> ChronologyEntry:
    """Correct one of the coordinator's own events. What it said before is kept. Raises Stale."""
    case = _held(session, actor, command.reference)
    row = get_own_event(session, case, command.number)
    agency_id, details = _source(session, actor, command.details), _details_of_event(command.details, now)
    if (row.agency_id, row.happened, row.details) == (agency_id, command.details.happened, details):
        return row
    if row.version != command.version:
        raise Stale(CHANGED, differences=_differences(command.details, row))
    if not command.reason.strip():
        raise RuleBroken("Enter why it is corrected.")
    _change(session, actor, row, command.details.happened, details, command.reason, now=now)
    row.agency_id = agency_id
    record(session, actor, "correct_event", case, at=now, section=SECTION)
    return row


def remove_event(session: Session, actor: Actor, command: RemoveEvent, *, now: datetime) -> ReviewCase:
    """Take one of the coordinator's own events out. It is kept, with the reason, and shown no more."""
    case = _held(session, actor, command.reference)
    row = get_own_event(session, case, command.number)
    if not command.reason.strip():
        raise RuleBroken("Enter why it is taken out.")
    _remove(session, actor, row, command.reason, now=now)
    record(session, actor, "remove_event", case, at=now, section=SECTION, action=AuditAction.DELETE)
    return case


def _held(session: Session, actor: Actor, reference: str) -> ReviewCase:
    """Give a case that is now held, to somebody who runs reviews."""
    case = get_locked_case(session, actor, reference)
    require(actor, Permission.CASE_MANAGE)
    if not under_review(case.state):
        raise RuleBroken(NOT_NOW)
    return case


def _source(session: Session, actor: Actor, details: EventDetails) -> int | None:
    return get_member_agency(session, actor, details.agency_id).id if details.agency_id is not None else None


def _details_of_event(details: EventDetails, now: datetime) -> dict[str, object]:
    if not details.what.strip():
        raise RuleBroken("Enter what happened.")
    if is_to_come(details.happened, today=london_day(now)):
        raise RuleBroken(TO_COME)
    return {
        "kind": details.kind,
        "what": details.what.strip(),
        "significance": details.significance.strip(),
        "certainty": details.certainty.value,
        "section": details.section.value,
        "third_party": details.third_party,
    }


def _differences(mine: EventDetails, row: ChronologyEntry) -> tuple[tuple[str, str, str], ...]:
    saved = {key: str(value).replace("_", " ") for key, value in row.details.items()}
    parts = (
        ("When it happened", in_words(mine.happened), in_words(row.happened)),
        ("What happened", mine.what, saved["what"]),
        ("Why it matters", mine.significance, saved["significance"]),
        ("Kind", mine.kind.replace("_", " "), saved["kind"]),
        ("Certainty", mine.certainty.value, saved["certainty"]),
        ("Section", mine.section.value, saved["section"]),
    )
    return tuple(part for part in parts if part[1] != part[2])


def _add(
    session: Session,
    actor: Actor,
    case: ReviewCase,
    happened: FuzzyDate,
    details: dict[str, object],
    *,
    now: datetime,
    request: InformationRequest | None = None,
    agency_id: int | None = None,
) -> ChronologyEntry:
    row = ChronologyEntry(
        case_uuid=case.uuid,
        case_id=case.id,
        request_id=request.id if request is not None else None,
        agency_id=request.agency_id if request is not None else agency_id,
        added_at=now,
        added_by_id=actor.user_id,
    )
    row.happened, row.details = happened, details
    session.add(row)
    session.flush()
    return row


def _change(
    session: Session,
    actor: Actor,
    row: ChronologyEntry,
    happened: FuzzyDate,
    details: dict[str, object],
    reason: str,
    *,
    now: datetime,
) -> None:
    _keep(session, actor, row, reason, now=now)
    row.happened, row.details = happened, details


def _remove(session: Session, actor: Actor, row: ChronologyEntry, reason: str, *, now: datetime) -> None:
    _keep(session, actor, row, reason, now=now)
    row.removed_at, row.removed_by_id = now, actor.user_id


def _keep(session: Session, actor: Actor, row: ChronologyEntry, reason: str, *, now: datetime) -> None:
    """Keep what an entry said until now."""
    before = ChronologyChange(case_uuid=row.case_uuid, entry_id=row.id, changed_at=now, changed_by_id=actor.user_id)
    before.happened, before.details, before.reason = row.happened, row.details, reason.strip()
    session.add(before)
