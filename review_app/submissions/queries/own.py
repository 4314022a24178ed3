"""Reads for the person who sent a report: by their private link, or signed in. A reference alone opens nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session, selectinload

from review_app.accounts.models import User
from review_app.accounts.queries import people_names
from review_app.catalogue.commands import ClockOf
from review_app.catalogue.models import Clock, FormDefinition
from review_app.catalogue.queries import clocks_of
from review_app.catalogue.rules import ClockKey, Form, read_form
from review_app.crypto import token_hash
from review_app.errors import LinkSpent, NotVisible
from review_app.policy import Actor
from review_app.submissions.commands.following import ByAccount, ByLink, Whose
from review_app.submissions.models import FollowLink, Submission
from review_app.submissions.queries.visibility import own_submissions, signal_of
from review_app.submissions.rules import (
    SUBMISSION_WORKFLOW,
    PlainStage,
    SubmissionAction,
    SubmissionState,
    plain_stage,
)

NO_LINK = "We cannot find a report behind this link. It may be incomplete, or past its date."
A_PAGE = 25
TRIAGE_CLOCKS = (ClockKey.TRIAGE_ROUTINE, ClockKey.TRIAGE_URGENT)


@dataclass(frozen=True, kw_only=True)
class OpenQuestion:
    """A question that waits for the submitter's answer, with its number."""

    number: int
    question: str
    due_at: datetime


@dataclass(frozen=True, kw_only=True)
class Said:
    """One thing that was said or done, for the story of the report."""

    at: datetime
    what: str
    who: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Promise:
    """What the submitter was told to expect, by when, and when it was done."""

    label: str
    due_at: datetime
    met_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class OwnReport:
    """A report as its submitter sees it: plain words of progress, questions, messages, and what they told us."""

    reference: str
    partnership_id: int
    received_at: datetime
    urgent: bool
    stage: PlainStage
    promises: Sequence[Promise]
    questions: Sequence[OpenQuestion]
    story: Sequence[Said]
    told: Sequence[tuple[str, str]]
    may_add: bool
    may_withdraw: bool


@dataclass(frozen=True, kw_only=True)
class OwnLine:
    """One line of the list of a person's own reports."""

    reference: str
    received_at: datetime
    sold_as: str
    stage: PlainStage
    questions: int


def find_by_form(session: Session, form_token: str) -> Submission | None:
    """Find what was sent with this one-time form already."""
    return session.scalar(select(Submission).where(Submission.form_token == token_hash(form_token)))


def get_followed(session: Session, whose: Whose, *, now: datetime) -> Submission:
    """Give the submitter's own report. Raises LinkSpent for a link, NotVisible for an account."""
    return _found(session, _narrowed(whose, now), whose)


def get_locked_followed(session: Session, whose: Whose, *, now: datetime) -> Submission:
    """Give the submitter's own report, as it is now, and hold it until the transaction ends."""
    locked = _narrowed(whose, now).with_for_update(of=Submission).execution_options(populate_existing=True)
    return _found(session, locked, whose)


def own_report(session: Session, whose: Whose, *, now: datetime) -> OwnReport:
    """Give a report as its submitter sees it."""
    report = get_followed(session, whose, now=now)
    signal = signal_of(session, report.id)
    clocks = clocks_of(session, ClockOf(partnership_id=report.partnership_id, submission_id=report.id))
    return OwnReport(
        reference=report.reference,
        partnership_id=report.partnership_id,
        received_at=report.received_at,
        urgent=any(clock.rule.key == ClockKey.TRIAGE_URGENT for clock in clocks),
        stage=plain_stage(report.state, signal.state if signal else None),
        promises=_promises(clocks),
        questions=open_questions(report),
        story=_story(session, report),
        told=_told(session, report),
        may_add=report.state is not SubmissionState.WITHDRAWN,
        may_withdraw=SubmissionAction.WITHDRAW in SUBMISSION_WORKFLOW.actions_from(report.state),
    )


def open_questions(report: Submission) -> list[OpenQuestion]:
    """Give the questions without an answer, while there is somebody to read it."""
    if report.state is SubmissionState.WITHDRAWN:
        return []
    return [
        OpenQuestion(number=number, question=asked.question, due_at=asked.due_at)
        for number, asked in enumerate(report.questions, start=1)
        if asked.answered_at is None
    ]


def own_address(session: Session, actor: Actor) -> str:
    """Give the person's own e-mail address."""
    return session.get_one(User, actor.user_id).email


