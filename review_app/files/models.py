"""Attachments. Their bytes are encrypted rows, so that any machine can serve them."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from review_app.crypto import Purpose, Sealed, SealedBytes, sealed_column
from review_app.db import Base


class Attachment(Base):
    """What is known of one file: never its original name, which may identify somebody."""

    __tablename__ = "attachment"
    id: Mapped[int] = mapped_column(primary_key=True)
    partnership_id: Mapped[int] = mapped_column(ForeignKey("partnership.id"))
    submission_id: Mapped[int | None] = mapped_column(ForeignKey("submission.id"))
    media_type: Mapped[str] = mapped_column(String(80))
    alternative_text: Mapped[str] = mapped_column(String(400), default="")
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    added_at: Mapped[datetime]
    content: Mapped["AttachmentContent"] = relationship(back_populates="attachment")


class AttachmentContent(Sealed, Base):
    """The encrypted bytes of one attachment, bound to their row."""

    __tablename__ = "attachment_content"
    id: Mapped[int] = mapped_column(primary_key=True)
    attachment_id: Mapped[int] = mapped_column(ForeignKey("attachment.id"), unique=True)
    body_sealed: Mapped[bytes | None] = sealed_column()
    attachment: Mapped[Attachment] = relationship(back_populates="content")
    body = SealedBytes(Purpose.FILES, "body_sealed")
