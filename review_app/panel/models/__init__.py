"""Corroboration rounds, blind assessments, the panel's decision with its dissent, and the efficacy check."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from review_app.accounts.models import Agency
from review_app.db import Base, named_enumeration
from review_app.marks import Confidence, Grade, ModifierLevel, Severity
from review_app.panel.rules import CorroborationState, EfficacyAnswer, Outcome, PanelDecisionState, ReplyAnswer
from review_app.submissions.models import Signal


class CorroborationRequest(Base):
    """One question round on a Signal to chosen agencies, with a neutral summary and a due time."""

    __tablename__ = "corroboration_request"
    __table_args__ = (
        CheckConstraint("state = 'draft' OR sent_at IS NOT NULL", name="sent"),
        CheckConstraint("state NOT IN ('closed', 'cancelled') OR closed_at IS NOT NULL", name="closed"),
        Index("ix_corroboration_request_signal", "signal_id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    signal_id: Mapped[int] = mapped_column(ForeignKey("signal.id"))
    partnership_id: Mapped[int] = mapped_column(ForeignKey("partnership.id"))
    state: Mapped[CorroborationState]
    summary: Mapped[str] = mapped_column(Text)
    urgent: Mapped[bool]
    sent_at: Mapped[datetime | None]
    sent_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    half_at: Mapped[datetime]
    due_at: Mapped[datetime]
    half_chased_at: Mapped[datetime | None]
    due_chased_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    closure_note: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column()
    signal: Mapped[Signal] = relationship()
    asks: Mapped[list["CorroborationAsk"]] = relationship(back_populates="request", order_by="CorroborationAsk.id")
    __mapper_args__ = {"version_id_col": version}
    __audit_plain__ = frozenset({"state", "urgent"})

    @property
    def reference(self) -> str:
        """A round is named in the audit by its number within the installation."""
        return f"round-{self.id}"


class CorroborationAsk(Base):
    """One agency asked in one round."""

    __tablename__ = "corroboration_ask"
    __table_args__ = (UniqueConstraint("request_id", "agency_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("corroboration_request.id"))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    request: Mapped[CorroborationRequest] = relationship(back_populates="asks")
    agency: Mapped[Agency] = relationship()
    replies: Mapped[list["CorroborationReply"]] = relationship(back_populates="ask", order_by="CorroborationReply.id")
    links: Mapped[list["CorroborationLink"]] = relationship(back_populates="ask")

    @property
    def reference(self) -> str:
        """The public word for one agency's question in an address."""
        return f"ask-{self.id}"

    @property
    def reply(self) -> "CorroborationReply | None":
        """The reply in force: the latest that was not taken back."""
        standing = [reply for reply in self.replies if reply.undone_at is None]
        return standing[-1] if standing else None


class CorroborationLink(Base):
    """A private link, stored hashed, by which one agency's people answer without an account."""

    __tablename__ = "corroboration_link"
    id: Mapped[int] = mapped_column(primary_key=True)
    ask_id: Mapped[int] = mapped_column(ForeignKey("corroboration_ask.id"))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime]
    ask: Mapped[CorroborationAsk] = relationship(back_populates="links")


class CorroborationReply(Base):
    """One agency's answer. A later one replaces it in effect; a late one is kept and flagged."""

    __tablename__ = "corroboration_reply"
    id: Mapped[int] = mapped_column(primary_key=True)
    ask_id: Mapped[int] = mapped_column(ForeignKey("corroboration_ask.id"))
    answer: Mapped[ReplyAnswer]
    words: Mapped[str] = mapped_column(Text, default="")
    replied_at: Mapped[datetime]
    replied_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    late: Mapped[bool] = mapped_column(default=False)
    undone_at: Mapped[datetime | None]
    ask: Mapped[CorroborationAsk] = relationship(back_populates="replies")


