"""Requests to agencies and their returns, as coordinator, agency, chair and everybody else meet them."""

import re

import pytest
from sqlalchemy import select

from review_app.audit.models import AuditEvent
from review_app.reviews.models import AgencyReturn, InformationRequest, ReviewCase
from review_app.reviews.rules.states import CaseState, ConflictKind, RequestState, ReturnKind
from tests import factories, reviewing, sittings
from tests.browser import Browser

NO_ONE_ELSE = ("treatment.rep", "coordinator", "admin", "analyst", "lead", "sro", "family", "nurse")
KNOWN = "Was this person known to you?"
THIRD = "Does this return say anything about a living person?"
WORKED = "What worked well?"


@pytest.fixture
def here(work, clock):
    with work() as session:
        return factories.world(session, now=clock.now()).westhaven


@pytest.fixture
def sign_in(app, here):
    """Sign a person in: `sign_in("housing.rep")`."""
    return lambda key: Browser(app).sign_in(here.email(key), factories.PASSWORD)


@pytest.fixture
def case(work, here, clock):
    with work() as session:
        return reviewing.make_case(session, here, now=clock.now(), state=CaseState.SELECTED)


@pytest.fixture
def request_(work, here, case, clock):
    """A request to housing, just sent."""
    with work() as session:
        return reviewing.ask(session, here, case, "housing", now=clock.now(), words="She lived in the harbour hostel.")[
            0
        ]


def state_of(work, request):
    with work() as session:
        return session.get_one(InformationRequest, request.id).state


def seen(work, reference: str) -> list[tuple[str, str, str]]:
    with work() as session:
        rows = session.scalars(select(AuditEvent).where(AuditEvent.object_reference == reference).order_by("sequence"))
        return [(each.action.value, each.section, each.purpose) for each in rows]


def fill_in(page: Browser) -> Browser:
    """Answer what a complete return needs, and one thing more."""
    page.choose("Yes", question=KNOWN).choose("No", question=THIRD)
    page.fill("Who wrote this return?", "Pat Example, manager").fill(WORKED, "She was met at the gate.")
    return page


def test_the_coordinator_asks_agencies_from_the_case(work, here, case, sign_in):
    page = sign_in("review.coordinator").get(f"/reviews/{case.reference}")
    assert "Ask the agencies that may have known the person" in page.text
    page.follow("Ask an agency").press("Send the request", status=422)
    assert page.errors == ["Select at least one agency to ask"]
    assert "These have no representative who could answer" in page.text
    assert "Leave this empty for the usual time, until Monday 30 November 2026 at 10:00." in page.text
    page.check("Westhaven Housing").check("Westhaven Treatment")
    page.fill("What do you ask besides? (optional)", "She lived in the harbour hostel.").check("Last address")
    page.press("Send the request")
    assert page.url == f"/reviews/{case.reference}"
    assert "Agencies asked" in page.text
    assert "Waiting for: an answer from Westhaven Housing and Westhaven Treatment" in page.text
    assert "Asked: Westhaven Housing" in page.text
    [head, housing, _treatment] = page.table("Requests to agencies")
    assert head == ["Agency", "State", "Due or ended", "What came back", "Reminded"]
    assert housing[:2] == ["Agency Westhaven Housing", "State Sent"]
    with work() as session:
        asked = session.scalars(select(InformationRequest).order_by(InformationRequest.id)).first()
        assert asked.matching == ["name", "date_of_birth", "nhs_number", "address"]