def own_lines(session: Session, actor: Actor, page: int) -> tuple[list[OwnLine], int]:
    """Give one page of the reports the person sent while signed in, newest first, and how many there are."""
    mine = own_submissions(actor).where(Submission.earlier_id.is_(None))
    total = session.scalars(select(func.count()).select_from(mine.subquery())).one()
    rows = session.scalars(
        mine.order_by(Submission.received_at.desc(), Submission.id.desc())
        .limit(A_PAGE)
        .offset((page - 1) * A_PAGE)
        .options(selectinload(Submission.substances), selectinload(Submission.questions))
    )
    return [_line(session, report) for report in rows], total


def _line(session: Session, report: Submission) -> OwnLine:
    signal = signal_of(session, report.id) if report.state is SubmissionState.LINKED else None
    return OwnLine(
        reference=report.reference,
        received_at=report.received_at,
        sold_as=", ".join(each.sold_as for each in report.substances),
        stage=plain_stage(report.state, signal.state if signal else None),
        questions=len(open_questions(report)),
    )


def _narrowed(whose: Whose, now: datetime) -> Select[Submission]:
    match whose:
        case ByLink():
            hashed = token_hash(whose.token)
            later = select(FollowLink.submission_id).where(FollowLink.token_hash == hashed, FollowLink.expires_at > now)
            first = and_(Submission.follow_token_hash == hashed, Submission.follow_expires_at > now)
            return select(Submission).where(or_(first, Submission.id.in_(later)))
        case ByAccount():
            mine = own_submissions(whose.actor).where(Submission.earlier_id.is_(None))
            return mine.where(Submission.reference == whose.reference)


def _found(session: Session, narrowed: Select[Submission], whose: Whose) -> Submission:
    report = session.scalar(narrowed)
    if report is not None:
        return report
    match whose:
        case ByLink():
            raise LinkSpent(NO_LINK)
        case ByAccount():
            raise NotVisible("We cannot find that report among yours.", reference=whose.reference)


def _promises(clocks: Sequence[Clock]) -> list[Promise]:
    promises = []
    for clock in clocks:
        if clock.cancelled_at is not None:
            continue
        if clock.rule.key in TRIAGE_CLOCKS:
            promises.append(Promise(label="First look by a coordinator", due_at=clock.due_at, met_at=clock.stopped_at))
        elif clock.rule.key == ClockKey.FEEDBACK:
            promises.append(Promise(label="Our answer to you", due_at=clock.due_at, met_at=clock.stopped_at))
    return promises


def _story(session: Session, report: Submission) -> list[Said]:
    """Everything said and done on both sides, oldest first. Nobody on the other side is named."""
    told = [Said(at=report.received_at, what="You sent this report")]
    for asked in report.questions:
        told.append(Said(at=asked.asked_at, what="We asked you", note=asked.question))
        if asked.answered_at is not None:
            told.append(Said(at=asked.answered_at, what="You answered", note=asked.answer or ""))
    for message in report.messages:
        what = "We told you what was decided" if message.outcome else "We wrote to you"
        told.append(Said(at=message.at, what=what, note=message.body))
    for update in report.updates:
        told.append(Said(at=update.received_at, what="You added something", note=update.own_words))
    if report.withdrawn_at is not None:
        told.append(Said(at=report.withdrawn_at, what="This report was withdrawn", note=report.withdrawal_note))
    return sorted(told, key=lambda each: each.at)


def _told(session: Session, report: Submission) -> list[tuple[str, str]]:
    """What the submitter told us, in the words of the form they filled in."""
    form = read_form(session.get_one(FormDefinition, report.form_definition_id).content)
    who = people_names(session, {report.submitted_by_id}) if report.submitted_by_id else {}
    contact = report.contact
    rows = [
        ("A3", "Yes" if report.danger_now else "No"),
        ("A1", ", ".join(form.words_of("A1", str(kind)) for kind in report.reporting)),
        ("C1", ", ".join(each.sold_as for each in report.substances)),
        ("B1", report.locality.name if report.locality else form.words_of("B1", str(report.known_place))),
        ("E1", form.words_of("E1", report.how_known)),
        ("D0", report.own_words),
        ("F3", contact.contact if contact else ""),
        ("F1", (contact.name if contact else "") or " ".join(who.values())),
        ("F2", (contact.organisation if contact else "") or (report.agency.name if report.agency else "")),
        ("F4", form.words_of("F4", contact.name_sharing) if contact else ""),
    ]
    return [(_words(form, key), value) for key, value in rows if value]


def _words(form: Form, key: str) -> str:
    return form.question(key).words
