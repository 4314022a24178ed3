"""The page of a thread: what it says, how it is reached, and that it can be used on a phone and without a mouse."""

import pytest
from sqlalchemy import select

from review_app.audit.models import AuditEvent
from review_app.links import service as links
from review_app.links.models import Relation
from review_app.submissions.commands.triage import UnlinkFromSignal
from review_app.submissions.service.linking import unlink_from_signal
from tests import factories
from tests.browser import Browser


@pytest.fixture
def scene(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        reports = [factories.make_submission(session, here, now=clock.now()) for _ in range(9)]
        signal = factories.make_signal(session, here, now=clock.now(), submissions=reports)
        other = factories.make_signal(session, here, now=clock.now(), title="White powder in wraps")
        links.link(session, here.actor("coordinator"), signal, other, Relation.RELATED, now=clock.now())
        command = UnlinkFromSignal(reference=reports[8].reference, reason="Another colour.")
        unlink_from_signal(session, here.actor("coordinator"), command, now=clock.now())
        return [each.reference for each in reports], signal.reference, other.reference


def test_the_thread_is_a_list_of_links_with_a_drawing_above(app, scene, work):
    reports, signal, other = scene
    browser = Browser(app).sign_in("chair@westhaven.example", factories.PASSWORD)
    browser.get(f"/signals/{signal}").follow(f"Show the thread of {signal}")
    assert browser.heading == "Thread"
    assert [" ".join(step.get_text(" ").split()) for step in browser.soup.select(".app-chain__step")] == [
        f"9 reports {reports[8]} and 8 more",
        f"2 Signals {signal} {other}",
    ]
    said = [" ".join(each.get_text().split()) for each in browser.soup.select(".app-thread__said li")]
    at = "9 Nov 2026, 10:00"
    assert said == [
        f"Gathered into Signal {signal}, {at}.",
        f"Gathered into Signal {signal}, {at}, by Coordinator Example. Taken back {at}, by Coordinator Example.",
        f"Related to Signal {other}, {at}, by Coordinator Example.",
    ]
    assert "8 reports" in browser.text
    assert {f"/signals/{signal}", f"/signals/{other}", f"/reports/{reports[8]}"} <= {
        each["href"] for each in browser.soup.select("main a[href]")
    }
    with work() as session:
        seen = select(AuditEvent).where(AuditEvent.section == "thread")
        (event,) = session.scalars(seen)
        assert (event.object_table, event.object_reference) == ("signal", signal)


def test_a_record_that_may_not_be_known_has_no_thread_and_the_refusal_is_recorded(app, scene, work):
    _, signal, _ = scene
    browser = Browser(app).sign_in("hostel.worker@westhaven.example", factories.PASSWORD)
    browser.get(f"/thread/{signal}", status=404)
    assert signal not in browser.text
    with work() as session:
        denied = session.scalars(select(AuditEvent).where(AuditEvent.action == "denied")).all()
        assert [each.object_reference for each in denied] == [signal]
    browser.get("/thread/WES-S-2026-9999", status=404)
