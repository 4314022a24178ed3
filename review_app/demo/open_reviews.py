"""One review in each state in which somebody has something to do, the eighteen that are done, and what came of them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from review_app.demo.deaths import (
    AGAIN,
    ASKED,
    LONG_AGO,
    NEW,
    NOT_CHOSEN,
    OF_THE_SIGNAL,
    PLANNED,
    SELECTED,
    SITTINGS,
    TO_SIGN,
    UNCHECKED,
    UNDER_AGE,
    WAITING,
    Death,
    Reviewed,
)
from review_app.demo.lessons import ADVICE, FOR_ASSESSMENT, FOR_RECORDS, advise, block, carry_out
from review_app.demo.reviews import CHAIR, COORDINATOR, Reviewer
from review_app.demo.world import Place
from review_app.learning.models import LearningPoint
from review_app.outbox.models import OutboxMessage
from review_app.reviews.commands.findings import CloseCase
from review_app.reviews.commands.retention import ProposeDestruction
from review_app.reviews.models import CaseMove, ReviewCase
from review_app.reviews.rules.states import CaseState
from review_app.reviews.service.destroying import propose_destruction
from review_app.reviews.service.signing import close_case

DAYS_OF_SITTINGS = (140, 112, 84, 56, 28)
LEAD = 34
"""How many days before its sitting a death is notified."""
Learned = dict[str, list[LearningPoint]]


def tell_reviews(session: Session, place: Place, signal: str, *, now: datetime) -> None:
    """Tell every review. The eighteenth death is notified from a Signal of seven weeks ago."""
    reviewer = Reviewer(session, place, now)
    learned: Learned = {}
    done: list[ReviewCase] = []
    for days, sitting in zip(DAYS_OF_SITTINGS, SITTINGS, strict=True):
        last = days == DAYS_OF_SITTINGS[-1]
        cases = [reviewer.informed(each, days=days + LEAD) for each in sitting]
        if last:
            sitting = (*sitting, OF_THE_SIGNAL, *TO_SIGN)
            cases.append(reviewer.informed(OF_THE_SIGNAL, days=days + 19, signal=signal))
            cases += [reviewer.informed(each, days=days + 30) for each in TO_SIGN]
        reviewer.sit(cases, days=days)
        _find(reviewer, sitting, cases, learned, days=days - 5)
        done += cases[: len(cases) - len(TO_SIGN)] if last else cases
    _recommend(reviewer, learned)
    for case in done:
        reviewer.sign(case, days=16)
        if case.state is CaseState.SIGNED_OFF:
            close_case(session, reviewer.actor(CHAIR), CloseCase(reference=case.reference), now=reviewer.ago(14))
    _tell_open(reviewer)
    _tell_ended(reviewer)
    session.flush()
    session.execute(delete(OutboxMessage).where(OutboxMessage.due_at < now - timedelta(days=1)))


def _find(
    reviewer: Reviewer, sitting: Sequence[Reviewed], cases: Sequence[ReviewCase], learned: Learned, *, days: float
) -> None:
    for reviewed, case in zip(sitting, cases, strict=True):
        for name, point in zip(reviewed.lessons, reviewer.find(case, reviewed, days=days), strict=True):
            learned.setdefault(name.removesuffix("?"), []).append(point)


def _recommend(reviewer: Reviewer, learned: Learned) -> None:
    """Draw each recommendation from the latest of the points that say the same, and let agencies carry out two."""
    made = {each.lesson: advise(reviewer, each, learned[each.lesson][-1:], days=20) for each in ADVICE}
    for task in FOR_ASSESSMENT:
        carry_out(reviewer, made["old assessment"], task, days=19)
    given = [carry_out(reviewer, made["two records"], task, days=19) for task in FOR_RECORDS]
    block(reviewer, given[-1], "The network does not reach the night shelter yet.", days=3)


def _tell_open(reviewer: Reviewer) -> None:
    """Leave something to do for everyone: deaths to triage and decide, requests to answer, a sitting to prepare."""
    reviewer.notify(WAITING, days=2.2, died=4)
    reviewer.notify(AGAIN, days=0.4, died=4, born=WAITING.name)
    reviewer.case(NEW, days=1.1)
    reviewer.triage(reviewer.case(UNCHECKED, days=4), days=1)
    reviewer.selected(SELECTED, days=5)
    _ask(reviewer)
    cases = [reviewer.informed(Reviewed(death=each, lessons=()), days=33) for each in PLANNED]
    people = (COORDINATOR, CHAIR, "review.deputy", "review.member", "review.member2")
    meeting = reviewer.plan(people, days=8, ahead=14)
    reviewer.put_on(meeting, cases, days=7)
    reviewer.declare(meeting, cases, COORDINATOR, days=6)


def _ask(reviewer: Reviewer) -> None:
    """Ask about two deaths: of the first one has nothing, one knows part, and two are waited for; nobody has answered
    about the second."""
    first, second = (reviewer.selected(each, days=days) for each, days in zip(ASKED, (24, 9), strict=True))
    housing, treatment, *_ = reviewer.ask(first, "housing", "treatment", "police", "hospital", days=22)
    reviewer.hold_nothing(housing, "housing", days=15)
    known = "Known to us for two years. The last appointment was missed."
    missing = "Notes from before the change of provider are in another system."
    reviewer.answer(treatment, "treatment", known, days=12, missing=missing)
    reviewer.ask(second, "housing", "treatment", "police", "hospital", days=7)


def _tell_ended(reviewer: Reviewer) -> None:
    """Cases that were not taken in, and two from the files of earlier years that are due to be destroyed."""
    _end(reviewer, UNDER_AGE, CaseState.OUT_OF_SCOPE, "Under 18: passed to the child death overview panel.", days=60)
    _end(reviewer, NOT_CHOSEN, CaseState.IN_SCOPE_NOT_SELECTED, "Three similar deaths are under review.", days=45)
    for death in LONG_AGO:
        reason = "Died before the review began. Kept with the files of the earlier group."
        case = _end(reviewer, death, CaseState.OUT_OF_SCOPE, reason, days=30, died=4_400)
        _make_old(reviewer, case, reviewer.ago(4_000))
        command = ProposeDestruction(
            reference=case.reference, authority="Retention schedule of the partnership, part 4"
        )
        propose_destruction(reviewer.session, reviewer.actor(COORDINATOR), command, now=reviewer.ago(2))


def _end(
    reviewer: Reviewer, death: Death, outcome: CaseState, reason: str, *, days: float, died: float | None = None
) -> ReviewCase:
    case = reviewer.case(death, days=days, died=died)
    reviewer.triage(case, days=days - 1)
    reviewer.decide(case, death, days=days - 2, outcome=outcome, reason=reason)
    return case


def _make_old(reviewer: Reviewer, case: ReviewCase, at: datetime) -> None:
    """Let a case be of an earlier year, from before this service was in use."""
    reviewer.session.flush()
    case.opened_at = case.moved_at = at
    reviewer.session.execute(update(CaseMove).where(CaseMove.case_id == case.id).values(moved_at=at))
