"""EvidenceLink: a typed, dated, reversible link between two records. Share: one record shown to a neighbour."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from review_app.db import Base
from review_app.marks import Tlp

ENDS = (
    "submission", "signal", "alert", "incident", "review_case", "learning_point", "recommendation", "action",
)  # fmt: skip


def exactly_one(*columns: str) -> str:
    """Give the CHECK that one of these columns, and one only, holds something."""
    return " + ".join(f"(CASE WHEN {column} IS NULL THEN 0 ELSE 1 END)" for column in columns) + " = 1"


class Relation(StrEnum):
    """What one record is to the other."""

    GATHERED_INTO = "gathered_into"
    WARNED_BY = "warned_by"
    UPDATES = "updates"
    MAY_EXPLAIN = "may_explain"
    RELATED = "related"
    GAVE_LEARNING = "gave_learning"
    LED_TO = "led_to"
    CARRIED_OUT_BY = "carried_out_by"


class Incident(Base):
    """A declared multi-agency response. Its reference is here from the start, so that evidence can be linked to it."""

    __tablename__ = "incident"
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(30), unique=True)
    partnership_id: Mapped[int] = mapped_column(ForeignKey("partnership.id"))
    exercise: Mapped[bool] = mapped_column(default=False)
    declared_at: Mapped[datetime]


class Debrief(Base):
    """What was learned together after an incident or an exercise. It is here so that an action can come from one."""

    __tablename__ = "debrief"
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(30), unique=True)
    partnership_id: Mapped[int] = mapped_column(ForeignKey("partnership.id"))
    incident_id: Mapped[int | None] = mapped_column(ForeignKey("incident.id"))
    opened_at: Mapped[datetime]


class EvidenceLink(Base):
    """One end, the other end, what the first is to the second, who said so and when; taken back, never deleted."""

    __tablename__ = "evidence_link"
    __table_args__ = (
        CheckConstraint(exactly_one(*(f"from_{end}_id" for end in ENDS)), name="one_from"),
        CheckConstraint(exactly_one(*(f"to_{end}_id" for end in ENDS)), name="one_to"),
        CheckConstraint("(reversed_at IS NULL) = (reversed_by_id IS NULL)", name="reversed"),
        *(Index(f"ix_evidence_link_{side}_{end}", f"{side}_{end}_id") for side in ("from", "to") for end in ENDS),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    partnership_id: Mapped[int] = mapped_column(ForeignKey("partnership.id"))
    relation: Mapped[Relation]
    from_submission_id: Mapped[int | None] = mapped_column(ForeignKey("submission.id"))
    from_signal_id: Mapped[int | None] = mapped_column(ForeignKey("signal.id"))
    from_alert_id: Mapped[int | None] = mapped_column(ForeignKey("alert.id"))
    from_incident_id: Mapped[int | None] = mapped_column(ForeignKey("incident.id"))
    from_review_case_id: Mapped[int | None] = mapped_column(ForeignKey("review_case.id"))
    from_learning_point_id: Mapped[int | None] = mapped_column(ForeignKey("learning_point.id"))
    from_recommendation_id: Mapped[int | None] = mapped_column(ForeignKey("recommendation.id"))
    from_action_id: Mapped[int | None] = mapped_column(ForeignKey("action.id"))
    to_submission_id: Mapped[int | None] = mapped_column(ForeignKey("submission.id"))
    to_signal_id: Mapped[int | None] = mapped_column(ForeignKey("signal.id"))
    to_alert_id: Mapped[int | None] = mapped_column(ForeignKey("alert.id"))
    to_incident_id: Mapped[int | None] = mapped_column(ForeignKey("incident.id"))
    to_review_case_id: Mapped[int | None] = mapped_column(ForeignKey("review_case.id"))
    to_learning_point_id: Mapped[int | None] = mapped_column(ForeignKey("learning_point.id"))
    to_recommendation_id: Mapped[int | None] = mapped_column(ForeignKey("recommendation.id"))
    to_action_id: Mapped[int | None] = mapped_column(ForeignKey("action.id"))
    note: Mapped[str] = mapped_column(Text, default="")
    linked_at: Mapped[datetime]
    linked_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    reversed_at: Mapped[datetime | None]
    reversed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    reversal_reason: Mapped[str] = mapped_column(Text, default="")


class Share(Base):
    """One record shown to one other Partnership, under a mark, until it is taken back."""

    __tablename__ = "share"
    __table_args__ = (
        CheckConstraint(exactly_one("signal_id", "alert_id", "review_case_id"), name="one_record"),
        Index(
            "uq_share_signal_in_force",
            "signal_id",
            "to_partnership_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL AND signal_id IS NOT NULL"),
            postgresql_where=text("ended_at IS NULL AND signal_id IS NOT NULL"),
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    partnership_id: Mapped[int] = mapped_column(ForeignKey("partnership.id"))
    to_partnership_id: Mapped[int] = mapped_column(ForeignKey("partnership.id"))
    signal_id: Mapped[int | None] = mapped_column(ForeignKey("signal.id"))
    alert_id: Mapped[int | None] = mapped_column(ForeignKey("alert.id"))
    review_case_id: Mapped[int | None] = mapped_column(ForeignKey("review_case.id"))
    tlp: Mapped[Tlp]
    shared_at: Mapped[datetime]
    shared_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    ended_at: Mapped[datetime | None]
