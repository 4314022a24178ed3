"""What a submitter can do with a report they sent: add to it, answer a question, withdraw it."""

from datetime import datetime

from sqlalchemy.orm import Session

from review_app import events
from review_app.accounts.models import Partnership
from review_app.accounts.references import next_reference
from review_app.audit.service import AuditAction, record
from review_app.catalogue.queries import current_form, synthetic_opioid_terms
from review_app.catalogue.service import cancel_clocks
from review_app.crypto import token_hash
from review_app.errors import RuleBroken
from review_app.fuzzy import NOT_KNOWN
from review_app.policy import Permission, require
from review_app.submissions.commands.following import AddToReport, AnswerQuestion, Whose, WithdrawReport
from review_app.submissions.emails import following as emails
from review_app.submissions.events import SubmissionAnswered, SubmissionUpdated, SubmissionWithdrawn
from review_app.submissions.models import ReportedSubstance, Submission, SubmissionAnswer, SubmissionQuestion
from review_app.submissions.queries.own import find_by_form, get_locked_followed
from review_app.submissions.rules import (
    SUBMISSION_WORKFLOW,
    Depth,
    ReportKind,
    SourceKind,
    SubmissionAction,
    SubmissionKind,
    SubmissionState,
    Urgency,
    UrgencyFacts,
    WhenKind,
    urgency,
)
from review_app.submissions.service.intake import (
    SHORT_FORM,
    count_try,
    hold_partnership,
    start_clocks,
    tell_coordinators,
)
from review_app.submissions.service.moves import clocks_of_submission, move_submission
from review_app.submissions.service.triage import resume_triage


def add_to_report(session: Session, command: AddToReport, *, now: datetime) -> Submission:
    """Keep what the submitter adds as a report of its own, tied to the first; no second receipt and no second link."""
    first = own_locked(session, command.whose, now)
    earlier = find_by_form(session, command.form_token)
    if earlier is not None:
        return earlier
    if first.state is SubmissionState.WITHDRAWN:
        raise RuleBroken("This report was withdrawn, so nothing can be added to it. You can send a new report.")
    if not command.own_words or not command.names_nobody:
        raise RuleBroken("Write what you want to add, and confirm that it names nobody who uses services.")
    if command.whose.actor is None:
        count_try(session, "report_update", command.address, now=now)
    place = session.get_one(Partnership, first.partnership_id)
    hold_partnership(session, place.slug)
    update = keep_update(session, first, command, now)
    start_clocks(session, update, now=now)
    notice = emails.added(update.reference, first.reference, urgent=update.urgency is not Urgency.ROUTINE)
    tell_coordinators(session, place, update, notice, now=now)
    record(
        session, command.whose.actor, SubmissionAction.SEND, update, at=now, action=AuditAction.CREATE,
        changes={"state": (SubmissionState.DRAFT, update.state), "urgency": (None, update.urgency)},
    )  # fmt: skip
    events.publish(session, SubmissionUpdated(submission_id=update.id, earlier_id=first.id, at=now))
    return update


def answer_question(session: Session, command: AnswerQuestion, *, now: datetime) -> SubmissionQuestion:
    """Answer a question. The answer to the last open one puts the report back with the coordinator."""
    report = own_locked(session, command.whose, now)
    if not 1 <= command.number <= len(report.questions) or report.state is SubmissionState.WITHDRAWN:
        raise RuleBroken("This question is no longer open. You can add something to your report instead.")
    question = report.questions[command.number - 1]
    if question.answer == command.answer:
        return question
    if question.answered_at is not None:
        raise RuleBroken("You have answered this question already. To say more, add something to your report.")
    if not command.answer:
        raise RuleBroken("Enter your answer.")
    question.answer, question.answered_at = command.answer, now
    if report.state is SubmissionState.NEEDS_INFO and all(each.answered_at is not None for each in report.questions):
        resume_triage(session, report, actor=command.whose.actor, now=now)
    place = session.get_one(Partnership, report.partnership_id)
    tell_coordinators(session, place, report, emails.answered(report.reference), now=now)
    record(session, command.whose.actor, "answer", report, at=now, section=f"question {command.number}")
    events.publish(session, SubmissionAnswered(submission_id=report.id, question_id=question.id, at=now))
    return question


