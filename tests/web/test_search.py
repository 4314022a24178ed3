"""The search box on the page: it leads to what it finds, and what is typed stands in no address."""

import pytest

from tests import factories
from tests.browser import Browser


@pytest.fixture
def here(work, clock):
    with work() as session:
        return factories.world(session, now=clock.now()).westhaven


@pytest.fixture
def chair(app, here):
    return Browser(app).sign_in(here.email("chair"), factories.PASSWORD)


def test_the_box_on_every_page_leads_to_what_it_finds_and_nothing_typed_stands_in_an_address(work, here, clock, chair):
    with work() as session:
        for number in range(11):
            factories.make_signal(session, here, now=clock.advance(minutes=1), title=f"Zebra {number:02}")
        factories.make_submission(session, here, now=clock.now(), sold_as="zebra tablets")
    chair.get("/alerts").fill("Search by reference or words", "zebra").press("Search")
    assert chair.url.startswith("/search?search=")
    assert "zebra" not in chair.url
    assert [" ".join(each.get_text().split()) for each in chair.soup.select("main h2")] == [
        "Reports (1)",
        "Signals (11)",
    ]
    assert "The newest 10 are shown, and 1 more were found." in chair.text
    chair.fill("Reference or words", "zebra 07").press("Search")
    assert chair.links[0].startswith("WES-S-")
    chair.follow(chair.links[0])
    assert chair.heading == "Zebra 07"


def test_too_little_is_refused_beside_the_field_and_what_is_not_there_is_said_kindly(chair):
    chair.get("/home").fill("Search by reference or words", "z").press("Search", status=422)
    assert chair.errors == ["Enter at least 2 characters"]
    assert chair.soup.select_one("#words")["value"] == "z"
    chair.fill("Reference or words", "zz").press("Search")
    assert "Nothing was found" in chair.text
    assert "Search every kind of record" in chair.get("/search").text


def test_nobody_who_is_not_signed_in_has_the_box(app):
    assert Browser(app).get("/").soup.find(role="search") is None
    assert Browser(app).get("/search").url.startswith("/sign-in")
