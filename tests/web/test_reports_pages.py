"""The pages of reports and Signals, as the people who use them find them."""

import re

import pytest
from sqlalchemy import select

from review_app.audit.models import AuditEvent
from review_app.marks import Grade
from review_app.outbox.models import OutboxMessage
from review_app.submissions.models import Submission
from review_app.submissions.rules import NameSharing, ReportKind, SignalState, SubmissionState
from tests import factories
from tests.browser import Browser


@pytest.fixture
def world(work, clock):
    with work() as session:
        return factories.world(session, now=clock.now())


@pytest.fixture
def here(world):
    return world.westhaven


@pytest.fixture
def sign_in(app, here):
    def signed_in(who, place=None):
        browser = Browser(app).sign_in((place or here).email(who), factories.PASSWORD)
        if browser.heading == "Choose a partnership":
            browser.choose((place or here).partnership.name).press("Go on")
        return browser

    return signed_in


def make(work, here, clock, **answers):
    with work() as session:
        return factories.make_submission(session, here, now=clock.now(), **answers).reference


def verbs(work, reference):
    with work() as session:
        found = select(AuditEvent).where(AuditEvent.object_reference == reference).order_by(AuditEvent.sequence)
        return [event.verb for event in session.scalars(found)]


def test_a_coordinator_takes_a_report_from_received_to_a_signal(work, here, clock, sign_in):
    reference = make(work, here, clock)
    page = sign_in("coordinator").get("/reports")
    assert page.heading == "Reports"
    assert "1 report" in page.text
    page.follow(reference)
    assert "drowsy" in page.text
    assert "Received" in page.text
    page.press("Start triage")
    assert "Being checked" in page.text
    page.follow("Link to a Signal")
    page.fill("Title of the new Signal", "Blue tablets, Harbour").press("Open a new Signal")
    assert "Linked" in page.text
    page.follow("Open the Signal")
    assert page.heading == "Blue tablets, Harbour"
    assert reference in page.text
    assert "Signal opened" in page.text


def test_a_second_report_is_found_a_signal_by_search_and_taken_out_again(work, here, clock, sign_in):
    reference = make(work, here, clock, state=SubmissionState.TRIAGE)
    with work() as session:
        signal = factories.make_signal(session, here, now=clock.now(), title="Blue tablets, Harbour").reference
        factories.make_signal(session, here, now=clock.now(), title="White powder")
    page = sign_in("coordinator").get(f"/reports/{reference}/link")
    page.fill("Reference or words of the title", "blue").press("Search Signals")
    assert "White powder" not in page.text
    page.press("Link to this Signal", status=422)
    assert page.errors == ["Select a Signal, or open a new one", "Select why they belong together"]
    assert page.title.startswith("Error: ")
    page.choose("Blue tablets, Harbour").choose("It looks like the same batch").press("Link to this Signal")
    page.get(f"/signals/{signal}").follow("Take out " + reference)
    page.fill("Why does it not belong there?", "Another colour.").press("Take it out")
    assert "Being checked" in page.text
    assert "Another colour." in page.text
    page.get(f"/signals/{signal}")
    assert "1 report was taken out again" in page.text


def test_the_second_to_start_triage_is_told_kindly(work, here, clock, sign_in):
    reference = make(work, here, clock)
    first, second = sign_in("coordinator"), sign_in("coordinator2")
    first.get(f"/reports/{reference}")
    second.get(f"/reports/{reference}").press("Start triage")
    first.press("Start triage", status=409)
    assert "moved on" in first.text


