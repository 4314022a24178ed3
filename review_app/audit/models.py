"""The audit's tables. An event names records and people by reference and id only, so that it outlives them."""

import json
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Dialect,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    event,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.schema import DDL
from sqlalchemy.types import TypeDecorator

from review_app.audit.ddl import APPEND_ONLY
from review_app.audit.rules import AuditAction, Plain, PruningState, instant_of, instant_text
from review_app.db import Base


class InstantText(TypeDecorator[datetime]):
    """An instant held as text of one width, so that what is hashed is exactly what is stored, on every database."""

    impl = String(27)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """Refuse a naive value; write UTC."""
        return None if value is None else instant_text(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        """Read UTC."""
        return None if value is None else instant_of(value)


class AuditEvent(Base):
    """One thing that was done or looked at. Rows are only ever added; the database refuses anything else."""

    __tablename__ = "audit_event"
    __table_args__ = (
        CheckConstraint("sequence > 0", name="sequence_positive"),
        Index("ix_audit_event_record", "object_table", "object_reference", "sequence"),
        Index("ix_audit_event_reference", "object_reference"),
        Index("ix_audit_event_actor", "actor_id", "sequence"),
        Index("ix_audit_event_partnership", "partnership_id", "sequence"),
        Index("ix_audit_event_at", "at"),
    )
    sequence: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False
    )
    at: Mapped[datetime] = mapped_column(InstantText)
    actor_id: Mapped[int | None]
    roles: Mapped[str] = mapped_column(Text)
    agency_ids: Mapped[str] = mapped_column(Text)
    partnership_id: Mapped[int | None]
    action: Mapped[AuditAction]
    verb: Mapped[str] = mapped_column(String(60))
    object_table: Mapped[str] = mapped_column(String(60))
    object_reference: Mapped[str] = mapped_column(String(120))
    section: Mapped[str] = mapped_column(String(60))
    purpose: Mapped[str] = mapped_column(Text)
    content: Mapped[str] = mapped_column(Text)
    request_id: Mapped[str] = mapped_column(String(64))
    key_id: Mapped[str] = mapped_column(String(20))
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)

    @property
    def changes(self) -> dict[str, dict[str, Plain]]:
        """Give old and new values of fields marked N, and digests of the others, by field."""
        found: dict[str, dict[str, Plain]] = json.loads(self.content)
        return found

    @property
    def held_roles(self) -> list[str]:
        """Give the roles the person held then, as `held:role`."""
        found: list[str] = json.loads(self.roles)
        return found


class AuditHead(Base):
    """The end of the chain, in one row. Locking it, last of all before commit, orders the writers."""

    __tablename__ = "audit_head"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sequence: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str] = mapped_column(String(64))


class RecordSalt(Base):
    """The key of a record's digests. Destroying it with the record makes them say nothing."""

    __tablename__ = "record_salt"
    object_table: Mapped[str] = mapped_column(String(60), primary_key=True)
    object_reference: Mapped[str] = mapped_column(String(120), primary_key=True)
    salt: Mapped[bytes] = mapped_column(LargeBinary)


class AuditSegment(Base):
    """One closed month of the chain, signed, so that its events can be pruned and what stays still be proved."""

    __tablename__ = "audit_segment"
    __table_args__ = (
        CheckConstraint("last_sequence >= first_sequence", name="in_order"),
        UniqueConstraint("first_sequence"),
        UniqueConstraint("last_sequence"),
    )
    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    first_sequence: Mapped[int] = mapped_column(BigInteger)
    last_sequence: Mapped[int] = mapped_column(BigInteger)
    previous_hash: Mapped[str] = mapped_column(String(64))
    last_hash: Mapped[str] = mapped_column(String(64))
    closed_at: Mapped[datetime] = mapped_column(InstantText)
    key_id: Mapped[str] = mapped_column(String(20))
    signature: Mapped[str] = mapped_column(String(64))
    pruned_at: Mapped[datetime | None]


class AuditPruning(Base):
    """A proposal to prune every signed month that is left, up to and including one. One is open at a time."""

    __tablename__ = "audit_pruning"
    __table_args__ = (
        CheckConstraint("(state = 'proposed') = (settled_at IS NULL)", name="settled"),
        UniqueConstraint("id", "proposed_by_id"),  # so that an approval can copy the person and be held to it
        Index(
            "uq_audit_pruning_open",
            "state",
            unique=True,
            sqlite_where=text("state = 'proposed'"),
            postgresql_where=text("state = 'proposed'"),
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    up_to: Mapped[str] = mapped_column(ForeignKey("audit_segment.month"))
    state: Mapped[PruningState] = mapped_column(default=PruningState.PROPOSED)
    proposed_by_id: Mapped[int]
    proposed_for: Mapped[int]
    proposed_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    approvals: Mapped[list["AuditPruningApproval"]] = relationship(order_by="AuditPruningApproval.id")


class AuditPruningApproval(Base):
    """An information governance lead's agreement that their Partnership's events go. Never the proposer's own."""

    __tablename__ = "audit_pruning_approval"
    __table_args__ = (
        ForeignKeyConstraint(["pruning_id", "proposed_by_id"], ["audit_pruning.id", "audit_pruning.proposed_by_id"]),
        CheckConstraint("approved_by_id <> proposed_by_id", name="not_the_proposer"),
        UniqueConstraint("pruning_id", "partnership_id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    pruning_id: Mapped[int]
    proposed_by_id: Mapped[int]
    approved_by_id: Mapped[int]
    partnership_id: Mapped[int]
    approved_at: Mapped[datetime]


for _dialect, _statements in APPEND_ONLY.items():
    for _statement in _statements:
        _statement_if = DDL(_statement).execute_if(dialect=_dialect)  # type: ignore[no-untyped-call]
        event.listen(AuditEvent.__table__, "after_create", _statement_if)
