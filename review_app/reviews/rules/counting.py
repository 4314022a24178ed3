"""By what cases are counted: the quarter of their notification, their limbs, and how far they have come."""

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum

from review_app.reviews.rules.states import BEFORE_SELECTION, CaseState


class LimbGroup(StrEnum):
    """The limbs of a case, each case in one group."""

    A = "a"
    B = "b"
    C = "c"
    SEVERAL = "several"
    NONE = "none"


class StateGroup(StrEnum):
    """How far a case has come, each case in one group."""

    CHECKED = "checked"
    OUT_OF_SCOPE = "out_of_scope"
    NOT_SELECTED = "not_selected"
    UNDER_REVIEW = "under_review"
    REVIEWED = "reviewed"
    DESTROYED = "destroyed"


GROUP_OF: Mapping[CaseState, StateGroup] = {
    CaseState.NOTIFIED: StateGroup.CHECKED,
    CaseState.TRIAGE: StateGroup.CHECKED,
    CaseState.OUT_OF_SCOPE: StateGroup.OUT_OF_SCOPE,
    CaseState.IN_SCOPE_NOT_SELECTED: StateGroup.NOT_SELECTED,
    CaseState.SIGNED_OFF: StateGroup.REVIEWED,
    CaseState.ACTIONS_OPEN: StateGroup.REVIEWED,
    CaseState.CLOSED: StateGroup.REVIEWED,
    CaseState.RETAINED: StateGroup.REVIEWED,
    CaseState.DESTROYED: StateGroup.DESTROYED,
}
"""A state that is not named is under review."""


def state_group(state: CaseState) -> StateGroup:
    """Say how far a case has come."""
    return GROUP_OF.get(state, StateGroup.UNDER_REVIEW)


def limb_group(limbs: Sequence[str], state: CaseState) -> LimbGroup:
    """Say by which limb a case is in scope. What is not in scope has none."""
    if not limbs or (state in BEFORE_SELECTION and state is not CaseState.IN_SCOPE_NOT_SELECTED):
        return LimbGroup.NONE
    return LimbGroup.SEVERAL if len(limbs) > 1 else LimbGroup(limbs[0])


def quarter_of(day: date) -> tuple[int, int]:
    """Give the year and the quarter of a day."""
    return day.year, (day.month + 2) // 3
