"""Question rounds and their answers, narrowed to what the person may know.

The people who run the system and the panel see every agency's answer; an agency's own representatives and lead see
their agency's alone; whoever holds a private link sees the one question it opens.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from review_app.accounts.models import Agency, Partnership
from review_app.accounts.queries import people_names
from review_app.crypto import token_hash
from review_app.errors import LinkSpent, NotAllowed, NotVisible
from review_app.panel.models import CorroborationAsk, CorroborationLink, CorroborationReply, CorroborationRequest
from review_app.panel.rules import (
    CORROBORATION_WORKFLOW,
    UNDO_LASTS,
    WAITING_FOR_ANSWERS,
    AgencyAnswer,
    CorroborationAction,
    CorroborationState,
    ReplyAnswer,
)
from review_app.policy import Actor, Permission, qualifying
from review_app.submissions.models import Signal

WITH_ANSWERS = (
    selectinload(CorroborationRequest.asks).joinedload(CorroborationAsk.agency).joinedload(Agency.agency_type),
    selectinload(CorroborationRequest.asks).selectinload(CorroborationAsk.replies),
)
ASK_NUMBER = re.compile(r"[0-9]{1,9}")
NO_ROUND = "We cannot find that question round on this Signal."
NOT_YOUR_AGENCY = "You do not answer for this agency. Nothing was changed."
NO_QUESTION = "We cannot find that question. It may have been for another agency."
SPENT = "This link is not complete or is out of date. Ask the person who sent it for a new one."


def rounds_of(session: Session, signal_id: int) -> list[CorroborationRequest]:
    """Give a Signal's rounds with their answers, the first first. Whoever asks has been let see the answers."""
    every = select(CorroborationRequest).where(CorroborationRequest.signal_id == signal_id)
    return list(session.scalars(every.options(*WITH_ANSWERS).order_by(CorroborationRequest.id)))


def get_round(session: Session, signal: Signal, round_id: int) -> CorroborationRequest:
    """Give one round of a Signal. Raises NotVisible."""
    one = select(CorroborationRequest).where(
        CorroborationRequest.signal_id == signal.id, CorroborationRequest.id == round_id
    )
    request = session.scalar(one)
    if request is None:
        raise NotVisible(NO_ROUND, reference=signal.reference)
    return request


def get_locked_round(session: Session, signal: Signal, round_id: int) -> CorroborationRequest:
    """Give one round of a Signal and hold it until the transaction ends. Raises NotVisible."""
    one = select(CorroborationRequest).where(
        CorroborationRequest.signal_id == signal.id, CorroborationRequest.id == round_id
    )
    request = session.scalar(one.with_for_update().execution_options(populate_existing=True))
    if request is None:
        raise NotVisible(NO_ROUND, reference=signal.reference)
    return request


def lock_round(session: Session, request_id: int) -> CorroborationRequest:
    """Hold the round of a question that was found before, as it is now, whatever it was when it was found."""
    one = select(CorroborationRequest).where(CorroborationRequest.id == request_id)
    return session.scalars(one.with_for_update().execution_options(populate_existing=True)).one()


def waits_for_answers(session: Session, signal_id: int, *, beside: int) -> bool:
    """Say whether another round of the Signal still waits for answers."""
    other = select(CorroborationRequest.id).where(
        CorroborationRequest.signal_id == signal_id,
        CorroborationRequest.id != beside,
        CorroborationRequest.state.in_(WAITING_FOR_ANSWERS),
    )
    return session.scalar(other.limit(1)) is not None


def has_closed_round(session: Session, signal_id: int) -> bool:
    """Say whether any round of the Signal was closed."""
    closed = select(CorroborationRequest.id).where(
        CorroborationRequest.signal_id == signal_id, CorroborationRequest.state == CorroborationState.CLOSED
    )
    return session.scalar(closed.limit(1)) is not None


