"""The pages by which an administrator keeps accounts and roles."""

import pytest

from review_app.policy import Role
from tests import factories
from tests.browser import Browser


@pytest.fixture
def here(work, clock):
    with work() as session:
        return factories.world(session, now=clock.now()).westhaven


@pytest.fixture
def page(app, here):
    return Browser(app).sign_in(here.email("admin"), factories.PASSWORD)


def role_of(work, here, key, role):
    with work() as session:
        held = session.merge(here.user(key)).assignments
        return next(each.id for each in held if each.role is role)


def test_ending_a_role_is_confirmed_and_says_which(page, here, work):
    nurse = here.user("nurse")
    page.get(f"/people/{nurse.id}").follow("End this role")
    assert page.heading == "End this role"
    assert nurse.name in page.text
    assert "will have no coordinator" not in page.text
    page.press("End this role now")
    assert "The role has ended." in page.text
    assert "End this role" not in page.links


def test_ending_the_last_coordinator_s_role_warns_before_it_is_done(page, here, work):
    only = here.user("review.coordinator")
    assignment = role_of(work, here, "review.coordinator", Role.COORDINATOR)
    page.get(f"/people/{only.id}/roles/{assignment}/end")
    assert f"{here.review_panel.name} will have no coordinator" in page.text
    assert "notifications of deaths" in page.text
    page.get(f"/people/{only.id}").follow("End all access here")
    assert f"{here.review_panel.name} will have no coordinator" in page.text
    page.press("End all access now")
    assert "Their access here has ended on every device." in page.text


def test_one_of_two_coordinators_can_go_without_a_warning(page, here, work):
    assignment = role_of(work, here, "coordinator", Role.COORDINATOR)
    page.get(f"/people/{here.user('coordinator').id}/roles/{assignment}/end")
    assert "will have no coordinator" not in page.text


def test_the_role_of_somebody_else_is_not_there(page, here, work):
    assignment = role_of(work, here, "coordinator", Role.COORDINATOR)
    page.get(f"/people/{here.user('nurse').id}/roles/{assignment}/end", status=404)


def test_a_role_asks_for_the_panel_and_the_agency_it_is_held_on(page, here):
    page.get(f"/people/{here.user('nurse').id}/roles")
    page.press("Give this role", status=422)
    assert page.errors == ["Select a role"]
    page.choose("Panel member").press("Give this role", status=422)
    assert page.errors == [
        "Select the panel on which this role is held", "Select the agency for which this role is held"
    ]  # fmt: skip
    page.choose("Agency representative").press("Give this role", status=422)
    assert page.errors == ["Select the agency for which this role is held"]
    page.choose("Panel member").fill("Panel", here.alert_panel.name).fill("Agency", here.agencies["hospital"].name)
    page.check("This person is a clinician").press("Give this role")
    assert "The role is given and works at once." in page.text
    assert [row[0] for row in page.table("Roles")[1:]] == ["Role Panel member", "Role Agency staff"]