def test_a_representative_opens_answers_checks_and_sends(work, here, case, request_, sign_in, clock):
    page = sign_in("housing.rep").get("/requests").follow(f"Answer : Request {request_.reference}")
    assert page.url == f"/requests/{request_.reference}"
    assert "She lived in the harbour hostel." in page.text
    assert case.reference not in page.text
    assert state_of(work, request_) is RequestState.OPENED
    assert "Questions for housing and homelessness services" in page.text
    assert "Questions for the police" not in page.text
    fill_in(page).fill("When were you last in contact, in any way?", "about 3 November 2026").press("Save draft")
    assert "Your draft is saved. Nothing has been sent yet." in page.text
    page.press("Save draft and add an event")
    assert page.heading == "Add an event"
    page.press("Save event", status=422)
    assert "Enter when it happened, or “not known”" in page.errors
    page.fill("When did it happen?", "about 3 November 2026").fill("What kind of event was it?", "Missed contact")
    page.fill("What happened?", "Two visits, nobody in.").choose("Exact").choose("Neither")
    page.choose("No", question="Does it say anything about a living person other than staff doing their work?")
    page.press("Save event")
    assert "Two visits, nobody in." in page.text
    page.press("Send return")
    assert page.heading == "Check your return before you send it"
    assert "She was met at the gate." in page.text
    page.press("Send return", status=422)
    assert page.errors == ["Select whether this return is complete"]
    page.choose("Yes, it is complete").press("Send return")
    assert page.heading == "Thank you. Your answer is sent"
    assert state_of(work, request_) is RequestState.RETURNED
    with work() as session:
        assert session.get_one(ReviewCase, case.id).state is CaseState.INFO_READY
        assert session.scalars(select(AgencyReturn.kind)).one() is ReturnKind.COMPLETE
    coordinator = sign_in("review.coordinator").get(f"/reviews/{case.reference}/requests/{request_.reference}")
    for words in ("She was met at the gate.", "Two visits, nobody in.", "Complete return", "Housing Rep Example"):
        assert words in coordinator.text


def test_bad_input_loses_nothing_that_was_typed_or_saved(work, request_, sign_in):
    page = sign_in("housing.rep").get(f"/requests/{request_.reference}")
    page.fill(WORKED, "Saved before.").press("Save draft")
    page.fill(WORKED, "Typed now.").fill("When were you first in contact?", "last summer").press(
        "Save draft", status=422
    )
    assert len(page.errors) == 1
    assert "When were you first in contact?" in page.errors[0]
    assert "Typed now." in str(page.soup)
    assert "last summer" in str(page.soup)
    again = sign_in("housing.rep").get(f"/requests/{request_.reference}")
    assert "Saved before." in str(again.soup)


def test_text_pasted_from_word_is_made_plain(work, request_, sign_in):
    page = sign_in("housing.rep").get(f"/requests/{request_.reference}")
    page.fill(WORKED, '<p class="MsoNormal">She said “I’m fine” <b>twice</b><o:p></o:p></p>').press("Save draft")
    assert "She said “I’m fine” twice" in page.text
    assert "MsoNormal" not in str(page.soup)


def test_the_second_of_two_colleagues_is_told_and_shown_the_difference(work, here, request_, sign_in):
    first = sign_in("housing.rep").get(f"/requests/{request_.reference}")
    second = sign_in("housing.rep").get(f"/requests/{request_.reference}")
    first.fill(WORKED, "Met at the gate.").press("Save draft")
    second.fill(WORKED, "Seen weekly.").press("Save draft", status=422)
    assert second.errors[0].startswith("A colleague saved other answers while you were writing.")
    assert second.table("What changed")[1] == [
        f"Part {WORKED}", "What you typed Seen weekly.", "What is saved now Met at the gate.",
    ]  # fmt: skip
    second.fill(WORKED, "Met at the gate, then seen weekly.").press("Save draft")
    assert "Met at the gate, then seen weekly." in second.text


def test_who_it_is_about_is_shown_only_by_a_press_which_is_recorded(work, request_, sign_in):
    page = sign_in("housing.rep").get(f"/requests/{request_.reference}")
    assert "You are shown the name, date of birth and NHS number" in page.text
    page.press("Show who this is about (opens in a new tab)")
    assert page.heading == "Who this is about"
    assert page.headers["Cache-Control"] == "no-store"
    assert "Last address" not in page.text
    assert ("reveal", "identity", "match_records") in seen(work, request_.reference)
    assert sum(each[0] == "reveal" for each in seen(work, request_.reference)) == 1


