"""What waits about reports: for those who triage them, and for those who sent them."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from review_app.catalogue.queries import running_clocks_by_submission
from review_app.home.queries.task import MOST, Task
from review_app.policy import Actor, Permission, allowed
from review_app.submissions.models import Submission, SubmissionQuestion
from review_app.submissions.queries import own_submissions, visible_submissions
from review_app.submissions.rules import SubmissionState, Urgency


def reports_to_triage(session: Session, actor: Actor, now: datetime) -> list[Task]:
    if not (allowed(actor, Permission.SUBMISSION_TRIAGE) or allowed(actor, Permission.SUBMISSION_SEE_URGENT)):
        return []
    rows = visible_submissions(actor).where(
        Submission.state.in_((SubmissionState.RECEIVED, SubmissionState.TRIAGE)), Submission.earlier_id.is_(None)
    )
    found = session.scalars(rows.order_by(Submission.received_at).limit(MOST)).all()
    clocks = running_clocks_by_submission(session, [each.id for each in found])
    triages = allowed(actor, Permission.SUBMISSION_TRIAGE)
    begun = SubmissionState.TRIAGE
    return [
        Task(
            title=f"Report {each.reference}",
            endpoint="reports.show",
            values={"reference": each.reference},
            button="Go on with triage" if each.state is begun else ("Open and start triage" if triages else "Read it"),
            text="Being checked: link it to a Signal, ask the submitter or close it"
            if each.state is begun
            else "New: nobody has started triage",
            due_at=min((clock.due_at for clock in clocks.get(each.id, [])), default=None),
            urgent=each.urgency is not Urgency.ROUTINE,
        )
        for each in found
    ]


def questions_to_answer_as_submitter(session: Session, actor: Actor, now: datetime) -> list[Task]:
    mine = own_submissions(actor).with_only_columns(Submission.id)
    rows = (
        select(Submission.reference, SubmissionQuestion.id, SubmissionQuestion.due_at)
        .join(SubmissionQuestion, SubmissionQuestion.submission_id == Submission.id)
        .where(Submission.id.in_(mine), SubmissionQuestion.answered_at.is_(None))
        .order_by(SubmissionQuestion.due_at)
    )
    return [
        Task(
            title=f"A question about your report {reference}",
            endpoint="follow.own_show",
            values={"reference": reference},
            button="Answer",
            due_at=due_at,
        )
        for reference, _, due_at in session.execute(rows)
    ]
