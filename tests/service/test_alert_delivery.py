"""One message to each person, whatever the mail server answers and whenever a process dies."""

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from review_app import jobs
from review_app.alerts.commands import ResendUnknown
from review_app.alerts.models import Alert, Delivery
from review_app.alerts.queries.deliveries import progress, troubled, view_of
from review_app.alerts.queries.versions import newest_version
from review_app.alerts.rules import AlertLevel, DeliveryState, VersionKind, VersionState
from review_app.alerts.service import delivering
from review_app.alerts.service.acknowledging import resend_unknown
from review_app.errors import NotAllowed, RuleBroken
from review_app.sending import Outcome, Reply, Settled
from tests import factories
from tests.alerting import (
    Desk,
    Scripted,
    deliveries,
    delivery_states,
    going_out,
    next_signed,
    only,
    own_link,
    release,
)
from tests.conftest import FixedClock, MakeApp, Work
from tests.service.alert_cases import version_of
from tests.smtp import SmtpSink


@pytest.fixture
def app(make_app: MakeApp, smtp_sink: SmtpSink) -> Flask:
    """The application with a real mail server."""
    return make_app(REVIEW_MAIL_URL=smtp_sink.url)


@pytest.fixture
def desk(app: Flask, clock: FixedClock) -> Desk:
    return Desk(app, clock)


def make_alert(work: Work, clock: FixedClock, people: int, level: AlertLevel = AlertLevel.RED) -> str:
    """Release an alert to so many people, and give its reference."""
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        return going_out(session, here, now=clock.now(), people=people, level=level).reference


@pytest.mark.both_databases
def test_the_database_refuses_a_second_delivery_of_a_version_to_one_address(work: Work, clock: FixedClock) -> None:
    make_alert(work, clock, 2)

    def double(session) -> None:
        rows = session.scalars(select(Delivery).order_by(Delivery.id)).all()
        session.execute(update(Delivery).where(Delivery.id == rows[1].id).values(normalised=rows[0].normalised))

    with pytest.raises(IntegrityError), work() as session:
        double(session)


@pytest.mark.both_databases
def test_a_message_is_tried_after_1_2_5_10_and_20_minutes_and_then_becomes_a_task(
    work: Work, clock: FixedClock, desk: Desk, smtp_sink: SmtpSink
) -> None:
    make_alert(work, clock, 3)
    with work() as session:
        address = session.scalars(select(Delivery.address).order_by(Delivery.id)).first()
    smtp_sink.refusals[str(address)] = "451 Try later"
    assert desk.go() == 3
    for minutes in (1, 2, 5, 10, 20):
        clock.advance(minutes=minutes, seconds=-1)
        assert desk.go() == 0
        assert delivery_states(work) == {"sent": 2, "queued": 1}
        clock.advance(seconds=1)
        assert desk.go() == 1
    assert delivery_states(work) == {"sent": 2, "failed": 1}
    with work() as session:
        here = session.scalars(select(Alert)).one()
        failed = only(session, DeliveryState.FAILED)
        assert (failed.attempts, failed.reply_code, failed.next_attempt_at, failed.lost_at) == (6, 451, None, None)
        assert newest_version(session, here).state is VersionState.SENT


def test_a_greylisted_message_goes_at_the_second_try(
    work: Work, clock: FixedClock, desk: Desk, smtp_sink: SmtpSink
) -> None:
    make_alert(work, clock, 2)
    first = Scripted.answering(Outcome.TEMPORARY)
    desk.go(first)
    clock.advance(minutes=1)
    desk.go(first)
    assert delivery_states(work) == {"sent": 2}
    assert len(first.sent) == 3
    assert len({envelope.message_id for envelope in first.sent}) == 2


def test_one_refused_address_fails_at_once_and_holds_up_nobody(
    work: Work, clock: FixedClock, desk: Desk, smtp_sink: SmtpSink
) -> None:
    make_alert(work, clock, 6)
    with work() as session:
        address = session.scalars(select(Delivery.address).order_by(Delivery.id)).first()
    smtp_sink.refusals[str(address)] = "550 No such person"
    desk.go()
    assert delivery_states(work) == {"sent": 5, "failed": 1}


def test_an_address_that_no_mail_server_takes_fails_alone(work: Work, clock: FixedClock, desk: Desk) -> None:
    make_alert(work, clock, 5)
    with work() as session:
        first = session.scalars(select(Delivery).order_by(Delivery.id)).first()
        assert first is not None
        first.address = "not an address"
    desk.go(Scripted.answering())
    desk.go(Scripted.answering())
    assert delivery_states(work) == {"sent": 4, "failed": 1}


