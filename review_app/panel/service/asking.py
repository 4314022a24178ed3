"""Asking agencies: sending a neutral question, closing or cancelling its round, and reminding those who wait."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from review_app.accounts import queries as accounts
from review_app.accounts.models import Agency
from review_app.audit.service import record
from review_app.catalogue.commands import ClockOf
from review_app.catalogue.models import ClockRule
from review_app.catalogue.queries import bank_holidays, current_clock_rule
from review_app.catalogue.rules import ClockKey, ClockUnit, clock_due
from review_app.catalogue.service import cancel_clocks, start_clock, stop_clock
from review_app.crypto import new_token, token_hash
from review_app.errors import RuleBroken
from review_app.outbox.service import owe
from review_app.panel import emails
from review_app.panel.commands import AskAgencies, CancelRound, CloseRound
from review_app.panel.models import CorroborationAsk, CorroborationLink, CorroborationRequest
from review_app.panel.queries import rounds as queries
from review_app.panel.rules import (
    CORROBORATION_WORKFLOW,
    LINK_LASTS,
    WAITING_FOR_ANSWERS,
    CorroborationAction,
    CorroborationState,
)
from review_app.policy import Actor, Permission, Role, require
from review_app.submissions.models import Signal
from review_app.submissions.queries import get_locked_signal
from review_app.submissions.rules import SIGNAL_WORKFLOW, SignalAction, SignalState
from review_app.submissions.service.moves import move_signal
from review_app.working_time import due_at as counted_due_at
from review_app.working_time import london_day

SECTION = "corroboration"
ONE_PRESS = timedelta(minutes=10)
ROUND_CLOCKS: Mapping[bool, ClockKey] = {
    False: ClockKey.CORROBORATION_ROUTINE,
    True: ClockKey.CORROBORATION_URGENT,
}


def ask_agencies(session: Session, actor: Actor, command: AskAgencies, *, now: datetime) -> CorroborationRequest:
    """Send one neutral question to at least one agency; each of its addresses gets a private link and no content.

    The same words to the same agencies within minutes are one press that came twice, and are sent once.
    """
    signal = get_locked_signal(session, actor, command.reference)
    require(actor, Permission.CORROBORATION_ASK)
    SIGNAL_WORKFLOW.after(signal.state, SignalAction.ASK_AGENCIES)
    if not command.summary.strip():
        raise RuleBroken("Enter the question for the agencies.")
    recipients = _recipients(session, actor, command.agency_ids, now=now)
    pressed_before = _same_question(session, signal, command, now=now)
    if pressed_before is not None:
        return pressed_before
    rule = current_clock_rule(session, ROUND_CLOCKS[command.urgent], now=now)
    request = CorroborationRequest(
        signal_id=signal.id,
        partnership_id=signal.partnership_id,
        state=CORROBORATION_WORKFLOW.after(CorroborationState.DRAFT, CorroborationAction.SEND),
        summary=command.summary.strip(),
        urgent=command.urgent,
        sent_at=now,
        sent_by_id=actor.user_id,
        half_at=_half_time(session, rule, now),
        due_at=clock_due(rule.unit, rule.amount, rule.mode, now, bank_holidays(session)),
        asks=[CorroborationAsk(agency_id=agency.id) for agency, _addresses in recipients],
    )
    session.add(request)
    session.flush()
    start_clock(session, ROUND_CLOCKS[command.urgent], _clock_of_round(request), now=now)
    move_signal(session, actor, signal, SignalAction.ASK_AGENCIES, now=now)
    record(session, actor, CorroborationAction.SEND, request, at=now, section=SECTION)
    name = accounts.get_partnership(session, signal.partnership_id).name
    for ask, (_agency, addresses) in zip(request.asks, recipients, strict=True):
        for address in addresses:
            message = emails.question_mail(name, _new_link(session, ask, now), request.due_at)
            _send(session, signal, address, message, now=now)
    return request


def _same_question(
    session: Session, signal: Signal, command: AskAgencies, *, now: datetime
) -> CorroborationRequest | None:
    """Give the round that the same press has just sent, if it still asks."""
    recent = select(CorroborationRequest).where(
        CorroborationRequest.signal_id == signal.id,
        CorroborationRequest.state.in_(WAITING_FOR_ANSWERS),
        CorroborationRequest.sent_at > now - ONE_PRESS,
    )
    asked = (set(command.agency_ids), command.summary.strip(), command.urgent)
    for each in session.scalars(recent):
        if ({ask.agency_id for ask in each.asks}, each.summary, each.urgent) == asked:
            return each
    return None


def _recipients(
    session: Session, actor: Actor, agency_ids: Sequence[int], *, now: datetime
) -> list[tuple[Agency, list[str]]]:
    """Give the chosen agencies with where a question to each goes. One that cannot be reached is refused by name."""
    if not agency_ids:
        raise RuleBroken("Select at least one agency to ask.")
    agencies = [accounts.get_member_agency(session, actor, agency_id) for agency_id in dict.fromkeys(agency_ids)]
    found = [(each, accounts.addresses_of_agency(session, each.id, on=london_day(now))) for each in agencies]
    for agency, addresses in found:
        if not addresses:
            raise RuleBroken(f"{agency.name} has no address for questions. Leave it out, or ask an administrator.")
    return found


def _half_time(session: Session, rule: ClockRule, now: datetime) -> datetime:
    """Give when half of the time for answers has passed, counted as its clock counts."""
    days_off = bank_holidays(session)
    if rule.unit is ClockUnit.HOURS:
        return counted_due_at(now, timedelta(hours=rule.amount) / 2, rule.mode, days_off)
    return now + (clock_due(rule.unit, rule.amount, rule.mode, now, days_off) - now) / 2


def _clock_of_round(request: CorroborationRequest) -> ClockOf:
    return ClockOf(partnership_id=request.partnership_id, corroboration_request_id=request.id)


def _new_link(session: Session, ask: CorroborationAsk, now: datetime) -> str:
    """Make one more private link for a question; only its hash is kept."""
    token = new_token()
    session.add(CorroborationLink(ask=ask, token_hash=token_hash(token), expires_at=now + LINK_LASTS))
    return token


def _send(session: Session, signal: Signal, to: str, message: tuple[str, str], *, now: datetime) -> None:
    subject, body = message
    owe(
        session,
        to=to,
        subject=subject,
        body=body,
        due_at=now,
        partnership_id=signal.partnership_id,
        purpose=SECTION,
        exercise=signal.exercise,
        expires_at=now + LINK_LASTS,
    )


def close_round(session: Session, actor: Actor, command: CloseRound, *, now: datetime) -> CorroborationRequest:
    """End a round. When no other waits, the Signal is ready for the panel, whose clock starts."""
    signal = get_locked_signal(session, actor, command.reference)
    require(actor, Permission.CORROBORATION_ASK)
    request = queries.get_locked_round(session, signal, command.round_id)
    _end_round(session, actor, request, CorroborationAction.CLOSE, now=now)
    stop_clock(session, ROUND_CLOCKS[request.urgent], _clock_of_round(request), now=now)
    if signal.state is SignalState.CORROBORATING and not queries.waits_for_answers(
        session, signal.id, beside=request.id
    ):
        move_signal(session, actor, signal, SignalAction.MAKE_READY, now=now)
    return request


def cancel_round(session: Session, actor: Actor, command: CancelRound, *, now: datetime) -> CorroborationRequest:
    """Take a round back with a reason; its links say so. A Signal with another, closed round becomes ready."""
    signal = get_locked_signal(session, actor, command.reference)
    require(actor, Permission.CORROBORATION_ASK)
    request = queries.get_locked_round(session, signal, command.round_id)
    if not command.reason.strip():
        raise RuleBroken("Enter why the question is cancelled.")
    _end_round(session, actor, request, CorroborationAction.CANCEL, now=now)
    request.closure_note = command.reason.strip()
    cancel_clocks(session, _clock_of_round(request), now=now)
    waits = queries.waits_for_answers(session, signal.id, beside=request.id)
    if signal.state is SignalState.CORROBORATING and not waits and queries.has_closed_round(session, signal.id):
        move_signal(session, actor, signal, SignalAction.MAKE_READY, now=now)
    return request


def _end_round(
    session: Session, actor: Actor, request: CorroborationRequest, action: CorroborationAction, *, now: datetime
) -> None:
    before, request.state = request.state, CORROBORATION_WORKFLOW.after(request.state, action)
    request.closed_at, request.closed_by_id = now, actor.user_id
    record(session, actor, action, request, at=now, section=SECTION, changes={"state": (before, request.state)})


def chase_rounds(session: Session, *, now: datetime) -> int:
    """Remind agencies that have not answered, once at half time and once when due, and tell the coordinator then."""
    due = queries.rounds_to_chase(session, now=now)
    for request in due:
        overdue = request.due_at <= now
        request.half_chased_at = request.half_chased_at or now
        request.due_chased_at = now if overdue else None
        _remind(session, request, overdue=overdue, now=now)
        record(session, None, "chase", request, at=now, section=SECTION)
    return len(due)


def _remind(session: Session, request: CorroborationRequest, *, overdue: bool, now: datetime) -> None:
    signal, on = request.signal, london_day(now)
    name = accounts.get_partnership(session, request.partnership_id).name
    for ask in request.asks:
        if ask.reply is None:
            for address in accounts.addresses_of_agency(session, ask.agency_id, on=on):
                token = _new_link(session, ask, now)
                _send(
                    session, signal, address, emails.chase_mail(name, token, request.due_at, overdue=overdue), now=now
                )
    if overdue:
        roles = frozenset({Role.COORDINATOR})
        for address in accounts.addresses_of_role(session, request.partnership_id, roles, on=on):
            _send(session, signal, address, emails.round_due_mail(signal.reference), now=now)
