"""A signed version goes out at its time to everyone on its lists, once; or not at all, and people are told."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from review_app.alerts.models import Alert, AlertVersion, AlertVersionList, Delivery, Recipient, SignOff, SubmittedText
from review_app.alerts.queries import deliveries as queries
from review_app.alerts.queries.versions import newest_version
from review_app.alerts.rules import ISSUED_AT, AlertLevel, AlertState, DeliveryState, VersionKind, VersionState
from review_app.audit.models import AuditEvent
from review_app.catalogue.commands import ClockOf
from review_app.catalogue.queries import running_clocks
from review_app.marks import Audience
from review_app.outbox.models import OutboxMessage
from review_app.policy import Role
from tests import factories
from tests.alerting import (
    Desk,
    add_people,
    deliveries,
    delivery_states,
    going_out,
    lists_of,
    next_signed,
    release,
    scheduled,
    signed,
    withdraw,
)
from tests.conftest import FixedClock, MakeApp, Work
from tests.service.alert_cases import make_list, ready_draft, sign, version_of
from tests.smtp import SmtpSink


@pytest.fixture
def app(make_app: MakeApp, smtp_sink: SmtpSink) -> Flask:
    """The application with a real mail server."""
    return make_app(REVIEW_MAIL_URL=smtp_sink.url)


@pytest.mark.both_databases
def test_nothing_goes_out_before_its_time_and_all_of_it_within_seconds_after(
    app: Flask, work: Work, clock: FixedClock, smtp_sink: SmtpSink
) -> None:
    desk = Desk(app, clock)
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        at = clock.now() + timedelta(minutes=2)
        reference = scheduled(session, here, now=clock.now(), people=7, send_at=at).reference
    clock.advance(minutes=1, seconds=59)
    desk.go()
    assert (delivery_states(work), smtp_sink.counts()) == ({}, {})
    clock.advance(seconds=1)
    desk.go()
    assert delivery_states(work) == {"sent": 7}
    assert set(smtp_sink.counts().values()) == {1}
    with work() as session:
        version = version_of(session, reference)
        assert (version.state, version.released_at, version.finished_at) == (VersionState.SENT, at, at)
        assert (version.alert.state, version.alert.activated_at) == (AlertState.ACTIVE, at)
        assert version.alert.expires_at == version.expires_at
        (review,) = running_clocks(
            session, ClockOf(partnership_id=version.alert.partnership_id, alert_id=version.alert_id)
        )
        assert review.due_at == version.expires_at


def test_what_is_sent_is_what_was_signed_with_the_time_of_release_put_in(
    app: Flask, work: Work, clock: FixedClock, smtp_sink: SmtpSink
) -> None:
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        scheduled(session, here, now=clock.now(), people=1)
    Desk(app, clock).go()
    with work() as session:
        signed = session.scalars(select(SubmittedText)).one()
        assert {sign_off.digest for sign_off in session.scalars(select(SignOff))} == {signed.digest}
    (got,) = smtp_sink.received
    assert got.subject == signed.subject
    before, after = signed.body.split(ISSUED_AT)
    assert got.text.startswith(f"{before}Monday 9 November 2026 at 10:00\n")
    assert after.split("[[personal-link]]")[0].strip() in got.text


@pytest.mark.both_databases
def test_one_delivery_for_each_address_over_all_lists(work: Work, clock: FixedClock) -> None:
    now = clock.now()
    with work() as session:
        here = factories.world(session, now=now).westhaven
        alert = ready_draft(session, here, now=now, people=3)
        (first,) = lists_of(session, alert)
        second = make_list(session, here, now=now, people=0, name="Clinicians")
        add_people(session, first, "Nurse@Hospital.example", now=now)
        add_people(session, second, "nurse@hospital.example", "doctor@hospital.example", now=now)
        newest_version(session, alert).lists.append(AlertVersionList(list_id=second.id, exercise=False))
        signed(session, here, alert, now=now)
        release(session, alert, now=now)
        sent_to = [delivery.normalised for delivery in deliveries(session, alert)]
        assert len(sent_to) == len(set(sent_to)) == 5
        assert sent_to.count("nurse@hospital.example") == 1


@pytest.mark.both_databases
def test_two_workers_release_one_alert_once(app: Flask, work: Work, clock: FixedClock) -> None:
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        scheduled(session, here, now=clock.now(), people=50)
    desks = [Desk(app, clock) for _ in range(4)]
    start, failures = threading.Barrier(len(desks)), []

    def run(desk: Desk) -> None:
        start.wait()
        try:
            desk.release()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(desk,)) for desk in desks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert delivery_states(work) == {"queued": 50}
    with work() as session:
        released = select(func.count()).select_from(AuditEvent).where(AuditEvent.verb == "release")
        assert session.scalar(released) == 1


@pytest.mark.both_databases
def test_several_workers_share_an_alert_and_each_person_gets_it_once(
    app: Flask, work: Work, clock: FixedClock, smtp_sink: SmtpSink
) -> None:
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        going_out(session, here, now=clock.now(), people=60)
    desks = [Desk(app, clock) for _ in range(3)]
    threads = [threading.Thread(target=desk.go) for desk in desks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert delivery_states(work) == {"sent": 60}
    assert set(smtp_sink.counts().values()) == {1}
    assert len({each.message_id for each in smtp_sink.received}) == 60


@pytest.mark.both_databases
def test_a_time_that_passed_more_than_an_hour_ago_goes_back_to_draft_and_people_are_told(
    app: Flask, work: Work, clock: FixedClock, smtp_sink: SmtpSink
) -> None:
    desk = Desk(app, clock)
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        at = clock.now() + timedelta(hours=1)
        reference = scheduled(session, here, now=clock.now(), send_at=at).reference
        told = {here.email(who) for who in ("coordinator", "dph", "chair")}
    clock.set(at + timedelta(hours=1, seconds=1))
    desk.go()
    with work() as session:
        version = version_of(session, reference)
        assert version.state is VersionState.DRAFT
        assert "more than an hour ago" in version.returned_reason
        assert all(sign_off.voided_at for sign_off in version.sign_offs)
        missed = select(OutboxMessage).where(OutboxMessage.subject == "An alert did not go out and is a draft again")
        assert {message.to for message in session.scalars(missed)} == told
    assert delivery_states(work) == {}


@pytest.mark.both_databases
@pytest.mark.parametrize(("joined", "goes"), [(4, True), (5, False)])
def test_an_audience_that_changed_by_more_than_a_tenth_is_signed_for_again(
    app: Flask, work: Work, clock: FixedClock, joined: int, goes: bool
) -> None:
    desk = Desk(app, clock)
    at = clock.now() + timedelta(hours=1)
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        alert = scheduled(session, here, now=clock.now(), people=40, send_at=at)
        (to,) = lists_of(session, alert)
        add_people(session, to, *(f"new{number}@hospital.example" for number in range(joined)), now=clock.now())
        reference = alert.reference
    clock.set(at)
    desk.go()
    if goes:
        assert delivery_states(work) == {"sent": 44}
        return
    assert delivery_states(work) == {}
    with work() as session:
        version = version_of(session, reference)
        assert (version.state, version.audience_count) == (VersionState.AWAITING_SIGN_OFF, 45)
        asked = select(OutboxMessage).where(OutboxMessage.subject == "An alert waits for your signature again")
        told = {message.to for message in session.scalars(asked)}
        assert {here.email("dph"), here.email("chair")} <= told
        assert here.email("coordinator") not in told
        for who, role in (("dph", Role.DPH), ("chair", Role.CHAIR)):
            sign(session, here, who, version.alert, role, now=clock.now())
    desk.go()
    assert delivery_states(work) == {"sent": 45}


@pytest.mark.parametrize(
    "spoil",
    [
        update(AlertVersion).values(body=AlertVersion.body + " Sold by Joe."),
        update(SignOff).values(digest="0" * 64),
        update(SignOff).where(SignOff.role == "dph").values(voided_at=SignOff.signed_at, void_reason="Left"),
    ],
    ids=["another text", "a signature on something else", "a signature too few"],
)
def test_what_is_not_what_was_signed_never_goes_out(app: Flask, work: Work, clock: FixedClock, spoil) -> None:
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        reference = scheduled(session, here, now=clock.now()).reference
        session.execute(spoil)
    Desk(app, clock).go()
    assert delivery_states(work) == {}
    with work() as session:
        assert version_of(session, reference).state is VersionState.DRAFT


def test_somebody_who_left_between_signing_and_release_gets_nothing(
    app: Flask, work: Work, clock: FixedClock, smtp_sink: SmtpSink
) -> None:
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        scheduled(session, here, now=clock.now(), people=20)
        gone = session.scalars(select(Recipient).order_by(Recipient.id)).first()
        assert gone is not None
        gone.left_at = clock.now()
        address = gone.address
    Desk(app, clock).go()
    assert len(smtp_sink.received) == 19
    assert smtp_sink.to(address) == []


@pytest.mark.both_databases
def test_an_update_replaces_the_text_and_the_date_for_whoever_is_on_its_lists(
    app: Flask, work: Work, clock: FixedClock, smtp_sink: SmtpSink
) -> None:
    desk = Desk(app, clock)
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        alert = scheduled(session, here, now=clock.now(), people=5)
    desk.go()
    smtp_sink.clear()
    clock.advance(hours=3)
    with work() as session:
        alert = session.scalars(select(Alert)).one()
        ends = clock.now() + timedelta(days=20)
        changed = next_signed(
            session, here, alert, VersionKind.UPDATE, now=clock.now(), headline="Now in two towns", expires_at=ends
        )
        assert (alert.state, changed.number) == (AlertState.ACTIVE, 2)
    desk.go()
    with work() as session:
        alert = session.scalars(select(Alert)).one()
        assert (alert.state, alert.expires_at) == (AlertState.ACTIVE, ends)
        assert [version.state for version in alert.versions] == [VersionState.SENT, VersionState.SENT]
        assert len(running_clocks(session, ClockOf(partnership_id=alert.partnership_id, alert_id=alert.id))) == 1
    assert set(smtp_sink.counts().values()) == {1}
    assert "It replaces version 1" in smtp_sink.received[0].text


@pytest.mark.both_databases
def test_an_update_stops_what_is_still_queued_of_the_earlier_text_for_those_who_get_it(
    app: Flask, work: Work, clock: FixedClock
) -> None:
    now = clock.now()
    with work() as session:
        here = factories.world(session, now=now).westhaven
        alert = going_out(session, here, now=now, people=3)
        left = session.scalars(select(Recipient).order_by(Recipient.id)).first()
        assert left is not None
        left.left_at = now
        version = next_signed(session, here, alert, VersionKind.UPDATE, now=now)
        version.audience_count = 2
        release(session, alert, now=now)
        earlier = {delivery.normalised: delivery.state for delivery in deliveries(session, alert, 1)}
        assert earlier.pop(left.normalised) is DeliveryState.QUEUED
        assert set(earlier.values()) == {DeliveryState.CANCELLED}
        assert {delivery.state for delivery in deliveries(session, alert)} == {DeliveryState.QUEUED}


def test_a_version_whose_alert_has_ended_meanwhile_is_dropped(app: Flask, work: Work, clock: FixedClock) -> None:
    desk = Desk(app, clock)
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        scheduled(session, here, now=clock.now())
    desk.go()
    with work() as session:
        alert = session.scalars(select(Alert)).one()
        next_signed(session, here, alert, VersionKind.UPDATE, now=clock.now())
        session.execute(update(Alert).values(state=AlertState.EXPIRED, ended_at=clock.now()))
    desk.go()
    with work() as session:
        assert [version.state for version in session.scalars(select(AlertVersion).order_by(AlertVersion.number))] == [
            VersionState.SENT,
            VersionState.CANCELLED,
        ]


def test_a_red_public_alert_waits_for_communications_in_office_hours_only_and_then_goes(
    app: Flask, work: Work, clock: FixedClock
) -> None:
    desk = Desk(app, clock)
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        scheduled(session, here, now=clock.now(), audience=Audience.PUBLIC, people=2)
    desk.go()
    desk.look_at_signatures()
    desk.go()
    assert delivery_states(work) == {}
    clock.set(datetime(2026, 11, 9, 17, 0, tzinfo=UTC))
    desk.beat()
    desk.look_at_signatures()
    desk.go()
    assert delivery_states(work) == {"sent": 2}


def test_health_sees_an_alert_that_is_due_and_does_not_go(work: Work, clock: FixedClock) -> None:
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        alert = scheduled(session, here, now=clock.now())
        due = clock.now()
        assert queries.oldest_due(session, clock.now()) == due
        release(session, alert, now=clock.advance(seconds=10))
        assert queries.oldest_due(session, clock.now()) == clock.now()
        withdraw(session, here, alert, now=clock.now())
        session.execute(update(Delivery).values(next_attempt_at=None, state=DeliveryState.SENT))
        assert queries.oldest_due(session, clock.now()) is None


@pytest.mark.both_databases
@pytest.mark.parametrize("level", list(AlertLevel))
def test_each_level_goes_out(app: Flask, work: Work, clock: FixedClock, smtp_sink: SmtpSink, level: AlertLevel) -> None:
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        scheduled(session, here, now=clock.now(), level=level, people=2)
    Desk(app, clock).go()
    assert delivery_states(work) == {"sent": 2}
