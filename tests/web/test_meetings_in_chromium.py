"""The pages of meetings, signing and destruction in a real Chromium: accessible, and no wider than their window."""

import threading

import pytest
from werkzeug.serving import make_server

from review_app.reviews.commands.retention import ProposeDestruction
from review_app.reviews.rules.states import CaseState, ConflictKind
from review_app.reviews.service import destroying
from tests import axe, factories, reviewing, sittings, whole_case

COORDINATOR, CHAIR, DEPUTY, MEMBER = sittings.SITTERS


@pytest.fixture
def places(work, clock):
    """Everything there is to look at, by what it is."""
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        old = reviewing.make_case(session, here, now=clock.now(), state=CaseState.CLOSED)
        clock.advance(days=11 * 366)
        command = ProposeDestruction(reference=old.reference, authority="Schedule 4.2")
        destroying.propose_destruction(session, here.actor(COORDINATOR), command, now=clock.now())
        clock.set(clock.now().replace(hour=10))
        whole = whole_case.make(session, here, now=clock.now())
        signing = reviewing.make_case(session, here, now=clock.now(), state=CaseState.ACCURACY_CHECK)
        first = reviewing.make_case(session, here, now=clock.now(), state=CaseState.INFO_READY)
        second = reviewing.make_case(session, here, now=clock.now(), state=CaseState.INFO_READY)
        ready = sittings.plan_meeting(session, here, now=clock.advance(hours=1), cases=[first, second], scribe=MEMBER)
        conflicts = {CHAIR: ConflictKind.LINE_MANAGES}
        sittings.be_ready(session, here, ready, now=clock.now(), conflicts=conflicts)
        third = reviewing.make_case(session, here, now=clock.now(), state=CaseState.INFO_READY)
        planned = sittings.plan_meeting(session, here, now=clock.advance(hours=1), cases=[third])
        return {
            "old": old.reference,
            "whole": whole.case.reference,
            "signing": signing.reference,
            "first": first.reference,
            "third": third.reference,
            "ready": ready.reference,
            "planned": planned.reference,
            **{key: here.email(key) for key in (*sittings.SITTERS, "ig")},
        }


PAGES = {
    COORDINATOR: (
        "/meetings",
        "/meetings/new",
        "/meetings/{planned}",
        "/meetings/{planned}/change",
        "/meetings/{planned}/agenda",
        "/meetings/{ready}",
        "/meetings/{ready}/attendance",
        "/meetings/{ready}/hold",
        "/meetings/{ready}/cancel",
        "/reviews/{first}",
        "/reviews/{first}/factors/new",
        "/reviews/{first}/defer",
        "/reviews/{first}/flags/new",
        "/reviews/{whole}",
        "/reviews/due",
        "/reviews/{whole}/destruction",
        "/home",
    ),
    DEPUTY: (
        "/reviews/{signing}/sign",
        "/reviews/{signing}/no-learning",
        "/reviews/{signing}/declare",
    ),
    CHAIR: ("/reviews/{whole}/versions/2", "/reviews/{whole}/reopen", "/meetings/{ready}", "/home"),
    MEMBER: ("/meetings/{planned}", "/meetings/{ready}", "/meetings/{ready}/cases/{first}", "/home"),
    "ig": ("/meetings/{ready}", "/reviews/destructions", "/reviews/destructions/{old}", "/home"),
}


@pytest.fixture
def site(app, places):
    server = make_server("127.0.0.1", 0, app, threaded=True)
    running = threading.Thread(target=server.serve_forever)
    running.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    running.join()


def test_every_page_is_accessible_and_fits(chromium_page, site, places):
    for who, templates in PAGES.items():
        chromium_page.context.clear_cookies()
        chromium_page.goto(f"{site}/sign-in")
        chromium_page.get_by_label("Email address").fill(places[who])
        chromium_page.get_by_label("Password", exact=True).fill(factories.PASSWORD)
        chromium_page.get_by_role("button", name="Sign in").click()
        for template in templates:
            address = site + template.format(**places)
            answer = chromium_page.goto(address)
            assert answer is not None
            assert (answer.status, chromium_page.url) == (200, address)
            assert axe.problems(chromium_page) == []
