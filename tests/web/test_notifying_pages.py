"""Notifying a death through the pages, and what the coordinator does with a notification."""

import pytest
from sqlalchemy import func, select

from review_app.audit.models import AuditEvent
from review_app.reviews.models import DeathNotification, NotificationDraft, ReviewCase
from review_app.reviews.rules.inclusion import Answer
from review_app.reviews.rules.notified import Place, read_identity, read_known
from review_app.reviews.rules.states import NotificationState
from tests import factories, reviewing
from tests.browser import Browser
from tests.reviewing import SAM, identity_of

STORY = "A neighbour found the person in the morning."


@pytest.fixture
def here(work, clock):
    with work() as session:
        return factories.world(session, now=clock.now()).westhaven


@pytest.fixture
def sign_in(app, here):
    """Sign a person in: `sign_in("review.chair")`."""
    return lambda key: Browser(app).sign_in(here.email(key), factories.PASSWORD)


def fill_known(browser: Browser, *, risk: str = "No") -> Browser:
    """Fill in what is known, by the words on the page."""
    browser.choose(risk, question="May anyone living be at immediate risk now?")
    browser.fill("Who told you?", "Ambulance service")
    browser.fill_parts("On which day did they tell you?", Day="7", Month="11", Year="2026")
    browser.fill("When did the person die?", "about 5 November 2026")
    browser.fill("In what kind of place did they die?", "Outdoors")
    browser.choose("Yes", question="Did they usually live in our area?")
    browser.fill("Where in our area did they live?", "Westhaven Harbour")
    browser.choose("Not known", question="Did they die in our area?")
    browser.choose("No", question="Did they use services in our area?")
    browser.fill("How old were they?", "42").check("Drug poisoning")
    browser.fill("First substance", "Heroin").fill("Second substance", "tranq dope")
    return browser.fill("What happened?", STORY)


def fill_identity(browser: Browser) -> Browser:
    """Fill in who the person was."""
    browser.fill("First name", SAM.forename).fill("Last name", SAM.surname)
    browser.fill("Other names they were known by", SAM.other_names).fill("NHS number", "943 476 5919")
    browser.fill_parts("Date of birth", Day="17", Month="3", Year="1984")
    return browser.fill("Last address", SAM.address).fill("Postcode of that address", "ze99 9qq")


def test_a_representative_notifies_a_death_from_the_navigation_to_the_confirmation(work, here, clock, sign_in):
    browser = sign_in("housing.rep").get("/home").follow("Notify a death").follow("Deaths you notified")
    assert "Nothing notified yet" in browser.text
    fill_known(browser.follow("Notify a death")).press("Continue")
    assert browser.heading == "Who the person was"
    fill_identity(browser).press("Continue")
    assert browser.heading == "Check before you notify"
    for shown in ("Heroin, tranq dope", "about 5 November 2026", "Yes, Westhaven Harbour", "Applethwaite", STORY):
        assert shown in browser.text
    browser.press("Notify")
    assert browser.heading == "Death notified"
    assert "WES-D-2026-0001" in browser.text
    assert "A review case is open." in browser.text
    assert "The review coordinator is told now by e-mail that it waits" in browser.text
    assert "If anyone is in danger now, call 999." in browser.text
    assert "Ring the review coordinator" not in browser.text  # the page knows no number
    with work() as session:
        made = session.scalars(select(DeathNotification)).one()
        known = read_known(made.content)
        assert known.substances == ("Heroin", "tranq dope")
        assert known.where(Place.SERVICE).in_area is Answer.NO
        assert read_identity(identity_of(made).details).answers() == SAM.answers()
    assert "WES-D-2026-0001" in browser.get("/deaths").text


def test_nothing_that_was_typed_stands_in_an_address_a_title_or_a_cookie(app, here, sign_in):
    browser = sign_in("housing.rep")
    seen = []
    browser.get("/deaths/new")
    fill_known(browser).press("Continue")
    seen += [browser.url, browser.title]
    fill_identity(browser).press("Continue")
    seen += [browser.url, browser.title, str(browser.headers)]
    browser.press("Notify")
    seen += [browser.url, browser.title, str(browser.headers)]
    for secret in map(str, SAM.answers().values()):
        assert [each for each in seen if secret in each] == []
    assert browser.headers["Cache-Control"] == "no-store"


