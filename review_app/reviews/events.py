"""What the review of a death asks and tells the features on its right."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class CaseSignsOff:
    """May this case be signed off? Asked before the chair's signature."""

    case_id: int
    at: datetime


@dataclass(frozen=True, kw_only=True)
class CaseCloses:
    """May this case close?"""

    case_id: int
    at: datetime


@dataclass(frozen=True, kw_only=True)
class CaseSigned:
    """A case was signed off: what should the signed version hold? Each answer is a part of its content, with a key."""

    case_id: int


@dataclass(frozen=True, kw_only=True)
class CaseDestroyed:
    """A case is being destroyed, in this transaction: whatever else holds its content must go too."""

    case_id: int
    at: datetime
