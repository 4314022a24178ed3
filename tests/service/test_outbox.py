"""What is owed by e-mail is sent, tried again, given up and erased as the rules say."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import IntegrityError

from review_app.accounts.models import Partnership
from review_app.db import db, unit_of_work
from review_app.errors import RuleBroken
from review_app.mail import SmtpMailer, SmtpServer, post
from review_app.outbox import queries, service
from review_app.outbox.models import OutboxMessage, ScheduledSlot, Worker
from review_app.outbox.rules import MESSAGE_WORKFLOW, MessageAction, MessageState
from review_app.outbox.worker import OutboxLedger, SendingWorker
from review_app.sending import Envelope, Mailer, Outcome, Reply, Sender, Settled
from tests.conftest import FixedClock, MakeApp, Work
from tests.smtp import SmtpSink, free_port

pytestmark = pytest.mark.both_databases


@pytest.fixture
def app(make_app: MakeApp, smtp_sink: SmtpSink) -> Flask:
    """The application with a real mail server."""
    return make_app(REVIEW_MAIL_URL=smtp_sink.url)


def owe(work: Work, clock: FixedClock, count: int = 1, *, minutes: float = 0, expire: float | None = None) -> list[int]:
    """Owe some messages, due after so many minutes."""
    with work() as session:
        messages = [
            service.owe(
                session,
                to=f"nurse{number}@hospital.example",
                subject="Report received",
                body=f"Thank you. Your report {number} was received.",
                due_at=clock.now() + timedelta(minutes=minutes),
                partnership_id=None,
                purpose="receipt",
                expires_at=clock.now() + timedelta(minutes=expire) if expire is not None else None,
            )
            for number in range(count)
        ]
        session.flush()
        return [message.id for message in messages]


@pytest.fixture
def worker(app: Flask, clock: FixedClock) -> SendingWorker:
    with app.app_context():
        return SendingWorker(clock)


class Scripted:
    """A connection that gives these replies, then the last of them for ever."""

    def __init__(self, *outcomes: Outcome) -> None:
        self.outcomes = list(outcomes)
        self.sent: list[Envelope] = []

    def send(self, envelope: Envelope) -> Reply:
        self.sent.append(envelope)
        return Reply(outcome=self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0], code=400)

    def close(self) -> None: ...


def send(app: Flask, worker: SendingWorker, clock: FixedClock, *over: Mailer) -> int:
    """Make one pass over the outbox, over real connections unless others are given."""
    with app.app_context():
        mailers = list(over) or post().connections(3)
        attempts = Sender(OutboxLedger()).run(worker, mailers, clock)
        for mailer in mailers:
            mailer.close()
        return attempts


@contextmanager
def the(work: Work, number: int) -> Iterator[OutboxMessage]:
    with work() as session:
        yield session.get_one(OutboxMessage, number)


def states(work: Work) -> dict[str, int]:
    with work() as session:
        counted = select(OutboxMessage.state, func.count()).group_by(OutboxMessage.state)
        return {state.value: count for state, count in session.execute(counted)}


def test_what_is_due_is_sent_once_and_erased(
    app: Flask, work: Work, worker: SendingWorker, clock: FixedClock, smtp_sink: SmtpSink
) -> None:
    owe(work, clock, 20)
    assert send(app, worker, clock) == 20
    assert send(app, worker, clock) == 0
    assert set(smtp_sink.counts().values()) == {1}
    first = smtp_sink.to("nurse7@hospital.example")[0]
    assert (first.subject, first.text.strip()) == ("Report received", "Thank you. Your report 7 was received.")
    assert first.sender == "alerts@westhaven.example"
    with work() as session:
        for message in session.scalars(select(OutboxMessage)):
            assert (message.state, message.to, message.body) == (MessageState.SENT, "", "")
            assert (message.settled_at, message.reply_code, message.attempts) == (clock.now(), 250, 1)
            assert message.message_id in {each.message_id for each in smtp_sink.received}


def test_address_and_body_are_held_as_ciphertext_only(app: Flask, work: Work, clock: FixedClock) -> None:
    (number,) = owe(work, clock)
    with the(work, number) as message:
        assert message.to == "nurse0@hospital.example"
    with work() as session:
        row = session.execute(text("SELECT * FROM outbox_message")).one()
        shown = b" ".join(
            bytes(value) if not isinstance(value, str) else value.encode() for value in row if _bytes(value)
        )
    assert b"nurse" not in shown
    assert b"Thank you" not in shown


def _bytes(value: object) -> bool:
    return isinstance(value, bytes | memoryview | str)


def test_the_database_refuses_to_settle_without_erasing(work: Work, clock: FixedClock) -> None:
    (number,) = owe(work, clock)
    settled = update(OutboxMessage).where(OutboxMessage.id == number)
    with pytest.raises(IntegrityError), work() as session:
        session.execute(settled.values(state=MessageState.SENT, settled_at=clock.now()))


def test_what_is_rolled_back_is_not_owed(app: Flask, work: Work, clock: FixedClock) -> None:
    def fail() -> None:
        with work() as session:
            service.owe(
                session, to="a@example.com", subject="S", body="B", due_at=clock.now(), partnership_id=None, purpose="x"
            )
            session.flush()
            raise RuleBroken("no")

    with pytest.raises(RuleBroken):
        fail()
    assert states(work) == {}


@pytest.mark.parametrize(
    ("to", "subject", "body"),
    [
        ("not an address", "S", "B"),
        ("a@example.com", "S\r\nBcc: b@example.com", "B"),
        ("a@example.com", "", "B"),
        ("a@example.com", "S" * 201, "B"),
        ("a@example.com", "S", " \n"),
    ],
)
def test_an_impossible_message_is_refused(work: Work, clock: FixedClock, to: str, subject: str, body: str) -> None:
    with work() as session, pytest.raises(ValueError):
        service.owe(
            session, to=to, subject=subject, body=body, due_at=clock.now(), partnership_id=None, purpose="receipt"
        )


def test_nothing_is_sent_before_it_is_due(
    app: Flask, work: Work, worker: SendingWorker, clock: FixedClock, smtp_sink: SmtpSink
) -> None:
    owe(work, clock, minutes=0.1)
    assert send(app, worker, clock) == 0
    clock.advance(seconds=6)
    assert send(app, worker, clock) == 1


def test_a_temporary_refusal_is_tried_after_1_2_5_10_20_minutes_and_then_fails_in_sight(
    app: Flask, work: Work, worker: SendingWorker, clock: FixedClock, smtp_sink: SmtpSink
) -> None:
    (number,) = owe(work, clock)
    smtp_sink.refusals["nurse0@hospital.example"] = "451 Later"
    for minutes in (1, 2, 5, 10, 20):
        assert send(app, worker, clock) == 1
        clock.advance(minutes=minutes, seconds=-1)
        beat(app, worker, clock)
        assert send(app, worker, clock) == 0
        clock.advance(seconds=1)
    assert send(app, worker, clock) == 1
    with the(work, number) as message:
        assert (message.state, message.attempts, message.reply_code) == (MessageState.FAILED, 6, 451)
        assert (message.to, message.body) == ("", "")


def beat(app: Flask, worker: SendingWorker, clock: FixedClock) -> None:
    with app.app_context():
        worker.beat(clock)


def test_one_bad_address_fails_at_once_and_holds_up_nobody(
    app: Flask, work: Work, worker: SendingWorker, clock: FixedClock, smtp_sink: SmtpSink
) -> None:
    owe(work, clock, 6)
    smtp_sink.refusals["nurse2@hospital.example"] = "550 No such person"
    send(app, worker, clock)
    assert states(work) == {"sent": 5, "failed": 1}


def test_an_uncertain_message_is_sent_again_as_the_same_message_and_never_queued(
    app: Flask, work: Work, worker: SendingWorker, clock: FixedClock
) -> None:
    (number,) = owe(work, clock)
    mailer = Scripted(Outcome.UNCERTAIN, Outcome.ACCEPTED)
    send(app, worker, clock, mailer)
    with the(work, number) as message:
        assert (message.state, message.to) == (MessageState.UNKNOWN, "nurse0@hospital.example")
    clock.advance(minutes=1)
    beat(app, worker, clock)
    send(app, worker, clock, mailer)
    assert states(work) == {"sent": 1}
    assert len({envelope.message_id for envelope in mailer.sent}) == 1
    assert (MessageState.UNKNOWN, MessageAction.RETRY) not in MESSAGE_WORKFLOW.moves


def test_when_the_server_cannot_be_reached_only_what_was_tried_has_used_a_try(
    app: Flask, work: Work, worker: SendingWorker, clock: FixedClock
) -> None:
    owe(work, clock, 10)
    nobody = SmtpServer(host="127.0.0.1", port=free_port())
    assert send(app, worker, clock, *(SmtpMailer(nobody) for _ in range(3))) == 3
    with work() as session:
        assert sorted(session.scalars(select(OutboxMessage.attempts))) == [0] * 7 + [1] * 3


def test_several_workers_share_the_rows_and_send_each_once(
    app: Flask, work: Work, clock: FixedClock, smtp_sink: SmtpSink
) -> None:
    owe(work, clock, 60)
    failures: list[BaseException] = []

    def run() -> None:
        try:
            with app.app_context():
                mine = SendingWorker(clock)
            send(app, mine, clock)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(smtp_sink.received) == 60
    assert set(smtp_sink.counts().values()) == {1}
    assert states(work) == {"sent": 60}


def test_a_worker_whose_own_beat_is_old_sends_nothing(
    app: Flask, work: Work, worker: SendingWorker, clock: FixedClock, smtp_sink: SmtpSink
) -> None:
    owe(work, clock, 3)
    clock.advance(seconds=31)
    assert send(app, worker, clock) == 0
    beat(app, worker, clock)
    assert send(app, worker, clock) == 3


def claim_and_die(app: Flask, worker: SendingWorker, clock: FixedClock, room: int = 2) -> list[tuple[int, int]]:
    """Mark messages as being sent, and go no further."""
    with app.app_context():
        return [(each.key, each.attempt) for each in OutboxLedger().exchange([], room, worker.worker_id, clock.now())]


def test_what_a_dead_worker_was_sending_is_sent_by_another_after_a_minute(
    app: Flask, work: Work, worker: SendingWorker, clock: FixedClock, smtp_sink: SmtpSink
) -> None:
    owe(work, clock, 5)
    marked = claim_and_die(app, worker, clock)
    with app.app_context():
        other = SendingWorker(clock)
    send(app, other, clock)
    assert states(work) == {"sending": 2, "sent": 3}
    clock.advance(seconds=60)
    beat(app, other, clock)
    assert states(work) == {"sending": 2, "sent": 3}
    clock.advance(seconds=1)
    beat(app, other, clock)
    assert states(work) == {"unknown": 2, "sent": 3}
    send(app, other, clock)
    assert states(work) == {"sent": 5}
    with work() as session:
        attempts = session.scalars(select(OutboxMessage.attempts).where(OutboxMessage.id.in_([k for k, _ in marked])))
        assert list(attempts) == [2, 2]


def test_a_worker_taken_for_dead_marks_nothing_more_and_enters_again(
    app: Flask, work: Work, worker: SendingWorker, clock: FixedClock
) -> None:
    owe(work, clock, 2)
    first = worker.worker_id
    with app.app_context():
        other = SendingWorker(clock)
    clock.advance(seconds=61)
    with work() as session:
        service.beat(session, other.worker_id, now=clock.now())
        assert service.end_silent_workers(session, now=clock.now()) == [first]
    assert claim_and_die(app, worker, clock) == []
    beat(app, worker, clock)
    assert worker.worker_id != first
    assert send(app, worker, clock, Scripted(Outcome.ACCEPTED)) == 2


def settle(work: Work, clock: FixedClock, key: int, attempt: int, outcome: Outcome) -> None:
    with work() as session:
        answer = Settled(key=key, attempt=attempt, reply=Reply(outcome=outcome))
        service.settle(session, [answer], now=clock.now())


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (Outcome.ACCEPTED, MessageState.SENT),
        (Outcome.PERMANENT, MessageState.FAILED),
        (Outcome.TEMPORARY, MessageState.UNKNOWN),
    ],
)
def test_a_late_answer_about_an_unknown_message_is_believed(
    app: Flask, work: Work, worker: SendingWorker, clock: FixedClock, outcome: Outcome, state: MessageState
) -> None:
    owe(work, clock)
    ((key, attempt),) = claim_and_die(app, worker, clock)
    with work() as session:
        service.lose_marked(session, worker.worker_id, now=clock.now())
    settle(work, clock, key, attempt, outcome)
    with the(work, key) as message:
        assert message.state is state


def test_a_late_answer_about_an_attempt_that_another_made_again_changes_nothing(
    app: Flask, work: Work, worker: SendingWorker, clock: FixedClock
) -> None:
    owe(work, clock)
    ((key, attempt),) = claim_and_die(app, worker, clock)
    with work() as session:
        service.lose_marked(session, worker.worker_id, now=clock.now())
    with app.app_context():
        other = SendingWorker(clock)
    assert claim_and_die(app, other, clock) == [(key, attempt + 1)]
    settle(work, clock, key, attempt, Outcome.PERMANENT)
    with the(work, key) as message:
        assert (message.state, message.worker_id) == (MessageState.SENDING, other.worker_id)


def test_what_this_worker_marked_and_lost_with_an_error_is_sent_in_its_next_pass(
    app: Flask, work: Work, worker: SendingWorker, clock: FixedClock
) -> None:
    owe(work, clock, 2)
    claim_and_die(app, worker, clock)
    assert send(app, worker, clock, Scripted(Outcome.ACCEPTED)) == 2
    assert states(work) == {"sent": 2}


def test_a_message_that_is_lost_again_and_again_fails_in_the_end(
    app: Flask, work: Work, worker: SendingWorker, clock: FixedClock
) -> None:
    (number,) = owe(work, clock)
    for _ in range(6):
        claim_and_die(app, worker, clock)
        with work() as session:
            service.lose_marked(session, worker.worker_id, now=clock.now())
    with the(work, number) as message:
        assert message.state is MessageState.FAILED


def test_a_message_whose_use_is_over_is_erased_and_not_sent(
    app: Flask, work: Work, worker: SendingWorker, clock: FixedClock, smtp_sink: SmtpSink
) -> None:
    (number,) = owe(work, clock, minutes=5, expire=10)
    clock.advance(minutes=10)
    beat(app, worker, clock)
    assert send(app, worker, clock) == 0
    with the(work, number) as message:
        assert (message.state, message.to) == (MessageState.EXPIRED, "")


def test_a_message_that_does_not_open_fails_and_the_next_is_sent(
    app: Flask, work: Work, worker: SendingWorker, clock: FixedClock
) -> None:
    broken, _ = owe(work, clock, 2)
    with work() as session:
        session.execute(update(OutboxMessage).where(OutboxMessage.id == broken).values(row_key="0" * 32))
    send(app, worker, clock, Scripted(Outcome.ACCEPTED))
    send(app, worker, clock, Scripted(Outcome.ACCEPTED))
    assert states(work) == {"failed": 1, "sent": 1}


def test_leaving_in_good_order_ends_the_worker(
    app: Flask, work: Work, worker: SendingWorker, clock: FixedClock
) -> None:
    with app.app_context():
        worker.end(clock)
    with work() as session:
        assert session.get_one(Worker, worker.worker_id).ended_at == clock.now()
        assert queries.latest_beat(session) is None


def test_a_once_only_job_has_one_winner_and_its_turn_comes_back_when_it_fails(
    app: Flask, work: Work, clock: FixedClock
) -> None:
    winners: list[int] = []

    def take(number: int) -> None:
        with app.app_context(), unit_of_work() as session:
            if service.take_slot(session, "reminders", "2026-11-09", now=clock.now()):
                winners.append(number)

    threads = [threading.Thread(target=take, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(winners) == 1

    def take_and_fail() -> None:
        with work() as session:
            assert service.take_slot(session, "reminders", "2026-11-10", now=clock.now())
            raise RuleBroken("no")

    with pytest.raises(RuleBroken):
        take_and_fail()
    with work() as session:
        assert service.take_slot(session, "reminders", "2026-11-10", now=clock.now())
        assert session.scalar(select(func.count()).select_from(ScheduledSlot)) == 2


def test_failed_messages_of_a_partnership_are_listed(
    app: Flask, work: Work, worker: SendingWorker, clock: FixedClock
) -> None:
    owe(work, clock, 2)
    send(app, worker, clock, Scripted(Outcome.PERMANENT), Scripted(Outcome.ACCEPTED))
    with work() as session:
        session.add(Partnership(id=1, name="Westhaven", slug="westhaven", code="WES"))
        session.add(Partnership(id=2, name="Eastmoor", slug="eastmoor", code="EAS"))
        session.flush()
        session.execute(update(OutboxMessage).values(partnership_id=1))
    with app.app_context():
        assert [message.reply_code for message in queries.troubled(db.session(), 1)] == [400]
        assert queries.troubled(db.session(), 2) == []
