"""The servers that the tests bring are real, and do what the tests rely on."""

import smtplib
import time

import pytest
from playwright.sync_api import Page
from sqlalchemy import create_engine, text

from tests.smtp import SmtpSink

MESSAGE = "From: a@westhaven.example\r\nSubject: Trying\r\nMessage-ID: <1@westhaven.example>\r\n\r\nGood morning.\r\n"


def test_the_smtp_server_keeps_a_message_for_each_recipient(smtp_sink: SmtpSink):
    with smtplib.SMTP(smtp_sink.host, smtp_sink.port) as client:
        client.sendmail("a@westhaven.example", ["b@westhaven.example", "c@westhaven.example"], MESSAGE)
        assert smtp_sink.open_connections == 1
    received = smtp_sink.wait_for(2)
    assert [each.recipient for each in received] == ["b@westhaven.example", "c@westhaven.example"]
    assert {each.message_id for each in received} == {"<1@westhaven.example>"}
    assert received[0].text == "Good morning.\n"
    deadline = time.monotonic() + 5
    while smtp_sink.open_connections and time.monotonic() < deadline:
        time.sleep(0.01)
    assert smtp_sink.open_connections == 0


def test_the_smtp_server_refuses_an_address_as_it_is_told(smtp_sink: SmtpSink):
    smtp_sink.refusals["b@westhaven.example"] = "450 Try later"
    with smtplib.SMTP(smtp_sink.host, smtp_sink.port) as client, pytest.raises(smtplib.SMTPRecipientsRefused) as told:
        client.sendmail("a@westhaven.example", ["b@westhaven.example"], MESSAGE)
    assert told.value.recipients == {"b@westhaven.example": (450, b"Try later")}


def test_a_chromium_opens_pages(chromium_page: Page):
    chromium_page.set_content("<h1>Good morning</h1>")
    assert chromium_page.get_by_role("heading").inner_text() == "Good morning"


def test_postgresql_is_put_back_to_what_the_migrations_left(postgres):
    engine = create_engine(postgres.url)
    with engine.connect() as connection:
        before = connection.execute(text("SELECT mode FROM installation")).all()
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM installation"))
    postgres.restore()
    with engine.connect() as connection:
        assert connection.execute(text("SELECT mode FROM installation")).all() == before != []
    engine.dispose()


@pytest.mark.both_databases
def test_a_test_marked_for_both_databases_runs_on_each(app, work, database):
    assert app.config["SQLALCHEMY_DATABASE_URI"].startswith(database)
    with work() as session:
        assert session.scalar(text("SELECT mode FROM installation")) == "demo"
