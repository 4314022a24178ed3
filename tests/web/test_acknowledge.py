"""A recipient's own page: read without an account, acknowledged by a button and by nothing less."""

import re
import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page
from sqlalchemy import func, select
from werkzeug.serving import make_server

from review_app.alerts.models import Acknowledgement, Alert, Delivery
from review_app.alerts.queries.deliveries import progress
from review_app.alerts.queries.versions import newest_version
from review_app.alerts.rules import AcknowledgementState, ActionTaken, AlertLevel, VersionKind, WithdrawalReason
from review_app.audit.models import AuditEvent
from review_app.sending import Outcome
from tests import axe, factories
from tests.alerting import (
    Desk,
    Scripted,
    deliveries,
    going_out,
    next_signed,
    own_link,
    release,
    withdraw,
)
from tests.browser import Browser
from tests.conftest import FixedClock, MakeApp, Work
from tests.factories import Place
from tests.smtp import SmtpSink


@pytest.fixture
def app(make_app: MakeApp, smtp_sink: SmtpSink) -> Flask:
    """The application with a real mail server."""
    return make_app(REVIEW_MAIL_URL=smtp_sink.url)


@pytest.fixture
def here(work: Work, clock: FixedClock) -> Place:
    with work() as session:
        return factories.world(session, now=clock.now()).westhaven


@pytest.fixture
def desk(app: Flask, clock: FixedClock) -> Desk:
    return Desk(app, clock)


@pytest.fixture
def links(work: Work, clock: FixedClock, here: Place, desk: Desk, smtp_sink: SmtpSink) -> list[str]:
    """The private links in the e-mails of a red alert."""
    with work() as session:
        going_out(session, here, now=clock.now(), people=3)
    desk.go()
    return [own_link(message) for message in smtp_sink.received]


