"""Asking agencies about a case, and what the coordinator does with a request until it is answered."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from review_app.audit.queries import timeline
from review_app.catalogue.commands import ClockOf
from review_app.catalogue.queries import clocks_of
from review_app.errors import MoveRefused, NotAllowed, NotVisible, RuleBroken
from review_app.outbox.models import OutboxMessage
from review_app.policy import Role
from review_app.reviews.commands.requests import (
    AskAgain,
    AskAgencies,
    CancelRequest,
    ChaseRequest,
    DeclineRequest,
    GoOn,
    MoveDue,
    OpenRequest,
    SayNothingHeld,
    WaiveRequest,
)
from review_app.reviews.models import CaseMove, InformationRequest
from review_app.reviews.queries.request_list import waiting_requests
from review_app.reviews.queries.requests import ask_choices, own_requests, rows_of_case, visible_requests
from review_app.reviews.rules.requests import MatchField
from review_app.reviews.rules.states import (
    REQUEST_WORKFLOW,
    CaseAction,
    CaseState,
    ConflictKind,
    RequestAction,
    RequestState,
    ReturnKind,
)
from review_app.reviews.service import requests as service
from review_app.reviews.service import returns
from review_app.working_time import end_of_london_day
from tests import factories, reviewing
from tests.unit.workflows import check_every_move, ends, reachable

STORED = Path(__file__).resolve().parents[1] / "mails"
COORDINATOR = "review.coordinator"
HIDES = [ConflictKind.FAMILY_OR_FRIEND, ConflictKind.COMMERCIAL, ConflictKind.MEDIA]
NOT_OPEN = [
    CaseState.NOTIFIED, CaseState.TRIAGE, CaseState.OUT_OF_SCOPE, CaseState.IN_SCOPE_NOT_SELECTED, CaseState.CLOSED,
    CaseState.RETAINED,
]  # fmt: skip


@pytest.fixture
def here(work, clock):
    with work() as session:
        return factories.world(session, now=clock.now()).westhaven


@pytest.fixture
def case(work, here, clock):
    with work() as session:
        return reviewing.make_case(session, here, now=clock.now(), state=CaseState.SELECTED)


def mails(session) -> list[OutboxMessage]:
    rows = select(OutboxMessage).where(OutboxMessage.purpose == "information_request")
    return list(session.scalars(rows.order_by(OutboxMessage.id)))


def test_every_move_of_a_request_is_legal_or_refused() -> None:
    assert check_every_move(REQUEST_WORKFLOW, RequestState, RequestAction) == 7 * 10 - 20
    assert reachable(REQUEST_WORKFLOW, RequestState.DRAFT) == set(RequestState)
    assert ends(REQUEST_WORKFLOW, RequestState) == {RequestState.CANCELLED}


def test_asking_moves_the_case_starts_the_clock_and_tells_each_representative_without_content(work, here, case, clock):
    with work() as session:
        housing, _other = reviewing.ask(
            session, here, case, "housing", "treatment", now=clock.now(), words="She lived in the harbour hostel."
        )
        assert (housing.state, housing.asked) == (RequestState.SENT, "She lived in the harbour hostel.")
        assert housing.matching == ["name", "date_of_birth", "nhs_number"]
        # fifteen working days of 24 hours from Monday 9 November at ten
        assert housing.due_at == clock.now() + timedelta(days=21)
        [running] = clocks_of(session, ClockOf(partnership_id=here.partnership.id, information_request_id=housing.id))
        assert running.due_at == housing.due_at
        assert session.get_one(type(case), case.id).state is CaseState.INFO_REQUESTED
    with work() as session:
        sent = mails(session)
        assert [each.to for each in sent] == ["housing.rep@westhaven.example", "treatment.rep@westhaven.example"]
        assert {each.subject for each in sent} == {"You have a request; sign in"}
        for each in sent:
            text = f"{each.subject} {each.body}".lower()
            for secret in ("harbour", "hostel", "death", "died", case.reference.lower(), "housing", "treatment"):
                assert secret not in text
        verbs = [each.verb for each in timeline(session, "information_request", housing.reference)]
        assert verbs == ["send_request"]


@pytest.mark.parametrize("name", ["request", "request_again", "request_chase", "request_overdue"])
def test_the_texts_of_the_mails(work, here, case, clock, name):
    with work() as session:
        [request] = reviewing.ask(session, here, case, "housing", now=clock.now())
        names = {"reference": case.reference, "request": request.reference}
        if name == "request_again":
            reviewing.answer(session, here, request, now=clock.advance(days=1))
            service.ask_again(session, here.actor(COORDINATOR), AskAgain(**names, words="More."), now=clock.now())
        elif name != "request":
            clock.advance(days=3 if name == "request_chase" else 23)
            service.chase(session, here.actor(COORDINATOR), ChaseRequest(**names), now=clock.now())
    with work() as session:
        mail = mails(session)[-1]
        text = f"Subject: {mail.subject}\n\n{mail.body}".replace(request.reference, "WES-Q-REF")
        assert text == (STORED / f"{name}.txt").read_text()


@pytest.mark.parametrize("who", ["review.chair", "dph", "ig", "housing.rep", "coordinator", "admin", "analyst"])
def test_only_the_review_coordinator_asks(work, here, case, clock, who):
    command = AskAgencies(reference=case.reference, agency_ids=(here.agencies["housing"].id,))
    with pytest.raises((NotAllowed, NotVisible)), work() as session:
        service.ask_agencies(session, here.actor(who), command, now=clock.now())


@pytest.mark.parametrize("state", NOT_OPEN)
def test_nobody_is_asked_before_the_selection_or_after_the_end(work, here, clock, state):
    with work() as session:
        case = reviewing.make_case(session, here, now=clock.now(), state=state)
    with pytest.raises(RuleBroken, match="from a case’s selection until it has ended"), work() as session:
        reviewing.ask(session, here, case, "housing", now=clock.now())


def test_the_same_press_twice_asks_once_and_another_question_needs_asking_again(work, here, case, clock):
    with work() as session:
        first = reviewing.ask(session, here, case, "housing", now=clock.now(), words="Why?")
        assert reviewing.ask(session, here, case, "housing", now=clock.advance(minutes=1), words="Why?") == []
        assert len(first) == len(mails(session)) == 1
    with pytest.raises(RuleBroken, match="has been asked about this case already"), work() as session:
        reviewing.ask(session, here, case, "housing", now=clock.now(), words="What else?")


def test_an_agency_without_a_representative_cannot_be_asked(work, here, case, clock):
    with work() as session:
        found = ask_choices(session, case, now=clock.now())
        assert [each.name for each in found.agencies] == [
            "Westhaven Ambulance",
            "Westhaven Housing",
            "Westhaven Treatment",
        ]
        assert "Westhaven Hospital" in found.without_people
        assert found.only_conflicts == ()
    with pytest.raises(RuleBroken, match="Nobody at Westhaven Hospital can answer"), work() as session:
        reviewing.ask(session, here, case, "hospital", now=clock.now())


@pytest.mark.parametrize("kind", HIDES)
def test_a_request_goes_past_whoever_declared_a_conflict_to_a_colleague(work, here, case, clock, kind):
    with work() as session:
        reviewing.declare(session, here, case, "housing.rep", kind, now=clock.now())
        assert ask_choices(session, case, now=clock.now()).only_conflicts == ("Westhaven Housing",)
    with pytest.raises(RuleBroken, match="Nobody at Westhaven Housing can answer"), work() as session:
        reviewing.ask(session, here, case, "housing", now=clock.now())
    with work() as session:
        colleague = another_representative(session, here, "housing", clock)
        [request] = reviewing.ask(session, here, case, "housing", now=clock.now())
        assert [each.to for each in mails(session)] == ["second@westhaven.example"]
        assert list(session.scalars(own_requests(here.actor("housing.rep")))) == []
        assert waiting_requests(session, here.actor("housing.rep"), most=9) == ()
        assert [each.reference for each in session.scalars(own_requests(colleague))] == [request.reference]


@pytest.mark.parametrize("kind", [ConflictKind.INVOLVED_IN_CARE, ConflictKind.LINE_MANAGES, ConflictKind.NONE])
def test_whoever_was_involved_in_the_care_may_answer_for_their_agency(work, here, case, clock, kind):
    with work() as session:
        reviewing.declare(session, here, case, "housing.rep", kind, now=clock.now())
        [request] = reviewing.ask(session, here, case, "housing", now=clock.now())
        assert [each.to for each in mails(session)] == ["housing.rep@westhaven.example"]
        reviewing.answer(session, here, request, now=clock.now())


def test_a_conflict_that_leaves_nobody_is_said_to_the_coordinator_and_ends_what_they_see(work, here, case, clock):
    with work() as session:
        [request] = reviewing.ask(session, here, case, "housing", now=clock.now())
        assert [row.nobody_left for row in rows_of_case(session, case, now=clock.now())] == [False]
        reviewing.declare(session, here, case, "housing.rep", ConflictKind.FAMILY_OR_FRIEND, now=clock.now())
        assert [row.nobody_left for row in rows_of_case(session, case, now=clock.now())] == [True]
    with pytest.raises(NotVisible), work() as session:
        returns.open_request(
            session, here.actor("housing.rep"), OpenRequest(reference=request.reference), now=clock.now()
        )
    with pytest.raises(RuleBroken, match="can be reminded"), work() as session:
        service.chase(
            session, here.actor(COORDINATOR), ChaseRequest(reference=case.reference, request=request.reference),
            now=clock.now(),
        )  # fmt: skip


def another_representative(session, here, agency: str, clock):
    user = factories.make_user(session, "second@westhaven.example", "Second Example", now=clock.now())
    factories.give_role(
        session, here, user, Role.AGENCY_REPRESENTATIVE,
        now=clock.now(), agency_id=here.agencies[agency].id,
    )  # fmt: skip
    return factories.actor_of(session, here, user, now=clock.now())


def test_a_later_due_date_needs_a_reason_and_is_never_sooner(work, here, case, clock):
    agency = here.agencies["housing"].id
    asks = AskAgencies(reference=case.reference, agency_ids=(agency,), due_on=date(2026, 12, 18), due_reason="Leave.")
    for wrong, words in ((replace(asks, due_reason=" "), "why they have more time"),
                         (replace(asks, due_on=date(2026, 11, 20)), "a later day")):  # fmt: skip
        with pytest.raises(RuleBroken, match=words), work() as session:
            service.ask_agencies(session, here.actor(COORDINATOR), wrong, now=clock.now())
    with work() as session:
        [request] = service.ask_agencies(session, here.actor(COORDINATOR), asks, now=clock.now())
        assert request.due_at == end_of_london_day(date(2026, 12, 18))
        later = MoveDue(
            reference=case.reference, request=request.reference, due_on=date(2027, 1, 8), reason="A new manager."
        )
        service.move_due(session, here.actor(COORDINATOR), later, now=clock.now())
        assert request.due_at == end_of_london_day(date(2027, 1, 8))
        assert [move.words for move in request.moves if move.action is RequestAction.MOVE_DUE] == [
            "Leave.", "A new manager.",
        ]  # fmt: skip
    with pytest.raises(RuleBroken, match="a later day"), work() as session:
        service.move_due(session, here.actor(COORDINATOR), replace(later, due_on=date(2026, 12, 20)), now=clock.now())


def test_chasing_is_counted_and_a_double_press_reminds_once(work, here, case, clock):
    with work() as session:
        [request] = reviewing.ask(session, here, case, "housing", now=clock.now())
        chase = ChaseRequest(reference=case.reference, request=request.reference)
        for _press in range(2):
            service.chase(session, here.actor(COORDINATOR), chase, now=clock.now())
        service.chase(session, here.actor(COORDINATOR), chase, now=clock.advance(days=5))
        assert request.chased == 2
        assert len(mails(session)) == 3


def test_the_case_goes_on_when_the_last_agency_has_answered_in_whatever_way(work, here, case, clock):
    actor = here.actor(COORDINATOR)
    with work() as session:
        housing, treatment, ambulance = reviewing.ask(
            session, here, case, "housing", "treatment", "ambulance", now=clock.now()
        )
        returns.say_nothing_held(
            session, here.actor("housing.rep"), SayNothingHeld(reference=housing.reference), now=clock.now()
        )
        decline = DeclineRequest(reference=treatment.reference, reason="Our records are with the coroner.")
        returns.decline(session, here.actor("treatment.rep"), decline, now=clock.now())
        assert session.get_one(type(case), case.id).state is CaseState.INFO_REQUESTED
        waive = WaiveRequest(reference=case.reference, request=ambulance.reference, reason="No call was made.")
        service.waive(session, actor, waive, now=clock.now())
        assert session.get_one(type(case), case.id).state is CaseState.INFO_READY
        assert [row.kind for row in rows_of_case(session, case, now=clock.now())] == [
            None, ReturnKind.NIL, ReturnKind.DECLINED,
        ]  # fmt: skip
        moves = session.scalars(select(CaseMove.action).where(CaseMove.case_id == case.id).order_by(CaseMove.id)).all()
        assert moves == [CaseAction.REQUEST_INFO, CaseAction.COMPLETE_INFO]


def test_taking_back_the_last_open_request_lets_the_case_go_on_and_the_agency_can_be_asked_anew(
    work, here, case, clock
):
    actor = here.actor(COORDINATOR)
    with work() as session:
        housing, treatment = reviewing.ask(session, here, case, "housing", "treatment", now=clock.now())
        reviewing.answer(session, here, treatment, now=clock.now())
        cancel = CancelRequest(reference=case.reference, request=housing.reference, reason="The wrong agency.")
        service.cancel(session, actor, cancel, now=clock.now())
        assert session.get_one(type(case), case.id).state is CaseState.INFO_READY
        assert list(session.scalars(visible_requests(here.actor("housing.rep")))) == []
        [anew] = reviewing.ask(session, here, case, "housing", now=clock.advance(days=1))
        assert anew.reference != housing.reference
        assert session.get_one(type(case), case.id).state is CaseState.INFO_REQUESTED


def test_a_case_whose_only_request_was_taken_back_still_waits(work, here, case, clock):
    with work() as session:
        [housing] = reviewing.ask(session, here, case, "housing", now=clock.now())
        cancel = CancelRequest(reference=case.reference, request=housing.reference, reason="The wrong agency.")
        service.cancel(session, here.actor(COORDINATOR), cancel, now=clock.now())
        assert session.get_one(type(case), case.id).state is CaseState.INFO_REQUESTED
    with pytest.raises(RuleBroken, match="Not every agency has answered"), work() as session:
        service.go_on(session, here.actor(COORDINATOR), GoOn(reference=case.reference), now=clock.now())


def test_asking_again_moves_the_case_back_only_from_where_the_workflow_allows(work, here, case, clock):
    actor, again = here.actor(COORDINATOR), None
    with work() as session:
        [request] = reviewing.ask(session, here, case, "housing", now=clock.now())
        reviewing.answer(session, here, request, now=clock.now())
        again = AskAgain(reference=case.reference, request=request.reference, words="When was the last visit?")
        service.ask_again(session, actor, again, now=clock.advance(days=2))
        held = session.get_one(type(case), case.id)
        assert (held.state, request.state, request.ended_at) == (CaseState.INFO_REQUESTED, RequestState.OPENED, None)
        assert request.due_at is not None
        assert request.due_at > clock.now()
        reviewing.send(session, here.actor("housing.rep"), *started(session, here, request, clock), now=clock.now())
        assert held.state is CaseState.INFO_READY
        held.state = CaseState.FINDINGS_DRAFT
        service.ask_again(session, actor, again, now=clock.advance(days=2))
        assert held.state is CaseState.FINDINGS_DRAFT
    with pytest.raises(MoveRefused), work() as session:
        service.ask_again(session, actor, again, now=clock.now())


def started(session, here, request, clock) -> tuple[str]:
    reviewing.write(session, here.actor("housing.rep"), request.reference, now=clock.now(), worked_well="A visit.")
    return (request.reference,)


def test_a_case_opened_again_to_ask_goes_on_by_a_press_when_nothing_new_is_asked(work, here, case, clock):
    with work() as session:
        [request] = reviewing.ask(session, here, case, "housing", now=clock.now())
        reviewing.answer(session, here, request, now=clock.now())
        held = session.get_one(type(case), case.id)
        held.state = CaseState.INFO_REQUESTED
        service.go_on(session, here.actor(COORDINATOR), GoOn(reference=case.reference), now=clock.now())
        assert held.state is CaseState.INFO_READY


@pytest.mark.parametrize(
    ("verb", "words"),
    [("waive", "why you go on"), ("cancel", "why the request is taken back"), ("ask_again", "what you ask for")],
)
def test_each_of_these_needs_words(work, here, case, clock, verb, words):
    with work() as session:
        [request] = reviewing.ask(session, here, case, "housing", now=clock.now())
    names = {"reference": case.reference, "request": request.reference}
    commands = {
        "waive": WaiveRequest(**names, reason=" "),
        "cancel": CancelRequest(**names, reason=" "),
        "ask_again": AskAgain(**names, words=" "),
    }
    with pytest.raises(RuleBroken, match=words), work() as session:
        getattr(service, verb)(session, here.actor(COORDINATOR), commands[verb], now=clock.now())


def test_a_request_about_another_case_is_not_found_under_this_one(work, here, case, clock):
    with work() as session:
        other = reviewing.make_case(session, here, now=clock.now(), state=CaseState.SELECTED)
        [request] = reviewing.ask(session, here, other, "housing", now=clock.now())
    waive = WaiveRequest(reference=case.reference, request=request.reference, reason="No.")
    with pytest.raises(NotVisible), work() as session:
        service.waive(session, here.actor(COORDINATOR), waive, now=clock.now())


def test_what_is_shown_to_match_the_person_is_chosen_for_each_request(work, here, case, clock):
    with work() as session:
        [request] = reviewing.ask(session, here, case, "housing", now=clock.now(), matching=(MatchField.NAME,))
        assert session.get_one(InformationRequest, request.id).matching == ["name"]
