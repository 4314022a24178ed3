"""Numbers in an address that no database can count to are an address that is not there, never a failure."""

import pytest

from tests import factories
from tests.browser import Browser

ENDLESS = "9" * 24


@pytest.fixture
def here(work, clock):
    with work() as session:
        return factories.world(session, now=clock.now()).westhaven


@pytest.mark.parametrize(
    ("key", "address"),
    [
        ("admin", "/people/{}"),
        ("admin", "/people/{}/roles"),
        ("admin", "/settings/places/{}"),
        ("admin", "/settings/agencies/{}"),
        ("housing.rep", "/corroborate/asked/ask-{}"),
    ],
)
def test_a_record_number_too_long_to_count_to_is_not_there(app, here, key, address):
    Browser(app).sign_in(here.email(key), factories.PASSWORD).get(address.format(ENDLESS), status=404)


@pytest.mark.parametrize("number", ["-1", "0", "abc", ENDLESS])
def test_a_page_number_that_makes_no_sense_still_gives_a_page(app, here, number):
    for key, addresses in {
        "coordinator": ("/reports", "/signals", "/alerts", "/my-reports"),
        "analyst": ("/reports/deidentified",),
        "admin": ("/people",),
        "ig": ("/audit",),
    }.items():
        person = Browser(app).sign_in(here.email(key), factories.PASSWORD)
        for address in addresses:
            person.get(f"{address}?page={number}", status=200)
