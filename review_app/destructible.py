"""Fields that can be destroyed: sealed under the data key of one record, kept apart from the database.

A table of a ReviewCase's content mixes in `Destructible` and says, by `data_key_name`, whose key seals its rows. What
such a field holds can be read only while that key stands in the key store; when it is destroyed, no copy of the
database opens it. Each value is bound to its table, column and row, as `crypto.Sealed` binds them.

The keys a session has opened are kept in it, so that a page reads each of them once; a session lasts for one request
or one unit of work.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import date
from typing import Generic, Self, TypeVar, overload

from sqlalchemy.orm import Session, object_session

from review_app import crypto, keystore
from review_app.crypto import Sealed
from review_app.fuzzy import NOT_KNOWN, DatePrecision, FuzzyDate
from review_app.keystore import RecordKind

KEYS = "opened_data_keys"
KeyName = tuple[RecordKind, str]
Value = TypeVar("Value")


class Destructible(Sealed):
    """A mixin for tables whose sealed fields are under a record's own data key."""

    @property
    def data_key_name(self) -> KeyName:
        """Name the record whose key seals this row."""
        raise LookupError(f"{type(self).__name__} does not say whose key seals it")


def _data_key(row: Destructible) -> bytes:
    session = object_session(row)
    if session is None:
        return keystore.open_data_key(*row.data_key_name)
    opened: dict[KeyName, bytes] = session.info.setdefault(KEYS, {})
    if row.data_key_name not in opened:
        opened[row.data_key_name] = keystore.open_data_key(*row.data_key_name)
    return opened[row.data_key_name]


def forget_keys(session: Session) -> None:
    """Let a session forget every key that it opened, after one was destroyed."""
    session.info.pop(KEYS, None)


class _DestructibleField(ABC, Generic[Value]):
    """An attribute that code reads and writes in plain. An empty value is held as NULL. It cannot be used in SQL."""

    empty: Value

    def __init__(self, column: str) -> None:
        self.column = column

    @abstractmethod
    def encode(self, value: Value) -> str:
        """Write a value as text."""

    @abstractmethod
    def decode(self, written: str) -> Value:
        """Read what `encode` wrote."""

    @overload
    def __get__(self, row: None, owner: type) -> Self: ...
    @overload
    def __get__(self, row: Destructible, owner: type) -> Value: ...
    def __get__(self, row: Destructible | None, owner: type) -> Self | Value:
        if row is None:
            return self
        sealed: bytes | None = getattr(row, self.column)
        if not sealed:
            return self.empty
        return self.decode(crypto.open_with(_data_key(row), self._place(row), sealed).decode())

    def __set__(self, row: Destructible, value: Value) -> None:
        if not row.row_key:
            row.row_key = crypto.new_row_key()
        written = "" if value is None or value == self.empty else self.encode(value)
        sealed = crypto.seal_with(_data_key(row), self._place(row), written.encode()) if written else None
        setattr(row, self.column, sealed)

    def _place(self, row: Destructible) -> str:
        return f"{row.__tablename__}/{self.column}/{row.row_key}"


class DestructibleText(_DestructibleField[str]):
    """A text."""

    empty = ""

    def encode(self, value: str) -> str:
        """A text is its own writing."""
        return value

    def decode(self, written: str) -> str:
        """A text is its own writing."""
        return written


class DestructibleAnswers(_DestructibleField[Mapping[str, object]]):
    """Answers by the key of their question, as JSON."""

    empty: Mapping[str, object] = {}

    def encode(self, value: Mapping[str, object]) -> str:
        """Write JSON."""
        return json.dumps(dict(value), ensure_ascii=False, sort_keys=True)

    def decode(self, written: str) -> Mapping[str, object]:
        """Read JSON."""
        found: dict[str, object] = json.loads(written)
        return found


class DestructibleDate(_DestructibleField[FuzzyDate]):
    """A date that may be known only roughly; not known is held as NULL."""

    empty = NOT_KNOWN

    def encode(self, value: FuzzyDate) -> str:
        """Write both days and the precision."""
        days = (each.isoformat() if each else None for each in (value.earliest, value.latest))
        return json.dumps([*days, value.precision.value])

    def decode(self, written: str) -> FuzzyDate:
        """Read what `encode` wrote."""
        earliest, latest, precision = json.loads(written)
        first, last = (date.fromisoformat(each) if each else None for each in (earliest, latest))
        return FuzzyDate(first, last, DatePrecision(precision))
