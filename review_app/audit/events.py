"""What the audit asks the features on its right: before any of it is read, and before any of it is pruned."""

from dataclasses import dataclass
from datetime import datetime

from review_app.policy import Actor


@dataclass(frozen=True, kw_only=True)
class AuditIsKept:
    """For how many years must the audit be kept at least? The longest answer counts."""

    at: datetime


@dataclass(frozen=True, kw_only=True)
class AuditPrunes:
    """May the events before this instant go, or is a record kept whose reading they tell of?"""

    before: datetime
    at: datetime


@dataclass(frozen=True, kw_only=True)
class AuditHides:
    """Which records are hidden from this reader, so that the audit tells them nothing of those either?

    Each answer selects the references of such records.
    """

    reader: Actor
