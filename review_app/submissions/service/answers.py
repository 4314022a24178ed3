"""Adding what was learned about a report: attributed, beside the submitter's words, never over them."""

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from review_app.accounts.queries import localities_of
from review_app.audit.service import record
from review_app.errors import RuleBroken
from review_app.fuzzy import DatePrecision, FuzzyDate
from review_app.policy import Actor, Permission, require
from review_app.submissions import queries
from review_app.submissions.commands.triage import AddAnswers, Learned
from review_app.submissions.models import Submission, SubmissionAnswer
from review_app.submissions.rules import KnownPlace, SourceKind, SubmissionState, WhenKind
from review_app.submissions.service.urgency import TICKS, judge_urgency, ticks_made

ENDED = (SubmissionState.CLOSED, SubmissionState.WITHDRAWN)
WHEN_KINDS = {
    DatePrecision.DAY: WhenKind.EXACT,
    DatePrecision.ONGOING: WhenKind.ONGOING,
    DatePrecision.NOT_KNOWN: WhenKind.NOT_KNOWN,
}


def add_answers(session: Session, actor: Actor, command: AddAnswers, *, now: datetime) -> Submission:
    """Add answers to a report that is not closed; the typed columns take the values now in force."""
    submission = queries.get_locked_submission(session, actor, command.reference)
    require(actor, Permission.SUBMISSION_TRIAGE)
    if submission.state in ENDED:
        raise RuleBroken("This report is closed or withdrawn. Reopen it before you add to it.")
    learned = _learned(submission, command)
    if not learned:
        raise RuleBroken("Enter at least one thing that you have learned.")
    for key, value in learned.items():
        _put_in_force(session, submission, key, value)
        submission.answers.append(
            SubmissionAnswer(
                question_key=key,
                value={"answer": value},
                form_definition_id=submission.form_definition_id,
                author_id=actor.user_id,
                by_submitter=False,
                at=now,
            )
        )
    if command.happened is not None:
        _put_date_in_force(submission, command.happened)
    record(session, actor, "add_answers", submission, at=now)
    judge_urgency(session, actor, submission, now=now)
    return submission


def _learned(submission: Submission, command: AddAnswers) -> dict[str, Learned]:
    """Give what is new, by question."""
    learned: dict[str, Learned] = {
        key: value for key, value in command.answers.items() if value not in (None, "", [], {})
    }
    if command.happened is not None:
        learned["A5"] = str(command.happened)
    ticks = set(command.ticks) - ticks_made(submission)
    if ticks:
        learned[TICKS] = sorted(tick.value for tick in ticks)
    return learned


def _put_date_in_force(submission: Submission, happened: FuzzyDate) -> None:
    submission.happened = happened
    submission.when_known = WHEN_KINDS.get(happened.precision, WhenKind.APPROXIMATE)


def _put_in_force(session: Session, submission: Submission, key: str, value: Learned) -> None:
    """Let the column that rules read hold the newest value. Answers that no rule reads have no column."""
    if key == "B1":
        _put_place(session, submission, str(value))
    elif key in COLUMNS:
        COLUMNS[key](submission, value)


def _put_place(session: Session, submission: Submission, value: str) -> None:
    if value in set(KnownPlace):
        submission.known_place, submission.locality = KnownPlace(value), None
        return
    place = next(
        (each for each in localities_of(session, submission.partnership_id) if f"locality:{each.id}" == value), None
    )
    if place is None:
        raise RuleBroken("Select a place of this partnership.")
    submission.known_place, submission.locality_id = None, place.id


def _put_place_detail(submission: Submission, value: Learned) -> None:
    submission.place_detail = str(value)


def _put_suspected(submission: Submission, value: Learned) -> None:
    found = value if isinstance(value, list) else [str(value)]
    for drug in submission.substances[:1]:
        drug.suspected = [*drug.suspected, *(name for name in found if name not in drug.suspected)]


def _put_ages(submission: Submission, value: Learned) -> None:
    bands = value if isinstance(value, list) else []
    submission.ages = {**dict.fromkeys(bands, 1), **(submission.ages or {})}


def _put_hospital(submission: Submission, value: Learned) -> None:
    counts = value if isinstance(value, Mapping) else {}
    submission.attended_ed = _count(counts.get("attended_ed"), submission.attended_ed)
    submission.admitted = _count(counts.get("admitted"), submission.admitted)
    submission.intensive_care = _count(counts.get("intensive_care"), submission.intensive_care)


def _put_deaths(submission: Submission, value: Learned) -> None:
    submission.deaths_suspected = _count(value, submission.deaths_suspected)


def _put_naloxone(submission: Submission, value: Learned) -> None:
    given = value if isinstance(value, Mapping) else {}
    answer = given.get("given")
    submission.naloxone_given = {"yes": True, "no": False}.get(str(answer))
    submission.naloxone_doses = _count(given.get("doses"), submission.naloxone_doses)


def _put_vulnerabilities(submission: Submission, value: Learned) -> None:
    found = value if isinstance(value, list) else []
    submission.vulnerabilities = [
        *submission.vulnerabilities,
        *(x for x in found if x not in submission.vulnerabilities),
    ]


def _put_source(submission: Submission, value: Learned) -> None:
    submission.how_known = SourceKind(str(value))


def _count(value: object, before: int | None) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else before


COLUMNS: Mapping[str, Callable[[Submission, Learned], None]] = {
    "B2": _put_place_detail,
    "C3": _put_suspected,
    "D2": _put_ages,
    "D6": _put_hospital,
    "D7": _put_deaths,
    "D8": _put_naloxone,
    "D10": _put_vulnerabilities,
    "E1": _put_source,
}
