"""Words that are searched for: they narrow a list, and stand in no address."""

from base64 import b64decode, b64encode

import pytest
from flask import session

from review_app import crypto
from review_app.accounts.forms.people import PeopleFilter
from review_app.alerts.commands import AddRecipient, MakeList, RecipientDetails
from review_app.alerts.rules import ListKind
from review_app.alerts.service.lists import add_recipient, make_list
from review_app.policy import Role
from review_app.submissions.rules import SubmissionState
from tests import factories
from tests.browser import Browser

NAME = "Ann Other"


@pytest.fixture
def here(work, clock):
    with work() as session:
        return factories.world(session, now=clock.now()).westhaven


@pytest.fixture
def sign_in(app, here):
    return lambda who: Browser(app).sign_in(here.email(who), factories.PASSWORD)


@pytest.fixture
def crowd(work, here, clock):
    """Sixty people with one name, and the list that sixty of their addresses are on."""
    with work() as session:
        who, now = here.actor("coordinator"), clock.now()
        made = make_list(session, who, MakeList(name="Network", kind=ListKind.NETWORK), now=now)
        for number in range(60):
            details = RecipientDetails(address=f"ann.other{number}@lists.example")
            add_recipient(session, who, AddRecipient(reference=made.reference, details=details), now=now)
            user = factories.make_user(session, f"ann.other{number}@people.example", f"{NAME} {number}", now=now)
            factories.give_role(session, here, user, Role.SUBMITTER, now=now, agency_id=here.agencies["hostel"].id)
        return made.reference


def test_a_search_for_a_person_survives_reload_and_paging_and_ends_when_cleared(sign_in, crowd):
    page = sign_in("admin").get("/people")
    page.fill("Name or e-mail address", "other").press("Apply filters")
    assert page.url.startswith("/people?search=")
    assert "other" not in page.url
    assert "60 people" in page.text
    first = page.url
    page.follow("Next page")
    assert "page=2" in page.url
    assert "60 people" in page.text
    page.get(page.url)
    assert "60 people" in page.text
    page.press("Clear filters")
    assert page.url == "/people"
    assert "60 people" not in page.text
    page.get(first)
    assert "60 people" not in page.text
    assert "(filtered)" not in page.text


def test_every_list_that_is_searched_by_words_keeps_them_out_of_its_address(work, here, clock, sign_in, crowd):
    with work() as session:
        report = factories.make_submission(session, here, now=clock.now(), state=SubmissionState.TRIAGE)
        factories.make_signal(session, here, now=clock.now(), title="Grey powder", submissions=[])
        reference = report.reference
    for who, path, label, button in (
        ("admin", "/people", "Name or e-mail address", "Apply filters"),
        ("ig", "/audit", "Person's e-mail address", "Apply filters"),
        ("ig", "/audit", "Reference of a record", "Apply filters"),
        ("coordinator", f"/lists/{crowd}", "Part of an address or role", "Apply filters"),
        ("coordinator", "/reports", "Sold as", "Apply filters"),
        ("coordinator", "/signals", "Reference or words of the title", "Apply filters"),
        ("coordinator", "/alerts", "Words or reference", "Apply filters"),
        ("coordinator", f"/reports/{reference}/link", "Reference or words of the title", "Search Signals"),
        ("coordinator", "/demo/mail", "Sent to an address that holds", "Apply filters"),
    ):
        page = sign_in(who).get(path).fill(label, NAME).press(button)
        assert page.url.startswith(f"{path}?search="), path
        assert "Ann" not in page.url
        assert page.soup.find(attrs={"value": NAME}) is not None, path


def test_the_recipients_and_the_events_of_a_person_are_found(sign_in, here, crowd):
    page = sign_in("coordinator").get(f"/lists/{crowd}").fill("Part of an address or role", "other5")
    page.press("Apply filters")
    assert "11 recipients" in page.text
    page = sign_in("ig").get("/audit").fill("Person's e-mail address", here.email("coordinator"))
    page.press("Apply filters")
    assert {row[2] for row in page.table()[1:]} == {f"Who {here.user('coordinator').name}"}
    (signed_in,) = [row for row in page.table()[1:] if row[3] == "What Sign in"]
    assert signed_in[4] == f"Record {here.user('coordinator').name}"
    page.fill("Person's e-mail address", "nobody@nowhere.example").press("Apply filters")
    assert "No events found" in page.text


