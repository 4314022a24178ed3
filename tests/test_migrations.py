"""The migrated schema is the schema of the models, on both databases, and keeps what it promises."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import DatabaseError

from review_app.db import db

FIXED = ("submission", "signal", "alert", "distribution_list", "recipient", "delivery")


@pytest.mark.both_databases
def test_the_migrated_schema_is_that_of_the_models(app):
    with app.app_context(), db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.metadata) == []


@pytest.mark.both_databases
def test_every_check_of_the_models_is_in_the_database(app):
    with app.app_context(), db.engine.connect() as connection:
        found = inspect(connection)
        for table in db.metadata.sorted_tables:
            wanted = {str(check.name) for check in table.constraints if type(check).__name__ == "CheckConstraint"}
            present = {check["name"] for check in found.get_check_constraints(table.name)}
            assert wanted - present == set(), table.name


@pytest.mark.both_databases
@pytest.mark.parametrize("table", FIXED)
def test_the_exercise_flag_of_a_row_never_changes(app, table):
    with app.app_context(), db.engine.connect() as connection:
        dialect = connection.dialect.name
        triggers = {
            "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table",
            "postgresql": "SELECT tgname FROM pg_trigger WHERE tgrelid = to_regclass(:table) AND NOT tgisinternal",
        }
        names = set(connection.scalars(text(triggers[dialect]), {"table": table}))
        assert f"{table}_exercise_is_fixed" in names


@pytest.mark.both_databases
def test_the_exercise_flag_is_refused_by_the_database_itself(app, work, clock):
    from tests import factories

    with work() as session:
        place = factories.world(session, now=clock.now()).westhaven
        reference = factories.make_submission(session, place, now=clock.now()).reference
    with app.app_context(), db.engine.execution_options(writes=True).connect() as connection:
        with pytest.raises(DatabaseError, match="exercise is set at creation"), connection.begin():
            connection.execute(
                text("UPDATE submission SET exercise = :flag WHERE reference = :reference"),
                {"flag": True, "reference": reference},
            )
        with pytest.raises(DatabaseError, match="append-only"), connection.begin():
            connection.execute(text("UPDATE submission_answer SET position = 7"))
