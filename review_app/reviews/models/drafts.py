"""Notifications that somebody began and has not sent, and data keys that nothing is sealed under any more."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from review_app.crypto import sealed_column
from review_app.db import Base
from review_app.destructible import Destructible, DestructibleAnswers, KeyName
from review_app.keystore import RecordKind


class NotificationDraft(Destructible, Base):
    """A half-filled notification of a death, for the person who began it alone. It goes when it is sent or thrown away.

    It is sealed under a key of its own; if an identity was given, that key becomes the IdentityRecord's.
    """

    __tablename__ = "notification_draft"
    __table_args__ = (Index("ix_notification_draft_user", "user_id", "partnership_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[str] = mapped_column(String(36), unique=True)
    form_token: Mapped[str] = mapped_column(String(64), unique=True)
    partnership_id: Mapped[int] = mapped_column(ForeignKey("partnership.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    signal_id: Mapped[int | None] = mapped_column(ForeignKey("signal.id"))
    known_sealed: Mapped[bytes | None] = sealed_column()
    identity_sealed: Mapped[bytes | None] = sealed_column()
    saved_at: Mapped[datetime] = mapped_column(index=True)
    version: Mapped[int] = mapped_column()
    known = DestructibleAnswers("known_sealed")
    identity = DestructibleAnswers("identity_sealed")
    __mapper_args__ = {"version_id_col": version}

    @property
    def data_key_name(self) -> KeyName:
        """The draft's own key."""
        return RecordKind.IDENTITY_RECORD, self.uuid


class FreedKey(Base):
    """A data key that a committed change left without anything to open. The worker destroys it in the key store."""

    __tablename__ = "freed_key"
    __table_args__ = (UniqueConstraint("kind", "record_uuid"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[RecordKind]
    record_uuid: Mapped[str] = mapped_column(String(36))
    freed_at: Mapped[datetime]
    destroyed_at: Mapped[datetime | None]
