"""Notifications of deaths, and the only place where a person who died is named."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from review_app.crypto import sealed_column
from review_app.db import Base
from review_app.destructible import Destructible, DestructibleAnswers, DestructibleText, KeyName
from review_app.keystore import RecordKind
from review_app.reviews.models.cases import OfCase, ReviewCase
from review_app.reviews.rules.states import NotificationState


class DeathNotification(OfCase, Base):
    """One notifier's report of one death. It has a key from the start: that of the case it starts or is attached to.

    `death_day_index` is the blind index of the day of death where that is known exactly; `sources` are the kinds of
    source, each with the day on which it told, for the timeliness statistics. When somebody living may be at risk now,
    `risk_due_at` is by when somebody must have seen to it.
    """

    __tablename__ = "death_notification"
    __table_args__ = (
        CheckConstraint("(state = 'attached') = (case_id IS NOT NULL)", name="attached"),
        CheckConstraint("(state = 'received') = (settled_at IS NULL)", name="settled"),
        CheckConstraint("(risk_settled_at IS NULL) = (risk_settled_by_id IS NULL)", name="risk_settled"),
        CheckConstraint("risk_settled_at IS NULL OR risk_due_at IS NOT NULL", name="risk"),
        Index("ix_death_notification_state", "partnership_id", "state"),
        Index("ix_death_notification_day", "partnership_id", "death_day_index"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(30), unique=True)
    partnership_id: Mapped[int] = mapped_column(ForeignKey("partnership.id"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("review_case.id"), index=True)
    signal_id: Mapped[int | None] = mapped_column(ForeignKey("signal.id"))
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"))
    state: Mapped[NotificationState] = mapped_column(default=NotificationState.RECEIVED)
    sources: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)
    form_token: Mapped[str] = mapped_column(String(64), unique=True)
    death_day_index: Mapped[str] = mapped_column(String(64), default="")
    content_sealed: Mapped[bytes | None] = sealed_column()
    reason_sealed: Mapped[bytes | None] = sealed_column()
    notified_at: Mapped[datetime]
    notified_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    settled_at: Mapped[datetime | None]
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    risk_due_at: Mapped[datetime | None]
    risk_settled_at: Mapped[datetime | None]
    risk_settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    risk_note_sealed: Mapped[bytes | None] = sealed_column()
    version: Mapped[int] = mapped_column()
    content = DestructibleAnswers("content_sealed")
    reason = DestructibleText("reason_sealed")
    risk_note = DestructibleText("risk_note_sealed")
    case: Mapped[ReviewCase | None] = relationship()
    identity: Mapped["IdentityRecord | None"] = relationship(back_populates="notification")
    __mapper_args__ = {"version_id_col": version}
    __audit_plain__ = frozenset({"state"})


class IdentityRecord(Destructible, Base):
    """Who one notification says the person was. Nothing of it stands anywhere else; reading it is audited.

    The blind indexes find the same person in another notification: exact NHS number, exact date of birth, and how
    surname and forename sound.
    """

    __tablename__ = "identity_record"
    __table_args__ = (
        Index("ix_identity_record_nhs", "partnership_id", "nhs_index"),
        Index("ix_identity_record_birth", "partnership_id", "birth_index"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[str] = mapped_column(String(36), unique=True)
    partnership_id: Mapped[int] = mapped_column(ForeignKey("partnership.id"))
    notification_id: Mapped[int] = mapped_column(ForeignKey("death_notification.id"), unique=True)
    details_sealed: Mapped[bytes | None] = sealed_column()
    nhs_index: Mapped[str] = mapped_column(String(64), default="")
    birth_index: Mapped[str] = mapped_column(String(64), default="")
    surname_index: Mapped[str] = mapped_column(String(64), default="")
    forename_index: Mapped[str] = mapped_column(String(64), default="")
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    version: Mapped[int] = mapped_column()
    details = DestructibleAnswers("details_sealed")
    notification: Mapped[DeathNotification] = relationship(back_populates="identity")
    __mapper_args__ = {"version_id_col": version}

    @property
    def data_key_name(self) -> KeyName:
        """The record's own key."""
        return RecordKind.IDENTITY_RECORD, self.uuid

    @property
    def reference(self) -> str:
        """In the audit an identity is named by its notification."""
        return self.notification.reference