def test_nothing_held_is_one_press_and_a_confirmation(work, case, request_, sign_in):
    page = sign_in("housing.rep").get(f"/requests/{request_.reference}").follow("Nothing held")
    assert page.heading == "Say that your agency holds nothing"
    page.press("Nothing held")
    assert page.heading == "Thank you. Your answer is sent"
    assert "Nothing held" in page.text
    assert state_of(work, request_) is RequestState.RETURNED


def test_declining_needs_a_reason_and_can_be_taken_up_again(work, case, request_, sign_in):
    page = sign_in("housing.rep").get(f"/requests/{request_.reference}").follow("Decline with a reason")
    page.press("Decline with a reason", status=422)
    assert page.errors == ["Enter why your agency declines"]
    page.fill("Why does your agency decline?", "Our records are with the coroner.").press("Decline with a reason")
    assert state_of(work, request_) is RequestState.DECLINED
    page.get(f"/requests/{request_.reference}").press("Write a return after all")
    fill_in(page).press("Send return").choose("Yes, it is complete").press("Send return")
    assert state_of(work, request_) is RequestState.RETURNED


def test_a_part_needs_its_reason_and_a_complete_one_its_answers(work, request_, sign_in):
    page = sign_in("housing.rep").get(f"/requests/{request_.reference}")
    page.fill(WORKED, "She was met at the gate.").press("Send return")
    assert "A complete return needs these too" in page.text
    page.choose("Yes, it is complete").press("Send return", status=422)
    assert KNOWN in page.errors[0]
    page.choose("No, it is a part of what there may be").press("Send return", status=422)
    assert page.errors == ["Enter what is missing, and why."]
    page.fill("What is missing, and why?", "The paper files are in store.").press("Send return")
    assert page.heading == "Thank you. Your answer is sent"
    assert "Part of a return" in page.text


def test_a_correction_makes_the_next_version_and_the_first_is_kept(work, here, case, request_, sign_in, clock):
    with work() as session:
        reviewing.answer(session, here, request_, now=clock.now(), worked_well="Met at the gate.")
    page = sign_in("housing.rep").get(f"/requests/{request_.reference}").press("Correct this return")
    page.fill(WORKED, "Met at the gate by her worker.").press("Send return")
    page.choose("Yes, it is complete").press("Send return")
    coordinator = sign_in("review.coordinator").get(f"/reviews/{case.reference}/requests/{request_.reference}")
    assert "What came back, version 2" in coordinator.text
    assert "Met at the gate by her worker." in coordinator.text
    assert "What came back, version 1" in coordinator.text


@pytest.mark.parametrize("who", NO_ONE_ELSE)
def test_for_everybody_else_a_request_is_not_there_and_asking_for_it_is_recorded(work, here, request_, sign_in, who):
    visitor = sign_in(who)
    for address in ("", "/check", "/decline", "/nothing-held", "/events/add", "/sent"):
        visitor.get(f"/requests/{request_.reference}{address}", status=None)
        assert visitor.status in (403, 404)
        assert visitor.status == 404
    assert request_.reference not in visitor.get("/requests", status=None).text
    assert ("denied", "", "") in seen(work, request_.reference)


def test_a_representative_of_another_agency_gets_404_for_request_and_return_and_it_is_audited(
    work, here, case, request_, sign_in, clock
):
    with work() as session:
        reviewing.answer(session, here, request_, now=clock.now(), worked_well="Met at the gate.")
    visitor = sign_in("treatment.rep")
    visitor.get(f"/requests/{request_.reference}", status=404)
    visitor.get(f"/reviews/{case.reference}/requests/{request_.reference}", status=404)
    with work() as session:
        rows = select(AuditEvent).where(
            AuditEvent.action == "denied", AuditEvent.actor_id == here.user("treatment.rep").id
        )
        assert request_.reference in {each.object_reference for each in session.scalars(rows)}


