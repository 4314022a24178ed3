"""EvidenceLink: a typed, dated, reversible link between two records. Share: one record shown to a neighbour."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from review_app.db import Base
from review_app.marks import Tlp

ENDS = ("submission", "signal", "alert", "incident", "review_case")


def _exactly_one(prefix: str) -> str:
    counted = " + ".join(f"(CASE WHEN {prefix}_{end}_id IS NULL THEN 0 ELSE 1 END)" for end in ENDS)
    return f"{counted} = 1"


class Relation(StrEnum):
    """What one record is to the other."""

    GATHERED_INTO = "gathered_into"
    WARNED_BY = "warned_by"
    UPDATES = "updates"
    MAY_EXPLAIN = "may_explain"
    RELATED = "related"


class Incident(Base):
    """A declared multi-agency response. Its reference is here from the start, so that evidence can be linked to it."""

    __tablename__ = "incident"
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(30), unique=True)
    partnership_id: Mapped[int] = mapped_column(ForeignKey("partnership.id"))
    exercise: Mapped[bool] = mapped_column(default=False)
    declared_at: Mapped[datetime]


class EvidenceLink(Base):
    """One end, the other end, what the first is to the second, who said so and when; taken back, never deleted."""

    __tablename__ = "evidence_link"
    __table_args__ = (
        CheckConstraint(_exactly_one("from"), name="one_from"),
        CheckConstraint(_exactly_one("to"), name="one_to"),
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
    to_submission_id: Mapped[int | None] = mapped_column(ForeignKey("submission.id"))
    to_signal_id: Mapped[int | None] = mapped_column(ForeignKey("signal.id"))
    to_alert_id: Mapped[int | None] = mapped_column(ForeignKey("alert.id"))
    to_incident_id: Mapped[int | None] = mapped_column(ForeignKey("incident.id"))
    to_review_case_id: Mapped[int | None] = mapped_column(ForeignKey("review_case.id"))
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
        CheckConstraint(
            "(CASE WHEN signal_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN alert_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN review_case_id IS NULL THEN 0 ELSE 1 END) = 1",
            name="one_record",
        ),
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
