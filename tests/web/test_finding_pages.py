"""The pages from the panel's discussion to the end of a case: factors, signing, closing, holds, destruction, home."""

import pytest
from sqlalchemy import select

from review_app.reviews.commands.findings import AddFactor, FactorWords
from review_app.reviews.models import ContributoryFactor, ReviewCase
from review_app.reviews.rules.states import CaseState, ConflictKind
from review_app.reviews.service.factors import add_factor
from tests import factories, learned, reviewing, sittings
from tests.browser import Browser
from tests.service.test_signing import in_panel, sign, to_sign

COORDINATOR, CHAIR, DEPUTY, MEMBER = sittings.SITTERS


@pytest.fixture
def here(work, clock):
    with work() as session:
        return factories.world(session, now=clock.now()).westhaven


@pytest.fixture
def sign_in(app, here):
    """Sign a person in: `sign_in("review.chair")`."""
    return lambda key: Browser(app).sign_in(here.email(key), factories.PASSWORD)


def describe(browser: Browser, words: str) -> Browser:
    """Fill in a factor and save it."""
    browser.fill("What is the factor?", words).choose("C Place, housing and drug supply")
    browser.choose("May have contributed to vulnerability, ill health or death")
    return browser.choose("Yes", question="Could it be changed?").press("Save the factor")


def test_from_the_discussion_to_the_signature_and_back(work, here, clock, sign_in):
    with work() as session:
        case = in_panel(session, here, clock)
        reference = case.reference
    chair = sign_in(CHAIR).get(f"/reviews/{reference}").follow("Add a factor")
    chair.press("Save the factor", status=422)
    assert chair.errors[0] == "Enter what the factor is"
    describe(chair, "Used alone at home.")
    assert "Used alone at home." in chair.text
    chair.press("Start the findings", within="Nobody has signed this case off yet")
    with work() as session:
        learned.agreed_point(session, here, session.scalars(select(ReviewCase)).one(), now=clock.now())
    chair.get(f"/reviews/{reference}/accuracy").press("Record: not asked", status=422)
    assert chair.errors == ["Enter why agencies were not asked"]
    chair.fill("Why were agencies not asked to check the facts?", "Read out.").press("Record: not asked")
    chair.get(f"/reviews/{reference}/sign")
    assert "You sign version 1 of this case" in chair.text
    assert "Used alone at home." in chair.text, "who signs reads what is signed"
    chair.press("Sign off")
    assert "What you signed can never be changed" in chair.text
    assert "Everything that was signed is kept unchanged" in chair.follow("Version 1").text
    chair.get(f"/reviews/{reference}/close").press("Close")
    assert "The case is closed." in chair.text
    chair.get(f"/reviews/{reference}/reopen").press("Reopen", status=422)
    assert chair.errors == ["Select what is new", "Select where it goes on", "Enter what the new information changes"]
    chair.choose("Toxicology was received").choose("Write its findings anew")
    chair.fill("What does it change?", "A nitazene was found.").press("Reopen")
    assert "Findings being written" in chair.text
    assert "Toxicology was received. A nitazene was found." in chair.text


def test_what_was_signed_is_refused_when_it_changed_meanwhile(work, here, clock, sign_in):
    with work() as session:
        reference = to_sign(session, here, clock).reference
    chair = sign_in(CHAIR).get(f"/reviews/{reference}/sign")
    describe(sign_in(COORDINATOR).get(f"/reviews/{reference}/factors/new"), "Something new.")
    chair.press("Sign off", status=422)
    assert chair.errors == ["This case has changed since you opened this page. Read it again before you sign."]
    chair.press("Sign off")


def test_signing_says_what_is_missing_first(work, here, clock, sign_in):
    with work() as session:
        case = reviewing.make_case(session, here, now=clock.now(), state=CaseState.ACCURACY_CHECK)
        reference = case.reference
    chair = sign_in(CHAIR).get(f"/reviews/{reference}/sign")
    assert "Declare first" in chair.text
    assert "Sign off" not in chair.buttons
    chair.follow("Declare").choose("I have nothing to do with this case").press("Declare")
    assert chair.url == f"/reviews/{reference}"
    chair.get(f"/reviews/{reference}/sign")
    assert "Agree at least one learning point, or record why none was found." in chair.text
    chair.get(f"/reviews/{reference}/no-learning").fill("Why was no learning identified?", "Nothing to learn.")
    chair.press("Save").get(f"/reviews/{reference}/sign").press("Sign off")
    assert "What you signed can never be changed" in chair.text


def test_a_scribe_records_factors_beside_the_pack(work, here, clock, sign_in):
    with work() as session:
        reference = in_panel(session, here, clock).reference
    scribe = sign_in(MEMBER).get("/meetings/WES-M-2026-0001").follow("Open the pack").follow("Add a factor")
    describe(scribe, "Used alone at home.")
    assert scribe.url.startswith("/meetings/WES-M-2026-0001/cases/")
    scribe.follow("Change the factor 1").fill("What is the factor?", "Lived alone.").press("Save the factor")
    assert "Lived alone." in scribe.text
    scribe.follow("Change the factor 1").press("Take it away")
    assert "Lived alone." not in scribe.text
    assert reference in scribe.text


