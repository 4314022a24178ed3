"""How urgent a report is, from what is known of it now. Urgency is only ever raised."""

from datetime import datetime

from sqlalchemy.orm import Session

from review_app.audit.service import record
from review_app.catalogue.queries import synthetic_opioid_terms
from review_app.catalogue.service import replace_clock
from review_app.policy import Actor
from review_app.submissions.models import Signal, Submission
from review_app.submissions.rules import (
    AgeBand,
    ReportKind,
    Urgency,
    UrgencyFacts,
    UrgentTick,
    Vulnerability,
    ticks_death,
    urgency,
)
from review_app.submissions.service.moves import (
    PANEL_CLOCKS,
    TRIAGE_CLOCKS,
    clocks_of_signal,
    clocks_of_submission,
)

TICKS = "urgent"
"""The key under which a coordinator's urgent ticks are kept among the answers."""


def ticks_made(submission: Submission) -> frozenset[UrgentTick]:
    """Give every urgent tick a coordinator has made on a report."""
    rows = (answer.value.get("answer") or [] for answer in submission.answers if answer.question_key == TICKS)
    return frozenset(UrgentTick(tick) for row in rows for tick in row)


def tells_of_death(submission: Submission) -> bool:
    """Say whether a report tells of a death: in A1, in D7 or by a coordinator's tick."""
    kinds = [ReportKind(kind) for kind in submission.reporting]
    return ticks_death(kinds, submission.deaths_suspected or 0) or UrgentTick.DEATH in ticks_made(submission)


def facts_of(submission: Submission) -> UrgencyFacts:
    """Gather what decides how urgent a report is."""
    drugs = [each for drug in submission.substances for each in (drug.sold_as, drug.street_name, *drug.suspected)]
    words = [answer.value.get("answer") for answer in submission.answers if answer.question_key == "D0"]
    return UrgencyFacts(
        kinds=[ReportKind(kind) for kind in submission.reporting],
        danger_now=submission.danger_now,
        deaths=submission.deaths_suspected or 0,
        ages=[AgeBand(band) for band, people in (submission.ages or {}).items() if people],
        vulnerabilities=[Vulnerability(each) for each in submission.vulnerabilities],
        words=[*drugs, submission.own_words, *(each for each in words if isinstance(each, str))],
        ticks=ticks_made(submission),
    )


def judge_urgency(session: Session, actor: Actor | None, submission: Submission, *, now: datetime) -> Urgency:
    """Raise a report's urgency if what is known now asks for it; its triage clock becomes the faster one."""
    judged = urgency(facts_of(submission), synthetic_opioid_terms(session))
    before = submission.urgency
    if judged.rank <= before.rank:
        return before
    submission.urgency = judged
    _replace_triage_clock(session, submission, before, now)
    record(session, actor, "raise_urgency", submission, at=now, changes={"urgency": (before, judged)})
    return judged


def _replace_triage_clock(session: Session, submission: Submission, before: Urgency, now: datetime) -> None:
    old, new = TRIAGE_CLOCKS[before], TRIAGE_CLOCKS[submission.urgency]
    if old is not new:
        replace_clock(session, old, new, clocks_of_submission(submission), now=now)


def raise_signal_urgency(session: Session, actor: Actor, signal: Signal, found: Urgency, *, now: datetime) -> None:
    """Let a Signal be at least as urgent as a report that is linked to it; the panel's clock becomes the faster one."""
    before = signal.urgency
    if found.rank <= before.rank:
        return
    signal.urgency = found
    replace_clock(session, PANEL_CLOCKS[before], PANEL_CLOCKS[found], clocks_of_signal(signal), now=now)
    record(session, actor, "raise_urgency", signal, at=now, changes={"urgency": (before, found)})