def test_a_panel_member_sees_their_agencys_request_in_the_list_and_nothing_of_it(work, here, request_, sign_in):
    page = sign_in("review.member").get("/requests")
    assert request_.reference in page.text
    assert "Sent" in page.text
    page.get(f"/requests/{request_.reference}", status=403)


def test_only_what_was_sent_is_seen_by_coordinator_and_chair(work, here, case, request_, sign_in, clock):
    with work() as session:
        reviewing.write(session, here.actor("housing.rep"), request_.reference, now=clock.now(), worked_well="A draft.")
    for who in ("review.coordinator", "review.chair"):
        page = sign_in(who).get(f"/reviews/{case.reference}/requests/{request_.reference}")
        assert "A draft." not in page.text
        assert "Nothing has been sent yet." in page.text


def test_a_chair_reads_police_and_safeguarding_by_reason_and_the_coordinator_without(
    work, here, case, request_, sign_in, clock
):
    secret = "Concern raised about her neighbour."
    with work() as session:
        events = [reviewing.an_event(section="safeguarding", what="A strategy meeting.")]
        reviewing.answer(session, here, request_, now=clock.now(), events=events, safeguarding=secret)
    address = f"/reviews/{case.reference}/requests/{request_.reference}"
    coordinator = sign_in("review.coordinator").get(address)
    assert "A strategy meeting." in coordinator.text
    assert secret not in coordinator.text  # it speaks of a living person, which nobody reads at first sight
    coordinator.follow("Read what is not shown to everybody").choose("For a safeguarding duty").press("Show it")
    assert secret in coordinator.text
    chair = sign_in("review.chair").get(address)
    assert secret not in chair.text
    assert "2 answers or events are police or safeguarding information and not shown here." in chair.text
    chair.follow("Read what is not shown to everybody").press("Show it", status=422)
    assert chair.errors == ["Select why you need to read it"]
    chair.choose("To check facts on which sources differ").press("Show it")
    assert secret in chair.text
    assert "A strategy meeting." in chair.text
    assert ("reveal", "restricted", "check_facts") in seen(work, request_.reference)
    for who, status in (("review.member", 404), ("treatment.rep", 404), ("dph", 403)):
        sign_in(who).get(f"{address}/restricted", status=status)
    assert secret not in sign_in("review.chair").get(address).text


@pytest.mark.parametrize("who", ["review.chair", "review.deputy"])
def test_a_chair_with_any_conflict_sees_no_request_of_the_case(work, here, case, request_, sign_in, clock, who):
    with work() as session:
        reviewing.declare(session, here, case, who, ConflictKind.LINE_MANAGES, now=clock.now())
    page = sign_in(who)
    assert request_.reference not in page.get("/requests").text
    page.get(f"/reviews/{case.reference}/requests/{request_.reference}", status=404)
    page.get(f"/reviews/{case.reference}/chronology", status=404)
    page.get(f"/requests/{request_.reference}", status=404)


def test_the_coordinator_chases_gives_time_waives_and_asks_again(work, here, case, request_, sign_in):
    page = sign_in("review.coordinator").get(f"/reviews/{case.reference}/requests/{request_.reference}")
    page.press("Chase")
    assert "The agency has been reminded." in page.text
    page.follow("Give more time").press("Give more time", status=422)
    page.fill_parts("Until the end of which day?", Day="18", Month="12", Year="2026")
    page.fill("Why do they have more time?", "A new manager.").press("Give more time")
    assert "Friday 18 December" in page.text
    page.follow("Waive with a reason").fill("Why do you go on without this answer?", "Closed down.")
    page.press("Waive with a reason")
    assert "Waived" in page.text
    page.follow("Ask again").fill("What do you ask for?", "The visits in May.").press("Ask again")
    assert "The agency has been asked again." in page.text
    agency = sign_in("housing.rep").get(f"/requests/{request_.reference}")
    assert "The visits in May." in agency.text


