"""Whatever is done to the rows of the audit behind its back, `verify` sees it and names the place."""

import base64
import shutil
import threading
from collections.abc import Callable

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from review_app import crypto
from review_app.audit.ddl import LIFT, RESTORE
from review_app.audit.models import AuditEvent, AuditSegment
from review_app.audit.rules import Report
from review_app.audit.service import RecordName, record, verify
from review_app.audit.upkeep import close_months
from review_app.db import db
from review_app.outbox.worker import SendingWorker
from tests.auditing import add_events, behind_its_back, close, head_path
from tests.conftest import FixedClock, MakeApp, Work

pytestmark = pytest.mark.both_databases

COLUMNS = [column.name for column in AuditEvent.__table__.columns]
EVENTS = 6
ON_A_CHAIN = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.fixture
def chain(app: Flask, work: Work, clock: FixedClock) -> Flask:
    """A database with a chain of a few events."""
    add_events(work, clock, EVENTS)
    return app


def rewrite(connection: Connection, sequence: int, column: str, change: Callable[[str], str]) -> object:
    """Change how one value is written; give the new value, or None if there was nothing to change.

    PostgreSQL takes a value that is too long for its column by nothing but blanks, and cuts them off.
    """
    wanted = text(f'SELECT "{column}" FROM audit_event WHERE sequence = :sequence')
    old = connection.execute(wanted, {"sequence": sequence}).scalar_one()
    new: object = change("" if old is None else str(old))
    if isinstance(old, int) or column in {"actor_id", "partnership_id"}:
        new = int(str(new)) if str(new).isascii() and str(new).isdigit() and len(str(new)) < 9 else None
    if new == old or (column == "sequence" and new is None):
        return None
    update = text(f'UPDATE audit_event SET "{column}" = :new WHERE sequence = :sequence')
    connection.execute(update, {"new": new, "sequence": sequence})
    kept = new if column == "sequence" else connection.execute(wanted, {"sequence": sequence}).scalar_one()
    return None if kept == old else new


@pytest.mark.parametrize("column", COLUMNS)
def test_changing_one_byte_of_one_row_is_found_and_named(chain: Flask, column: str) -> None:
    @ON_A_CHAIN
    @given(st.data())
    def change_one_byte(data: st.DataObject) -> None:
        sequence = data.draw(st.integers(1, EVENTS))
        byte = data.draw(st.characters(min_codepoint=32, max_codepoint=126))

        def change(value: str) -> str:
            place = data.draw(st.integers(0, len(value)))
            width = data.draw(st.sampled_from([0, 1]))
            return value[:place] + byte + value[place + width :]

        with behind_its_back(chain) as (connection, verified):
            try:
                changed = rewrite(connection, sequence, column, change)
            except DBAPIError:
                return  # the database itself refused the value
            if changed is None:
                return
            report = verified()
            assert not report.ok
            if column != "sequence":
                assert (report.problem, report.sequence) == (f"Event {sequence} was changed.", sequence)

    change_one_byte()


def test_deleting_any_rows_is_found_and_the_first_one_named(chain: Flask) -> None:
    @ON_A_CHAIN
    @given(st.sets(st.integers(1, EVENTS), min_size=1))
    def delete_rows(gone: set[int]) -> None:
        with behind_its_back(chain) as (connection, verified):
            for sequence in gone:
                connection.execute(text("DELETE FROM audit_event WHERE sequence = :s"), {"s": sequence})
            report = verified()
            assert not report.ok
            assert report.sequence == min(gone)
            assert str(min(gone)) in report.problem

    delete_rows()


def test_a_missing_middle_row_is_named(chain: Flask) -> None:
    with behind_its_back(chain) as (connection, verified):
        connection.execute(text("DELETE FROM audit_event WHERE sequence = 3"))
        assert verified().problem == "Event 3 is missing: event 4 follows event 2."


