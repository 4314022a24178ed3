"""The tables of the avoidable-death review. What may describe anybody is sealed under the case's own key."""

from review_app.reviews.models.cases import (
    CaseMove,
    CaseVersion,
    DestructionRecord,
    ReviewCase,
    SideFlag,
    TriageDecision,
)
from review_app.reviews.models.drafts import FreedKey, NotificationDraft
from review_app.reviews.models.meetings import ContributoryFactor, DeclarationOfInterest, MeetingCase, PackRead
from review_app.reviews.models.notifications import DeathNotification, IdentityRecord
from review_app.reviews.models.requests import (
    AgencyReturn,
    ChronologyChange,
    ChronologyEntry,
    InformationRequest,
    RequestMove,
)

__all__ = [
    "AgencyReturn",
    "CaseMove",
    "CaseVersion",
    "ChronologyChange",
    "ChronologyEntry",
    "ContributoryFactor",
    "DeathNotification",
    "DeclarationOfInterest",
    "DestructionRecord",
    "FreedKey",
    "IdentityRecord",
    "InformationRequest",
    "MeetingCase",
    "NotificationDraft",
    "PackRead",
    "RequestMove",
    "ReviewCase",
    "SideFlag",
    "TriageDecision",
]