def test_the_advice_is_there_when_somebody_may_be_at_risk(here, sign_in):
    browser = sign_in("housing.rep").get("/deaths/new")
    fill_known(browser, risk="Yes").press("Continue")
    for _ in range(2):
        assert "Make a safeguarding referral today" in browser.text
        browser.press("Continue" if browser.heading == "Who the person was" else "Notify")
    assert "Make a safeguarding referral today" in browser.text


def test_what_is_missing_is_listed_in_the_order_of_the_page(sign_in):
    browser = sign_in("housing.rep").get("/deaths/new").press("Continue", status=422)
    summary = [link["href"].removeprefix("#") for link in browser.soup.select(".govuk-error-summary__list a")]
    fields = [each["id"] for each in browser.soup.select("main form [id]") if each["id"] in summary]
    assert (summary[:2], len(summary)) == (["risk", "source_1"], 7)
    assert summary == fields


def test_what_is_missing_is_said_and_what_was_typed_stays(here, sign_in):
    browser = sign_in("housing.rep").get("/deaths/new")
    browser.fill("What happened?", STORY).fill("When did the person die?", "last week").press("Continue", status=422)
    assert browser.title.startswith("Error: ")
    assert "Select who told you" in browser.errors
    assert any("Enter a date, for example 5 March 2026" in each for each in browser.errors)
    assert STORY in browser.text
    fill_known(browser).press("Continue")
    browser.fill("Last name", "Applethwaite").fill("NHS number", "943 476 5918").press("Continue", status=422)
    assert browser.errors == ["Check the NHS number: it has ten figures, and the last one must fit the others"]
    assert browser.fill("NHS number", "").press("Continue").heading == "Check before you notify"
    assert "Applethwaite" in browser.text


def test_a_half_filled_notification_waits_for_its_writer_alone(work, here, sign_in):
    browser = sign_in("housing.rep").get("/deaths/new")
    fill_known(browser).press("Continue")
    address = browser.url
    sign_in("treatment.rep").get(address, status=404)
    sign_in("review.coordinator").get(address, status=404)
    later = (
        sign_in("housing.rep")
        .get("/deaths/new")
        .follow("Go on with it")
        .follow("Go on with the notification saved 9 Nov 2026, 10:00")
    )
    assert STORY in later.text
    later.get("/deaths").press("Throw away")
    assert "thrown away" in later.soup.get_text()
    with work() as session:
        assert session.scalar(select(func.count()).select_from(NotificationDraft)) == 0


def test_changing_what_is_known_keeps_everything_else(work, here, sign_in):
    browser = sign_in("housing.rep").get("/deaths/new")
    fill_known(browser).press("Continue")
    fill_identity(browser).press("Continue")
    browser.follow("Change what is known").fill("How old were they?", "43").press("Continue")
    assert browser.press("Continue").press("Notify").heading == "Death notified"
    with work() as session:
        made = session.scalars(select(DeathNotification)).one()
        assert (read_known(made.content).age, read_known(made.content).story) == (43, STORY)
        assert read_identity(identity_of(made).details).surname == "Applethwaite"


def test_pressing_notify_twice_is_one_notification(work, here, sign_in):
    browser = sign_in("housing.rep").get("/deaths/new")
    fill_known(browser).press("Continue").press("Continue")
    address, token = browser.url, browser.soup.select_one("main input[name=csrf_token]")
    assert token is not None
    for _ in range(2):
        assert browser.post(address, {"csrf_token": str(token["value"])}, status=200).heading == "Death notified"
    with work() as session:
        assert session.scalar(select(func.count()).select_from(DeathNotification)) == 1


def test_words_that_may_identify_somebody_are_pointed_out(here, sign_in):
    browser = sign_in("housing.rep").get("/deaths/new")
    fill_known(browser).fill("What happened?", "Ring his sister on 01632 960 123.").press("Continue").press("Continue")
    assert "Could this identify someone?" in browser.text
    assert "01632 960 123" in browser.text


