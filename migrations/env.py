"""Run migrations over the application's own connection; on SQLite inside one real transaction."""

from alembic import context
from flask import current_app
from sqlalchemy import text

from review_app.db import db

LOCK = 7_204_011


def run() -> None:
    """Migrate online, one migrating process at a time."""
    engine = db.engine.execution_options(writes=True)
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_as_batch=connection.dialect.name == "sqlite",
            transaction_per_migration=False,
            compare_type=True,
        )
        with context.begin_transaction():
            if connection.dialect.name == "postgresql":
                connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))
            context.run_migrations()
    current_app.logger.debug("the schema is at its newest")


run()
