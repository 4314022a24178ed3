"""An alert ends once: everyone who may have it is told, nobody else, and nothing more of it goes out."""

import threading
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from review_app import events
from review_app.alerts.commands import WithdrawAlert
from review_app.alerts.models import Alert, AlertVersion, Delivery, Recipient
from review_app.alerts.queries.deliveries import number_told
from review_app.alerts.rules import (
    AlertLevel,
    AlertState,
    DeliveryState,
    VersionKind,
    VersionState,
    WithdrawalReason,
)
from review_app.alerts.service import delivering, ending
from review_app.audit.models import AuditEvent
from review_app.catalogue.commands import ClockOf
from review_app.catalogue.queries import running_clocks
from review_app.errors import MoveRefused, NotAllowed, NotVisible, RuleBroken
from review_app.outbox.models import OutboxMessage
from review_app.panel.events import PanelDecisionOverturned
from review_app.panel.models import PanelDecision
from review_app.sending import Outcome, Reply, Settled
from review_app.submissions.events import SignalCloses
from tests import factories
from tests.alerting import (
    Desk,
    Scripted,
    add_people,
    deliveries,
    delivery_states,
    going_out,
    lists_of,
    next_signed,
    next_written,
    only,
    release,
    scheduled,
    withdraw,
)
from tests.conftest import FixedClock, MakeApp, Work
from tests.factories import Place
from tests.service.alert_cases import ready_draft, submitted, version_of
from tests.smtp import SmtpSink


@pytest.fixture
def app(make_app: MakeApp, smtp_sink: SmtpSink) -> Flask:
    """The application with a real mail server."""
    return make_app(REVIEW_MAIL_URL=smtp_sink.url)


@pytest.fixture
def desk(app: Flask, clock: FixedClock) -> Desk:
    return Desk(app, clock)


@pytest.fixture
def here(work: Work, clock: FixedClock) -> Place:
    with work() as session:
        return factories.world(session, now=clock.now()).westhaven


def alert_of(session: Session) -> Alert:
    return session.scalars(select(Alert)).one()


WITHDRAWN_TEXT = """\
WITHDRAWN: BLUE TABLETS: COLLAPSE WITHIN MINUTES. DO NOT USE ALONE

WES-A-2026-0001, version 2. It ends version 1
TLP:AMBER. Share this only with people in your agency, and its clients, who need to know.
Issued: Monday 9 November 2026 at 10:00

This alert no longer applies. Please stop sharing it, take down any poster, and tell those you passed it on to.

WHY
The risk described has been contained.

WHY YOU GET THIS
Everyone who was sent the alert that this ends or corrects is told, also those who have left the list since.

TELL US THAT YOU HAVE READ THIS
Open this link and press “I have read this”. You need no account.
"""


@pytest.mark.both_databases
def test_exactly_those_who_have_it_are_told_of_a_withdrawal_and_once(
    work: Work, clock: FixedClock, desk: Desk, here: Place, smtp_sink: SmtpSink
) -> None:
    with work() as session:
        alert = going_out(session, here, now=clock.now(), people=6)
        refused = deliveries(session, alert)[0].address
    smtp_sink.refusals[refused] = "550 No such person"
    desk.go()
    told = set(smtp_sink.counts())
    assert len(told) == 5
    smtp_sink.clear()
    with work() as session:
        left, _ = session.scalars(select(Recipient).where(Recipient.address != refused)).all()[:2]
        left.left_at = clock.now()
        (to,) = lists_of(session, alert_of(session))
        add_people(session, to, "new@hospital.example", now=clock.now())
        assert number_told(session, alert_of(session).id) == 5
        withdraw(session, here, alert_of(session), now=clock.now())
    desk.go()
    desk.go()
    assert smtp_sink.counts() == dict.fromkeys(told, 1)
    got = smtp_sink.received[0]
    assert got.subject.startswith("Alert withdrawn WES-A-2026-0001 version 2: ")
    assert got.text.startswith(WITHDRAWN_TEXT)
    with work() as session:
        alert = alert_of(session)
        assert (alert.state, alert.ended_at) == (AlertState.WITHDRAWN, clock.now())
        assert [version.state for version in alert.versions] == [VersionState.SENT, VersionState.SENT]
        assert running_clocks(session, ClockOf(partnership_id=alert.partnership_id, alert_id=alert.id)) == []
        verbs = session.scalars(select(AuditEvent.verb).where(AuditEvent.verb.in_(("withdraw", "issue_withdrawal"))))
        assert sorted(verbs) == ["issue_withdrawal", "withdraw"]