def get_link(session: Session, token: str, *, now: datetime) -> CorroborationLink:
    """Give the question a private link opens. Raises LinkSpent for one that is unknown or past its date."""
    found = select(CorroborationLink).where(CorroborationLink.token_hash == token_hash(token))
    link = session.scalar(
        found.options(
            joinedload(CorroborationLink.ask).joinedload(CorroborationAsk.request),
            joinedload(CorroborationLink.ask).joinedload(CorroborationAsk.agency),
            joinedload(CorroborationLink.ask).selectinload(CorroborationAsk.replies),
        )
    )
    if link is None or link.expires_at <= now:
        raise LinkSpent(SPENT)
    return link


def visible_asks(actor: Actor) -> Select[CorroborationAsk]:
    """Narrow to the questions put to agencies for which the person answers or leads. The caller states the order."""
    held = qualifying(actor, Permission.CORROBORATION_SEE_AGENCY)
    return (
        select(CorroborationAsk)
        .join(CorroborationAsk.request)
        .where(
            CorroborationRequest.partnership_id == actor.partnership_id,
            CorroborationAsk.agency_id.in_({a.agency_id for a in held if a.agency_id is not None}),
            CorroborationRequest.state != CorroborationState.DRAFT,
        )
        .options(
            joinedload(CorroborationAsk.request),
            joinedload(CorroborationAsk.agency),
            selectinload(CorroborationAsk.replies),
        )
    )


def asks_of_agency(session: Session, actor: Actor) -> list[CorroborationAsk]:
    """Give the questions put to the person's agencies, the newest first."""
    return list(session.scalars(visible_asks(actor).order_by(CorroborationRequest.sent_at.desc(), CorroborationAsk.id)))


def may_answer(actor: Actor, ask: CorroborationAsk) -> bool:
    """Say whether the person answers for the asked agency."""
    held = qualifying(actor, Permission.CORROBORATION_ANSWER)
    return any(a.agency_id == ask.agency_id for a in held)


def get_ask(session: Session, actor: Actor, reference: str) -> CorroborationAsk:
    """Give one question put to an agency of the person's. Raises NotVisible."""
    number = reference.removeprefix("ask-")
    wanted = visible_asks(actor).where(CorroborationAsk.id == (int(number) if ASK_NUMBER.fullmatch(number) else 0))
    ask = session.scalar(wanted)
    if ask is None:
        raise NotVisible(NO_QUESTION, reference=reference)
    return ask


def agency_answers(session: Session, signal_id: int) -> list[AgencyAnswer]:
    """Give the answers in force about a Signal, as the star rule reads them."""
    return [
        AgencyAnswer(agency_type=ask.agency.agency_type.key, answer=ask.reply.answer, urgent=request.urgent)
        for request in rounds_of(session, signal_id)
        for ask in request.asks
        if ask.reply is not None
    ]


def rounds_to_chase(session: Session, *, now: datetime) -> list[CorroborationRequest]:
    """Give and hold the rounds whose reminder is due and was not sent; one that another worker holds is left to it."""
    due = select(CorroborationRequest).where(
        CorroborationRequest.state.in_(WAITING_FOR_ANSWERS),
        or_(
            (CorroborationRequest.half_at <= now) & CorroborationRequest.half_chased_at.is_(None),
            (CorroborationRequest.due_at <= now) & CorroborationRequest.due_chased_at.is_(None),
        ),
    )
    return list(session.scalars(due.order_by(CorroborationRequest.id).with_for_update(skip_locked=True)))


@dataclass(frozen=True, kw_only=True)
class RoundView:
    """One question round as the Signal's page shows it."""

    number: int
    request: CorroborationRequest
    asked_by: str
    asks: tuple[CorroborationAsk, ...]
    answered: int
    tally: tuple[tuple[ReplyAnswer, int], ...]
    waits: bool
    can_close: bool
    can_cancel: bool


