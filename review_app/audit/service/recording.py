"""Recording what was done and who looked, and proving that nothing was changed since."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, delete, func, select
from sqlalchemy.orm import Session

from review_app import crypto
from review_app.audit import chain, context
from review_app.audit.models import AuditEvent, AuditSegment, RecordSalt
from review_app.audit.rules import (
    GENESIS,
    AuditAction,
    Change,
    Report,
    instant_text,
    kind_of,
    month_end,
    next_month,
    segment_message,
)
from review_app.audit.verify import verify
from review_app.db import unit_of_work
from review_app.policy import Actor

__all__ = [
    "AuditAction", "RecordName", "Report", "close_segments", "destroy_salt", "destroy_salts", "install", "record",
    "record_denial", "record_view", "verify",
]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class RecordName:
    """A record named without being loaded."""

    table: str
    reference: str
    partnership_id: int | None

    @property
    def __tablename__(self) -> str:
        return self.table


def install(engine: Engine, head_path: Path) -> None:
    """Keep the head of this database's chain in a file too, written after every commit that adds events."""
    chain.attach(engine, head_path)


def record(
    session: Session,
    actor: Actor | None,
    verb: str,
    subject: chain.Subject,
    *,
    at: datetime,
    purpose: str = "",
    section: str = "",
    changes: Mapping[str, Change] | None = None,
    action: AuditAction | None = None,
) -> None:
    """Record that something was done, in the transaction in which it is done.

    The event is chained when the session commits, and vanishes if it rolls back. `changes` gives old and new values;
    only fields that the model names in `__audit_plain__` (mark N) are kept in clear.
    """
    chain.buffer(
        session,
        chain.Pending(
            actor=actor,
            action=action or kind_of(verb),
            verb=str(verb),
            subject=subject,
            at=at,
            section=section,
            purpose=purpose,
            request_id=context.request_id.get(),
            changes=dict(changes or {}),
        ),
    )


def record_view(actor: Actor, subject: chain.Subject, *, at: datetime, section: str = "", purpose: str = "") -> None:
    """Record that a sensitive page was opened, in a transaction of its own."""
    named = RecordName(table=subject.__tablename__, reference=subject.reference, partnership_id=subject.partnership_id)
    with unit_of_work() as session:
        record(session, actor, AuditAction.VIEW, named, at=at, section=section, purpose=purpose)


def record_denial(
    actor: Actor | None, table: str, reference: str, *, at: datetime, owner_id: int | None = None, purpose: str = ""
) -> None:
    """Record that a restricted record was refused to somebody, in a transaction of its own.

    The refusal belongs to the Partnership in which the person was acting: that is whose people are to be asked. Where
    nobody was signed in it belongs to the record's own.
    """
    whose = actor.partnership_id if actor else owner_id
    named = RecordName(table=table, reference=reference, partnership_id=whose)
    with unit_of_work() as session:
        record(session, actor, AuditAction.DENIED, named, at=at, purpose=purpose)


def destroy_salt(session: Session, table: str, reference: str) -> None:
    """Destroy the key of a record's digests, when the record itself is destroyed."""
    session.execute(
        delete(RecordSalt).where(RecordSalt.object_table == table, RecordSalt.object_reference == reference)
    )


def destroy_salts(session: Session, references: Collection[str]) -> None:
    """Destroy the keys of the digests of every record that bears one of these references, in whichever table."""
    session.execute(delete(RecordSalt).where(RecordSalt.object_reference.in_(references)))


def close_segments(session: Session, *, now: datetime) -> list[AuditSegment]:
    """Sign every month that has ended and is not signed yet, so that its events can be pruned later.

    A segment is a run of events without a gap; one that was committed late belongs to the month after. It is done in a
    transaction of its own, since it holds the chain's head from the start.
    """
    chain.lock_head(session)
    closed: list[AuditSegment] = []
    last = session.scalar(select(AuditSegment).order_by(AuditSegment.last_sequence.desc()).limit(1))
    while True:
        done = last.last_sequence if last else 0
        first = session.get(AuditEvent, done + 1)
        if first is None:
            return closed
        month = max(instant_text(first.at)[:7], next_month(last.month) if last else "")
        if month_end(month) > now:
            return closed
        final = session.scalar(
            select(func.max(AuditEvent.sequence)).where(AuditEvent.at < month_end(month), AuditEvent.sequence > done)
        )
        last = _sign_segment(month, first, session.get_one(AuditEvent, final), last.last_hash if last else GENESIS, now)
        session.add(last)
        session.flush()
        closed.append(last)


def _sign_segment(month: str, first: AuditEvent, final: AuditEvent, previous_hash: str, now: datetime) -> AuditSegment:
    key_id = crypto.ring().current_id
    values = {
        "month": month,
        "first_sequence": first.sequence,
        "last_sequence": final.sequence,
        "previous_hash": previous_hash,
        "last_hash": final.hash,
        "key_id": key_id,
    }
    signature = crypto.audit_mac(key_id, segment_message({**values, "closed_at": instant_text(now)}))
    return AuditSegment(**values, closed_at=now, signature=signature)
