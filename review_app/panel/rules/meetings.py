"""The states and moves of a panel's sitting."""

from enum import StrEnum

from review_app.workflow import Workflow


class MeetingState(StrEnum):
    """How far a sitting has come."""

    PLANNED = "planned"
    PACK_READY = "pack_ready"
    HELD = "held"
    MINUTED = "minuted"
    CANCELLED = "cancelled"


class MeetingAction(StrEnum):
    """What moves a sitting on; the words are also the audit's verbs."""

    READY_PACK = "ready_pack"
    UNREADY_PACK = "unready_pack"
    HOLD = "hold_meeting"
    MINUTE = "minute_meeting"
    CANCEL = "cancel_meeting"


class Presence(StrEnum):
    """Whether somebody on the attendance list was there."""

    INVITED = "invited"
    ATTENDED = "attended"
    APOLOGIES = "apologies"


M, A = MeetingState, MeetingAction
MEETING_WORKFLOW = Workflow(
    {
        (M.PLANNED, A.READY_PACK): M.PACK_READY,
        (M.PACK_READY, A.UNREADY_PACK): M.PLANNED,
        (M.PACK_READY, A.HOLD): M.HELD,
        (M.HELD, A.MINUTE): M.MINUTED,
        (M.PLANNED, A.CANCEL): M.CANCELLED,
        (M.PACK_READY, A.CANCEL): M.CANCELLED,
    }
)
UPCOMING = (MeetingState.PLANNED, MeetingState.PACK_READY)
"""States in which a sitting lies ahead: people accept and declare, and its agenda can change."""
OVER = (MeetingState.HELD, MeetingState.MINUTED)
"""States of a sitting that took place."""
