"""The list of cases and the page of one case, as each person meets them."""

from datetime import date

import pytest
from sqlalchemy import func, select

from review_app.audit.models import AuditEvent
from review_app.fuzzy import on_day
from review_app.reviews.commands.chronology import AddEvent, EventDetails
from review_app.reviews.commands.findings import AddFactor, FactorWords
from review_app.reviews.rules.notified import Source
from review_app.reviews.rules.states import CaseAction, CaseState, FlagKind
from review_app.reviews.service.chronology import add_event
from review_app.reviews.service.factors import add_factor
from review_app.reviews.service.moves import move_case
from tests import factories, reviewing
from tests.browser import Browser

READERS = ("review.coordinator", "review.chair", "review.deputy")
ONLY_KNOW = ("dph", "ig")
NOT_EVEN = ("coordinator", "admin", "lead", "housing.rep", "family", "analyst")
EARLIER = on_day(date(2026, 9, 1))
TOLD = (Source(kind="police", told_on=date(2026, 9, 2)),)


@pytest.fixture
def here(work, clock):
    with work() as session:
        return factories.world(session, now=clock.now()).westhaven


@pytest.fixture
def sign_in(app, here):
    """Sign a person in: `sign_in("review.chair")`."""
    return lambda key: Browser(app).sign_in(here.email(key), factories.PASSWORD)


def made(work, here, clock, *states: CaseState, **facts) -> list[str]:
    with work() as session:
        return [reviewing.make_case(session, here, now=clock.now(), state=each, **facts).reference for each in states]


def test_every_page_that_shows_what_is_held_records_who_looked(work, here, clock, sign_in):
    coordinator, now = here.actor("review.coordinator"), clock.now()
    with work() as session:
        case = reviewing.make_case(session, here, now=now, state=CaseState.SELECTED, story="Found at home.")
        (request,) = reviewing.ask(session, here, case, "housing", now=now)
        event = reviewing.an_event(what="The door was locked.")
        reviewing.write(
            session, here.actor("housing.rep"), request.reference, now=now, events=[event], worked_well="Met."
        )
        case.state, case.no_learning = CaseState.IN_PANEL, "Nothing new."
        factor = FactorWords(domain="C", influence="sufficient", modifiable="no", words="Using alone.")
        number = add_factor(session, coordinator, AddFactor(reference=case.reference, factor=factor), now=now)
        rang = EventDetails(happened=on_day(date(2026, 11, 3)), kind="contact", what="Rang the clinic.")
        own = add_event(session, coordinator, AddEvent(reference=case.reference, details=rang), now=now)
        session.flush()
        numbers = number.id, own.id
    of_case, of_request = f"/reviews/{case.reference}", f"/requests/{request.reference}"
    for who, address, told in (
        ("review.coordinator", f"{of_case}/classification", "isotonitazene"),
        ("review.coordinator", f"{of_case}/factors/{numbers[0]}", "Using alone."),
        ("review.coordinator", f"{of_case}/chronology/{numbers[1]}", "Rang the clinic."),
        ("review.coordinator", f"{of_case}/chronology/{numbers[1]}/remove", "Rang the clinic."),
        ("review.chair", f"{of_case}/no-learning", "Nothing new."),
        ("housing.rep", f"{of_request}/check", "Met."),
        ("housing.rep", f"{of_request}/events/a", "The door was locked."),
    ):
        page, before = sign_in(who), looks(work, here.user(who).id)
        assert told in str(page.get(address).soup), address
        assert looks(work, here.user(who).id) == before + 1, address


def looks(work, user_id):
    with work() as session:
        seen = select(func.count()).where(AuditEvent.actor_id == user_id, AuditEvent.action == "view")
        return session.scalars(seen).one()


def test_an_empty_list_says_what_will_be_there(sign_in):
    page = sign_in("review.coordinator").get("/reviews")
    assert page.heading == "Reviews of deaths"
    assert "A case opens when the first notification of a death comes in." in page.text