@pytest.mark.parametrize(("level", "state"), [("red", "sent"), ("amber", "sent"), ("information", "unknown")])
def test_a_connection_that_drops_after_the_message_was_handed_over_leaves_it_unknown(
    work: Work, clock: FixedClock, desk: Desk, smtp_sink: SmtpSink, level: str, state: str
) -> None:
    """Amber and red are sent again as the same message; for an information alert a person is asked."""
    reference = make_alert(work, clock, 4, AlertLevel(level))
    mailer = Scripted.answering(Outcome.ACCEPTED, Outcome.UNCERTAIN)
    desk.go(mailer)
    assert delivery_states(work) == {"sent": 3, "unknown": 1}
    clock.advance(minutes=1)
    desk.go(mailer)
    assert delivery_states(work) == ({"sent": 4} if state == "sent" else {"sent": 3, "unknown": 1})
    with work() as session:
        assert version_of(session, reference).state is VersionState.SENT
    ids = [envelope.message_id for envelope in mailer.sent]
    assert len(set(ids)) == 4
    assert len(ids) == (5 if state == "sent" else 4)


@pytest.mark.both_databases
def test_what_is_uncertain_of_an_information_alert_is_listed_and_sent_again_by_one_press(
    work: Work, clock: FixedClock, desk: Desk
) -> None:
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        reference = going_out(session, here, now=clock.now(), people=4, level=AlertLevel.INFORMATION).reference
    coordinator, member = here.actor("coordinator"), here.actor("police.panel")
    mailer = Scripted.answering(Outcome.UNCERTAIN, Outcome.UNCERTAIN)
    desk.go(mailer)
    clock.advance(hours=1)
    assert desk.go(mailer) == 0
    with work() as session:
        version = version_of(session, reference)
        assert len(troubled(session, coordinator, version.id)) == 2
        shown = view_of(session, coordinator, version)
        assert shown is not None
        assert shown.may_resend
        with pytest.raises(NotAllowed):
            resend_unknown(session, member, ResendUnknown(reference=reference, number=1), now=clock.now())
        assert resend_unknown(session, coordinator, ResendUnknown(reference=reference, number=1), now=clock.now()) == 2
        assert troubled(session, coordinator, version.id) == []
    desk.go(mailer)
    assert delivery_states(work) == {"sent": 4}
    assert len(mailer.sent) == 6
    assert len({envelope.message_id for envelope in mailer.sent}) == 4
    with work() as session:
        assert resend_unknown(session, coordinator, ResendUnknown(reference=reference, number=1), now=clock.now()) == 0


def test_a_text_that_no_longer_applies_is_not_sent_again(work: Work, clock: FixedClock, desk: Desk) -> None:
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        alert = going_out(session, here, now=clock.now(), level=AlertLevel.INFORMATION, people=3)
        reference = alert.reference
    desk.go(Scripted.answering(Outcome.UNCERTAIN))
    with work() as session:
        alert = version_of(session, reference).alert
        next_signed(session, here, alert, VersionKind.UPDATE, now=clock.now())
        release(session, alert, now=clock.now())
        with pytest.raises(RuleBroken, match="no longer applies"):
            resend_unknown(
                session, here.actor("coordinator"), ResendUnknown(reference=reference, number=1), now=clock.now()
            )


@pytest.mark.both_databases
def test_what_a_dead_worker_was_sending_is_taken_over_after_a_minute_of_silence(
    app: Flask, work: Work, clock: FixedClock, desk: Desk, smtp_sink: SmtpSink
) -> None:
    make_alert(work, clock, 6)
    dead = Desk(app, clock)
    assert len(dead.claim(4)) == 4
    desk.go()
    assert delivery_states(work) == {"sending": 4, "sent": 2}
    clock.advance(seconds=60)
    desk.go()
    assert delivery_states(work) == {"sending": 4, "sent": 2}
    clock.advance(seconds=1)
    desk.go()
    assert delivery_states(work) == {"sent": 6}
    assert set(smtp_sink.counts().values()) == {1}
    with work() as session:
        retaken = session.scalars(select(Delivery).where(Delivery.attempts == 2)).all()
        assert {delivery.worker_id for delivery in retaken} == {desk.worker.worker_id}
        assert all(delivery.lost_at == clock.now() for delivery in retaken)


