"""Keys that can be destroyed, in a store apart from the database.

Each ReviewCase and each IdentityRecord has a data key of its own. It is kept here wrapped by a field key, and never in
the database or its backups. Destroying it makes every copy of the record unreadable, also copies in older backups. The
store's own copies are replaced at each destruction, which is the operator's part.

In a SQLite store a destroyed key is overwritten in the file (`secure_delete`, a rollback journal that is removed, then
VACUUM). On PostgreSQL the row's old versions go with VACUUM FULL; write-ahead logs that are archived must expire.
"""

from datetime import datetime
from enum import StrEnum
from secrets import token_bytes
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    Engine,
    LargeBinary,
    MetaData,
    String,
    Table,
    create_engine,
    event,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.schema import CreateTable

from review_app import crypto
from review_app.crypto import KEY_BYTES, Purpose
from review_app.db import NAMING, UTCDateTime

TABLES = MetaData(naming_convention=NAMING)
DATA_KEY = Table(
    "data_key",
    TABLES,
    Column("kind", String(40), primary_key=True),
    Column("record_uuid", String(36), primary_key=True),
    Column("wrapped", LargeBinary),
    Column("created_at", UTCDateTime, nullable=False),
    Column("destroyed_at", UTCDateTime),
    CheckConstraint("(wrapped IS NULL) = (destroyed_at IS NOT NULL)", name="gone_when_destroyed"),
)


class RecordKind(StrEnum):
    """What has a data key of its own."""

    REVIEW_CASE = "review_case"
    IDENTITY_RECORD = "identity_record"


class KeyUnknown(Exception):
    """No data key was ever made for this record in this store."""


class KeyDestroyed(Exception):
    """The record's data key was destroyed. Nothing opens what it sealed."""


_stores: list[Engine] = []


def configure(url: str) -> None:
    """Open the store, making its table the first time."""
    for earlier in _stores:
        earlier.dispose()
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _overwrite_what_is_deleted)
    with engine.begin() as connection:
        connection.execute(CreateTable(DATA_KEY, if_not_exists=True))
    _stores[:] = [engine]


def create_data_key(kind: RecordKind, record_uuid: str, *, now: datetime) -> bytes:
    """Make a record's data key, before the record is committed. Raises ValueError if it has or had one."""
    key = token_bytes(KEY_BYTES)
    wrapped = crypto.ring().seal(Purpose.IDENTITY, _place(kind, record_uuid), key)
    row = {"kind": kind.value, "record_uuid": record_uuid, "wrapped": wrapped, "created_at": now}
    try:
        with _store().begin() as connection:
            connection.execute(insert(DATA_KEY).values(**row))
    except IntegrityError:
        raise ValueError("this record already has a data key") from None
    return key


def open_data_key(kind: RecordKind, record_uuid: str) -> bytes:
    """Give a record's data key. Raises KeyDestroyed or KeyUnknown."""
    with _store().connect() as connection:
        row = connection.execute(select(DATA_KEY.c.wrapped).where(*_record(kind, record_uuid))).first()
    if row is None:
        raise KeyUnknown(f"{kind.value} {record_uuid}")
    if row.wrapped is None:
        raise KeyDestroyed(f"{kind.value} {record_uuid}")
    return crypto.ring().open(Purpose.IDENTITY, _place(kind, record_uuid), row.wrapped)


def destroy_data_key(kind: RecordKind, record_uuid: str, *, now: datetime) -> None:
    """Destroy a record's data key so that nothing of it stays in the store. What stays is that there was one.

    It is done after the record's own transaction has committed, and may be done again. Raises KeyUnknown.
    """
    with _store().begin() as connection:
        gone = (
            update(DATA_KEY)
            .where(*_record(kind, record_uuid), DATA_KEY.c.destroyed_at.is_(None))
            .values(wrapped=None, destroyed_at=now)
        )
        connection.execute(gone)
        if connection.execute(select(DATA_KEY.c.kind).where(*_record(kind, record_uuid))).first() is None:
            raise KeyUnknown(f"{kind.value} {record_uuid}")
    with _store().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        full = "VACUUM FULL data_key" if connection.dialect.name == "postgresql" else "VACUUM"
        connection.exec_driver_sql(full)


def rewrap_all() -> int:
    """Wrap every key again that another field key than the current one wrapped; give the number."""
    ring, changed = crypto.ring(), 0
    with _store().begin() as connection:
        rows = connection.execute(select(DATA_KEY).where(DATA_KEY.c.wrapped.is_not(None)).with_for_update()).all()
        for row in rows:
            if crypto.sealing_key_id(row.wrapped) != ring.current_id:
                place = f"data_key/{row.kind}/{row.record_uuid}"
                wrapped = ring.seal(Purpose.IDENTITY, place, ring.open(Purpose.IDENTITY, place, row.wrapped))
                here = (DATA_KEY.c.kind == row.kind, DATA_KEY.c.record_uuid == row.record_uuid)
                connection.execute(update(DATA_KEY).where(*here).values(wrapped=wrapped))
                changed += 1
    return changed


def _store() -> Engine:
    if not _stores:
        raise LookupError("keystore.configure has not been called")
    return _stores[0]


def _place(kind: RecordKind, record_uuid: str) -> str:
    return f"data_key/{kind.value}/{record_uuid}"


def _record(kind: RecordKind, record_uuid: str) -> tuple[Any, Any]:
    return DATA_KEY.c.kind == kind.value, DATA_KEY.c.record_uuid == record_uuid


def _overwrite_what_is_deleted(connection: Any, _record: object) -> None:
    for pragma in ("journal_mode=DELETE", "secure_delete=ON", "synchronous=FULL", "busy_timeout=20000"):
        connection.execute(f"PRAGMA {pragma}")
