"""Who the person was: revealed for a purpose, recorded each time, put right without being shown."""

import pytest
from sqlalchemy import select

from review_app.audit.models import AuditEvent
from review_app.audit.queries import AuditSearch, search
from review_app.policy import Role
from review_app.reviews.models import DeathNotification
from review_app.reviews.rules.notified import read_identity
from tests import factories, reviewing
from tests.browser import Browser
from tests.reviewing import SAM, identity_of

SECRETS = ("Samuel", "Applethwaite", "Sammy", "9434765919", "17 March 1984", "Quillfeather", "ZE99")


@pytest.fixture
def here(work, clock):
    with work() as session:
        return factories.world(session, now=clock.now()).westhaven


@pytest.fixture
def sign_in(app, here):
    """Sign a person in: `sign_in("review.chair")`."""
    return lambda key: Browser(app).sign_in(here.email(key), factories.PASSWORD)


@pytest.fixture
def case(work, here, clock) -> str:
    with work() as session:
        reference: str = reviewing.make_case(session, here, now=clock.now(), identity=SAM).reference
        return reference


def reveals(work) -> list[tuple[int, str, str]]:
    with work() as session:
        rows = select(AuditEvent).where(AuditEvent.verb == "reveal").order_by(AuditEvent.sequence)
        return [(event.actor_id, event.object_reference, event.purpose) for event in session.scalars(rows)]


@pytest.mark.parametrize("who", ["review.coordinator", "review.chair", "review.deputy"])
def test_an_identity_is_revealed_once_a_press_and_recorded_once(work, here, case, sign_in, who):
    browser = sign_in(who).get(f"/reviews/{case}")
    assert "first name, last name, other names, NHS number" in browser.text
    assert [each for each in SECRETS if each in browser.body.decode()] == []
    browser.follow("Reveal").press("Reveal", status=422)
    assert browser.errors == ["Select what you need it for"]
    assert reveals(work) == []
    browser.choose("To speak with the coroner’s office").press("Reveal")
    assert [each for each in SECRETS if each not in browser.text] == []
    assert browser.headers["Cache-Control"] == "no-store"
    assert [each for each in SECRETS if each in browser.url or each in browser.title] == []
    assert reveals(work) == [(here.user(who).id, case, "coroner")]
    assert [each for each in SECRETS if each in browser.get(f"/reviews/{case}/identity").body.decode()] == []


def test_another_purpose_is_said_in_words_that_name_nobody(work, here, case, sign_in):
    browser = sign_in("review.coordinator").get(f"/reviews/{case}/identity").choose("Another purpose")
    browser.press("Reveal", status=422)
    assert browser.errors == ["Enter what you need it for."]
    for words in ("Mrs Applethwaite rang", "about 943 476 5919", "Is it sammy ?"):
        browser.fill("In a few words", words).press("Reveal", status=422)
        assert "without naming anybody" in browser.errors[0]
    browser.fill("In a few words", "The registrar rang").press("Reveal")
    assert reveals(work) == [(here.user("review.coordinator").id, case, "other: The registrar rang")]


def test_the_information_governance_lead_and_the_readers_agency_see_that_somebody_looked(
    work, here, case, clock, sign_in
):
    browser = sign_in("review.chair").get(f"/reviews/{case}/identity").choose("For a safeguarding duty")
    browser.press("Reveal")
    with work() as session:
        lead = factories.make_user(session, "ph.lead@westhaven.example", "Ph Lead", now=clock.now())
        agency = here.agencies["public_health"].id
        factories.give_role(session, here, lead, Role.AGENCY_LEAD, now=clock.now(), agency_id=agency)
        for actor in (here.actor("ig"), factories.actor_of(session, here, lead, now=clock.now())):
            page = search(session, actor, AuditSearch(reference=case))
            seen = [(event.verb, event.section, event.purpose) for event in page.events]
            assert ("reveal", "identity", "safeguarding") in seen, actor
        others = search(session, here.actor("lead"), AuditSearch(reference=case))
        assert others.events == ()


