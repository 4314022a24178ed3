"""Pruning months of the audit through its pages, as two information governance leads do it."""

from datetime import datetime

import pytest

from review_app.policy import Role
from tests import factories
from tests.auditing import add_events, close
from tests.browser import Browser


@pytest.fixture
def here(work, clock):
    """A world made now, with events of November 2019 that are past their time."""
    now = clock.now()
    clock.set(datetime.fromisoformat("2019-11-11T10:00:00+00:00"))
    with work() as session:
        place = factories.world(session, now=now).westhaven
        second = factories.make_user(session, "ig2@westhaven.example", "Second Lead", now=now)
        factories.give_role(session, place, second, Role.IG_LEAD, now=now)
    add_events(work, clock, 3, partnership_id=place.partnership.id)
    clock.set(now)
    add_events(work, clock, 1, partnership_id=place.partnership.id)
    close(work, clock)
    return place


@pytest.fixture
def sign_in(app, here):
    return lambda email: Browser(app).sign_in(email, factories.PASSWORD)


def test_one_lead_proposes_and_the_other_reads_what_goes_and_approves(work, here, sign_in):
    first = sign_in(here.email("ig")).get("/audit").follow("Months of the audit")
    assert [row[0] for row in first.table()[1:]] == ["Month November 2019"]
    assert "May be pruned" in first.text
    assert "more than 6 years old" in first.text
    first.fill("Everything up to and including", "November 2019").press("Propose to prune")
    assert first.heading == "Prune the audit up to November 2019"
    assert "You proposed this, so someone else must approve it." in first.text
    assert first.buttons == ["Withdraw the proposal"]
    assert "Months of the audit" not in first.get("/home").text
    second = sign_in("ig2@westhaven.example")
    assert "Months of the audit up to 2019-11" in second.text
    second.follow("Read and decide : Months of the audit up to 2019-11")
    assert "3 events of 1 month" in second.text
    assert "They cannot be brought back." in second.text
    second.press("Approve, and prune 3 events for good")
    assert "Carried out" in second.text
    assert "Approved by Second Lead for Westhaven" in second.text
    assert second.buttons == []
    second.get("/audit/months")
    assert "Pruned" in second.text
    assert "No month may be pruned yet." in second.text
    assert "Prune" in second.get("/audit").text


def test_one_lead_alone_gets_nowhere_also_by_a_request_of_their_own_making(here, sign_in):
    page = sign_in(here.email("ig")).get("/audit/months")
    page.fill("Everything up to and including", "November 2019").press("Propose to prune")
    token = page.soup.find(attrs={"name": "csrf_token"})["value"]
    page.post(page.url, {"csrf_token": token}, status=422)
    assert page.errors == ["You proposed this, so someone else must approve it. Nothing was pruned."]
    page.press("Withdraw the proposal")
    assert "The proposal is withdrawn. Nothing was pruned." in page.text
    assert "May be pruned" in page.text


def test_the_months_are_for_information_governance_leads_alone(here, sign_in):
    for key in ("admin", "lead", "coordinator", "sro"):
        page = sign_in(here.email(key))
        page.get("/audit/months", status=403)
        page.get("/audit/prunings/1", status=403)
    assert "Months of the audit" not in sign_in(here.email("admin")).get("/audit").links
    sign_in(here.email("ig")).get("/audit/prunings/1", status=404)
