"""A table of legal moves: the one place that says which state follows which action."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Generic, TypeVar

from review_app.errors import MoveRefused

State = TypeVar("State", bound=StrEnum)
Action = TypeVar("Action", bound=StrEnum)


class Workflow(Generic[State, Action]):
    """Every legal move of one kind of record. What is not in the table is refused."""

    def __init__(self, moves: Mapping[tuple[State, Action], State]) -> None:
        self.moves = dict(moves)

    def after(self, state: State, action: Action) -> State:
        """Give the state that follows. Raises MoveRefused for a move that is not in the table."""
        try:
            return self.moves[state, action]
        except KeyError:
            raise MoveRefused(
                "This cannot be done any more: it has moved on since you opened the page, perhaps by your own first"
                " press. Nothing was changed. Open the page again to see how it stands."
            ) from None

    def actions_from(self, state: State) -> list[Action]:
        """Give the actions legal in this state, in the order of the table."""
        return [action for (start, action) in self.moves if start is state]
