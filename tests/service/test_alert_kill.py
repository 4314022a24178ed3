"""`kill -9` in the middle of an alert: nobody is left out, and nobody gets more than the message that was in flight.

The worker that is killed is the product's own, on the machine's clock. The one that goes on has a clock a little over
a minute ahead, so that the minute of silence is kept and need not be waited for; the long cases also wait for it.
"""

import json
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import delete, select

from review_app.alerts.models import Delivery
from review_app.alerts.queries.deliveries import troubled
from review_app.alerts.rules import AlertLevel, DeliveryState, VersionState
from review_app.jobs import CONNECTIONS
from review_app.outbox.models import OutboxMessage
from tests import factories
from tests.alerting import delivery_states, repeated, scheduled
from tests.browser import Browser
from tests.conftest import FixedClock, MakeApp, Work
from tests.factories import Place
from tests.servers import RunningProduct, descendants
from tests.service.alert_cases import version_of
from tests.smtp import SmtpSink
from tests.worker_process import running_worker

AHEAD = 70
SEEDS = (1, 2, 3)
Record = Callable[[str, object], None]


@pytest.fixture
def app(make_app: MakeApp, smtp_sink: SmtpSink) -> Flask:
    """The application with a real mail server."""
    return make_app(REVIEW_MAIL_URL=smtp_sink.url)


@dataclass(frozen=True, kw_only=True)
class Killed:
    """What was seen at the moment of the kill."""

    here: Place
    reference: str
    recipients: int
    accepted: int
    open_connections: int
    being_sent: int


def sign_alert(work: Work, clock: FixedClock, recipients: int, level: AlertLevel) -> tuple[Place, str]:
    """Have an alert signed that goes out at once. Mail to colleagues is taken away: it would be sent in between."""
    clock.set(datetime.now(UTC))
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        reference = scheduled(session, here, now=clock.now(), people=recipients, level=level).reference
        session.execute(delete(OutboxMessage))
    return here, reference


def kill_half_way(
    app: Flask, work: Work, clock: FixedClock, sink: SmtpSink, *, recipients: int, level: AlertLevel, part: float = 0.5
) -> Killed:
    """Let a worker release an alert and send it, and kill it when so great a part has arrived."""
    here, reference = sign_alert(work, clock, recipients, level)
    sink.delay = 0.005
    with running_worker(app, sink) as process:
        sink.wait_for(int(recipients * part), seconds=150)
        connections = sink.open_connections
        process.send_signal(signal.SIGKILL)
        process.wait()
    wait_until(lambda: sink.open_connections == 0)
    sink.delay = 0
    before = delivery_states(work)
    assert 0 < before["sending"] <= CONNECTIONS
    assert before["queued"] > 0
    return Killed(
        here=here,
        reference=reference,
        recipients=recipients,
        accepted=len(sink.received),
        open_connections=connections,
        being_sent=before["sending"],
    )


def wait_until(true: Callable[[], bool], *, seconds: float = 150) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def finished(work: Work, recipients: int) -> Callable[[], bool]:
    return lambda: delivery_states(work) == {"sent": recipients}


def judge(sink: SmtpSink, killed: Killed) -> int:
    """Hold what arrived to the promise; give how many arrived twice."""
    counts = sink.counts()
    twice = repeated(sink.received)
    assert len(counts) == killed.recipients
    assert set(twice.values()) <= {1}
    assert len(twice) <= killed.open_connections <= CONNECTIONS
    for address in twice:
        assert len({each.message_id for each in sink.to(address)}) == 1
    assert len({each.message_id for each in sink.received}) == killed.recipients
    return len(twice)


def red_alert_survives(
    app: Flask, work: Work, clock: FixedClock, sink: SmtpSink, record: Record, *, recipients: int, part: float
) -> None:
    killed = kill_half_way(app, work, clock, sink, recipients=recipients, level=AlertLevel.RED, part=part)
    begun = time.monotonic()
    with running_worker(app, sink, ahead=AHEAD):
        wait_until(finished(work, recipients))
        took = time.monotonic() - begun
        wait_until(lambda: state_of(work, killed) is VersionState.SENT)
    record("recipients", recipients)
    record("accepted_at_kill", killed.accepted)
    record("open_connections_at_kill", killed.open_connections)
    record("arrived_twice", judge(sink, killed))
    record("seconds_until_all_had_it", round(took, 1))


def state_of(work: Work, killed: Killed) -> VersionState:
    with work() as session:
        return version_of(session, killed.reference).state


@pytest.mark.both_databases
def test_a_red_alert_survives_the_kill_of_the_sending_process(
    app: Flask,
    work: Work,
    clock: FixedClock,
    smtp_sink: SmtpSink,
    record_property: Record,
) -> None:
    red_alert_survives(app, work, clock, smtp_sink, record_property, recipients=200, part=0.5)