def test_rows_removed_from_the_end_are_named_even_when_the_head_is_set_back(chain: Flask) -> None:
    with behind_its_back(chain) as (connection, verified):
        connection.execute(text("DELETE FROM audit_event WHERE sequence > 4"))
        assert verified().problem == "Events 5 to 6 were removed from the end: the chain stops at event 4."
        back = "UPDATE audit_head SET sequence = 4, hash = (SELECT hash FROM audit_event WHERE sequence = 4)"
        connection.execute(text(back))
        report = verified()
        assert report.sequence == 5
        assert report.problem.startswith("Events 5 to 6 were removed from the end: the database is behind")


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("UPDATE audit_head SET sequence = 4", "The head of the chain was set back: event 6 is after it."),
        ("UPDATE audit_head SET hash = 'x'", "The head of the chain was changed."),
        ("DELETE FROM audit_head", "The row that holds the head of the chain is missing."),
    ],
)
def test_a_changed_head_is_found(chain: Flask, statement: str, problem: str) -> None:
    with behind_its_back(chain) as (connection, verified):
        connection.execute(text(statement))
        assert verified().problem == problem


def test_a_chain_made_without_the_key_is_found(chain: Flask) -> None:
    with behind_its_back(chain) as (connection, verified):
        connection.execute(text("UPDATE audit_event SET previous_hash = hash, hash = 'f' WHERE sequence = 6"))
        connection.execute(text("UPDATE audit_head SET hash = 'f'"))
        assert verified().problem == "Event 6 was changed."


def test_an_older_copy_of_the_database_is_behind_the_outside_head(chain: Flask, work: Work, clock: FixedClock) -> None:
    later = head_path(chain).with_name("later.json")
    add_events(work, clock, 2)
    shutil.copy(head_path(chain), later)
    with behind_its_back(chain, keep=False) as (connection, _):
        connection.execute(text("DELETE FROM audit_event WHERE sequence > 6"))
        back = "UPDATE audit_head SET sequence = 6, hash = (SELECT hash FROM audit_event WHERE sequence = 6)"
        connection.execute(text(back))
        report = verify(Session(connection), later)
        assert report.sequence == 7


def test_an_outside_head_that_is_missing_damaged_or_of_another_chain_is_a_fault(chain: Flask) -> None:
    path = head_path(chain)
    with behind_its_back(chain) as (_, verified):
        assert verified().ok
        path.write_text('{"sequence": 5, "hash": "' + "0" * 64 + '"}')
        assert verified().problem == "Event 5 is not the one that audit-head.json remembers."
        path.write_text("{")
        assert verified().problem.startswith("The head kept outside the database is damaged")
        path.unlink()
        assert verified().problem == "The head kept outside the database (audit-head.json) is missing."


def test_an_empty_chain_is_whole(app: Flask) -> None:
    with app.app_context():
        assert verify(db.session(), head_path(app)) == Report(ok=True, events=0)


def test_events_of_earlier_keys_are_proved_while_their_key_is_in_the_ring(
    chain: Flask, work: Work, clock: FixedClock
) -> None:
    before = crypto.ring()
    old = ",".join(f"{name}:{_base64(key)}" for name, key in before.keys)
    crypto.configure(f"newer:{_base64(b'n' * 32)},{old}")
    try:
        add_events(work, clock, 1)
        with behind_its_back(chain) as (_, verified):
            assert verified() == Report(ok=True, events=7)
        crypto.configure(f"newer:{_base64(b'n' * 32)}")
        with behind_its_back(chain) as (_, verified):
            assert verified().problem == "Event 1 was changed."
    finally:
        crypto.configure(old)


def test_changing_keys_says_which_older_ones_the_audit_still_needs(
    make_app: MakeApp, work: Work, clock: FixedClock
) -> None:
    app, older = make_app(), f"older:{_base64(b'o' * 32)}"
    newer = f"newer:{_base64(b'n' * 32)}"

    def rotate(keys: str) -> str:
        return make_app(REVIEW_FIELD_KEYS=keys).test_cli_runner().invoke(args=["keys", "rotate"]).output

    assert "Older keys can be taken out" in rotate(older)
    with app.app_context():
        add_events(work, clock, 2)
    assert "Keep older in REVIEW_FIELD_KEYS, after the first" in rotate(f"{newer},{older}")


