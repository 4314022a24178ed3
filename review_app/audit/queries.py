"""Reading the audit: one record's story, the information-governance lead's search, and which months may be pruned."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, union
from sqlalchemy.orm import Session, selectinload

from review_app import events
from review_app.audit.events import AuditHides, AuditIsKept, AuditPrunes
from review_app.audit.models import AuditEvent, AuditPruning, AuditSegment
from review_app.audit.rules import (
    LEAST_YEARS,
    TECHNICAL,
    AuditAction,
    PruningState,
    approvals_needed,
    kept_until,
    month_end,
)
from review_app.errors import NotVisible
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


def visible_events(session: Session, actor: Actor) -> Select[AuditEvent]:
    """Narrow to what the person may read: all of the Partnership, their own agency's staff, or technical events.

    Of a record that a declared conflict hides from them they find nothing, nor that somebody asked for it.
    """
    tests: list[ColumnElement[bool]] = [false()]
    if allowed(actor, Permission.AUDIT_READ):
        tests.append(AuditEvent.sequence > 0)
    if allowed(actor, Permission.AUDIT_READ_TECHNICAL):
        tests.append(AuditEvent.action.in_(TECHNICAL))
    if allowed(actor, Permission.AUDIT_READ_OWN_STAFF):
        tests.extend(_acted_for(agency) for agency in sorted(actor.agencies(Role.AGENCY_LEAD)))
    hidden = [each for each in events.answers(session, AuditHides(reader=actor)) if isinstance(each, Select)]
    named = (AuditEvent.object_reference, AuditEvent.purpose)
    return select(AuditEvent).where(
        AuditEvent.partnership_id == actor.partnership_id,
        or_(*tests),
        *(column.not_in(references) for references in hidden for column in named),
    )


def search(session: Session, actor: Actor, wanted: AuditSearch, *, page: int = 1) -> AuditPage:
    """Find events by record, person and time, newest first, a page at a time."""
    found = visible_events(session, actor)
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


def keys_needed(session: Session) -> list[str]:
    """Name the field keys under which events or months that are left were made: without them nothing is proved."""
    used = union(select(AuditEvent.key_id), select(AuditSegment.key_id))
    return sorted(session.scalars(used))


def years_kept(session: Session, *, now: datetime) -> int:
    """Say for how many years the audit is kept: the longest that anybody asks for, and never less than the least."""
    asked = events.answers(session, AuditIsKept(at=now))
    return max(LEAST_YEARS, *(each for each in asked if isinstance(each, int)), 0)


def signed_months(session: Session) -> Sequence[AuditSegment]:
    """Give every signed month, the newest first."""
    return session.scalars(select(AuditSegment).order_by(AuditSegment.last_sequence.desc())).all()


def months_left(session: Session, up_to: str) -> list[AuditSegment]:
    """Give the signed months that were not pruned, up to and including one, the oldest first."""
    left = select(AuditSegment).where(AuditSegment.pruned_at.is_(None), AuditSegment.month <= up_to)
    return list(session.scalars(left.order_by(AuditSegment.last_sequence)))


def months_due(session: Session, *, now: datetime) -> list[AuditSegment]:
    """Give the months that may be pruned, the oldest first, up to the first that must still be kept."""
    years, due = years_kept(session, now=now), []
    for segment in months_left(session, "9999-12"):
        kept = AuditPrunes(before=month_end(segment.month), at=now)
        if kept_until(segment.month, years) > now or events.objections(session, kept):
            break
        due.append(segment)
    return due


def concerned(session: Session, months: Sequence[AuditSegment]) -> frozenset[int]:
    """Give the Partnerships of which these months, that follow one another, hold events."""
    if not months:
        return frozenset()
    within = AuditEvent.sequence.between(months[0].first_sequence, months[-1].last_sequence)
    whose = select(AuditEvent.partnership_id).where(within, AuditEvent.partnership_id.is_not(None)).distinct()
    return frozenset(each for each in session.scalars(whose) if each is not None)


def open_pruning(session: Session) -> AuditPruning | None:
    """Find the proposal to prune that is open. There is at most one."""
    return session.scalar(select(AuditPruning).where(AuditPruning.state == PruningState.PROPOSED))


def get_pruning(session: Session, actor: Actor, number: int, *, lock: bool = False) -> AuditPruning:
    """Give a proposal to prune to an information governance lead of any Partnership. Raises NotVisible."""
    wanted = select(AuditPruning).where(AuditPruning.id == number).options(selectinload(AuditPruning.approvals))
    if lock:
        wanted = wanted.with_for_update(of=AuditPruning).execution_options(populate_existing=True)
    pruning = session.scalar(wanted) if allowed(actor, Permission.AUDIT_PRUNE) else None
    if pruning is None:
        raise NotVisible("We cannot find that proposal.")
    return pruning


@dataclass(frozen=True, kw_only=True)
class PruningPage:
    """A proposal to prune: what goes or went, whose approval it waits for, and whether this person can give it."""

    pruning: AuditPruning
    months: Sequence[AuditSegment]
    waits_for: frozenset[int]
    may_approve: bool

    @property
    def events(self) -> int:
        """Say how many events go or went."""
        return sum(each.last_sequence - each.first_sequence + 1 for each in self.months)


def pruning_page(session: Session, actor: Actor, number: int) -> PruningPage:
    """Give the page of a proposal to prune. Raises NotVisible."""
    pruning = get_pruning(session, actor, number)
    months, waits_for = _went(session, pruning), frozenset[int]()
    if pruning.state is PruningState.PROPOSED:
        months = months_left(session, pruning.up_to)
        given = {each.partnership_id for each in pruning.approvals}
        waits_for = approvals_needed(concerned(session, months), pruning.proposed_for) - given
    mine = actor.partnership_id in waits_for and actor.user_id != pruning.proposed_by_id
    return PruningPage(pruning=pruning, months=months, waits_for=waits_for, may_approve=mine)


def _went(session: Session, pruning: AuditPruning) -> list[AuditSegment]:
    if pruning.state is not PruningState.CARRIED_OUT:
        return []
    went = select(AuditSegment).where(AuditSegment.month <= pruning.up_to, AuditSegment.pruned_at == pruning.settled_at)
    return list(session.scalars(went.order_by(AuditSegment.last_sequence)))
