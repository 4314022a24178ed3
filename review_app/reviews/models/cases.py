"""The case itself: its state, what was decided about it, what stands beside that, and what stays when it is gone."""

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from review_app.crypto import sealed_column
from review_app.db import Base
from review_app.destructible import Destructible, DestructibleAnswers, DestructibleText, KeyName
from review_app.keystore import RecordKind
from review_app.reviews.rules.states import CaseAction, CaseState, FlagKind


class OfCase(Destructible):
    """A mixin for rows that belong to one case and are sealed under its key; `case_uuid` names the key."""

    case_uuid: Mapped[str] = mapped_column(String(36), index=True)

    @property
    def data_key_name(self) -> KeyName:
        """The case's key."""
        return RecordKind.REVIEW_CASE, self.case_uuid


class ReviewCase(Destructible, Base):
    """One death under review. Its reference is random and tells nothing; after destruction this row is the stub."""

    __tablename__ = "review_case"
    __table_args__ = (
        CheckConstraint("(state = 'destroyed') = (destroyed_at IS NOT NULL)", name="destroyed"),
        CheckConstraint("state <> 'destroyed' OR (facts_sealed IS NULL AND no_learning_sealed IS NULL)", name="stub"),
        Index("ix_review_case_state", "partnership_id", "state"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[str] = mapped_column(String(36), unique=True)
    reference: Mapped[str] = mapped_column(String(30), unique=True)
    partnership_id: Mapped[int] = mapped_column(ForeignKey("partnership.id"))
    panel_id: Mapped[int] = mapped_column(ForeignKey("panel.id"))
    state: Mapped[CaseState] = mapped_column(default=CaseState.NOTIFIED)
    limbs: Mapped[list[str]] = mapped_column(JSON, default=list)
    opened_at: Mapped[datetime]
    moved_at: Mapped[datetime]
    signed_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    destroyed_at: Mapped[datetime | None]
    facts_sealed: Mapped[bytes | None] = sealed_column()
    no_learning_sealed: Mapped[bytes | None] = sealed_column()
    version: Mapped[int] = mapped_column()
    facts = DestructibleAnswers("facts_sealed")
    no_learning = DestructibleText("no_learning_sealed")
    __mapper_args__ = {"version_id_col": version}
    __audit_plain__ = frozenset({"state", "limbs"})

    @property
    def data_key_name(self) -> KeyName:
        """The case's own key."""
        return RecordKind.REVIEW_CASE, self.uuid


class CaseMove(OfCase, Base):
    """One move of a case, with the reason that was given."""

    __tablename__ = "case_move"
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("review_case.id"), index=True)
    action: Mapped[CaseAction]
    from_state: Mapped[str] = mapped_column(String(40))
    to_state: Mapped[str] = mapped_column(String(40))
    reason_sealed: Mapped[bytes | None] = sealed_column()
    moved_at: Mapped[datetime]
    moved_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    reason = DestructibleText("reason_sealed")


class TriageDecision(OfCase, Base):
    """What was decided about including a case, under which settings, on which facts. The first is never overwritten."""

    __tablename__ = "triage_decision"
    __table_args__ = (
        CheckConstraint("outcome IN ('out_of_scope', 'in_scope_not_selected', 'selected')", name="outcome"),
        CheckConstraint("criterion_basis IN ('suspected', 'confirmed')", name="basis"),
        UniqueConstraint("case_id", "number"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("review_case.id"))
    number: Mapped[int]
    outcome: Mapped[CaseState]
    limbs: Mapped[list[str]] = mapped_column(JSON, default=list)
    criterion_basis: Mapped[str] = mapped_column(String(20))
    settings_id: Mapped[int] = mapped_column(ForeignKey("rule_set.id"))
    facts_sealed: Mapped[bytes | None] = sealed_column()
    explanation_sealed: Mapped[bytes | None] = sealed_column()
    reason_sealed: Mapped[bytes | None] = sealed_column()
    decided_at: Mapped[datetime]
    decided_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    facts = DestructibleAnswers("facts_sealed")
    explanation = DestructibleText("explanation_sealed")
    reason = DestructibleText("reason_sealed")


class SideFlag(OfCase, Base):
    """A hold or warning beside a case's state, from when to when, and why."""

    __tablename__ = "side_flag"
    __table_args__ = (
        CheckConstraint("(ended_at IS NULL) = (ended_by_id IS NULL)", name="ended"),
        Index(
            "uq_side_flag_standing", "case_id", "kind", unique=True,
            sqlite_where=text("ended_at IS NULL"), postgresql_where=text("ended_at IS NULL"),
        ),
    )  # fmt: skip
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("review_case.id"))
    kind: Mapped[FlagKind]
    reason_sealed: Mapped[bytes | None] = sealed_column()
    raised_at: Mapped[datetime]
    raised_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    end_reason_sealed: Mapped[bytes | None] = sealed_column()
    reason = DestructibleText("reason_sealed")
    end_reason = DestructibleText("end_reason_sealed")


class CaseVersion(OfCase, Base):
    """What was signed, whole and unchanging; reopening makes the next number."""

    __tablename__ = "case_version"
    __table_args__ = (UniqueConstraint("case_id", "number"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("review_case.id"))
    number: Mapped[int]
    content_sealed: Mapped[bytes | None] = sealed_column()
    digest: Mapped[str] = mapped_column(String(64))
    accuracy_reason_sealed: Mapped[bytes | None] = sealed_column()
    signed_at: Mapped[datetime]
    signed_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    content = DestructibleText("content_sealed")
    accuracy_reason = DestructibleText("accuracy_reason_sealed")


class DestructionRecord(Base):
    """What remains of a destroyed case: its reference, what was destroyed, why, and which two people agreed.

    `data_keys` names the keys that must go once the approval is committed, as pairs of kind and record, so that a
    process that dies in between leaves nothing behind that another cannot finish.
    """

    __tablename__ = "destruction_record"
    __table_args__ = (
        CheckConstraint("approved_by_id IS NULL OR approved_by_id <> proposed_by_id", name="two_people"),
        CheckConstraint("(approved_at IS NULL) = (approved_by_id IS NULL)", name="approved"),
        CheckConstraint("(refused_at IS NULL) = (refused_by_id IS NULL)", name="refused"),
        CheckConstraint("approved_at IS NULL OR refused_at IS NULL", name="one_answer"),
        CheckConstraint("keys_gone_at IS NULL OR approved_at IS NOT NULL", name="keys_gone"),
        Index(
            "uq_destruction_record_open", "case_id", unique=True,
            sqlite_where=text("refused_at IS NULL"), postgresql_where=text("refused_at IS NULL"),
        ),
    )  # fmt: skip
    id: Mapped[int] = mapped_column(primary_key=True)
    partnership_id: Mapped[int] = mapped_column(ForeignKey("partnership.id"))
    case_id: Mapped[int] = mapped_column(ForeignKey("review_case.id"))
    reference: Mapped[str] = mapped_column(String(30))
    record_classes: Mapped[list[str]] = mapped_column(JSON, default=list)
    authority: Mapped[str] = mapped_column(String(300))
    rule_id: Mapped[int] = mapped_column(ForeignKey("rule_set.id"))
    due_on: Mapped[date]
    proposed_at: Mapped[datetime]
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    approved_at: Mapped[datetime | None]
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    refused_at: Mapped[datetime | None]
    refused_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    refusal_reason: Mapped[str] = mapped_column(String(300), default="")
    data_keys: Mapped[list[list[str]]] = mapped_column(JSON, default=list)
    keys_gone_at: Mapped[datetime | None]
