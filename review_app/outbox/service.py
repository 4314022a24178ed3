"""Owing e-mail, marking it through its attempts, keeping workers alive, and giving once-only jobs their turn."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from review_app import events, health
from review_app.mail import clean_address, new_message_id, post
from review_app.once import insert_once
from review_app.outbox import queries
from review_app.outbox.models import OutboxMessage, ScheduledSlot, Worker
from review_app.outbox.rules import MESSAGE_WORKFLOW, SETTLED, SILENCE, MessageAction, MessageState, WorkerSilent
from review_app.sending import Fate, Outcome, Reply, Settled, Verdict, after_reply

ACTION_OF_FATE = {
    Fate.SENT: MessageAction.ACCEPT,
    Fate.RETRY: MessageAction.RETRY,
    Fate.FAILED: MessageAction.FAIL,
    Fate.UNKNOWN: MessageAction.LOSE,
}
SUBJECT_LENGTH = 200


def register() -> None:
    """Let messages of a silent worker become unknown, and let `/health` judge the workers and the backlog."""
    events.on(WorkerSilent, lose_messages)
    health.register_heartbeat(queries.latest_beat)
    health.register_backlog(queries.oldest_due)


def owe(
    session: Session,
    *,
    to: str,
    subject: str,
    body: str,
    due_at: datetime,
    partnership_id: int | None,
    purpose: str,
    exercise: bool = False,
    expires_at: datetime | None = None,
) -> OutboxMessage:
    """Owe somebody a finished e-mail. It commits with the work that owes it, and a worker sends it once it is due.

    The subject is kept in clear, so it names nobody. Raises ValueError for an impossible address, subject or body.
    """
    if not body.strip() or not subject or len(subject) > SUBJECT_LENGTH or subject != " ".join(subject.split()):
        raise ValueError("a message needs a body, and a short subject on one line")
    message = OutboxMessage(
        partnership_id=partnership_id,
        purpose=purpose,
        exercise=exercise,
        to=clean_address(to),
        subject=subject,
        body=body,
        message_id=new_message_id(post().sender),
        state=MessageState.QUEUED,
        due_at=due_at,
        next_attempt_at=due_at,
        expires_at=expires_at,
    )
    session.add(message)
    return message


def claim(session: Session, worker_id: int, room: int, *, now: datetime) -> list[OutboxMessage]:
    """Mark at most `room` due messages as being sent by this worker, oldest first; other workers skip them."""
    if room < 1 or not is_alive(session, worker_id):
        return []
    oldest = (
        select(OutboxMessage)
        .where(queries.due(now))
        .order_by(OutboxMessage.due_at, OutboxMessage.id)
        .limit(room)
        .with_for_update(skip_locked=True)
    )
    messages = list(session.scalars(oldest))
    for message in messages:
        message.state = MESSAGE_WORKFLOW.after(message.state, MessageAction.CLAIM)
        message.attempts += 1
        message.claimed_at = now
        message.worker_id = worker_id
    session.flush()
    return messages


def settle(session: Session, answers: Sequence[Settled[int]], *, now: datetime) -> None:
    """Write what became of attempts. An answer to an attempt that another worker has since made again is left out."""
    for answer in answers:
        message = session.scalar(
            select(OutboxMessage)
            .where(
                OutboxMessage.id == answer.key,
                OutboxMessage.attempts == answer.attempt,
                OutboxMessage.state.in_((MessageState.SENDING, MessageState.UNKNOWN)),
            )
            .with_for_update()
        )
        if message is not None:
            _move(message, after_reply(answer.reply, message.attempts, now), now)
    session.flush()


def lose_marked(session: Session, worker_id: int, *, now: datetime) -> None:
    """Let what a worker has marked, and will not answer for, become unknown. It is sent again, as the same message."""
    for message in session.scalars(select(OutboxMessage).where(queries.marked_by(worker_id)).with_for_update()):
        verdict = after_reply(Reply(outcome=Outcome.UNCERTAIN), message.attempts, now)
        _move(message, Verdict(fate=verdict.fate, next_attempt_at=now), now)
    session.flush()


def lose_messages(session: Session, silent: WorkerSilent) -> None:
    """Let what a silent worker was sending become unknown."""
    lose_marked(session, silent.worker_id, now=silent.at)


def expire(session: Session, *, now: datetime) -> None:
    """Give up waiting messages whose use is over, such as a link that has ended."""
    for message in session.scalars(select(OutboxMessage).where(queries.lapsed(now)).with_for_update(skip_locked=True)):
        _settle(message, MessageAction.EXPIRE, now)
    session.flush()


def give_up(message: OutboxMessage, *, now: datetime) -> None:
    """Fail a message that cannot be made ready, for example because its key is gone."""
    _settle(message, MessageAction.FAIL, now)


def _move(message: OutboxMessage, verdict: Verdict, now: datetime) -> None:
    action = ACTION_OF_FATE[verdict.fate]
    if (message.state, action) not in MESSAGE_WORKFLOW.moves:
        return  # still unknown: it will be sent again anyway
    message.reply_code = verdict.code
    message.next_attempt_at = verdict.next_attempt_at
    _settle(message, action, now)


def _settle(message: OutboxMessage, action: MessageAction, now: datetime) -> None:
    message.state = MESSAGE_WORKFLOW.after(message.state, action)
    if message.state in SETTLED:
        message.settled_at = now
        message.to = ""
        message.body = ""


def register_worker(session: Session, name: str, *, now: datetime) -> int:
    """Enter a run of a sending process, and give its number."""
    worker = Worker(name=name, started_at=now, beat_at=now)
    session.add(worker)
    session.flush()
    return worker.id


def beat(session: Session, worker_id: int, *, now: datetime) -> bool:
    """Say that a worker lives. False if others have taken it for dead, so that it must enter again."""
    mine = update(Worker).where(Worker.id == worker_id, Worker.ended_at.is_(None)).values(beat_at=now)
    return session.scalar(mine.returning(Worker.id)) is not None


def is_alive(session: Session, worker_id: int) -> bool:
    """Say whether a worker has not been ended, and keep it so until this transaction ends."""
    mine = select(Worker.id).where(Worker.id == worker_id, Worker.ended_at.is_(None)).with_for_update(read=True)
    return session.scalar(mine) is not None


def end_silent_workers(session: Session, *, now: datetime) -> list[int]:
    """Take workers for dead that have been silent for a minute; what they were sending becomes unknown.

    A restarted process is a new worker, also on the same host: it waits for its predecessor's silence like any other,
    since nothing shows from here that the earlier process is not still sending.
    """
    silent = update(Worker).where(Worker.ended_at.is_(None), Worker.beat_at < now - SILENCE).values(ended_at=now)
    ended = sorted(session.scalars(silent.returning(Worker.id)))
    for worker_id in ended:
        events.publish(session, WorkerSilent(worker_id=worker_id, at=now))
    return ended


def end_worker(session: Session, worker_id: int, *, now: datetime) -> None:
    """Take leave in good order. Anything still marked becomes unknown, though a clean stop leaves nothing."""
    session.execute(update(Worker).where(Worker.id == worker_id, Worker.ended_at.is_(None)).values(ended_at=now))
    events.publish(session, WorkerSilent(worker_id=worker_id, at=now))


def take_slot(session: Session, job: str, slot: str, *, now: datetime) -> bool:
    """Say whether this turn of a once-only job is ours. It is given to one transaction, and back if that fails."""
    return insert_once(session, ScheduledSlot, job=job, slot=slot, taken_at=now)
