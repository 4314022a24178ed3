"""Every legal move of a ReviewCase and of the records around it. The states are those of the review's procedure."""

from enum import StrEnum

from review_app.workflow import Workflow


class CaseState(StrEnum):
    """How far the review of one death has come."""

    NOTIFIED = "notified"
    TRIAGE = "triage"
    OUT_OF_SCOPE = "out_of_scope"
    IN_SCOPE_NOT_SELECTED = "in_scope_not_selected"
    SELECTED = "selected"
    INFO_REQUESTED = "info_requested"
    INFO_READY = "info_ready"
    PACK_DRAFT = "pack_draft"
    LISTED = "listed"
    IN_PANEL = "in_panel"
    DEFERRED = "deferred"
    FINDINGS_DRAFT = "findings_draft"
    ACCURACY_CHECK = "accuracy_check"
    SIGNED_OFF = "signed_off"
    ACTIONS_OPEN = "actions_open"
    CLOSED = "closed"
    REOPENED = "reopened"
    RETAINED = "retained"
    DESTROYED = "destroyed"


class CaseAction(StrEnum):
    """What moves a case on; the words are also the audit's verbs."""

    START_TRIAGE = "start_case_triage"
    EXCLUDE = "exclude"
    NOT_SELECT = "not_select"
    SELECT = "select"
    RECONSIDER = "reconsider"
    REQUEST_INFO = "request_info"
    COMPLETE_INFO = "complete_info"
    DRAFT_PACK = "draft_pack"
    LIST = "list_case"
    OPEN_PANEL = "open_panel"
    DEFER = "defer"
    DRAFT_FINDINGS = "draft_findings"
    CHECK_ACCURACY = "check_accuracy"
    SIGN_OFF = "sign_off"
    OPEN_ACTIONS = "open_actions"
    CLOSE = "close"
    REOPEN = "reopen"
    BACK_TO_INFO = "back_to_info"
    BACK_TO_PACK = "back_to_pack"
    BACK_TO_FINDINGS = "back_to_findings"
    RETAIN = "retain"
    DESTROY = "destroy"


S, A = CaseState, CaseAction
CASE_WORKFLOW = Workflow(
    {
        (S.NOTIFIED, A.START_TRIAGE): S.TRIAGE,
        (S.TRIAGE, A.EXCLUDE): S.OUT_OF_SCOPE,
        (S.TRIAGE, A.NOT_SELECT): S.IN_SCOPE_NOT_SELECTED,
        (S.TRIAGE, A.SELECT): S.SELECTED,
        (S.OUT_OF_SCOPE, A.RECONSIDER): S.TRIAGE,
        (S.IN_SCOPE_NOT_SELECTED, A.RECONSIDER): S.TRIAGE,
        (S.SELECTED, A.REQUEST_INFO): S.INFO_REQUESTED,
        (S.INFO_READY, A.REQUEST_INFO): S.INFO_REQUESTED,
        (S.INFO_REQUESTED, A.COMPLETE_INFO): S.INFO_READY,
        (S.INFO_READY, A.DRAFT_PACK): S.PACK_DRAFT,
        (S.PACK_DRAFT, A.LIST): S.LISTED,
        (S.DEFERRED, A.LIST): S.LISTED,
        (S.LISTED, A.OPEN_PANEL): S.IN_PANEL,
        (S.LISTED, A.DEFER): S.DEFERRED,
        (S.IN_PANEL, A.DEFER): S.DEFERRED,
        (S.IN_PANEL, A.DRAFT_FINDINGS): S.FINDINGS_DRAFT,
        (S.FINDINGS_DRAFT, A.CHECK_ACCURACY): S.ACCURACY_CHECK,
        (S.ACCURACY_CHECK, A.SIGN_OFF): S.SIGNED_OFF,
        (S.SIGNED_OFF, A.OPEN_ACTIONS): S.ACTIONS_OPEN,
        (S.SIGNED_OFF, A.CLOSE): S.CLOSED,
        (S.ACTIONS_OPEN, A.CLOSE): S.CLOSED,
        (S.SIGNED_OFF, A.REOPEN): S.REOPENED,
        (S.ACTIONS_OPEN, A.REOPEN): S.REOPENED,
        (S.CLOSED, A.REOPEN): S.REOPENED,
        (S.REOPENED, A.BACK_TO_INFO): S.INFO_REQUESTED,
        (S.REOPENED, A.BACK_TO_PACK): S.PACK_DRAFT,
        (S.REOPENED, A.BACK_TO_FINDINGS): S.FINDINGS_DRAFT,
        (S.CLOSED, A.RETAIN): S.RETAINED,
        (S.OUT_OF_SCOPE, A.RETAIN): S.RETAINED,
        (S.IN_SCOPE_NOT_SELECTED, A.RETAIN): S.RETAINED,
        (S.RETAINED, A.DESTROY): S.DESTROYED,
    }
)

BEFORE_SELECTION = (S.NOTIFIED, S.TRIAGE, S.OUT_OF_SCOPE, S.IN_SCOPE_NOT_SELECTED)
FROM_LISTED = (
    S.LISTED, S.IN_PANEL, S.DEFERRED, S.FINDINGS_DRAFT, S.ACCURACY_CHECK, S.SIGNED_OFF, S.ACTIONS_OPEN, S.CLOSED,
    S.REOPENED,
)  # fmt: skip
"""States in which panel members who attended know of the case."""
ENDED = (S.OUT_OF_SCOPE, S.IN_SCOPE_NOT_SELECTED, S.CLOSED, S.RETAINED, S.DESTROYED)


