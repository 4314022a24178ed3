"""Searching: what each reader finds by reference or words, and what nobody finds."""

import pytest

from review_app.learning.rules.states import RecommendationState
from review_app.links import service as links
from review_app.links.models import Relation
from review_app.reviews.rules.states import CaseState
from review_app.search.queries import search
from review_app.submissions.rules import SignalState
from tests import factories, learned, reviewing
from tests.conftest import A_MONDAY
from tests.service.alert_cases import ready_draft


@pytest.fixture
def here(work, clock):
    with work() as session:
        return factories.world(session, now=clock.now()).westhaven


def found(session, actor, words):
    """Give what was found, by kind."""
    groups = search(session, actor, words, now=A_MONDAY)
    assert all(group.total == len(group.items) for group in groups)
    return {group.kind.value: [(item.reference, item.title) for item in group.items] for group in groups}


def test_words_in_any_order_find_every_kind_that_the_reader_sees(work, clock):
    with work() as session:
        world = factories.world(session, now=clock.now())
        here = world.westhaven
        report = factories.make_submission(session, here, now=clock.now(), sold_as="Zebra tablets")
        signal = factories.make_signal(session, here, now=clock.now(), title="Tablets with a zebra on them")
        alert = ready_draft(session, here, now=clock.now(), headline="Zebra tablets: do not use alone")
        everything = {
            "submission": [(report.reference, "Zebra tablets, Westhaven Harbour")],
            "signal": [(signal.reference, signal.title)],
            "alert": [(alert.reference, "Zebra tablets: do not use alone")],
        }
        assert found(session, here.actor("coordinator"), "TABLETS  zebra") == everything
        for who, kinds in {
            "chair": {"submission", "signal", "alert"},
            "oncall": {"signal", "alert"},
            "police.panel": {"signal"},
            "approver": {"alert"},
            **{key: set() for key in ("hostel.worker", "treatment.rep", "sro", "admin", "ig", "review.chair")},
        }.items():
            assert found(session, here.actor(who), "zebra") == {kind: everything[kind] for kind in kinds}, who
        for who in ("coordinator", "chair", "hostel.worker"):
            assert found(session, world.eastmoor.actor(who), "zebra") == {}, who


def test_a_submitter_finds_the_own_report_and_no_other(work, here, clock):
    with work() as session:
        mine = factories.make_submission(session, here, now=clock.now(), by="hostel.worker").reference
        factories.make_submission(session, here, now=clock.now())
        assert found(session, here.actor("hostel.worker"), "blue") == {
            "submission": [(mine, "blue tablets, Westhaven Harbour")]
        }


def test_a_case_is_found_by_its_reference_where_it_may_be_known_and_never_by_its_content(work, clock):
    with work() as session:
        world = factories.world(session, now=clock.now())
        here = world.westhaven
        signal = factories.make_signal(session, here, now=clock.now(), state=SignalState.DECIDED)
        case = reviewing.make_case(session, here, now=clock.now())
        case.facts = {"suspected": "zebra"}
        links.link(session, None, signal, case, Relation.MAY_EXPLAIN, now=clock.now())
        session.flush()
        knows = ("review.coordinator", "review.chair", "dph", "ig")
        for who in (*knows, "coordinator", "chair", "review.member", "housing.rep", "analyst", "sro", "admin"):
            expected = {"review_case": [(case.reference, "")]} if who in knows else {}
            assert found(session, here.actor(who), case.reference.lower()) == expected, who
        assert found(session, here.actor("review.chair"), "zebra") == {}
        assert found(session, world.eastmoor.actor("review.chair"), case.reference) == {}


def test_learning_is_found_by_the_wording_that_may_be_told_and_never_by_what_the_panel_wrote(work, here, clock):
    with work() as session:
        case = reviewing.make_case(session, here, now=clock.now(), state=CaseState.IN_PANEL)
        told = learned.told_point(
            session,
            here,
            case,
            now=clock.now(),
            statement="The zebra nurse met her weekly.",
            wording="Weekly herons help.",
        )
        draft = learned.agreed_point(session, here, case, now=clock.now(), statement="A second zebra.", themes=(8,))
        advice = learned.make_recommendation(
            session, here, [told], now=clock.now(), state=RecommendationState.PROPOSED, words="Meet every heron weekly."
        )
        action = learned.make_action(session, here, advice, now=clock.now(), words="Count the herons.")
        kinds = {
            "learning_point": [(told.reference, "Joint working and information sharing. Weekly herons help.")],
            "recommendation": [(advice.reference, "Meet every heron weekly.")],
            "action": [(action.reference, "Count the herons.")],
        }
        for who, sees in {
            "review.chair": {*kinds},
            "board": {*kinds},
            "housing.rep": {*kinds},
            "treatment.rep": {"learning_point"},
            "family": {"learning_point"},
            "coordinator": set(),
            "admin": set(),
        }.items():
            assert found(session, here.actor(who), "heron") == {kind: kinds[kind] for kind in kinds if kind in sees}, (
                who
            )
        for who in ("review.chair", "review.coordinator", "dph", "board"):
            assert found(session, here.actor(who), "zebra") == {}, who
        assert [*found(session, here.actor("dph"), draft.reference)] == ["learning_point"]
        assert found(session, here.actor("board"), draft.reference) == {}


def test_what_looks_like_a_pattern_is_searched_as_it_is(work, here, clock):
    with work() as session:
        percent = factories.make_signal(session, here, now=clock.now(), title="100% pure, it was said")
        factories.make_signal(session, here, now=clock.now(), title="Sold as 1000 pure")
        chair = here.actor("chair")
        assert found(session, chair, "0% pure") == {"signal": [(percent.reference, percent.title)]}
        assert found(session, chair, "%_%") == {}


@pytest.mark.both_databases
def test_only_the_newest_ten_of_a_kind_are_given_with_the_number_of_all(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        for number in range(12):
            factories.make_signal(session, here, now=clock.advance(minutes=1), title=f"Zebra {number:02}")
        (group,) = search(session, here.actor("chair"), "ZEBRA", now=clock.now())
        assert group.total == 12
        assert [item.title for item in group.items] == [f"Zebra {number:02}" for number in range(11, 1, -1)]
