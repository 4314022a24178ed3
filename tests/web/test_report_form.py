"""The short form and what follows it, by the pages that are really there."""

import pytest
from sqlalchemy import func, select

from review_app.submissions.models import Submission, SubmissionQuestion
from review_app.submissions.rules import SubmissionState
from tests import factories
from tests.browser import Browser

WORDS = "Two people collapsed within minutes. Both woke after naloxone"
KEYSTROKE, TAP, THINKING = 0.28, 1.1, 1.35


@pytest.fixture
def here(work, clock):
    """Westhaven, with everyone in it, and Eastmoor beside it."""
    with work() as session:
        return factories.world(session, now=clock.now()).westhaven


def first_screen(browser, **changes):
    """Open the form and fill in its first screen as a hostel worker would."""
    browser.get("/report/westhaven")
    browser.choose(changes.get("danger", "No"), question="Is anyone in danger now?")
    browser.check("An unusually strong drug")
    browser.fill("What was it sold as, or believed to be?", changes.get("sold_as", "blue oxy"))
    browser.fill("Where did this happen?", changes.get("place", "Westhaven Harbour"))
    browser.choose("I saw it myself")
    return browser.fill("What happened, in your own words?", changes.get("words", WORDS))


def confirm(browser):
    """Tick that nobody is named, and send."""
    return browser.check("I have not included names or anything else that identifies a person who uses services").press(
        "Send report", status=None
    )


def reports(work):
    """How many reports there are."""
    with work() as session:
        return session.scalars(select(func.count()).select_from(Submission)).one()


def test_a_visitor_chooses_the_place_and_fills_in_two_screens(browser, here, work):
    browser.get("/report")
    assert browser.heading == "Where did it happen?"
    browser.choose("Westhaven").press("Continue")
    assert browser.url == "/report/westhaven"
    first_screen(browser).press("Continue")
    assert browser.heading == "Send your report to Westhaven"
    browser.fill("How can we reach you?", "worker@hostel.example")
    confirm(browser)
    assert browser.status == 200
    assert browser.heading == "Report sent"
    assert "WES-2026-0001" in browser.text
    assert "A coordinator looks at your report by 14:00" in browser.text
    assert "01632 960001" in browser.text
    with work() as session:
        report = session.scalars(select(Submission)).one()
        assert report.own_words == WORDS
        assert report.contact is not None
        assert report.contact.contact == "worker@hostel.example"
    browser.follow("See how far your report has got")
    assert browser.heading == "My report"


def test_where_there_is_one_partnership_nobody_is_asked_which(browser, work, clock):
    with work() as session:
        factories.make_place(session, "Westhaven", "WES", now=clock.now())
    browser.get("/report")
    assert browser.url == "/report/westhaven"


def test_an_unknown_address_of_a_form_is_not_found(browser, here):
    browser.get("/report/nowhere", status=404)


def test_the_choice_of_a_place_is_asked_for(browser, here):
    browser.get("/report").press("Continue", status=422)
    assert browser.errors == ["Select where it happened"]


def test_an_empty_first_screen_says_what_to_do_and_keeps_what_was_typed(browser, here):
    browser.get("/report/westhaven").fill("What happened, in your own words?", "Kept").press("Continue", status=422)
    assert browser.title.startswith("Error: ")
    assert browser.errors == [
        "Select yes if anyone is in danger now",
        "Select what you are reporting",
        "Enter what it was sold as or believed to be, or “not known”",
        "Select where this happened, or “Not known”",
        "Select how you know",
    ]
    assert browser.soup.find(id="own_words").get_text().strip() == "Kept"


def test_the_advice_to_call_999_is_on_the_page_without_script_and_again_on_the_next(browser, here):
    browser.get("/report/westhaven")
    assert "Call 999 now, then carry on with this report." in browser.text
    first_screen(browser, danger="Yes").press("Continue")
    assert "call 999 now" in browser.text
    first_screen(browser, danger="No").press("Continue")
    assert "call 999 now" not in browser.text


def test_going_back_keeps_both_screens(browser, here):
    first_screen(browser).press("Continue")
    browser.fill("How can we reach you?", "07700 900123").fill("Your name", "Pat Invented")
    browser.choose("The panel as well").press("Back to the first part")
    assert browser.soup.find(id="sold_as")["value"] == "blue oxy"
    browser.fill("What was it sold as, or believed to be?", "M30").press("Continue")
    assert browser.soup.find(id="contact")["value"] == "07700 900123"
    assert browser.soup.find(id="name")["value"] == "Pat Invented"
    assert browser.soup.find("input", value="panel").has_attr("checked")


def test_not_known_is_taken_for_every_answer_that_may_be_unknown(browser, here, work):
    first_screen(browser, sold_as="not known", place="Not known", words="").press("Continue")
    confirm(browser)
    assert browser.heading == "Report sent"


