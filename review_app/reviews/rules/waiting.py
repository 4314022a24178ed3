"""Who a case waits for in each state, for the list of cases and the top of a case's page."""

from collections.abc import Mapping
from enum import StrEnum

from review_app.reviews.rules.states import CaseState


class WaitsFor(StrEnum):
    """Whose turn it is."""

    COORDINATOR = "coordinator"
    AGENCIES = "agencies"
    PANEL = "panel"
    CHAIR = "chair"
    OWNERS = "owners"


WAITS_FOR: Mapping[CaseState, WaitsFor] = {
    CaseState.NOTIFIED: WaitsFor.COORDINATOR,
    CaseState.TRIAGE: WaitsFor.COORDINATOR,
    CaseState.SELECTED: WaitsFor.COORDINATOR,
    CaseState.INFO_REQUESTED: WaitsFor.AGENCIES,
    CaseState.INFO_READY: WaitsFor.COORDINATOR,
    CaseState.PACK_DRAFT: WaitsFor.COORDINATOR,
    CaseState.LISTED: WaitsFor.PANEL,
    CaseState.IN_PANEL: WaitsFor.PANEL,
    CaseState.DEFERRED: WaitsFor.COORDINATOR,
    CaseState.FINDINGS_DRAFT: WaitsFor.CHAIR,
    CaseState.ACCURACY_CHECK: WaitsFor.CHAIR,
    CaseState.SIGNED_OFF: WaitsFor.CHAIR,
    CaseState.ACTIONS_OPEN: WaitsFor.OWNERS,
    CaseState.REOPENED: WaitsFor.CHAIR,
}
"""A state that is not named waits for nobody."""


def waits_for(state: CaseState) -> WaitsFor | None:
    """Say whose turn it is, or nobody's."""
    return WAITS_FOR.get(state)


def states_waiting_for(whom: WaitsFor) -> tuple[CaseState, ...]:
    """Give the states in which it is their turn."""
    return tuple(state for state, each in WAITS_FOR.items() if each is whom)
