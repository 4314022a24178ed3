"""Requests, returns and chronology when anybody tries anything in any order, and when several press at one instant."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from review_app.errors import DomainError, MoveRefused, NotAllowed, NotVisible, RuleBroken, Stale
from review_app.fuzzy import on_day
from review_app.outbox.models import OutboxMessage
from review_app.policy import Role
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
from review_app.reviews.rules.states import REQUEST_WAITING, CaseState, RequestState, ReturnKind
from review_app.reviews.service import chronology, matching, returns
from review_app.reviews.service import requests as service
from review_app.working_time import london_day
from tests import factories, reviewing
from tests.racing import at_once

COORDINATOR = "review.coordinator"
AGENCIES = ("housing", "treatment")
PEOPLE = (
    COORDINATOR, COORDINATOR, COORDINATOR, "housing.rep", "housing.rep", "treatment.rep", "treatment.rep",
    "review.chair", "review.member", "coordinator", "dph", "admin", "ambulance.rep",
)  # fmt: skip
OF_THE_COORDINATOR = ("ask", "chase", "due", "waive", "cancel", "again", "go_on", "add_event")
OF_THE_AGENCY = (
    "open",
    "save",
    "save",
    "event",
    "drop",
    "send",
    "send",
    "send_part",
    "nil",
    "decline",
    "correct",
    "who",
)
STEPS = st.tuples(
    st.sampled_from(PEOPLE),
    st.sampled_from((*OF_THE_COORDINATOR, *OF_THE_AGENCY, "ask", "ask")),
    st.sampled_from(AGENCIES),
    st.integers(0, 3),
)
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


def may(person: str, verb: str, agency: str) -> bool:
    """Say whether somebody may ever do this to a request of this agency."""
    if verb in OF_THE_COORDINATOR:
        return person == COORDINATOR
    return person == f"{agency}.rep"


def check(session, here, case: ReviewCase, kept: dict[int, bytes]) -> None:
    """Hold requests, returns, case and chronology to what they promise, whatever has just been tried."""
    requests = requests_of(session, case)
    told: dict[str, str] = {}
    for request in requests:
        sent, drafts = sent_returns(request), [each for each in request.returns if each.sent_at is None]
        assert [each.number for each in request.returns] == list(range(1, len(request.returns) + 1))
        assert len(drafts) <= 1
        assert not drafts or drafts[0] is request.returns[-1]
        for each in sent:  # what was sent never changes
            assert kept.setdefault(each.id, each.content_sealed or b"") == (each.content_sealed or b"")
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
    for nobody in ("coordinator", "dph", "admin", "ambulance.rep"):
        assert session.scalars(visible_requests(here.actor(nobody))).all() == []


def try_anything(work, clock, examples: int) -> None:
    """Let random people try random things in random order, each time on a case of its own."""
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(st.lists(STEPS, min_size=12, max_size=30))
    def any_order(steps) -> None:
        with work() as session:
            case = reviewing.make_case(session, here, now=clock.now(), state=CaseState.SELECTED)
            kept: dict[int, bytes] = {}
            for person, verb, agency, number in steps:
                does = attempt(session, here, case, verb, agency, number, clock.advance(minutes=30))
                refused: DomainError | None = None
                try:
                    with session.begin_nested():
                        does(here.actor(person))
                except DomainError as refusal:
                    refused = refusal
                assert may(person, verb, agency) or isinstance(refused, NotVisible | NotAllowed), (person, verb, agency)
                session.expire_all()
                check(session, here, case, kept)

    any_order()


@pytest.mark.both_databases
def test_whoever_tries_whatever_in_any_order_the_promises_hold(work, clock):
    try_anything(work, clock, examples=5)


@pytest.mark.endurance
@pytest.mark.both_databases
def test_whoever_tries_whatever_in_any_order_the_promises_hold_for_long(work, clock):
    try_anything(work, clock, examples=250)


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