@pytest.mark.parametrize("stage", ["draft", "awaiting", "scheduled"])
def test_before_it_has_gone_out_a_withdrawal_sends_nothing(
    work: Work, clock: FixedClock, desk: Desk, here: Place, smtp_sink: SmtpSink, stage: str
) -> None:
    with work() as session:
        if stage == "scheduled":
            at = clock.now() + timedelta(hours=1)
            alert = scheduled(session, here, now=clock.now(), send_at=at)
        else:
            alert = ready_draft(session, here, now=clock.now())
            if stage == "awaiting":
                submitted(session, here, alert, now=clock.now())
        withdraw(session, here, alert, by="dph", now=clock.now())
        stopped = select(OutboxMessage).where(OutboxMessage.subject == "A version of an alert was stopped")
        assert [message.to for message in session.scalars(stopped)] == [here.email("coordinator")]
    clock.advance(hours=2)
    desk.go()
    assert delivery_states(work) == {}
    with work() as session:
        alert = alert_of(session)
        assert (alert.state, [version.state for version in alert.versions]) == (
            AlertState.WITHDRAWN,
            [VersionState.CANCELLED],
        )


@pytest.mark.both_databases
def test_a_withdrawal_while_it_goes_out_cancels_what_is_queued_and_tells_the_rest(
    work: Work, clock: FixedClock, desk: Desk, here: Place, smtp_sink: SmtpSink
) -> None:
    """Sent and unknown are told at once; what is under way when it settles, or it is cancelled if it fails for now."""
    with work() as session:
        going_out(session, here, now=clock.now(), people=9)
    sent = desk.claim(2)
    settle(work, clock, desk, sent, Outcome.ACCEPTED)
    unknown = desk.claim(1)
    settle(work, clock, desk, unknown, Outcome.UNCERTAIN)
    arrives, fails, lost = desk.claim(3)
    with work() as session:
        withdraw(session, here, alert_of(session), now=clock.now())
        assert len(deliveries(session, alert_of(session))) == 3
    assert delivery_states(work) == {"sent": 2, "unknown": 1, "sending": 3, "cancelled": 3, "queued": 3}
    with work() as session:
        answers = [answer(arrives, Outcome.ACCEPTED), answer(fails, Outcome.TEMPORARY), answer(lost, Outcome.UNCERTAIN)]
        delivering.settle(session, answers, desk.worker.worker_id, now=clock.now())
        first = {delivery.id: delivery for delivery in deliveries(session, alert_of(session), 1)}
        states = [first[key].state for key, _ in (arrives, fails, lost)]
        assert states == [DeliveryState.SENT, DeliveryState.CANCELLED, DeliveryState.UNKNOWN]
        told = {delivery.normalised for delivery in deliveries(session, alert_of(session))}
        assert told == {first[key].normalised for key, _ in (*sent, *unknown, arrives, lost)}
    clock.advance(minutes=5)
    desk.go()
    assert smtp_sink.counts() == dict.fromkeys(told, 1)
    assert all("withdrawn" in message.subject for message in smtp_sink.received)


def answer(claimed: tuple[int, int], outcome: Outcome) -> Settled[int]:
    return Settled(key=claimed[0], attempt=claimed[1], reply=Reply(outcome=outcome))


def settle(work: Work, clock: FixedClock, desk: Desk, claimed: list[tuple[int, int]], outcome: Outcome) -> None:
    with work() as session:
        answers = [answer(each, outcome) for each in claimed]
        delivering.settle(session, answers, desk.worker.worker_id, now=clock.now())


@pytest.mark.parametrize("then", [Outcome.TEMPORARY, Outcome.PERMANENT])
def test_whoever_may_have_got_a_lost_message_is_told_whatever_a_later_attempt_said(
    work: Work, clock: FixedClock, desk: Desk, here: Place, smtp_sink: SmtpSink, then: Outcome
) -> None:
    with work() as session:
        going_out(session, here, now=clock.now(), people=1)
    desk.go(Scripted.answering(Outcome.UNCERTAIN))
    clock.advance(minutes=1)
    desk.go(Scripted.answering(then))
    assert delivery_states(work) == {"queued" if then is Outcome.TEMPORARY else "failed": 1}
    with work() as session:
        withdraw(session, here, alert_of(session), now=clock.now())
    clock.advance(minutes=5)
    desk.go()
    assert len(smtp_sink.received) == 1


