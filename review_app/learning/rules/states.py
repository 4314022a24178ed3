"""Every legal move of learning points, recommendations and actions, and the words they are sorted by."""

from enum import StrEnum

from review_app.reviews.rules.states import CaseState
from review_app.workflow import Workflow

MOST_THEMES = 3


class PointState(StrEnum):
    """How far a learning point has come."""

    DRAFT = "draft"
    AGREED = "agreed"
    WITHDRAWN = "withdrawn"


class PointAction(StrEnum):
    """What can be done with a learning point; the words are also the audit's verbs."""

    EDIT = "edit_point"
    AGREE = "agree_point"
    WITHDRAW = "withdraw_point"
    WORD = "word_point"
    APPROVE_WORDING = "approve_wording"


P, PA = PointState, PointAction
POINT_WORKFLOW = Workflow(
    {
        (P.DRAFT, PA.EDIT): P.DRAFT,
        (P.DRAFT, PA.AGREE): P.AGREED,
        (P.DRAFT, PA.WITHDRAW): P.WITHDRAWN,
        (P.DRAFT, PA.WORD): P.DRAFT,
        (P.AGREED, PA.WORD): P.AGREED,
        (P.AGREED, PA.APPROVE_WORDING): P.AGREED,
        (P.AGREED, PA.WITHDRAW): P.WITHDRAWN,
    }
)

C = CaseState
MAY_RECORD = (
    C.SELECTED, C.INFO_REQUESTED, C.INFO_READY, C.PACK_DRAFT, C.LISTED, C.IN_PANEL, C.DEFERRED, C.FINDINGS_DRAFT,
    C.ACCURACY_CHECK, C.REOPENED,
)  # fmt: skip
"""States of a case in which its learning points can be added, changed and withdrawn: selected, and not signed off."""
MAY_AGREE = (C.IN_PANEL, C.FINDINGS_DRAFT, C.ACCURACY_CHECK, C.REOPENED)
"""States of a case in which its learning points can be agreed: the panel has met about it, and nobody has signed."""
MAY_WORD = (*MAY_RECORD, C.SIGNED_OFF, C.ACTIONS_OPEN, C.CLOSED)
"""States of a case in which shareable wording can be written and approved: it follows the signature, too."""


class Polarity(StrEnum):
    """What kind of learning it is. Good practice counts as much as what should be better."""

    GOOD_PRACTICE = "good_practice"
    AREA_FOR_LEARNING = "area_for_learning"
    OBSERVATION = "observation"


class Weight(StrEnum):
    """How strong the evidence of a learning point is, or how confident the panel is of it."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class RecommendationState(StrEnum):
    """What became of a recommendation."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    COMPLETED = "completed"
    SUPERSEDED = "superseded"


class RecommendationAction(StrEnum):
    """What can be done with a recommendation."""

    EDIT = "edit_recommendation"
    PROPOSE = "propose_recommendation"
    ACCEPT = "accept_recommendation"
    DECLINE = "decline_recommendation"
    ADD_ACTION = "add_action"
    COMPLETE = "complete_recommendation"
    SUPERSEDE = "supersede_recommendation"


R, RA = RecommendationState, RecommendationAction
RECOMMENDATION_WORKFLOW = Workflow(
    {
        (R.DRAFT, RA.EDIT): R.DRAFT,
        (R.DRAFT, RA.PROPOSE): R.PROPOSED,
        (R.DRAFT, RA.SUPERSEDE): R.SUPERSEDED,
        (R.PROPOSED, RA.ACCEPT): R.ACCEPTED,
        (R.PROPOSED, RA.DECLINE): R.DECLINED,
        (R.PROPOSED, RA.ADD_ACTION): R.PROPOSED,
        (R.PROPOSED, RA.SUPERSEDE): R.SUPERSEDED,
        (R.ACCEPTED, RA.ADD_ACTION): R.ACCEPTED,
        (R.ACCEPTED, RA.COMPLETE): R.COMPLETED,
        (R.ACCEPTED, RA.SUPERSEDE): R.SUPERSEDED,
    }
)
RECOMMENDATION_DECIDED = (R.ACCEPTED, R.DECLINED, R.COMPLETED)
"""States that come after the Partnership's decision; a superseded one may or may not have had it."""
RECOMMENDATION_ENDED = (R.DECLINED, R.COMPLETED, R.SUPERSEDED)


class Level(StrEnum):
    """At which level a recommendation aims."""

    PRACTICE = "practice"
    SERVICE = "service"
    PARTNERSHIP = "partnership"
    COMMISSIONING = "commissioning"
    NATIONAL = "national"


class ActionState(StrEnum):
    """How far an action has come."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    NOT_ACCEPTED = "not_accepted"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    IMPACT_CHECKED = "impact_checked"
    CLOSED = "closed"


class ActionMove(StrEnum):
    """What can be done with an action."""

    ACCEPT = "accept_action"
    REFUSE = "not_accept_action"
    START = "start_action"
    MARK_DONE = "mark_action_done"
    CHECK_IMPACT = "check_impact"
    LOOK_AGAIN = "look_again"
    SEND_BACK = "send_back_action"
    CLOSE = "close_action"
    ADD_EVIDENCE = "add_evidence"
    BLOCK = "block_action"
    UNBLOCK = "unblock_action"
    TRANSFER = "transfer_action"
    CHANGE_DUE = "change_due"


A, AM = ActionState, ActionMove
ACTION_OPEN = (A.PROPOSED, A.ACCEPTED, A.IN_PROGRESS)
"""An open action: one that its owner has neither done nor refused."""
ACTION_WORKFLOW = Workflow(
    {
        (A.PROPOSED, AM.ACCEPT): A.ACCEPTED,
        (A.PROPOSED, AM.REFUSE): A.NOT_ACCEPTED,
        (A.ACCEPTED, AM.START): A.IN_PROGRESS,
        (A.IN_PROGRESS, AM.MARK_DONE): A.DONE,
        (A.IN_PROGRESS, AM.ADD_EVIDENCE): A.IN_PROGRESS,
        (A.DONE, AM.ADD_EVIDENCE): A.DONE,
        (A.DONE, AM.CHECK_IMPACT): A.IMPACT_CHECKED,
        (A.DONE, AM.LOOK_AGAIN): A.DONE,
        (A.DONE, AM.SEND_BACK): A.IN_PROGRESS,
        (A.IMPACT_CHECKED, AM.SEND_BACK): A.IN_PROGRESS,
        (A.IMPACT_CHECKED, AM.CLOSE): A.CLOSED,
        **{(state, move): state for state in ACTION_OPEN for move in (AM.BLOCK, AM.UNBLOCK, AM.TRANSFER)},
        **{(state, AM.CHANGE_DUE): state for state in ACTION_OPEN},
    }
)
OF_OWNER = (AM.ACCEPT, AM.REFUSE, AM.START, AM.MARK_DONE, AM.ADD_EVIDENCE, AM.BLOCK, AM.UNBLOCK)
"""What the owner's representative does, or the coordinator on their behalf."""
OF_COORDINATOR = (AM.CHANGE_DUE, AM.TRANSFER, AM.CHECK_IMPACT, AM.LOOK_AGAIN, AM.SEND_BACK, AM.CLOSE)


class Strength(StrEnum):
    """How likely an action is to change anything: a changed system lasts longer than a reminder."""

    STRONG = "strong"
    MEDIUM = "medium"
    WEAK = "weak"


class Recurred(StrEnum):
    """Whether the theme came up again after an action was done. Too soon to say means: look again on a later day."""

    NO = "no"
    YES = "yes"
    TOO_SOON = "too_soon"
