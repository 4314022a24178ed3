"""Agencies' answers: by private link or signed in, replaced by a later one, and taken back within ten minutes."""

from datetime import datetime

from sqlalchemy.orm import Session

from review_app.audit.service import record
from review_app.errors import NotAllowed, RuleBroken
from review_app.panel.commands import Answer
from review_app.panel.models import CorroborationAsk, CorroborationReply
from review_app.panel.queries import rounds as queries
from review_app.panel.rules import (
    CORROBORATION_WORKFLOW,
    UNDO_LASTS,
    CorroborationAction,
    CorroborationState,
    ReplyAnswer,
)
from review_app.panel.service.asking import SECTION
from review_app.policy import Actor, Permission, require

TOO_LATE_TO_UNDO = "It is more than ten minutes ago, so it cannot be taken back. You can send another answer instead."


def answer_by_link(session: Session, token: str, command: Answer, *, now: datetime) -> CorroborationReply:
    """Keep the answer of whoever holds the private link."""
    return _keep(session, None, queries.get_link(session, token, now=now).ask, command, now=now)


def answer_signed_in(
    session: Session, actor: Actor, reference: str, command: Answer, *, now: datetime
) -> CorroborationReply:
    """Keep the answer of a representative of the asked agency."""
    return _keep(session, actor, _own_ask(session, actor, reference), command, now=now)


def undo_by_link(session: Session, token: str, *, now: datetime) -> CorroborationAsk:
    """Take the latest answer back, by the private link."""
    return _undo(session, None, queries.get_link(session, token, now=now).ask, now=now)


def undo_signed_in(session: Session, actor: Actor, reference: str, *, now: datetime) -> CorroborationAsk:
    """Take the latest answer of one's own agency back."""
    return _undo(session, actor, _own_ask(session, actor, reference), now=now)


def _own_ask(session: Session, actor: Actor, reference: str) -> CorroborationAsk:
    ask = queries.get_ask(session, actor, reference)
    require(actor, Permission.CORROBORATION_ANSWER)
    if not queries.may_answer(actor, ask):
        raise NotAllowed(queries.NOT_YOUR_AGENCY)
    return ask


def _keep(
    session: Session, actor: Actor | None, ask: CorroborationAsk, command: Answer, *, now: datetime
) -> CorroborationReply:
    """Keep one answer. The same one pressed twice is kept once; one after the due time or the close is flagged."""
    request = queries.lock_round(session, ask.request_id)
    before, after = request.state, CORROBORATION_WORKFLOW.after(request.state, CorroborationAction.REPLY)
    words = command.words.strip()
    if command.answer is ReplyAnswer.MORE_TO_SAY and not words:
        raise RuleBroken("Enter what you want to tell us.")
    session.refresh(ask, ["replies"])
    standing = ask.reply
    if standing is not None and standing.answer is command.answer and standing.words == words:
        return standing
    reply = CorroborationReply(
        ask=ask,
        answer=command.answer,
        words=words,
        replied_at=now,
        replied_by_id=actor.user_id if actor else None,
        late=before is CorroborationState.CLOSED or now > request.due_at,
    )
    session.add(reply)
    request.state = after
    record(
        session, actor, CorroborationAction.REPLY, request, at=now, section=SECTION, changes={"state": (before, after)}
    )
    return reply


def _undo(session: Session, actor: Actor | None, ask: CorroborationAsk, *, now: datetime) -> CorroborationAsk:
    """Take the answer in force back, within ten minutes; the row is kept, and the one before it counts again."""
    request = queries.lock_round(session, ask.request_id)
    session.refresh(ask, ["replies"])
    standing = ask.reply
    if standing is None:
        raise RuleBroken("There is no answer to take back.")
    if now > standing.replied_at + UNDO_LASTS:
        raise RuleBroken(TOO_LATE_TO_UNDO)
    standing.undone_at = now
    record(session, actor, "undo_reply", request, at=now, section=SECTION)
    return ask
