"""Requests, returns and chronology when anybody tries anything in any order, and when several press at one instant."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from review_app.errors import DomainError, MoveRefused, NotAllowed, NotVisible, RuleBroken, Stale
from review_app.fuzzy import on_day
from review_app.outbox.models import OutboxMessage
from review_app.policy import Actor, Role
from review_app.reviews.commands.chronology import AddEvent, EventDetails
from review_app.reviews.commands.requests import (
    AskAgain,
    AskAgencies,
    CancelRequest,
    ChaseRequest,
    CorrectReturn,
    DeclineRequest,
    DropEntry,
    GoOn,
    MoveDue,
    OpenRequest,
    SaveDraft,
    SaveEntry,
    SayNothingHeld,
    SendReturn,
    ShowPerson,
    WaiveRequest,
)
from review_app.reviews.models import AgencyReturn, InformationRequest, ReviewCase
from review_app.reviews.queries.chronology import standing_entries
from review_app.reviews.queries.requests import draft_of, latest_content, requests_of, sent_returns, visible_requests
from review_app.reviews.queries.returns import case_request
from review_app.reviews.rules.requests import digest_of, everything_is_in, read_content
from review_app.reviews.rules.states import (
    REQUEST_WAITING,
    REQUEST_WORKFLOW,
    CaseState,
    RequestAction,
    RequestState,
    ReturnKind,
)
from review_app.reviews.service import chronology, matching, returns
from review_app.reviews.service import requests as service
from review_app.working_time import london_day
from tests import factories, reviewing
from tests.conftest import FixedClock, Work
from tests.racing import at_once

COORDINATOR = "review.coordinator"
AGENCIES = ("housing", "treatment")
ELSEWHERE = "elsewhere"
"""The review coordinator of another Partnership."""
PEOPLE = (COORDINATOR, "housing.rep", "treatment.rep", "ambulance.rep", "review.chair", "review.member", "coordinator",
          "dph", "ig", "admin", ELSEWHERE)  # fmt: skip
OF_THE_COORDINATOR = ("ask", "chase", "due", "waive", "cancel", "again", "go_on", "add_event")
OF_THE_AGENCY = ("open", "save", "event", "drop", "send", "send_part", "nil", "decline", "correct", "who")
VERBS = (*OF_THE_COORDINATOR, *OF_THE_AGENCY)
OFTEN = (*VERBS, "ask", "ask", "save", "send", "send")
"""What is tried more often, so that there is something to try the rest on."""
Try = Callable[..., object]


def reference_of(session, case: ReviewCase, agency_id: int) -> str:
    """Give the newest request to an agency, or one that is nowhere."""
    found = [each for each in requests_of(session, case) if each.agency_id == agency_id]
    return max(found, key=lambda each: each.id).reference if found else "WES-Q-NOWHER"


def attempt(session, here, case: ReviewCase, verb: str, agency: str, number: int, now) -> Try:
    """Give one verb with what it needs, as `(session, actor, now=...)`."""
    reference = reference_of(session, case, here.agencies[agency].id)
    row = session.scalar(select(InformationRequest).where(InformationRequest.reference == reference))
    draft = draft_of(row) if row is not None else None
    content = read_content(draft.content) if draft is not None else read_content({})
    names = {"reference": case.reference, "request": reference}
    answers = {**reviewing.COMPLETE, "worked_well": f"Words {number}."}

    later = london_day(now + timedelta(days=30 * number))

    def sends(kind: ReturnKind) -> SendReturn:
        last = draft.number if draft is not None else 1
        return SendReturn(
            reference=reference, kind=kind, number=last, checked=digest_of(content), reason="The rest is in store."
        )

    verbs: dict[str, tuple[Try, object]] = {
        "ask": (service.ask_agencies, AskAgencies(
            reference=case.reference, agency_ids=(here.agencies[agency].id,), words=f"Why {number}?")),
        "chase": (service.chase, ChaseRequest(**names)),
        "due": (service.move_due, MoveDue(**names, due_on=later, reason="Time.")),
        "waive": (service.waive, WaiveRequest(**names, reason="No need.")),
        "cancel": (service.cancel, CancelRequest(**names, reason="Wrong.")),
        "again": (service.ask_again, AskAgain(**names, words="More.")),
        "go_on": (service.go_on, GoOn(reference=case.reference)),
        "add_event": (chronology.add_event, AddEvent(reference=case.reference, details=EventDetails(
            happened=on_day(london_day(now)), kind="contact", what=f"Told {number}."))),
        "open": (returns.open_request, OpenRequest(reference=reference)),
        "save": (returns.save_draft, SaveDraft(reference=reference, saved=content.saved, answers=answers)),
        "event": (returns.save_entry, SaveEntry(reference=reference, entry=reviewing.an_event(f"{number:016x}"))),
        "drop": (returns.drop_entry, DropEntry(reference=reference, key=f"{number:016x}")),
        "send": (returns.send_return, sends(ReturnKind.COMPLETE)),
        "send_part": (returns.send_return, sends(ReturnKind.PARTIAL)),
        "nil": (returns.say_nothing_held, SayNothingHeld(reference=reference)),
        "decline": (returns.decline, DeclineRequest(reference=reference, reason="Not ours.")),
        "correct": (returns.correct_return, CorrectReturn(reference=reference)),
        "who": (matching.show_person, ShowPerson(reference=reference)),
    }  # fmt: skip
    does, command = verbs[verb]
    return lambda actor: does(session, actor, command, now=now)


def may(verb: str, agency: str) -> str:
    """Say who alone may ever do this to a request of this agency."""
    return COORDINATOR if verb in OF_THE_COORDINATOR else f"{agency}.rep"


@dataclass
class Trial:
    """One case, the people around it, and what was seen of its requests so far."""

    session: Session
    people: factories.World
    case: ReviewCase
    kept: dict[int, bytes] = field(default_factory=dict)
    done: Counter[str] = field(default_factory=Counter)
    moves: set[tuple[RequestState, RequestAction]] = field(default_factory=set)

    @property
    def here(self) -> factories.Place:
        """The Partnership of the case."""
        return self.people.westhaven

    def actor(self, who: str) -> Actor:
        """Give a person as services meet them."""
        return self.people.eastmoor.actor(COORDINATOR) if who == ELSEWHERE else self.here.actor(who)


class TakenBack(Exception):
    """What was tried is undone, so that the next example begins anew."""


def act(trial: Trial, who: str, verb: str, agency: str, number: int, now: datetime) -> bool:
    """Let somebody try something, say whether it was done, and hold everything to the rules."""
    session, before, refused = trial.session, stands(trial), None
    does = attempt(session, trial.here, trial.case, verb, agency, number, now)
    try:
        with session.begin_nested():
            does(trial.actor(who))
    except DomainError as refusal:
        refused = refusal
    session.expire_all()
    allowed = who == may(verb, agency)
    assert allowed or isinstance(refused, NotVisible | NotAllowed), (who, verb, agency, refused)
    if refused is not None:
        assert stands(trial) == before, "something stayed of what was refused"
        return False
    check(trial)
    trial.done[verb] += 1
    return True


def stands(trial: Trial) -> tuple[CaseState, list[tuple[str, RequestState, int]]]:
    """Say how the case and its requests stand, and how many versions of a return each has."""
    requests = requests_of(trial.session, trial.case)
    return trial.case.state, [(each.reference, each.state, len(each.returns)) for each in requests]


def check(trial: Trial) -> None:
    """Hold requests, returns, case and chronology to what they promise, whatever has just been tried."""
    session, here, case, kept = trial.session, trial.here, trial.case, trial.kept
    requests = requests_of(session, case)
    told: dict[str, str] = {}
    for request in requests:
        sent, drafts = sent_returns(request), [each for each in request.returns if each.sent_at is None]
        assert [each.number for each in request.returns] == list(range(1, len(request.returns) + 1))
        assert len(drafts) <= 1
        assert not drafts or drafts[0] is request.returns[-1]
        for each in sent:  # what was sent never changes
            assert kept.setdefault(each.id, each.content_sealed or b"") == (each.content_sealed or b"")
        state = RequestState.DRAFT
        for move in request.moves:
            trial.moves.add((state, move.action))
            state = REQUEST_WORKFLOW.after(state, move.action)
        assert state is request.state
        waits = request.state in REQUEST_WAITING
        assert waits == (request.ended_at is None)
        assert request.due_at is not None
        if request.state is RequestState.RETURNED:
            assert sent[-1].kind in (ReturnKind.COMPLETE, ReturnKind.PARTIAL, ReturnKind.NIL)
        if request.state is RequestState.DECLINED:
            assert sent[-1].kind is ReturnKind.DECLINED
        page = case_request(session, here.actor("review.chair"), case.reference, request.reference, now=case.moved_at)
        assert [each.number for each in page.versions] == [each.number for each in sent][::-1]
        content = latest_content(request)
        for entry in read_content(content.content).entries if content is not None else ():
            told[f"{request.id} {entry.key}"] = entry.what
    shown = [row for row in standing_entries(session, case) if row.request_id is not None]
    assert {f"{row.request_id} {row.details['key']}": row.details["what"] for row in shown} == told
    states = [each.state for each in requests]
    expected = CaseState.SELECTED if not requests else CaseState.INFO_READY
    assert case.state is (expected if not requests or everything_is_in(states) else CaseState.INFO_REQUESTED)
    for agency in AGENCIES:
        mine = session.scalars(visible_requests(here.actor(f"{agency}.rep"))).all()
        assert {each.agency_id for each in mine} <= {here.agencies[agency].id}
        assert RequestState.CANCELLED not in {each.state for each in mine}
    for nobody in ("coordinator", "dph", "admin", "ambulance.rep", ELSEWHERE):
        assert session.scalars(visible_requests(trial.actor(nobody))).all() == []


WAYS = tuple(
    way.split()
    for way in (
        "ask chase due open who chase save event drop send correct send again save send",
        "ask nil again due decline again waive again cancel",
        "ask decline correct save send",
        "ask save send_part again save send add_event",
        "ask waive",
        "ask cancel",
    )
)
"""Ways by every move: each verb by whoever may do it."""


HOW = 2
"""By which number each is done on the way."""


def begun(session: Session, people: factories.World, clock: FixedClock) -> Trial:
    """Give a case that was just selected."""
    case = reviewing.make_case(session, people.westhaven, now=clock.now(), state=CaseState.SELECTED)
    return Trial(session=session, people=people, case=case)


def try_anything(work: Work, clock: FixedClock, examples: int) -> Counter[str]:
    """Let random people try random things in random order, each time on a case of its own."""
    with work() as session:
        people, start = factories.world(session, now=clock.now()), clock.now()
    done: Counter[str] = Counter()

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(st.randoms(use_true_random=True))
    def any_order(random: Random) -> None:
        clock.set(start)
        with suppress(TakenBack), work() as session:
            trial = begun(session, people, clock)
            for agency in AGENCIES:
                way = random.choice(WAYS)
                for verb in way[: random.randrange(len(way) + 1)]:
                    act(trial, may(verb, agency), verb, agency, HOW, clock.advance(minutes=30))
            trial.done.clear()
            for _ in range(22):
                verb, agency = random.choice(OFTEN), random.choice(AGENCIES)
                who = may(verb, agency) if random.random() < 0.7 else random.choice(PEOPLE)
                act(trial, who, verb, agency, random.randrange(4), clock.advance(minutes=30))
            done.update(trial.done)
            raise TakenBack

    any_order()
    return done


@pytest.mark.both_databases
def test_whoever_tries_whatever_in_any_order_the_promises_hold(work: Work, clock: FixedClock) -> None:
    done = try_anything(work, clock, examples=3)
    assert len(done) > 7, done


@pytest.mark.endurance
@pytest.mark.both_databases
def test_whoever_tries_whatever_in_any_order_the_promises_hold_for_long(work: Work, clock: FixedClock) -> None:
    done = try_anything(work, clock, examples=120)
    assert done.keys() == set(VERBS) - {"go_on"}  # nothing to do for it: each case goes on by itself


@pytest.mark.both_databases(short="sqlite")
def test_every_move_is_made_by_whoever_may_and_by_nobody_who_tries_it_before(work: Work, clock: FixedClock) -> None:
    """The random orders would prove little if what they try could not lead everywhere."""
    with work() as session:
        people = factories.world(session, now=clock.now())
    moves, tried = set[tuple[RequestState, RequestAction]](), set[str]()
    for way in WAYS:
        with suppress(TakenBack), work() as session:
            trial = begun(session, people, clock)
            for verb in way:
                now = clock.advance(minutes=30)
                for person in [each for each in PEOPLE if verb not in tried and each != may(verb, "housing")]:
                    assert not act(trial, person, verb, "housing", HOW, now), (person, verb)
                tried.add(verb)
                assert act(trial, may(verb, "housing"), verb, "housing", HOW, now), (way, verb)
            moves |= trial.moves
            raise TakenBack
    assert moves == {move for move in REQUEST_WORKFLOW.moves if move != (RequestState.DRAFT, RequestAction.CANCEL)}


@pytest.fixture
def here(work, clock):
    with work() as session:
        return factories.world(session, now=clock.now()).westhaven


@pytest.fixture
def case(work, here, clock):
    with work() as session:
        return reviewing.make_case(session, here, now=clock.now(), state=CaseState.SELECTED)


@pytest.fixture
def checked(work, here, case, clock) -> SendReturn:
    """A return that was written and checked, and waits to be sent."""
    with work() as session:
        [request] = reviewing.ask(session, here, case, "housing", now=clock.now())
        row = reviewing.write(session, here.actor("housing.rep"), request.reference, now=clock.now())
        digest = digest_of(read_content(row.content))
        return SendReturn(reference=request.reference, kind=ReturnKind.COMPLETE, number=row.number, checked=digest)


def second_rep(session, here, clock):
    user = factories.make_user(session, "second@westhaven.example", "Second Example", now=clock.now())
    agency = here.agencies["housing"].id
    factories.give_role(session, here, user, Role.AGENCY_REPRESENTATIVE, now=clock.now(), agency_id=agency)
    return factories.actor_of(session, here, user, now=clock.now())


@pytest.mark.both_databases
def test_two_colleagues_who_send_at_the_same_instant_send_once(app, work, here, case, checked, clock):
    with work() as session:
        colleague = second_rep(session, here, clock)
    ends = at_once(
        app,
        lambda session: returns.send_return(session, here.actor("housing.rep"), checked, now=clock.now()),
        lambda session: returns.send_return(session, colleague, checked, now=clock.now()),
        lambda session: returns.send_return(session, here.actor("housing.rep"), checked, now=clock.now()),
    )
    assert ends == [None, None, None]
    with work() as session:
        assert session.scalars(select(AgencyReturn.kind)).all() == [ReturnKind.COMPLETE]
        assert session.get_one(ReviewCase, case.id).state is CaseState.INFO_READY


@pytest.mark.both_databases
def test_of_waiving_and_sending_at_the_same_instant_one_is_done_and_the_case_goes_on(
    app, work, here, case, checked, clock
):
    waive = WaiveRequest(reference=case.reference, request=checked.reference, reason="No need.")
    ends = at_once(
        app,
        lambda session: service.waive(session, here.actor(COORDINATOR), waive, now=clock.now()),
        lambda session: returns.send_return(session, here.actor("housing.rep"), checked, now=clock.now()),
    )
    assert [isinstance(end, RuleBroken) for end in ends].count(True) == 1
    with work() as session:
        request = session.scalars(select(InformationRequest)).one()
        assert request.state is (RequestState.RETURNED if ends[1] is None else RequestState.WAIVED)
        assert [each.sent_at is not None for each in request.returns] == [ends[1] is None]
        assert session.get_one(ReviewCase, case.id).state is CaseState.INFO_READY


@pytest.mark.both_databases
def test_the_last_two_agencies_who_answer_at_the_same_instant_let_the_case_go_on_once(app, work, here, case, clock):
    with work() as session:
        asked = reviewing.ask(session, here, case, "housing", "treatment", now=clock.now())
    ends = at_once(
        app,
        *(
            lambda session, each=each, who=who: returns.say_nothing_held(
                session, here.actor(who), SayNothingHeld(reference=each.reference), now=clock.now()
            )
            for each, who in zip(asked, ("housing.rep", "treatment.rep"), strict=True)
        ),
    )
    assert ends == [None, None]
    with work() as session:
        assert session.get_one(ReviewCase, case.id).state is CaseState.INFO_READY


@pytest.mark.both_databases
def test_two_colleagues_who_save_at_the_same_instant_lose_nothing(app, work, here, case, checked, clock):
    with work() as session:
        colleague = second_rep(session, here, clock)
    saves = [
        SaveDraft(reference=checked.reference, saved=1, answers={**reviewing.COMPLETE, "worked_well": words})
        for words in ("Met at the gate.", "Seen weekly.")
    ]
    ends = at_once(
        app,
        lambda session: returns.save_draft(session, here.actor("housing.rep"), saves[0], now=clock.now()),
        lambda session: returns.save_draft(session, colleague, saves[1], now=clock.now()),
    )
    assert [type(end) for end in ends if end is not None] == [Stale]
    with work() as session:
        content = read_content(session.scalars(select(AgencyReturn)).one().content)
        assert content.answers["worked_well"] == saves[ends.index(None)].answers["worked_well"]


@pytest.mark.both_databases
def test_one_press_that_comes_twice_at_one_instant_asks_once(app, work, here, case, clock):
    ask = AskAgencies(reference=case.reference, agency_ids=(here.agencies["housing"].id,), words="Why?")
    ends = at_once(
        app,
        *[lambda session: service.ask_agencies(session, here.actor(COORDINATOR), ask, now=clock.now())] * 3,
    )
    assert ends == [None, None, None]
    with work() as session:
        assert session.scalar(select(func.count(InformationRequest.id))) == 1
        owed = select(func.count(OutboxMessage.id)).where(OutboxMessage.purpose == "information_request")
        assert session.scalar(owed) == 1


@pytest.mark.both_databases
def test_of_declining_and_cancelling_at_the_same_instant_one_is_done(app, work, here, case, checked, clock):
    cancel = CancelRequest(reference=case.reference, request=checked.reference, reason="Wrong.")
    decline = DeclineRequest(reference=checked.reference, reason="Not ours.")
    ends = at_once(
        app,
        lambda session: service.cancel(session, here.actor(COORDINATOR), cancel, now=clock.now()),
        lambda session: returns.decline(session, here.actor("housing.rep"), decline, now=clock.now()),
    )
    assert [end for end in ends if end is not None and not isinstance(end, MoveRefused | NotVisible)] == []
    assert ends.count(None) == 1
