"""One report as the people of the drug information system see it, each as far as they may."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from review_app.accounts.queries import localities_of, people_names
from review_app.audit.queries import timeline
from review_app.catalogue.commands import ClockOf
from review_app.catalogue.models import FormDefinition
from review_app.catalogue.queries import clocks_of
from review_app.catalogue.rules import Form, read_form
from review_app.errors import NotVisible
from review_app.policy import Actor, Permission, allowed
from review_app.sections import Happening
from review_app.submissions.models import (
    RecordedMove,
    Signal,
    Submission,
    SubmissionAnswer,
    SubmissionMessage,
    SubmissionQuestion,
)
from review_app.submissions.queries.inbox import RunningClock
from review_app.submissions.queries.visibility import (
    FROM_DECIDED,
    Reach,
    get_submission,
    reach_of,
    signal_of,
    visible_signals,
    visible_submissions,
)
from review_app.submissions.rules import (
    SUBMISSION_WORKFLOW,
    ClosureReason,
    KnownPlace,
    SignalState,
    SubmissionAction,
    SubmissionState,
    Urgency,
    closure_reasons,
)
from review_app.wording import word

RESTRICTED = frozenset({"B2", "C9"})
ASKED_OF_THE_SUBMITTER = frozenset({"F1", "F2", "F3", "F4", "F5", "F7"})
QUESTION_WORDS: Mapping[str, str] = {
    "A5": "When did it happen?",
    "B2": "Place in more detail (restricted)",
    "C3": "Suspected to be or contain",
    "D2": "Ages of the people affected",
    "D6": "Hospital",
    "D7": "Deaths suspected",
    "D8": "Naloxone",
    "D10": "What made people more vulnerable",
    "urgent": "Urgent because",
}
ORDER = ("A3", "A1", "C1", "C3", "B1", "B2", "A5", "E1", "D0", "D2", "D6", "D7", "D8", "D10", "urgent")
GROUP_OF = {
    "A1": "report_kind",
    "E1": "source",
    "B1": "known_place",
    "D2": "age_band",
    "D10": "vulnerability",
    "urgent": "urgent_tick",
}
SEVERAL = ", "
HIDDEN_VERBS = frozenset({"view", "denied"})


@dataclass(frozen=True, kw_only=True)
class Addition:
    """What a coordinator added to one answer: the words, by whom and when."""

    words: str
    who: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class AnswerLine:
    """One question: the submitter's answer as sent, and what was added beside it."""

    key: str
    question: str
    asked: bool
    sent: str
    additions: tuple[Addition, ...]


@dataclass(frozen=True, kw_only=True)
class ReportPage:
    """Everything the page of one report shows to one person."""

    reference: str
    title: str
    state: SubmissionState
    urgency: Urgency
    exercise: bool
    police_sensitive: bool
    received_at: datetime
    clocks: tuple[RunningClock, ...]
    waiting_for: str
    lines: tuple[AnswerLine, ...]
    reach: Reach
    anonymous: bool
    signal: Signal | None
    earlier: str | None
    updates: tuple[str, ...]
    questions: Sequence[SubmissionQuestion]
    messages: Sequence[SubmissionMessage]
    closure: ClosureReason | None
    closure_note: str
    withdrawal_note: str
    may_triage: bool
    actions: frozenset[SubmissionAction]
    can_close: bool
    happened: tuple[Happening, ...]


