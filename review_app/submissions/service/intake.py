"""Receiving a report: one transaction gives it a reference, keeps its answers, starts its clocks and owes its mail."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from review_app import events
from review_app.accounts import throttle
from review_app.accounts.models import Partnership
from review_app.accounts.queries import addresses_of_role, get_partnership_by_slug, localities_of
from review_app.accounts.references import next_reference
from review_app.audit.service import AuditAction, record
from review_app.catalogue.commands import ClockOf
from review_app.catalogue.models import FormDefinition
from review_app.catalogue.queries import current_form, synthetic_opioid_terms
from review_app.catalogue.rules import ClockKey
from review_app.catalogue.service import start_clock, stop_clock
from review_app.crypto import derive_token, token_hash
from review_app.errors import RuleBroken, Throttled
from review_app.fuzzy import NOT_KNOWN
from review_app.outbox.service import owe
from review_app.policy import Actor, Permission, Role, require
from review_app.submissions.commands.intake import SendReport
from review_app.submissions.emails.intake import receipt, waiting
from review_app.submissions.events import SubmissionReceived
from review_app.submissions.models import ReportedSubstance, Submission, SubmissionAnswer, SubmitterContact
from review_app.submissions.queries.own import find_by_form
from review_app.submissions.rules import (
    FOLLOW_LINK_MONTHS,
    REPORTS_AN_ADDRESS,
    REPORTS_WINDOW,
    SUBMISSION_WORKFLOW,
    Depth,
    SubmissionAction,
    SubmissionKind,
    SubmissionState,
    Urgency,
    UrgencyFacts,
    WhenKind,
    is_address,
    urgency,
)
from review_app.working_time import london_day, months_after

SHORT_FORM = "short"
TOO_MANY = "Ten reports have come from your network in the last hour, which is as many as this form takes."


@dataclass(frozen=True, kw_only=True)
class SentReport:
    """What the submitter is given: the reference, and the secret part of their private link."""

    reference: str
    follow_token: str = field(repr=False)


def send_report(session: Session, actor: Actor | None, command: SendReport, *, now: datetime) -> SentReport:
    """Receive a report, from somebody signed in or from anyone. The same form sent twice is one report."""
    place = hold_partnership(session, command.slug)
    if actor is not None:
        require(actor, Permission.SUBMISSION_MAKE)
    earlier = find_by_form(session, command.form_token)
    if earlier is not None:
        return sent_already(earlier, command)
    if actor is None:
        count_try(session, "report", command.address, now=now)
    check(session, actor, place, command)
    report = keep(session, actor, place, command, now)
    due = start_clocks(session, report, now=now)
    if is_address(command.contact) and command.may_contact:
        owe_receipt(session, place, report, command, due, now)
    notice = waiting(report.reference, due.look_by, urgent=report.urgency is not Urgency.ROUTINE)
    tell_coordinators(session, place, report, notice, now=now)
    record(
        session, actor, SubmissionAction.SEND, report, at=now, action=AuditAction.CREATE,
        changes={"state": (SubmissionState.DRAFT, report.state), "urgency": (None, report.urgency)},
    )  # fmt: skip
    events.publish(session, SubmissionReceived(submission_id=report.id, at=now))
    return SentReport(reference=report.reference, follow_token=follow_token(command.form_token))


@dataclass(frozen=True, kw_only=True)
class Due:
    """By when a report is to be looked at, and its submitter told what was decided."""

    look_by: datetime
    answer_by: datetime


def hold_partnership(session: Session, slug: str) -> Partnership:
    """Give a Partnership and hold its row, so that two presses of one button wait for each other."""
    place = get_partnership_by_slug(session, slug)
    session.scalar(select(Partnership.id).where(Partnership.id == place.id).with_for_update(key_share=True))
    return place


def follow_token(form_token: str) -> str:
    """Give the secret of the private link. It is made from the form's random one-time id under a key of ours, so that
    a second press is answered with the same link although only its hash is stored."""
    return derive_token("follow", form_token)


def sent_already(earlier: Submission, command: SendReport) -> SentReport:
    """Answer a second press as the first. What was changed between the two is refused, so that nobody loses it."""
    contact = earlier.contact.contact if earlier.contact else ""
    sold_as = [each.sold_as for each in earlier.substances]
    before = (earlier.own_words, sold_as, earlier.danger_now, earlier.how_known, earlier.locality_id, contact)
    now = (command.own_words, [command.sold_as], command.danger_now, command.how_known, command.locality_id,
           command.contact)  # fmt: skip
    same = before == now and set(earlier.reporting) == set(command.reporting)
    if not same:
        raise RuleBroken(
            f"This report has been sent already, as {earlier.reference}, before you changed it."
            " To tell us more, open the private link we gave you, and choose “Add something”."
        )
    return SentReport(reference=earlier.reference, follow_token=follow_token(command.form_token))


def count_try(session: Session, purpose: str, address: str, *, now: datetime) -> None:
    """Count one report from a visitor's network, as a keyed digest that lives an hour; refuse when there are many."""
    if throttle.tries(session, purpose, address, within=REPORTS_WINDOW, now=now) >= REPORTS_AN_ADDRESS:
        raise Throttled(TOO_MANY)
    throttle.note_try(session, purpose, address, now=now)


def check(session: Session, actor: Actor | None, place: Partnership, command: SendReport) -> None:
    """Refuse a report without what every report must have."""
    if not command.names_nobody:
        raise RuleBroken("Confirm that your report names nobody who uses services.")
    if not command.reporting or not command.sold_as:
        raise RuleBroken("Say what you are reporting, and what it was sold as. Enter “not known” if nobody knows.")
    if actor is None and not place.anonymous_reports and not command.contact:
        raise RuleBroken("Enter an e-mail address or a phone number: reports without one are not taken here.")
    known = {locality.id for locality in localities_of(session, place.id)}
    if command.locality_id is not None and command.locality_id not in known:
        raise RuleBroken("Select where this happened again: the list of places has changed.")


