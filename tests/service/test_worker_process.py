"""A real worker process: it sends soon, stops cleanly, and loses nothing when it is killed."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from review_app import health, jobs
from review_app.clock import Clock, SystemClock
from review_app.db import db
from review_app.jobs import CONNECTIONS, Job
from review_app.mail import post, sent_mail
from review_app.outbox import service, worker
from review_app.outbox.models import OutboxMessage, Worker
from review_app.outbox.worker import SendingWorker
from review_app.sending import Mailer
from tests.conftest import FixedClock, MakeApp, Work
from tests.smtp import SmtpSink

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def app(make_app: MakeApp, smtp_sink: SmtpSink) -> Flask:
    """The application with a real mail server."""
    return make_app(REVIEW_MAIL_URL=smtp_sink.url)


@contextmanager
def running_worker(app: Flask, sink: SmtpSink) -> Iterator[subprocess.Popen[bytes]]:
    """Run a worker process on the test's database and mail server."""
    environ = {
        **{name: value for name, value in os.environ.items() if not name.startswith("REVIEW_")},
        "REVIEW_INSTANCE": app.instance_path,
        "REVIEW_DATABASE_URL": app.config["SQLALCHEMY_DATABASE_URI"],
        "REVIEW_MAIL_URL": sink.url,
    }
    log = Path(app.instance_path) / "worker.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "review_app.starting.work"], cwd=ROOT, env=environ, stdout=output, stderr=output
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def owe(work: Work, clock: FixedClock, count: int) -> None:
    with work() as session:
        for number in range(count):
            service.owe(
                session,
                to=f"r{number}@hospital.example",
                subject="Something waits for you",
                body="Sign in to see it.",
                due_at=clock.now() - timedelta(days=400),
                partnership_id=None,
                purpose="notice",
            )


def states(work: Work) -> dict[str, int]:
    with work() as session:
        counted = select(OutboxMessage.state, func.count()).group_by(OutboxMessage.state)
        return {state.value: count for state, count in session.execute(counted)}


def finish(app: Flask, clock: FixedClock) -> None:
    """Be another worker, a minute and more after the first one's last beat, until nothing is left."""
    with app.app_context():
        clock.set(SystemClock().now() + timedelta(seconds=70))
        other = SendingWorker(clock)
        other.beat(clock)
        mailers = post().connections(2)
    jobs.run_job(app, Job(name="outbox", seconds=1, function=worker.send_due), other, mailers)


@pytest.mark.both_databases(short="sqlite")
def test_a_worker_killed_in_the_middle_loses_nobody_and_repeats_at_most_one_for_each_connection(
    app: Flask, work: Work, clock: FixedClock, smtp_sink: SmtpSink
) -> None:
    owe(work, clock, 240)
    smtp_sink.delay = 0.01
    with running_worker(app, smtp_sink) as process:
        smtp_sink.wait_for(80, seconds=90)
        process.kill()
        process.wait()
    before = states(work)
    assert 0 < before["sending"] <= CONNECTIONS
    assert before["queued"] > 0
    smtp_sink.delay = 0
    finish(app, clock)
    assert states(work) == {"sent": 240}
    counts = smtp_sink.counts()
    assert len(counts) == 240
    assert sum(counts.values()) - 240 <= CONNECTIONS
    for address in [address for address, count in counts.items() if count > 1]:
        assert len({each.message_id for each in smtp_sink.to(address)}) == 1


@pytest.mark.both_databases(short="sqlite")
def test_a_worker_told_to_stop_finishes_what_is_in_flight_and_leaves(
    app: Flask, work: Work, clock: FixedClock, smtp_sink: SmtpSink
) -> None:
    owe(work, clock, 200)
    smtp_sink.delay = 0.02
    with running_worker(app, smtp_sink) as process:
        smtp_sink.wait_for(20, seconds=90)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=40) == 0
    after = states(work)
    assert set(after) == {"sent", "queued"}
    assert after["sent"] == len(smtp_sink.received)
    assert set(smtp_sink.counts().values()) == {1}
    with work() as session:
        assert session.scalars(select(Worker.ended_at)).one() is not None


def test_a_message_that_becomes_due_is_sent_within_seconds(
    app: Flask, work: Work, clock: FixedClock, smtp_sink: SmtpSink
) -> None:
    with running_worker(app, smtp_sink):
        wait_until(lambda: beats(work) == 1)
        owe(work, clock, 1)
        begun = time.monotonic()
        smtp_sink.wait_for(1, seconds=20)
        assert time.monotonic() - begun < 10
        wait_until(lambda: states(work) == {"sent": 1})