def report_page(session: Session, actor: Actor, reference: str) -> ReportPage:
    """Give the page of a report the person may read. Raises NotVisible."""
    report = get_submission(session, actor, reference)
    linked = signal_of(session, report.id)
    signal = session.scalar(visible_signals(actor).where(Signal.id == linked.id)) if linked else None
    reach = reach_of(actor, report, linked, report.contact)
    may_triage = allowed(actor, Permission.SUBMISSION_TRIAGE)
    actions = frozenset(SUBMISSION_WORKFLOW.actions_from(report.state)) if may_triage else frozenset()
    seen = set(session.scalars(visible_submissions(actor).with_only_columns(Submission.reference).where(
        Submission.id.in_([each.id for each in (report.earlier, *report.updates) if each is not None])
    )))  # fmt: skip
    return ReportPage(
        reference=report.reference,
        title=title_of(report),
        state=report.state,
        urgency=report.urgency,
        exercise=report.exercise,
        police_sensitive=report.police_sensitive,
        received_at=report.received_at,
        clocks=_running(session, report),
        waiting_for=waiting_for(report, linked),
        lines=answer_lines(session, report, reach),
        reach=reach,
        anonymous=report.contact is None and report.submitted_by_id is None,
        signal=signal,
        earlier=report.earlier.reference if report.earlier and report.earlier.reference in seen else None,
        updates=tuple(each.reference for each in report.updates if each.reference in seen),
        questions=report.questions,
        messages=report.messages,
        closure=report.closure_reason,
        closure_note=report.closure_note,
        withdrawal_note=report.withdrawal_note,
        may_triage=may_triage,
        actions=actions,
        can_close=SubmissionAction.CLOSE in actions and _may_close(report, linked),
        happened=tuple(story_of(session, report, reach)),
    )


def identifiable_page(session: Session, actor: Actor, reference: str) -> ReportPage:
    """Give the page of a report whose submitter the person may be shown. Raises NotVisible."""
    page = report_page(session, actor, reference)
    if not page.reach.identity:
        raise NotVisible("We cannot find that page.", reference=reference)
    return page


def title_of(report: Submission) -> str:
    """Give a report's heading: what it was sold as, and where, in no more words than a list may show."""
    sold_as = ", ".join(each.sold_as for each in report.substances) or "Report"
    sold_as = sold_as[:1].upper() + sold_as[1:]
    return f"{sold_as}, {report.locality.name}" if report.locality else sold_as


def waiting_for(report: Submission, signal: Signal | None) -> str:
    """Say in words who has to do something next about a report."""
    match report.state:
        case SubmissionState.RECEIVED:
            return "a coordinator to start triage"
        case SubmissionState.TRIAGE:
            return "a coordinator to link it to a Signal or close it"
        case SubmissionState.NEEDS_INFO:
            return "the submitter's answer"
        case SubmissionState.LINKED if signal is not None and signal.state in FROM_DECIDED:
            return "a coordinator to tell the submitter and close it"
        case SubmissionState.LINKED:
            return "what happens to its Signal"
    return ""


def _may_close(report: Submission, signal: Signal | None) -> bool:
    """Say whether it makes sense to offer closing: at triage, or once the Signal is decided."""
    return report.state is not SubmissionState.LINKED or (signal is not None and signal.state in FROM_DECIDED)


def _running(session: Session, report: Submission) -> tuple[RunningClock, ...]:
    clocks = clocks_of(session, ClockOf(partnership_id=report.partnership_id, submission_id=report.id))
    return tuple(
        RunningClock(
            label=clock.rule.name.partition(",")[0],
            due_at=clock.due_at,
            paused=clock.paused_at is not None,
            reason=clock.pause_reason,
        )
        for clock in clocks
        if not clock.ended
    )


def answer_lines(session: Session, report: Submission, reach: Reach) -> tuple[AnswerLine, ...]:
    """Give every question with the submitter's words as sent and the additions beside them, in the form's order."""
    form = read_form(session.get_one(FormDefinition, report.form_definition_id).content)
    names = people_names(session, {each.author_id for each in report.answers if each.author_id is not None})
    places = _place_names(session, report)
    sent, added = dict[str, str](), dict[str, list[Addition]]()
    for answer in report.answers:
        words = answer_words(answer, places)
        if answer.by_submitter:
            sent[answer.question_key] = words
        else:
            who = names.get(answer.author_id or 0, "")
            added.setdefault(answer.question_key, []).append(Addition(words=words, who=who, at=answer.at))
    sent["C1"] = ", ".join(each.sold_as for each in report.substances)
    keys = [key for key in (*ORDER, *sorted({*sent, *added} - set(ORDER))) if key not in ASKED_OF_THE_SUBMITTER]
    return tuple(
        AnswerLine(
            key=key,
            question=question_words(form, key),
            asked=any(each.key == key for each in form.questions),
            sent=sent.get(key, ""),
            additions=tuple(added.get(key, ())),
        )
        for key in keys
        if (sent.get(key) or added.get(key)) and (reach.restricted or key not in RESTRICTED)
    )


