"""One case that holds something in every part of it, with one word planted wherever anybody can write.

planted = whole_case.make(session, place, now=clock.now())     closed; `planted.case`, and the word in `PLANTED`
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from review_app.learning.queries.points import points_of
from review_app.links.models import Relation
from review_app.links.service import link
from review_app.reviews.commands.findings import (
    AddFactor,
    BackTo,
    CloseCase,
    EndFlag,
    FactorWords,
    RaiseFlag,
    ReopenCase,
    SignCase,
    SkipAccuracyCheck,
    StartFindings,
)
from review_app.reviews.commands.meetings import CorrectDeclaration, MinuteMeeting
from review_app.reviews.models import DeathNotification, ReviewCase
from review_app.reviews.queries.signing import content_to_sign
from review_app.reviews.rules.findings import ReopenTrigger
from review_app.reviews.rules.notified import Identity
from review_app.reviews.rules.states import CaseState, ConflictKind, FlagKind
from review_app.reviews.service import declaring, factors, flags, packs, signing
from review_app.reviews.service import sittings as holding
from tests import factories, learned, reviewing, sittings
from tests.factories import Place

PLANTED = "Marrowfeld"
STORY = f"{PLANTED} was found at home."
WHO = Identity(
    forename="Samuel", surname=PLANTED, nhs_number="9434765919", address=f"17 {PLANTED} Row", postcode="ZE99 9QQ"
)


@dataclass(frozen=True, kw_only=True)
class WholeCase:
    """The case, with the references by which pages and the audit know what belongs to it."""

    case: ReviewCase
    meeting: str
    notification: str
    requests: tuple[str, ...]


def make(session: Session, place: Place, *, now: datetime) -> WholeCase:
    """Bring a case from its notification to its second closing, with everything in between."""
    coordinator, chair = place.actor("review.coordinator"), place.actor("review.chair")
    signal = factories.make_signal(session, place, now=now)
    case = reviewing.make_case(
        session, place, now=now, state=CaseState.SELECTED, identity=WHO, story=STORY, risk_words=PLANTED
    )
    link(session, coordinator, case, signal, Relation.MAY_EXPLAIN, now=now)
    asked = reviewing.ask(session, place, case, "housing", "treatment", now=now, words=f"About {PLANTED}.")
    session.flush()
    for request in asked:
        events = [reviewing.an_event(what=f"{PLANTED} was seen.", significance=PLANTED)]
        reviewing.answer(session, place, request, now=now, events=events, worked_well=f"{PLANTED} was met.")
    session.flush()
    raising = RaiseFlag(reference=case.reference, kind=FlagKind.LEGAL_HOLD, reason=PLANTED)
    flags.raise_flag(session, coordinator, raising, now=now)
    session.flush()
    ending = EndFlag(reference=case.reference, kind=FlagKind.LEGAL_HOLD, reason=PLANTED)
    flags.end_flag(session, coordinator, ending, now=now)
    case.no_learning = PLANTED  # as it was said before there were learning points
    meeting = sittings.plan_meeting(session, place, now=now, cases=[case])
    conflicts = {"review.deputy": ConflictKind.LINE_MANAGES}
    sittings.be_ready(session, place, meeting, now=now, conflicts=conflicts)
    right = CorrectDeclaration(
        reference=case.reference, user_id=place.user("review.deputy").id, kind=ConflictKind.MEDIA, reason=PLANTED
    )
    declaring.correct_declaration(session, coordinator, right, now=now)
    packs.open_pack(session, place.actor("review.member"), meeting.reference, case.reference, now=now)
    sittings.hold(session, place, meeting, now=now)
    minutes = MinuteMeeting(meeting=meeting.reference, decisions={case.reference: PLANTED})
    holding.minute_meeting(session, coordinator, minutes, now=now)
    said = FactorWords(domain="C", influence="sufficient", modifiable="no", words=PLANTED)
    factors.add_factor(session, chair, AddFactor(reference=case.reference, factor=said), now=now)
    learned.told_point(session, place, case, now=now, statement=f"{PLANTED} was met.")
    learned.agreed_point(session, place, case, now=now, statement=f"{PLANTED} had a key worker.")
    learned.make_recommendation(session, place, points_of(session, case.id)[:1], now=now)
    _sign(session, place, case, now=now)
    again = ReopenCase(
        reference=case.reference, trigger=ReopenTrigger.FAMILY_INFORMATION, back_to=BackTo.FINDINGS, reason=PLANTED
    )
    signing.close_case(session, chair, CloseCase(reference=case.reference), now=now)
    signing.reopen_case(session, chair, again, now=now)
    _sign(session, place, case, now=now)
    signing.close_case(session, chair, CloseCase(reference=case.reference), now=now)
    session.flush()
    return WholeCase(
        case=case,
        meeting=meeting.reference,
        notification=session.scalars(select(DeathNotification).filter_by(case_id=case.id)).one().reference,
        requests=tuple(each.reference for each in asked),
    )


def _sign(session: Session, place: Place, case: ReviewCase, *, now: datetime) -> None:
    chair = place.actor("review.chair")
    if case.state is CaseState.IN_PANEL:
        signing.start_findings(session, chair, StartFindings(reference=case.reference), now=now)
    check = SkipAccuracyCheck(reference=case.reference, reason=PLANTED)
    signing.skip_accuracy_check(session, chair, check, now=now)
    session.flush()
    command = SignCase(reference=case.reference, digest=content_to_sign(session, case).digest)
    signing.sign_case(session, chair, command, now=now)
    session.flush()
