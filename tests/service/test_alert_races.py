"""Two signers, a writer and a withdrawal at once: never two winners, and no text goes out that was not signed."""

import threading
from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.orm.exc import StaleDataError

from review_app.alerts.commands import DraftAlert, WithdrawAlert
from review_app.alerts.models import Alert
from review_app.alerts.queries.versions import digest_of, newest_version, signatures_in_force, wording_of
from review_app.alerts.rules import AlertLevel, VersionState, WithdrawalReason
from review_app.alerts.service import drafting, ending, signing
from review_app.errors import DomainError
from review_app.policy import Role
from tests import factories
from tests.service.alert_cases import decided_signal, edit, ready_draft, sign, soon, submitted, version_of

pytestmark = pytest.mark.both_databases
ROUNDS = 5


def at_once(work, *acts):
    """Do all of these at the same moment, each in its own unit of work; say how each ended."""
    ready, ends = threading.Barrier(len(acts)), [""] * len(acts)

    def run(place, act):
        ready.wait()
        try:
            with work() as session:
                ends[place] = str(act(session))
        except (DomainError, StaleDataError) as refusal:
            ends[place] = f"refused: {refusal}"

    threads = [threading.Thread(target=run, args=(place, act)) for place, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ends


def put_to_signers(work, here, now, **changes):
    """Make one more alert that waits for its signers."""
    with work() as session:
        alert = ready_draft(session, here, now=now, **changes)
        submitted(session, here, alert, now=now)
        return alert.reference


def alert_named(session, reference):
    return session.scalars(select(Alert).where(Alert.reference == reference)).one()


@pytest.fixture
def here(work, clock):
    with work() as session:
        return factories.world(session, now=clock.now()).westhaven


def signer(here, who, role, reference, digest, now):
    return lambda session: sign(session, here, who, alert_named(session, reference), role, now=now, digest=digest).state


def test_of_two_who_could_give_the_last_signature_one_does(work, clock, here):
    for _ in range(ROUNDS):
        reference = put_to_signers(work, here, clock.now(), level=AlertLevel.INFORMATION)
        with work() as session:
            digest = version_of(session, reference).digest
        ends = at_once(
            work,
            signer(here, "chair", Role.CHAIR, reference, digest, clock.now()),
            signer(here, "deputy", Role.DEPUTY_CHAIR, reference, digest, clock.now()),
        )
        with work() as session:
            version = version_of(session, reference)
            assert version.state is VersionState.SCHEDULED
            assert len(signatures_in_force(version)) == 1
        assert sorted(end.startswith("refused") for end in ends) == [False, True], ends


def test_both_signatures_of_a_red_alert_given_at_once_schedule_it_once(work, clock, here):
    for _ in range(ROUNDS):
        reference = put_to_signers(work, here, clock.now())
        with work() as session:
            digest = version_of(session, reference).digest
        ends = at_once(
            work,
            signer(here, "dph", Role.DPH, reference, digest, clock.now()),
            signer(here, "chair", Role.CHAIR, reference, digest, clock.now()),
        )
        assert sorted(ends) == ["awaiting_sign_off", "scheduled"]
        with work() as session:
            version = version_of(session, reference)
            assert len(signatures_in_force(version)) == 2
            assert signing.signed_text_stands(session, version, now=clock.now())


def test_two_signers_a_writer_and_a_withdrawal_leave_one_state_and_no_unsigned_text(work, clock, here):
    for turn in range(ROUNDS):
        reference = put_to_signers(work, here, clock.now(), send_at=soon(clock.now(), hours=2))
        with work() as session:
            version = version_of(session, reference)
            digest, seen, wording = version.digest, version.version, wording_of(session, version)
        changed = replace(wording, headline="A headline that nobody has signed")

        def write(session, changed=changed, seen=seen, reference=reference):
            return edit(
                session, here, "approver", alert_named(session, reference), changed, now=clock.now(), version=seen
            ).state

        def withdraw(session, reference=reference):
            command = WithdrawAlert(reference=reference, reason=WithdrawalReason.SENT_IN_ERROR)
            return ending.withdraw(session, here.actor("oncall"), command, now=clock.now()).state

        acts = [
            signer(here, "dph", Role.DPH, reference, digest, clock.now()),
            signer(here, "chair", Role.CHAIR, reference, digest, clock.now()),
            write,
            withdraw,
        ]
        ends = at_once(work, *(acts if turn % 2 else acts[:3]))
        with work() as session:
            version = version_of(session, reference)
            signed = signatures_in_force(version)
            assert {each.digest for each in signed} <= {version.digest}, ends
            if turn % 2:
                assert version.state is VersionState.CANCELLED, ends
                assert signed == []
            elif version.headline == changed.headline:
                assert version.state is VersionState.DRAFT, ends
                assert signed == []
            else:
                assert version.state is VersionState.SCHEDULED, ends
                assert version.digest == digest == digest_of(session, version)
                assert len(signed) == 2


def test_of_two_writers_who_opened_the_same_text_one_saves_and_one_is_told(work, clock, here):
    for _ in range(ROUNDS):
        with work() as session:
            alert = ready_draft(session, here, now=clock.now())
            version = newest_version(session, alert)
            reference, seen, wording = alert.reference, version.version, wording_of(session, version)

        def writer(who, headline, reference=reference, seen=seen, wording=wording):
            changed = replace(wording, headline=headline)
            return lambda session: (
                edit(
                    session, here, who, alert_named(session, reference), changed, now=clock.now(), version=seen
                ).headline
            )

        ends = at_once(work, writer("coordinator", "Mine"), writer("communications", "Theirs"))
        assert sorted(end.startswith("refused") for end in ends) == [False, True], ends
        with work() as session:
            assert version_of(session, reference).headline in ends


def test_a_double_press_begins_one_draft(work, clock, here):
    for _ in range(ROUNDS):
        with work() as session:
            signal = decided_signal(session, here, now=clock.now()).reference

        def press(session, signal=signal):
            command = DraftAlert(signal=signal)
            return drafting.draft_alert(session, here.actor("coordinator"), command, now=clock.now()).reference

        first, second = at_once(work, press, press)
        assert first == second