def test_what_was_learned_stands_beside_the_words_as_sent(work, here, clock, sign_in):
    reference = make(work, here, clock, state=SubmissionState.TRIAGE)
    page = sign_in("coordinator").get(f"/reports/{reference}").follow("Add what you learned")
    page.fill("When did it happen?", "last Thursday").press("Add to the report", status=422)
    assert page.errors == [
        "Enter a date, for example 5 March 2026, March 2026, about 5 March 2026 or not known",
    ]
    page.fill("When did it happen?", "about 8 November 2026")
    page.fill("What did you learn?", "The paramedic gave naloxone twice.")
    page.fill("Where did it happen?", "Westhaven Northgate")
    page.check("Several people, or a cluster").check("18 to 24").check("Rough sleeping or in a hostel")
    page.choose("Yes", question="Was naloxone given?").fill("How many doses of naloxone?", "2")
    page.press("Add to the report")
    for words in (
        "Two people were very drowsy", "naloxone twice", "Westhaven Harbour", "Westhaven Northgate", "18 to 24",
        "about 8 November 2026", "Urgent", "Added by Coordinator Example", "given, doses: 2",
    ):  # fmt: skip
        assert words in page.text, words


def test_asking_and_writing_reach_the_submitter_by_the_link_in_the_mail(app, work, here, clock, sign_in):
    reference = make(work, here, clock, state=SubmissionState.TRIAGE, contact="sam@hostel.example")
    page = sign_in("coordinator").get(f"/reports/{reference}").follow("Ask the submitter")
    page.fill("What do you want to ask?", "One tablet or two?").press("Ask the submitter")
    assert "Needs information" in page.text
    assert "the clock is stopped" in page.text
    with work() as session:
        mailed = session.scalars(select(OutboxMessage).where(OutboxMessage.purpose == "submission_question")).one()
        (url,) = re.findall(r"https?://\S+/follow/\S+", mailed.body)
    submitter = Browser(app).get(url)
    assert "One tablet or two?" in submitter.text
    submitter.follow("Answer")
    submitter.fill("Your answer", "Two.").press("Send answer")
    page.get(f"/reports/{reference}")
    assert "Being checked" in page.text
    assert "Two." in page.text
    page.follow("Write to the submitter").fill("What do you want to tell the submitter?", "Thank you.")
    page.press("Send this message")
    assert "Thank you." in submitter.get(url).text


def test_closing_says_why_it_cannot_and_keeps_what_was_typed(work, here, clock, sign_in):
    reference = make(work, here, clock, state=SubmissionState.TRIAGE, reporting=(ReportKind.SUSPECTED_DEATH,))
    page = sign_in("coordinator").get(f"/reports/{reference}").follow("Close with a reason")
    page.choose("Out of scope").fill("What do we tell the submitter?", "Thank you for telling us.")
    page.press("Close this report", status=422)
    assert "tells of a death" in page.errors[0]
    assert "Thank you for telling us." in str(page.soup)


def test_a_report_is_closed_and_reopened(work, here, clock, sign_in):
    reference = make(work, here, clock, state=SubmissionState.TRIAGE)
    page = sign_in("coordinator").get(f"/reports/{reference}/close")
    page.choose("No action needed").fill("What do we tell the submitter?", "Thank you. We looked into it.")
    page.press("Close this report")
    assert "Closed" in page.text
    page.follow("Reopen").fill("Why are you reopening this report?", "A result came.").press("Reopen")
    assert "Being checked" in page.text
    assert "A result came." in page.text


def test_who_sent_a_report_is_shown_for_a_purpose_and_recorded_once(work, here, clock, sign_in):
    reference = make(work, here, clock, contact="sam@hostel.example", name="Sam Example")
    page = sign_in("coordinator").get(f"/reports/{reference}")
    assert "Sam" not in page.text
    assert "hostel.example" not in page.text
    page.press("Show who sent this", status=422)
    assert page.errors == ["Select why you need to see who sent this report"]
    assert "reveal" not in verbs(work, reference)
    page.choose("To check details of the report").press("Show who sent this")
    assert "Sam Example" in page.text
    assert "sam@hostel.example" in page.text
    assert verbs(work, reference).count("reveal") == 1


def test_opening_a_report_or_a_signal_is_recorded_and_changes_nothing_else(work, here, clock, sign_in):
    reference = make(work, here, clock)
    with work() as session:
        signal = factories.make_signal(session, here, now=clock.now()).reference
    sign_in("chair").get(f"/reports/{reference}").get(f"/signals/{signal}")
    assert verbs(work, reference)[-1] == "view"
    assert verbs(work, signal)[-1] == "view"
    with work() as session:
        assert session.scalars(select(Submission.state)).all() == [SubmissionState.RECEIVED]