@pytest.fixture
def site(app: Flask) -> Iterator[str]:
    """The application, served on a free port."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    running = threading.Thread(target=server.serve_forever)
    running.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    running.join()


def acknowledgements(work: Work) -> list[tuple[AcknowledgementState, ActionTaken | None, int | None]]:
    with work() as session:
        found = session.scalars(select(Acknowledgement).order_by(Acknowledgement.id))
        return [(said.state, said.action, said.passed_on) for said in found]


@pytest.mark.both_databases
def test_pressing_the_button_acknowledges_once_and_what_was_done_can_be_said(
    app: Flask, work: Work, links: list[str], clock: FixedClock
) -> None:
    page = Browser(app).get(links[0])
    assert page.heading == "Blue tablets: collapse within minutes. Do not use alone"
    assert "Do not use alone" in page.text
    assert "account" in page.text
    assert "[[" not in page.text
    page.press("I have read this")
    assert acknowledgements(work) == [(AcknowledgementState.READ_CONFIRMED, None, None)]
    assert page.heading == "Thank you. What have you done?"
    page.choose("Told our staff").fill("How many people did you pass it on to?", "12").press("Save what I did")
    assert page.heading == "Thank you"
    assert acknowledgements(work) == [(AcknowledgementState.ACTED, ActionTaken.TOLD_STAFF, 12)]
    page.follow("Back to the alert")
    assert "You have told us that you read this" in page.text
    assert page.buttons == []
    clock.advance(hours=1)
    page.follow("Tell us what you did").choose("Told the people we work with").press("Save what I did")
    assert acknowledgements(work) == [(AcknowledgementState.ACTED, ActionTaken.TOLD_CLIENTS, None)]
    with work() as session:
        counted = progress(session, newest_version(session, session.scalars(select(Alert)).one()).id)
        assert (counted.read, counted.acted) == (1, 1)


def test_a_mail_scanner_that_opens_links_acknowledges_nothing_and_writes_nothing(
    app: Flask, work: Work, links: list[str]
) -> None:
    with work() as session:
        before = session.scalar(select(func.count()).select_from(AuditEvent))
    client = app.test_client()
    for path in (links[0], f"{links[0]}/action", f"{links[0]}/done"):
        for method in ("GET", "HEAD", "OPTIONS"):
            assert client.open(path, method=method).status_code == 200
    assert client.post(links[0]).status_code in (400, 422)
    assert client.post(links[0], data={"csrf_token": "made up"}).status_code in (400, 422)
    assert acknowledgements(work) == []
    with work() as session:
        assert session.scalar(select(func.count()).select_from(AuditEvent)) == before


@pytest.mark.both_databases
def test_a_button_pressed_twice_is_one_acknowledgement(app: Flask, work: Work, links: list[str]) -> None:
    first, second = Browser(app).get(links[0]), Browser(app).get(links[0])
    first.press("I have read this")
    second.press("I have read this")
    assert len(acknowledgements(work)) == 1


@pytest.mark.parametrize(
    "spoil",
    [
        lambda token: token[:-1] + ("A" if token[-1] != "A" else "B"),
        lambda token: re.sub(r"^\d+", lambda number: str(int(number.group()) + 1), token),
        lambda token: token.split("-", 1)[0],
        lambda token: token.split("-", 1)[1],
        lambda token: f"0{token}",
        lambda token: "9" * 30 + "-" + token.split("-", 1)[1],
        lambda token: "²-" + token.split("-", 1)[1],
        lambda token: "-",
    ],
    ids=["last letter", "another's number", "no proof", "no number", "a zero before", "huge", "superscript", "nothing"],
)
def test_any_other_link_is_not_found(app: Flask, links: list[str], spoil) -> None:
    token = links[0].rpartition("/")[2]
    browser = Browser(app)
    for end in ("", "/action", "/done"):
        browser.get(f"/acknowledge/{spoil(token)}{end}", status=404)


def test_the_page_stays_readable_after_a_withdrawal_with_a_banner_and_can_still_be_acknowledged(
    app: Flask, work: Work, clock: FixedClock, here: Place, links: list[str], desk: Desk, smtp_sink: SmtpSink
) -> None:
    smtp_sink.clear()
    with work() as session:
        withdraw(session, here, session.scalars(select(Alert)).one(), now=clock.now())
    desk.go()
    page = Browser(app).get(links[0])
    assert "It was withdrawn on 9 November 2026. Please stop sharing it." in page.text
    assert page.heading.startswith("Blue tablets")
    page.press("I have read this")
    assert len(acknowledgements(work)) == 1
    end = Browser(app).get(own_link(smtp_sink.received[0]))
    assert end.heading == "Alert withdrawn"
    assert "The risk described has been contained." in end.text
    end.press("I have read this")
    assert len(acknowledgements(work)) == 2


def test_what_could_identify_someone_is_not_shown_again(
    app: Flask, work: Work, clock: FixedClock, here: Place, links: list[str]
) -> None:
    with work() as session:
        reason = WithdrawalReason.IDENTIFIES_SOMEONE
        withdraw(session, here, session.scalars(select(Alert)).one(), now=clock.now(), reason=reason)
    page = Browser(app).get(links[0])
    assert page.heading == "This alert was withdrawn"
    assert "tablets" not in page.text.lower()


def test_the_page_of_an_expired_alert_and_of_an_earlier_version_says_so(
    app: Flask, work: Work, clock: FixedClock, here: Place, links: list[str], desk: Desk
) -> None:
    with work() as session:
        alert = session.scalars(select(Alert)).one()
        next_signed(session, here, alert, VersionKind.UPDATE, now=clock.now())
        release(session, alert, now=clock.now())
    page = Browser(app).get(links[0])
    assert "There is a newer version of this alert" in page.text
    clock.advance(days=11)
    desk.go(Scripted.answering())
    assert "It ended on 20 November 2026" in page.get(links[0]).text
    assert "newer version" not in page.text


def test_acknowledgements_are_shown_to_those_who_may_see_them(
    app: Flask, work: Work, clock: FixedClock, here: Place, links: list[str]
) -> None:
    Browser(app).get(links[0]).press("I have read this")
    with work() as session:
        reference = session.scalars(select(Alert.reference)).one()
        addresses = set(session.scalars(select(Delivery.address)))
    page = Browser(app).sign_in(here.email("coordinator"), factories.PASSWORD).get(f"/alerts/{reference}")
    (row,) = page.table("Acknowledgements by agency")[1:]
    assert [cell.split()[-1] for cell in row[1:]] == ["3", "1", "0"]
    analyst = Browser(app).sign_in(here.email("analyst"), factories.PASSWORD).get(f"/alerts/{reference}", status=None)
    assert not any(address in analyst.text for address in addresses)


def test_the_withdraw_page_says_how_many_are_told(
    app: Flask, work: Work, clock: FixedClock, here: Place, links: list[str], desk: Desk, smtp_sink: SmtpSink
) -> None:
    with work() as session:
        reference = session.scalars(select(Alert.reference)).one()
    page = Browser(app).sign_in(here.email("dph"), factories.PASSWORD).get(f"/alerts/{reference}").follow("Withdraw")
    assert "3 people who have this alert will be told once" in page.text
    page.press("Withdraw and tell 3 people", status=422)
    assert page.errors == ["Select why it is withdrawn"]
    page.choose("It was not confirmed").press("Withdraw and tell 3 people")
    assert "It was withdrawn on 9 November 2026" in page.text
    page.get(f"/alerts/{reference}/versions/2")
    assert "Testing or further reports did not confirm the risk described." in page.text
    assert "Not written yet" not in page.text
    smtp_sink.clear()
    desk.go()
    assert len(smtp_sink.received) == 3


def test_an_update_begins_on_its_page(app: Flask, work: Work, here: Place, links: list[str]) -> None:
    with work() as session:
        reference = session.scalars(select(Alert.reference)).one()
    page = Browser(app).sign_in(here.email("coordinator"), factories.PASSWORD).get(f"/alerts/{reference}")
    page.follow("Correct").press("Write the correction")
    assert page.url.endswith(f"/alerts/{reference}/edit")
    again = Browser(app).sign_in(here.email("coordinator2"), factories.PASSWORD)
    again.get(f"/alerts/{reference}/next/update").press("Write the update", status=409)
    assert "being written already" in again.text


def test_the_pages_are_accessible_and_fit(
    app: Flask,
    work: Work,
    clock: FixedClock,
    here: Place,
    desk: Desk,
    links: list[str],
    site: str,
    chromium_page: Page,
) -> None:
    page = chromium_page
    with work() as session:
        uncertain = going_out(session, here, now=clock.now(), people=5, level=AlertLevel.INFORMATION).reference
    desk.go(Scripted.answering(Outcome.UNCERTAIN, Outcome.PERMANENT))
    with work() as session:
        ended = withdraw(session, here, session.scalars(select(Alert).order_by(Alert.id)).all()[0], now=clock.now())
        reference = ended.reference
        assert deliveries(session, ended)
    for end in ("", "/action", "/done"):
        judge(page, f"{site}{links[0]}{end}")
    page.goto(f"{site}{links[1]}")
    page.get_by_role("button", name="I have read this").click()
    page.get_by_role("button", name="Save what I did").click()
    assert "Select what you have done" in page.content()
    assert axe.problems(page) == []
    judge(page, f"{site}{links[1]}")
    page.goto(f"{site}/sign-in")
    page.get_by_label("Email address").fill(here.email("coordinator"))
    page.get_by_label("Password", exact=True).fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    for path in (uncertain, f"{uncertain}/withdraw", f"{uncertain}/next/update", reference, f"{reference}/versions/2"):
        judge(page, f"{site}/alerts/{path}")


def judge(page: Page, address: str) -> None:
    answer = page.goto(address)
    assert answer is not None
    assert answer.status == 200
    assert axe.problems(page) == []
