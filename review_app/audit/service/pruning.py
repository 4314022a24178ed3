"""Pruning months of the audit that are past their time: one person proposes, another approves, and only then.

What is pruned is always everything that is left up to a month, so that the newest event that tells of a pruning speaks
for all that went before it, also once the earlier such events are themselves pruned.
"""

from datetime import datetime

from sqlalchemy import delete, text, update
from sqlalchemy.orm import Session

from review_app import events
from review_app.audit import chain, queries, verify
from review_app.audit.commands import ApprovePruning, ProposePruning, WithdrawPruning
from review_app.audit.ddl import LIFT, RESTORE
from review_app.audit.events import AuditPrunes
from review_app.audit.models import AuditEvent, AuditPruning, AuditPruningApproval, AuditSegment
from review_app.audit.rules import PRUNING_WORKFLOW, PruningAction, approvals_needed, month_end
from review_app.audit.service.recording import RecordName, record
from review_app.errors import RuleBroken
from review_app.policy import Actor, Permission, require

PROPOSE, APPROVE, WITHDRAW, PRUNE = "propose_prune", "approve_prune", "withdraw_prune", "prune"


def propose_pruning(session: Session, actor: Actor, command: ProposePruning, *, now: datetime) -> AuditPruning:
    """Propose to prune everything that is left up to a month that may go. Pressed twice it is one proposal."""
    require(actor, Permission.AUDIT_PRUNE)
    chain.lock_head(session)  # so that of two who propose at the same instant the second sees the first
    standing = queries.open_pruning(session)
    if standing is not None and (standing.up_to, standing.proposed_by_id) == (command.up_to, actor.user_id):
        return standing
    if standing is not None:
        raise RuleBroken("Another proposal to prune is open. Approve or withdraw that one first.")
    _must_be_due(session, command.up_to, now=now)
    pruning = AuditPruning(
        up_to=command.up_to, proposed_by_id=actor.user_id, proposed_for=actor.partnership_id, proposed_at=now
    )
    session.add(pruning)
    session.flush()
    record(session, actor, PROPOSE, _named(command.up_to, actor.partnership_id), at=now)
    return pruning


def withdraw_pruning(session: Session, actor: Actor, command: WithdrawPruning, *, now: datetime) -> AuditPruning:
    """Let a proposal fall. Whoever could approve one may, and its proposer."""
    require(actor, Permission.AUDIT_PRUNE)
    pruning = queries.get_pruning(session, actor, command.number, lock=True)
    pruning.state = PRUNING_WORKFLOW.after(pruning.state, PruningAction.WITHDRAW)
    pruning.settled_at = now
    record(session, actor, WITHDRAW, _named(pruning.up_to, actor.partnership_id), at=now)
    return pruning


def approve_pruning(session: Session, actor: Actor, command: ApprovePruning, *, now: datetime) -> AuditPruning:
    """Approve a proposal of somebody else, for one's own Partnership. The last approval needed carries it out."""
    require(actor, Permission.AUDIT_PRUNE)
    pruning = queries.get_pruning(session, actor, command.number, lock=True)
    pruning.state = PRUNING_WORKFLOW.after(pruning.state, PruningAction.APPROVE)
    if actor.user_id == pruning.proposed_by_id:
        raise RuleBroken("You proposed this, so someone else must approve it. Nothing was pruned.")
    _must_be_due(session, pruning.up_to, now=now)
    months = queries.months_left(session, pruning.up_to)
    needed = approvals_needed(queries.concerned(session, months), pruning.proposed_for)
    given = {each.partnership_id for each in pruning.approvals}
    if actor.partnership_id not in needed - given:
        raise RuleBroken("This does not wait for your partnership. Nothing was pruned.")
    pruning.approvals.append(
        AuditPruningApproval(
            proposed_by_id=pruning.proposed_by_id,
            approved_by_id=actor.user_id,
            partnership_id=actor.partnership_id,
            approved_at=now,
        )
    )
    record(session, actor, APPROVE, _named(pruning.up_to, actor.partnership_id), at=now)
    if needed <= given | {actor.partnership_id}:
        _carry_out(session, actor, pruning, months, now=now)
    return pruning


def _must_be_due(session: Session, up_to: str, *, now: datetime) -> None:
    if up_to in [each.month for each in queries.months_due(session, now=now)]:
        return
    known = session.get(AuditSegment, up_to) is not None
    kept = events.objections(session, AuditPrunes(before=month_end(up_to), at=now)) if known else []
    raise RuleBroken(kept[0] if kept else "These months must still be kept. Nothing was pruned.")


def _carry_out(
    session: Session, actor: Actor, pruning: AuditPruning, months: list[AuditSegment], *, now: datetime
) -> None:
    """Delete the events of these months, in the one transaction in which the database lets any event go.

    The chain's head is held from here on: while the refusal is lifted nobody else writes to the audit, and a writer who
    has begun to is waited for.
    """
    chain.lock_head(session)
    concerned = queries.concerned(session, months)
    problem = verify.problem_of(session, [each.month for each in months])
    if problem:
        raise RuleBroken(f"{problem} So nothing was pruned. Tell whoever runs this service before anything else.")
    first, last = months[0].first_sequence, months[-1].last_sequence
    dialect = session.get_bind().dialect.name
    for statement in LIFT[dialect]:
        session.execute(text(statement))
    gone = delete(AuditEvent).where(AuditEvent.sequence.between(first, last))
    session.execute(gone, execution_options={"synchronize_session": False})
    for statement in RESTORE[dialect]:
        session.execute(text(statement))
    pruned = update(AuditSegment).where(AuditSegment.month.in_([each.month for each in months]))
    session.execute(pruned.values(pruned_at=now))
    pruning.state = PRUNING_WORKFLOW.after(pruning.state, PruningAction.CARRY_OUT)
    pruning.settled_at = now
    told = f"{months[0].month} to {pruning.up_to}, {last - first + 1} events"
    for partnership_id in sorted(concerned | {actor.partnership_id, pruning.proposed_for}):
        record(session, actor, PRUNE, _named(pruning.up_to, partnership_id), at=now, purpose=told)


def _named(month: str, partnership_id: int) -> RecordName:
    return RecordName(table=AuditSegment.__tablename__, reference=month, partnership_id=partnership_id)
