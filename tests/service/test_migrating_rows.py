"""Migrations that move rows keep every one of them, on both databases."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import Connection, MetaData, Table, select, text
from sqlalchemy.exc import DatabaseError, IntegrityError

from config import Config
from review_app.app import create_app
from review_app.db import db
from tests import databases

MIGRATIONS = str(Path(__file__).resolve().parents[2] / "migrations")
NOW = datetime(2026, 11, 6, 17, tzinfo=UTC)

pytestmark = pytest.mark.both_databases


@pytest.fixture
def empty_app(request: pytest.FixtureRequest, tmp_path: Path, database: str) -> Iterator[Flask]:
    """An application whose database has no table yet."""
    environ = {"REVIEW_INSTANCE": str(tmp_path)}
    if database == databases.POSTGRESQL:
        postgres: databases.PostgresDatabase = request.getfixturevalue("postgres")
        environ["REVIEW_DATABASE_URL"] = postgres.fresh("rows", migrated=False)
    app = create_app(Config.from_environment(environ))
    app.testing = True
    yield app
    databases.let_go(app)


def a_clock_of_a_signal(connection: Connection, tables: dict[str, Table]) -> None:
    """Write one running clock with all that it points at."""
    rows: list[tuple[str, dict[str, object]]] = [
        ("partnership", {"name": "Westhaven", "slug": "westhaven", "code": "WES", "anonymous_reports": True,
                         "urgent_phone": "", "out_of_hours_phone": "", "contact_address": ""}),
        ("panel", {"partnership_id": 1, "kind": "alert", "name": "Panel", "other_agencies_needed": 2}),
        ("panel", {"partnership_id": 1, "kind": "review", "name": "Reviews", "other_agencies_needed": 2}),
        ("user", {"email": "a@westhaven.example", "name": "A Person", "active": True, "created_at": NOW}),
        ("signal", {"reference": "WES-S-2026-0001", "partnership_id": 1, "panel_id": 1, "title": "Blue tablets",
                    "state": "open", "urgency": "routine", "exercise": False, "tlp": "amber",
                    "police_sensitive": False, "opened_at": NOW, "opened_by_id": 1, "skipped_round_reason": "",
                    "starred": False, "closure_note": ""}),
        ("clock_rule", {"key": "triage_urgent", "version": 1, "name": "Triage, urgent", "unit": "hours", "amount": 1,
                        "mode": "elapsed", "starts": "received", "stops": "triaged",
                        "active_from": date(2026, 1, 1)}),
        ("clock", {"rule_id": 1, "partnership_id": 1, "signal_id": 1, "started_at": NOW, "due_at": NOW,
                   "paused_seconds": 0, "pause_reason": ""}),
        ("review_case", {"reference": "WES-R-4KQ7ZT", "partnership_id": 1, "opened_at": NOW}),
        ("share", {"partnership_id": 1, "to_partnership_id": 1, "review_case_id": 1, "tlp": "amber", "shared_at": NOW,
                   "shared_by_id": 1}),
        ("substance", {"name": "xylazine", "substance_class": "sedative_adulterant", "mda_class": "C",
                       "controlled_on": date(2025, 1, 15), "source": "SI 2024/1361", "verified": False,
                       "active": True}),
        ("substance_alias", {"substance_id": 1, "alias": "tranq"}),
        ("substance_alias", {"substance_id": 1, "alias": "tranq dope"}),
    ]  # fmt: skip
    for table, values in rows:
        extra = {"version": 1} if "version" in tables[table].c and "version" not in values else {}
        connection.execute(tables[table].insert().values(**values, **extra))


def test_rules_clocks_and_substances_are_what_they_were_after_partnerships_may_own_versions(empty_app: Flask) -> None:
    with empty_app.app_context():
        upgrade(directory=MIGRATIONS, revision="0008")
        with db.engine.execution_options(writes=True).begin() as connection:
            a_clock_of_a_signal(connection, tables_of(connection))
        upgrade(directory=MIGRATIONS)
        with db.engine.execution_options(writes=True).connect() as connection:
            tables = tables_of(connection)
            clock = connection.execute(select(tables["clock"])).mappings().one()
            rule = connection.execute(select(tables["clock_rule"])).mappings().one()
            first = connection.execute(select(tables["substance_version"])).mappings().one()
            assert (clock["rule_id"], clock["signal_id"], clock["review_case_id"]) == (1, 1, None)
            assert (rule["id"], rule["key"], rule["amount"], rule["partnership_id"], rule["reason"]) == (
                1, "triage_urgent", 1, None, "",
            )  # fmt: skip
            assert (first["substance_id"], first["version"], first["name"], first["controlled_on"]) == (
                1, 1, "xylazine", date(2025, 1, 15),
            )  # fmt: skip
            assert (first["verified"], first["aliases"], first["saved_by_id"]) == (False, ["tranq", "tranq dope"], None)
            assert connection.scalar(select(tables["substance"].c.version)) == 1
            assert connection.scalar(select(tables["share"].c.review_case_id)) == 1
            assert connection.scalar(select(tables["review_case"].c.reference)) == "WES-R-4KQ7ZT"
            connection.rollback()
            with pytest.raises(IntegrityError), connection.begin():
                connection.execute(tables["clock_rule"].insert().values(**{**rule, "id": 2}))
            with pytest.raises(IntegrityError), connection.begin():
                connection.execute(tables["clock_rule"].delete())


@pytest.mark.parametrize(
    "table", ["rule_set", "form_definition", "clock_rule", "substance_version", "learning_theme_version"]
)
def test_the_database_refuses_to_change_a_version(app: Flask, table: str) -> None:
    with app.app_context(), db.engine.execution_options(writes=True).connect() as connection:
        assert connection.scalar(text(f"SELECT count(*) FROM {table}"))
        connection.rollback()
        with pytest.raises(DatabaseError, match="a version never changes"), connection.begin():
            connection.execute(text(f"UPDATE {table} SET reason = 'rewritten'"))


def tables_of(connection: Connection) -> dict[str, Table]:
    """Give the tables as the database has them now."""
    found = MetaData()
    found.reflect(connection)
    return dict(found.tables)
