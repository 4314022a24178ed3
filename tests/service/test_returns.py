"""An agency's return: its draft, what is sent, and what becomes of it."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from review_app.audit.queries import timeline
from review_app.errors import MoveRefused, NotVisible, RuleBroken, Stale
from review_app.reviews.commands.requests import (
    CorrectReturn,
    DeclineRequest,
    DropEntry,
    OpenRequest,
    SaveDraft,
    SaveEntry,
    SayNothingHeld,
    SendReturn,
    ShowPerson,
    WaiveRequest,
)
from review_app.reviews.models import AgencyReturn, ChronologyEntry
from review_app.reviews.queries.chronology import standing_entries
from review_app.reviews.queries.requests import draft_of, get_own_request, sent_returns
from review_app.reviews.queries.returns import case_request, own_request
from review_app.reviews.rules.requests import MOST_ENTRIES, MatchField, digest_of, read_content, write_content
from review_app.reviews.rules.states import CaseState, ConflictKind, RequestState, ReturnKind
from review_app.reviews.service import matching, returns
from review_app.reviews.service import requests as service
from tests import factories, reviewing

REP = "housing.rep"
NOTHING = dict.fromkeys(reviewing.COMPLETE, "")


@pytest.fixture
def here(work, clock):
    with work() as session:
        return factories.world(session, now=clock.now()).westhaven


@pytest.fixture
def case(work, here, clock):
    with work() as session:
        return reviewing.make_case(session, here, now=clock.now(), state=CaseState.SELECTED, identity=reviewing.SAM)


@pytest.fixture
def request_(work, here, case, clock):
    with work() as session:
        return reviewing.ask(session, here, case, "housing", now=clock.now())[0]


def stored(session, request) -> list[tuple[int, ReturnKind | None]]:
    rows = select(AgencyReturn.number, AgencyReturn.kind).where(AgencyReturn.request_id == request.id)
    return [(number, kind) for number, kind in session.execute(rows.order_by(AgencyReturn.number))]


def read_by(session, here, case, request, clock, who="review.coordinator"):
    return case_request(session, here.actor(who), case.reference, request.reference, now=clock.now())


def test_opening_is_recorded_each_time_and_moves_the_request_once(work, here, request_, clock):
    for _time in range(2):
        with work() as session:
            command = OpenRequest(reference=request_.reference)
            opened = returns.open_request(session, here.actor(REP), command, now=clock.advance(minutes=1))
            assert opened.state is RequestState.OPENED
    with work() as session:
        verbs = [each.verb for each in timeline(session, "information_request", request_.reference)]
        assert verbs == ["send_request", "view", "open_request", "view"]
        assert get_own_request(session, here.actor(REP), request_.reference).opened_at == clock.now().replace(minute=1)


def test_a_draft_is_saved_again_only_over_what_its_writer_saw(work, here, request_, clock):
    save = SaveDraft(reference=request_.reference, saved=0, answers={"worked_well": "Met at the gate."})
    with work() as session:
        returns.save_draft(session, here.actor(REP), save, now=clock.now())
    with work() as session:
        same = returns.save_draft(session, here.actor(REP), save, now=clock.now())
        assert read_content(same.content).saved == 1
    other = replace(save, answers={"worked_well": "Seen weekly.", "do_differently": "Ring before a visit."})
    with pytest.raises(Stale) as stale, work() as session:
        returns.save_draft(session, here.actor(REP), other, now=clock.now())
    assert stale.value.differences == (
        ("What worked well?", "Seen weekly.", "Met at the gate."),
        ("What would you do differently now?", "Ring before a visit.", ""),
    )
    with work() as session:
        row = returns.save_draft(session, here.actor(REP), replace(other, saved=1), now=clock.now())
        assert read_content(row.content).answers == other.answers
        assert stored(session, request_) == [(1, None)]


def test_an_event_added_by_a_colleague_does_not_stand_in_the_way_of_answers(work, here, request_, clock):
    with work() as session:
        event = SaveEntry(reference=request_.reference, entry=reviewing.an_event())
        returns.save_entry(session, here.actor(REP), event, now=clock.now())
        returns.save_entry(session, here.actor(REP), event, now=clock.now())
        save = SaveDraft(reference=request_.reference, saved=0, answers={"worked_well": "Met at the gate."})
        content = read_content(returns.save_draft(session, here.actor(REP), save, now=clock.now()).content)
        assert [each.what for each in content.entries] == ["Seen."]
        assert content.answers == {"worked_well": "Met at the gate."}


def test_an_event_is_changed_only_over_what_its_writer_saw_and_taken_out(work, here, request_, clock):
    first = reviewing.an_event()
    with work() as session:
        returns.save_entry(
            session, here.actor(REP), SaveEntry(reference=request_.reference, entry=first), now=clock.now()
        )
        changed = replace(first, saved=1, what="Seen at the door.")
        returns.save_entry(
            session, here.actor(REP), SaveEntry(reference=request_.reference, entry=changed), now=clock.now()
        )
    late = SaveEntry(reference=request_.reference, entry=replace(first, saved=1, what="Not in."))
    with pytest.raises(Stale) as stale, work() as session:
        returns.save_entry(session, here.actor(REP), late, now=clock.now())
    assert stale.value.differences == (("What happened", "Not in.", "Seen at the door."),)
    with work() as session:
        drop = DropEntry(reference=request_.reference, key=first.key)
        for _press in range(2):
            row = returns.drop_entry(session, here.actor(REP), drop, now=clock.now())
        assert read_content(row.content).entries == ()
    with pytest.raises(RuleBroken, match="cannot find that entry"), work() as session:
        returns.save_entry(session, here.actor(REP), late, now=clock.now())


def test_an_event_in_the_future_and_one_too_many_are_refused(work, here, request_, clock):
    event = SaveEntry(reference=request_.reference, entry=reviewing.an_event(happened="10 November 2026"))
    with pytest.raises(RuleBroken, match="still to come"), work() as session:
        returns.save_entry(session, here.actor(REP), event, now=clock.now())
    with work() as session:
        row = reviewing.write(session, here.actor(REP), request_.reference, now=clock.now())
        many = tuple(reviewing.an_event(f"{number:016x}", saved=1) for number in range(MOST_ENTRIES))
        row.content = write_content(replace(read_content(row.content), entries=many))
    event = SaveEntry(reference=request_.reference, entry=reviewing.an_event("f" * 16))
    with pytest.raises(RuleBroken, match="at most 300"), work() as session:
        returns.save_entry(session, here.actor(REP), event, now=clock.now())


def test_what_is_sent_is_what_was_checked(work, here, request_, clock):
    with work() as session:
        row = reviewing.write(session, here.actor(REP), request_.reference, now=clock.now())
        checked = digest_of(read_content(row.content))
        reviewing.write(session, here.actor(REP), request_.reference, now=clock.now(), worked_well="A visit.")
    send = SendReturn(reference=request_.reference, kind=ReturnKind.COMPLETE, number=1, checked=checked)
    with pytest.raises(Stale, match="Check it again"), work() as session:
        returns.send_return(session, here.actor(REP), send, now=clock.now())


def test_a_second_press_finds_it_sent(work, here, request_, clock):
    with work() as session:
        row = reviewing.write(session, here.actor(REP), request_.reference, now=clock.now())
        send = SendReturn(
            reference=request_.reference, kind=ReturnKind.COMPLETE, number=row.number,
            checked=digest_of(read_content(row.content)),
        )  # fmt: skip
        first = returns.send_return(session, here.actor(REP), send, now=clock.now())
        assert returns.send_return(session, here.actor(REP), send, now=clock.advance(minutes=1)) is first
        assert stored(session, request_) == [(1, ReturnKind.COMPLETE)]


@pytest.mark.parametrize(
    ("kind", "reason", "answers", "words"),
    [
        (ReturnKind.COMPLETE, "", {"author": ""}, "A complete return needs these answers: “Who wrote this return"),
        (ReturnKind.PARTIAL, " ", {}, "Enter what is missing"),
        (
            ReturnKind.COMPLETE,
            "",
            {"known": "", "third_party_information": "", "author": ""},
            "A complete return needs",
        ),
        (
            ReturnKind.PARTIAL,
            "Why.",
            {"known": "", "third_party_information": "", "author": ""},
            "nothing in this return",
        ),
    ],
)
def test_what_a_return_needs(work, here, request_, clock, kind, reason, answers, words):
    with work() as session:
        reviewing.write(session, here.actor(REP), request_.reference, now=clock.now(), **answers)
    with pytest.raises(RuleBroken, match=words), work() as session:
        reviewing.send(session, here.actor(REP), request_.reference, now=clock.now(), kind=kind, reason=reason)


def test_a_correction_is_the_next_version_and_moves_no_case(work, here, case, request_, clock):
    with work() as session:
        reviewing.answer(session, here, request_, now=clock.now(), worked_well="Met at the gate.")
        held = session.get_one(type(case), case.id)
        held.state = CaseState.PACK_DRAFT
        for _press in range(2):
            returns.correct_return(
                session, here.actor(REP), CorrectReturn(reference=request_.reference), now=clock.now()
            )
        reviewing.write(session, here.actor(REP), request_.reference, now=clock.now(), worked_well="Met by her worker.")
        page = read_by(session, here, case, request_, clock)
        assert [version.number for version in page.versions] == [1]
        reviewing.send(session, here.actor(REP), request_.reference, now=clock.now())
        assert held.state is CaseState.PACK_DRAFT
        sent = sent_returns(get_own_request(session, here.actor(REP), request_.reference))
        answers = [read_content(each.content).answers["worked_well"] for each in sent]
        assert answers == ["Met at the gate.", "Met by her worker."]


def test_nothing_held_and_declined_leave_the_draft_unsent_with_the_agency(work, here, case, request_, clock):
    with work() as session:
        reviewing.write(session, here.actor(REP), request_.reference, now=clock.now(), worked_well="A draft.")
        decline = DeclineRequest(reference=request_.reference, reason="Not ours.")
        returns.decline(session, here.actor(REP), decline, now=clock.now())
        assert stored(session, request_) == [(1, ReturnKind.DECLINED), (2, None)]
        page = read_by(session, here, case, request_, clock)
        assert [version.told.empty for version in page.versions] == [True]
        assert own_request(session, here.actor(REP), request_.reference, now=clock.now()).content.answers["worked_well"]
        nothing = SayNothingHeld(reference=request_.reference)
        returns.say_nothing_held(session, here.actor(REP), nothing, now=clock.now())
        assert stored(session, request_) == [(1, ReturnKind.DECLINED), (2, ReturnKind.NIL), (3, None)]


def test_nothing_held_pressed_twice_answers_once(work, here, request_, clock):
    with work() as session:
        for _press in range(2):
            returns.say_nothing_held(
                session, here.actor(REP), SayNothingHeld(reference=request_.reference), now=clock.now()
            )
        assert stored(session, request_) == [(1, ReturnKind.NIL)]


def test_whoever_has_told_something_does_not_hold_nothing(work, here, case, request_, clock):
    with work() as session:
        reviewing.answer(session, here, request_, now=clock.now())
    with pytest.raises(RuleBroken, match="Correct that one instead"), work() as session:
        returns.say_nothing_held(
            session, here.actor(REP), SayNothingHeld(reference=request_.reference), now=clock.now()
        )


def test_events_of_a_return_join_the_chronology_and_follow_its_corrections(work, here, case, request_, clock):
    kept, changed, dropped = (
        reviewing.an_event(key, happened=f"{day} March 2026") for key, day in (("a", 1), ("b", 2), ("c", 3))
    )
    with work() as session:
        reviewing.answer(session, here, request_, now=clock.now(), events=[kept, changed, dropped])
        before = {row.details["key"]: row.id for row in standing_entries(session, case)}
        returns.correct_return(session, here.actor(REP), CorrectReturn(reference=request_.reference), now=clock.now())
        newer = replace(changed, saved=1, happened="about 2 March 2026")
        returns.save_entry(
            session, here.actor(REP), SaveEntry(reference=request_.reference, entry=newer), now=clock.now()
        )
        returns.drop_entry(session, here.actor(REP), DropEntry(reference=request_.reference, key="c"), now=clock.now())
        event = SaveEntry(reference=request_.reference, entry=reviewing.an_event("d"))
        returns.save_entry(session, here.actor(REP), event, now=clock.now())
        assert {row.details["key"]: row.id for row in standing_entries(session, case)} == before
        reviewing.send(session, here.actor(REP), request_.reference, now=clock.now())
        after = {row.details["key"]: row for row in standing_entries(session, case)}
        assert set(after) == {"a", "b", "d"}
        assert (after["a"].id, after["b"].id) == (before["a"], before["b"])
        assert str(after["b"].happened) == "about 2 March 2026"
        assert session.get_one(ChronologyEntry, before["c"]).removed_at == clock.now()


@pytest.mark.parametrize("state", [CaseState.CLOSED, CaseState.RETAINED])
def test_nothing_is_taken_when_the_review_has_ended(work, here, case, request_, clock, state):
    with work() as session:
        reviewing.write(session, here.actor(REP), request_.reference, now=clock.now())
        session.get_one(type(case), case.id).state = state
    reference, actor = request_.reference, here.actor(REP)
    for attempt in (
        lambda session: reviewing.write(session, actor, reference, now=clock.now(), worked_well="More."),
        lambda session: reviewing.send(session, actor, reference, now=clock.now()),
        lambda session: returns.say_nothing_held(session, actor, SayNothingHeld(reference=reference), now=clock.now()),
        lambda session: returns.decline(
            session, actor, DeclineRequest(reference=reference, reason="No."), now=clock.now()
        ),
        lambda session: matching.show_person(session, actor, ShowPerson(reference=reference), now=clock.now()),
    ):
        with pytest.raises(RuleBroken), work() as session:
            attempt(session)


def test_a_waived_request_takes_nothing_until_it_is_asked_again(work, here, case, request_, clock):
    with work() as session:
        reviewing.write(session, here.actor(REP), request_.reference, now=clock.now())
        waive = WaiveRequest(reference=case.reference, request=request_.reference, reason="Closed down.")
        service.waive(session, here.actor("review.coordinator"), waive, now=clock.now())
    with pytest.raises(RuleBroken, match="needs no answer any more"), work() as session:
        reviewing.send(session, here.actor(REP), request_.reference, now=clock.now())
    with pytest.raises(MoveRefused), work() as session:
        returns.decline(
            session, here.actor(REP), DeclineRequest(reference=request_.reference, reason="No."), now=clock.now()
        )


def test_only_what_the_request_names_is_shown_of_the_person_and_that_is_recorded(work, here, case, clock):
    with work() as session:
        [request] = reviewing.ask(
            session, here, case, "treatment", now=clock.now(), matching=(MatchField.NAME, MatchField.NHS_NUMBER)
        )
        show = ShowPerson(reference=request.reference)
        shown = matching.show_person(session, here.actor("treatment.rep"), show, now=clock.now())
        assert shown == [(MatchField.NAME, ("Samuel Applethwaite",)), (MatchField.NHS_NUMBER, ("943 476 5919",))]
    with work() as session:
        last = timeline(session, "information_request", request.reference)[-1]
        assert (last.action.value, last.section, last.purpose) == ("reveal", "identity", "match_records")
    with pytest.raises(NotVisible), work() as session:
        matching.show_person(session, here.actor("housing.rep"), show, now=clock.now())


def test_a_conflict_declared_while_writing_ends_it(work, here, case, request_, clock):
    with work() as session:
        reviewing.write(session, here.actor(REP), request_.reference, now=clock.now())
        reviewing.declare(session, here, case, REP, ConflictKind.FAMILY_OR_FRIEND, now=clock.now())
    with pytest.raises(NotVisible), work() as session:
        reviewing.send(session, here.actor(REP), request_.reference, now=clock.now())
    with work() as session:
        assert stored(session, request_) == [(1, None)]


def test_a_draft_is_nobodys_to_read_but_its_agencys(work, here, case, request_, clock):
    with work() as session:
        reviewing.write(session, here.actor(REP), request_.reference, now=clock.now(), worked_well="A draft.")
        assert draft_of(get_own_request(session, here.actor(REP), request_.reference)) is not None
        for who in ("review.coordinator", "review.chair"):
            assert read_by(session, here, case, request_, clock, who).versions == ()
