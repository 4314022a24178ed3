"""The world of the tests, made once by the real models and then laid into each empty database as the same rows.

Making it takes half a second; laying its rows takes a tenth of that, and hundreds of tests begin with it. Rows that
the migrations leave (the shipped catalogue) are there already and have the same numbers in every database.
"""

import pickle
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Row, Table, func, insert, select, text
from sqlalchemy.orm import Session

from review_app.accounts.models import Partnership
from review_app.db import Base

World = TypeVar("World")


@dataclass(frozen=True)
class Kept:
    """What a world adds to an empty database, in the order of its foreign keys, and what the tests are given.

    `objects` is the pickle of the world and of every mapped object in it.
    """

    rows: dict[Table, list[dict[str, object]]]
    objects: bytes


_kept: dict[tuple[str, datetime], Kept] = {}


def kept(session: Session, make: Callable[..., World], *, now: datetime) -> World:
    """Give the world that `make` makes as of this instant, from the rows kept of an earlier one where there are any."""
    if session.scalar(select(func.count()).select_from(Partnership)):
        return make(session, now=now)
    key = (make.__qualname__, now)
    if key not in _kept:
        migrated = _read(session).keys()
        made = make(session, now=now)
        session.flush()
        rows = {table: found for table, found in _read(session).items() if table not in migrated}
        _kept[key] = Kept(rows=rows, objects=pickle.dumps((made, list(_instances(made)))))
        return made
    objects: World = _lay(session, _kept[key])
    return objects


def _read(session: Session) -> dict[Table, list[dict[str, object]]]:
    found = ((table, session.execute(select(table)).all()) for table in Base.metadata.sorted_tables)
    return {table: [_as_values(table, row) for row in rows] for table, rows in found if rows}


def _as_values(table: Table, row: Row[tuple[object, ...]]) -> dict[str, object]:
    return {column.key: value for column, value in zip(table.columns, row, strict=True)}


def _lay(session: Session, world: Kept) -> Any:
    for table, rows in world.rows.items():
        session.execute(insert(table), rows)
    if session.get_bind().dialect.name == "postgresql":
        _go_on_counting(session, world.rows)
    made, instances = pickle.loads(world.objects)
    session.add_all(instances)
    return made


def _go_on_counting(session: Session, laid: dict[Table, list[dict[str, object]]]) -> None:
    """Let PostgreSQL number the next row of each table after those that were laid with their numbers."""
    names = [table.name for table in laid if "id" in table.columns]
    counts = [f"setval(pg_get_serial_sequence('\"{name}\"', 'id'), (SELECT max(id) FROM \"{name}\"))" for name in names]
    session.execute(text(f"SELECT {', '.join(counts)}"))


def _instances(value: object) -> Iterator[Base]:
    """Give every mapped object that a dataclass, list or dict holds."""
    if isinstance(value, Base):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _instances(each)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _instances(each)
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from _instances(getattr(value, field.name))
