"""The pages of learning, as each person meets them."""

import pytest
from sqlalchemy import func, select

from review_app.audit.models import AuditEvent
from review_app.forgery import STALE_PAGE
from review_app.learning.models import Action, LearningPoint, Recommendation
from review_app.learning.rules.states import ActionState, PointState, Polarity, RecommendationState
from review_app.links.models import EvidenceLink, Relation
from review_app.reviews.rules.states import CaseState
from tests import factories, learned, reviewing
from tests.browser import Browser

LOOK_AGAIN = "If it is too soon to say, when is it looked at again?"
STATEMENT = "A zebra crossed every Tuesday and nobody wrote it down."


@pytest.fixture
def here(work, clock):
    with work() as session:
        return factories.world(session, now=clock.now()).westhaven


@pytest.fixture
def sign_in(app, here):
    """Sign a person in: `sign_in("chair")`."""
    return lambda key: Browser(app).sign_in(here.email(key), factories.PASSWORD)


@pytest.fixture
def case(work, here, clock):
    with work() as session:
        return reviewing.make_case(session, here, now=clock.now(), state=CaseState.IN_PANEL)


def test_from_a_case_to_a_closed_action_by_the_people_who_do_it(work, here, clock, sign_in, case):
    page = sign_in("review.coordinator").get(f"/reviews/{case.reference}")
    page.follow("Add learning point")
    page.choose("Good practice").fill("What was learned?", STATEMENT)
    page.check("1. Joint working and information sharing").check("8. Record keeping")
    page.fill("How may this be told? (optional)", "Write down who came, every week.")
    page.press("Add learning point")
    assert STATEMENT in page.text
    point = "WES-LP-2026-0001"

    page = sign_in("review.chair").get(f"/reviews/{case.reference}").press(f"Agree {point}")
    assert "is agreed" in page.text
    page.follow(f"Approve wording of {point}").press("Approve wording")
    assert "May be told: Write down who came, every week." in page.text

    page = sign_in("review.coordinator").get(f"/reviews/{case.reference}").follow("Draft a recommendation")
    page.check(f"{point}: {STATEMENT}").fill("What is recommended?", "Keep one list of who comes.").choose("Service")
    page.fill("Which agency owns it?", "Westhaven Housing")
    page.fill("What effect is expected?", "Nobody is missed.").fill("How will it be monitored?", "Each quarter.")
    page.press("Save the draft").press("Propose to the partnership")
    recommendation = "WES-REC-2026-0001"

    page = sign_in("sro").get(f"/recommendations/{recommendation}")
    assert case.reference not in page.text
    assert STATEMENT not in page.text
    assert "Write down who came, every week." in page.text
    page.follow("Accept").press("Accept", status=422)
    assert page.errors == ["Enter why it is accepted"]
    page.fill("Why is it accepted?", "The board agreed to pay for it.").press("Accept")
    assert "The board agreed to pay for it." in page.text

    page = sign_in("review.coordinator").get(f"/recommendations/{recommendation}").follow("Add an action")
    page.fill("What is to be done?", "Make the list.").fill("Which agency is to do it?", "Westhaven Housing")
    page.fill_parts("By when?", Day="1", Month="2", Year="2027").choose(
        "Strong: changes a system, a default or surroundings"
    )
    page.press("Propose this action to its owner")
    action = "WES-ACT-2026-0001"

    page = sign_in("housing.rep").get(f"/actions/{action}").press("Accept").press("Start")
    page.follow("Mark done with evidence").fill("What shows that it is done?", "The list is kept.")
    page.press("Mark done with evidence")
    assert case.reference not in page.text

    page = sign_in("review.coordinator").get(f"/actions/{action}").follow("Record the impact")
    page.choose("It is too soon to say").fill("What did the check find?", "A week has gone by.")
    page.press("Record the impact", status=422)
    assert page.errors == ["Enter the day on which it is looked at again"]
    page.fill_parts(LOOK_AGAIN, Day="1", Month="6", Year="2027").press("Record the impact")
    assert "To be looked at again on 1 June 2027." in page.text
    page.follow("Send back to its owner").fill("What is still needed?", "The night shelter has no list.")
    page.fill_parts("By when is it due now?", Day="1", Month="3", Year="2027").press("Send back to its owner")
    assert "In progress" in page.text

    page = sign_in("housing.rep").get(f"/actions/{action}").follow("Mark done with evidence")
    page.fill("What shows that it is done?", "The night shelter keeps it too.").press("Mark done with evidence")
    page = sign_in("review.coordinator").get(f"/actions/{action}").follow("Record the impact")
    page.choose("No, it has not come up again").fill("What did the check find?", "Nobody was missed.")
    page.press("Record the impact").press("Close this action")
    with work() as session:
        assert session.scalars(select(LearningPoint)).one().state is PointState.AGREED
        assert session.scalars(select(Recommendation)).one().state is RecommendationState.ACCEPTED
        assert session.scalars(select(Action)).one().state is ActionState.CLOSED
        links = session.scalars(select(EvidenceLink.relation).order_by(EvidenceLink.id)).all()
        assert links == [Relation.GAVE_LEARNING, Relation.LED_TO, Relation.CARRIED_OUT_BY]


