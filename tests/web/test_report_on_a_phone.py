"""The short form in a real Chromium on a phone: accessible, no wider than the screen, and Back loses nothing."""

import threading

import pytest
from playwright.sync_api import expect
from werkzeug.serving import make_server

from tests import axe, factories

WORDS = "Two people collapsed.\nBoth woke after naloxone."


@pytest.fixture
def site(app, work, clock):
    """The address of the running application, with Westhaven and Eastmoor in it."""
    with work() as session:
        factories.world(session, now=clock.now())
    server = make_server("127.0.0.1", 0, app, threaded=True)
    running = threading.Thread(target=server.serve_forever)
    running.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    running.join()


def judged(page):
    """Hold the open page to what every page is held to."""
    assert axe.problems(page) == []


def fill_first_screen(page):
    """Answer the first screen by its labels, as a person does."""
    page.get_by_label("No", exact=True).check()
    page.get_by_label("An unusually strong drug").check()
    page.get_by_label("What was it sold as, or believed to be?").fill("blue oxy")
    page.get_by_label("Where did this happen?").select_option(label="Westhaven Harbour")
    page.get_by_label("I saw it myself").check()
    page.get_by_label("What happened, in your own words?").fill(WORDS)


def test_a_report_is_sent_followed_and_withdrawn_on_a_phone(site, phone_page):
    page = phone_page
    page.goto(f"{site}/report/westhaven")
    judged(page)
    danger = page.get_by_text("Call 999 now, then carry on with this report.")
    expect(danger).to_be_hidden()
    page.get_by_label("Yes", exact=True).check()
    expect(danger).to_be_visible()
    judged(page)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert").get_by_role("heading", name="There is a problem")).to_be_visible()
    judged(page)
    fill_first_screen(page)
    expect(danger).to_be_hidden()
    page.get_by_role("button", name="Continue").click()
    judged(page)
    page.get_by_role("group").get_by_text("Add your name").click()
    judged(page)
    page.get_by_label("How can we reach you?").fill("07700 900123")
    page.get_by_label("I have not included names").check()
    page.get_by_role("button", name="Send report").click()
    expect(page.get_by_role("heading", name="Report sent")).to_be_visible()
    judged(page)
    page.get_by_role("link", name="See how far your report has got").click()
    judged(page)
    page.get_by_role("button", name="Add something").click()
    judged(page)
    page.go_back()
    page.get_by_role("button", name="Withdraw report").click()
    judged(page)
    page.get_by_label("Why are you withdrawing your report?").fill("A mistake")
    page.get_by_role("button", name="Withdraw report").click()
    expect(page.get_by_text("Your report is withdrawn.")).to_be_visible()
    judged(page)


def test_back_finds_the_first_screen_as_it_was_left_and_nothing_once_it_is_sent(site, phone_page):
    page = phone_page
    page.goto(f"{site}/report/westhaven")
    fill_first_screen(page)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("button", name="Send report")).to_be_visible()
    page.go_back()
    expect(page.get_by_label("What was it sold as, or believed to be?")).to_have_value("blue oxy")
    expect(page.get_by_label("What happened, in your own words?")).to_have_value(WORDS)
    expect(page.get_by_label("I saw it myself")).to_be_checked()
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("How can we reach you?").fill("worker@hostel.example")
    page.get_by_label("I have not included names").check()
    page.get_by_role("button", name="Send report").click()
    expect(page.get_by_role("heading", name="Report sent")).to_be_visible()
    page.go_back()
    expect(page.get_by_label("What was it sold as, or believed to be?")).to_have_value("")
    expect(page.get_by_text("worker@hostel.example")).to_have_count(0)


def test_the_whole_form_can_be_sent_from_the_keyboard(site, phone_page):
    page = phone_page
    page.goto(f"{site}/report/westhaven")
    page.get_by_label("No", exact=True).focus()
    for key in ("Space", "Tab", "Space"):
        page.keyboard.press(key)
    for _ in range(12):
        page.keyboard.press("Tab")
    page.keyboard.type("blue oxy")
    page.keyboard.press("Tab")
    page.keyboard.type("Westhaven H")
    for key in ("Tab", "Space", "Tab"):
        page.keyboard.press(key)
    page.keyboard.type("Collapsed")
    for key in ("Tab", "Enter"):
        page.keyboard.press(key)
    expect(page.get_by_role("heading", name="Send your report to Westhaven")).to_be_visible()
    page.get_by_label("I have not included names").focus()
    for key in ("Space", "Tab", "Tab", "Enter"):
        page.keyboard.press(key)
    expect(page.get_by_role("heading", name="Report sent")).to_be_visible()