@pytest.mark.both_databases
def test_a_withdrawal_at_the_very_moment_of_sending_misses_nobody(
    app: Flask, work: Work, clock: FixedClock, here: Place, smtp_sink: SmtpSink
) -> None:
    """Two workers send while somebody withdraws: whoever has the alert at the sink has its end, and once."""
    cut_short = []
    for spell in range(3):
        with work() as session:
            reference = going_out(session, here, now=clock.now(), people=60).reference
        smtp_sink.clear()
        smtp_sink.delay = 0.02
        desks = [Desk(app, clock) for _ in range(2)]
        threads = [threading.Thread(target=desk.send) for desk in desks]
        for thread in threads:
            thread.start()
        smtp_sink.wait_for(6 + 8 * spell)
        with work() as session:
            withdraw(session, here, version_of(session, reference).alert, now=clock.now())
        for thread in threads:
            thread.join()
        smtp_sink.delay = 0
        desks[0].go()
        ends = [message.recipient for message in smtp_sink.received if message.subject.startswith("Alert withdrawn")]
        got = [message.recipient for message in smtp_sink.received if message.recipient not in ends]
        alerted = [m.recipient for m in smtp_sink.received if not m.subject.startswith("Alert withdrawn")]
        assert got == []
        assert len(ends) == len(set(ends))
        assert sorted(alerted) == sorted(ends)
        cut_short.append(len(alerted) < 60)
    assert any(cut_short)


def test_what_could_identify_someone_is_not_said_again(
    work: Work, clock: FixedClock, desk: Desk, here: Place, smtp_sink: SmtpSink
) -> None:
    with work() as session:
        going_out(session, here, now=clock.now(), people=1)
    desk.go()
    smtp_sink.clear()
    with work() as session:
        withdraw(session, here, alert_of(session), now=clock.now(), reason=WithdrawalReason.IDENTIFIES_SOMEONE)
    desk.go()
    (got,) = smtp_sink.received
    assert "blue tablets" not in (got.subject + got.text).lower()


