"""Requests, returns and the chronology in a real Chromium: accessible, no wider than a phone, and by keyboard alone."""

import threading
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from werkzeug.serving import make_server

from review_app.fuzzy import about_day, on_day
from review_app.policy import Role
from review_app.reviews.commands.chronology import AddEvent, EventDetails
from review_app.reviews.rules.states import CaseState
from review_app.reviews.service.chronology import add_event
from tests import axe, factories, reviewing
from tests.factories import give_role

SECOND = "Save draft and add an event"


@pytest.fixture
def places(work, clock):
    """A case with an answered request, one that waits with a draft, and a chronology; and who looks at it."""
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        hostel = here.agencies["hostel"].id
        give_role(session, here, here.user("nurse"), Role.AGENCY_REPRESENTATIVE, now=clock.now(), agency_id=hostel)
        case = reviewing.make_case(session, here, now=clock.now(), state=CaseState.SELECTED)
        housing, treatment, ambulance = reviewing.ask(
            session, here, case, "housing", "treatment", "ambulance", now=clock.now(), words="She lived in a hostel."
        )
        day = clock.now().date()
        events = [
            reviewing.an_event("a", f"about {day - timedelta(days=40):%-d %B %Y}", kind="non_fatal_overdose",
                               what="Found unresponsive; woke after naloxone.", certainty="approximate"),
            reviewing.an_event("b", f"{day - timedelta(days=12):%-d %B %Y}", what="A visit. Two workers.",
                               significance="The last time that she was seen."),
            reviewing.an_event("c", f"{day - timedelta(days=20):%-d %B %Y}", section="safeguarding", third_party=True,
                               what="A concern was raised about her neighbour.", kind="safeguarding"),
        ]  # fmt: skip
        reviewing.answer(
            session, here, treatment, now=clock.now(), events=events, worked_well="She was met at the gate.",
            safeguarding="One concern.", key_decisions="Moved to weekly pick-ups.\n\nReviewed in October.",
        )  # fmt: skip
        reviewing.write(
            session,
            here.actor("housing.rep"),
            housing.reference,
            now=clock.now(),
            events=events[:2],
            worked_well="A visit.",
        )
        for kind, happened in (("non_fatal_overdose", about_day(day - timedelta(days=39))),
                               ("hospital_discharge", on_day(day - timedelta(days=30)))):  # fmt: skip
            details = EventDetails(
                happened=happened, kind=kind, what="Told on the telephone.", agency_id=here.agencies["hospital"].id
            )
            command = AddEvent(reference=case.reference, details=details)
            event = add_event(session, here.actor("review.coordinator"), command, now=clock.now())
        return {
            "case": case.reference,
            "housing": housing.reference,
            "treatment": treatment.reference,
            "ambulance": ambulance.reference,
            "event": str(event.id),
            **{key: here.email(key) for key in ("review.coordinator", "review.chair", "housing.rep", "ambulance.rep")},
        }


@pytest.fixture
def site(app, places):
    server = make_server("127.0.0.1", 0, app, threaded=True)
    running = threading.Thread(target=server.serve_forever)
    running.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    running.join()


def enter(page: Page, site: str, email: str) -> None:
    page.goto(f"{site}/sign-in")
    page.get_by_label("Email address").fill(email)
    page.get_by_label("Password", exact=True).fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def judged(page: Page, address: str) -> None:
    answer = page.goto(address)
    assert answer is not None
    assert (answer.status, page.url) == (200, address)
    assert axe.problems(page) == []


