"""From the panel's discussion to the signature: findings, the check of facts, signing, closing, opening again."""

from datetime import datetime

from sqlalchemy.orm import Session

from review_app import events
from review_app.audit.service import record
from review_app.errors import MoveRefused, RuleBroken
from review_app.policy import Actor, Permission, require
from review_app.reviews import queries
from review_app.reviews.commands.findings import (
    CloseCase,
    ReopenCase,
    SayNoLearning,
    SignCase,
    SkipAccuracyCheck,
    StartFindings,
)
from review_app.reviews.events import CaseCloses, CaseSignsOff
from review_app.reviews.models import CaseVersion, ReviewCase
from review_app.reviews.queries import agenda, signing
from review_app.reviews.rules.findings import FINDINGS_OPEN
from review_app.reviews.rules.states import CASE_WORKFLOW, CaseAction, ConflictKind
from review_app.reviews.service.moves import move_case
from review_app.wording import word

SECTION = "sign_off"
DECLARE_FIRST = "Declare first that you have no interest in this case. Then sign it."
SOMETHING_LEARNED = "Learning is agreed for this case, so something was learned. Withdraw it first if it was not."
READ_AGAIN = "This case has changed since you opened this page. Read it again before you sign."


def start_findings(session: Session, actor: Actor, command: StartFindings, *, now: datetime) -> ReviewCase:
    """Begin to write the findings of a case that the panel has discussed."""
    case = _case_to_record(session, actor, command.reference, now=now)
    move_case(session, actor, case, CaseAction.DRAFT_FINDINGS, now=now)
    return case


def skip_accuracy_check(session: Session, actor: Actor, command: SkipAccuracyCheck, *, now: datetime) -> ReviewCase:
    """Record that no agency was asked to check the facts, and why. The findings can then be signed."""
    case = _case_to_record(session, actor, command.reference, now=now)
    CASE_WORKFLOW.after(case.state, CaseAction.CHECK_ACCURACY)
    if not command.reason.strip():
        raise RuleBroken("Enter why agencies were not asked to check the facts.")
    move_case(session, actor, case, CaseAction.CHECK_ACCURACY, now=now, reason=command.reason)
    return case


def say_no_learning(session: Session, actor: Actor, command: SayNoLearning, *, now: datetime) -> ReviewCase:
    """Say that no learning was identified, with a reason, or take that back."""
    require(actor, Permission.LEARNING_AGREE)
    case = queries.get_locked_case(session, actor, command.reference)
    if case.state not in FINDINGS_OPEN:
        raise MoveRefused("This is said while the findings are written, before the case is signed off.")
    said = command.reason.strip()
    if said and not case.no_learning and not events.objections(session, CaseSignsOff(case_id=case.id, at=now)):
        raise RuleBroken(SOMETHING_LEARNED)
    if case.no_learning != said:
        case.no_learning = said
        record(session, actor, "say_no_learning", case, at=now, section=SECTION)
    return case


def sign_case(session: Session, actor: Actor, command: SignCase, *, now: datetime) -> CaseVersion:
    """Sign off the content that was read, for ever. Who signs has declared that they have no interest in the case.

    A case with actions that keep it from closing has its actions open from then on.
    """
    require(actor, Permission.CASE_SIGN)
    case = queries.get_locked_case(session, actor, command.reference)
    CASE_WORKFLOW.after(case.state, CaseAction.SIGN_OFF)
    declared = agenda.find_declaration(session, case.id, actor.user_id)
    if declared is None or declared.kind is not ConflictKind.NONE:
        raise RuleBroken(DECLARE_FIRST)
    objections = agenda.objections_to_signing(session, case, now=now)
    if objections:
        raise RuleBroken(" ".join(objections))
    content = signing.content_to_sign(session, case)
    if content.digest != command.digest:
        raise RuleBroken(READ_AGAIN)
    version = CaseVersion(
        case_uuid=case.uuid,
        case_id=case.id,
        number=len(signing.versions_of(session, case)) + 1,
        digest=content.digest,
        signed_at=now,
        signed_by_id=actor.user_id,
    )
    version.content, version.accuracy_reason = content.text, signing.accuracy_reason(session, case)
    session.add(version)
    move_case(session, actor, case, CaseAction.SIGN_OFF, now=now)
    session.flush()
    if events.objections(session, CaseCloses(case_id=case.id, at=now)):
        move_case(session, actor, case, CaseAction.OPEN_ACTIONS, now=now)
    return version


def close_case(session: Session, actor: Actor, command: CloseCase, *, now: datetime) -> ReviewCase:
    """Close a case that was signed off, unless something still has to be done because of it."""
    require(actor, Permission.CASE_SIGN)
    case = queries.get_locked_case(session, actor, command.reference)
    CASE_WORKFLOW.after(case.state, CaseAction.CLOSE)
    objections = events.objections(session, CaseCloses(case_id=case.id, at=now))
    if objections:
        raise RuleBroken(" ".join(objections))
    move_case(session, actor, case, CaseAction.CLOSE, now=now)
    return case


def reopen_case(session: Session, actor: Actor, command: ReopenCase, *, now: datetime) -> ReviewCase:
    """Open a signed or closed case again, and take it where it goes on. What was signed stays as it is."""
    require(actor, Permission.CASE_SIGN)
    case = queries.get_locked_case(session, actor, command.reference)
    CASE_WORKFLOW.after(case.state, CaseAction.REOPEN)
    if not command.reason.strip():
        raise RuleBroken("Enter what the new information changes.")
    reason = f"{word(command.trigger, 'reopen_trigger').text}. {command.reason.strip()}"
    move_case(session, actor, case, CaseAction.REOPEN, now=now, reason=reason)
    case.closed_at = None
    move_case(session, actor, case, CaseAction(command.back_to.value), now=now)
    return case


def _case_to_record(session: Session, actor: Actor, reference: str, *, now: datetime) -> ReviewCase:
    """Hold a case whose content the person reads, and for which they may record what the panel found."""
    require(actor, Permission.LEARNING_RECORD)
    may = queries.recording_cases(actor, since=queries.readable_since(session, actor.partnership_id, now=now))
    seen = queries.visible_cases(actor).with_only_columns(ReviewCase.id)
    return queries.lock_narrowed(session, actor, may.where(ReviewCase.id.in_(seen)), reference)