def test_filters_survive_paging_and_what_was_typed_stays_out_of_the_address(work, here, clock, sign_in):
    with work() as session:
        for number in range(26):
            factories.make_submission(session, here, now=clock.now(), sold_as=f"blue {number:02d}")
        factories.make_submission(session, here, now=clock.now(), sold_as="white powder", danger_now=True)
    page = sign_in("coordinator").get("/reports")
    assert "27 reports, what waits first, urgent before routine, then by what is due soonest" in page.text
    assert "white powder" in page.table("Reports")[1][3]
    page.fill("Sold as", "blue").press("Apply filters")
    assert "26 reports" in page.text
    page.fill("State", "Received").press("Apply filters")
    page.follow("Next page")
    assert page.url.startswith("/reports?")
    assert "state=received" in page.url
    assert "blue" not in page.url
    assert len(page.table("Reports")) == 2
    page.get("/reports?state=nonsense&area=abc&since-day=99&page=-4")
    assert page.heading == "Reports"
    page.get("/reports").fill("Sold as", "nothing like it").press("Apply filters")
    assert "No reports match" in page.text
    page.press("Clear filters")
    assert page.url == "/reports"
    assert "27 reports" in page.text


def test_who_may_only_count_sees_numbers_and_who_analyses_sees_nobody(work, here, clock, sign_in):
    make(work, here, clock, by="hostel.worker", own_words="Secret words")
    lead = sign_in("lead").get("/reports")
    assert lead.heading == "Reports in numbers"
    assert here.agencies["hostel"].name in lead.text
    analyst = sign_in("analyst").get("/reports")
    assert analyst.heading == "Reports for analysis"
    assert "Unusually strong" in analyst.text
    for page in (lead, analyst, sign_in("sro").get("/reports")):
        for secret in ("Secret words", "blue tablets", "Harbour", "WES-"):
            assert secret not in page.text
    for who in ("lead", "analyst", "sro"):
        sign_in(who).get("/reports/WES-2026-0001", status=404)


@pytest.mark.parametrize(
    ("who", "status"),
    [("coordinator", 200), ("chair", 403), ("oncall", 404), ("police.panel", 404), ("hostel.worker", 404), ("ig", 404)],
)
def test_what_may_not_be_known_is_404_and_what_may_not_be_done_is_403(work, here, clock, sign_in, who, status):
    reference = make(work, here, clock, state=SubmissionState.TRIAGE)
    page = sign_in(who)
    for action in ("add", "ask", "tell", "link", "close", "withdraw"):
        page.get(f"/reports/{reference}/{action}", status=status)


def test_a_panel_member_reads_a_report_without_its_identity_or_place_detail(work, here, clock, sign_in):
    with work() as session:
        kept = factories.make_submission(session, here, now=clock.now(), contact="sam@hostel.example")
        shared = factories.make_submission(
            session, here, now=clock.now(), contact="kim@hostel.example", name_sharing=NameSharing.PANEL
        )
        factories.make_signal(
            session, here, now=clock.now(), submissions=[kept, shared], state=SignalState.CORROBORATING
        )
        references = kept.reference, shared.reference
    page = sign_in("police.panel").get(f"/reports/{references[0]}")
    assert "Who sent it" not in page.text
    assert "Start triage" not in page.buttons
    page.get(f"/reports/{references[0]}/reveal", status=404)
    page.get(f"/reports/{references[1]}/reveal").choose("To check details of the report").press("Show who sent this")
    assert "kim@hostel.example" in page.text