def token_of(page):
    """Give the token by which a page proves that its posts are its own."""
    return page.soup.select_one("input[name=csrf_token]")["value"]


def drawn(session, here, case, *, now, state=RecommendationState.ACCEPTED):
    """Draw a recommendation from a told point of a case."""
    point = learned.told_point(session, here, case, now=now)
    return point, learned.make_recommendation(session, here, [point], now=now, state=state)


def test_a_form_that_is_not_complete_says_so_and_keeps_what_was_typed(sign_in, case):
    page = sign_in("review.coordinator").get(f"/reviews/{case.reference}/learning/new")
    page.choose("Area for learning").fill("What was learned?", STATEMENT)
    page.press("Add learning point", status=422)
    assert page.errors == ["Select at least one theme"]
    assert STATEMENT in str(page.soup)
    for theme in ("1. Joint working and information sharing", "8. Record keeping", "22. Housing and evictions"):
        page.check(theme)
    page.check("30. Equality").press("Add learning point", status=422)
    assert page.errors == ["Select at most 3 themes"]


def test_a_page_that_was_open_too_long_keeps_what_was_typed_and_who_looked(work, here, clock, sign_in, case):
    with work() as session:
        point = learned.agreed_point(session, here, case, now=clock.now(), wording="Write down who came.").reference
        draft = learned.make_point(session, here, case, now=clock.now(), statement="Another one.").reference
    page = sign_in("review.coordinator")
    for address, label in (
        (f"/reviews/{case.reference}/learning/new", "What was learned?"),
        (f"/reviews/{case.reference}/learning/{draft}/edit", "What was learned?"),
        (f"/reviews/{case.reference}/learning/{point}/wording", "How may this be told?"),
        (f"/recommendations/new/{case.reference}", "What is recommended?"),
    ):
        page.get(address).fill(label, STATEMENT)
        page.soup.select_one("main input[name=csrf_token]")["value"] = "old"
        page.press(page.buttons[0], status=422)
        assert page.errors[0] == STALE_PAGE, address
        assert STATEMENT in str(page.soup), address
    with work() as session:
        looks = select(func.count()).where(AuditEvent.section == "learning", AuditEvent.action == "view")
        assert session.scalar(looks) == 8


def test_two_people_who_change_a_draft_are_shown_both_and_can_go_on(work, here, clock, sign_in, case):
    with work() as session:
        point = learned.make_point(session, here, case, now=clock.now()).reference
    address = f"/reviews/{case.reference}/learning/{point}/edit"
    mine, theirs = sign_in("review.coordinator").get(address), sign_in("review.chair").get(address)
    theirs.fill("What was learned?", "They met every day.").press("Save the learning point")
    mine.fill("What was learned?", "They never met.").press("Save the learning point", status=422)
    changed = mine.table("What changed")[1]
    assert changed[1].endswith("They never met.")
    assert changed[2].endswith("They met every day.")
    mine.press("Save the learning point")
    assert "They never met." in mine.text


def test_good_practice_and_areas_for_learning_stand_side_by_side(work, here, clock, sign_in, case):
    with work() as session:
        for polarity in Polarity:
            learned.make_point(
                session, here, case, now=clock.now(), statement=f"Kind {polarity.value}.", polarity=polarity
            )
    page = sign_in("review.chair").get(f"/reviews/{case.reference}")
    headings = [each.get_text(" ", strip=True) for each in page.soup.select("#learning h3")]
    assert headings == ["Good practice (1)", "Areas for learning (1)", "Observations (1)"]
    assert all(f"Kind {polarity.value}." in page.text for polarity in Polarity)


