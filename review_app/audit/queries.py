"""Reading the audit: one record's story, and the information-governance lead's search."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.orm import Session

from review_app.audit.models import AuditEvent
from review_app.audit.rules import TECHNICAL, AuditAction
from review_app.policy import Actor, Permission, Role, allowed

PER_PAGE = 50


@dataclass(frozen=True, kw_only=True)
class AuditSearch:
    """What to look for; what is left out does not narrow. `account` widens `actor_id` to what was done to it."""

    reference: str = ""
    actor_id: int | None = None
    account: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class AuditPage:
    """One page of events, newest first."""

    events: tuple[AuditEvent, ...]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """Say how many pages there are; an empty search still has one."""
        return max(1, -(-self.total // PER_PAGE))


def timeline(session: Session, table: str, reference: str) -> list[AuditEvent]:
    """Give everything that happened to a record, oldest first. Whoever asks has already been let see the record."""
    return list(
        session.scalars(
            select(AuditEvent)
            .where(AuditEvent.object_table == table, AuditEvent.object_reference == reference)
            .order_by(AuditEvent.sequence)
        )
    )


def looks_of(
    session: Session, actor_id: int, references: Collection[str], *, until: datetime, but: str = ""
) -> tuple[int, datetime | None]:
    """Count how often a person had looked at these records until an instant, and give when they did last.

    Looks at the section `but` are left out. Whoever asks may know the records and what was declared about them.
    """
    looked = (AuditAction.VIEW, AuditAction.REVEAL, AuditAction.EXPORT, AuditAction.PRINT)
    found = select(func.count(), func.max(AuditEvent.at)).where(
        AuditEvent.actor_id == actor_id,
        AuditEvent.object_reference.in_(references),
        AuditEvent.action.in_(looked),
        AuditEvent.section != (but or "-"),
        AuditEvent.at <= until,
    )
    number, last = session.execute(found).one()
    return number, last


def visible_events(actor: Actor) -> Select[AuditEvent]:
    """Narrow to what the person may read: all of the Partnership, their own agency's staff, or technical events."""
    tests: list[ColumnElement[bool]] = [false()]
    if allowed(actor, Permission.AUDIT_READ):
        tests.append(AuditEvent.sequence > 0)
    if allowed(actor, Permission.AUDIT_READ_TECHNICAL):
        tests.append(AuditEvent.action.in_(TECHNICAL))
    if allowed(actor, Permission.AUDIT_READ_OWN_STAFF):
        tests.extend(_acted_for(agency) for agency in sorted(actor.agencies(Role.AGENCY_LEAD)))
    return select(AuditEvent).where(AuditEvent.partnership_id == actor.partnership_id, or_(*tests))


def search(session: Session, actor: Actor, wanted: AuditSearch, *, page: int = 1) -> AuditPage:
    """Find events by record, person and time, newest first, a page at a time."""
    found = visible_events(actor)
    if wanted.reference:
        found = found.where(AuditEvent.object_reference == wanted.reference)
    if wanted.actor_id is not None:
        to_it = and_(AuditEvent.object_reference == wanted.account, AuditEvent.object_reference != "")
        found = found.where(or_(AuditEvent.actor_id == wanted.actor_id, to_it))
    if wanted.since is not None:
        found = found.where(AuditEvent.at >= wanted.since)
    if wanted.until is not None:
        found = found.where(AuditEvent.at < wanted.until)
    total = session.scalar(select(func.count()).select_from(found.subquery())) or 0
    newest = found.order_by(AuditEvent.sequence.desc()).limit(PER_PAGE).offset((max(1, page) - 1) * PER_PAGE)
    return AuditPage(events=tuple(session.scalars(newest)), total=total, page=max(1, page))


def _acted_for(agency_id: int) -> ColumnElement[bool]:
    """Match the sorted list of agency numbers as it is stored: `[3,17]`."""
    listed = "," + func.replace(func.replace(AuditEvent.agency_ids, "[", ""), "]", "") + ","
    return listed.contains(f",{agency_id},")
