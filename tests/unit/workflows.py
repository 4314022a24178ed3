"""What the tests of every workflow share: each state with each action."""

from enum import StrEnum
from itertools import product
from typing import TypeVar

import pytest

from review_app.errors import MoveRefused
from review_app.workflow import Workflow

State = TypeVar("State", bound=StrEnum)
Action = TypeVar("Action", bound=StrEnum)


def check_every_move(workflow: Workflow[State, Action], states: type[State], actions: type[Action]) -> int:
    """Try each state with each action: what is in the table gives its state, everything else is refused."""
    refused = 0
    for state, action in product(states, actions):
        if (state, action) in workflow.moves:
            assert workflow.after(state, action) is workflow.moves[state, action]
            assert action in workflow.actions_from(state)
        else:
            assert action not in workflow.actions_from(state)
            with pytest.raises(MoveRefused, match="moved on since you opened the page"):
                workflow.after(state, action)
            refused += 1
    return refused


def reachable(workflow: Workflow[State, Action], start: State) -> set[State]:
    """Give every state that can follow from one, itself included."""
    found, left = {start}, [start]
    while left:
        state = left.pop()
        for action in workflow.actions_from(state):
            following = workflow.after(state, action)
            if following not in found:
                found.add(following)
                left.append(following)
    return found


def ends(workflow: Workflow[State, Action], states: type[State]) -> set[State]:
    """Give the states from which nothing can be done."""
    return {state for state in states if not workflow.actions_from(state)}