def test_what_is_chosen_stands_in_the_address_beside_the_mark_of_what_was_typed(work, here, clock, sign_in):
    with work() as session:
        factories.make_submission(session, here, now=clock.now(), sold_as="blue tablets")
        factories.make_submission(session, here, now=clock.now(), sold_as="white powder")
    page = sign_in("coordinator").get("/reports").fill("State", "Received").check("Urgent only")
    page.fill_parts("Received from", Day="1", Month="11", Year="2026").press("Apply filters")
    assert page.url == "/reports?state=received&since-day=1&since-month=11&since-year=2026&urgent=y"
    page.uncheck("Urgent only").fill("Sold as", "blue").press("Apply filters")
    assert "1 report" in page.text
    assert page.url.startswith("/reports?state=received&since-day=1&since-month=11&since-year=2026&search=")


def test_a_filter_that_is_wrong_is_shown_and_nothing_typed_is_lost_or_put_into_the_address(sign_in, crowd):
    page = sign_in("ig").get("/audit").fill("Person's e-mail address", NAME)
    page.fill_parts("From this day", Day=NAME, Month="11", Year="2026").press("Apply filters", status=422)
    assert page.errors == ["Enter a real date for “From this day”, like 27 3 2026"]
    assert page.url == "/audit"
    assert page.soup.find(id="person")["value"] == NAME
    page.press("Clear filters")
    assert page.url == "/audit"
    assert page.errors == []


def test_a_search_without_its_token_is_refused_and_keeps_nothing(app, sign_in, crowd):
    page = sign_in("admin").post("/people", {"words": "other"}, status=422)
    assert page.errors == ["Your page had been open a long time. Check your answers and send again."]
    assert page.soup.find(id="words")["value"] == "other"
    page.press("Apply filters")
    assert "60 people" in page.text


def test_the_mark_of_a_search_says_nothing_to_somebody_else_or_about_another_list(app, here, sign_in, crowd):
    page = sign_in("admin").get("/people").fill("Name or e-mail address", "other").press("Apply filters")
    mark = page.url.partition("search=")[2]
    assert "60 people" not in sign_in("admin").get(page.url).text
    coordinator = sign_in("coordinator").get("/signals").fill("Reference or words of the title", "nothing like it")
    coordinator.press("Apply filters")
    assert "No Signals match" in coordinator.text
    mark = coordinator.url.partition("search=")[2]
    coordinator.get(f"/alerts?search={mark}")
    assert "No alerts yet" in coordinator.text


def test_the_words_are_sealed_in_the_session_and_old_ones_make_room(app):
    kept: list[tuple[str, str]] = []
    marks = []
    for number in range(40):
        words = f"{'Ü' * 80} {number}"
        with app.test_request_context("/people", method="POST", data={"words": words}):
            session["searches"] = kept
            address = PeopleFilter().kept_address()
            kept = session["searches"]
        marks.append(address.partition("?search=")[2])
        assert sum(len(sealed) for _mark, sealed in kept) < 2_000
        assert all("Ü".encode() not in b64decode(sealed) for _mark, sealed in kept)
    with app.test_request_context(f"/people?search={marks[-1]}"):
        session["searches"] = kept
        assert PeopleFilter().words.data == f"{'Ü' * 80} 39"
    with app.test_request_context(f"/people?search={marks[0]}"):
        session["searches"] = kept
        assert PeopleFilter().words.data == ""


def test_words_kept_under_a_key_that_is_gone_are_no_longer_a_filter(app):
    with app.test_request_context("/people", method="POST", data={"words": NAME}):
        address, kept = PeopleFilter().kept_address(), session["searches"]
    ring = crypto.ring()
    crypto.configure("other:" + b64encode(bytes(32)).decode())
    with app.test_request_context(address):
        session["searches"] = kept
        assert not PeopleFilter().filtered
    crypto.configure(",".join(f"{name}:{b64encode(key).decode()}" for name, key in ring.keys))
    with app.test_request_context(address):
        session["searches"] = kept
        assert PeopleFilter().words.data == NAME