@pytest.mark.parametrize("who", READERS)
def test_who_reads_cases_sees_their_limbs_and_whose_turn_it_is(work, here, clock, sign_in, who):
    (reference,) = made(work, here, clock, CaseState.INFO_REQUESTED, limbs=("a", "c"))
    (head, row) = sign_in(who).get("/reviews").table("Reviews of deaths")
    assert head == ["Case", "State", "Limb", "Waiting for", "Opened", "Clock"]
    assert row == [
        f"Case {reference}", "State Agencies asked", "Limb A, drugs; C, suicide",
        "Waiting for The agencies that were asked", "Opened 9 Nov 2026, 10:00",
        "Clock Notification to collective review due in 84 days ( Monday 1 February 2027, 10:00 )",
    ]  # fmt: skip


def test_the_page_of_a_case_tells_its_target_from_its_ceiling(work, here, clock, sign_in):
    (reference,) = made(work, here, clock, CaseState.SELECTED)
    text = sign_in("review.coordinator").get(f"/reviews/{reference}").text
    assert "Notification to collective review, target, due in 84 days" in text
    spring = "due in 181 days 23 hours ( Monday 10 May 2027, 10:00 )"  # 182 days by the calendar: the clocks go forward
    assert f"Notification to collective review, at the latest, {spring}" in text


@pytest.mark.parametrize("who", ONLY_KNOW)
def test_who_may_only_know_that_cases_exist_sees_no_limbs_and_no_content(work, here, clock, sign_in, who):
    (reference,) = made(work, here, clock, CaseState.SELECTED, flags=[FlagKind.INQUEST_OPEN])
    browser = sign_in(who).get("/reviews")
    assert "drugs" not in browser.text
    assert browser.get("/reviews?limb=a").text.count(reference) == 0
    browser.get(f"/reviews/{reference}")
    assert "Selected for review" in browser.text
    assert "What it holds is read only by the people who carry out the review." in browser.text
    for content in ("A, drugs", "Inquest open", "What happened"):
        assert content not in browser.text


@pytest.mark.parametrize("who", NOT_EVEN)
def test_for_everybody_else_there_are_no_cases(work, here, clock, sign_in, who):
    (reference,) = made(work, here, clock, CaseState.SELECTED)
    sign_in(who).get("/reviews", status=None)
    assert reference not in sign_in(who).get("/reviews", status=None).text
    sign_in(who).get(f"/reviews/{reference}", status=404)


def test_the_filters_narrow_the_list_and_stand_in_the_address(work, here, clock, sign_in):
    asked, listed, closed = made(work, here, clock, CaseState.INFO_REQUESTED, CaseState.LISTED, CaseState.CLOSED)
    browser = sign_in("review.coordinator").get("/reviews")
    assert [row[0] for row in browser.table()[1:]][-1] == f"Case {closed}"
    browser.fill("Waiting for", "The panel").press("Apply filters")
    assert "waiting=panel" in browser.url
    assert [row[0] for row in browser.table()[1:]] == [f"Case {listed}"]
    browser.get("/reviews?state=info_requested&limb=a")
    assert [row[0] for row in browser.table()[1:]] == [f"Case {asked}"]
    assert "No cases match" in browser.get("/reviews?limb=b").text


def test_the_list_comes_a_page_at_a_time(work, here, clock, sign_in):
    made(work, here, clock, *[CaseState.SELECTED] * 27)
    browser = sign_in("review.coordinator").get("/reviews")
    assert "27 cases, open first, then by what is due soonest" in browser.text
    assert len(browser.table()) == 26
    assert len(browser.get("/reviews?page=2").table()) == 3


