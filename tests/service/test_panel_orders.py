"""Whoever tries whatever with a case and its meeting, in whatever order: the promises of the review hold."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from review_app.errors import DomainError, NotAllowed, NotVisible
from review_app.panel.commands import AcceptStatement
from review_app.panel.models.meetings import PanelMeeting
from review_app.panel.rules.meetings import MEETING_WORKFLOW, OVER, MeetingState
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
ELSEWHERE = "elsewhere"
"""The review coordinator of another Partnership."""
PEOPLE = (COORDINATOR, CHAIR, DEPUTY, MEMBER, "ig", "dph", "sro", "housing.rep", "coordinator", "admin", ELSEWHERE)
CHAIRS = {CHAIR, DEPUTY}
RECORDERS = {COORDINATOR, *CHAIRS}
BY: dict[tuple[str, ...], set[str]] = {
    ("accept", "declare"): set(sittings.SITTERS),
    ("add", "take_off", "list", "hold", "cancel", "correct", "raise", "end", "propose"): {COORDINATOR},
    ("attendance", "minute", "defer", "findings", "accuracy"): RECORDERS,
    ("no_learning", "sign", "close", "reopen"): CHAIRS,
    ("refuse", "approve"): {"ig"},
}
MAY = {name: people for names, people in BY.items() for name in names}
"""Who may do what, written down a second time."""
MEETING_WAYS = {(start, end) for (start, _), end in MEETING_WORKFLOW.moves.items()}
Attempt = Callable[[Session, Actor, datetime], object]


@dataclass(kw_only=True)
class World:
    """One case and one meeting, and what was seen of them so far."""

    there: Place
    here: Place
    case_id: int
    reference: str
    meeting: str
    signed: dict[int, str] = field(default_factory=dict)
    done: Counter[str] = field(default_factory=Counter)
    moves: set[tuple[str, str]] = field(default_factory=set)
    meeting_moves: set[tuple[MeetingState, MeetingState]] = field(default_factory=set)

    def actor(self, who: str) -> Actor:
        """Give a person as services meet them."""
        return self.there.actor(COORDINATOR) if who == ELSEWHERE else self.here.actor(who)


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


def stands(session: Session, world: World) -> tuple[CaseState, MeetingState]:
    """Say how the case and the meeting stand."""
    meeting = session.scalars(select(PanelMeeting).where(PanelMeeting.reference == world.meeting)).one()
    return session.get_one(ReviewCase, world.case_id).state, meeting.state


def act(session: Session, world: World, who: str, name: str, choice: int, now: datetime) -> bool:
    """Let somebody try something, say whether it was done, and hold it to who may and to the legal moves."""
    before, refused = stands(session, world), None
    try:
        with session.begin_nested():
            attempts(session, world, choice)[name](session, world.actor(who), now)
    except DomainError as refusal:
        refused = refusal
    session.expire_all()
    after = stands(session, world)
    if refused is not None:
        assert who in MAY[name] or isinstance(refused, NotVisible | NotAllowed), (who, name, refused)
        assert after == before, "something stayed of what was refused"
        return False
    assert who in MAY[name], f"{who} may not {name}"
    if after[1] is not before[1]:
        assert (before[1], after[1]) in MEETING_WAYS
        world.meeting_moves.add((before[1], after[1]))
    check(session, world, before[0])
    world.done[name] += 1
    return True


def check(session: Session, world: World, before: CaseState) -> None:
    """Hold the promises of the review to whatever has just been tried."""
    case = session.get_one(ReviewCase, world.case_id)
    meeting = session.scalars(select(PanelMeeting)).one()
    ways = {(start, end) for (start, _action), end in CASE_WORKFLOW.moves.items()}
    twice = {(start, end) for start, middle in ways for again, end in ways if middle is again}
    assert before is case.state or (before, case.state) in ways | twice
    if case.state is CaseState.DESTROYED and before is not CaseState.DESTROYED:
        world.moves.add((before, case.state))
    if case.state is CaseState.DESTROYED:
        assert (case.facts_sealed, case.no_learning_sealed, case.limbs) == (None, None, [])
        assert session.scalars(select(CaseMove)).all() == []
        assert before in (CaseState.DESTROYED, CaseState.RETAINED)
        return
    world.moves |= {(move.from_state, move.to_state) for move in session.scalars(select(CaseMove))}
    if before is not case.state and case.state is CaseState.RETAINED:
        assert not HOLDS.intersection(standing_flags(session, case))
    for version in session.scalars(select(CaseVersion).order_by(CaseVersion.number)):
        assert digest_of(version.content) == version.digest == world.signed.setdefault(version.number, version.digest)
    if case.state is CaseState.IN_PANEL and before is CaseState.LISTED:
        table = agenda_queries.table_of(session, meeting, [case.id], on=case.moved_at.date())
        assert table.objections(case.id, came=True) == []
    if case.state is CaseState.LISTED:
        assert meeting.state is MeetingState.PACK_READY
        assert agenda_queries.upcoming_item(session, case) is not None
    if meeting.state is MeetingState.PACK_READY:
        assert agenda_queries.any_listed(agenda_queries.agenda_of(session, meeting))
    assert (meeting.held_at is not None) == (meeting.state in OVER)
    check_recusal(session, world, case)


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
        row = standing.get(world.actor(key).user_id)
        hides = CONFLICTS if key in (CHAIR, DEPUTY) else HIDES_FROM_ANYONE
        if row is not None and row.kind in hides:
            for narrowed in (known_cases, visible_cases):
                assert session.scalar(narrowed(world.actor(key)).where(ReviewCase.id == case.id)) is None
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


TODAY = timedelta(hours=1)


class TakenBack(Exception):
    """What was tried is undone, so that the next example begins anew."""


def begun(session: Session, people: factories.World, clock: FixedClock) -> World:
    """Give a case whose information is ready, on the agenda of a meeting."""
    case = reviewing.make_case(session, people.westhaven, now=clock.now(), state=CaseState.INFO_READY)
    meeting = sittings.plan_meeting(session, people.westhaven, now=clock.advance(minutes=20), cases=[case], ahead=TODAY)
    return World(
        here=people.westhaven, there=people.eastmoor, case_id=case.id, reference=case.reference,
        meeting=meeting.reference,
    )  # fmt: skip


Step = tuple[str, str, int]
"""Who does what, and how: by the choice of `attempts`."""
READY: tuple[Step, ...] = tuple((who, name, 1) for name in ("accept", "declare") for who in sittings.SITTERS)
LISTED: tuple[Step, ...] = (*READY, (COORDINATOR, "list", 1))
HELD: tuple[Step, ...] = (*LISTED, (COORDINATOR, "attendance", 1), (COORDINATOR, "hold", 1))
MINUTED: tuple[Step, ...] = (*HELD, (COORDINATOR, "minute", 1))
SIGNED: tuple[Step, ...] = (*MINUTED, *((CHAIR, name, 1) for name in ("findings", "no_learning", "accuracy", "sign")))
PATH: tuple[Step, ...] = (*SIGNED, (CHAIR, "close", 1), (COORDINATOR, "wait", 1), (COORDINATOR, "propose", 1))
"""The way of a case that nobody strays from, to the end of its time."""
WAYS: tuple[tuple[Step, ...], ...] = (
    (*PATH, ("ig", "refuse", 1), (COORDINATOR, "propose", 1), ("ig", "approve", 1)),
    (*SIGNED, (DEPUTY, "reopen", 0)),
    (*SIGNED, (CHAIR, "reopen", 1)),
    (*SIGNED, (CHAIR, "close", 1), (CHAIR, "reopen", 2)),
    (*HELD, (DEPUTY, "defer", 1)),
    (*LISTED, (CHAIR, "defer", 1), (COORDINATOR, "add", 1), (COORDINATOR, "list", 1), (COORDINATOR, "cancel", 1)),
    (*READY, (COORDINATOR, "raise", 1), (COORDINATOR, "end", 1), (COORDINATOR, "correct", 1),
     (COORDINATOR, "take_off", 1), (COORDINATOR, "cancel", 1)),
)  # fmt: skip
"""Ways by every move that is made here."""
ELSEWHERE_MADE = {CaseState.NOTIFIED, CaseState.TRIAGE, CaseState.OUT_OF_SCOPE, CaseState.IN_SCOPE_NOT_SELECTED,
                  CaseState.SELECTED, CaseState.INFO_REQUESTED, CaseState.ACTIONS_OPEN}  # fmt: skip
"""States that a case leaves, and enters, by other use cases: triage, requests and learning."""


def go(session: Session, world: World, step: Step, clock: FixedClock) -> None:
    """Go one step along a way."""
    who, name, choice = step
    if name == "wait":
        clock.advance(days=4000)
        return
    assert act(session, world, who, name, choice, clock.advance(minutes=1)), step


def try_anything(work: Work, clock: FixedClock, examples: int) -> Counter[str]:
    """Let random people try random things in random order, from anywhere on the way of a case of their own."""
    with work() as session:
        people, start = factories.world(session, now=clock.now()), clock.now()
    done: Counter[str] = Counter()

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(st.randoms(use_true_random=True))
    def any_order(random: Random) -> None:
        clock.set(start)
        with suppress(TakenBack), work() as session:
            world = begun(session, people, clock)
            way = random.choice((PATH, *WAYS))
            for step in way[: random.randrange(len(way) + 1)]:
                go(session, world, step, clock)
            world.done.clear()
            for _ in range(30):
                name = random.choice((*WAY, *WAY, *STRAY))
                who = random.choice(sorted(MAY[name]) if random.random() < 0.7 else PEOPLE)
                now = clock.advance(days=4000 if random.random() < 0.1 else 0, minutes=1)
                act(session, world, who, name, random.randrange(1000), now)
            done.update(world.done)
            raise TakenBack

    any_order()
    return done


@pytest.mark.both_databases
def test_whoever_tries_whatever_in_any_order_the_promises_of_the_review_hold(work: Work, clock: FixedClock) -> None:
    done = try_anything(work, clock, examples=5)
    assert len(done) > 9, done


@pytest.mark.endurance
@pytest.mark.both_databases
def test_the_promises_of_the_review_hold_for_long(work: Work, clock: FixedClock) -> None:
    done = try_anything(work, clock, examples=250)
    assert done.keys() == MAY.keys()


@pytest.mark.both_databases(short="sqlite")
def test_every_move_is_made_by_whoever_may_and_by_nobody_who_tries_it_before(work: Work, clock: FixedClock) -> None:
    """The random orders would prove little if what they try could not lead everywhere."""
    with work() as session:
        people = factories.world(session, now=clock.now())
    moves, meeting_moves, tried = set[tuple[str, str]](), set[tuple[MeetingState, MeetingState]](), set[Step]()
    for way in WAYS:
        with suppress(TakenBack), work() as session:
            world = begun(session, people, clock)
            for step in way:
                _, name, choice = step
                for person in [each for each in PEOPLE if step not in tried and each not in MAY.get(name, PEOPLE)]:
                    assert not act(session, world, person, name, choice, clock.now()), (person, name)
                tried.add(step)
                go(session, world, step, clock)
            moves |= world.moves
            meeting_moves |= world.meeting_moves
            raise TakenBack
    assert {name for _, name, _ in tried} == {*MAY, "wait"}
    assert meeting_moves == MEETING_WAYS
    legal = {(start, end) for (start, _), end in CASE_WORKFLOW.moves.items() if start not in ELSEWHERE_MADE}
    assert {(start, end) for start, end in legal if end not in ELSEWHERE_MADE} <= moves
