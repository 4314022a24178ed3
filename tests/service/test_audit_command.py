"""`audit verify` as an operator types it: whatever was done to the rows, it exits 1 and names the place."""

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import text

from review_app.audit.service import RecordName, record
from review_app.db import db
from tests.conftest import FixedClock, Work

pytestmark = pytest.mark.both_databases

EVENTS = 24
TRIGGERS_OFF = {
    "sqlite": ("DROP TRIGGER audit_event_no_update", "DROP TRIGGER audit_event_no_delete"),
    "postgresql": ("SET LOCAL session_replication_role = replica",),
}


def verify(app: Flask) -> Result:
    return app.test_cli_runner().invoke(args=["audit", "verify"])


@pytest.fixture
def chain(app: Flask, work: Work, clock: FixedClock) -> Flask:
    """A database whose audit holds a day's work."""
    for number in range(EVENTS):
        with work() as session:
            named = RecordName(table="signal", reference=f"WES-S-2026-{number:04}", partnership_id=1)
            record(session, None, "change", named, at=clock.advance(minutes=5), changes={"title": ("old", "new")})
    return app


def attack(app: Flask, *statements: str) -> None:
    """Change rows as somebody with the database file in hand does: the triggers are out of the way."""
    with app.app_context(), db.engine.connect() as connection:
        for statement in (*TRIGGERS_OFF[connection.dialect.name], *statements):
            connection.execute(text(statement))
        connection.commit()


def test_a_whole_chain_exits_0(chain: Flask) -> None:
    assert verify(chain).exit_code == 0


def test_one_changed_byte_of_one_row_exits_1_and_names_the_row(chain: Flask) -> None:
    attack(chain, "UPDATE audit_event SET object_reference = 'WES-S-2026-0008' WHERE sequence = 8")
    found = verify(chain)
    assert found.exit_code == 1
    assert "Event 8 was changed." in found.output


def test_a_deleted_middle_row_exits_1_and_names_the_row(chain: Flask) -> None:
    attack(chain, "DELETE FROM audit_event WHERE sequence = 12")
    found = verify(chain)
    assert found.exit_code == 1
    assert "Event 12 is missing: event 13 follows event 11." in found.output


def test_ten_last_rows_deleted_exit_1_and_name_the_first_of_them(chain: Flask) -> None:
    attack(chain, "DELETE FROM audit_event WHERE sequence > 14")
    found = verify(chain)
    assert found.exit_code == 1
    assert "Events 15 to 24 were removed from the end: the chain stops at event 14." in found.output


def test_ten_last_rows_deleted_and_the_head_set_back_are_found_by_the_head_outside(chain: Flask) -> None:
    head = "UPDATE audit_head SET sequence = 14, hash = (SELECT hash FROM audit_event WHERE sequence = 14)"
    attack(chain, "DELETE FROM audit_event WHERE sequence > 14", head)
    found = verify(chain)
    assert found.exit_code == 1
    assert "Events 15 to 24 were removed from the end" in found.output
    assert "audit-head.json" in found.output