class NotificationState(StrEnum):
    """What became of one notifier's report of a death."""

    RECEIVED = "received"
    ATTACHED = "attached"
    OUT_OF_SCOPE = "out_of_scope"
    WITHDRAWN = "withdrawn"


class NotificationAction(StrEnum):
    """What can be done with a notification."""

    ATTACH = "attach"
    EXCLUDE = "exclude"
    WITHDRAW = "withdraw"


N, NA = NotificationState, NotificationAction
NOTIFICATION_WORKFLOW = Workflow(
    {
        (N.RECEIVED, NA.ATTACH): N.ATTACHED,
        (N.RECEIVED, NA.EXCLUDE): N.OUT_OF_SCOPE,
        (N.RECEIVED, NA.WITHDRAW): N.WITHDRAWN,
        (N.ATTACHED, NA.ATTACH): N.ATTACHED,
        (N.ATTACHED, NA.WITHDRAW): N.WITHDRAWN,
        (N.OUT_OF_SCOPE, NA.ATTACH): N.ATTACHED,
    }
)


class FlagKind(StrEnum):
    """What stands beside a case's state and never is one."""

    PARALLEL_PROCESS_HOLD = "parallel_process_hold"
    INQUEST_OPEN = "inquest_open"
    FAMILY_CONTACT_HOLD = "family_contact_hold"
    RESTRICTED_CASE = "restricted_case"
    LEGAL_HOLD = "legal_hold"


HOLDS = frozenset({FlagKind.LEGAL_HOLD, FlagKind.INQUEST_OPEN, FlagKind.PARALLEL_PROCESS_HOLD})
"""Flags under which nothing of a case may be destroyed."""


class RequestState(StrEnum):
    """How a request to one agency stands."""

    DRAFT = "draft"
    SENT = "sent"
    OPENED = "opened"
    RETURNED = "returned"
    DECLINED = "declined"
    WAIVED = "waived"
    CANCELLED = "cancelled"


class RequestAction(StrEnum):
    """What can be done with a request to an agency."""

    SEND = "send_request"
    OPEN = "open_request"
    RETURN = "return"
    DECLINE = "decline"
    WAIVE = "waive"
    CANCEL = "cancel"
    ASK_AGAIN = "ask_again"
    CHASE = "chase_request"
    MOVE_DUE = "move_due"
    CORRECT = "correct_return"


R, RA = RequestState, RequestAction
REQUEST_WORKFLOW = Workflow(
    {
        (R.DRAFT, RA.SEND): R.SENT,
        (R.DRAFT, RA.CANCEL): R.CANCELLED,
        (R.SENT, RA.OPEN): R.OPENED,
        (R.SENT, RA.RETURN): R.RETURNED,
        (R.SENT, RA.DECLINE): R.DECLINED,
        (R.SENT, RA.WAIVE): R.WAIVED,
        (R.SENT, RA.CANCEL): R.CANCELLED,
        (R.OPENED, RA.RETURN): R.RETURNED,
        (R.OPENED, RA.DECLINE): R.DECLINED,
        (R.OPENED, RA.WAIVE): R.WAIVED,
        (R.OPENED, RA.CANCEL): R.CANCELLED,
        (R.RETURNED, RA.ASK_AGAIN): R.OPENED,
        (R.DECLINED, RA.ASK_AGAIN): R.OPENED,
        (R.WAIVED, RA.ASK_AGAIN): R.OPENED,
        (R.SENT, RA.CHASE): R.SENT,
        (R.OPENED, RA.CHASE): R.OPENED,
        (R.SENT, RA.MOVE_DUE): R.SENT,
        (R.OPENED, RA.MOVE_DUE): R.OPENED,
        (R.RETURNED, RA.CORRECT): R.RETURNED,
        (R.DECLINED, RA.CORRECT): R.RETURNED,
    }
)
REQUEST_ANSWERED = (R.RETURNED, R.DECLINED, R.WAIVED)
REQUEST_WAITING = (R.SENT, R.OPENED)


class ReturnKind(StrEnum):
    """What an agency sent back. Declined, partial and nil are normal answers, not errors."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    NIL = "nil"
    DECLINED = "declined"


class ConflictKind(StrEnum):
    """What a person declares about one case before the pack opens."""

    NONE = "none"
    INVOLVED_IN_CARE = "involved_in_care"
    LINE_MANAGES = "line_manages"
    FAMILY_OR_FRIEND = "family_or_friend"
    COMMERCIAL = "commercial"
    MEDIA = "media"


HIDES_FROM_ANYONE = (ConflictKind.FAMILY_OR_FRIEND, ConflictKind.COMMERCIAL, ConflictKind.MEDIA)
"""Conflicts that hide the case from whoever declares them."""
CONFLICTS = tuple(kind for kind in ConflictKind if kind is not ConflictKind.NONE)
"""Every conflict: each hides the case from a chair or deputy, and the pack from everybody."""
