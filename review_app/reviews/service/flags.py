"""Holds and warnings beside a case: raising one and taking it away, each with a reason."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from review_app.audit.service import record
from review_app.errors import MoveRefused, RuleBroken
from review_app.policy import Actor, Permission, require
from review_app.reviews import queries
from review_app.reviews.commands.findings import EndFlag, RaiseFlag
from review_app.reviews.models import ReviewCase, SideFlag
from review_app.reviews.rules.states import FlagKind

SECTION = "flags"


def raise_flag(session: Session, actor: Actor, command: RaiseFlag, *, now: datetime) -> SideFlag:
    """Put a hold or warning beside a case. One that stands already stays as it is."""
    case = queries.get_locked_case(session, actor, command.reference)
    require(actor, Permission.CASE_MANAGE)
    standing = find_flag(session, case, command.kind)
    if standing is not None:
        return standing
    if not command.reason.strip():
        raise RuleBroken("Enter why.")
    flag = SideFlag(case_uuid=case.uuid, case_id=case.id, kind=command.kind, raised_at=now, raised_by_id=actor.user_id)
    flag.reason = command.reason.strip()
    session.add(flag)
    record(session, actor, f"raise_{command.kind}", case, at=now, section=SECTION)
    return flag


def end_flag(session: Session, actor: Actor, command: EndFlag, *, now: datetime) -> SideFlag:
    """Take a hold or warning away. That it stood, from when to when and why, is kept."""
    case = queries.get_locked_case(session, actor, command.reference)
    require(actor, Permission.CASE_MANAGE)
    standing = find_flag(session, case, command.kind)
    if standing is None:
        raise MoveRefused("That hold or warning does not stand any more. Open the case again to see how it stands.")
    if not command.reason.strip():
        raise RuleBroken("Enter why it can be taken away.")
    standing.ended_at, standing.ended_by_id, standing.end_reason = now, actor.user_id, command.reason.strip()
    record(session, actor, f"end_{command.kind}", case, at=now, section=SECTION)
    return standing


def find_flag(session: Session, case: ReviewCase, kind: FlagKind) -> SideFlag | None:
    """Find a hold or warning that stands beside a case."""
    return session.scalar(
        select(SideFlag).where(SideFlag.case_id == case.id, SideFlag.kind == kind, SideFlag.ended_at.is_(None))
    )
