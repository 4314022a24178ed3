"""What can be asked of alerts and lists, one dataclass a verb."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from review_app.alerts.rules import (
    ActionTaken,
    AlertKind,
    AlertLevel,
    ImportRow,
    ListKind,
    VersionKind,
    WithdrawalReason,
)
from review_app.marks import Audience, Certainty, Tlp
from review_app.panel.rules import EfficacyAnswer
from review_app.policy import Role


@dataclass(frozen=True, kw_only=True)
class DraftAlert:
    """Begin an alert about a decided Signal."""

    signal: str


@dataclass(frozen=True, kw_only=True)
class Wording:
    """Everything that is written and chosen for one version: what is saved, shown beforehand and signed."""

    headline: str
    parts: Mapping[str, str]
    certainty: Certainty
    kind: AlertKind
    level: AlertLevel
    audience: Audience
    tlp: Tlp
    expires_at: datetime | None
    send_at: datetime | None
    lists: tuple[str, ...] = ()
    blocks: tuple[str, ...] = ()
    ef8: EfficacyAnswer | None = None
    ef8_resolution: str = ""


@dataclass(frozen=True, kw_only=True)
class EditAlert:
    """Save the wording of the version in work, as somebody who read it at this version number."""

    reference: str
    version: int
    wording: Wording


@dataclass(frozen=True, kw_only=True)
class SubmitAlert:
    """Ask the signers to read and sign what is saved."""

    reference: str


@dataclass(frozen=True, kw_only=True)
class SignAlert:
    """Sign, in one role, the text with this digest."""

    reference: str
    digest: str
    role: Role


@dataclass(frozen=True, kw_only=True)
class ReturnAlert:
    """Send the text with this digest back to its writer, and say why."""

    reference: str
    digest: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class MakeList:
    """Start a distribution list. Whether it is for exercises is settled here for good."""

    name: str
    kind: ListKind
    exercise: bool = False


@dataclass(frozen=True, kw_only=True)
class ChangeList:
    """Rename a list, or change whom it gathers."""

    reference: str
    version: int
    name: str
    kind: ListKind


@dataclass(frozen=True, kw_only=True)
class ArchiveList:
    """Put a list out of use, or back into it."""

    reference: str
    version: int
    archived: bool


@dataclass(frozen=True, kw_only=True)
class RecipientDetails:
    """Who somebody on a list is. `confirmed` says that this was checked with their agency today."""

    address: str
    agency_id: int | None = None
    role: str = ""
    confirmed: bool = False


@dataclass(frozen=True, kw_only=True)
class AddRecipient:
    """Put an address on a list."""

    reference: str
    details: RecipientDetails


@dataclass(frozen=True, kw_only=True)
class ChangeRecipient:
    """Correct who somebody on a list is."""

    reference: str
    recipient_id: int
    version: int
    details: RecipientDetails


@dataclass(frozen=True, kw_only=True)
class RemoveRecipient:
    """Take somebody off a list; the row stays, with the day."""

    reference: str
    recipient_id: int
    version: int


@dataclass(frozen=True, kw_only=True)
class ImportRecipients:
    """Put the rows of a file on a list."""

    reference: str
    rows: tuple[ImportRow, ...] = field(default_factory=tuple)


@dataclass(frozen=True, kw_only=True)
class SeeToDeliveries:
    """Say what was done about messages of one version that did not arrive, or may not have."""

    reference: str
    number: int
    deliveries: tuple[int, ...]
    note: str


@dataclass(frozen=True, kw_only=True)
class AlertFilter:
    """Which alerts a list shows; what is left out does not narrow."""

    state: str = ""
    level: str = ""
    words: str = ""


@dataclass(frozen=True, kw_only=True)
class RecipientFilter:
    """Which recipients a list's page shows; what is left out does not narrow."""

    words: str = ""
    agency_id: int | None = None
    left: bool = False


@dataclass(frozen=True, kw_only=True)
class WithdrawAlert:
    """End an alert, for a coded reason."""

    reference: str
    reason: WithdrawalReason


@dataclass(frozen=True, kw_only=True)
class StartNextVersion:
    """Begin an update, extension or correction of an active alert."""

    reference: str
    kind: VersionKind


@dataclass(frozen=True, kw_only=True)
class Acknowledge:
    """Say that the alert was read, by the recipient's own link."""

    token: str


@dataclass(frozen=True, kw_only=True)
class SayAction:
    """Say what was done about the alert, and to how many people it was passed on."""

    token: str
    action: ActionTaken
    passed_on: int | None


@dataclass(frozen=True, kw_only=True)
class ResendUnknown:
    """Send again what may not have arrived of one version."""

    reference: str
    number: int
