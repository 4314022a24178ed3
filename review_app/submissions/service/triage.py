"""What the coordinator does with one report: take it on, ask, close, reopen, withdraw it for the submitter, mark it."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from review_app.audit.service import record
from review_app.catalogue.queries import bank_holidays
from review_app.catalogue.rules import ClockKey
from review_app.catalogue.service import cancel_clocks, pause_clock, resume_clock
from review_app.errors import RuleBroken
from review_app.policy import Actor, Permission, require
from review_app.submissions import queries
from review_app.submissions.commands.triage import (
    AskSubmitter,
    CloseSubmission,
    MarkSubmission,
    ReopenSubmission,
    StartTriage,
    WithdrawSubmission,
)
from review_app.submissions.emails.coordination import question_waits
from review_app.submissions.models import Submission, SubmissionQuestion
from review_app.submissions.queries.visibility import FROM_DECIDED
from review_app.submissions.rules import (
    SUBMISSION_WORKFLOW,
    ClosureReason,
    SubmissionAction,
    SubmissionState,
    Urgency,
    closure_objection,
)
from review_app.submissions.service.feedback import write_to_submitter
from review_app.submissions.service.letters import send_letter
from review_app.submissions.service.linking import end_link
from review_app.submissions.service.moves import (
    clocks_of_submission,
    finish_triage,
    move_submission,
    return_to_triage,
)
from review_app.submissions.service.urgency import tells_of_death
from review_app.working_time import CountingMode, due_at

ANSWER_WITHIN = {
    Urgency.ROUTINE: (timedelta(hours=24), CountingMode.WORKING_DAYS),
    Urgency.URGENT: (timedelta(hours=2), CountingMode.ELAPSED),
    Urgency.CRITICAL: (timedelta(hours=1), CountingMode.ELAPSED),
}
PAUSED_CLOCKS = (ClockKey.TRIAGE_ROUTINE, ClockKey.TRIAGE_URGENT, ClockKey.FEEDBACK)
PAUSED = "waiting for the submitter's answer"
UNTOLD = (ClosureReason.FEEDBACK_REFUSED, ClosureReason.NO_CONTACT)


def get_for_triage(session: Session, actor: Actor, reference: str) -> Submission:
    """Give a report, held locked, to someone who may triage it. Raises NotVisible or NotAllowed."""
    submission = queries.get_locked_submission(session, actor, reference)
    require(actor, Permission.SUBMISSION_TRIAGE)
    return submission


def start_triage(session: Session, actor: Actor, command: StartTriage, *, now: datetime) -> Submission:
    """Take a received report on. Of two coordinators who press at once, the second is told."""
    submission = get_for_triage(session, actor, command.reference)
    return move_submission(session, actor, submission, SubmissionAction.START_TRIAGE, now=now)


def ask_submitter(session: Session, actor: Actor, command: AskSubmitter, *, now: datetime) -> SubmissionQuestion:
    """Ask the submitter a question. Its clocks stop until the answer or its due time."""
    submission = get_for_triage(session, actor, command.reference)
    move_submission(session, actor, submission, SubmissionAction.ASK, now=now)
    amount, mode = ANSWER_WITHIN[submission.urgency]
    question = SubmissionQuestion(
        question=command.question,
        asked_by_id=actor.user_id,
        asked_at=now,
        due_at=due_at(now, amount, mode, bank_holidays(session)),
    )
    submission.questions.append(question)
    for key in PAUSED_CLOCKS:
        pause_clock(session, key, clocks_of_submission(submission), reason=PAUSED, now=now)
    send_letter(session, submission, question_waits, purpose="submission_question", now=now)
    return question


def resume_triage(session: Session, submission: Submission, *, actor: Actor | None, now: datetime) -> Submission:
    """Go on with a report that waited for an answer: it came, or its due time has passed."""
    move_submission(session, actor, submission, SubmissionAction.RESUME, now=now)
    for key in PAUSED_CLOCKS:
        resume_clock(session, key, clocks_of_submission(submission), now=now)
    return submission


def resume_overdue(session: Session, *, now: datetime) -> list[Submission]:
    """Take up every report again whose question was not answered in time. Gives those it took up."""
    unanswered = select(SubmissionQuestion.submission_id).where(SubmissionQuestion.answered_at.is_(None))
    overdue = select(Submission).where(
        Submission.state == SubmissionState.NEEDS_INFO,
        Submission.id.in_(unanswered.where(SubmissionQuestion.due_at <= now)),
        Submission.id.not_in(unanswered.where(SubmissionQuestion.due_at > now)),
    )
    locked = overdue.order_by(Submission.id).with_for_update(of=Submission, skip_locked=True)
    return [resume_triage(session, each, actor=None, now=now) for each in session.scalars(locked).all()]


def close_submission(session: Session, actor: Actor, command: CloseSubmission, *, now: datetime) -> Submission:
    """Close a report with a reason. One that ends at triage also tells the submitter why."""
    submission = get_for_triage(session, actor, command.reference)
    SUBMISSION_WORKFLOW.after(submission.state, SubmissionAction.CLOSE)
    objection = find_objection(session, submission, command)
    if objection is not None:
        raise RuleBroken(objection)
    move_submission(session, actor, submission, SubmissionAction.CLOSE, now=now, reason=command.note)
    submission.closure_reason, submission.closure_note = command.reason, command.note
    finish_triage(session, actor, submission, now=now)
    if command.message:
        write_to_submitter(session, actor, submission, command.message, outcome=True, now=now)
    if command.reason in UNTOLD:
        cancel_clocks(session, clocks_of_submission(submission), now=now, keys=[ClockKey.FEEDBACK])
    return submission


def find_objection(session: Session, submission: Submission, command: CloseSubmission) -> str | None:
    """Say why a report may not be closed, or give None."""
    signal = queries.signal_of(session, submission.id)
    told = any(message.outcome for message in submission.messages)
    objection = closure_objection(
        submission.state,
        command.reason,
        tells_of_death=tells_of_death(submission),
        signal_decided=signal is not None and signal.state in FROM_DECIDED,
        feedback_sent=told or bool(command.message),
    )
    if objection is None and submission.state is SubmissionState.TRIAGE and not (told or command.message):
        return "Enter what the submitter is told: everyone who reports gets an answer."
    return objection


def reopen_submission(session: Session, actor: Actor, command: ReopenSubmission, *, now: datetime) -> Submission:
    """Take a closed report up again. It leaves its Signal, so that it can be linked anew."""
    submission = get_for_triage(session, actor, command.reference)
    move_submission(session, actor, submission, SubmissionAction.REOPEN, now=now, reason=command.reason)
    end_link(session, actor, submission, reason=command.reason, now=now)
    submission.closure_reason, submission.closure_note = None, ""
    return_to_triage(session, submission, now=now)
    return submission


def withdraw_for_submitter(session: Session, actor: Actor, command: WithdrawSubmission, *, now: datetime) -> Submission:
    """Withdraw a report because its submitter asked for it. Its text is kept and it stays linked, marked."""
    submission = get_for_triage(session, actor, command.reference)
    move_submission(session, actor, submission, SubmissionAction.WITHDRAW, now=now, reason=command.reason)
    submission.withdrawn_at, submission.withdrawal_note = now, command.reason
    cancel_clocks(session, clocks_of_submission(submission), now=now)
    return submission


def mark_submission(session: Session, actor: Actor, command: MarkSubmission, *, now: datetime) -> Submission:
    """Say whether a report is police-sensitive: then only coordinator, chairs and police members see it."""
    submission = get_for_triage(session, actor, command.reference)
    before = submission.police_sensitive
    if before != command.police_sensitive:
        submission.police_sensitive = command.police_sensitive
        change = {"police_sensitive": (before, command.police_sensitive)}
        record(session, actor, "mark_police_sensitive", submission, at=now, changes=change)
    return submission
