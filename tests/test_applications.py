"""The application that the tests of a process share begins each test as if it had just been built."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import NullPool, create_engine, inspect, text

from review_app import crypto, keystore
from review_app.db import db, unit_of_work
from review_app.keystore import RecordKind
from review_app.mail import post
from review_app.outbox.worker import SendingWorker
from tests import factories
from tests.alerting import Desk, going_out
from tests.applications import Stage
from tests.browser import Browser
from tests.conftest import FixedClock, MakeApp, Work
from tests.databases import POSTGRESQL
from tests.smtp import SmtpSink
from tests.unit.test_crypto import NEW

OF_THE_DATABASE = ("review.db", "keys.db")


def rows(url: str) -> dict[str, list[str]]:
    """Give everything a database holds."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        found = {
            table: sorted(str(row) for row in connection.execute(text(f'SELECT * FROM "{table}"')))
            for table in inspect(connection).get_table_names()
        }
    engine.dispose()
    return found


def state(app: Flask) -> dict[str, object]:
    """Give everything about an application that a test could have changed, and the next one could meet."""
    folder = Path(app.instance_path)
    with app.app_context():
        database = db.engine.url.render_as_string(hide_password=False)
        keys = keystore._store().url.render_as_string(hide_password=False)
        mail = post()
    files = [each for each in folder.rglob("*") if each.is_file() and not each.name.startswith(OF_THE_DATABASE)]
    return {
        "rows": rows(database),
        "keys": rows(keys),
        "files": {str(each.relative_to(folder)): hashlib.sha256(each.read_bytes()).hexdigest() for each in files},
        "configuration": {name: repr(value) for name, value in app.config.items()},
        "extensions": {name: value for name, value in app.extensions.items() if name not in ("clock", "post")},
        "mail": mail,
        "ring": crypto.ring().keys,
    }


def do_everything(app: Flask, clock: FixedClock) -> None:
    """Write into tables, files, keys and settings, as tests do."""
    with app.test_request_context(), unit_of_work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        going_out(session, here, now=clock.now())
    Desk(app, clock).go()
    with app.app_context():
        SendingWorker(clock)
    browser = Browser(app).sign_in(here.email("coordinator"), factories.PASSWORD)
    browser.get("/reports")
    keystore.create_data_key(RecordKind.REVIEW_CASE, "a record", now=clock.now())
    crypto.configure(NEW)
    app.config["WTF_CSRF_ENABLED"] = False
    app.extensions["denial_recorder"] = print
    app.extensions["more"] = print


@pytest.fixture
def stage(request: pytest.FixtureRequest, database: str) -> Iterator[Stage]:
    """The stage of this process, between two tests."""
    if database == POSTGRESQL:
        request.getfixturevalue("postgres")
    stage: Stage = request.getfixturevalue(f"{database}_stage")
    yield stage
    stage.clear()


@pytest.mark.both_databases
def test_what_a_test_did_leaves_no_trace_for_the_next(
    stage: Stage, request: pytest.FixtureRequest, database: str, clock: FixedClock, smtp_sink: SmtpSink
) -> None:
    stage.set_up()
    app = stage.make(clock, {})
    before = state(app)
    stage.clear()

    stage.set_up()
    assert stage.make(clock, {"REVIEW_MAIL_URL": smtp_sink.url}) is app
    do_everything(app, clock)
    spoilt = state(app)
    assert [part for part in before if spoilt[part] == before[part]] == []
    stage.clear()
    if database == POSTGRESQL:
        request.getfixturevalue("postgres_server").restore()

    later = FixedClock(clock.now() + timedelta(days=400))
    stage.set_up()
    assert stage.make(later, {}) is app
    assert state(app) == before
    assert app.extensions["clock"] is later


def test_a_test_that_asks_for_settings_of_its_own_gets_an_application_of_its_own(
    make_app: MakeApp, work: Work, clock: FixedClock, smtp_sink: SmtpSink
) -> None:
    shared, mailing = make_app(), make_app(REVIEW_MAIL_URL=smtp_sink.url)
    elsewhere = make_app(REVIEW_BASE_URL="https://alerts.example")
    assert len({id(app) for app in (shared, mailing, elsewhere)}) == 3
    assert [app.extensions["post"].server is None for app in (shared, mailing, elsewhere)] == [True, False, True]
    assert [app.config["SESSION_COOKIE_SECURE"] for app in (shared, mailing, elsewhere)] == [False, False, True]
    assert {app.extensions["clock"] for app in (shared, mailing, elsewhere)} == {clock}
