"""When an attempt is made again, and that a round never has more in flight than connections."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from review_app.sending import (
    RETRY_AFTER,
    Envelope,
    Fate,
    Mailer,
    Outcome,
    Parcel,
    Reply,
    Sender,
    Settled,
    Verdict,
    after_reply,
)

NOW = datetime(2026, 11, 9, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(("attempts", "minutes"), [(1, 1), (2, 2), (3, 5), (4, 10), (5, 20)])
def test_a_temporary_refusal_is_tried_again_after_ever_longer_waits(attempts: int, minutes: int) -> None:
    reply = Reply(outcome=Outcome.TEMPORARY, code=451)
    wanted = Verdict(fate=Fate.RETRY, next_attempt_at=NOW + timedelta(minutes=minutes), code=451)
    assert after_reply(reply, attempts, NOW) == wanted


@pytest.mark.parametrize("outcome", [Outcome.TEMPORARY, Outcome.UNCERTAIN])
def test_after_the_last_try_it_has_failed(outcome: Outcome) -> None:
    assert after_reply(Reply(outcome=outcome), len(RETRY_AFTER) + 1, NOW).fate is Fate.FAILED


@pytest.mark.parametrize("attempts", range(1, 8))
def test_acceptance_and_permanent_refusal_are_final_at_any_try(attempts: int) -> None:
    assert after_reply(Reply(outcome=Outcome.ACCEPTED, code=250), attempts, NOW).fate is Fate.SENT
    assert after_reply(Reply(outcome=Outcome.PERMANENT, code=550), attempts, NOW).fate is Fate.FAILED


def test_an_uncertain_attempt_is_unknown_and_an_attempt_never_begun_may_be_made_at_once() -> None:
    assert after_reply(Reply(outcome=Outcome.UNCERTAIN), 1, NOW).fate is Fate.UNKNOWN
    assert after_reply(None, 1, NOW) == Verdict(fate=Fate.RETRY, next_attempt_at=NOW)


class StillClock:
    def now(self) -> datetime:
        return NOW


class ListLedger:
    """A ledger in memory, of numbered messages."""

    def __init__(self, numbers: int) -> None:
        self.waiting = list(range(numbers))
        self.marked: set[int] = set()
        self.answers: list[Settled[int]] = []
        self.most = 0
        self.broken = False

    def anything_due(self, worker_id: int, now: datetime) -> bool:
        return bool(self.waiting)

    def exchange(self, settled: Sequence[Settled[int]], room: int, worker_id: int, now: datetime) -> list[Parcel[int]]:
        if self.broken and settled:
            raise ConnectionError
        self.answers.extend(settled)
        self.marked -= {answer.key for answer in settled}
        taken, self.waiting = self.waiting[:room], self.waiting[room:]
        self.marked.update(taken)
        self.most = max(self.most, len(self.marked))
        return [Parcel(key=number, attempt=1, envelope=_envelope(number)) for number in taken]


def _envelope(number: int) -> Envelope:
    return Envelope(sender="a@x.example", recipient="b@x.example", message_id=f"<{number}@x>", content=b"")


class ListMailer:
    def __init__(self, reply: Reply) -> None:
        self.reply = reply
        self.sent: list[str] = []

    def send(self, envelope: Envelope) -> Reply:
        self.sent.append(envelope.message_id)
        return self.reply

    def close(self) -> None: ...


class Worker:
    worker_id = 1

    def __init__(self, allowed: int = 1000) -> None:
        self.allowed = allowed

    def may_send(self, now: datetime) -> bool:
        self.allowed -= 1
        return self.allowed >= 0


def mailers(outcome: Outcome = Outcome.ACCEPTED, *, connected: bool = True) -> list[ListMailer]:
    return [ListMailer(Reply(outcome=outcome, connected=connected)) for _ in range(3)]


def run(ledger: ListLedger, worker: Worker, over: Sequence[Mailer], sender: Sender[int] | None = None) -> int:
    return (sender or Sender(ledger)).run(worker, over, StillClock())


def test_every_message_is_sent_once_and_never_more_are_marked_than_there_are_connections() -> None:
    ledger, over = ListLedger(10), mailers()
    assert run(ledger, Worker(), over) == 10
    assert sorted(number for mailer in over for number in mailer.sent) == sorted(f"<{n}@x>" for n in range(10))
    assert ledger.most == 3
    assert ledger.marked == set()
    assert len(ledger.answers) == 10


def test_when_no_connection_can_be_made_the_rest_stays_unmarked() -> None:
    ledger = ListLedger(10)
    assert run(ledger, Worker(), mailers(Outcome.TEMPORARY, connected=False)) == 3
    assert len(ledger.waiting) == 7
    assert ledger.marked == set()


def test_a_worker_that_may_no_longer_send_answers_for_what_it_did_and_marks_no_more() -> None:
    ledger, over = ListLedger(10), mailers()
    assert run(ledger, Worker(allowed=2), over) == 3
    assert len(ledger.waiting) == 7
    assert ledger.marked == set()


def test_a_worker_that_lost_its_right_after_marking_says_that_it_did_not_begin() -> None:
    ledger, over = ListLedger(2), mailers()
    run(ledger, Worker(allowed=1), over)
    assert [answer.reply for answer in ledger.answers] == [None, None]
    assert [mailer.sent for mailer in over] == [[], [], []]


def test_answers_that_could_not_be_written_are_written_in_the_next_run() -> None:
    ledger, over = ListLedger(2), mailers()
    sender = Sender(ledger)
    ledger.broken = True
    with pytest.raises(ConnectionError):
        run(ledger, Worker(), over, sender)
    ledger.broken = False
    run(ledger, Worker(), over, sender)
    assert [answer.key for answer in ledger.answers] == [0, 1]
    assert ledger.marked == set()