def test_a_request_that_was_taken_back_is_gone_for_the_agency(work, case, request_, sign_in):
    page = sign_in("review.coordinator").get(f"/reviews/{case.reference}/requests/{request_.reference}")
    page.follow("Cancel this request").fill("Why is this request taken back?", "The wrong one.").press(
        "Cancel the request"
    )
    sign_in("housing.rep").get(f"/requests/{request_.reference}", status=404)
    assert "No requests" in sign_in("housing.rep").get("/requests").text


def test_a_waived_request_is_kept_with_its_agency_and_asks_for_nothing(work, here, case, request_, sign_in, clock):
    with work() as session:
        reviewing.write(session, here.actor("housing.rep"), request_.reference, now=clock.now())
    coordinator = sign_in("review.coordinator").get(f"/reviews/{case.reference}/requests/{request_.reference}")
    coordinator.follow("Waive with a reason").fill("Why do you go on without this answer?", "Closed.")
    page = sign_in("housing.rep").get(f"/requests/{request_.reference}")
    coordinator.press("Waive with a reason")
    page.fill(WORKED, "Typed too late.").press("Save draft", status=422)
    assert page.errors == [
        "This request needs no answer any more. What your agency saved is kept, and nothing was sent."
    ]
    assert "Typed too late." in page.text
    page.get(f"/requests/{request_.reference}")
    assert "The review goes on without this answer." in page.text
    assert "Send return" not in page.buttons


def test_nothing_identifying_is_in_titles_or_addresses(work, here, case, request_, sign_in):
    page = sign_in("housing.rep").get(f"/requests/{request_.reference}")
    assert re.fullmatch(rf"Request {request_.reference} – .*", page.title)


def test_a_panel_member_reads_chronology_and_reflections_in_the_pack_without_names(work, here, clock, sign_in):
    with work() as session:
        case = reviewing.make_case(session, here, now=clock.now(), state=CaseState.SELECTED, identity=reviewing.SAM)
        [request] = reviewing.ask(session, here, case, "housing", now=clock.now())
        events = [
            reviewing.an_event("a", "24 October 2026", what="Samuel Applethwaite was not in."),
            reviewing.an_event("b", "20 October 2026", section="police", what="Seen by police."),
        ]
        reviewing.answer(session, here, request, now=clock.now(), events=events, worked_well="Sammy was met.")
        meeting = sittings.plan_meeting(session, here, now=clock.now(), cases=[case])
        sittings.be_ready(session, here, meeting, now=clock.now())
        address = f"/meetings/{meeting.reference}/cases/{case.reference}"
    page = sign_in("review.member").get(address)
    assert "12 days before" in page.text
    assert "[the person] was not in." in page.text
    assert "[the person] was met." in page.text
    assert "1 entry is left out" in page.text
    for secret in ("Samuel", "Applethwaite", "Sammy", "24 October", "Seen by police", "Pat Example", request.reference):
        assert secret not in str(page.soup)


def test_the_pack_says_what_an_agency_that_answered_in_part_says_is_missing(work, here, clock, sign_in):
    with work() as session:
        case = reviewing.make_case(session, here, now=clock.now(), state=CaseState.SELECTED, identity=reviewing.SAM)
        [request] = reviewing.ask(session, here, case, "housing", now=clock.now())
        rep, part = here.actor("housing.rep"), ReturnKind.PARTIAL
        reviewing.write(session, rep, request.reference, now=clock.now(), worked_well="He was met.")
        why = "Notes on Samuel Applethwaite before 2024 are in store."
        reviewing.send(session, rep, request.reference, now=clock.now(), kind=part, reason=why)
        meeting = sittings.plan_meeting(session, here, now=clock.now(), cases=[case])
        sittings.be_ready(session, here, meeting, now=clock.now())
        address = f"/meetings/{meeting.reference}/cases/{case.reference}"
    page = sign_in("review.member").get(address)
    assert "Westhaven Housing answered in part. What it says is missing: Notes on [the person] before 2024" in page.text
    assert "Applethwaite" not in str(page.soup)