def test_the_promise_to_name_nobody_is_asked_for(browser, here, work):
    first_screen(browser).press("Continue").press("Send report", status=422)
    assert browser.errors == ["Confirm that your report names nobody who uses services"]
    assert reports(work) == 0


@pytest.mark.parametrize(
    "contact", ["nobody", "a@b", "12", "two@x.example, three@x.example", "a@" + "x" * 300 + ".example"]
)
def test_a_contact_that_is_neither_address_nor_number_is_sent_back(browser, here, work, contact):
    first_screen(browser).press("Continue").fill("How can we reach you?", contact)
    confirm(browser)
    assert browser.status == 422
    assert reports(work) == 0


def test_a_contact_is_asked_for_where_the_anonymous_route_is_off(browser, here, work):
    with work() as session:
        session.get_one(type(here.partnership), here.partnership.id).anonymous_reports = False
    first_screen(browser).press("Continue")
    assert "anonymous" not in browser.text
    confirm(browser)
    assert browser.status == 422
    assert browser.errors == ["Enter an e-mail address or a phone number, or leave this empty"]
    browser.fill("How can we reach you?", "07700 900123")
    confirm(browser)
    assert browser.heading == "Report sent"


def test_pressing_twice_shows_the_same_confirmation(browser, here, work):
    first_screen(browser).press("Continue")
    page = browser.soup
    confirm(browser)
    first, address = browser.text, browser.url
    browser.soup = page
    browser.url = "/report/westhaven"
    browser.press("Send report")
    assert (browser.text, browser.url) == (first, address)
    assert reports(work) == 1


def test_what_was_changed_between_two_presses_is_not_lost_in_silence(browser, here, work):
    first_screen(browser).press("Continue")
    page = browser.soup
    confirm(browser)
    browser.soup, browser.url = page, "/report/westhaven"
    browser.fill("How can we reach you?", "late@hostel.example").press("Send report", status=422)
    assert "has been sent already, as WES-2026-0001" in browser.errors[0]
    assert browser.soup.find(id="contact")["value"] == "late@hostel.example"


def test_a_page_that_was_open_too_long_comes_back_with_everything_typed(browser, here, work):
    first_screen(browser).press("Continue").fill("How can we reach you?", "worker@hostel.example")
    browser.soup.find("input", attrs={"name": "csrf_token"})["value"] = "stale"
    before = browser.soup.find("input", attrs={"name": "form_token"})["value"]
    confirm(browser)
    assert browser.status == 422
    assert browser.heading == "Send your report to Westhaven"
    assert "open a long time" in browser.errors[0]
    assert browser.soup.find(id="contact")["value"] == "worker@hostel.example"
    assert browser.soup.find("input", attrs={"name": "form_token"})["value"] != before
    assert reports(work) == 0
    browser.press("Send report")
    assert browser.heading == "Report sent"
    with work() as session:
        assert session.scalars(select(Submission.own_words)).one() == WORDS


def test_a_first_screen_that_was_open_too_long_comes_back_too(browser, here):
    first_screen(browser)
    browser.soup.find("input", attrs={"name": "csrf_token"})["value"] = ""
    browser.press("Continue", status=422)
    assert "open a long time" in browser.errors[0]
    assert browser.soup.find(id="sold_as")["value"] == "blue oxy"
    assert browser.press("Continue").heading == "Send your report to Westhaven"


def test_a_form_sent_from_another_browser_session_is_shown_again(app, browser, here, work):
    first_screen(browser).press("Continue")
    other = Browser(app)
    other.soup, other.url = browser.soup, "/report/westhaven"
    confirm(other)
    assert other.status == 422
    assert reports(work) == 0


def test_text_that_may_identify_someone_is_pointed_out_and_never_blocks(browser, here, work):
    first_screen(browser, words="His number is 07700 900123, NHS 943 476 5870").press("Continue")
    assert "Could this identify someone?" in browser.text
    assert "a phone number: “07700 900123”" in browser.text
    assert "an NHS number: “943 476 5870”" in browser.text
    browser.press("Change what I wrote")
    assert "His number" in browser.soup.find(id="own_words").get_text()
    browser.press("Continue")
    confirm(browser)
    assert browser.heading == "Report sent"


def test_hostile_text_is_refused_kindly_or_kept_as_text(browser, here, work):
    first_screen(browser, words="before\x00after").press("Continue", status=422)
    assert "hidden characters" in browser.errors[0]
    first_screen(browser, words="x" * 100_000).press("Continue", status=422)
    assert "4,000 characters or fewer" in browser.errors[0]
    assert len(browser.soup.find(id="own_words").get_text().strip()) == 100_000
    first_screen(browser, words="<script>alert(1)</script> 😵‍💫\r\n\r\nsecond", sold_as='"><img src=x>').press(
        "Continue"
    )
    assert browser.soup.find("img") is None
    confirm(browser)
    with work() as session:
        report = session.scalars(select(Submission)).one()
        assert report.own_words == "<script>alert(1)</script> 😵‍💫\n\nsecond"
        assert report.substances[0].sold_as == '"><img src=x>'
    browser.follow("See how far your report has got")
    assert browser.soup.find("main").find("script") is None


