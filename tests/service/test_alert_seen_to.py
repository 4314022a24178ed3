"""A message that failed for good is a task until somebody has seen to it; and what the pages then show."""

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from review_app.alerts.commands import ResendUnknown, SeeToDeliveries
from review_app.alerts.models import Alert, Delivery, DeliverySeenTo
from review_app.alerts.queries.deliveries import tallies, view_of
from review_app.alerts.queries.versions import newest_version
from review_app.alerts.queries.visibility import visible_versions
from review_app.alerts.rules import AlertLevel, DeliveryState, VersionKind
from review_app.alerts.service.acknowledging import resend_unknown, see_to
from review_app.audit.models import AuditEvent
from review_app.errors import NotAllowed, NotVisible
from review_app.home.queries import home_page
from review_app.sending import Outcome
from tests import factories
from tests.alerting import Desk, Scripted, going_out, next_signed, release, withdraw
from tests.browser import Browser
from tests.conftest import FixedClock, Work
from tests.factories import Place
from tests.racing import at_once

RANG = "Rang their duty desk and read them the alert."


@pytest.fixture
def here(work: Work, clock: FixedClock) -> Place:
    with work() as session:
        return factories.world(session, now=clock.now()).westhaven


@pytest.fixture
def desk(app: Flask, clock: FixedClock, here: Place) -> Desk:
    return Desk(app, clock)


def alert_of(session: Session) -> Alert:
    return session.scalars(select(Alert)).one()


def failing(
    work: Work, clock: FixedClock, here: Place, desk: Desk, *outcomes: Outcome, level: AlertLevel = AlertLevel.RED
) -> list[int]:
    """Send an alert to four, of whom the first get these answers; give the numbers of their Deliveries."""
    with work() as session:
        going_out(session, here, now=clock.now(), people=4, level=level)
    desk.go(Scripted.answering(*outcomes))
    with work() as session:
        rows = select(Delivery.id).where(Delivery.state != DeliveryState.SENT).order_by(Delivery.id)
        return list(session.scalars(rows))


def press(session: Session, here: Place, *numbers: int, by: str = "oncall", note: str = RANG, now: object) -> int:
    command = SeeToDeliveries(
        reference=alert_of(session).reference, number=1, deliveries=numbers, note=note
    )  # fmt: skip
    return see_to(session, here.actor(by), command, now=now)  # type: ignore[arg-type]


def waits(session: Session, here: Place, who: str, clock: FixedClock) -> bool:
    tasks = home_page(session, here.actor(who), now=clock.now()).tasks
    return any(task.text == "Some messages failed or are uncertain" for task in tasks)


def test_a_failed_message_waits_on_home_pages_until_it_is_seen_to_and_stays_failed(
    work: Work, clock: FixedClock, here: Place, desk: Desk
) -> None:
    numbers = failing(work, clock, here, desk, Outcome.PERMANENT, Outcome.PERMANENT)
    with work() as session:
        for who in ("coordinator", "chair", "communications", "oncall"):
            assert waits(session, here, who, clock)
        assert not waits(session, here, "sro", clock)
        assert press(session, here, numbers[0], now=clock.now()) == 1
    with work() as session:
        assert waits(session, here, "coordinator", clock)
        assert press(session, here, *numbers, by="dph", note="Went there.", now=clock.now()) == 1
    with work() as session:
        assert not waits(session, here, "coordinator", clock)
        notes = [(each.delivery_id, each.note) for each in session.scalars(select(DeliverySeenTo))]
        assert notes == [(numbers[0], RANG), (numbers[1], "Went there.")]
        view = view_of(session, here.actor("chair"), newest_version(session, alert_of(session)))
        assert view is not None
        assert {each.state for each in view.troubled} == {DeliveryState.FAILED}
        assert (len(view.troubled), view.waiting, view.progress.of(DeliveryState.FAILED)) == (2, [], 2)
        assert view.names == {here.user(who).id: here.user(who).name for who in ("oncall", "dph")}
        events = session.scalars(select(AuditEvent).where(AuditEvent.verb == "see_to")).all()
        assert [event.actor_id for event in events] == [here.user("oncall").id, here.user("dph").id]
        assert all(RANG not in event.content and "note" in event.changes for event in events)


@pytest.mark.both_databases
def test_two_who_see_to_one_message_at_the_same_instant_leave_one_note(
    app: Flask, work: Work, clock: FixedClock, here: Place, desk: Desk
) -> None:
    (number,) = failing(work, clock, here, desk, Outcome.PERMANENT)
    presses = [
        lambda session, who=who: press(session, here, number, by=who, note=who, now=clock.now())
        for who in ("coordinator", "dph")
    ]
    assert at_once(app, *presses) == [None, None]
    with work() as session:
        assert session.scalars(select(DeliverySeenTo)).one().note in ("coordinator", "dph")
        assert len(session.scalars(select(AuditEvent).where(AuditEvent.verb == "see_to")).all()) == 1


