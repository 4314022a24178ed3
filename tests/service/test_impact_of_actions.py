"""Whether an action has worked: the check of its impact, looking again later, and sending it back to its owner."""

from datetime import UTC, date, datetime

import pytest

from review_app.errors import MoveRefused, RuleBroken
from review_app.home.queries.learning import actions_to_carry_out, actions_to_check
from review_app.learning.commands import CheckImpact, CloseAction, CompleteRecommendation, SendBackAction
from review_app.learning.queries import actions as action_queries
from review_app.learning.rules.states import ActionState, RecommendationState, Recurred
from review_app.learning.service import actions, recommendations
from review_app.learning.service.cases import open_actions_of
from review_app.reviews.rules.states import CaseState
from tests import factories, learned, reviewing

LATER = date(2027, 6, 1)


@pytest.fixture
def here(work, clock):
    with work() as session:
        return factories.world(session, now=clock.now()).westhaven


@pytest.fixture
def case(work, here, clock):
    with work() as session:
        return reviewing.make_case(session, here, now=clock.now(), state=CaseState.IN_PANEL)


def make_action(session, here, case, state, *, now):
    """Make an action of an accepted recommendation from a case, and give both."""
    point = learned.told_point(session, here, case, now=now)
    found = learned.make_recommendation(session, here, [point], now=now, state=RecommendationState.ACCEPTED)
    return found, learned.make_action(session, here, found, now=now, state=state)


def check(session, here, action, recurred, *, now, later=None, words="Looked at."):
    command = CheckImpact(reference=action.reference, recurred=recurred, impact=words, look_again_on=later)
    actions.check_impact(session, here.actor("review.coordinator"), command, now=now)
    session.flush()


def send_back(session, here, action, *, now):
    command = SendBackAction(reference=action.reference, reason="Two teams do not use it.", due_on=LATER)
    actions.send_back_action(session, here.actor("review.coordinator"), command, now=now)
    session.flush()


@pytest.mark.both_databases
def test_while_it_is_too_soon_to_say_an_action_stays_done_and_comes_back_on_its_day(work, here, clock, case):
    coordinator = here.actor("review.coordinator")
    with work() as session:
        _found, action = make_action(session, here, case, ActionState.DONE, now=clock.now())
        assert [task.button for task in actions_to_check(session, coordinator, clock.now())] == ["Check its impact"]
        for wrong in (None, clock.now().date()):
            with pytest.raises(RuleBroken, match="after today"):
                check(session, here, action, Recurred.TOO_SOON, later=wrong, now=clock.now())
        check(session, here, action, Recurred.TOO_SOON, later=LATER, words="A week ago.", now=clock.now())
        assert (action.state, action.checked_at, action.recurred) == (ActionState.DONE, None, None)
        with pytest.raises(MoveRefused):
            actions.close_action(session, coordinator, CloseAction(reference=action.reference), now=clock.now())
        assert actions_to_check(session, coordinator, clock.now()) == []
        clock.set(datetime(2027, 6, 1, 8, tzinfo=UTC))
        assert [task.button for task in actions_to_check(session, coordinator, clock.now())] == ["Check its impact"]
        check(session, here, action, Recurred.NO, words="Nobody missed.", now=clock.now())
        assert (action.state, action.look_again_on) == (ActionState.IMPACT_CHECKED, None)
        told = action_queries.action_view(session, coordinator, action.reference, now=clock.now()).happened
        assert [each.note for each in told[-2:]] == ["A week ago.", "Nobody missed."]


@pytest.mark.both_databases
@pytest.mark.parametrize("state", [ActionState.DONE, ActionState.IMPACT_CHECKED])
def test_an_action_that_is_sent_back_is_open_again_and_keeps_its_evidence(work, here, clock, case, state):
    with work() as session:
        _found, action = make_action(session, here, case, state, now=clock.now())
        send_back(session, here, action, now=clock.now())
        assert (action.state, action.due_on) == (ActionState.IN_PROGRESS, LATER)
        assert (action.done_at, action.checked_at, action.recurred, action.impact) == (None, None, None, "")
        assert len(action.evidence) == 1
        assert action.transferred_at is None
        assert open_actions_of(session, case.id) == [action.reference]
        (task,) = actions_to_carry_out(session, here.actor("housing.rep"), clock.now())
        assert task.button == "Mark done with evidence"


def test_an_action_sent_back_after_its_case_closed_is_in_the_partnerships_log(work, here, clock, case):
    with work() as session:
        _found, action = make_action(session, here, case, ActionState.DONE, now=clock.now())
        case = session.merge(case)
        case.state, case.closed_at = CaseState.CLOSED, clock.now()
        session.flush()
        send_back(session, here, action, now=clock.now())
        assert action.transferred_at == clock.now()
        assert open_actions_of(session, case.id) == []


def test_an_action_of_a_recommendation_that_ended_is_not_sent_back(work, here, clock, case):
    with work() as session:
        found, action = make_action(session, here, case, ActionState.DONE, now=clock.now())
        ending = CompleteRecommendation(reference=found.reference, reason="It is in use.")
        recommendations.complete_recommendation(session, here.actor("review.coordinator"), ending, now=clock.now())
        with pytest.raises(RuleBroken, match="has ended"):
            send_back(session, here, action, now=clock.now())
        assert action.state is ActionState.DONE