def test_the_home_page_says_what_waits_for_whom(work, here, case, sign_in, clock):
    assert f"Case {case.reference}" in sign_in("review.coordinator").get("/home").text
    with work() as session:
        housing, treatment = reviewing.ask(session, here, case, "housing", "treatment", now=clock.now())
    agency = sign_in("housing.rep").get("/home")
    assert f"Request {housing.reference} to Westhaven Housing" in agency.text
    assert "Due in 21 days" in agency.text
    assert case.reference not in agency.text
    waits = sign_in("review.coordinator").get("/home").text
    assert "An answer from Westhaven Housing and Westhaven Treatment" in waits
    assert "No answer for case" not in waits
    clock.advance(days=22)
    late = sign_in("review.coordinator").get("/home")
    assert f"No answer for case {case.reference}: chase them, give more time, or waive it" in late.text
    assert "Overdue by 1 day" in late.text
    with work() as session:
        for request in (housing, treatment):
            reviewing.answer(session, here, request, now=clock.now())
    assert "Every agency has answered" in sign_in("review.coordinator").get("/home").text
    assert housing.reference not in sign_in("housing.rep").get("/home").text
    for who in ("review.chair", "dph", "review.member", "ambulance.rep"):
        assert case.reference not in sign_in(who).get("/home").text


def test_a_case_that_went_back_to_asking_waits_for_the_coordinator_until_somebody_is_asked(work, here, clock, sign_in):
    with work() as session:
        case = reviewing.make_case(session, here, now=clock.now(), state=CaseState.INFO_REQUESTED)
    home = sign_in("review.coordinator").get("/home")
    assert f"Case {case.reference}" in home.text
    assert "No agency is being asked now" in home.text
    page = home.get(f"/reviews/{case.reference}")
    assert "Waiting for: the review coordinator, to ask agencies or say that everything is in" in page.text
    page.follow("Ask an agency")
    assert page.url.endswith("/ask")
    with work() as session:
        reviewing.ask(session, here, case, "housing", now=clock.now())
    assert "No agency is being asked now" not in page.get("/home").text
    assert "Waiting for: an answer from Westhaven Housing" in page.get(f"/reviews/{case.reference}").text


@pytest.mark.parametrize("who", ["housing.rep", "review.coordinator"])
def test_the_home_page_of_somebody_with_a_conflict_says_nothing_of_the_case(work, here, case, sign_in, clock, who):
    with work() as session:
        [request] = reviewing.ask(session, here, case, "housing", now=clock.now())
        reviewing.declare(session, here, case, who, ConflictKind.FAMILY_OR_FRIEND, now=clock.now())
    page = sign_in(who).get("/home")
    assert request.reference not in page.text
    assert case.reference not in page.text


def titles(page: Browser) -> list[str]:
    """Give the references of the requests listed, in order."""
    words = " ".join(each.get_text() for each in page.soup.select(".app-work__title"))
    return re.findall(r"Request (WES-Q-\w{6})", words)


def test_the_list_is_in_order_a_page_at_a_time_and_can_be_narrowed(work, here, sign_in, clock):
    with work() as session:
        asked = []
        for _number in range(27):
            case = reviewing.make_case(session, here, now=clock.advance(days=1), state=CaseState.SELECTED)
            asked += reviewing.ask(session, here, case, "housing", now=clock.now())
        reviewing.answer(session, here, asked[0], now=clock.now())
        references = [each.reference for each in asked]
    page = sign_in("housing.rep").get("/requests")
    assert "27 requests, those that wait first, by what is due soonest" in page.text
    assert titles(page) == references[1:26]
    page.get("/requests?page=2")
    assert titles(page) == [references[26], references[0]]
    page.get("/requests?state=returned")
    assert "1 request" in page.text
    assert references[0] in page.text
    assert "No requests match" in page.get("/requests?state=declined").text
    page.get("/requests").check("Late only").press("Apply filters")
    assert references[1] in page.text
    assert references[26] not in page.text