@pytest.mark.both_databases
def test_a_worker_that_was_taken_for_dead_and_wakes_sends_nothing_until_it_has_entered_again(
    app: Flask, work: Work, clock: FixedClock, desk: Desk, smtp_sink: SmtpSink
) -> None:
    make_alert(work, clock, 3)
    sleeper = Desk(app, clock)
    clock.advance(seconds=61)
    desk.beat()
    assert sleeper.send() == 0
    assert sleeper.claim(2) == []
    sleeper.beat()
    assert sleeper.send() == 3


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (Outcome.ACCEPTED, DeliveryState.SENT),
        (Outcome.PERMANENT, DeliveryState.FAILED),
        (Outcome.TEMPORARY, DeliveryState.UNKNOWN),
        (Outcome.UNCERTAIN, DeliveryState.UNKNOWN),
    ],
)
def test_a_late_answer_about_a_lost_message_is_believed_and_never_puts_it_back_in_the_queue(
    work: Work, clock: FixedClock, desk: Desk, outcome: Outcome, state: DeliveryState
) -> None:
    make_alert(work, clock, 1)
    ((key, attempt),) = desk.claim()
    with work() as session:
        delivering.lose(session, desk.worker.worker_id, now=clock.now())
    with work() as session:
        answer = Settled(key=key, attempt=attempt, reply=Reply(outcome=outcome))
        delivering.settle(session, [answer], desk.worker.worker_id, now=clock.now())
    with work() as session:
        delivery = session.get_one(Delivery, key)
        assert delivery.state is state
        assert (delivery.next_attempt_at is not None) is (state is DeliveryState.UNKNOWN)


@pytest.mark.both_databases
def test_an_answer_to_an_attempt_that_another_has_made_again_changes_nothing(
    app: Flask, work: Work, clock: FixedClock, desk: Desk
) -> None:
    make_alert(work, clock, 1)
    ((key, attempt),) = desk.claim()
    with work() as session:
        delivering.lose(session, desk.worker.worker_id, now=clock.now())
    other = Desk(app, clock)
    assert other.claim() == [(key, attempt + 1)]
    with work() as session:
        answer = Settled(key=key, attempt=attempt, reply=Reply(outcome=Outcome.PERMANENT))
        delivering.settle(session, [answer], desk.worker.worker_id, now=clock.now())
    with work() as session:
        delivery = session.get_one(Delivery, key)
        assert (delivery.state, delivery.worker_id) == (DeliveryState.SENDING, other.worker.worker_id)


def test_a_message_that_is_lost_again_and_again_becomes_a_task(work: Work, clock: FixedClock, desk: Desk) -> None:
    make_alert(work, clock, 1)
    for _ in range(6):
        assert len(desk.claim()) == 1
        with work() as session:
            delivering.lose(session, desk.worker.worker_id, now=clock.now())
    assert delivery_states(work) == {"failed": 1}


def test_the_link_in_a_message_sent_again_is_the_same(
    work: Work, clock: FixedClock, desk: Desk, smtp_sink: SmtpSink
) -> None:
    make_alert(work, clock, 1)
    mailer = Scripted.answering(Outcome.UNCERTAIN)
    desk.go(mailer)
    clock.advance(minutes=1)
    desk.go()
    (got,) = smtp_sink.received
    assert own_link(got).encode() in mailer.sent[0].content.replace(b"=\r\n", b"")
    assert got.message_id == mailer.sent[0].message_id


def test_progress_is_counted_for_those_who_may_see_it(work: Work, clock: FixedClock, desk: Desk) -> None:
    reference = make_alert(work, clock, 5)
    desk.go(Scripted.answering(Outcome.PERMANENT, Outcome.TEMPORARY))
    with work() as session:
        counted = progress(session, version_of(session, reference).id)
        assert (counted.total, counted.done, counted.of(DeliveryState.SENT)) == (5, 4, 3)


def test_the_connections_of_the_job_are_reused_for_many_messages_and_let_go_at_its_end(
    app: Flask, work: Work, clock: FixedClock, desk: Desk, smtp_sink: SmtpSink
) -> None:
    make_alert(work, clock, 40)
    before = smtp_sink.connections_made
    desk.send()
    assert len(smtp_sink.received) == 40
    assert smtp_sink.connections_made - before == jobs.CONNECTIONS
    assert [job.name for job in jobs.registered_jobs()].count("alerts") == 1


@pytest.mark.both_databases
def test_an_update_can_be_written_while_one_full_mailbox_is_still_being_tried(
    work: Work, clock: FixedClock, desk: Desk, smtp_sink: SmtpSink
) -> None:
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        alert = going_out(session, here, now=clock.now(), people=10)
        reference = alert.reference
        full = deliveries(session, alert)[0].address
    smtp_sink.refusals[full] = "452 Mailbox full"
    desk.go()
    with work() as session:
        alert = version_of(session, reference).alert
        assert newest_version(session, alert).state is VersionState.SENDING
        next_signed(session, here, alert, VersionKind.UPDATE, now=clock.now())
    smtp_sink.clear()
    clock.advance(seconds=30)
    desk.go()
    clock.advance(minutes=1)
    desk.go()
    assert [each.subject.split(":")[0][-9:] for each in smtp_sink.to(full)] == ["version 2"]
    with work() as session:
        states = [version.state for version in version_of(session, reference).alert.versions]
        assert states == [VersionState.SENT, VersionState.SENT]
        assert deliveries(session, version_of(session, reference).alert, 1)[0].state is DeliveryState.CANCELLED
