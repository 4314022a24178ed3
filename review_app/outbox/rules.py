"""The states of a message, its moves, and when a worker is taken to be dead. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from review_app.workflow import Workflow

SILENCE = timedelta(seconds=60)
"""A worker that has not beaten for so long is taken to be dead, and what it was sending becomes unknown."""


class MessageState(StrEnum):
    """Where a message stands."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    EXPIRED = "expired"


class MessageAction(StrEnum):
    """What happens to a message."""

    CLAIM = "claim"
    ACCEPT = "accept"
    RETRY = "retry"
    FAIL = "fail"
    LOSE = "lose"
    EXPIRE = "expire"


MESSAGE_WORKFLOW = Workflow(
    {
        (MessageState.QUEUED, MessageAction.CLAIM): MessageState.SENDING,
        (MessageState.QUEUED, MessageAction.EXPIRE): MessageState.EXPIRED,
        (MessageState.SENDING, MessageAction.ACCEPT): MessageState.SENT,
        (MessageState.SENDING, MessageAction.RETRY): MessageState.QUEUED,
        (MessageState.SENDING, MessageAction.FAIL): MessageState.FAILED,
        (MessageState.SENDING, MessageAction.LOSE): MessageState.UNKNOWN,
        (MessageState.UNKNOWN, MessageAction.CLAIM): MessageState.SENDING,
        (MessageState.UNKNOWN, MessageAction.ACCEPT): MessageState.SENT,
        (MessageState.UNKNOWN, MessageAction.FAIL): MessageState.FAILED,
        (MessageState.UNKNOWN, MessageAction.EXPIRE): MessageState.EXPIRED,
    }
)
"""An unknown message is claimed again with the same Message-ID and never queued; a late answer about it is believed."""

SETTLED = frozenset({MessageState.SENT, MessageState.FAILED, MessageState.EXPIRED})
"""States in which the address and body are erased."""


@dataclass(frozen=True, kw_only=True)
class WorkerSilent:
    """A worker has been silent too long; whatever it was sending is now unknown."""

    worker_id: int
    at: datetime
