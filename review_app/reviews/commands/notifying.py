"""Notifying a death, and saying which case a notification belongs to."""

from dataclasses import dataclass, field

from review_app.reviews.rules.notified import Identity, Known


@dataclass(frozen=True, kw_only=True)
class SaveKnown:
    """Keep what is known in a draft. `signal` is the Signal from whose page it began, if any."""

    form_token: str
    known: Known
    signal: str = ""


@dataclass(frozen=True, kw_only=True)
class SaveIdentity:
    """Keep in a draft who the person was."""

    form_token: str
    identity: Identity


@dataclass(frozen=True, kw_only=True)
class NotifyDeath:
    """Send a draft."""

    form_token: str


@dataclass(frozen=True, kw_only=True)
class DiscardDraft:
    """Throw a draft away."""

    form_token: str


@dataclass(frozen=True, kw_only=True)
class AttachNotification:
    """Say that a notification is about the death of a case. `version` is that of the notification as it was read."""

    reference: str
    case: str
    version: int


@dataclass(frozen=True, kw_only=True)
class StartCase:
    """Say that a notification is about a death of which there is no case yet."""

    reference: str
    version: int


@dataclass(frozen=True, kw_only=True)
class SettleNotification:
    """Withdraw a notification, or say that it is out of scope; with a reason."""

    reference: str
    reason: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class SettleRisk:
    """Say what was done for somebody living who may have been at risk."""

    reference: str
    note: str = field(repr=False)
