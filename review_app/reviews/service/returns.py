"""What an agency does with a request: opening it, writing a return, and sending or declining it."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from review_app.audit.rules import AuditAction
from review_app.audit.service import record
from review_app.errors import RuleBroken, Stale
from review_app.policy import Actor, Permission, require
from review_app.reviews.commands.requests import (
    CorrectReturn,
    DeclineRequest,
    DropEntry,
    OpenRequest,
    SaveDraft,
    SaveEntry,
    SayNothingHeld,
    SendReturn,
)
from review_app.reviews.models import AgencyReturn, InformationRequest
from review_app.reviews.queries.requests import (
    being_written,
    blocks_of,
    content_in_work,
    draft_of,
    get_locked_own_request,
    latest_content,
    sent_returns,
)
from review_app.reviews.rules.requests import (
    MOST_ENTRIES,
    TO_COME,
    ReturnContent,
    ReturnEntry,
    asked_questions,
    differences,
    digest_of,
    is_to_come,
    objection_to_sending,
    under_review,
    write_content,
)
from review_app.reviews.rules.states import REQUEST_WORKFLOW, RequestAction, ReturnKind
from review_app.reviews.service.chronology import publish_entries
from review_app.reviews.service.request_moves import move_request, settle_case
from review_app.working_time import london_day

ENDED = "This request needs no answer any more. What your agency saved is kept, and nothing was sent."
CHANGED = "A colleague saved other answers while you were writing. Nothing of either is lost: compare, then save again."
ENTRY_CHANGED = "A colleague changed this entry while you had it open. Compare, then save again."
CHECK_AGAIN = "The return was changed after you opened this page. Check it again before you send it."
ENTRY_GONE = "We cannot find that entry. A colleague may have taken it out."


def open_request(session: Session, actor: Actor, command: OpenRequest, *, now: datetime) -> InformationRequest:
    """Record that somebody read their agency's request; the first time, that the agency has opened it."""
    request = _own(session, actor, command.reference)
    record(session, actor, AuditAction.VIEW, request, at=now, section="request")
    if RequestAction.OPEN in REQUEST_WORKFLOW.actions_from(request.state):
        request.opened_at = now
        move_request(session, actor, request, RequestAction.OPEN, now=now)
    return request


def save_draft(session: Session, actor: Actor, command: SaveDraft, *, now: datetime) -> AgencyReturn:
    """Save the answers that were typed. Raises Stale when a colleague saved other answers in between."""
    request = _writable(session, actor, command.reference)
    content, questions = content_in_work(request), asked_questions(blocks_of(request))
    kept = {key: value for key, value in content.answers.items() if key not in {each.key for each in questions}}
    wanted = {**kept, **{each.key: command.answers[each.key] for each in questions if command.answers.get(each.key)}}
    if wanted == {key: value for key, value in content.answers.items() if value}:
        return _draft(session, actor, request, now=now)
    if command.saved != content.saved:
        raise Stale(CHANGED, differences=differences(questions, wanted, content.answers))
    return _save(session, actor, request, content.with_answers(wanted), now=now)


def save_entry(session: Session, actor: Actor, command: SaveEntry, *, now: datetime) -> AgencyReturn:
    """Add an event to the return, or change one. Raises Stale when a colleague changed that one in between."""
    request, entry = _writable(session, actor, command.reference), command.entry
    content = content_in_work(request)
    standing = content.entry(entry.key)
    if is_to_come(entry.when, today=london_day(now)):
        raise RuleBroken(TO_COME)
    if standing is None and entry.saved > 0:
        raise RuleBroken(ENTRY_GONE)
    if standing is None and len(content.entries) >= MOST_ENTRIES:
        raise RuleBroken(f"A return holds at most {MOST_ENTRIES} entries. Put the others into your own words.")
    if standing is not None and replace(standing, saved=entry.saved) == entry:
        return _draft(session, actor, request, now=now)
    if standing is not None and standing.saved != entry.saved:
        raise Stale(ENTRY_CHANGED, differences=_entry_differences(entry, standing))
    return _save(session, actor, request, content.with_entry(replace(entry, saved=entry.saved + 1)), now=now)


def _entry_differences(mine: ReturnEntry, saved: ReturnEntry) -> tuple[tuple[str, str, str], ...]:
    parts = (
        ("When it happened", mine.happened, saved.happened),
        ("What happened", mine.what, saved.what),
        ("Why it matters", mine.significance, saved.significance),
        ("Kind, certainty and section", _marks(mine), _marks(saved)),
    )
    return tuple(part for part in parts if part[1] != part[2])


def _marks(entry: ReturnEntry) -> str:
    words = (entry.kind, entry.certainty.value, entry.section.value, "a living person" if entry.third_party else "")
    return ", ".join(each.replace("_", " ") for each in words if each)


def drop_entry(session: Session, actor: Actor, command: DropEntry, *, now: datetime) -> AgencyReturn:
    """Take an event out of the return. One that a colleague has taken out already is out."""
    request = _writable(session, actor, command.reference)
    return _save(session, actor, request, content_in_work(request).without_entry(command.key), now=now)


