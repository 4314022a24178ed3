"""The settings of the review in a real Chromium, on a desk and on a phone: accessible, and no wider than the screen."""

import threading

import pytest
from playwright.sync_api import Page, expect
from werkzeug.serving import make_server

from tests import axe, factories

PAGES = (
    "/settings",
    "/settings/reviews/inclusion",
    "/settings/reviews/clocks",
    "/settings/reviews/questions",
    "/settings/reviews/questions/new",
    "/settings/reviews/themes",
    "/settings/reviews/themes/1/merge/2",
    "/settings/substances",
    "/settings/substances/1",
)


@pytest.fixture
def site(app, work, clock):
    """The address of the running application, with Westhaven and Eastmoor in it."""
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
    server = make_server("127.0.0.1", 0, app, threaded=True)
    running = threading.Thread(target=server.serve_forever)
    running.start()
    yield f"http://127.0.0.1:{server.port}", here.email("admin")
    server.shutdown()
    running.join()


def enter(page: Page, site: tuple[str, str]) -> str:
    address, email = site
    page.goto(f"{address}/sign-in")
    page.get_by_label("Email address").fill(email)
    page.get_by_label("Password", exact=True).fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    return address


def judged(page: Page) -> None:
    """Hold the open page to what every page is held to."""
    assert axe.problems(page) == []


def test_the_settings_of_the_review_are_accessible_and_fit_the_screen(site, chromium_page):
    page = chromium_page
    address = enter(page, site)
    for path in PAGES:
        page.goto(address + path)
        judged(page)


def test_a_setting_is_changed_on_a_phone_and_its_history_fits(site, phone_page):
    page = phone_page
    address = enter(page, site)
    page.goto(f"{address}/settings/reviews/inclusion")
    page.get_by_label("Age from which a person is an adult").fill("")
    page.get_by_role("button", name="Save as a new version").click()
    expect(page.get_by_role("link", name="Enter the age")).to_be_visible()
    judged(page)
    page.get_by_label("Age from which a person is an adult").fill("18")
    page.get_by_label("Alcohol use or drug use: either is enough").check()
    page.get_by_role("button", name="Save as a new version").click()
    expect(page.get_by_text("The settings are saved. They are in force now.")).to_be_visible()
    expect(page.get_by_text("In force: version 2")).to_be_visible()
    judged(page)
