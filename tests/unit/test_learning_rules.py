"""The rules of learning: moves, words that may be shared, and numbers that give no small one away."""

from collections import defaultdict
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from review_app.catalogue.rules.review import SmallNumbers
from review_app.learning.rules.sharing import identifying_objection
from review_app.learning.rules.small_numbers import Shown, protect, protect_roughly, protect_row
from review_app.learning.rules.states import (
    ACTION_OPEN,
    ACTION_WORKFLOW,
    MAY_AGREE,
    MAY_RECORD,
    MAY_WORD,
    OF_COORDINATOR,
    OF_OWNER,
    POINT_WORKFLOW,
    RECOMMENDATION_WORKFLOW,
    ActionMove,
    ActionState,
    PointAction,
    PointState,
    RecommendationAction,
    RecommendationState,
)
from review_app.reviews.rules.states import BEFORE_SELECTION, CaseState
from tests.unit.workflows import check_every_move, ends, reachable

RULE = SmallNumbers(mask_from=1, mask_to=4, mark="[c]")


def test_every_move_of_a_learning_point_is_legal_or_refused() -> None:
    assert check_every_move(POINT_WORKFLOW, PointState, PointAction) == 3 * 5 - 7
    assert reachable(POINT_WORKFLOW, PointState.DRAFT) == set(PointState)
    assert ends(POINT_WORKFLOW, PointState) == {PointState.WITHDRAWN}


def test_what_was_agreed_is_not_edited_and_only_that_is_approved_for_sharing() -> None:
    assert [state for state, action in POINT_WORKFLOW.moves if action is PointAction.EDIT] == [PointState.DRAFT]
    approved = [state for state, action in POINT_WORKFLOW.moves if action is PointAction.APPROVE_WORDING]
    assert approved == [PointState.AGREED]


def test_every_move_of_a_recommendation_is_legal_or_refused() -> None:
    assert check_every_move(RECOMMENDATION_WORKFLOW, RecommendationState, RecommendationAction) == 6 * 7 - 10
    assert reachable(RECOMMENDATION_WORKFLOW, RecommendationState.DRAFT) == set(RecommendationState)
    ended = {RecommendationState.DECLINED, RecommendationState.COMPLETED, RecommendationState.SUPERSEDED}
    assert ends(RECOMMENDATION_WORKFLOW, RecommendationState) == ended


def test_only_what_was_proposed_is_decided() -> None:
    decided = {
        (state, action)
        for state, action in RECOMMENDATION_WORKFLOW.moves
        if action in (RecommendationAction.ACCEPT, RecommendationAction.DECLINE)
    }
    assert {state for state, _action in decided} == {RecommendationState.PROPOSED}


def test_every_move_of_an_action_is_legal_or_refused() -> None:
    assert check_every_move(ACTION_WORKFLOW, ActionState, ActionMove) == 7 * 13 - 23
    assert reachable(ACTION_WORKFLOW, ActionState.PROPOSED) == set(ActionState)
    assert ends(ACTION_WORKFLOW, ActionState) == {ActionState.NOT_ACCEPTED, ActionState.CLOSED}


def test_an_action_that_was_done_opens_again_only_by_being_sent_back_and_one_that_ended_never() -> None:
    again = {
        move for (start, move), end in ACTION_WORKFLOW.moves.items() if start not in ACTION_OPEN and end in ACTION_OPEN
    }
    assert again == {ActionMove.SEND_BACK}
    for state in (ActionState.NOT_ACCEPTED, ActionState.CLOSED):
        assert reachable(ACTION_WORKFLOW, state) <= {state}


def test_every_step_of_an_action_is_the_owners_or_the_coordinators() -> None:
    assert set(OF_OWNER) | set(OF_COORDINATOR) == set(ActionMove)
    assert not set(OF_OWNER) & set(OF_COORDINATOR)


def test_learning_is_recorded_between_selection_and_signature_and_agreed_once_the_panel_has_met() -> None:
    assert not set(MAY_RECORD) & {*BEFORE_SELECTION, CaseState.SIGNED_OFF, CaseState.ACTIONS_OPEN, CaseState.CLOSED}
    assert set(MAY_AGREE) < set(MAY_RECORD) < set(MAY_WORD)
    assert not set(MAY_WORD) & {CaseState.RETAINED, CaseState.DESTROYED}


@pytest.mark.parametrize(
    "words",
    [
        "He lived at 12 Mill Lane and nobody called.",
        "Ring 07700 900123 sooner.",
        "She was born on 3 May 1971.",
        "The key worker is at sam@housing.example.",
        "NHS 943 476 5919 was on two lists.",
        "Visits stopped in WH1 2AB.",
    ],
)
def test_words_that_may_identify_someone_are_named_and_refused(words: str) -> None:
    assert identifying_objection(words).startswith("Take out what may identify someone")


