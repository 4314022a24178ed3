"""The states and moves of an Alert, its versions, their Deliveries and the Acknowledgement."""

from collections.abc import Mapping
from enum import StrEnum

from review_app.marks import Grade, RankedEnum
from review_app.workflow import Workflow


class AlertState(StrEnum):
    """What readers know of an Alert."""

    UNISSUED = "unissued"
    ACTIVE = "active"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"
    EVALUATED = "evaluated"


class AlertAction(StrEnum):
    """What can happen to an Alert; update, extend and correct leave it active while a next version goes out."""

    ACTIVATE = "activate"
    UPDATE = "update"
    EXTEND = "extend"
    CORRECT = "correct"
    EXPIRE = "expire"
    WITHDRAW = "withdraw"
    SUPERSEDE = "supersede"
    EVALUATE = "evaluate"


ALERT_WORKFLOW = Workflow(
    {
        (AlertState.UNISSUED, AlertAction.ACTIVATE): AlertState.ACTIVE,
        (AlertState.UNISSUED, AlertAction.WITHDRAW): AlertState.WITHDRAWN,
        (AlertState.ACTIVE, AlertAction.UPDATE): AlertState.ACTIVE,
        (AlertState.ACTIVE, AlertAction.EXTEND): AlertState.ACTIVE,
        (AlertState.ACTIVE, AlertAction.CORRECT): AlertState.ACTIVE,
        (AlertState.ACTIVE, AlertAction.EXPIRE): AlertState.EXPIRED,
        (AlertState.ACTIVE, AlertAction.WITHDRAW): AlertState.WITHDRAWN,
        (AlertState.ACTIVE, AlertAction.SUPERSEDE): AlertState.SUPERSEDED,
        (AlertState.EXPIRED, AlertAction.EVALUATE): AlertState.EVALUATED,
        (AlertState.WITHDRAWN, AlertAction.EVALUATE): AlertState.EVALUATED,
        (AlertState.SUPERSEDED, AlertAction.EVALUATE): AlertState.EVALUATED,
    }
)

ENDED = frozenset({AlertState.EXPIRED, AlertState.WITHDRAWN, AlertState.SUPERSEDED, AlertState.EVALUATED})


class AlertKind(StrEnum):
    """What sort of Alert it is."""

    ONE_OFF = "one_off"
    STANDING = "standing"
    RELAY = "relay"


class AlertLevel(RankedEnum):
    """How urgent an Alert is, the least first."""

    INFORMATION = "information"
    AMBER = "amber"
    RED = "red"


def level_for(grade: Grade) -> AlertLevel:
    """Give the level that belongs to a final grade; below G3 an alert only informs."""
    return {Grade.G3: AlertLevel.AMBER, Grade.G4: AlertLevel.RED}.get(grade, AlertLevel.INFORMATION)


class VersionKind(StrEnum):
    """Why a version was written."""

    ORIGINAL = "original"
    UPDATE = "update"
    EXTENSION = "extension"
    CORRECTION = "correction"
    WITHDRAWAL = "withdrawal"


VERSION_KIND_ACTIONS: Mapping[VersionKind, AlertAction] = {
    VersionKind.ORIGINAL: AlertAction.ACTIVATE,
    VersionKind.UPDATE: AlertAction.UPDATE,
    VersionKind.EXTENSION: AlertAction.EXTEND,
    VersionKind.CORRECTION: AlertAction.CORRECT,
    VersionKind.WITHDRAWAL: AlertAction.WITHDRAW,
}


class VersionState(StrEnum):
    """Where one version stands between being written and being sent."""

    DRAFT = "draft"
    AWAITING_SIGN_OFF = "awaiting_sign_off"
    SCHEDULED = "scheduled"
    SENDING = "sending"
    SENT = "sent"
    CANCELLED = "cancelled"


class VersionAction(StrEnum):
    """What can be done to one version."""

    EDIT = "edit"
    SUBMIT = "submit"
    RETURN = "return"
    SIGN_OFF = "sign_off"
    ASK_AGAIN = "ask_again"
    MISS = "miss"
    RELEASE = "release"
    ISSUE_WITHDRAWAL = "issue_withdrawal"
    FINISH = "finish"
    CANCEL = "cancel"


VERSION_WORKFLOW = Workflow(
    {
        (VersionState.DRAFT, VersionAction.EDIT): VersionState.DRAFT,
        (VersionState.DRAFT, VersionAction.SUBMIT): VersionState.AWAITING_SIGN_OFF,
        (VersionState.DRAFT, VersionAction.ISSUE_WITHDRAWAL): VersionState.SENDING,
        (VersionState.DRAFT, VersionAction.CANCEL): VersionState.CANCELLED,
        (VersionState.AWAITING_SIGN_OFF, VersionAction.EDIT): VersionState.DRAFT,
        (VersionState.AWAITING_SIGN_OFF, VersionAction.RETURN): VersionState.DRAFT,
        (VersionState.AWAITING_SIGN_OFF, VersionAction.MISS): VersionState.DRAFT,
        (VersionState.AWAITING_SIGN_OFF, VersionAction.SIGN_OFF): VersionState.SCHEDULED,
        (VersionState.AWAITING_SIGN_OFF, VersionAction.CANCEL): VersionState.CANCELLED,
        (VersionState.SCHEDULED, VersionAction.EDIT): VersionState.DRAFT,
        (VersionState.SCHEDULED, VersionAction.MISS): VersionState.DRAFT,
        (VersionState.SCHEDULED, VersionAction.ASK_AGAIN): VersionState.AWAITING_SIGN_OFF,
        (VersionState.SCHEDULED, VersionAction.RELEASE): VersionState.SENDING,
        (VersionState.SCHEDULED, VersionAction.CANCEL): VersionState.CANCELLED,
        (VersionState.SENDING, VersionAction.FINISH): VersionState.SENT,
    }
)

