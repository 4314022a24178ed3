"""What each person's home page says, and where signing in leads."""

import pytest

from review_app.reviews.rules.inclusion import Answer
from review_app.reviews.rules.states import CaseState
from tests import factories, reviewing
from tests.browser import Browser


@pytest.fixture
def place(work, clock):
    with work() as session:
        return factories.world(session, now=clock.now()).westhaven


@pytest.mark.parametrize("key", [seat.key for seat in factories.SEATS])
def test_everyone_has_a_home_page_that_says_what_needs_them_or_what_would(app, place, key):
    browser = Browser(app).sign_in(place.email(key), factories.PASSWORD)
    if key == "officer":  # the police force belongs to both Partnerships
        assert browser.heading == "Which partnership are you working in?"
        browser.choose("Westhaven").press("Continue")
    assert browser.heading == "What needs you"
    assert "Nothing needs you now" in browser.text or "things, what breaks first" in browser.text


def test_a_board_readers_home_names_what_is_in_the_menu(app, place):
    browser = Browser(app).sign_in(place.email("board"), factories.PASSWORD)
    assert "Learning, recommendations and actions are in the menu above." in browser.text


def test_what_waits_for_the_review_coordinator_is_on_their_page_with_its_clock(app, work, clock, place):
    with work() as session:
        case = reviewing.make_case(session, place, now=clock.now(), identity=reviewing.SAM).reference
        triage = reviewing.make_case(session, place, now=clock.now(), state=CaseState.TRIAGE).reference
        waits = reviewing.notify(session, place, now=clock.now(), identity=reviewing.SAM).reference
        risk = reviewing.notify(session, place, now=clock.now(), risk=Answer.YES).reference
        reviewing.draft(session, place, now=clock.now())
    browser = Browser(app).sign_in(place.email("review.coordinator"), factories.PASSWORD)
    first, *_ = browser.soup.select(".app-work__item")
    assert risk in first.get_text()
    assert "Urgent" in first.get_text()
    for words in (case, triage, waits, "Say which case", "Decide inclusion", "Due in 7 days", "you have not sent"):
        assert words in browser.text
    other = Browser(app).sign_in(place.email("coordinator"), factories.PASSWORD)
    assert [each for each in (case, waits, risk, "you have not sent") if each in other.text] == []


def test_a_new_report_waits_for_the_coordinator_with_its_clock(app, work, clock, place):
    with work() as session:
        reference = factories.make_submission(session, place, now=clock.now(), danger_now=True).reference
    browser = Browser(app).sign_in(place.email("coordinator"), factories.PASSWORD)
    assert reference in browser.text
    assert "Urgent" in browser.text
    assert "Due in 1 hour" in browser.text


@pytest.mark.parametrize(
    "elsewhere", ["//evil.example/", "/\\evil.example", "https://evil.example/", "/sign-out", "/home\x00", ""]
)
def test_signing_in_never_leads_off_the_site_or_out_again(app, place, elsewhere):
    browser = Browser(app)
    browser.get("/sign-in?" + "next=" + elsewhere.replace("\x00", "%00"))
    browser.fill("Email address", place.email("chair")).fill("Password", factories.PASSWORD).press("Sign in")
    assert browser.status == 200
    assert browser.url.startswith("/home")


def test_signing_in_leads_back_to_the_page_that_was_asked_for(app, place):
    browser = Browser(app).get("/signals?state=open")
    assert browser.heading == "Sign in"
    browser.fill("Email address", place.email("chair")).fill("Password", factories.PASSWORD).press("Sign in")
    assert browser.url == "/signals?state=open"
