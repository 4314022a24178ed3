"""The two databases as tests meet them: made by the real migrations once for each run, and empty for each test.

On SQLite a test has a copy of a migrated instance folder. On PostgreSQL each test process has its own database, copied
from a migrated one; after a test it is put back to the rows that the migrations left, with triggers and foreign keys
at rest (`session_replication_role`), since the audit table refuses a plain DELETE.
"""

import fcntl
import shutil
from collections.abc import Callable
from pathlib import Path

from flask import Flask
from sqlalchemy import Connection, NullPool, create_engine, text

from review_app.db import db
from tests.postgres import database_url, start_server

SQLITE = "sqlite"
POSTGRESQL = "postgresql"
BOTH = (SQLITE, POSTGRESQL)
TEMPLATE = "review_template"

Build = Callable[[Path, str | None], Flask]
"""Makes an application on an instance folder and a database URL (none: SQLite in that folder)."""


def once(path: Path, make: Callable[[Path], None]) -> Path:
    """Give a file or folder that the first of all test processes makes and the others wait for."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(f"{path.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            draft = path.with_name(f"{path.name}.draft")
            shutil.rmtree(draft, ignore_errors=True)  # what a process left that failed here
            make(draft)
            draft.rename(path)
    return path


def migrate(app: Flask) -> None:
    """Bring the application's database up to date as an operator does."""
    with app.app_context():
        result = app.test_cli_runner().invoke(args=["migrate"])
    if result.exit_code != 0:
        raise RuntimeError(f"the migrations failed:\n{result.output}") from result.exception
    let_go(app)


def let_go(app: Flask) -> None:
    """Close the application's connections."""
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


def sqlite_instance(run: Path, build: Build) -> Path:
    """Give the migrated instance folder that each test copies."""

    def make(folder: Path) -> None:
        folder.mkdir()
        migrate(build(folder, None))

    return once(run / "sqlite", make)


class PostgresDatabase:
    """The PostgreSQL database of one test process."""

    def __init__(self, run: Path, run_process: int, process: str, build: Build) -> None:
        folder = run / "postgresql"
        started = once(folder / "started", lambda draft: _start(draft, folder, run_process))
        self.server = started.read_text(encoding="utf-8")
        self.instance = once(folder / "instance", lambda draft: self._make_template(draft, build))
        self.name = f"review_{process}"
        with self._at_server() as connection:
            connection.execute(text(f'CREATE DATABASE "{self.name}" TEMPLATE "{TEMPLATE}"'))
        self._engine = create_engine(self.url)
        self._restore = self._statements()

    @property
    def url(self) -> str:
        """What REVIEW_DATABASE_URL is to be."""
        return database_url(self.server, self.name)

    def restore(self) -> None:
        """Put back the rows that the migrations left."""
        with self._engine.begin() as connection:
            connection.exec_driver_sql(self._restore)

    def fresh(self, name: str, *, migrated: bool = True) -> str:
        """Make one more database, for a test that spoils its schema or needs one without; give its URL."""
        template = TEMPLATE if migrated else "template0"
        with self._at_server() as connection:
            connection.execute(text(f'DROP DATABASE IF EXISTS "{self.name}_{name}" WITH (FORCE)'))
            connection.execute(text(f'CREATE DATABASE "{self.name}_{name}" TEMPLATE "{template}"'))
        return database_url(self.server, f"{self.name}_{name}")

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    def _at_server(self) -> Connection:
        return create_engine(self.server, isolation_level="AUTOCOMMIT", poolclass=NullPool).connect()

    def _make_template(self, draft: Path, build: Build) -> None:
        with self._at_server() as connection:
            connection.execute(text(f'DROP DATABASE IF EXISTS "{TEMPLATE}" WITH (FORCE)'))
            connection.execute(text(f'CREATE DATABASE "{TEMPLATE}" TEMPLATE "template0"'))
        draft.mkdir()
        url = database_url(self.server, TEMPLATE)
        migrate(build(draft, url))
        with create_engine(url, poolclass=NullPool).begin() as connection:
            connection.execute(text("CREATE SCHEMA baseline"))
            for table in _tables(connection):
                if connection.scalar(text(f'SELECT EXISTS (SELECT FROM public."{table}")')):
                    connection.execute(text(f'CREATE TABLE baseline."{table}" AS TABLE public."{table}"'))

    def _statements(self) -> str:
        with self._engine.connect() as connection:
            tables = _tables(connection)
            kept = connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'baseline' ORDER BY 1"))
            lines = ["SET LOCAL session_replication_role = replica"]
            lines += [f'DELETE FROM public."{table}"' for table in tables]
            for table in kept.all():
                columns = ", ".join(f'"{column}"' for column in _plain_columns(connection, table))
                lines.append(
                    f'INSERT INTO public."{table}" ({columns}) OVERRIDING SYSTEM VALUE '
                    f'SELECT {columns} FROM baseline."{table}"'
                )
        self._engine.dispose()
        return "; ".join(lines)


def copy_instance(source: Path, target: Path) -> Path:
    """Give a test its own copy of an instance folder."""
    shutil.copytree(source, target)
    return target


def _start(draft: Path, folder: Path, run_process: int) -> None:
    draft.write_text(start_server(folder, run_process), encoding="utf-8")


def _tables(connection: Connection) -> list[str]:
    return list(connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")))


def _plain_columns(connection: Connection, table: str) -> list[str]:
    """Give the columns that can be written: not those the database computes."""
    question = text(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = :table "
        "AND is_generated = 'NEVER' ORDER BY ordinal_position"
    )
    return list(connection.scalars(question, {"table": table}))