class PanelDecision(Base):
    """One round of grading a Signal and what came of it: suggested grade, final grade, outcome, reason."""

    __tablename__ = "panel_decision"
    __table_args__ = (
        UniqueConstraint("signal_id", "round"),
        CheckConstraint("state = 'collecting' OR revealed_at IS NOT NULL", name="revealed"),
        CheckConstraint(
            "state IN ('collecting', 'revealed') OR (decided_at IS NOT NULL AND final_grade IS NOT NULL"
            " AND outcome IS NOT NULL AND decided_by_id IS NOT NULL)",
            name="decided",
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    signal_id: Mapped[int] = mapped_column(ForeignKey("signal.id"))
    partnership_id: Mapped[int] = mapped_column(ForeignKey("partnership.id"))
    round: Mapped[int]
    state: Mapped[PanelDecisionState]
    scheme_id: Mapped[int] = mapped_column(ForeignKey("assessment_scheme.id"))
    opened_at: Mapped[datetime]
    opened_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    revealed_at: Mapped[datetime | None]
    revealed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    suggested_grade: Mapped[Grade | None] = mapped_column(named_enumeration(Grade, "suggested_grade"))
    suggested_star: Mapped[bool] = mapped_column(default=False)
    spread: Mapped[int | None]
    final_grade: Mapped[Grade | None] = mapped_column(named_enumeration(Grade, "final_grade"))
    grade_reason: Mapped[str] = mapped_column(Text, default="")
    outcome: Mapped[Outcome | None]
    reason: Mapped[str] = mapped_column(Text, default="")
    audience_reason: Mapped[str] = mapped_column(Text, default="")
    urgent_rule: Mapped[bool] = mapped_column(default=False)
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    ratified_at: Mapped[datetime | None]
    ratified_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    ratification_reason: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column()
    signal: Mapped[Signal] = relationship()
    assessments: Mapped[list["Assessment"]] = relationship(back_populates="decision", order_by="Assessment.id")
    efficacy: Mapped[list["EfficacyCheck"]] = relationship(order_by="EfficacyCheck.question_key")
    dissents: Mapped[list["Dissent"]] = relationship(order_by="Dissent.id")
    __mapper_args__ = {"version_id_col": version}
    __audit_plain__ = frozenset({"state", "suggested_grade", "final_grade", "outcome", "urgent_rule"})

    @property
    def reference(self) -> str:
        """A decision is named in the audit by its Signal."""
        return self.signal.reference


class Assessment(Base):
    """One member's own grading of a Signal, made blind until the reveal; a later one replaces the earlier."""

    __tablename__ = "assessment"
    __table_args__ = (
        Index(
            "uq_assessment_in_force",
            "decision_id",
            "user_id",
            unique=True,
            sqlite_where=text("replaced_at IS NULL"),
            postgresql_where=text("replaced_at IS NULL"),
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    decision_id: Mapped[int] = mapped_column(ForeignKey("panel_decision.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    agency_type: Mapped[str] = mapped_column(String(40))
    clinical: Mapped[bool]
    chairs: Mapped[bool]
    severity: Mapped[Severity]
    confidence: Mapped[Confidence]
    relevance: Mapped[ModifierLevel] = mapped_column(named_enumeration(ModifierLevel, "relevance"))
    novelty: Mapped[ModifierLevel] = mapped_column(named_enumeration(ModifierLevel, "novelty"))
    vulnerability: Mapped[ModifierLevel] = mapped_column(named_enumeration(ModifierLevel, "vulnerability"))
    time_sensitivity: Mapped[ModifierLevel] = mapped_column(named_enumeration(ModifierLevel, "time_sensitivity"))
    efficacy: Mapped[dict[str, Any]]
    suggested_grade: Mapped[Grade]
    starred: Mapped[bool]
    reason: Mapped[str] = mapped_column(Text)
    blind: Mapped[bool]
    made_at: Mapped[datetime]
    replaced_at: Mapped[datetime | None]
    decision: Mapped[PanelDecision] = relationship(back_populates="assessments")
    agency: Mapped[Agency] = relationship()


class EfficacyCheck(Base):
    """One answer of the decision's check that an alert would do more good than harm."""

    __tablename__ = "efficacy_check"
    __table_args__ = (UniqueConstraint("decision_id", "question_key"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    decision_id: Mapped[int] = mapped_column(ForeignKey("panel_decision.id"))
    question_key: Mapped[str] = mapped_column(String(10))
    answer: Mapped[EfficacyAnswer]
    note: Mapped[str] = mapped_column(Text, default="")


class Dissent(Base):
    """A member's recorded disagreement with a decision."""

    __tablename__ = "dissent"
    __table_args__ = (UniqueConstraint("decision_id", "user_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    decision_id: Mapped[int] = mapped_column(ForeignKey("panel_decision.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
