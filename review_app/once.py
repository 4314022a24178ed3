"""Insert a row unless it is already there, on both databases."""

from typing import Any

from sqlalchemy import inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Session


def insert_once(session: Session, model: type[DeclarativeBase], **values: Any) -> bool:
    """Insert the row; say whether this call did. A row with the same key, from whichever process, wins.

    A row count is not to be trusted here (it can be -1), so the winner is told by RETURNING.
    """
    build = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = build(model).values(**values).on_conflict_do_nothing()
    return session.execute(statement.returning(*inspect(model).primary_key)).first() is not None
