"""The end of a case: proposing that it be destroyed, refusing that, and destroying it.

Two people agree, its time is over and nothing holds it. Approving erases every row of the case in one transaction and
says which keys are free; the keys themselves go in the store apart once that is committed, so that no copy of the
database, however old, opens anything of it.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from review_app import events
from review_app.audit.service import destroy_salts, record
from review_app.catalogue.queries import current_rule_set
from review_app.catalogue.rules.review import ReviewSetting
from review_app.errors import MoveRefused, RuleBroken
from review_app.keystore import RecordKind
from review_app.policy import Actor, Permission, require
from review_app.reviews import queries
from review_app.reviews.commands.retention import ApproveDestruction, ProposeDestruction, RefuseDestruction
from review_app.reviews.events import CaseDestroyed
from review_app.reviews.models import (
    DeathNotification,
    DestructionRecord,
    IdentityRecord,
    InformationRequest,
    ReviewCase,
)
from review_app.reviews.queries import retention
from review_app.reviews.rules.states import CASE_WORKFLOW, CaseAction, CaseState
from review_app.reviews.service import keys
from review_app.reviews.service.erasing import classes_of, erase_rows
from review_app.reviews.service.moves import move_case

SECTION = "retention"
GONE_ON = "Nobody proposes any more that this case be destroyed. Open the list again to see how it stands."
SOMEBODY_ELSE = "You proposed this, so somebody else must approve it."


def propose_destruction(
    session: Session, actor: Actor, command: ProposeDestruction, *, now: datetime
) -> DestructionRecord:
    """Propose that a case whose time is over be destroyed. From then on it is only kept. Twice is once."""
    require(actor, Permission.CASE_DESTROY_PROPOSE)
    case = queries.get_locked_case(session, actor, command.reference)
    standing = retention.open_proposal(session, case)
    if standing is not None:
        return standing
    due = retention.due_case(session, case, now=now)
    if due.objections:
        raise RuleBroken(" ".join(due.objections))
    if not command.authority.strip():
        raise RuleBroken("Enter under which authority it is destroyed.")
    if case.state is not CaseState.RETAINED:
        move_case(session, actor, case, CaseAction.RETAIN, now=now)
    rules = current_rule_set(session, ReviewSetting.RETENTION, now=now, partnership_id=case.partnership_id)
    session.flush()
    proposal = DestructionRecord(
        partnership_id=case.partnership_id,
        case_id=case.id,
        reference=case.reference,
        record_classes=classes_of(session, case),
        authority=command.authority.strip(),
        rule_id=rules.id,
        due_on=due.due_on,
        proposed_at=now,
        proposed_by_id=actor.user_id,
    )
    session.add(proposal)
    record(session, actor, "propose_destruction", case, at=now, section=SECTION)
    return proposal


def answer_proposal(
    session: Session, actor: Actor, command: ApproveDestruction | RefuseDestruction, *, now: datetime
) -> ReviewCase:
    """Do what the second person decided."""
    if isinstance(command, ApproveDestruction):
        return approve_destruction(session, actor, command, now=now)
    return refuse_destruction(session, actor, command, now=now)


def refuse_destruction(session: Session, actor: Actor, command: RefuseDestruction, *, now: datetime) -> ReviewCase:
    """Keep a case that was proposed to be destroyed, with a reason. It can be proposed again."""
    case, proposal = _proposed(session, actor, command.reference)
    if not command.reason.strip():
        raise RuleBroken("Enter why the case is kept.")
    proposal.refused_at, proposal.refused_by_id = now, actor.user_id
    proposal.refusal_reason = command.reason.strip()
    record(session, actor, "refuse_destruction", case, at=now, section=SECTION)
    return case


def approve_destruction(session: Session, actor: Actor, command: ApproveDestruction, *, now: datetime) -> ReviewCase:
    """Destroy a case, as the second person. What stays is its reference, that it was destroyed, and by whom.

    Whether its time is over and nothing holds it is judged once more, on the case as it is now.
    """
    case, proposal = _proposed(session, actor, command.reference)
    if proposal.proposed_by_id == actor.user_id:
        raise RuleBroken(SOMEBODY_ELSE)
    CASE_WORKFLOW.after(case.state, CaseAction.DESTROY)
    objections = retention.due_case(session, case, now=now).objections
    if objections:
        raise RuleBroken(" ".join(objections))
    names = _references(session, case)
    proposal.approved_at, proposal.approved_by_id = now, actor.user_id
    proposal.record_classes = classes_of(session, case)
    proposal.data_keys = [[kind.value, uuid] for kind, uuid in _free_keys(session, case, now=now)]
    events.publish(session, CaseDestroyed(case_id=case.id, at=now))
    case.facts_sealed = case.no_learning_sealed = None
    case.limbs, case.signed_at, case.closed_at = [], None, None
    move_case(session, actor, case, CaseAction.DESTROY, now=now)
    erase_rows(session, case)
    destroy_salts(session, names)
    return case


def _proposed(session: Session, actor: Actor, reference: str) -> tuple[ReviewCase, DestructionRecord]:
    require(actor, Permission.CASE_DESTROY_APPROVE)
    case = queries.lock_narrowed(session, actor, queries.known_cases(actor), reference)
    proposal = retention.open_proposal(session, case)
    if proposal is None:
        raise MoveRefused(GONE_ON)
    return case, proposal


def _references(session: Session, case: ReviewCase) -> list[str]:
    """Give every reference under which the audit knows something of the case."""
    found = [case.reference]
    for model in (DeathNotification, InformationRequest):
        found += session.scalars(select(model.reference).where(model.case_id == case.id))
    return found


def _free_keys(session: Session, case: ReviewCase, *, now: datetime) -> list[tuple[RecordKind, str]]:
    """Say that the keys of the case and of its identities are free, and name them."""
    identities = (
        select(IdentityRecord.uuid)
        .join(DeathNotification, DeathNotification.id == IdentityRecord.notification_id)
        .where(DeathNotification.case_id == case.id)
    )
    names = [(RecordKind.REVIEW_CASE, case.uuid)]
    names += [(RecordKind.IDENTITY_RECORD, uuid) for uuid in session.scalars(identities.order_by(IdentityRecord.id))]
    for kind, uuid in names:
        keys.free_key(session, kind, uuid, now=now)
    return names


def note_keys_gone(session: Session, *, now: datetime) -> None:
    """Note which destructions are complete: none of their keys waits to be destroyed any more."""
    left = {(kind.value, uuid) for kind, uuid in keys.freed_keys(session)}
    for proposal in retention.waiting_for_keys(session):
        if not any((kind, uuid) in left for kind, uuid in proposal.data_keys):
            proposal.keys_gone_at, proposal.data_keys = now, []