def test_a_request_made_by_hand_with_strange_answers_leads_back_to_the_form(browser, here, work):
    first_screen(browser).press("Continue")
    for name, value in (
        ("place", "999999"),
        ("how_known", "magic"),
        ("danger_now", "perhaps"),
        ("reporting", "nonsense"),
    ):
        fields = [
            (each["name"], value if each["name"] == name else each["value"])
            for each in browser.soup.select("form input[type=hidden]")
        ]
        other = dict(fields) | {"send": "y", "names_nobody": "y"}
        browser.post("/report/westhaven", other, status=422)
        assert browser.heading == "Report a dangerous drug to Westhaven"
        first_screen(browser).press("Continue")
    assert reports(work) == 0


def test_a_short_one_time_id_is_replaced(browser, here, work):
    first_screen(browser).press("Continue")
    browser.soup.find("input", attrs={"name": "form_token"})["value"] = "mine"
    confirm(browser)
    assert browser.heading == "Report sent"
    with work() as session:
        assert session.scalars(select(Submission.form_token)).one() != ""


def test_too_many_reports_are_answered_429_with_everything_typed_and_a_number_to_ring(browser, here, work):
    for _ in range(10):
        first_screen(browser).press("Continue")
        confirm(browser)
    first_screen(browser).press("Continue").fill("How can we reach you?", "worker@hostel.example")
    confirm(browser)
    assert browser.status == 429
    assert "Ten reports have come from your network" in browser.errors[0]
    assert "01632 960001" in browser.text
    assert browser.soup.find(id="contact")["value"] == "worker@hostel.example"
    assert reports(work) == 10


def test_nothing_of_the_report_is_in_the_cookie_or_any_address(browser, here):
    first_screen(browser).press("Continue")
    assert browser.url == "/report/westhaven"
    assert len(browser.headers.get("Set-Cookie", "")) < 500
    confirm(browser)
    assert "no-store" in browser.headers["Cache-Control"]


# ---------------------------------------------------------------- the keystroke-level estimate


def test_the_short_form_takes_a_minute_by_the_keystroke_level_model(browser, here):
    """A keystroke 0.28 s, a tap 1.1 s, 1.35 s of thinking for each question that is in sight."""
    browser.get("/report/westhaven")
    first = browser.soup
    screens = [first, first_screen(browser).press("Continue").soup]
    questions = sum(questions_in_sight(screen) for screen in screens)
    lists = len(first.select("main select"))
    texts = len(first.select("main :is(input[type=text], textarea)"))
    picks = len({each["name"] for each in first.select("main :is(input[type=radio], input[type=checkbox])")})
    taps = picks + texts + 2 * lists + 1 + 2  # Continue; the tick and Send report
    keys = 8 + 60
    seconds = keys * KEYSTROKE + taps * TAP + questions * THINKING
    assert (questions, picks, texts, lists) == (8, 3, 2, 1)
    assert len(WORDS) >= 60
    assert seconds <= 60


def questions_in_sight(page):
    """Count what has to be read and thought about: fieldsets and single fields, not those folded away."""
    main = page.find("main")
    folded = {id(each) for each in main.select("details *")}
    groups = [each for each in main.select("fieldset") if id(each) not in folded]
    singles = [
        each
        for each in main.select("input[type=text], textarea, select, input[type=checkbox]")
        if id(each) not in folded and each.find_parent("fieldset") is None
    ]
    return len(groups) + len(singles)


# ---------------------------------------------------------------- following


@pytest.fixture
def followed(browser, here):
    """A browser on the page of a report that was sent, with its private link."""
    first_screen(browser).press("Continue")
    confirm(browser)
    return browser.follow("See how far your report has got")


def test_the_private_link_shows_progress_and_what_was_told(followed):
    assert followed.heading == "My report"
    assert "We have your report." in followed.text
    assert "blue oxy" in followed.text
    assert followed.buttons == []  # link-buttons, which are links
    assert {"Add something", "Withdraw report"} <= set(followed.links)


def test_something_can_be_added(followed, work):
    followed.follow("Add something").press("Send what I added", status=422)
    assert len(followed.errors) == 3
    followed.choose("No", question="Is anyone in danger now?").fill("What do you want to add?", "A third, at SW1A 1AA")
    followed.check("I have not included names or anything else that identifies a person who uses services")
    followed.press("Send what I added", status=422)
    assert "it may identify someone" in followed.errors[0]
    assert "a postcode" in followed.text
    followed.press("Send what I added")
    assert "Thank you. What you added is with the coordinator." in followed.text
    assert "A third, at SW1A 1AA" in followed.text
    assert reports(work) == 2


