"""The tables of what is owed by e-mail, who sends it, and which jobs have had their turn."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from review_app.crypto import Purpose, Sealed, SealedText, sealed_column
from review_app.db import Base
from review_app.outbox.rules import MessageState


class Worker(Base):
    """One run of a sending process. It beats; when it falls silent others take over what it was sending."""

    __tablename__ = "worker"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    started_at: Mapped[datetime]
    beat_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]


class OutboxMessage(Sealed, Base):
    """An e-mail that is owed, finished and waiting. Its address and body are erased once it is settled."""

    __tablename__ = "outbox_message"
    __table_args__ = (
        CheckConstraint(
            "(state IN ('sent', 'failed', 'expired')) = (to_sealed IS NULL)", name="address_erased_when_settled"
        ),
        CheckConstraint("(to_sealed IS NULL) = (body_sealed IS NULL)", name="address_with_body"),
        CheckConstraint("(state IN ('sent', 'failed', 'expired')) = (settled_at IS NOT NULL)", name="settled_time"),
        CheckConstraint("state <> 'sending' OR (worker_id IS NOT NULL AND claimed_at IS NOT NULL)", name="claimed_by"),
        Index("ix_outbox_message_due", "state", "next_attempt_at"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    partnership_id: Mapped[int | None] = mapped_column(ForeignKey("partnership.id"))
    purpose: Mapped[str] = mapped_column(String(40))
    exercise: Mapped[bool] = mapped_column(default=False)
    to_sealed: Mapped[bytes | None] = sealed_column()
    to = SealedText(Purpose.OUTBOX, "to_sealed")
    subject: Mapped[str] = mapped_column(String(200))
    body_sealed: Mapped[bytes | None] = sealed_column()
    body = SealedText(Purpose.OUTBOX, "body_sealed")
    message_id: Mapped[str] = mapped_column(String(200), unique=True)
    state: Mapped[MessageState] = mapped_column(default=MessageState.QUEUED)
    due_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    next_attempt_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    claimed_at: Mapped[datetime | None]
    worker_id: Mapped[int | None] = mapped_column(ForeignKey("worker.id"), index=True)
    reply_code: Mapped[int | None]
    settled_at: Mapped[datetime | None]


class ScheduledSlot(Base):
    """One turn of a once-only job. Whoever inserts the row does the work, in the same transaction."""

    __tablename__ = "scheduled_slot"
    job: Mapped[str] = mapped_column(String(60), primary_key=True)
    slot: Mapped[str] = mapped_column(String(40), primary_key=True)
    taken_at: Mapped[datetime]
