"""Signers, a writer, a withdrawal and two workers at once: never two winners, no unsigned text at the sink."""

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from review_app.alerts.models import Alert, AlertVersion, Delivery, SignOff, SubmittedText
from review_app.alerts.queries.versions import newest_version, wording_of
from review_app.alerts.rules import AlertState, VersionKind, VersionState
from review_app.errors import DomainError
from review_app.policy import Role
from tests import factories
from tests.alerting import Desk, withdraw
from tests.conftest import FixedClock, MakeApp, Work
from tests.factories import Place
from tests.service.alert_cases import edit, ready_draft, sign, submitted
from tests.smtp import SmtpSink

ROUNDS = 6
UNSIGNED = "A headline that nobody has signed"


@pytest.fixture
def app(make_app: MakeApp, smtp_sink: SmtpSink) -> Flask:
    """The application with a real mail server."""
    return make_app(REVIEW_MAIL_URL=smtp_sink.url)


def named(session: Session, reference: str) -> Alert:
    return session.scalars(select(Alert).where(Alert.reference == reference)).one()


def at_once(*acts: Callable[[], object]) -> list[str]:
    """Do all of these at the same moment; say which were done and which refused. Any other error goes on."""
    start, ends, failures = threading.Barrier(len(acts)), [""] * len(acts), list[BaseException]()

    def run(place: int, act: Callable[[], object]) -> None:
        start.wait()
        try:
            act()
            ends[place] = "done"
        except DomainError:
            ends[place] = "refused"
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(place, act)) for place, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    return ends


def race(work: Work, clock: FixedClock, here: Place, desks: list[Desk], *, with_withdrawal: bool) -> str:
    """Submit an alert that lacks one signature, and let everybody act on it at once."""
    now = clock.now()
    with work() as session:
        alert = ready_draft(session, here, now=now, people=5)
        submitted(session, here, alert, now=now)
        sign(session, here, "dph", alert, Role.DPH, now=now)
        reference, version = alert.reference, newest_version(session, alert)
        digest, seen, wording = version.digest, version.version, wording_of(session, version)

    def last_signature() -> None:
        with work() as session:
            sign(session, here, "chair", named(session, reference), Role.CHAIR, now=now, digest=digest)

    def edited() -> None:
        with work() as session:
            changed = replace(wording, headline=UNSIGNED)
            edit(session, here, "approver", named(session, reference), changed, now=now, version=seen)

    def withdrawn() -> None:
        with work() as session:
            withdraw(session, here, named(session, reference), now=now)

    others = [withdrawn] if with_withdrawal else []
    ends = at_once(last_signature, edited, *others, *(desk.go for desk in desks))
    if with_withdrawal:
        assert ends[2] == "done"
    return reference


@pytest.mark.both_databases
def test_whatever_comes_first_only_signed_text_goes_out_and_everyone_who_has_it_hears_of_its_end(
    app: Flask, work: Work, clock: FixedClock, smtp_sink: SmtpSink
) -> None:
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
    desks = [Desk(app, clock) for _ in range(2)]
    references = [race(work, clock, here, desks, with_withdrawal=bool(turn % 2)) for turn in range(ROUNDS)]
    for desk in desks:
        desk.go()
    alerts = [message for message in smtp_sink.received if message.subject.startswith("Red alert")]
    assert not any(UNSIGNED in message.subject + message.text for message in alerts)
    for reference in references:
        with work() as session:
            judge(session, reference, {message.recipient for message in alerts if reference in message.subject})
    with work() as session:
        doubled = select(Delivery.normalised).group_by(Delivery.alert_version_id, Delivery.normalised)
        assert session.scalars(doubled.having(func.count() > 1)).all() == []


def judge(session: Session, reference: str, reached: set[str]) -> None:
    """Hold one alert to the promise, by its rows and by who was reached."""
    alert = named(session, reference)
    original = alert.versions[0]
    signatures = session.scalars(select(SignOff).where(SignOff.alert_version_id == original.id)).all()
    in_force = {each.role for each in signatures if each.voided_at is None}
    if original.state is VersionState.SENT:
        assert in_force == {Role.DPH, Role.CHAIR}
        assert original.digest in set(session.scalars(select(SubmittedText.digest)))
        assert original.headline != UNSIGNED
    else:
        assert original.state in (VersionState.DRAFT, VersionState.CANCELLED)
        assert (in_force, reached) == (set(), set())
    assert (alert.state is AlertState.WITHDRAWN) == (
        original.state is VersionState.CANCELLED or alert.versions[-1].kind is VersionKind.WITHDRAWAL
    )
    if alert.state is AlertState.WITHDRAWN and original.state is VersionState.SENT:
        told = select(Delivery.address).join(AlertVersion).where(AlertVersion.id == alert.versions[-1].id)
        assert set(session.scalars(told)) == reached
