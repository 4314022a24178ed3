"""Answering those who report, and looking at who they are."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from review_app.accounts.models import User
from review_app.audit.service import record
from review_app.catalogue.rules import ClockKey
from review_app.catalogue.service import stop_clock
from review_app.errors import MoveRefused, NotVisible, RuleBroken
from review_app.policy import Actor, Permission, require
from review_app.submissions import queries
from review_app.submissions.commands.signals import TellSubmitters
from review_app.submissions.commands.triage import RevealSubmitter, TellSubmitter
from review_app.submissions.emails.coordination import news_waits
from review_app.submissions.models import Submission, SubmissionMessage
from review_app.submissions.queries.visibility import FROM_DECIDED
from review_app.submissions.rules import ClosureReason, NameSharing, SubmissionAction, SubmissionState
from review_app.submissions.service.letters import send_letter
from review_app.submissions.service.moves import clocks_of_submission, move_submission


def tell_submitter(session: Session, actor: Actor, command: TellSubmitter, *, now: datetime) -> SubmissionMessage:
    """Give the submitter words in plain language, behind their private link."""
    submission = queries.get_locked_submission(session, actor, command.reference)
    require(actor, Permission.SUBMISSION_TRIAGE)
    if submission.state is SubmissionState.WITHDRAWN:
        raise MoveRefused("This report was withdrawn, so there is nobody to write to about it.")
    return write_to_submitter(session, actor, submission, command.body, outcome=command.outcome, now=now)


def write_to_submitter(
    session: Session, actor: Actor, submission: Submission, body: str, *, outcome: bool, now: datetime
) -> SubmissionMessage:
    """Keep the words, stop the feedback clock, and owe an e-mail without content."""
    message = SubmissionMessage(body=body, outcome=outcome, written_by_id=actor.user_id, at=now)
    submission.messages.append(message)
    stop_clock(session, ClockKey.FEEDBACK, clocks_of_submission(submission), now=now)
    send_letter(session, submission, news_waits, purpose="submission_news", now=now)
    record(session, actor, "tell_submitter", submission, at=now)
    return message


def tell_submitters(session: Session, actor: Actor, command: TellSubmitters, *, now: datetime) -> int:
    """Tell everyone whose report is linked to a decided Signal, and who was not told yet. Gives how many were told."""
    signal = queries.get_own_signal(session, actor, command.reference)
    require(actor, Permission.SIGNAL_MANAGE)
    if signal.state not in FROM_DECIDED:
        raise RuleBroken("The panel has not decided on this Signal yet. Tell its submitters when it has.")
    untold = queries.untold_reports(session, signal.id)
    for reference in untold:
        submission = queries.get_locked_submission(session, actor, reference)
        write_to_submitter(session, actor, submission, command.body, outcome=True, now=now)
        if command.close:
            move_submission(session, actor, submission, SubmissionAction.CLOSE, now=now)
            submission.closure_reason = ClosureReason.FEEDBACK_SENT
    return len(untold)


@dataclass(frozen=True, kw_only=True)
class Submitter:
    """Who sent a report and how to reach them, as one person was shown it."""

    name: str = field(repr=False)
    organisation: str = field(repr=False)
    contact: str = field(repr=False)
    may_contact: bool
    shared_with_panel: bool


def reveal_submitter(session: Session, actor: Actor, command: RevealSubmitter, *, now: datetime) -> Submitter:
    """Show who sent a report, for a purpose that is recorded. Nobody can be shown who sent an anonymous one."""
    submission = queries.get_submission(session, actor, command.reference)
    signal = queries.signal_of(session, submission.id)
    if not queries.reach_of(actor, submission, signal, submission.contact).identity:
        raise NotVisible("We cannot find that page.", reference=command.reference)
    if submission.contact is None and submission.submitted_by_id is None:
        raise RuleBroken("This report was sent without a name or a way to reach anyone, so there is nothing to show.")
    record(session, actor, "reveal", submission, at=now, purpose=command.purpose.value, section="submitter")
    return _submitter_of(session, submission)


def _submitter_of(session: Session, submission: Submission) -> Submitter:
    sender = session.get(User, submission.submitted_by_id) if submission.submitted_by_id else None
    contact, agency = submission.contact, submission.agency
    return Submitter(
        name=(contact.name if contact else "") or (sender.name if sender else ""),
        organisation=(contact.organisation if contact else "") or (agency.name if agency else ""),
        contact=(contact.contact if contact else "") or (sender.email if sender else ""),
        may_contact=contact is None or contact.may_contact,
        shared_with_panel=contact is not None and contact.name_sharing is NameSharing.PANEL,
    )