def test_that_no_factors_were_found_is_no_factor_but_one_recorded_so_keeps_it(work, here, clock, sign_in):
    with work() as session:
        reference = in_panel(session, here, clock).reference
    chair = sign_in(CHAIR).get(f"/reviews/{reference}/factors/new")
    assert "Information not available" in chair.text
    assert "No factors identified" not in chair.text
    with work() as session:
        said = FactorWords(domain="C", influence="none_identified", modifiable="no", words="Nothing about the place.")
        add = AddFactor(reference=reference, factor=said)
        factor = add_factor(session, here.actor(CHAIR), add, now=clock.now())
        session.flush()
        number = factor.id
    chair.get(f"/reviews/{reference}/factors/{number}").fill("What is the factor?", "The place.")
    chair.press("Save the factor")
    assert "No factors identified" in chair.text


def test_the_second_of_two_people_who_change_a_factor_keeps_what_they_typed(work, here, clock, sign_in):
    with work() as session:
        reference = in_panel(session, here, clock).reference
    first, second = sign_in(CHAIR), sign_in(COORDINATOR)
    describe(first.get(f"/reviews/{reference}/factors/new"), "Used alone at home.")
    with work() as session:
        number = session.scalars(select(ContributoryFactor)).one().id
    for browser in (first, second):
        browser.get(f"/reviews/{reference}/factors/{number}")
    first.fill("What is the factor?", "Lived alone.").press("Save the factor")
    second.fill("What is the factor?", "Had nobody near.").press("Save the factor", status=422)
    (row,) = second.table("What changed")[1:]
    assert "Had nobody near." in row[1]
    assert "Lived alone." in row[2]
    second.press("Save the factor")
    assert "Had nobody near." in second.text


def test_a_hold_is_raised_and_ended_on_its_pages(work, here, clock, sign_in):
    with work() as session:
        case = reviewing.make_case(session, here, now=clock.now(), state=CaseState.SELECTED)
        reference = case.reference
    coordinator = sign_in(COORDINATOR).get(f"/reviews/{reference}/flags/new").press("Raise it", status=422)
    assert coordinator.errors == ["Select a hold or warning", "Enter why"]
    coordinator.choose("Inquest open").fill("Why?", "It opened on Monday.").press("Raise it")
    assert "It opened on Monday." in coordinator.text
    coordinator.follow("End Inquest open").fill("Why can it be taken away?", "It concluded.").press("End it")
    assert "It concluded." in coordinator.text
    coordinator.get(f"/reviews/{reference}/flags/inquest_open/end", status=404)


def test_a_case_is_destroyed_by_two_people_and_leaves_its_certificate(work, here, clock, sign_in):
    with work() as session:
        reference = reviewing.make_case(session, here, now=clock.now(), state=CaseState.CLOSED).reference
    clock.advance(days=11 * 366)
    coordinator = sign_in(COORDINATOR).get("/reviews").follow("Due for review").follow(reference)
    coordinator.press("Propose", status=422)
    assert coordinator.errors == ["Enter under which authority it is destroyed"]
    coordinator.fill("Under which authority?", "Schedule 4.2").press("Propose")
    assert "The information governance lead decides." in coordinator.text
    coordinator.get("/reviews/destructions").follow(reference)
    assert "It waits for the information governance lead" in coordinator.text
    assert "Destroy this case" not in coordinator.text
    lead = sign_in("ig").get("/home")
    assert "It is proposed that this case be destroyed" in lead.text
    lead.follow(f"Decide : Case {reference}")
    assert "Nothing of this case can be read again afterwards" in lead.text
    lead.press("Keep it", status=422)
    assert lead.errors == ["Enter why the case is kept."]
    lead.post(lead.url, status=422)
    assert "Press one of the two buttons" in lead.errors
    lead.get(f"/reviews/destructions/{reference}").press("Destroy this case")
    for browser in (lead, coordinator.get(f"/reviews/{reference}")):
        for words in ("Certificate of destruction", "Schedule 4.2", "Review Coordinator Example", "Ig Example"):
            assert words in browser.text
        assert "Not yet; this happens within a minute" not in browser.text
    assert "Destroyed" in lead.get("/reviews/destructions").text
    coordinator.get(f"/reviews/{reference}/destruction", status=404)


def test_home_tells_each_person_their_next_step(work, here, clock, sign_in):
    with work() as session:
        case = reviewing.make_case(session, here, now=clock.now(), state=CaseState.INFO_READY)
        meeting = sittings.plan_meeting(session, here, now=clock.now(), cases=[case])
        clock.advance(hours=1)
        waiting = to_sign(session, here, clock, review_chair=ConflictKind.LINE_MANAGES)
        reference, ready = meeting.reference, waiting.reference
    assert "Accept the confidentiality statement" in sign_in(MEMBER).get("/home").text
    sign_in(MEMBER).get(f"/meetings/{reference}").press("Accept")
    member = sign_in(MEMBER).get("/home")
    assert "Say whether you have an interest in a case on its agenda" in member.text
    assert "4 people have still to declare" in sign_in(COORDINATOR).get("/home").text
    deputy = sign_in(DEPUTY).get("/home")
    assert f"Read and sign : Case {ready}" in deputy.links
    assert ready not in sign_in(CHAIR).get("/home").body.decode()
    with work() as session:
        sign(session, here, clock, session.scalars(select(ReviewCase).filter_by(reference=ready)).one(), DEPUTY)
    assert ready not in sign_in(DEPUTY).get("/home").body.decode()