def test_the_pages_of_learning_say_who_opened_them(work, here, clock, sign_in, case):
    with work() as session:
        point = learned.make_point(session, here, case, now=clock.now()).reference
    page = sign_in("review.chair")
    for path in ("", "/new", f"/{point}/edit", f"/{point}/wording", f"/{point}/approve", f"/{point}/withdraw"):
        page.get(f"/reviews/{case.reference}/learning{path}")
    with work() as session:
        seen = select(AuditEvent).where(AuditEvent.action == "view", AuditEvent.section == "learning")
        events = session.scalars(seen).all()
        assert {event.object_reference for event in events} == {case.reference}
        assert len(events) == 6


def test_who_may_not_know_of_a_case_finds_no_learning_of_it(work, here, clock, sign_in, case):
    with work() as session:
        point = learned.agreed_point(session, here, case, now=clock.now(), wording="Meet every week.").reference
    for who in ("sro", "housing.rep", "review.member", "coordinator", "admin"):
        page = sign_in(who)
        for path in ("", "/new", f"/{point}/edit", f"/{point}/approve"):
            page.get(f"/reviews/{case.reference}/learning{path}", status=404)
    for who in ("dph", "ig"):
        sign_in(who).get(f"/reviews/{case.reference}/learning", status=403)


def test_a_wording_that_may_identify_someone_cannot_be_approved_on_its_page(work, here, clock, sign_in, case):
    with work() as session:
        point = learned.agreed_point(
            session, here, case, now=clock.now(), wording="Nobody rang 07700 900123."
        ).reference
    page = sign_in("review.chair").get(f"/reviews/{case.reference}/learning/{point}/approve")
    assert "“07700 900123”" in page.text
    assert "Approve wording" not in page.buttons
    page.follow("Change the wording").fill("How may this be told?", "Ring back the same day.").press("Save the wording")
    page = sign_in("review.deputy").get(f"/reviews/{case.reference}/learning/{point}/approve")
    page.press("Approve wording")
    assert (
        "Ring back the same day."
        in sign_in("board").get("/learning").follow("1. Joint working and information sharing").text
    )


def test_a_recommendation_is_declined_with_a_reason_or_not_at_all(work, here, clock, sign_in, case):
    with work() as session:
        reference = drawn(session, here, case, now=clock.now(), state=RecommendationState.PROPOSED)[1].reference
    page = sign_in("dph").get(f"/recommendations/{reference}").follow("Decline with a reason")
    page.press("Decline with a reason", status=422)
    assert page.errors == ["Enter why it is declined"]
    page.fill("Why is it declined?", "It is under way already.").press("Decline with a reason")
    assert "Declined on 9 November 2026 by Dph Example." in page.text
    page.post(f"/recommendations/{reference}/accept", {"csrf_token": token_of(page), "reason": "Yes."}, status=422)
    assert "it has moved on since you opened the page" in page.errors[0]


def test_the_register_is_filtered_by_its_address_and_given_as_a_file(work, here, clock, sign_in, case):
    with work() as session:
        found = drawn(session, here, case, now=clock.now())[1]
        learned.make_action(session, here, found, now=clock.now(), due_on=clock.now().date())
        learned.make_action(session, here, found, now=clock.now(), owner="treatment", words="=cmd()")
    clock.advance(days=1)
    page = sign_in("sro").get("/actions")
    assert [row[0].split()[1] for row in page.table("Actions")[1:]] == ["WES-ACT-2026-0001", "WES-ACT-2026-0002"]
    assert "Overdue" in page.table("Actions")[1][2]
    page.get(f"/actions?overdue=y&owner={here.agencies['treatment'].id}")
    assert "No actions match" in page.text
    page.get(f"/actions?owner={here.agencies['treatment'].id}&state=proposed").follow("Download these actions (CSV)")
    lines = page.body.decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert lines[1].startswith("WES-ACT-2026-0002,'=cmd(),Westhaven Treatment,Proposed,Strong,2027-01-08,No,No,No,")
    own = sign_in("treatment.rep").get("/actions.csv").body.decode("utf-8-sig")
    assert "WES-ACT-2026-0001" not in own