def send_return(session: Session, actor: Actor, command: SendReturn, *, now: datetime) -> AgencyReturn:
    """Send the return that was checked, complete or partial. A second press finds it sent.

    Its events join the chronology; those of an earlier version that it no longer holds leave it.
    """
    request = _own(session, actor, command.reference)
    sent = next((each for each in sent_returns(request) if each.number == command.number), None)
    if sent is not None:
        return sent
    if not being_written(request):
        raise RuleBroken(ENDED)
    content = content_in_work(request)
    if digest_of(content) != command.checked:
        raise Stale(CHECK_AGAIN)
    objection = objection_to_sending(command.kind, asked_questions(blocks_of(request)), content, command.reason)
    if objection:
        raise RuleBroken(objection + ".")
    row = _draft(session, actor, request, now=now)
    publish_entries(session, actor, request, content, now=now)
    return _settle(session, actor, request, row, command.kind, command.reason, now=now)


def say_nothing_held(session: Session, actor: Actor, command: SayNothingHeld, *, now: datetime) -> AgencyReturn:
    """Answer that nothing is held. What was written and not sent stays with the agency."""
    request = _answerable(session, actor, command.reference)
    sent = sent_returns(request)
    if sent and sent[-1].kind is ReturnKind.NIL and not being_written(request):
        return sent[-1]
    if latest_content(request) is not None:
        raise RuleBroken("Your agency has sent a return about this person. Correct that one instead.")
    return _settle(session, actor, request, _beside_draft(session, actor, request, now=now), ReturnKind.NIL, now=now)


def decline(session: Session, actor: Actor, command: DeclineRequest, *, now: datetime) -> AgencyReturn:
    """Decline with a reason. No law makes an agency answer, so this is an answer too."""
    request = _answerable(session, actor, command.reference)
    REQUEST_WORKFLOW.after(request.state, RequestAction.DECLINE)
    if not command.reason.strip():
        raise RuleBroken("Enter why your agency declines.")
    row = _beside_draft(session, actor, request, now=now)
    return _settle(session, actor, request, row, ReturnKind.DECLINED, command.reason, now=now)


def correct_return(session: Session, actor: Actor, command: CorrectReturn, *, now: datetime) -> AgencyReturn:
    """Begin the next version with what was sent last. What was sent is kept as it is."""
    request = _own(session, actor, command.reference)
    REQUEST_WORKFLOW.after(request.state, RequestAction.CORRECT)
    if not under_review(request.case.state):
        raise RuleBroken("This review has ended, so nothing can be changed. Tell the review coordinator what is wrong.")
    return _draft(session, actor, request, now=now)


def _own(session: Session, actor: Actor, reference: str) -> InformationRequest:
    """Give a request that is now held, to somebody who answers for its agency."""
    request = get_locked_own_request(session, actor, reference)
    require(actor, Permission.REQUEST_ANSWER)
    return request


def _answerable(session: Session, actor: Actor, reference: str) -> InformationRequest:
    request = _own(session, actor, reference)
    if not under_review(request.case.state):
        raise RuleBroken(ENDED)
    return request


def _writable(session: Session, actor: Actor, reference: str) -> InformationRequest:
    request = _own(session, actor, reference)
    if not being_written(request):
        raise RuleBroken(ENDED)
    return request


def _save(
    session: Session, actor: Actor, request: InformationRequest, content: ReturnContent, *, now: datetime
) -> AgencyReturn:
    row = _draft(session, actor, request, now=now)
    row.content = write_content(content)
    row.saved_at, row.saved_by_id = now, actor.user_id
    record(session, actor, "save_return", request, at=now, section="return")
    return row


def _draft(session: Session, actor: Actor, request: InformationRequest, *, now: datetime) -> AgencyReturn:
    """Give the version in work; a new one begins with what was sent last."""
    standing = draft_of(request)
    if standing is not None:
        return standing
    begins = content_in_work(request)
    row = _new_version(session, actor, request, now=now)
    row.content = write_content(begins)
    return row


def _new_version(session: Session, actor: Actor, request: InformationRequest, *, now: datetime) -> AgencyReturn:
    row = AgencyReturn(
        case_uuid=request.case_uuid,
        request=request,
        number=max((each.number for each in request.returns), default=0) + 1,
        saved_at=now,
        saved_by_id=actor.user_id,
    )
    session.add(row)
    session.flush()
    return row


def _beside_draft(session: Session, actor: Actor, request: InformationRequest, *, now: datetime) -> AgencyReturn:
    """Give an empty version to send; a draft moves behind it and stays unsent."""
    draft = draft_of(request)
    if draft is None:
        return _new_version(session, actor, request, now=now)
    number, draft.number = draft.number, draft.number + 1
    session.flush()
    row = AgencyReturn(
        case_uuid=request.case_uuid, request=request, number=number, saved_at=now, saved_by_id=actor.user_id
    )
    session.add(row)
    return row


def _settle(
    session: Session,
    actor: Actor,
    request: InformationRequest,
    row: AgencyReturn,
    kind: ReturnKind,
    reason: str = "",
    *,
    now: datetime,
) -> AgencyReturn:
    """Make a version the agency's answer; if nobody else is waited for, the case goes on."""
    row.kind, row.sent_at, row.saved_by_id = kind, now, actor.user_id
    row.reason = reason.strip()
    corrects = RequestAction.CORRECT in REQUEST_WORKFLOW.actions_from(request.state)
    answers = RequestAction.DECLINE if kind is ReturnKind.DECLINED else RequestAction.RETURN
    move_request(session, actor, request, RequestAction.CORRECT if corrects else answers, now=now, words=reason)
    settle_case(session, actor, request.case, now=now)
    return row