def _base64(key: bytes) -> str:
    return base64.b64encode(key).decode()


def test_months_that_have_ended_are_signed_once(chain: Flask, work: Work, clock: FixedClock) -> None:
    assert close(work, clock) == []
    clock.advance(days=40)
    add_events(work, clock, 2)
    assert close(work, clock) == [("2026-11", 1, 6)]
    assert close(work, clock) == []
    clock.advance(days=70)
    assert close(work, clock) == [("2026-12", 7, 8)]
    with behind_its_back(chain) as (connection, verified):
        assert verified().ok
        connection.execute(text("UPDATE audit_segment SET last_sequence = 7 WHERE month = '2026-11'"))
        assert verified().problem == "The signed month 2026-11 was changed."


def test_workers_that_sign_at_the_same_time_sign_each_month_once(chain: Flask, work: Work, clock: FixedClock) -> None:
    clock.advance(days=100)
    add_events(work, clock, 1)
    failures: list[BaseException] = []

    def sign() -> None:
        try:
            with chain.app_context():
                close_months(SendingWorker(clock), [], clock)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=sign) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with work() as session:
        assert session.scalars(select(AuditSegment.month)).all() == ["2026-11"]


def test_a_signed_month_can_be_pruned_and_the_rest_still_be_proved(chain: Flask, work: Work, clock: FixedClock) -> None:
    clock.advance(days=40)
    add_events(work, clock, 2)
    close(work, clock)
    with work() as session:
        dialect = session.get_bind().dialect.name
        for statement in LIFT[dialect]:
            session.execute(text(statement))
        session.execute(text("DELETE FROM audit_event WHERE sequence <= 6"))
        for statement in RESTORE[dialect]:
            session.execute(text(statement))
        session.execute(text("UPDATE audit_segment SET pruned_at = CURRENT_TIMESTAMP WHERE month = '2026-11'"))
        named = RecordName(table="audit_segment", reference="2026-11", partnership_id=None)
        record(session, None, "prune", named, at=clock.now())
    with pytest.raises(DBAPIError, match="append-only"), work() as session:
        session.execute(text("DELETE FROM audit_event"))
    with behind_its_back(chain) as (connection, verified):
        assert verified() == Report(ok=True, events=3)
        connection.execute(text("DELETE FROM audit_event WHERE sequence = 7"))
        assert verified().sequence == 7
    with behind_its_back(chain) as (connection, verified):
        connection.execute(text("UPDATE audit_segment SET pruned_at = NULL"))
        assert verified().problem == "Events 1 to 6 are missing: event 7 follows event 0."


def test_a_month_removed_without_an_event_that_says_so_is_a_fault(chain: Flask, work: Work, clock: FixedClock) -> None:
    clock.advance(days=40)
    add_events(work, clock, 2)
    close(work, clock)
    with behind_its_back(chain) as (connection, verified):
        connection.execute(text("DELETE FROM audit_event WHERE sequence <= 6"))
        connection.execute(text("UPDATE audit_segment SET pruned_at = CURRENT_TIMESTAMP"))
        assert verified().problem == "The month 2026-11 was pruned and no event says so."


def test_the_command_exits_1_and_names_the_place(make_app: MakeApp, work: Work, clock: FixedClock) -> None:
    app = make_app()
    add_events(work, clock, 3)
    assert app.test_cli_runner().invoke(args=["audit", "verify"]).exit_code == 0
    with behind_its_back(app, keep=True) as (connection, _):
        connection.execute(text("UPDATE audit_event SET verb = 'triagf' WHERE sequence = 2"))
    result = app.test_cli_runner().invoke(args=["audit", "verify"])
    assert result.exit_code == 1
    assert "Event 2 was changed." in result.output
