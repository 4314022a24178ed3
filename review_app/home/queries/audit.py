"""What of the audit waits for an information governance lead."""

from datetime import datetime

from sqlalchemy.orm import Session

from review_app.audit import queries
from review_app.home.queries.task import Task
from review_app.policy import Actor, Permission, allowed


def months_to_prune(session: Session, actor: Actor, _now: datetime) -> list[Task]:
    """Months that somebody else proposes to prune, and that wait for this person's approval."""
    standing = queries.open_pruning(session) if allowed(actor, Permission.AUDIT_PRUNE) else None
    if standing is None or not queries.pruning_page(session, actor, standing.id).may_approve:
        return []
    return [
        Task(
            title=f"Months of the audit up to {standing.up_to}",
            endpoint="audit.pruning",
            values={"number": standing.id},
            button="Read and decide",
            text="Somebody proposes to prune them for good",
        )
    ]
