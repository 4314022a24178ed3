"""Run migrations over the application's own connection; on SQLite inside one real transaction."""

from alembic import context
from flask import current_app
from sqlalchemy import Connection, text

from review_app.db import db

LOCK = 7_204_011


def run() -> None:
    """Migrate online, one migrating process at a time."""
    engine = db.engine.execution_options(writes=True)
    with engine.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        _follow_references(connection, not sqlite)
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_as_batch=sqlite,
            transaction_per_migration=False,
            transactional_ddl=True,
            compare_type=True,
        )
        with context.begin_transaction():
            if not sqlite:
                connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))
            context.run_migrations()
            if sqlite and connection.execute(text("PRAGMA foreign_key_check")).first() is not None:
                raise RuntimeError("a migration left a row that points at nothing")
        _follow_references(connection, True)
    current_app.logger.debug("the schema is at its newest")


def _follow_references(connection: Connection, follow: bool) -> None:
    """On SQLite a table is changed by being made anew, which must not look like deleting what others point at.

    The setting is that of the connection and can only be changed outside a transaction.
    """
    if connection.dialect.name == "sqlite":
        cursor = connection.connection.cursor()
        cursor.execute(f"PRAGMA foreign_keys={'ON' if follow else 'OFF'}")


run()