def keep(session: Session, actor: Actor | None, place: Partnership, command: SendReport, now: datetime) -> Submission:
    """Write the report: its answers one by one as they were given, and the values in force in columns of their own."""
    form = current_form(session, SHORT_FORM, now=now)
    agencies = sorted(actor.agencies(Role.SUBMITTER) or actor.agencies()) if actor else []
    report = Submission(
        reference=next_reference(session, place.id, "", now=now),
        partnership_id=place.id,
        kind=SubmissionKind.REPORT,
        depth=Depth.SHORT,
        state=SUBMISSION_WORKFLOW.after(SubmissionState.DRAFT, SubmissionAction.SEND),
        urgency=judged_urgency(session, command),
        form_definition_id=form.id,
        form_token=token_hash(command.form_token),
        received_at=now,
        submitted_by_id=actor.user_id if actor else None,
        agency_id=agencies[0] if agencies else None,
        follow_token_hash=token_hash(follow_token(command.form_token)),
        follow_expires_at=months_after(now, FOLLOW_LINK_MONTHS),
        reporting=[kind.value for kind in command.reporting],
        danger_now=command.danger_now,
        when_known=WhenKind.NOT_KNOWN,
        happened=NOT_KNOWN,
        known_place=command.known_place,
        locality_id=command.locality_id,
        own_words=command.own_words,
        vulnerabilities=[],
        how_known=command.how_known,
        substances=[ReportedSubstance(sold_as=command.sold_as, suspected=[])],
        answers=given_answers(form, actor, command, now),
        contact=contact_of(command),
    )
    session.add(report)
    session.flush()
    return report


def judged_urgency(session: Session, command: SendReport) -> Urgency:
    """Give the urgency that the short form alone justifies."""
    words = (command.sold_as, command.own_words)
    facts = UrgencyFacts(kinds=command.reporting, danger_now=command.danger_now, words=words)
    return urgency(facts, synthetic_opioid_terms(session))


def given_answers(
    form: FormDefinition, actor: Actor | None, command: SendReport, now: datetime
) -> list[SubmissionAnswer]:
    """Give the answers as they were given. What was sold, and who sent it, have tables of their own."""
    place = f"locality:{command.locality_id}" if command.locality_id is not None else command.known_place
    answers: dict[str, object] = {
        "A3": command.danger_now,
        "A1": list(command.reporting),
        "B1": place,
        "E1": command.how_known,
        "D0": command.own_words,
        "A5": WhenKind.NOT_KNOWN,
        "F7": command.names_nobody,
    }
    return [
        SubmissionAnswer(
            question_key=key,
            value={"answer": value},
            form_definition_id=form.id,
            author_id=actor.user_id if actor else None,
            by_submitter=True,
            at=now,
        )
        for key, value in answers.items()
        if value != ""
    ]


def contact_of(command: SendReport) -> SubmitterContact | None:
    """Give the sealed row of who sent it; an anonymous report has none."""
    if not command.tells_who:
        return None
    return SubmitterContact(
        name=command.name,
        organisation=command.organisation,
        contact=command.contact,
        name_sharing=command.name_sharing,
        may_contact=command.may_contact,
    )


def start_clocks(session: Session, report: Submission, *, now: datetime) -> Due:
    """Start what a report is owed. Its receipt is what this transaction gives."""
    of = ClockOf(partnership_id=report.partnership_id, submission_id=report.id)
    start_clock(session, ClockKey.RECEIPT, of, now=now)
    stop_clock(session, ClockKey.RECEIPT, of, now=now)
    look = start_clock(session, triage_clock(report.urgency), of, now=now)
    answer = start_clock(session, ClockKey.FEEDBACK, of, now=now)
    return Due(look_by=look.due_at, answer_by=answer.due_at)


def triage_clock(level: Urgency) -> ClockKey:
    """Give the clock by which a report of this urgency must be triaged."""
    return ClockKey.TRIAGE_ROUTINE if level is Urgency.ROUTINE else ClockKey.TRIAGE_URGENT


def owe_receipt(
    session: Session, place: Partnership, report: Submission, command: SendReport, due: Due, now: datetime
) -> None:
    """Owe the receipt, with the private link, to the address the submitter gave."""
    token = follow_token(command.form_token)
    subject, body = receipt(place.name, report.reference, token, due.look_by, due.answer_by)
    owe(
        session, to=command.contact, subject=subject, body=body, due_at=now, partnership_id=place.id,
        purpose="receipt", exercise=report.exercise,
    )  # fmt: skip


def tell_coordinators(
    session: Session, place: Partnership, report: Submission, notice: tuple[str, str], *, now: datetime
) -> None:
    """Owe a notice to every coordinator, and to the person on call when the report is urgent.

    A Partnership that has nobody in those roles today is told at its own address.
    """
    roles = {Role.COORDINATOR} if report.urgency is Urgency.ROUTINE else {Role.COORDINATOR, Role.ON_CALL}
    addresses = addresses_of_role(session, place.id, frozenset(roles), on=london_day(now))
    subject, body = notice
    for address in addresses or [each for each in [place.contact_address] if each]:
        owe(
            session, to=address, subject=subject, body=body, due_at=now, partnership_id=place.id,
            purpose="report_waits", exercise=report.exercise,
        )  # fmt: skip