def test_what_arrived_or_is_still_tried_cannot_be_seen_to(
    work: Work, clock: FixedClock, here: Place, desk: Desk
) -> None:
    (waiting,) = failing(work, clock, here, desk, Outcome.TEMPORARY)
    with work() as session:
        every = session.scalars(select(Delivery.id)).all()
        assert waiting in every
        assert press(session, here, *every, now=clock.now()) == 0
        assert session.scalars(select(DeliverySeenTo)).all() == []


def test_an_uncertain_message_that_was_seen_to_is_not_sent_again(
    work: Work, clock: FixedClock, here: Place, desk: Desk
) -> None:
    numbers = failing(
        work, clock, here, desk, Outcome.UNCERTAIN, Outcome.UNCERTAIN, level=AlertLevel.INFORMATION
    )  # fmt: skip
    with work() as session:
        assert press(session, here, numbers[0], now=clock.now()) == 1
        command = ResendUnknown(reference=alert_of(session).reference, number=1)
        assert resend_unknown(session, here.actor("coordinator"), command, now=clock.now()) == 1
        assert session.get_one(Delivery, numbers[0]).next_attempt_at is None


@pytest.mark.parametrize("who", ["police.panel", "sro", "analyst", "lead", "nurse", "ig"])
def test_only_those_on_whose_home_page_it_waits_see_to_it(
    work: Work, clock: FixedClock, here: Place, desk: Desk, who: str
) -> None:
    (number,) = failing(work, clock, here, desk, Outcome.PERMANENT)
    with work() as session, pytest.raises((NotAllowed, NotVisible)):
        press(session, here, number, by=who, now=clock.now())


def test_the_page_shows_the_failed_message_takes_the_note_and_shows_it_as_seen_to(
    app: Flask, work: Work, clock: FixedClock, here: Place, desk: Desk
) -> None:
    (number,) = failing(work, clock, here, desk, Outcome.PERMANENT)
    with work() as session:
        reference, address = alert_of(session).reference, session.get_one(Delivery, number).address
    page = Browser(app).sign_in(here.email("coordinator"), factories.PASSWORD)
    assert "Some messages failed or are uncertain" in page.text
    page.get(f"/alerts/{reference}").follow("Seen to")
    page.fill("What did you do?", "").press("Seen to", status=422)
    assert page.errors == ["Enter what you did"]
    page.fill("What did you do?", RANG).press("Seen to")
    assert "They are no longer on anybody’s home page." in page.text
    row = next(row for row in page.table("Messages that failed and were seen to") if address in row[0])
    assert "Failed" in row[1]
    assert f"Seen to {here.user('coordinator').name}" in row[4]
    assert RANG in row[4]
    assert "Seen to" not in page.links
    assert "Some messages failed" not in page.get("/home").text
    page.get(f"/alerts/{reference}/versions/1/seen-to")
    assert "Nothing waits here" in page.text
    page.get(f"/alerts/{reference}/versions/2/seen-to", status=404)


def test_after_a_withdrawal_both_versions_are_counted_and_each_has_its_page(
    app: Flask, work: Work, clock: FixedClock, here: Place, desk: Desk
) -> None:
    failing(work, clock, here, desk, Outcome.PERMANENT)
    with work() as session:
        alert = alert_of(session)
        for who, several in (("coordinator", False), ("hostel.worker", False)):
            found = tallies(session, here.actor(who), visible_versions(session, here.actor(who), alert))
            assert bool(found) is several
        withdraw(session, here, alert, now=clock.now())
        reference = alert.reference
    desk.go()
    page = Browser(app).sign_in(here.email("coordinator"), factories.PASSWORD).get(f"/alerts/{reference}")
    rows = page.table("Versions that went out")
    assert [row[0] for row in rows[1:]] == ["Version Version 2 : withdrawal", "Version Version 1 : first version"]
    assert [row[1:6] for row in rows[1:]] == [
        ["Recipients 3", "Sent 3", "Waiting 0", "Not certain 0", "Failed 0"],
        ["Recipients 4", "Sent 3", "Waiting 0", "Not certain 0", "Failed 1"],
    ]
    assert "Delivery of version 2" in page.text
    page.follow("Version 1", within="Recipients 4")
    assert page.url == f"/alerts/{reference}/versions/1"
    assert "Delivery of version 1" in page.text
    assert "Messages that need a person" in page.text


def test_every_version_that_went_out_is_counted_and_one_in_work_is_not(
    work: Work, clock: FixedClock, here: Place, desk: Desk
) -> None:
    failing(work, clock, here, desk)
    with work() as session:
        alert, chair = alert_of(session), here.actor("chair")
        next_signed(session, here, alert, VersionKind.UPDATE, now=clock.now())
        assert tallies(session, chair, visible_versions(session, chair, alert)) == []
        release(session, alert, now=clock.now())
        found = tallies(session, chair, visible_versions(session, chair, alert))
        assert [(each.version.number, each.progress.total) for each in found] == [(2, 4), (1, 4)]
