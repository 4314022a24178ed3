from hypothesis import given
from hypothesis import strategies as st

from review_app.alerts.rules import (
    ACKNOWLEDGEMENT_WORKFLOW,
    ALERT_WORKFLOW,
    DELIVERY_WORKFLOW,
    VERSION_WORKFLOW,
    AcknowledgementAction,
    AcknowledgementState,
    AlertAction,
    AlertState,
    DeliveryAction,
    DeliveryState,
    VersionAction,
    VersionState,
)
from review_app.audit.rules import PRUNING_WORKFLOW, PruningAction, PruningState
from review_app.errors import MoveRefused
from review_app.panel.rules import (
    CORROBORATION_WORKFLOW,
    DECISION_WORKFLOW,
    CorroborationAction,
    CorroborationState,
    PanelDecisionAction,
    PanelDecisionState,
)
from review_app.submissions.rules import (
    SIGNAL_WORKFLOW,
    SUBMISSION_WORKFLOW,
    SignalAction,
    SignalState,
    SubmissionAction,
    SubmissionState,
)
from tests.unit.workflows import check_every_move, ends, reachable


def test_every_move_of_a_proposal_to_prune_is_legal_or_refused() -> None:
    assert check_every_move(PRUNING_WORKFLOW, PruningState, PruningAction) == 3 * 3 - 3
    assert ends(PRUNING_WORKFLOW, PruningState) == {PruningState.CARRIED_OUT, PruningState.WITHDRAWN}


def test_every_move_of_a_report_is_legal_or_refused() -> None:
    assert check_every_move(SUBMISSION_WORKFLOW, SubmissionState, SubmissionAction) == 7 * 9 - 14
    assert reachable(SUBMISSION_WORKFLOW, SubmissionState.DRAFT) == set(SubmissionState)
    assert ends(SUBMISSION_WORKFLOW, SubmissionState) == {SubmissionState.WITHDRAWN}


def test_a_report_can_be_withdrawn_from_every_state_before_it_is_closed() -> None:
    before = set(SubmissionState) - {SubmissionState.CLOSED, SubmissionState.WITHDRAWN}
    assert {state for state, action in SUBMISSION_WORKFLOW.moves if action is SubmissionAction.WITHDRAW} == before


def test_every_move_of_a_signal_is_legal_or_refused() -> None:
    assert check_every_move(SIGNAL_WORKFLOW, SignalState, SignalAction) == 7 * 8 - 17
    assert reachable(SIGNAL_WORKFLOW, SignalState.OPEN) == set(SignalState)
    assert ends(SIGNAL_WORKFLOW, SignalState) == set()


def test_a_signal_is_decided_only_while_it_is_with_the_panel() -> None:
    assert [state for (state, _), after in SIGNAL_WORKFLOW.moves.items() if after is SignalState.DECIDED] == [
        SignalState.WITH_PANEL,
        SignalState.DECIDED,
    ]
    assert SIGNAL_WORKFLOW.moves[SignalState.DECIDED, SignalAction.ASK_AGENCIES] is SignalState.DECIDED


def test_every_move_of_a_question_round_is_legal_or_refused() -> None:
    assert check_every_move(CORROBORATION_WORKFLOW, CorroborationState, CorroborationAction) == 5 * 4 - 9
    assert reachable(CORROBORATION_WORKFLOW, CorroborationState.DRAFT) == set(CorroborationState)
    assert ends(CORROBORATION_WORKFLOW, CorroborationState) == {CorroborationState.CANCELLED}


def test_every_move_of_a_decision_is_legal_or_refused() -> None:
    assert check_every_move(DECISION_WORKFLOW, PanelDecisionState, PanelDecisionAction) == 6 * 5 - 5
    assert reachable(DECISION_WORKFLOW, PanelDecisionState.COLLECTING) == set(PanelDecisionState)
    assert ends(DECISION_WORKFLOW, PanelDecisionState) == {PanelDecisionState.RATIFIED, PanelDecisionState.OVERTURNED}


def test_every_move_of_an_alert_is_legal_or_refused() -> None:
    assert check_every_move(ALERT_WORKFLOW, AlertState, AlertAction) == 6 * 8 - 11
    assert reachable(ALERT_WORKFLOW, AlertState.UNISSUED) == set(AlertState)
    assert ends(ALERT_WORKFLOW, AlertState) == {AlertState.EVALUATED}


def test_every_move_of_an_alert_version_is_legal_or_refused() -> None:
    assert check_every_move(VERSION_WORKFLOW, VersionState, VersionAction) == 6 * 10 - 15
    assert reachable(VERSION_WORKFLOW, VersionState.DRAFT) == set(VersionState)
    assert ends(VERSION_WORKFLOW, VersionState) == {VersionState.SENT, VersionState.CANCELLED}


def test_nothing_is_sent_that_was_neither_scheduled_nor_a_withdrawal() -> None:
    ways = {move for move, after in VERSION_WORKFLOW.moves.items() if after is VersionState.SENDING}
    assert ways == {
        (VersionState.SCHEDULED, VersionAction.RELEASE),
        (VersionState.DRAFT, VersionAction.ISSUE_WITHDRAWAL),
    }
    assert VersionState.DRAFT not in reachable(VERSION_WORKFLOW, VersionState.SENDING)


@given(st.lists(st.sampled_from(list(VersionAction)), max_size=40))
def test_whatever_is_tried_a_released_version_was_signed_after_its_last_edit(tried: list[VersionAction]) -> None:
    state, signed = VersionState.DRAFT, False
    for action in tried:
        try:
            following = VERSION_WORKFLOW.after(state, action)
        except MoveRefused:
            continue
        if action in {VersionAction.EDIT, VersionAction.RETURN, VersionAction.MISS, VersionAction.ASK_AGAIN}:
            signed = False
        signed = signed or action is VersionAction.SIGN_OFF
        if action is VersionAction.RELEASE:
            assert signed
        state = following


def test_every_move_of_a_delivery_is_legal_or_refused() -> None:
    assert check_every_move(DELIVERY_WORKFLOW, DeliveryState, DeliveryAction) == 8 * 9 - 11
    assert reachable(DELIVERY_WORKFLOW, DeliveryState.QUEUED) == set(DeliveryState)


@given(st.lists(st.sampled_from(list(DeliveryAction)), max_size=40))
def test_an_uncertain_message_never_goes_back_to_the_queue(tried: list[DeliveryAction]) -> None:
    state, uncertain = DeliveryState.QUEUED, False
    for action in tried:
        try:
            following = DELIVERY_WORKFLOW.after(state, action)
        except MoveRefused:
            continue
        if state is DeliveryState.UNKNOWN:
            assert following is not DeliveryState.QUEUED
        if state in {DeliveryState.SENT, DeliveryState.DELIVERED}:
            uncertain = True
        assert not (uncertain and following in {DeliveryState.QUEUED, DeliveryState.SENDING})
        state = following


def test_every_move_of_an_acknowledgement_is_legal_or_refused() -> None:
    assert check_every_move(ACKNOWLEDGEMENT_WORKFLOW, AcknowledgementState, AcknowledgementAction) == 3 * 2 - 5
    assert reachable(ACKNOWLEDGEMENT_WORKFLOW, AcknowledgementState.NONE) == set(AcknowledgementState)
