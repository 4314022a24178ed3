"""Cases on a panel's agenda, what people declared about them, what they read, and the factors that were found."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from review_app.crypto import sealed_column
from review_app.db import Base
from review_app.destructible import DestructibleText
from review_app.panel.models.meetings import PanelMeeting
from review_app.reviews.models.cases import OfCase, ReviewCase
from review_app.reviews.rules.states import ConflictKind


class MeetingCase(OfCase, Base):
    """One case on the agenda of one sitting: in which place, and what was decided about it there, as the minutes."""

    __tablename__ = "meeting_case"
    __table_args__ = (
        UniqueConstraint("meeting_id", "case_id"),
        CheckConstraint("(taken_off_at IS NULL) = (taken_off_by_id IS NULL)", name="taken_off"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("panel_meeting.id"))
    case_id: Mapped[int] = mapped_column(ForeignKey("review_case.id"), index=True)
    position: Mapped[int]
    added_at: Mapped[datetime]
    added_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    taken_off_at: Mapped[datetime | None]
    taken_off_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    decision_sealed: Mapped[bytes | None] = sealed_column()
    decision = DestructibleText("decision_sealed")
    meeting: Mapped[PanelMeeting] = relationship()
    case: Mapped[ReviewCase] = relationship()


class DeclarationOfInterest(OfCase, Base):
    """What one person declared about one case. A later one replaces it in effect; none is deleted."""

    __tablename__ = "declaration_of_interest"
    __table_args__ = (
        Index(
            "uq_declaration_of_interest_standing", "case_id", "user_id", unique=True,
            sqlite_where=text("replaced_at IS NULL"), postgresql_where=text("replaced_at IS NULL"),
        ),
        Index("ix_declaration_of_interest_user", "user_id"),
    )  # fmt: skip
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("review_case.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    meeting_id: Mapped[int | None] = mapped_column(ForeignKey("panel_meeting.id"))
    kind: Mapped[ConflictKind]
    words_sealed: Mapped[bytes | None] = sealed_column()
    declared_at: Mapped[datetime]
    declared_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    replaced_at: Mapped[datetime | None]
    words = DestructibleText("words_sealed")


class PackRead(Base):
    """One person opened the pack of one case for one sitting: what a late conflict has to be held against."""

    __tablename__ = "pack_read"
    __table_args__ = (UniqueConstraint("meeting_id", "case_id", "user_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("panel_meeting.id"))
    case_id: Mapped[int] = mapped_column(ForeignKey("review_case.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]


class ContributoryFactor(OfCase, Base):
    """A factor in its domain: how far it may have contributed, and whether it could be changed."""

    __tablename__ = "contributory_factor"
    __table_args__ = (CheckConstraint("(removed_at IS NULL) = (removed_by_id IS NULL)", name="removed"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("review_case.id"), index=True)
    meeting_id: Mapped[int | None] = mapped_column(ForeignKey("panel_meeting.id"))
    rules_id: Mapped[int] = mapped_column(ForeignKey("rule_set.id"))
    domain_sealed: Mapped[bytes | None] = sealed_column()
    influence_sealed: Mapped[bytes | None] = sealed_column()
    modifiable_sealed: Mapped[bytes | None] = sealed_column()
    words_sealed: Mapped[bytes | None] = sealed_column()
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    removed_at: Mapped[datetime | None]
    removed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    version: Mapped[int] = mapped_column()
    domain = DestructibleText("domain_sealed")
    influence = DestructibleText("influence_sealed")
    modifiable = DestructibleText("modifiable_sealed")
    words = DestructibleText("words_sealed")
    __mapper_args__ = {"version_id_col": version}