VOIDS_SIGNATURES = frozenset({
    VersionAction.EDIT, VersionAction.RETURN, VersionAction.MISS, VersionAction.ASK_AGAIN, VersionAction.CANCEL
})  # fmt: skip
"""After these moves every earlier SignOff counts no more."""


class DeliveryState(StrEnum):
    """Where one message to one recipient stands; the row is its own ledger."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    FAILED = "failed"
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"


class DeliveryAction(StrEnum):
    """What can happen to one message."""

    CLAIM = "claim"
    MARK_SENT = "mark_sent"
    PUT_BACK = "put_back"
    FAIL = "fail"
    LOSE = "lose"
    SEND_AGAIN = "send_again"
    CONFIRM_DELIVERED = "confirm_delivered"
    BOUNCE = "bounce"
    CANCEL = "cancel"


DELIVERY_WORKFLOW = Workflow(
    {
        (DeliveryState.QUEUED, DeliveryAction.CLAIM): DeliveryState.SENDING,
        (DeliveryState.QUEUED, DeliveryAction.CANCEL): DeliveryState.CANCELLED,
        (DeliveryState.SENDING, DeliveryAction.MARK_SENT): DeliveryState.SENT,
        (DeliveryState.SENDING, DeliveryAction.PUT_BACK): DeliveryState.QUEUED,
        (DeliveryState.SENDING, DeliveryAction.FAIL): DeliveryState.FAILED,
        (DeliveryState.SENDING, DeliveryAction.LOSE): DeliveryState.UNKNOWN,
        (DeliveryState.SENDING, DeliveryAction.CANCEL): DeliveryState.CANCELLED,
        (DeliveryState.UNKNOWN, DeliveryAction.SEND_AGAIN): DeliveryState.SENDING,
        (DeliveryState.UNKNOWN, DeliveryAction.BOUNCE): DeliveryState.BOUNCED,
        (DeliveryState.SENT, DeliveryAction.CONFIRM_DELIVERED): DeliveryState.DELIVERED,
        (DeliveryState.SENT, DeliveryAction.BOUNCE): DeliveryState.BOUNCED,
    }
)

TOLD_OF_THE_END = frozenset({DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.UNKNOWN})
"""Whoever may have an alert is told of its withdrawal or correction, once."""

TELLS_ALL_WHO_HAVE_IT = frozenset({VersionKind.CORRECTION, VersionKind.WITHDRAWAL})
"""Versions of these kinds also go to those who have left the lists, and nothing more goes out of what they end."""

UNSETTLED = frozenset({DeliveryState.QUEUED, DeliveryState.SENDING})


class Channel(StrEnum):
    """How a message travels."""

    EMAIL = "email"


class ListKind(StrEnum):
    """Whom a distribution list gathers."""

    NETWORK = "network"
    AT_RISK_AGENCIES = "at_risk_agencies"
    CLINICAL = "clinical"


class AcknowledgementState(StrEnum):
    """What a recipient has told us."""

    NONE = "none"
    READ_CONFIRMED = "read_confirmed"
    ACTED = "acted"


class AcknowledgementAction(StrEnum):
    """What a recipient can tell us; pressing twice changes nothing."""

    CONFIRM_READ = "confirm_read"
    SAY_ACTION = "say_action"


ACKNOWLEDGEMENT_WORKFLOW = Workflow(
    {
        (AcknowledgementState.NONE, AcknowledgementAction.CONFIRM_READ): AcknowledgementState.READ_CONFIRMED,
        (AcknowledgementState.READ_CONFIRMED, AcknowledgementAction.CONFIRM_READ): AcknowledgementState.READ_CONFIRMED,
        (AcknowledgementState.READ_CONFIRMED, AcknowledgementAction.SAY_ACTION): AcknowledgementState.ACTED,
        (AcknowledgementState.ACTED, AcknowledgementAction.CONFIRM_READ): AcknowledgementState.ACTED,
        (AcknowledgementState.ACTED, AcknowledgementAction.SAY_ACTION): AcknowledgementState.ACTED,
    }
)


class ActionTaken(StrEnum):
    """What a recipient did about an alert."""

    TOLD_CLIENTS = "told_clients"
    TOLD_STAFF = "told_staff"
    ORDERED_NALOXONE = "ordered_naloxone"
    NOTHING_NEEDED = "nothing_needed"


class WithdrawalReason(StrEnum):
    """Why an alert was withdrawn; each has shipped words."""

    CONTAINED = "contained"
    NO_LONGER_CIRCULATING = "no_longer_circulating"
    NOT_CONFIRMED = "not_confirmed"
    WRONG = "wrong"
    IDENTIFIES_SOMEONE = "identifies_someone"
    OVERTURNED = "overturned"
    SENT_IN_ERROR = "sent_in_error"
