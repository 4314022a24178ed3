"""A panel's sitting, who is on its attendance list, and who accepted its confidentiality statement."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from review_app.accounts.models import Panel, User
from review_app.catalogue.models import RuleSet
from review_app.db import Base
from review_app.panel.rules.meetings import MeetingState, Presence


class PanelMeeting(Base):
    """A dated sitting of one panel. Which cases it deals with is the review's business."""

    __tablename__ = "panel_meeting"
    __table_args__ = (
        CheckConstraint("(state IN ('held', 'minuted')) = (held_at IS NOT NULL)", name="held"),
        CheckConstraint("(state = 'minuted') = (minuted_at IS NOT NULL)", name="minuted"),
        CheckConstraint("(state = 'cancelled') = (cancelled_at IS NOT NULL)", name="cancelled"),
        Index("ix_panel_meeting_starts", "partnership_id", "starts_at"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(30), unique=True)
    partnership_id: Mapped[int] = mapped_column(ForeignKey("partnership.id"))
    panel_id: Mapped[int] = mapped_column(ForeignKey("panel.id"))
    state: Mapped[MeetingState] = mapped_column(default=MeetingState.PLANNED)
    starts_at: Mapped[datetime]
    place: Mapped[str] = mapped_column(String(200), default="")
    statement_id: Mapped[int] = mapped_column(ForeignKey("rule_set.id"))
    planned_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    planned_at: Mapped[datetime]
    held_at: Mapped[datetime | None]
    minuted_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    cancel_reason: Mapped[str] = mapped_column(String(500), default="")
    version: Mapped[int] = mapped_column()
    panel: Mapped[Panel] = relationship()
    statement: Mapped[RuleSet] = relationship()
    attendance: Mapped[list["MeetingAttendance"]] = relationship(
        back_populates="meeting", order_by="MeetingAttendance.id"
    )
    __mapper_args__ = {"version_id_col": version}
    __audit_plain__ = frozenset({"state", "starts_at"})


class MeetingAttendance(Base):
    """One person on a sitting's attendance list: for which agency, whether they keep the record, whether they came."""

    __tablename__ = "meeting_attendance"
    __table_args__ = (UniqueConstraint("meeting_id", "user_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("panel_meeting.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    presence: Mapped[Presence] = mapped_column(default=Presence.INVITED)
    scribe: Mapped[bool] = mapped_column(default=False)
    invited_at: Mapped[datetime]
    meeting: Mapped[PanelMeeting] = relationship(back_populates="attendance")
    user: Mapped[User] = relationship()


class ConfidentialityAcceptance(Base):
    """One person accepted the confidentiality statement of one sitting; the text's version is the sitting's."""

    __tablename__ = "confidentiality_acceptance"
    __table_args__ = (UniqueConstraint("meeting_id", "user_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("panel_meeting.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    statement_id: Mapped[int] = mapped_column(ForeignKey("rule_set.id"))
    accepted_at: Mapped[datetime]
