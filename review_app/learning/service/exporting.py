"""Giving the register of actions away as a file, which is recorded."""

from datetime import datetime

from sqlalchemy.orm import Session

from review_app.audit.service import AuditAction, RecordName, record
from review_app.errors import NotAllowed
from review_app.learning.queries.actions import ActionFilter, action_table
from review_app.policy import Actor, Permission, allowed

REGISTER = "register"


def export_actions(session: Session, actor: Actor, wanted: ActionFilter, *, now: datetime) -> list[list[str]]:
    """Give the actions the person may see as rows of words."""
    if not (allowed(actor, Permission.ACTION_SEE) or allowed(actor, Permission.ACTION_SEE_AGENCY)):
        raise NotAllowed("Your role does not let you do this. Nothing was changed.")
    rows = action_table(session, actor, wanted, now=now)
    named = RecordName(table="action", reference=REGISTER, partnership_id=actor.partnership_id)
    record(session, actor, AuditAction.EXPORT, named, at=now)
    return rows
