"""The chronology of a case on its pages: merged, narrowed, read by reason, and kept by the coordinator."""

import pytest
from sqlalchemy import select

from review_app.audit.models import AuditEvent
from review_app.reviews.commands.requests import CorrectReturn
from review_app.reviews.models import InformationRequest, ReviewCase
from review_app.reviews.rules.states import CaseState
from review_app.reviews.service.returns import correct_return
from tests import factories, reviewing
from tests.browser import Browser

THIRD = "Does it say anything about a living person other than staff doing their work?"


@pytest.fixture
def here(work, clock):
    with work() as session:
        return factories.world(session, now=clock.now()).westhaven


@pytest.fixture
def sign_in(app, here):
    """Sign a person in: `sign_in("review.chair")`."""
    return lambda key: Browser(app).sign_in(here.email(key), factories.PASSWORD)


@pytest.fixture
def case(work, here, clock):
    """A case of somebody who died on 5 November, with what two agencies told."""
    with work() as session:
        case = reviewing.make_case(session, here, now=clock.now(), state=CaseState.SELECTED)
        housing, treatment = reviewing.ask(session, here, case, "housing", "treatment", now=clock.now())
        events = [
            reviewing.an_event("a", "8 October 2026", kind="non_fatal_overdose", what="Woke after naloxone."),
            reviewing.an_event("b", "20 October 2026", section="police", kind="custody", what="Seen by officers."),
            reviewing.an_event("c", "1 November 2026", what="A visit.", third_party=True),
        ]
        reviewing.answer(session, here, housing, now=clock.now(), events=events)
        told = [reviewing.an_event("a", "about 7 October 2026", kind="non_fatal_overdose", what="A call.")]
        reviewing.answer(session, here, treatment, now=clock.now(), events=told)
        return case


def whens(page: Browser) -> list[str]:
    return [row[0].removeprefix("When ") for row in page.table("Chronology")[1:]]


def add(page: Browser, *, when: str = "3 November 2026", what: str = "Rang the clinic.") -> Browser:
    page.fill("When did it happen?", when).fill("What kind of event was it?", "Contact").fill("What happened?", what)
    page.choose("Exact").choose("Neither").choose("No", question=THIRD)
    return page.press("Add to the chronology")


def test_what_agencies_told_is_merged_with_days_and_risks_and_on_the_cases_page_too(case, sign_in):
    page = sign_in("review.coordinator").get(f"/reviews/{case.reference}").follow("Open the chronology")
    assert whens(page) == ["About 7 October 2026", "8 October 2026", "20 October 2026", "1 November 2026"]
    assert "Day of the death: 5 November 2026." in page.text
    assert "Since the last overdose: 26 to 28 days" in page.text
    assert "Within 28 days after an overdose that the person survived" in page.text
    visit = page.table("Chronology")[4]
    assert "Since the last overdose: 22 to 24 days" in visit[3]
    assert visit[4] == "Before the death 4 days before"
    assert "Told by more than one source" in page.table("Chronology")[1][2]
    assert "About a living person" in visit[2]
    assert "A visit." not in page.text
    assert page.table("Contacts by source")[1][:2] == ["Source Westhaven Housing", "Contacts 1"]


def test_filters_narrow_by_source_and_kind(case, sign_in):
    page = sign_in("review.coordinator").get(f"/reviews/{case.reference}/chronology")
    page.fill("From", "Westhaven Treatment").press("Apply filters")
    assert whens(page) == ["About 7 October 2026"]
    page.get(f"/reviews/{case.reference}/chronology").fill("Kind", "Contact").press("Apply filters")
    assert whens(page) == ["1 November 2026"]
    page.fill("From", "Westhaven Treatment").press("Apply filters")
    assert "No entries match" in page.text
    page.get(f"/reviews/{case.reference}/chronology?source=x&kind=nothing")
    assert len(whens(page)) == 4


