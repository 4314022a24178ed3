"""The pages of alerts and lists in a real Chromium: accessible, no wider than a phone, and the preview keeps up."""

import threading

import pytest
from playwright.sync_api import expect
from werkzeug.serving import make_server

from review_app.alerts.rules import AlertLevel
from review_app.marks import Audience, Tlp
from review_app.policy import Role
from tests import axe, factories
from tests.service.alert_cases import decided_signal, ready_draft, sign, soon, submitted
from tests.service.test_alert_visibility import issue


@pytest.fixture
def places(work, clock):
    """Everything there is to look at, by what it is."""
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        draft = ready_draft(session, here, now=clock.now(), people=60)
        waiting = ready_draft(session, here, now=clock.now(), send_at=soon(clock.now(), hours=2))
        version = submitted(session, here, waiting, now=clock.now())
        sign(session, here, "chair", waiting, Role.CHAIR, now=clock.now())
        public = ready_draft(session, here, now=clock.now(), level=AlertLevel.RED, audience=Audience.PUBLIC)
        issue(session, public, Tlp.CLEAR, now=clock.now())
        signal = decided_signal(session, here, now=clock.now())
        return {
            "draft": draft.reference,
            "waiting": waiting.reference,
            "public": public.reference,
            "signal": signal.reference,
            "list": version.lists[0].distribution_list.reference,
            "coordinator": here.email("coordinator"),
            "dph": here.email("dph"),
        }


@pytest.fixture
def site(app, places):
    server = make_server("127.0.0.1", 0, app, threaded=True)
    running = threading.Thread(target=server.serve_forever)
    running.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    running.join()


def enter(page, site, email):
    page.goto(f"{site}/sign-in")
    page.get_by_label("Email address").fill(email)
    page.get_by_label("Password", exact=True).fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def judged(page, address):
    answer = page.goto(address)
    assert answer is not None
    assert (answer.status, page.url) == (200, address)
    assert axe.problems(page) == []


def test_every_page_is_accessible_and_fits(site, places, chromium_page):
    page = chromium_page
    for address in ("/alerts", f"/alerts/{places['public']}"):
        judged(page, site + address)
    enter(page, site, places["coordinator"])
    for address in (
        f"/signals/{places['signal']}",
        "/alerts",
        f"/alerts/{places['draft']}",
        f"/alerts/{places['public']}",
        f"/alerts/{places['draft']}/edit",
        "/lists",
        "/lists/new",
        f"/lists/{places['list']}",
        f"/lists/{places['list']}/edit",
        f"/lists/{places['list']}/recipients/new",
        f"/lists/{places['list']}/import",
        "/settings/advice",
    ):
        judged(page, site + address)
    page.context.clear_cookies()
    enter(page, site, places["dph"])
    judged(page, f"{site}/alerts/{places['waiting']}/sign")
    judged(page, f"{site}/alerts/{places['waiting']}")


def test_the_preview_keeps_up_with_what_is_typed(chromium_page, site, places):
    enter(chromium_page, site, places["coordinator"])
    chromium_page.goto(f"{site}/alerts/{places['draft']}/edit")
    chromium_page.get_by_label("Signs to look for").fill("Lips that turn blue.")
    expect(chromium_page.locator("#preview")).to_contain_text("Lips that turn blue.")
    chromium_page.get_by_label("TLP:RED").check()
    expect(chromium_page.locator("#preview")).to_contain_text("This is for you alone.")
    chromium_page.reload()
    expect(chromium_page.locator("#preview")).not_to_contain_text("Lips that turn blue.")