@pytest.mark.both_databases
def test_only_one_of_two_withdrawals_wins(app: Flask, work: Work, clock: FixedClock, desk: Desk, here: Place) -> None:
    with work() as session:
        going_out(session, here, now=clock.now(), people=5)
    desk.go(Scripted.answering())
    outcomes: list[str] = []

    def run(who: str) -> None:
        try:
            with work() as session:
                withdraw(session, here, alert_of(session), by=who, now=clock.now())
            outcomes.append("won")
        except MoveRefused:
            outcomes.append("refused")

    threads = [threading.Thread(target=run, args=(who,)) for who in ("coordinator", "chair", "dph")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["refused", "refused", "won"]
    with work() as session:
        ends = select(func.count()).select_from(AlertVersion).where(AlertVersion.kind == VersionKind.WITHDRAWAL)
        assert session.scalar(ends) == 1
    assert delivery_states(work) == {"sent": 5, "queued": 5}


def test_who_may_withdraw(work: Work, clock: FixedClock) -> None:
    with work() as session:
        world = factories.world(session, now=clock.now())
        here = world.westhaven
        alert = going_out(session, here, now=clock.now())
        for who in ("police.panel", "communications"):
            with pytest.raises(NotAllowed):
                withdraw(session, here, alert, by=who, now=clock.now())
        eastmoor = world.eastmoor.actor("chair")
        command = WithdrawAlert(reference=alert.reference, reason=WithdrawalReason.WRONG)
        with pytest.raises(NotVisible):
            ending.withdraw(session, eastmoor, command, now=clock.now())
        withdraw(session, here, alert, by="oncall", now=clock.now())


@pytest.mark.both_databases
def test_a_correction_reaches_the_lists_and_everyone_who_has_what_it_corrects(
    work: Work, clock: FixedClock, desk: Desk, here: Place, smtp_sink: SmtpSink
) -> None:
    with work() as session:
        going_out(session, here, now=clock.now(), people=10)
    desk.go()
    smtp_sink.clear()
    with work() as session:
        alert = alert_of(session)
        left = session.scalars(select(Recipient)).first()
        assert left is not None
        left.left_at = clock.now()
        add_people(session, lists_of(session, alert)[0], "new@hospital.example", now=clock.now())
        version = next_signed(session, here, alert, VersionKind.CORRECTION, now=clock.now(), headline="Green, not blue")
        assert version.audience_count == 11
        gone = left.address
    desk.go()
    assert len(smtp_sink.received) == 11
    assert set(smtp_sink.counts().values()) == {1}
    (got,) = smtp_sink.to(gone)
    assert "It corrects version 1" in got.text
    assert "also those who have left the list since" in got.text


@pytest.mark.both_databases
def test_a_correction_reaches_whoever_turns_out_to_have_the_wrong_text(
    work: Work, clock: FixedClock, desk: Desk, here: Place
) -> None:
    with work() as session:
        going_out(session, here, now=clock.now(), people=12)
    (claimed,) = desk.claim(1)
    with work() as session:
        alert = alert_of(session)
        leaver = session.get_one(Delivery, claimed[0])
        assert leaver.recipient_id is not None
        session.get_one(Recipient, leaver.recipient_id).left_at = clock.now()
        version = next_signed(session, here, alert, VersionKind.CORRECTION, now=clock.now())
        release(session, alert, now=clock.now())
        assert leaver.normalised not in {each.normalised for each in deliveries(session, alert)}
        delivering.settle(session, [answer(claimed, Outcome.ACCEPTED)], desk.worker.worker_id, now=clock.now())
        assert leaver.normalised in {each.normalised for each in deliveries(session, alert)}
        assert {each.state for each in deliveries(session, alert, 1)} == {DeliveryState.SENT, DeliveryState.CANCELLED}
        assert version.number == 2


def test_an_extension_gives_a_later_end_and_the_same_words(
    work: Work, clock: FixedClock, desk: Desk, here: Place, smtp_sink: SmtpSink
) -> None:
    with work() as session:
        going_out(session, here, now=clock.now(), people=2)
    desk.go()
    smtp_sink.clear()
    with work() as session:
        ends = clock.now() + timedelta(days=30)
        changed = {"headline": "Other words", "expires_at": ends}
        version = next_signed(session, here, alert_of(session), VersionKind.EXTENSION, now=clock.now(), **changed)
        assert version.headline.startswith("Blue tablets")
    desk.go()
    assert len(smtp_sink.received) == 2
    with work() as session:
        assert alert_of(session).expires_at == ends


@pytest.mark.parametrize("days", [-1, 0])
def test_an_extension_ends_later_than_what_it_extends(work: Work, clock: FixedClock, here: Place, days: int) -> None:
    with work() as session:
        alert = going_out(session, here, now=clock.now(), people=2)
        assert alert.expires_at is not None
        changed = {"expires_at": alert.expires_at + timedelta(days=days)}
        with pytest.raises(RuleBroken, match="When it ends"):
            next_signed(session, here, alert, VersionKind.EXTENSION, now=clock.now(), **changed)


def test_a_next_version_needs_an_active_alert_and_no_other_in_work(work: Work, clock: FixedClock, here: Place) -> None:
    with work() as session:
        alert = ready_draft(session, here, now=clock.now())
        with pytest.raises(RuleBroken, match="active"):
            next_written(session, here, alert, VersionKind.UPDATE, now=clock.now())
        submitted(session, here, alert, now=clock.now())
    with work() as session:
        alert = going_out(session, here, now=clock.now())
        next_written(session, here, alert, VersionKind.UPDATE, now=clock.now())
        with pytest.raises(RuleBroken, match="being written already"):
            next_written(session, here, alert, VersionKind.CORRECTION, now=clock.now())


@pytest.mark.both_databases
def test_an_alert_expires_at_its_date_and_sends_nothing(
    work: Work, clock: FixedClock, desk: Desk, here: Place, smtp_sink: SmtpSink
) -> None:
    with work() as session:
        alert = going_out(session, here, now=clock.now(), people=2)
        ends = alert.expires_at
    desk.go()
    smtp_sink.clear()
    assert ends is not None
    with work() as session:
        next_written(session, here, alert_of(session), VersionKind.UPDATE, now=clock.now())
    clock.set(ends - timedelta(seconds=1))
    desk.release()
    with work() as session:
        assert alert_of(session).state is AlertState.ACTIVE
    clock.advance(seconds=1)
    desk.release()
    desk.release()
    with work() as session:
        alert = alert_of(session)
        assert (alert.state, alert.ended_at) == (AlertState.EXPIRED, ends)
        assert [version.state for version in alert.versions] == [VersionState.SENT, VersionState.CANCELLED]
        expired = select(func.count()).select_from(AuditEvent).where(AuditEvent.verb == "expire")
        assert session.scalar(expired) == 1
        with pytest.raises(MoveRefused):
            withdraw(session, here, alert, now=clock.now())
    assert smtp_sink.received == []


@pytest.mark.both_databases
def test_the_leads_are_reminded_once_two_days_before_each_end(
    app: Flask, work: Work, clock: FixedClock, desk: Desk, here: Place
) -> None:
    with work() as session:
        alert = going_out(session, here, now=clock.now(), people=1)
        ends = alert.expires_at
    assert ends is not None
    clock.set(ends - timedelta(days=2, seconds=1))
    desk.remind()
    assert reminders(work) == 0
    clock.advance(seconds=1)
    others = [Desk(app, clock) for _ in range(3)]
    threads = [threading.Thread(target=other.remind) for other in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    first = reminders(work)
    assert first == 5
    clock.advance(hours=1)
    desk.remind()
    assert reminders(work) == first
    with work() as session:
        session.scalars(select(Alert)).one().expires_at = ends + timedelta(days=10)
    clock.set(ends + timedelta(days=9))
    desk.remind()
    assert reminders(work) == 2 * first


def reminders(work: Work) -> int:
    with work() as session:
        rows = select(func.count()).select_from(OutboxMessage).where(OutboxMessage.purpose == "alert_ends_soon")
        return session.scalar(rows) or 0


def overturn(session: Session, here: Place, clock: FixedClock) -> None:
    decision = session.scalars(select(PanelDecision)).one()
    fact = PanelDecisionOverturned(
        signal_id=decision.signal_id,
        decision_id=decision.id,
        reason="The sources were one and the same.",
        by_user_id=here.user("deputy").id,
        at=clock.now(),
    )
    events.publish(session, fact)


def test_overturning_the_decision_withdraws_what_went_out_because_of_it(
    work: Work, clock: FixedClock, desk: Desk, here: Place, smtp_sink: SmtpSink
) -> None:
    with work() as session:
        going_out(session, here, now=clock.now(), people=3)
    desk.go()
    smtp_sink.clear()
    with work() as session:
        overturn(session, here, clock)
    desk.go()
    with work() as session:
        alert = alert_of(session)
        end = alert.versions[-1]
        assert (alert.state, end.withdrawal_reason) == (AlertState.WITHDRAWN, WithdrawalReason.OVERTURNED)
        assert end.author_id == here.user("deputy").id
    assert len(smtp_sink.received) == 3
    assert "The panel has reviewed the decision and changed it." in smtp_sink.received[0].text


def test_overturning_the_decision_takes_an_alert_that_waits_for_its_time_back_to_draft(
    work: Work, clock: FixedClock, desk: Desk, here: Place
) -> None:
    with work() as session:
        at = clock.now() + timedelta(hours=1)
        scheduled(session, here, now=clock.now(), send_at=at)
        overturn(session, here, clock)
        alert = alert_of(session)
        assert (alert.state, alert.versions[0].state) == (AlertState.UNISSUED, VersionState.DRAFT)
    clock.set(at)
    desk.go()
    assert delivery_states(work) == {}


def test_a_signal_with_an_active_alert_does_not_close(work: Work, clock: FixedClock, here: Place) -> None:
    with work() as session:
        alert = going_out(session, here, now=clock.now())
        question = SignalCloses(signal_id=alert.signals[0].signal_id, at=clock.now())
        assert any(alert.reference in reason for reason in events.objections(session, question))
        withdraw(session, here, alert, now=clock.now())
        assert events.objections(session, question) == []


@pytest.mark.parametrize("level", [AlertLevel.INFORMATION, AlertLevel.RED])
def test_what_is_uncertain_at_a_withdrawal_is_not_sent_again_and_its_person_is_told(
    work: Work, clock: FixedClock, desk: Desk, here: Place, smtp_sink: SmtpSink, level: AlertLevel
) -> None:
    with work() as session:
        going_out(session, here, now=clock.now(), people=2, level=level)
    desk.go(Scripted.answering(Outcome.UNCERTAIN))
    with work() as session:
        withdraw(session, here, alert_of(session), now=clock.now())
        assert only(session, DeliveryState.UNKNOWN).next_attempt_at is None
    clock.advance(minutes=30)
    desk.go()
    assert set(smtp_sink.counts().values()) == {1}
    assert {message.subject[:15] for message in smtp_sink.received} == {"Alert withdrawn"}
    assert len(smtp_sink.received) == 2