def test_the_page_of_a_case_shows_its_flags_and_tells_its_story_with_reasons(work, here, clock, sign_in):
    with work() as session:
        case = reviewing.make_case(session, here, now=clock.now(), flags=[FlagKind.LEGAL_HOLD])
        reference = case.reference
        coordinator = here.actor("review.coordinator")
        move_case(session, coordinator, case, CaseAction.START_TRIAGE, now=clock.now())
        move_case(session, coordinator, case, CaseAction.EXCLUDE, now=clock.advance(days=1), reason="Not in the area.")
    browser = sign_in("review.chair").get(f"/reviews/{reference}")
    assert browser.title.startswith(f"Case {reference}")
    assert browser.heading == "Review of a death"
    for words in ("Out of scope", "Legal hold", "Triage began", "Found to be out of scope", "Not in the area."):
        assert words in browser.text


def test_opening_a_case_is_recorded(work, here, clock, sign_in):
    (reference,) = made(work, here, clock, CaseState.SELECTED)
    sign_in("review.chair").get(f"/reviews/{reference}")
    with work() as session:
        seen = session.scalars(select(AuditEvent).where(AuditEvent.object_reference == reference)).all()
        assert [(each.verb, each.actor_id) for each in seen[-1:]] == [("view", here.user("review.chair").id)]


def test_a_destroyed_case_leaves_only_that_it_was_there(work, here, clock, sign_in):
    (reference,) = made(work, here, clock, CaseState.DESTROYED)
    browser = sign_in("review.coordinator").get(f"/reviews/{reference}")
    assert "Destroyed" in browser.text
    assert "What happened" not in browser.text


def test_the_list_is_given_as_a_file_to_those_who_read_cases_and_that_is_recorded(work, here, clock, sign_in):
    (asked, listed) = made(work, here, clock, CaseState.INFO_REQUESTED, CaseState.LISTED)
    browser = sign_in("review.chair").get("/reviews?state=listed").follow("Download these cases as a file (CSV)")
    lines = browser.body.decode().splitlines()
    assert lines[0].lstrip("\ufeff") == "Case,State,Limb,Waiting for,Opened,Due"
    assert [line.split(",")[0] for line in lines[1:]] == [listed]
    with work() as session:
        (event,) = session.scalars(select(AuditEvent).where(AuditEvent.action == "export")).all()
        assert (event.actor_id, event.purpose) == (here.user("review.chair").id, "1 case")
    for who, status in (("dph", 404), ("ig", 404), ("analyst", 404), ("coordinator", 404), ("housing.rep", 404)):
        assert asked not in sign_in(who).get("/reviews/export", status=status).body.decode()


@pytest.mark.parametrize("who", ["analyst", "sro", "board"])
def test_who_may_only_count_gets_protected_numbers(work, here, clock, sign_in, who):
    references = made(work, here, clock, *[CaseState.SELECTED] * 6, CaseState.CLOSED, limbs=("a",))
    clock.advance(days=-60)
    references += made(work, here, clock, *[CaseState.OUT_OF_SCOPE] * 5, limbs=("a",), died=EARLIER, sources=TOLD)
    browser = sign_in(who).get("/reviews")
    assert browser.url == "/reviews/totals"
    _, newest, before, sums = browser.table("limb")
    assert [cell.split()[-1] for cell in newest[1:]] == ["[c]", "0", "0", "0", "0", "[c]"]
    assert [cell.split()[-1] for cell in before[1:]] == ["0", "0", "0", "0", "5", "5"]
    assert [cell.split()[-1] for cell in sums[1:]] == ["[c]", "0", "0", "0", "5", "[c]"]
    states = browser.table("how far they have come")
    assert [cell.split()[-1] for cell in states[1][1:]] == ["0", "0", "0", "[c]", "[c]", "0", "[c]"]
    assert "a count from 1 to 4" in browser.text
    assert [each for each in references if each in browser.body.decode()] == []
    browser.get(f"/reviews/{references[0]}", status=404)


@pytest.mark.parametrize("who", ["dph", "ig", "review.member", "housing.rep", "coordinator", "admin", "family"])
def test_nobody_else_counts_cases(sign_in, who):
    sign_in(who).get("/reviews/totals", status=404)