def withdraw_report(session: Session, command: WithdrawReport, *, now: datetime) -> Submission:
    """Withdraw a report with what was added to it. The text is kept, links stay, and its clocks are cancelled."""
    report = own_locked(session, command.whose, now)
    if report.state is SubmissionState.WITHDRAWN:
        return report
    if not command.reason:
        raise RuleBroken("Enter why you are withdrawing your report.")
    withdraw_one(session, report, command, now)
    for update in report.updates:
        if SubmissionAction.WITHDRAW in SUBMISSION_WORKFLOW.actions_from(update.state):
            withdraw_one(session, update, command, now)
    place = session.get_one(Partnership, report.partnership_id)
    tell_coordinators(session, place, report, emails.withdrawn(report.reference), now=now)
    return report


def own_locked(session: Session, whose: Whose, now: datetime) -> Submission:
    """Give the submitter's own report, held; whoever is signed in must still be one of the Partnership's people."""
    report = get_locked_followed(session, whose, now=now)
    if whose.actor is not None:
        require(whose.actor, Permission.SUBMISSION_MAKE)
    return report


def withdraw_one(session: Session, report: Submission, command: WithdrawReport, now: datetime) -> None:
    """Mark one report as withdrawn."""
    move_submission(session, command.whose.actor, report, SubmissionAction.WITHDRAW, now=now, reason=command.reason)
    report.withdrawn_at, report.withdrawal_note = now, command.reason
    cancel_clocks(session, clocks_of_submission(report), now=now)
    events.publish(session, SubmissionWithdrawn(submission_id=report.id, at=now))


def keep_update(session: Session, first: Submission, command: AddToReport, now: datetime) -> Submission:
    """Write what was added. Where it happened and what was sold stand as the first report says."""
    form = current_form(session, SHORT_FORM, now=now)
    facts = UrgencyFacts(danger_now=command.danger_now, words=(command.own_words,))
    actor = command.whose.actor
    answers = {"A3": command.danger_now, "A1": [ReportKind.UPDATE], "D0": command.own_words, "F7": command.names_nobody}
    update = Submission(
        reference=next_reference(session, first.partnership_id, "", now=now),
        partnership_id=first.partnership_id,
        kind=SubmissionKind.UPDATE,
        depth=Depth.SHORT,
        state=SUBMISSION_WORKFLOW.after(SubmissionState.DRAFT, SubmissionAction.SEND),
        urgency=urgency(facts, synthetic_opioid_terms(session)),
        exercise=first.exercise,
        police_sensitive=first.police_sensitive,
        form_definition_id=form.id,
        form_token=token_hash(command.form_token),
        received_at=now,
        submitted_by_id=first.submitted_by_id,
        agency_id=first.agency_id,
        earlier=first,
        reporting=[ReportKind.UPDATE.value],
        danger_now=command.danger_now,
        when_known=WhenKind.NOT_KNOWN,
        happened=NOT_KNOWN,
        known_place=first.known_place,
        locality_id=first.locality_id,
        own_words=command.own_words,
        vulnerabilities=[],
        how_known=SourceKind.NOT_KNOWN,
        substances=[ReportedSubstance(sold_as=each.sold_as, suspected=[]) for each in first.substances[:1]],
        answers=[
            SubmissionAnswer(
                question_key=key,
                value={"answer": value},
                form_definition_id=form.id,
                author_id=actor.user_id if actor else None,
                by_submitter=True,
                at=now,
            )
            for key, value in answers.items()
        ],
    )
    session.add(update)
    session.flush()
    return update
