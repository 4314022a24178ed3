"""Every door of meetings, findings and retention, tried by everybody.

Who may enters, or is refused by a rule of the procedure; who may know of the record is answered 403, all others 404.
"""

from flask import url_for

from review_app.reviews.commands.retention import ProposeDestruction
from review_app.reviews.rules.states import CaseState, FlagKind
from review_app.reviews.service import destroying
from tests import factories, reviewing, sittings
from tests.browser import Browser
from tests.service.test_signing import add_factor, sign, to_sign

COORDINATOR, CHAIRS, SCRIBE = {"review.coordinator"}, {"review.chair", "review.deputy"}, {"review.member"}
READERS, IG, DPH, ASKED = COORDINATOR | CHAIRS, {"ig"}, {"dph"}, {"housing.rep"}
SITTERS = READERS | SCRIBE
KNOW = SITTERS | IG | DPH | ASKED
"""Who knows of the case that is listed: everybody at the meeting, those who may know that cases exist, who is asked."""
KNOW_CLOSED = READERS | IG | DPH
PEOPLE = (
    *sorted(KNOW), "treatment.rep", "coordinator", "chair", "admin", "analyst", "sro", "board", "family",
    "hostel.worker",
)  # fmt: skip
MODULES = (
    *(f"review_app.reviews.views.sittings.{each}" for each in ("planning", "sitting", "declaring", "reading")),
    *(f"review_app.reviews.views.{each}" for each in ("factors", "findings", "retention")),
)
MANAGED = ("change", "add", "take_off", "move_up", "list_case", "hold", "cancel", "correct")
DOORS: dict[str, tuple[set[str], set[str] | None]] = {
    "meetings.index": (SITTERS | IG, set()),
    "meetings.new": (COORDINATOR, None),
    "meetings.show": (SITTERS | IG, set()),
    **{f"meetings.{each}": (COORDINATOR, CHAIRS | SCRIBE | IG) for each in MANAGED},
    **{f"meetings.{each}": (SITTERS, IG) for each in ("accept", "attendance", "minute", "declare", "pack")},
    "reviews.declare_at_any_time": (KNOW, set()),
    **{f"reviews.{each}_factor": (SITTERS, KNOW - SITTERS) for each in ("add", "change", "remove")},
    **{f"reviews.{each}": (READERS, KNOW - READERS) for each in ("defer", "start_findings", "accuracy")},
    **{f"reviews.{each}": (CHAIRS, KNOW - CHAIRS) for each in ("no_learning", "sign", "close", "reopen")},
    "reviews.version": (READERS, KNOW - READERS - ASKED),
    **{f"reviews.{each}_flag": (COORDINATOR, KNOW - COORDINATOR) for each in ("raise", "end")},
    "reviews.due": (COORDINATOR, None),
    "reviews.propose_destruction": (COORDINATOR, KNOW - COORDINATOR),
    "reviews.destructions": (COORDINATOR | IG, None),
    "reviews.answer_destruction": (IG, KNOW_CLOSED - IG),
}
"""Who enters by each door, and who is refused openly (None: everybody else); it is not there for all others."""


def addresses_of(app, work, clock):
    """Make what each door leads to, and give everybody there is and the address and methods of each door."""
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        old = reviewing.make_case(session, here, now=clock.now(), state=CaseState.CLOSED)
        clock.advance(days=11 * 366)
        proposal = ProposeDestruction(reference=old.reference, authority="Schedule 4.2")
        destroying.propose_destruction(session, here.actor("review.coordinator"), proposal, now=clock.now())
        signed = to_sign(session, here, clock)
        sign(session, here, clock, signed)
        case = reviewing.make_case(session, here, now=clock.now(), state=CaseState.SELECTED)
        reviewing.raise_flag(session, here, case, FlagKind.INQUEST_OPEN, now=clock.now())
        reviewing.ask(session, here, case, "housing", now=clock.now())
        case.state = CaseState.INFO_READY
        session.flush()
        meeting = sittings.plan_meeting(session, here, now=clock.advance(hours=1), cases=[case], scribe="review.member")
        sittings.be_ready(session, here, meeting, now=clock.now())
        factor = add_factor(session, here, clock, case)
        own = {"reviews.version": signed.reference, "reviews.answer_destruction": old.reference}
        values = {
            "case_reference": case.reference,
            "user_id": here.user("review.deputy").id,
            "factor_id": factor.id,
            "kind": FlagKind.INQUEST_OPEN.value,
            "number": 1,
        }
        reference, meeting_reference = case.reference, meeting.reference
    found: dict[str, tuple[str, set[str]]] = {}
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            if app.view_functions[rule.endpoint].__module__ in MODULES:
                record = meeting_reference if rule.endpoint.startswith("meetings.") else reference
                known = {**values, "reference": own.get(rule.endpoint, record)}
                parts = {name: known[name] for name in rule.arguments}
                found[rule.endpoint] = (url_for(rule.endpoint, **parts), rule.methods or set())
    return here, found


def test_everybody_at_every_door(app, work, clock):
    app.config["WTF_CSRF_ENABLED"] = False  # so that what refuses a post is the guard or the service
    here, addresses = addresses_of(app, work, clock)
    assert set(addresses) == set(DOORS)
    wrong = []
    for who in PEOPLE:
        visitor = Browser(app).sign_in(here.email(who), factories.PASSWORD)
        for endpoint, (address, methods) in addresses.items():
            enters, refused = DOORS[endpoint]
            openly = refused is None or who in refused
            expected = {200, 302, 409} if who in enters else {403} if openly else {404}
            for method in sorted(methods & {"GET", "POST"}):
                if method == "POST" and who in enters:
                    continue  # what they may do is what the other tests are about
                (visitor.get if method == "GET" else visitor.post)(address, status=None)
                if visitor.status not in expected:
                    wrong.append(f"{who} {method} {endpoint}: {visitor.status}, not {sorted(expected)}")
    for endpoint, (address, methods) in addresses.items():
        for method in sorted(methods & {"GET", "POST"}):
            stranger = Browser(app)
            (stranger.get if method == "GET" else stranger.post)(address, status=None)
            if not stranger.url.startswith("/sign-in"):
                wrong.append(f"nobody {method} {endpoint}: {stranger.url}")
    neighbour = Browser(app).sign_in("review.coordinator@eastmoor.example", factories.PASSWORD)
    for endpoint, (address, methods) in addresses.items():
        if "WES-" in address:
            for method in sorted(methods & {"GET", "POST"}):
                (neighbour.get if method == "GET" else neighbour.post)(address, status=None)
                if neighbour.status not in {403, 404} or "WES-R" in neighbour.text:
                    wrong.append(f"neighbour {method} {endpoint}: {neighbour.status}")
    assert wrong == []