def beats(work: Work) -> int:
    with work() as session:
        return session.scalar(select(func.count()).select_from(Worker)) or 0


def wait_until(true: Callable[[], bool], *, seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_without_a_mail_server_messages_become_files(make_app: MakeApp, work: Work, clock: FixedClock) -> None:
    app = make_app()
    owe(work, clock, 3)
    with app.app_context():
        sender = SendingWorker(clock)
        worker.send_due(sender, post().connections(2), clock)
        found = sent_mail(post().folder)
    assert {mail.to for mail in found} == {f"r{number}@hospital.example" for number in range(3)}
    assert states(work) == {"sent": 3}


@pytest.fixture
def only_these_jobs(app: Flask) -> Iterator[None]:
    """Take the application's own jobs away, and put them back afterwards."""
    before = dict(jobs._jobs)
    jobs._jobs.clear()
    yield
    jobs._jobs.clear()
    jobs._jobs.update(before)
    jobs.failures.clear()


@pytest.mark.usefixtures("only_these_jobs")
def test_a_job_that_fails_is_counted_and_does_not_stop_the_others(
    app: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    ran = threading.Event()

    def fail(_worker: SendingWorker, _mailers: Sequence[Mailer], _clock: Clock) -> None:
        raise LookupError("Jane Example, 1 High Street")

    def succeed(_worker: SendingWorker, _mailers: Sequence[Mailer], _clock: Clock) -> None:
        ran.set()

    jobs.register_job("fails", 0.05, fail)
    jobs.register_job("succeeds", 0.05, succeed)
    stop = threading.Event()
    app.extensions["clock"] = SystemClock()
    thread = threading.Thread(target=jobs.work, args=(app, stop))
    thread.start()
    assert ran.wait(10)
    wait_until(lambda: jobs.failures["fails"] >= 2)
    stop.set()
    thread.join(timeout=10)
    assert not thread.is_alive()
    printed = capsys.readouterr()
    assert "job_failed" in printed.out + printed.err
    assert "Jane" not in printed.out + printed.err
    assert [job.name for job in jobs.registered_jobs()] == ["fails", "succeeds"]


def test_a_job_lets_its_connections_go(app: Flask, smtp_sink: SmtpSink, work: Work, clock: FixedClock) -> None:
    owe(work, clock, 2)
    with app.app_context():
        sender, mailers = SendingWorker(clock), post().connections(2)
    jobs.run_job(app, Job(name="outbox", seconds=1, function=worker.send_due), sender, mailers)
    assert len(smtp_sink.received) == 2
    wait_until(lambda: smtp_sink.open_connections == 0)


@pytest.mark.both_databases
def test_health_is_judged_by_the_database_the_beat_and_the_oldest_due_message(
    app: Flask, work: Work, clock: FixedClock
) -> None:
    def judged() -> health.Health:
        with app.app_context():
            return health.judge(db.session(), clock.now())

    assert not judged().scheduler
    with app.app_context():
        sender = SendingWorker(clock)
    assert judged().ok
    assert judged().as_json("1") == {
        "status": "ok",
        "database": "ok",
        "scheduler": "ok",
        "oldest_due_delivery_seconds": 0,
        "version": "1",
    }
    clock.advance(seconds=61)
    assert judged().as_json("1")["scheduler"] == "failing"
    with work() as session:
        service.owe(
            session, to="a@x.example", subject="S", body="B", due_at=clock.now(), partnership_id=None, purpose="x"
        )
    for seconds, well in ((300, True), (1, False)):
        clock.advance(seconds=seconds)
        with app.app_context():
            sender.beat(clock)
        assert judged().ok is well
    assert judged().oldest_due_delivery_seconds == 301
    with work() as session:
        session.scalars(select(OutboxMessage)).one().next_attempt_at = clock.now() + timedelta(minutes=1)
    assert judged().ok


def test_a_database_that_fails_is_said_and_never_raised(make_app: MakeApp, clock: FixedClock) -> None:
    app = make_app()
    with app.app_context():
        db.engine.dispose()
    database = Path(app.instance_path) / "review.db"
    for file in database.parent.glob("review.db*"):
        file.unlink()
    database.mkdir()
    with app.app_context():
        judged = health.judge(db.session(), clock.now())
        assert not health.database_answers(db.session())
    assert (judged.ok, judged.database) == (False, False)
