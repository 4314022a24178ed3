"""Reading what is owed and who sends it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from review_app.outbox.models import OutboxMessage, Worker
from review_app.outbox.rules import MessageState

WAITING = (MessageState.QUEUED, MessageState.UNKNOWN)


def due(now: datetime) -> ColumnElement[bool]:
    """Match messages that may be sent now."""
    return OutboxMessage.state.in_(WAITING) & (OutboxMessage.next_attempt_at <= now)


def lapsed(now: datetime) -> ColumnElement[bool]:
    """Match waiting messages whose use is over."""
    return OutboxMessage.state.in_(WAITING) & (OutboxMessage.expires_at <= now)


def marked_by(worker_id: int) -> ColumnElement[bool]:
    """Match messages that a worker has marked as being sent."""
    return (OutboxMessage.state == MessageState.SENDING) & (OutboxMessage.worker_id == worker_id)


def anything_due(session: Session, worker_id: int, now: datetime) -> bool:
    """Say whether the outbox has work for this worker."""
    work = or_(due(now), lapsed(now), marked_by(worker_id))
    return session.scalar(select(OutboxMessage.id).where(work).limit(1)) is not None


def oldest_due(session: Session, now: datetime) -> datetime | None:
    """Say since when the oldest due message has waited."""
    unsettled = OutboxMessage.state.in_((*WAITING, MessageState.SENDING))
    return session.scalar(
        select(func.min(OutboxMessage.next_attempt_at)).where(unsettled, OutboxMessage.next_attempt_at <= now)
    )


def latest_beat(session: Session) -> datetime | None:
    """Say when any worker that has not ended last beat."""
    return session.scalar(select(func.max(Worker.beat_at)).where(Worker.ended_at.is_(None)))


def troubled(session: Session, partnership_id: int) -> Sequence[OutboxMessage]:
    """List a Partnership's messages that could not be sent, newest first; somebody has to look after them."""
    return session.scalars(
        select(OutboxMessage)
        .where(OutboxMessage.partnership_id == partnership_id, OutboxMessage.state == MessageState.FAILED)
        .order_by(OutboxMessage.settled_at.desc(), OutboxMessage.id.desc())
        .limit(100)
    ).all()