def test_every_page_is_accessible_and_fits(site, places, chromium_page):
    page, case = chromium_page, f"{site}/reviews/{places['case']}"
    enter(page, site, places["housing.rep"])
    own = f"{site}/requests/{places['housing']}"
    for address in ("", "/check", "/nothing-held", "/decline", "/events/add", "/events/a"):
        judged(page, own + address)
    judged(page, f"{site}/requests")
    page.context.clear_cookies()
    enter(page, site, places["review.coordinator"])
    sent, waits = f"{case}/requests/{places['treatment']}", f"{case}/requests/{places['housing']}"
    addresses = (
        case, f"{case}/ask", sent, f"{sent}/again", f"{waits}/due", f"{waits}/waive", f"{waits}/cancel",
        f"{case}/chronology", f"{case}/chronology/add", f"{case}/chronology/{places['event']}",
        f"{case}/chronology/{places['event']}/remove",
    )  # fmt: skip
    for address in addresses:
        judged(page, address)
    page.context.clear_cookies()
    enter(page, site, places["review.chair"])
    for address in (f"{sent}/restricted", f"{case}/chronology/restricted"):
        judged(page, address)


def tab_to(page: Page, name: str, *, role: str = "") -> None:
    """Press Tab until the control with this name has the focus."""
    for _press in range(200):
        page.keyboard.press("Tab")
        label = page.evaluate(
            "() => { const e = document.activeElement; const l = e.labels && e.labels.length ? e.labels[0] : e;"
            " return [l.textContent.trim().replace(/\\s+/g, ' '), e.getAttribute('type') || e.tagName.toLowerCase()]; }"
        )
        if label[0].startswith(name) and (not role or label[1] == role):
            return
    raise AssertionError(f"no control {name!r} by Tab on {page.url}")


def test_a_return_is_written_and_sent_by_keyboard_alone(site, places, chromium_page):
    page = chromium_page
    enter(page, site, places["ambulance.rep"])
    page.goto(f"{site}/requests/{places['ambulance']}")
    tab_to(page, "Yes", role="radio")
    page.keyboard.press("Space")
    tab_to(page, "What worked well?")
    page.keyboard.type("The crew knew her.")
    tab_to(page, "Who wrote this return?")
    page.keyboard.type("Sam Example, team leader")
    tab_to(page, SECOND)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Add an event", level=1)).to_be_visible()
    tab_to(page, "When did it happen?")
    page.keyboard.type("2 November 2026")
    tab_to(page, "What kind of event was it?")
    page.keyboard.type("Contact")
    tab_to(page, "What happened?")
    page.keyboard.type("A call. She chose not to come.")
    tab_to(page, "Exact", role="radio")
    page.keyboard.press("Space")
    tab_to(page, "Neither", role="radio")
    page.keyboard.press("Space")
    tab_to(page, "Yes", role="radio")
    page.keyboard.press("ArrowDown")
    tab_to(page, "Save event")
    page.keyboard.press("Enter")
    expect(page.get_by_text("A call. She chose not to come.")).to_be_visible()
    tab_to(page, "Send return")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Check your return before you send it")).to_be_visible()
    tab_to(page, "Yes, it is complete", role="radio")
    page.keyboard.press("ArrowDown")
    tab_to(page, "What is missing, and why?")
    page.keyboard.type("Calls before 2024 are archived.")
    tab_to(page, "Send return")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Thank you. Your answer is sent")).to_be_visible()
    assert axe.violations(page) == []


def test_enter_in_a_line_saves_the_draft_and_looking_who_it_is_about_keeps_the_page(site, places, chromium_page):
    page = chromium_page
    enter(page, site, places["housing.rep"])
    page.goto(f"{site}/requests/{places['housing']}")
    page.get_by_label("What worked well?").fill("Typed and not saved.")
    with page.expect_popup() as opened:
        page.get_by_role("button", name="Show who this is about").click()
    expect(opened.value.get_by_role("heading", name="Who this is about")).to_be_visible()
    assert axe.violations(opened.value) == []
    expect(page.get_by_label("What worked well?")).to_have_value("Typed and not saved.")
    page.get_by_label("Who wrote this return?").press("Enter")
    expect(page.get_by_text("Your draft is saved.")).to_be_visible()
    expect(page.get_by_label("What worked well?")).to_have_value("Typed and not saved.")
