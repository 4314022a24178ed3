"""Counting tries without keeping addresses: rows hold an HMAC under a random key that is replaced daily."""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from review_app.accounts.models import ThrottleKey, ThrottleRow
from review_app.accounts.rules import THROTTLE_ROWS_LIVE


def _keys(session: Session, now: datetime) -> list[str]:
    """Give today's key, made if it is missing, and yesterday's, so that a count does not restart at midnight."""
    insert = postgresql_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert
    today = now.date()
    session.execute(
        insert(ThrottleKey)
        .values(day=today, secret=secrets.token_hex(32))
        .on_conflict_do_nothing(index_elements=["day"])
    )
    days = select(ThrottleKey.secret).where(ThrottleKey.day >= today - timedelta(days=1))
    return list(session.scalars(days.order_by(ThrottleKey.day.desc())))


def _digest(key: str, purpose: str, value: str) -> str:
    return hmac.new(bytes.fromhex(key), f"{purpose}\0{value}".encode(), hashlib.sha256).hexdigest()


def tries(session: Session, purpose: str, value: str, *, within: timedelta, now: datetime) -> int:
    """Count the tries noted for this value in the time before now (an hour at most)."""
    digests = [_digest(key, purpose, value) for key in _keys(session, now)]
    rows = select(func.count()).where(
        ThrottleRow.purpose == purpose, ThrottleRow.digest.in_(digests), ThrottleRow.at > now - within
    )
    return session.scalars(rows).one()


def note_try(session: Session, purpose: str, value: str, *, now: datetime) -> None:
    """Note one try, and forget every row and key that is past its time."""
    forget_tries(session, now=now)
    session.add(ThrottleRow(purpose=purpose, digest=_digest(_keys(session, now)[0], purpose, value), at=now))
    session.flush()


def forget_tries(session: Session, *, now: datetime) -> None:
    """Delete rows older than an hour and keys older than yesterday."""
    session.execute(delete(ThrottleRow).where(ThrottleRow.at <= now - THROTTLE_ROWS_LIVE))
    session.execute(delete(ThrottleKey).where(ThrottleKey.day < now.date() - timedelta(days=1)))