def question_words(form: Form, key: str) -> str:
    """Give the words of a question: the form's own where it asks it."""
    try:
        return form.question(key).words
    except KeyError:
        return QUESTION_WORDS.get(key, key)


def answer_words(answer: SubmissionAnswer, places: Mapping[str, str]) -> str:
    """Give one answer in words."""
    value, key = answer.value.get("answer"), answer.question_key
    match value:
        case None:
            return ""
        case bool():
            return "Yes" if value else "No"
        case list():
            return SEVERAL.join([_option(key, each) for each in value])
        case dict():
            return SEVERAL.join([_count_words(key, str(name), number) for name, number in value.items()])
        case str() if key == "B1" and value in places:
            return places[value]
    return _option(key, value)


def _option(key: str, value: object) -> str:
    group = GROUP_OF.get(key)
    if key == "A5" and value == "not_known":
        return "Not known"
    return word(str(value), group).text if group else str(value)


def _count_words(key: str, name: str, number: object) -> str:
    if key == "D8" and name == "given":
        return {"yes": "given", "no": "not given"}.get(str(number), "not known whether given")
    return f"{name.replace('_', ' ').replace('attended ed', 'attended emergency department')}: {number}"


def _place_names(session: Session, report: Submission) -> dict[str, str]:
    names = {f"locality:{each.id}": each.name for each in localities_of(session, report.partnership_id)}
    if report.locality is not None:
        names[f"locality:{report.locality.id}"] = report.locality.name
    return {**names, **{place.value: word(place.value, "known_place").text for place in KnownPlace}}


STORY: Mapping[str, str] = {
    "send": "Report received",
    "receive": "Report received",
    "create": "Report received",
    "start_triage": "Triage started",
    "ask": "The submitter was asked a question",
    "answer": "The submitter answered",
    "resume": "Triage went on",
    "link": "Linked to a Signal",
    "unlink": "Taken out of its Signal",
    "close": "Closed",
    "reopen": "Reopened",
    "withdraw": "Withdrawn",
    "add_answers": "What was learned was added",
    "raise_urgency": "Urgency was raised",
    "tell_submitter": "The submitter was written to",
    "mark_police_sensitive": "The police-sensitive mark was changed",
    "reveal": "The submitter's identity was shown",
}


def story_of(session: Session, report: Submission, reach: Reach) -> list[Happening]:
    """Tell what happened to a report, oldest first, from the audit, with the reasons kept beside it."""
    events = [each for each in timeline(session, "submission", report.reference) if each.verb not in HIDDEN_VERBS]
    if not reach.identity:
        events = [each for each in events if each.verb != "reveal"]
    names = people_names(session, {each.actor_id for each in events if each.actor_id is not None})
    moves = session.scalars(select(RecordedMove).where(RecordedMove.submission_id == report.id)).all()
    reasons = {(move.action, move.at): move.reason for move in moves}
    submitter = report.submitted_by_id
    return [
        Happening(
            at=event.at,
            what=STORY.get(event.verb, word(event.verb, "").text),
            who="the submitter" if submitter and event.actor_id == submitter else names.get(event.actor_id or 0, ""),
            note=reasons.get((event.verb, event.at), "")
            or (word(event.purpose, "reveal_purpose").text if event.verb == "reveal" else ""),
        )
        for event in events
    ]


def linkable_signals(session: Session, actor: Actor, words: str) -> list[Signal]:
    """Find open Signals of the person's own Partnership by reference or words of the title, newest first."""
    found = visible_signals(actor).where(
        Signal.partnership_id == actor.partnership_id, Signal.state != SignalState.CLOSED
    )
    if words:
        found = found.where(
            Signal.reference.icontains(words, autoescape=True) | Signal.title.icontains(words, autoescape=True)
        )
    return list(session.scalars(found.order_by(Signal.opened_at.desc(), Signal.id.desc()).limit(10)))


def closing_choices(page: ReportPage) -> tuple[ClosureReason, ...]:
    """Give the reasons with which this report may be closed now."""
    return closure_reasons(page.state)