def test_from_a_signal_the_coordinator_notifies_and_sees_only_their_own(work, here, clock, sign_in):
    with work() as session:
        signal = factories.make_signal(session, here, now=clock.now()).reference
    browser = sign_in("coordinator").get(f"/signals/{signal}").follow("Notify a death", within="Deaths")
    assert "None" not in browser.text
    fill_known(browser).press("Continue").press("Continue").press("Notify")
    assert "WES-D-2026-0001" in browser.get(f"/signals/{signal}").text
    assert "WES-D-2026-0001" not in sign_in("coordinator2").get(f"/signals/{signal}").text
    assert "Deaths" not in [each.get_text() for each in sign_in("chair").get(f"/signals/{signal}").soup.find_all("h2")]


def waiting(work, here, clock) -> tuple[str, str]:
    """A case, and a second notification of the same death that waits: give both references."""
    with work() as session:
        case = reviewing.make_case(session, here, now=clock.now(), identity=SAM)
        second = reviewing.notify(session, here, "treatment.rep", now=clock.now(), identity=SAM)
        return case.reference, second.reference


def test_the_coordinator_attaches_what_waits_without_seeing_who_it_is(work, here, clock, sign_in):
    case, reference = waiting(work, here, clock)
    browser = sign_in("review.coordinator").get("/reviews")
    assert "1 case that may be about the same death" in browser.text
    browser.follow(reference)
    assert "Same NHS number" in browser.text
    for secret in map(str, SAM.answers().values()):
        assert secret not in browser.text
    assert "it can be given a case of its own again" in browser.text
    browser.press("Attach to this case", within=case)
    assert browser.heading == "Review of a death"
    assert reference in browser.text
    assert "A notification was added" in browser.text
    browser.get(f"/deaths/{reference}").press("It is another death: start a case of its own")
    assert "The case is open." in browser.soup.get_text()
    assert case not in browser.heading
    assert "A notification of another death was taken out" in browser.get(f"/reviews/{case}").text
    assert "It is another death" not in browser.get(f"/deaths/{reference}").text


def test_the_coordinator_starts_a_case_of_its_own(work, here, clock, sign_in):
    _, reference = waiting(work, here, clock)
    browser = sign_in("review.coordinator").get(f"/deaths/{reference}").press("Start a case")
    assert "The case is open." in browser.soup.get_text()
    with work() as session:
        assert session.scalar(select(func.count()).select_from(ReviewCase)) == 2


def test_a_notifier_withdraws_what_waits_with_a_reason(work, here, clock, sign_in):
    _, reference = waiting(work, here, clock)
    browser = sign_in("treatment.rep").get(f"/deaths/{reference}")
    assert "What you wrote is read only by those who carry out the review." in browser.text
    browser.follow("Withdraw it").press("Withdraw and destroy", status=422)
    assert browser.errors == ["Enter why you are withdrawing it"]
    browser.fill("Why are you withdrawing it?", "It was another person.").press("Withdraw and destroy")
    assert "Withdrawn" in browser.text
    with work() as session:
        made = session.scalars(select(DeathNotification).filter_by(reference=reference)).one()
        assert made.state is NotificationState.WITHDRAWN


def test_reading_what_a_notification_says_is_recorded(work, here, clock, sign_in):
    _, reference = waiting(work, here, clock)
    sign_in("treatment.rep").get(f"/deaths/{reference}")
    sign_in("review.coordinator").get(f"/deaths/{reference}")
    with work() as session:
        seen = select(AuditEvent.actor_id).where(AuditEvent.object_reference == reference, AuditEvent.verb == "view")
        assert session.scalars(seen).all() == [here.user("review.coordinator").id]


def test_the_risk_is_seen_to(work, here, clock, sign_in):
    with work() as session:
        reference = reviewing.notify(session, here, now=clock.now(), risk=Answer.YES).reference
    browser = sign_in("review.coordinator").get(f"/deaths/{reference}")
    assert "Someone may be at risk" in browser.text
    browser.follow("Say what has been done about the risk").fill("What has been done?", "Referred today.")
    browser.press("Save what has been done")
    assert "What was done about the risk: Referred today." in browser.text
    assert "Say what has been done about the risk" not in browser.links