def round_views(session: Session, signal_id: int, *, manages: bool) -> list[RoundView]:
    """Give a Signal's rounds with the tally by agency, the newest first."""
    every = rounds_of(session, signal_id)
    names = people_names(session, {request.sent_by_id for request in every})
    views = []
    for number, request in enumerate(every, start=1):
        answers = [ask.reply.answer for ask in request.asks if ask.reply is not None]
        legal = CORROBORATION_WORKFLOW.actions_from(request.state) if manages else []
        views.append(
            RoundView(
                number=number,
                request=request,
                asked_by=names.get(request.sent_by_id, ""),
                asks=tuple(sorted(request.asks, key=lambda ask: ask.agency.name)),
                answered=len(answers),
                tally=tuple((answer, answers.count(answer)) for answer in ReplyAnswer),
                waits=request.state in WAITING_FOR_ANSWERS,
                can_close=CorroborationAction.CLOSE in legal,
                can_cancel=CorroborationAction.CANCEL in legal,
            )
        )
    return views[::-1]


@dataclass(frozen=True, kw_only=True)
class QuestionView:
    """One agency's question as its own people see it: the neutral words, and the answer in force."""

    ask: CorroborationAsk
    partnership: str
    answerable: bool
    may_answer: bool
    due_at: datetime
    late: bool
    reply: CorroborationReply | None
    undo_until: datetime | None

    @property
    def waits(self) -> bool:
        """Say whether the question still waits for its agency."""
        return self.reply is None and self.ask.request.state in WAITING_FOR_ANSWERS

    @property
    def summary(self) -> str:
        """Give the neutral words, to those who answer; an agency's lead sees only its answer."""
        return self.ask.request.summary if self.may_answer else ""

    @property
    def worded_answer(self) -> ReplyAnswer:
        """Give the answer that is preset when words are added."""
        said = self.reply.answer if self.reply is not None else ReplyAnswer.MORE_TO_SAY
        return ReplyAnswer.MORE_TO_SAY if said is ReplyAnswer.CANNOT_SAY else said

    @property
    def words(self) -> str:
        """Give the words of the answer in force."""
        return self.reply.words if self.reply is not None else ""


def question_view(session: Session, ask: CorroborationAsk, *, may_answer: bool, now: datetime) -> QuestionView:
    """Say what can be done with one agency's question now."""
    request, reply = ask.request, ask.reply
    until = reply.replied_at + UNDO_LASTS if reply is not None else None
    return QuestionView(
        ask=ask,
        partnership=session.get_one(Partnership, request.partnership_id).name,
        answerable=CorroborationAction.REPLY in CORROBORATION_WORKFLOW.actions_from(request.state),
        may_answer=may_answer,
        due_at=request.due_at,
        late=now > request.due_at or request.state is CorroborationState.CLOSED,
        reply=reply,
        undo_until=until if until is not None and until >= now else None,
    )


def question_by_link(session: Session, token: str, *, now: datetime) -> QuestionView:
    """Give the question that a private link opens. Raises LinkSpent."""
    return question_view(session, get_link(session, token, now=now).ask, may_answer=True, now=now)


def own_question(session: Session, actor: Actor, reference: str, *, now: datetime) -> QuestionView:
    """Give one question to a representative of the asked agency. Raises NotVisible, or NotAllowed for its lead."""
    ask = get_ask(session, actor, reference)
    if not may_answer(actor, ask):
        raise NotAllowed(NOT_YOUR_AGENCY)
    return question_view(session, ask, may_answer=True, now=now)


def own_questions(session: Session, actor: Actor, *, now: datetime) -> list[QuestionView]:
    """Give the questions put to the person's agencies, those that wait first, then the newest first."""
    views = [
        question_view(session, ask, may_answer=may_answer(actor, ask), now=now)
        for ask in asks_of_agency(session, actor)
    ]
    return sorted(views, key=lambda view: not view.waits)
