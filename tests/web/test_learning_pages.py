"""The pages of learning, as each person meets them."""

import pytest
from sqlalchemy import select

from review_app.learning.models import Action, LearningPoint, Recommendation
from review_app.learning.rules.states import ActionState, PointState, RecommendationState
from review_app.links.models import EvidenceLink, Relation
from review_app.reviews.rules.states import CaseState
from tests import factories, reviewing
from tests.browser import Browser

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
    page.press("Accept")

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
    page.choose("No, it has not come up again").fill("What did the check find?", "Nobody was missed.")
    page.press("Record the impact").press("Close this action")
    with work() as session:
        assert session.scalars(select(LearningPoint)).one().state is PointState.AGREED
        assert session.scalars(select(Recommendation)).one().state is RecommendationState.ACCEPTED
        assert session.scalars(select(Action)).one().state is ActionState.CLOSED
        links = session.scalars(select(EvidenceLink.relation).order_by(EvidenceLink.id)).all()
        assert links == [Relation.GAVE_LEARNING, Relation.LED_TO, Relation.CARRIED_OUT_BY]