@pytest.mark.parametrize(
    ("who", "status"), [("dph", 403), ("ig", 403), ("review.member", 404), ("coordinator", 404), ("housing.rep", 404)]
)
def test_nobody_else_is_shown_it(work, case, sign_in, who, status):
    browser = sign_in(who).get(f"/reviews/{case}/identity", status=status)
    token = browser.get("/home").soup.select_one("input[name=csrf_token]")
    assert token is not None
    browser.post(f"/reviews/{case}/identity", {"csrf_token": str(token["value"]), "purpose": "coroner"}, status=status)
    assert [each for each in SECRETS if each in browser.body.decode()] == []
    assert reveals(work) == []


def test_a_case_without_an_identity_says_so(work, here, clock, sign_in):
    with work() as session:
        reference = reviewing.make_case(session, here, now=clock.now()).reference
    browser = sign_in("review.coordinator").get(f"/reviews/{reference}")
    assert "No notification says who the person was." in browser.text
    assert "Reveal" not in browser.links
    browser.follow("Add who the person was for WES-D-2026-0001").fill("Last name", "Applethwaite").press("Save")
    assert "Who the person was is put right." in browser.soup.get_text()
    with work() as session:
        made = session.scalars(select(DeathNotification)).one()
        assert read_identity(identity_of(made).details).answers() == {"surname": "Applethwaite"}


def test_an_identity_is_put_right_without_being_shown(work, case, sign_in):
    browser = (
        sign_in("review.coordinator").get(f"/reviews/{case}").follow("Correct who the person was by WES-D-2026-0001")
    )
    assert [each for each in SECRETS if each in browser.body.decode()] == []
    browser.press("Save", status=422)
    assert browser.errors == ["Enter what is to be put right. Nothing was changed."]
    browser.fill("First name", "Samir").check("Other names", question="Take out altogether").press("Save")
    with work() as session:
        now_held = read_identity(identity_of(session.scalars(select(DeathNotification)).one()).details)
        assert (now_held.forename, now_held.other_names, now_held.surname) == ("Samir", "", "Applethwaite")
        event = session.scalars(select(AuditEvent).where(AuditEvent.verb == "correct_identity")).one()
        assert event.purpose == "First name, Other names"


def test_the_second_of_two_who_put_it_right_is_told(work, case, sign_in):
    first, second = sign_in("review.coordinator"), sign_in("review.coordinator")
    for browser in (first, second):
        browser.get("/deaths/WES-D-2026-0001/identity/correct")
    first.fill("Postcode of that address", "PL1 2AA").press("Save")
    second.fill("First name", "Samir").press("Save", status=422)
    assert "changed who this person was after you opened this page" in second.errors[0]
    assert second.table("What changed")
    assert [each for each in SECRETS if each in second.body.decode()] == []
    second.press("Save")
    with work() as session:
        held = read_identity(identity_of(session.scalars(select(DeathNotification)).one()).details)
        assert (held.forename, held.postcode) == ("Samir", "PL1 2AA")


def test_who_a_waiting_notification_names_is_revealed_to_the_coordinator_alone(work, here, case, clock, sign_in):
    with work() as session:
        waiting = reviewing.notify(session, here, "treatment.rep", now=clock.now(), identity=SAM).reference
    browser = sign_in("review.coordinator").get(f"/deaths/{waiting}").follow("Reveal")
    browser.choose("To find out whether two notifications are about one person").press("Reveal")
    assert "Applethwaite" in browser.text
    assert reveals(work) == [(here.user("review.coordinator").id, waiting, "same_person")]
    sign_in("review.chair").get(f"/deaths/{waiting}/identity", status=404)
    sign_in("treatment.rep").get(f"/deaths/{waiting}/identity", status=403)
