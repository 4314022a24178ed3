"""The thread and the search box in a real Chromium: accessible, no wider than a phone, and done with the keyboard."""

import os
import threading
from pathlib import Path

import pytest
from werkzeug.serving import make_server

from review_app.links import service as links
from review_app.links.models import Relation
from review_app.submissions.rules import SignalState
from tests import axe, factories, reviewing
from tests.journeys.visitors import SHOTS


@pytest.fixture
def chain(work, clock):
    """A chain of every kind of record there is, and whom to show it to."""
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        reports = [factories.make_submission(session, here, now=clock.now()) for _ in range(9)]
        signal = factories.make_signal(session, here, now=clock.now(), submissions=reports)
        signal.state = SignalState.DECIDED
        case = reviewing.make_case(session, here, now=clock.now())
        links.link(session, here.actor("review.coordinator"), signal, case, Relation.MAY_EXPLAIN, now=clock.now())
        return signal.reference, here.email("coordinator"), here.email("dph")


@pytest.fixture
def site(app, chain):
    server = make_server("127.0.0.1", 0, app, threaded=True)
    running = threading.Thread(target=server.serve_forever)
    running.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    running.join()


def test_the_box_its_results_and_the_thread_can_be_used_with_the_keyboard_and_fit(site, chain, chromium_page):
    page, (signal, *people) = chromium_page, chain
    for email in people:
        page.context.clear_cookies()
        page.goto(f"{site}/sign-in")
        page.get_by_label("Email address").fill(email)
        page.get_by_label("Password", exact=True).fill(factories.PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        judge(page, "box")
        page.get_by_label("Search by reference or words").focus()
        page.keyboard.type("tablets")
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Search", exact=True).wait_for()
        judge(page, "results")
        page.get_by_role("link", name=f"Thread of {signal}").focus()
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Thread", exact=True).wait_for()
        judge(page, f"thread {email.partition('@')[0]}")


def judge(page, name):
    assert axe.problems(page) == []
    if os.environ.get(SHOTS):
        page.screenshot(path=Path(os.environ[SHOTS]) / f"{name}.png", full_page=True)