def test_words_that_point_to_nobody_are_let_through() -> None:
    assert identifying_objection("Services that meet every week know sooner when somebody stops coming.") == ""


@pytest.mark.parametrize(
    ("count", "words"), [(0, "None"), (1, "Fewer than 5"), (4, "Fewer than 5"), (5, "5"), (1200, "1,200")]
)
def test_a_small_number_is_not_given(count: int, words: str) -> None:
    assert str(protect(count, RULE)) == words


def test_the_setting_says_which_numbers_are_small() -> None:
    wider = SmallNumbers(mask_from=1, mask_to=9, mark="[c]")
    assert str(protect(7, wider)) == "Fewer than 10"
    assert str(protect_roughly(12, wider)) == "10 or more"


def test_a_total_that_would_tell_of_two_cases_is_left_out() -> None:
    row = protect_row([16, 18, 0], 18, RULE)
    assert (str(row.parts[0]), str(row.total)) == ("16", "Not shown")
    assert str(protect_row([18, 18, 0], 18, RULE).total) == "18"
    assert str(protect_row([6, 3, 0], 9, RULE).total) == "Not shown"


KINDS = list(product((False, True), repeat=3))[1:]
"""In which of the three ways a case can have a theme: at least in one."""
Shape = tuple[int, ...]


def numbers_of(shape: Shape) -> tuple[list[int], int]:
    """Give the three overlapping numbers and the total of a set of cases, told by how many there are of each kind."""
    parts = [sum(count for kind, count in zip(KINDS, shape, strict=True) if kind[place]) for place in range(3)]
    return parts, sum(shape)


def shown(parts: list[int], total: int) -> tuple[str, ...]:
    row = protect_row(parts, total, RULE)
    return (*(str(each) for each in row.parts), str(row.total))


def sensitive(parts: list[int], total: int) -> dict[str, int]:
    """Give every number of cases that follows from the table: its cells, its total, and what is left of the total."""
    cells = {f"cell {place}": count for place, count in enumerate(parts)}
    return {**cells, "total": total, **{f"all but {place}": total - count for place, count in enumerate(parts)}}


MOST = 13


@pytest.fixture(scope="module")
def worlds() -> dict[tuple[str, ...], list[tuple[list[int], int]]]:
    """Give every table of numbers up to a size that some set of cases can have, by what is shown of it."""
    found: dict[tuple[str, ...], list[tuple[list[int], int]]] = defaultdict(list)
    for good, area, seen in product(range(MOST), repeat=3):
        for total in range(max(good, area, seen), min(good + area + seen, MOST) + 1):
            found[shown([good, area, seen], total)].append(([good, area, seen], total))
    return found


@given(st.lists(st.integers(0, 4), min_size=7, max_size=7).filter(lambda shape: sum(shape) < MOST - 2))
@settings(max_examples=200)
def test_no_small_number_can_be_worked_out_from_what_is_shown(worlds, shape: list[int]) -> None:
    """Whoever knows the rules and sees the row still finds at least two values for every small number in it."""
    parts, total = numbers_of(tuple(shape))
    possible = worlds[shown(parts, total)]
    assert (parts, total) in possible
    for name, value in sensitive(parts, total).items():
        if RULE.mask_from <= value <= RULE.mask_to:
            assert len({sensitive(*world)[name] for world in possible}) > 1, (name, value, shown(parts, total))


@given(st.lists(st.integers(0, 4), min_size=7, max_size=7).filter(lambda shape: sum(shape) < MOST - 2))
@settings(max_examples=200)
def test_every_masked_cell_could_be_any_small_number(worlds, shape: list[int]) -> None:
    parts, total = numbers_of(tuple(shape))
    row = protect_row(parts, total, RULE)
    for place, each in enumerate(row.parts):
        if each.how is Shown.SMALL and row.total.how is not Shown.SMALL:
            assert {world[0][place] for world in worlds[shown(parts, total)]} == {1, 2, 3, 4}


@given(st.integers(0, 12), st.integers(0, 12))
def test_two_counts_from_different_days_never_tell_a_small_difference(earlier: int, later: int) -> None:
    """Of a number since a day only none, few or more is told: a total beside it leaves more than one number."""
    whole, since = earlier + later, str(protect_roughly(later, RULE))
    alike = {each for each in range(13) if str(protect_roughly(each, RULE)) == since}
    left = {whole - each for each in alike if each <= whole}
    if 1 <= whole - later <= 4:
        assert since == "None" or len(left) > 1


def test_the_worlds_that_are_compared_are_those_of_real_cases(worlds) -> None:
    assert len(worlds) > 100
    assert ([1, 1, 0], 2) in worlds[shown([2, 2, 0], 2)]