def test_a_chair_reads_police_entries_only_by_reason_and_cannot_write(work, case, sign_in):
    page = sign_in("review.chair").get(f"/reviews/{case.reference}/chronology")
    assert "Seen by officers." not in page.text
    assert "1 entry is police or safeguarding information, not shown and not counted." in page.text
    assert "Add an event" not in page.links
    page.follow("Read what is not shown, with a reason").choose("For a safeguarding duty").press("Show it")
    assert "Seen by officers." in page.text
    with work() as session:
        rows = session.scalars(select(AuditEvent).where(AuditEvent.object_reference == case.reference))
        told = [(each.action.value, each.section, each.purpose) for each in rows]
        assert ("view", "chronology", "") in told
        assert ("reveal", "restricted", "safeguarding_duty") in told
    page.get(f"/reviews/{case.reference}/chronology/add", status=403)


def test_the_coordinator_adds_corrects_and_takes_out(case, sign_in):
    page = sign_in("review.coordinator").get(f"/reviews/{case.reference}/chronology").follow("Add an event")
    page.press("Add to the chronology", status=422)
    assert page.errors[0] == "Enter when it happened, or “not known”"
    page.fill("When did it happen?", "the third").fill("What happened?", "Rang.")
    page.press("Add to the chronology", status=422)
    assert "the third" in str(page.soup)
    page.fill("Which agency told you? (optional)", "Westhaven Hospital")
    add(page)
    assert "Westhaven Hospital, told to the coordinator" in page.text
    page.follow("Correct the event of 3 November 2026")
    page.fill("What happened?", "Rang the ward.").fill("Why is it corrected?", "Misheard.").press("Save the correction")
    assert "Rang the ward." in page.text
    page.follow("Correct the event of 3 November 2026")
    assert "Rang the clinic." in page.text
    assert "Misheard." in page.text
    page.get(f"/reviews/{case.reference}/chronology").follow("Take out the event of 3 November 2026")
    page.press("Take it out", status=422)
    assert page.errors == ["Enter why it is taken out"]
    page.fill("Why is it taken out?", "Another person.").press("Take it out")
    assert "Rang the ward." not in page.text


def test_the_second_of_two_who_correct_is_told_and_shown_the_difference(case, sign_in):
    first = add(sign_in("review.coordinator").get(f"/reviews/{case.reference}/chronology/add"))
    second = sign_in("review.coordinator").get(f"/reviews/{case.reference}/chronology")
    for page in (first, second):
        page.follow("Correct the event of 3 November 2026").fill("Why is it corrected?", "Rang again.")
    first.fill("What happened?", "Rang the ward.").press("Save the correction")
    second.fill("What happened?", "Rang the hostel.").press("Save the correction", status=422)
    assert second.table("What changed")[1] == [
        "Part What happened", "What you typed Rang the hostel.", "What is saved now Rang the ward.",
    ]  # fmt: skip
    second.press("Save the correction")
    assert "Rang the hostel." in second.text


def test_a_case_without_entries_says_what_would_be_there(work, here, clock, sign_in):
    with work() as session:
        case = reviewing.make_case(session, here, now=clock.now(), state=CaseState.SELECTED)
    page = sign_in("review.coordinator").get(f"/reviews/{case.reference}/chronology")
    assert "Events come with the agencies’ returns. The coordinator can add others." in page.text


def test_a_version_that_comes_after_the_sign_off_is_marked(work, here, case, clock, sign_in):
    with work() as session:
        held = session.get_one(ReviewCase, case.id)
        held.state, held.signed_at = CaseState.SIGNED_OFF, clock.now()
        request = session.scalars(select(InformationRequest).order_by(InformationRequest.id)).first()
        command = CorrectReturn(reference=request.reference)
        correct_return(session, here.actor("housing.rep"), command, now=clock.advance(days=1))
        reviewing.send(session, here.actor("housing.rep"), request.reference, now=clock.now())
        assert held.state is CaseState.SIGNED_OFF
    page = sign_in("review.chair").get(f"/reviews/{case.reference}")
    assert "After the sign-off" in page.table("Requests to agencies")[1][3]
    page.get(f"/reviews/{case.reference}/requests/{request.reference}")
    assert "The newest version came after the case was signed off." in page.text
