"""How events join the chain: buffered while the work is done, chained just before it is committed.

The lock on the chain's head is taken last, after everything else has been written, so writers wait for each other only
for as long as a commit takes, and nobody who holds it waits for anything else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from secrets import token_bytes
from typing import Protocol

import structlog
from sqlalchemy import Engine, event, insert, select, update
from sqlalchemy.orm import Session, SessionTransaction

from review_app import crypto
from review_app.audit import outside
from review_app.audit.models import AuditEvent, AuditHead, RecordSalt
from review_app.audit.rules import (
    GENESIS,
    AuditAction,
    Change,
    Head,
    agencies_of,
    content_of,
    event_message,
    instant_text,
    roles_of,
)
from review_app.once import insert_once
from review_app.policy import Actor

BUFFER, MARKS, COMMITTING = "audit_buffer", "audit_marks", "audit_committing"
HEAD_PATH = "audit_head_path"


class Subject(Protocol):
    """A record that events can be about."""

    @property
    def __tablename__(self) -> str: ...
    @property
    def reference(self) -> str: ...
    @property
    def partnership_id(self) -> int | None: ...


@dataclass(frozen=True, kw_only=True)
class Pending:
    """An event that waits for its commit."""

    actor: Actor | None
    action: AuditAction
    verb: str
    subject: Subject
    at: datetime
    section: str
    purpose: str
    request_id: str
    changes: Mapping[str, Change] = field(default_factory=dict)

    @property
    def record(self) -> tuple[str, str]:
        """Name the record: its table and its reference, read only now, after flush has given it one."""
        return self.subject.__tablename__, self.subject.reference

    @property
    def open_fields(self) -> frozenset[str]:
        """Name the fields of the record that are marked N."""
        fields: frozenset[str] = getattr(self.subject, "__audit_plain__", frozenset())
        return fields


def buffer(session: Session, pending: Pending) -> None:
    """Keep an event until this session commits."""
    session.info.setdefault(BUFFER, []).append(pending)


def attach(engine: Engine, head_path: Path) -> None:
    """Let commits of this engine be followed by writing the head outside the database."""
    head_path.parent.mkdir(parents=True, exist_ok=True)
    engine.update_execution_options(**{HEAD_PATH: str(head_path)})


@event.listens_for(Session, "before_commit")
def _chain(session: Session) -> None:
    if session.in_nested_transaction() or not session.info.get(BUFFER):
        return
    session.flush()
    waiting: list[Pending] = session.info.pop(BUFFER)
    salts = _salts(session, waiting)
    head = lock_head(session)
    rows = []
    for pending in waiting:
        row = _row(pending, head, salts.get(pending.record))
        rows.append(row)
        head = Head(sequence=head.sequence + 1, hash=str(row["hash"]))
    session.connection().execute(insert(AuditEvent.__table__), rows)  # type: ignore[arg-type]
    session.execute(
        update(AuditHead).where(AuditHead.id == 1).values(sequence=head.sequence, hash=head.hash),
        execution_options={"synchronize_session": False},
    )
    session.info[COMMITTING] = head, session.connection().get_execution_options().get(HEAD_PATH)


@event.listens_for(Session, "after_commit")
def _publish(session: Session) -> None:
    if session.in_nested_transaction() or COMMITTING not in session.info:
        return
    head, path = session.info.pop(COMMITTING)
    if path is None:
        return
    try:
        outside.write_head(Path(path), head)
    except (OSError, outside.OutsideHeadDamaged) as error:  # the work is committed; `audit verify` will say more
        structlog.get_logger().error("audit_head_not_written", problem=type(error).__name__)


@event.listens_for(Session, "after_transaction_create")
def _mark(session: Session, transaction: SessionTransaction) -> None:
    if transaction.nested:
        session.info.setdefault(MARKS, {})[transaction] = len(session.info.get(BUFFER, []))


@event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, transaction: SessionTransaction) -> None:
    """What is rolled back was not done: a SAVEPOINT takes its own events with it, a transaction all of them."""
    if transaction.nested:
        waiting, marks = session.info.get(BUFFER, []), session.info.get(MARKS, {})
        del waiting[marks.get(transaction, len(waiting)) :]
    else:
        for name in (BUFFER, MARKS, COMMITTING):
            session.info.pop(name, None)


@event.listens_for(Session, "after_transaction_end")
def _unmark(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(MARKS, None)


def _salts(session: Session, waiting: list[Pending]) -> dict[tuple[str, str], bytes]:
    """Give the salt of every record of which something other than N fields changed, making those that are missing."""
    salts: dict[tuple[str, str], bytes] = {}
    for pending in waiting:
        if pending.changes.keys() <= pending.open_fields or pending.record in salts:
            continue
        table, reference = pending.record
        wanted = select(RecordSalt.salt).where(
            RecordSalt.object_table == table, RecordSalt.object_reference == reference
        )
        salt = session.scalar(wanted)
        if salt is None:
            insert_once(session, RecordSalt, object_table=table, object_reference=reference, salt=token_bytes(32))
            salt = session.scalars(wanted).one()
        salts[pending.record] = salt
    return salts


def lock_head(session: Session) -> Head:
    """Give the head of the chain, and let no other writer pass until this transaction ends."""
    wanted = select(AuditHead.sequence, AuditHead.hash).where(AuditHead.id == 1).with_for_update()
    found = session.execute(wanted).first()
    if found is None:
        insert_once(session, AuditHead, id=1, sequence=0, hash=GENESIS)
        found = session.execute(wanted).one()
    return Head(sequence=found.sequence, hash=found.hash)


def _partnership_of(pending: Pending) -> int | None:
    """Give the Partnership whose audit an event belongs to.

    Accounts and agencies belong to several; what is done to one belongs where the person who did it was acting.
    """
    own = pending.subject.partnership_id
    return own if own is not None or pending.actor is None else pending.actor.partnership_id


def _row(pending: Pending, head: Head, salt: bytes | None) -> dict[str, object]:
    table, reference = pending.record
    ring = crypto.ring()
    row: dict[str, object] = {
        "sequence": head.sequence + 1,
        "at": instant_text(pending.at),
        "actor_id": pending.actor.user_id if pending.actor else None,
        "roles": roles_of(pending.actor),
        "agency_ids": agencies_of(pending.actor),
        "partnership_id": _partnership_of(pending),
        "action": pending.action.value,
        "verb": pending.verb,
        "object_table": table,
        "object_reference": reference,
        "section": pending.section,
        "purpose": pending.purpose.replace("\0", ""),
        "content": content_of(pending.changes, pending.open_fields, salt),
        "request_id": pending.request_id,
        "key_id": ring.current_id,
        "previous_hash": head.hash,
    }
    hashed = crypto.audit_mac(ring.current_id, event_message(row))
    return {**row, "at": pending.at, "action": pending.action, "hash": hashed}
