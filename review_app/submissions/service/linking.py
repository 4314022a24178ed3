"""Joining reports to Signals and taking them out again: always with a reason, never undone without a trace."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from review_app.accounts.queries import alert_panel_of
from review_app.accounts.references import next_reference
from review_app.audit.service import record
from review_app.errors import RuleBroken
from review_app.links import service as links
from review_app.links.models import Relation
from review_app.policy import Actor, Permission, require
from review_app.submissions import queries
from review_app.submissions.commands.signals import OpenSignal
from review_app.submissions.commands.triage import LinkToSignal, OpenSignalWith, UnlinkFromSignal
from review_app.submissions.models import Signal, SignalLink, Submission
from review_app.submissions.rules import LinkReason, SignalState, SubmissionAction, Urgency
from review_app.submissions.service.moves import finish_triage, move_submission, return_to_triage
from review_app.submissions.service.urgency import raise_signal_urgency


def link_to_signal(session: Session, actor: Actor, command: LinkToSignal, *, now: datetime) -> SignalLink:
    """Join a report that is being checked to a Signal of this Partnership that is not closed."""
    submission = queries.get_locked_submission(session, actor, command.reference)
    require(actor, Permission.SUBMISSION_TRIAGE)
    signal = queries.get_locked_signal(session, actor, command.signal)
    if signal.state is SignalState.CLOSED:
        raise RuleBroken("That Signal is closed. Reopen it first, or open a new one.")
    if signal.exercise != submission.exercise:
        raise RuleBroken("An exercise and real reports are never mixed. Choose another Signal.")
    return _join(session, actor, submission, signal, command.kind, command.reason, now=now)


def open_signal_with(session: Session, actor: Actor, command: OpenSignalWith, *, now: datetime) -> Signal:
    """Open a Signal and join a report that is being checked to it as the first. It takes the report's marks on."""
    submission = queries.get_locked_submission(session, actor, command.reference)
    require(actor, Permission.SIGNAL_MANAGE)
    signal = _open(session, actor, command.title, submission, now=now)
    _join(session, actor, submission, signal, LinkReason.FIRST_REPORT, "", now=now)
    return signal


def open_signal(session: Session, actor: Actor, command: OpenSignal, *, now: datetime) -> Signal:
    """Open a Signal that no report belongs to yet."""
    require(actor, Permission.SIGNAL_MANAGE)
    return _open(session, actor, command.title, None, now=now)


def unlink_from_signal(session: Session, actor: Actor, command: UnlinkFromSignal, *, now: datetime) -> Submission:
    """Take a linked report out of its Signal, with a reason. It goes back to being checked."""
    submission = queries.get_locked_submission(session, actor, command.reference)
    require(actor, Permission.SUBMISSION_TRIAGE)
    move_submission(session, actor, submission, SubmissionAction.UNLINK, now=now, reason=command.reason)
    end_link(session, actor, submission, reason=command.reason, now=now)
    return_to_triage(session, submission, now=now)
    return submission


def end_link(session: Session, actor: Actor, submission: Submission, *, reason: str, now: datetime) -> None:
    """End the link that stands between a report and a Signal, if one does. The row is kept."""
    standing = select(SignalLink).where(SignalLink.submission_id == submission.id, SignalLink.unlinked_at.is_(None))
    link = session.scalar(standing)
    if link is None:
        return
    link.unlinked_at, link.unlinked_by_id, link.unlink_reason = now, actor.user_id, reason
    links.reverse(session, actor, submission, link.signal, Relation.GATHERED_INTO, reason=reason, now=now)
    record(session, actor, "take_out_report", link.signal, at=now)


def _open(session: Session, actor: Actor, title: str, first: Submission | None, *, now: datetime) -> Signal:
    signal = Signal(
        reference=next_reference(session, actor.partnership_id, "S", now=now),
        partnership_id=actor.partnership_id,
        panel_id=alert_panel_of(session, actor.partnership_id).id,
        title=title,
        state=SignalState.OPEN,
        urgency=first.urgency if first else Urgency.ROUTINE,
        exercise=first.exercise if first else False,
        police_sensitive=first.police_sensitive if first else False,
        opened_at=now,
        opened_by_id=actor.user_id,
    )
    session.add(signal)
    session.flush()
    record(session, actor, "create", signal, at=now)
    return signal


def _join(
    session: Session,
    actor: Actor,
    submission: Submission,
    signal: Signal,
    kind: LinkReason,
    reason: str,
    *,
    now: datetime,
) -> SignalLink:
    move_submission(session, actor, submission, SubmissionAction.LINK, now=now, reason=reason)
    finish_triage(session, actor, submission, now=now)
    link = SignalLink(
        signal_id=signal.id,
        submission_id=submission.id,
        exercise=signal.exercise,
        kind=kind,
        reason=reason,
        linked_at=now,
        linked_by_id=actor.user_id,
    )
    session.add(link)
    links.link(session, actor, submission, signal, Relation.GATHERED_INTO, now=now)
    raise_signal_urgency(session, actor, signal, submission.urgency, now=now)
    record(session, actor, "add_report", signal, at=now)
    return link
