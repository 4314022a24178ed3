"""Whoever tries whatever with a case and its meeting, in whatever order: the promises of the review hold."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from review_app.errors import DomainError
from review_app.panel.commands import AcceptStatement
from review_app.panel.models.meetings import PanelMeeting
from review_app.panel.rules.meetings import OVER, MeetingState
from review_app.panel.service.meetings import accept_statement
from review_app.policy import Actor
from review_app.reviews.commands.findings import (
    BackTo,
    CloseCase,
    DeferCase,
    EndFlag,
    RaiseFlag,
    ReopenCase,
    SayNoLearning,
    SignCase,
    SkipAccuracyCheck,
    StartFindings,
)
from review_app.reviews.commands.meetings import (
    AgendaItem,
    CancelMeeting,
    CorrectDeclaration,
    DeclareInterest,
    HoldMeeting,
    MinuteMeeting,
    RecordAttendance,
)
from review_app.reviews.commands.retention import ApproveDestruction, ProposeDestruction, RefuseDestruction
from review_app.reviews.models import CaseMove, CaseVersion, DeclarationOfInterest, ReviewCase
from review_app.reviews.queries import agenda as agenda_queries
from review_app.reviews.queries import known_cases, visible_cases
from review_app.reviews.queries.retention import standing_flags
from review_app.reviews.queries.signing import content_to_sign, digest_of
from review_app.reviews.rules.findings import ReopenTrigger
from review_app.reviews.rules.states import (
    CASE_WORKFLOW,
    CONFLICTS,
    HIDES_FROM_ANYONE,
    HOLDS,
    CaseState,
    ConflictKind,
)
from review_app.reviews.service import agenda, declaring, destroying, flags, signing
from review_app.reviews.service import sittings as holding
from tests import factories, reviewing, sittings
from tests.conftest import FixedClock, Work
from tests.factories import Place

COORDINATOR, CHAIR, DEPUTY, MEMBER = sittings.SITTERS
PEOPLE = (COORDINATOR, CHAIR, DEPUTY, MEMBER, "ig", "dph", "housing.rep", "admin")
Attempt = Callable[[Session, Actor, datetime], object]


@dataclass(kw_only=True)
class World:
    """One case and one meeting, and what was seen of them so far."""

    here: Place
    case_id: int
    reference: str
    meeting: str
    signed: dict[int, str] = field(default_factory=dict)


def attempts(session: Session, world: World, choice: int) -> dict[str, Attempt]:
    """Give everything that can be tried with the case and its meeting, by a word."""
    here, reference, meeting = world.here, world.reference, world.meeting
    case = session.get_one(ReviewCase, world.case_id)
    kind = list(ConflictKind)[choice % len(ConflictKind)] if choice % 3 == 0 else ConflictKind.NONE
    sitters = [here.user(key).id for key in sittings.SITTERS]
    came = frozenset(user for place, user in enumerate(sitters) if choice % 5 or place != choice % 4)
    item = AgendaItem(meeting=meeting, reference=reference)
    flag = sorted(HOLDS)[choice % len(HOLDS)]

    def signature(session: Session, actor: Actor, now: datetime) -> object:
        digest = content_to_sign(session, case).digest if choice % 7 else "0" * 64
        return signing.sign_case(session, actor, SignCase(reference=reference, digest=digest), now=now)

    def bound(verb: Callable[..., object], command: object) -> Attempt:
        return lambda session, actor, now: verb(session, actor, command, now=now)

    attendance = RecordAttendance(meeting=meeting, attended=came, apologies=frozenset(sitters) - came)
    reopen = ReopenCase(
        reference=reference,
        trigger=ReopenTrigger.FAMILY_INFORMATION,
        back_to=list(BackTo)[choice % 3],
        reason="They rang.",
    )
    correct = CorrectDeclaration(
        reference=reference, user_id=sitters[choice % 4], kind=kind, reason="They asked me to."
    )
    return {
        "accept": bound(accept_statement, AcceptStatement(reference=meeting)),
        "declare": bound(
            declaring.declare_interest,
            DeclareInterest(reference=reference, kind=kind, words="I knew them.", meeting=meeting),
        ),
        "correct": bound(declaring.correct_declaration, correct),
        "add": bound(agenda.put_on_agenda, item),
        "take_off": bound(agenda.take_off_agenda, item),
        "list": bound(agenda.list_case, item),
        "defer": bound(agenda.defer_case, DeferCase(reference=reference, reason="Not yet.")),
        "attendance": bound(holding.record_attendance, attendance),
        "hold": bound(holding.hold_meeting, HoldMeeting(meeting=meeting)),
        "minute": bound(holding.minute_meeting, MinuteMeeting(meeting=meeting, decisions={reference: "Done."})),
        "cancel": bound(holding.cancel_meeting, CancelMeeting(meeting=meeting, reason="The room is gone.")),
        "findings": bound(signing.start_findings, StartFindings(reference=reference)),
        "accuracy": bound(signing.skip_accuracy_check, SkipAccuracyCheck(reference=reference, reason="Read out.")),
        "no_learning": bound(signing.say_no_learning, SayNoLearning(reference=reference, reason="Nothing.")),
        "sign": signature,
        "close": bound(signing.close_case, CloseCase(reference=reference)),
        "reopen": bound(signing.reopen_case, reopen),
        "raise": bound(flags.raise_flag, RaiseFlag(reference=reference, kind=flag, reason="Asked.")),
        "end": bound(flags.end_flag, EndFlag(reference=reference, kind=flag, reason="Over.")),
        "propose": bound(destroying.propose_destruction, ProposeDestruction(reference=reference, authority="4.2")),
        "refuse": bound(destroying.refuse_destruction, RefuseDestruction(reference=reference, reason="Not yet.")),
        "approve": bound(destroying.approve_destruction, ApproveDestruction(reference=reference)),
    }


WAY = ("accept", "declare", "list", "attendance", "hold", "findings", "no_learning", "accuracy", "sign", "close")
"""What leads on, tried more often than the rest, or no case would come far."""
STRAY = ("correct", "add", "take_off", "defer", "minute", "cancel", "reopen", "raise", "end", "propose", "refuse",
         "approve")  # fmt: skip
STEPS = st.tuples(
    st.sampled_from((*sittings.SITTERS, *sittings.SITTERS, *PEOPLE)),
    st.sampled_from((*WAY, *WAY, *STRAY)),
    st.integers(0, 40),
    st.sampled_from((0, 0, 0, 0, 0, 0, 0, 4000)),
)
"""Who tries what, and how many days go by before."""


def check(session: Session, world: World, before: CaseState) -> CaseState:
    """Hold the promises of the review to whatever has just been tried."""
    case = session.get_one(ReviewCase, world.case_id)
    meeting = session.scalars(select(PanelMeeting)).one()
    ways = {(start, end) for (start, _action), end in CASE_WORKFLOW.moves.items()}
    twice = {(start, end) for start, middle in ways for again, end in ways if middle is again}
    assert before is case.state or (before, case.state) in ways | twice
    if case.state is CaseState.DESTROYED:
        assert (case.facts_sealed, case.no_learning_sealed, case.limbs) == (None, None, [])
        assert session.scalars(select(CaseMove)).all() == []
        assert before in (CaseState.DESTROYED, CaseState.RETAINED)
        return case.state
    if before is not case.state and case.state is CaseState.RETAINED:
        assert not HOLDS.intersection(standing_flags(session, case))
    for version in session.scalars(select(CaseVersion).order_by(CaseVersion.number)):
        assert digest_of(version.content) == version.digest == world.signed.setdefault(version.number, version.digest)
    if case.state is CaseState.IN_PANEL and before is CaseState.LISTED:
        table = agenda_queries.table_of(session, meeting, [case.id], on=case.moved_at.date())
        assert table.objections(case.id, came=True) == []
    if meeting.state is MeetingState.PACK_READY:
        assert agenda_queries.any_listed(agenda_queries.agenda_of(session, meeting))
    assert (meeting.held_at is not None) == (meeting.state in OVER)
    check_recusal(session, world, case)
    return case.state


def check_recusal(session: Session, world: World, case: ReviewCase) -> None:
    """Nobody knows of a case that a declaration hides from them, and nobody with an interest has signed since."""
    standing = {
        row.user_id: row
        for row in session.scalars(
            select(DeclarationOfInterest).where(
                DeclarationOfInterest.case_id == case.id, DeclarationOfInterest.replaced_at.is_(None)
            )
        )
    }
    for key in PEOPLE:
        row = standing.get(world.here.user(key).id)
        hides = CONFLICTS if key in (CHAIR, DEPUTY) else HIDES_FROM_ANYONE
        if row is not None and row.kind in hides:
            for narrowed in (known_cases, visible_cases):
                assert session.scalar(narrowed(world.here.actor(key)).where(ReviewCase.id == case.id)) is None
    for version in session.scalars(select(CaseVersion)):
        declared = session.scalars(
            select(DeclarationOfInterest)
            .where(
                DeclarationOfInterest.user_id == version.signed_by_id,
                DeclarationOfInterest.declared_at <= version.signed_at,
            )
            .order_by(DeclarationOfInterest.id.desc())
        ).first()
        assert declared is not None
        assert declared.kind is ConflictKind.NONE


class TakenBack(Exception):
    """What was tried is undone, so that the next example begins anew."""


def begun(session: Session, here: Place, clock: FixedClock) -> World:
    """Give a case whose information is ready, on the agenda of a meeting."""
    case = reviewing.make_case(session, here, now=clock.now(), state=CaseState.INFO_READY)
    meeting = sittings.plan_meeting(session, here, now=clock.advance(minutes=20), cases=[case])
    return World(here=here, case_id=case.id, reference=case.reference, meeting=meeting.reference)


PATH = (
    *((who, name) for name in ("accept", "declare") for who in sittings.SITTERS),
    *((COORDINATOR, name) for name in ("list", "attendance", "hold")),
    *((CHAIR, name) for name in ("findings", "no_learning", "accuracy", "sign", "close")),
    (COORDINATOR, "wait"),
    (COORDINATOR, "propose"),
)
"""The way of a case that nobody strays from, to the end of its time."""


def walk(session: Session, world: World, clock: FixedClock, steps: int) -> CaseState:
    """Go so many steps along that way, holding the promises to each of them."""
    state = session.get_one(ReviewCase, world.case_id).state
    for who, name in PATH[:steps]:
        now = clock.advance(days=4000 if name == "wait" else 0, minutes=1)
        if name != "wait":
            attempts(session, world, 1)[name](session, world.here.actor(who), now)
        session.flush()
        session.expire_all()
        state = check(session, world, state)
    return state


def try_anything(work: Work, clock: FixedClock, examples: int) -> None:
    """Let random people try random things in random order, from anywhere on the way of a case of their own."""
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(st.integers(0, len(PATH)), st.lists(STEPS, min_size=10, max_size=40))
    def any_order(begin_after: int, steps: list[tuple[str, str, int, int]]) -> None:
        with suppress(TakenBack), work() as session:
            world = begun(session, here, clock)
            state = walk(session, world, clock, begin_after)
            for key, name, choice, days in steps:
                now = clock.advance(days=days, minutes=1)
                with suppress(DomainError), session.begin_nested():
                    attempts(session, world, choice)[name](session, here.actor(key), now)
                session.expire_all()
                state = check(session, world, state)
            raise TakenBack

    any_order()


@pytest.mark.both_databases
def test_whoever_tries_whatever_in_any_order_the_promises_of_the_review_hold(work: Work, clock: FixedClock) -> None:
    try_anything(work, clock, examples=6)


@pytest.mark.endurance
@pytest.mark.both_databases
def test_the_promises_of_the_review_hold_for_long(work: Work, clock: FixedClock) -> None:
    try_anything(work, clock, examples=250)


def test_the_way_reaches_its_end(work: Work, clock: FixedClock) -> None:
    """The random orders would prove little if their beginnings did not lead everywhere."""
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        assert walk(session, begun(session, here, clock), clock, len(PATH)) is CaseState.RETAINED
