"""Every door of requests and chronology, tried by everybody: in, 403 for who may know of it, 404 for everybody else."""

import pytest
from flask import url_for

from review_app.fuzzy import on_day
from review_app.reviews.commands.chronology import AddEvent, EventDetails
from review_app.reviews.rules.states import CaseState, ConflictKind
from review_app.reviews.service.chronology import add_event
from tests import factories, reviewing
from tests.browser import Browser

COORDINATOR = {"review.coordinator"}
READERS = COORDINATOR | {"review.chair", "review.deputy"}
ASKED = {"housing.rep"}
OTHER_REPS = {"treatment.rep", "ambulance.rep"}
KNOW_CASES = {"dph", "ig"}
SECTION = READERS | ASKED | OTHER_REPS | {"review.member"}
MODULES = tuple(f"review_app.reviews.views.{each}" for each in ("asking", "answering", "chronology"))

OF_THE_AGENCY = (
    "who", "add_event", "change_event", "remove_event", "check", "sent", "nothing_held", "decline", "correct",
)  # fmt: skip
OF_THE_COORDINATOR = (
    "ask", "chase", "move_due", "waive", "cancel_request", "ask_again", "go_on", "add_event", "correct_event",
    "remove_event",
)  # fmt: skip
TO_READ = ("request", "restricted", "chronology", "restricted_chronology")

DOORS: dict[str, tuple[set[str], set[str]]] = {
    "requests.index": (SECTION, set()),
    "requests.show": (ASKED | READERS, {"review.member"}),
    **{f"requests.{each}": (ASKED, READERS | {"review.member"}) for each in OF_THE_AGENCY},
    **{f"reviews.{each}": (COORDINATOR, READERS - COORDINATOR | KNOW_CASES | ASKED) for each in OF_THE_COORDINATOR},
    **{f"reviews.{each}": (READERS, KNOW_CASES | ASKED) for each in TO_READ},
}
"""Who enters by each door, and who is refused openly; it is not there for everybody else."""


@pytest.fixture
def facts(app, work, clock):
    """A case with a request that its agency has begun to answer; the addresses of all its doors; everybody."""
    app.config["WTF_CSRF_ENABLED"] = False  # so that what refuses a post is the guard or the service
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        case = reviewing.make_case(session, here, now=clock.now(), state=CaseState.SELECTED)
        [request] = reviewing.ask(session, here, case, "housing", now=clock.now())
        key = "0123456789abcdef"
        reviewing.write(
            session, here.actor("housing.rep"), request.reference, now=clock.now(), events=[reviewing.an_event(key)]
        )
        details = EventDetails(happened=on_day(clock.now().date()), kind="contact", what="Seen.")
        event = add_event(
            session, here.actor("review.coordinator"), AddEvent(reference=case.reference, details=details),
            now=clock.now(),
        )  # fmt: skip
        reviewing.declare(session, here, case, "review.deputy", ConflictKind.NONE, now=clock.now())
        values = {"key": key, "number": event.id, "request": request.reference}
    addresses: dict[str, tuple[str, set[str]]] = {}
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            if app.view_functions[rule.endpoint].__module__ in MODULES:
                own = request.reference if rule.endpoint.startswith("requests.") else case.reference
                known = {name: values.get(name, own) for name in rule.arguments}
                address = url_for(rule.endpoint, **known)  # type: ignore[arg-type]
                addresses[rule.endpoint] = (address, rule.methods or set())
    return here, addresses


def test_the_table_names_every_door(facts):
    _here, addresses = facts
    assert set(addresses) == set(DOORS)


def test_everybody_at_every_door(app, facts):
    here, addresses = facts
    wrong = []
    for who in set(here.users) - {"officer"}:  # whose force belongs to both Partnerships, so they first choose one
        visitor = Browser(app).sign_in(here.email(who), factories.PASSWORD)
        for endpoint, (address, methods) in addresses.items():
            enters, refused = DOORS[endpoint]
            expected = {200, 302} if who in enters else {403} if who in refused else {404}
            for method in sorted(methods & {"GET", "POST"}):
                if method == "POST" and who in enters:
                    continue  # what they may do is what the other tests are about
                (visitor.get if method == "GET" else visitor.post)(address, status=None)
                if visitor.status not in expected:
                    wrong.append(f"{who} {method} {address}: {visitor.status}, not {sorted(expected)}")
    assert wrong == []


def test_nobody_enters_without_signing_in(app, facts):
    _here, addresses = facts
    for address, methods in addresses.values():
        visitor = Browser(app)
        for method in sorted(methods & {"GET", "POST"}):
            (visitor.get if method == "GET" else visitor.post)(address, status=None)
            assert visitor.url.startswith("/sign-in"), (method, address)


def test_a_neighbours_people_find_no_door(app, work, facts):
    _here, addresses = facts
    for who in ("review.coordinator", "review.chair", "housing.rep"):
        visitor = Browser(app).sign_in(f"{who}@eastmoor.example", factories.PASSWORD)
        for endpoint, (address, methods) in addresses.items():
            if endpoint != "requests.index":
                for method in sorted(methods & {"GET", "POST"}):
                    (visitor.get if method == "GET" else visitor.post)(address, status=404)