def test_the_list_of_signals_filters_and_opens(work, here, clock, sign_in):
    with work() as session:
        factories.make_signal(session, here, now=clock.now(), title="Blue tablets, Harbour", grade=Grade.G3)
        factories.make_signal(session, here, now=clock.now(), title="White powder")
    page = sign_in("coordinator").get("/signals")
    assert "2 Signals" in page.text
    page.fill("Grade", "G3 Amber").press("Apply filters")
    assert "White powder" not in page.text
    page.follow("Blue tablets, Harbour")
    assert page.heading == "Blue tablets, Harbour"


def test_a_title_that_somebody_else_changed_is_shown_and_can_be_kept(work, here, clock, sign_in):
    with work() as session:
        reference = factories.make_signal(session, here, now=clock.now(), title="Blue").reference
    first, second = sign_in("coordinator"), sign_in("coordinator2")
    first.get(f"/signals/{reference}/title")
    second.get(f"/signals/{reference}/title").fill("Title", "Blue tablets").press("Save the title")
    first.fill("Title", "Blue pills").press("Save the title", status=422)
    assert "What you had Blue pills What it is now Blue tablets" in " ".join(first.table("What changed")[1])
    first.press("Save the title")
    assert first.heading == "Blue pills"


def test_a_signal_goes_to_the_panel_without_agencies_for_a_reason(work, here, clock, sign_in):
    with work() as session:
        reference = factories.make_signal(session, here, now=clock.now()).reference
    page = sign_in("coordinator").get(f"/signals/{reference}")
    page.follow("Go to the panel without waiting for agencies")
    page.press("Make ready for the panel", status=422)
    page.fill("Why should the panel not wait for agencies?", "A laboratory confirmed it.")
    page.press("Make ready for the panel")
    assert "Ready for panel" in page.text
    assert "A laboratory confirmed it." in page.text


def test_submitters_are_told_from_the_signal_once_it_is_decided(work, here, clock, sign_in):
    with work() as session:
        reports = [factories.make_submission(session, here, now=clock.now()) for _ in range(2)]
        signal = factories.make_signal(
            session, here, now=clock.now(), submissions=reports, state=SignalState.DECIDED
        ).reference
    page = sign_in("coordinator").get(f"/signals/{signal}/tell")
    page.fill("What was decided, and what happens now?", "We warned the hostels.")
    page.check("Close their reports as well").press("Send to 2 submitters")
    assert "The submitters can read your message now." in page.text
    assert page.text.count("Closed") == 2
    page.get(f"/signals/{signal}/tell")
    assert "Everyone who reported has been told" in page.text
    assert page.buttons == []


def test_a_signal_is_watched_closed_and_opened_again(work, here, clock, sign_in):
    with work() as session:
        reference = factories.make_signal(session, here, now=clock.now(), state=SignalState.DECIDED).reference
    page = sign_in("coordinator").get(f"/signals/{reference}/watch")
    page.fill_parts("Until when?", Day="1", Month="12", Year="2026", Time="09:00")
    page.fill("What are you watching for?", "A third report.").press("Watch this Signal")
    assert "Watching" in page.text
    assert "Tuesday 1 December 2026 at 09:00" in page.text
    page.follow("Open this Signal again").fill("What is new?", "A third report came.").press("Open it again")
    assert "A third report came." in page.text


def test_a_neighbours_coordinator_opens_only_what_is_shared_and_does_nothing_with_it(work, world, clock, sign_in):
    with work() as session:
        signal = factories.make_signal(session, world.westhaven, now=clock.now())
        share = factories.share_signal(session, signal, world.eastmoor, now=clock.now())
        reference, share_id = signal.reference, share.id
    page = sign_in("coordinator", world.eastmoor)
    assert share_id
    page.get(f"/signals/{reference}")
    assert "Shared by Westhaven" in page.text
    assert "Change the title" not in page.links
    for action in ("title", "skip", "watch", "close", "reopen", "tell"):
        page.get(f"/signals/{reference}/{action}", status=403)


def test_empty_lists_say_what_will_appear(sign_in):
    page = sign_in("coordinator")
    assert "Reports that people send appear here" in page.get("/reports").text
    assert "No Signals yet" in page.get("/signals").text
    assert "No reports yet" in sign_in("analyst").get("/reports").text
