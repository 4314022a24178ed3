"""Destroying data keys that a change left without anything to open.

The change itself only writes down that a key is free, in its own transaction; if that rolls back, so does the note. The
worker then destroys the key in the store apart, and may do so again when it was interrupted.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from review_app.keystore import RecordKind
from review_app.once import insert_once
from review_app.reviews.models import FreedKey


def free_key(session: Session, kind: RecordKind, record_uuid: str, *, now: datetime) -> None:
    """Say that nothing is sealed under a key any more, once this transaction has committed."""
    insert_once(session, FreedKey, kind=kind, record_uuid=record_uuid, freed_at=now)


def freed_keys(session: Session) -> list[tuple[RecordKind, str]]:
    """Give the keys that are free and not destroyed yet, the oldest first."""
    waiting = select(FreedKey.kind, FreedKey.record_uuid).where(FreedKey.destroyed_at.is_(None))
    return [(kind, uuid) for kind, uuid in session.execute(waiting.order_by(FreedKey.freed_at, FreedKey.id))]


def note_destroyed(session: Session, kind: RecordKind, record_uuid: str, *, now: datetime) -> None:
    """Note that a key is gone from the store."""
    row = session.scalars(select(FreedKey).filter_by(kind=kind, record_uuid=record_uuid)).one()
    row.destroyed_at = now