def test_the_coordinator_is_told_that_what_they_do_is_for_the_owner(work, here, clock, sign_in, case):
    with work() as session:
        found = drawn(session, here, case, now=clock.now())[1]
        action = learned.make_action(session, here, found, now=clock.now()).reference
    page = sign_in("review.coordinator").get(f"/actions/{action}")
    assert "You act on behalf of the owner" in page.text
    page.press("Accept on the owner’s behalf")
    assert "Accepted, on the owner’s behalf" in page.text
    page.follow("Mark as blocked")
    assert "You do this on behalf of Westhaven Housing, and it is recorded so." in page.text
    page.fill("What stands in the way?", "No room to meet in.").press("Mark as blocked")
    page.press("It can go on again").follow("Move to the partnership’s log")
    page.fill("Why does it move to the partnership’s log?", "It will take years.").press(
        "Move to the partnership’s log"
    )
    page.follow("Change the day it is due").fill_parts("By when is it due now?", Day="1", Month="6", Year="2027")
    page.fill("Why does the day change?", "The room is ready in May.").press("Change the day")
    assert "Due on another day: 1 June 2027 instead of 8 January 2027" in page.text


def test_a_representative_may_not_do_what_the_coordinator_does_nor_see_others(work, here, clock, sign_in, case):
    with work() as session:
        found = drawn(session, here, case, now=clock.now())[1]
        action = learned.make_action(session, here, found, now=clock.now()).reference
    mine, theirs = sign_in("housing.rep"), sign_in("treatment.rep")
    for step in ("due", "transfer", "impact"):
        mine.get(f"/actions/{action}/{step}", status=403)
        theirs.get(f"/actions/{action}/{step}", status=404)
    assert "Actions for" not in mine.get(f"/actions/{action}").text
    theirs.get(f"/actions/{action}", status=404)
    theirs.get(f"/recommendations/{found.reference}", status=404)
    assert "No actions yet" in theirs.get("/actions").text


def test_pressing_twice_does_it_once(work, here, clock, sign_in, case):
    with work() as session:
        found = drawn(session, here, case, now=clock.now())[1]
        action = learned.make_action(session, here, found, now=clock.now()).reference
    page = sign_in("housing.rep").get(f"/actions/{action}")
    token = token_of(page)
    page.post(f"/actions/{action}/accept", {"csrf_token": token}, status=200)
    page.post(f"/actions/{action}/accept", {"csrf_token": token}, status=409)
    assert "by your own first press" in page.text
    with work() as session:
        assert len(session.scalars(select(Action)).one().steps) == 1


def test_the_home_page_says_what_waits_for_whom(work, here, clock, sign_in, case):
    with work() as session:
        draft = learned.make_point(session, here, case, now=clock.now(), statement="A draft.")
        worded = learned.agreed_point(session, here, case, now=clock.now(), wording="Meet every week.")
        point, accepted = drawn(session, here, case, now=clock.now())
        proposed = learned.make_recommendation(
            session, here, [point], now=clock.now(), state=RecommendationState.PROPOSED, words="Other."
        )
        late = learned.make_action(
            session, here, accepted, now=clock.now(), due_on=clock.now().date(), state=ActionState.IN_PROGRESS
        )
        soon = learned.make_action(session, here, accepted, now=clock.now(), words="Soon.")
        checked = learned.make_action(session, here, accepted, now=clock.now(), words="Done.", state=ActionState.DONE)
        assert draft.reference != worded.reference
    clock.advance(days=1)

    page = sign_in("review.chair").get("/home")
    assert "1 learning point waits to be agreed" in page.text
    assert "1 wording waits to be approved" in page.text
    page = sign_in("review.coordinator").get("/home")
    assert f"Action {checked.reference}" in page.text
    assert "1 learning point is in draft" in page.text
    for who in ("sro", "dph"):
        page = sign_in(who).get("/home")
        assert f"Recommendation {proposed.reference}" in page.text
        assert case.reference not in page.text
    page = sign_in("housing.rep").get("/home")
    assert page.text.index(late.reference) < page.text.index(soon.reference)
    assert "Overdue by" in page.text
    assert late.reference not in sign_in("treatment.rep").get("/home").text