def test_adding_twice_by_one_form_adds_once(followed, work):
    followed.follow("Add something").choose("No", question="Is anyone in danger now?")
    followed.fill("What do you want to add?", "A third")
    followed.check("I have not included names or anything else that identifies a person who uses services")
    page, address = followed.soup, followed.url
    followed.press("Send what I added")
    followed.soup, followed.url = page, address
    followed.press("Send what I added")
    assert reports(work) == 2


def test_a_question_is_answered(followed, work, clock, here):
    with work() as session:
        report = session.scalars(select(Submission)).one()
        report.state = SubmissionState.NEEDS_INFO
        session.add(
            SubmissionQuestion(
                submission_id=report.id,
                question="What colour were they?",
                asked_by_id=here.user("coordinator").id,
                asked_at=clock.now(),
                due_at=clock.now(),
            )
        )
    followed.get(followed.url)
    assert "We have a question for you" in followed.text
    followed.follow("Answer").press("Send answer", status=422)
    assert followed.errors == ["Enter your answer"]
    followed.fill("Your answer", "Light blue").press("Send answer")
    assert "Thank you. Your answer is with the coordinator." in followed.text
    assert "Light blue" in followed.text
    with work() as session:
        assert session.scalars(select(Submission.state)).one() is SubmissionState.TRIAGE


def test_a_report_is_withdrawn_after_a_page_that_says_what_that_means(followed, work):
    followed.follow("Withdraw report").press("Withdraw report", status=422)
    assert followed.errors == ["Enter why you are withdrawing your report"]
    followed.fill("Why are you withdrawing your report?", "A mistake").press("Withdraw report")
    assert "Your report is withdrawn." in followed.text
    assert "Add something" not in followed.links
    with work() as session:
        assert session.scalars(select(Submission.state)).one() is SubmissionState.WITHDRAWN


def test_nothing_typed_is_asked_for_or_lost_once_a_report_is_withdrawn(app, followed):
    link = followed.url
    add = followed.get(f"{link}/add")
    add.fill("What do you want to add?", "It came from a friend.")
    other = Browser(app).get(f"{link}/withdraw")
    other.fill("Why are you withdrawing your report?", "A mistake").press("Withdraw report")
    assert other.get(f"{link}/add").url == link
    add.choose("No").check("I have not included names or anything else that identifies a person who uses services")
    add.press("Send what I added", status=422)
    assert add.errors == ["This report was withdrawn, so nothing can be added to it. You can send a new report."]
    assert "It came from a friend." in add.text


def test_a_wrong_link_is_not_found_on_every_page(browser, here):
    for page in ("", "/add", "/answer/1", "/withdraw"):
        browser.get(f"/follow/nothing{page}", status=404)
    browser.get("/report/sent/nothing", status=404)


# ---------------------------------------------------------------- signed in


def test_a_signed_in_person_finds_their_reports_and_follows_them(app, browser, here, work):
    browser.sign_in(here.email("nurse"), factories.PASSWORD)
    browser.get("/my-reports")
    assert "You have not sent a report while signed in" in browser.text
    browser.follow("Report a dangerous drug")
    assert browser.url == "/report/westhaven"
    first_screen(browser).press("Continue")
    assert browser.soup.find(id="contact")["value"] == here.email("nurse")
    confirm(browser)
    browser.get("/my-reports")
    assert browser.table()[1][0].endswith("WES-2026-0001")
    browser.follow("WES-2026-0001").follow("Add something").choose("No", question="Is anyone in danger now?")
    browser.fill("What do you want to add?", "A third")
    browser.check("I have not included names or anything else that identifies a person who uses services")
    browser.press("Send what I added")
    assert browser.url == "/my-reports/WES-2026-0001"
    browser.follow("Withdraw report").fill("Why are you withdrawing your report?", "Mistake").press("Withdraw report")
    other = Browser(app)
    other.get("/my-reports")
    assert other.url.startswith("/sign-in")
    other.sign_in(here.email("hostel.worker"), factories.PASSWORD)
    for page in ("", "/add", "/answer/1", "/withdraw"):
        other.get(f"/my-reports/WES-2026-0001{page}", status=404)


def test_somebody_signed_in_elsewhere_reports_without_their_account(app, here, work):
    browser = Browser(app).sign_in("nurse@eastmoor.example", factories.PASSWORD)
    first_screen(browser)
    assert "signed in somewhere else" in browser.text
    browser.press("Continue")
    assert browser.soup.select('#contact:not([value=""])') == []
    confirm(browser)
    with work() as session:
        assert session.scalars(select(Submission.submitted_by_id)).one() is None