@pytest.mark.both_databases(short="sqlite")
def test_of_an_information_alert_the_uncertain_ones_are_listed_and_one_press_sends_them_again(
    app: Flask, work: Work, clock: FixedClock, smtp_sink: SmtpSink
) -> None:
    information_alert_is_asked_about(app, work, clock, smtp_sink, recipients=120)


def information_alert_is_asked_about(
    app: Flask, work: Work, clock: FixedClock, sink: SmtpSink, *, recipients: int
) -> None:
    killed = kill_half_way(app, work, clock, sink, recipients=recipients, level=AlertLevel.INFORMATION)
    uncertain = killed.being_sent
    with running_worker(app, sink, ahead=AHEAD):
        wait_until(lambda: delivery_states(work) == {"sent": recipients - uncertain, "unknown": uncertain})
        assert repeated(sink.received) == {}
        with work() as session:
            listed = troubled(session, killed.here.actor("coordinator"), version_of(session, killed.reference).id)
            assert {delivery.state for delivery in listed} == {DeliveryState.UNKNOWN}
            addresses = {delivery.address for delivery in listed}
        assert len(addresses) == uncertain
        page = Browser(app).sign_in(killed.here.email("coordinator"), factories.PASSWORD)
        page.get(f"/alerts/{killed.reference}")
        rows = page.table("Messages that need a person")[1:]
        assert {row[0].split()[-1] for row in rows} == addresses
        words = "message" if uncertain == 1 else "messages"
        page.press(f"Send {uncertain} uncertain {words} again")
        wait_until(finished(work, recipients))
    assert set(repeated(sink.received)) <= addresses
    judge(sink, killed)


@pytest.fixture(params=SEEDS)
def part(request: pytest.FixtureRequest, seed: int) -> float:
    """How great a part has arrived when the process is killed, drawn by the seed."""
    return random.Random(seed * 100 + int(request.param)).uniform(0.1, 0.9)


@pytest.mark.endurance
@pytest.mark.both_databases
def test_a_red_alert_to_a_thousand_survives_the_kill_wherever_it_comes(
    app: Flask,
    work: Work,
    clock: FixedClock,
    smtp_sink: SmtpSink,
    part: float,
    record_property: Record,
) -> None:
    record_property("killed_after_part", round(part, 3))
    red_alert_survives(app, work, clock, smtp_sink, record_property, recipients=1000, part=part)


@pytest.mark.endurance
@pytest.mark.both_databases
def test_an_information_alert_to_a_thousand_is_asked_about(
    app: Flask, work: Work, clock: FixedClock, smtp_sink: SmtpSink
) -> None:
    information_alert_is_asked_about(app, work, clock, smtp_sink, recipients=1000)


@pytest.fixture
def product(app: Flask, smtp_sink: SmtpSink) -> Iterator[RunningProduct]:
    """The product as its first command runs it, on the test's database."""
    settings = {"REVIEW_DATABASE_URL": app.config["SQLALCHEMY_DATABASE_URI"], "REVIEW_MAIL_URL": smtp_sink.url}
    with RunningProduct(Path(app.instance_path), settings=settings) as running:
        yield running


@pytest.mark.endurance
@pytest.mark.both_databases
def test_the_running_product_goes_on_by_itself_after_its_worker_is_killed(
    app: Flask,
    work: Work,
    clock: FixedClock,
    smtp_sink: SmtpSink,
    product: RunningProduct,
    record_property: Record,
) -> None:
    """The supervisor starts the worker again, the minute of silence passes in real time, and everybody has it."""
    recipients = 1000
    here, reference = sign_alert(work, clock, recipients, AlertLevel.RED)
    smtp_sink.delay = 0.005
    product.start(path="/live")
    smtp_sink.wait_for(recipients // 2, seconds=150)
    connections = smtp_sink.open_connections
    (worker,) = [process for process in descendants(product.pid) if "review_app.starting.work" in command_of(process)]
    os.kill(worker, signal.SIGKILL)
    begun = time.monotonic()
    smtp_sink.delay = 0
    wait_until(finished(work, recipients), seconds=180)
    record_property("seconds_until_all_had_it", round(time.monotonic() - begun, 1))
    killed = Killed(
        here=here,
        reference=reference,
        recipients=recipients,
        accepted=0,
        open_connections=connections,
        being_sent=0,
    )
    record_property("arrived_twice", judge(smtp_sink, killed))
    record_property("health", json.dumps(product.health()))


def command_of(process: int) -> str:
    return Path(f"/proc/{process}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")


@pytest.mark.endurance
@pytest.mark.both_databases
def test_a_thousand_messages_take_seconds(
    app: Flask, work: Work, clock: FixedClock, smtp_sink: SmtpSink, record_property: Record
) -> None:
    sign_alert(work, clock, 1000, AlertLevel.RED)
    with running_worker(app, smtp_sink):
        smtp_sink.wait_for(1, seconds=60)
        begun = time.monotonic()
        wait_until(finished(work, 1000))
    took = time.monotonic() - begun
    record_property("seconds", round(took, 1))
    with work() as session:
        assert set(session.scalars(select(Delivery.attempts))) == {1}
    assert took < 60
