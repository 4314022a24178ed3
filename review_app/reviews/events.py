"""What the review of a death asks and tells the features on its right."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class CaseSignsOff:
    """May this case be signed off? Asked before the chair's signature."""

    case_id: int
    at: datetime


@dataclass(frozen=True, kw_only=True)
class CaseCloses:
    """May this case close? A case that was signed off and may not close yet has actions open."""

    case_id: int
    at: datetime


@dataclass(frozen=True, kw_only=True)
class CaseSigned:
    """A case is being signed off: what should the signed version hold? Each answer is a SignedPart."""

    case_id: int


@dataclass(frozen=True, kw_only=True)
class SignedPart:
    """A part of what is signed, by its key: texts, numbers, yes and no, and lists and tables of these."""

    key: str
    content: Mapping[str, object] | list[Mapping[str, object]]


@dataclass(frozen=True, kw_only=True)
class CaseDestroyed:
    """A case is being destroyed, in this transaction: whatever else holds its content must go too."""

    case_id: int
    at: datetime
