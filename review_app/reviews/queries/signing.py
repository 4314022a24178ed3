"""What is signed: the whole content of a case, written in one way that never changes; and what each version said."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from sqlalchemy import select
from sqlalchemy.orm import Session

from review_app import events
from review_app.accounts.queries import people_names
from review_app.audit.rules import canonical, instant_text
from review_app.errors import NotVisible
from review_app.policy import Actor
from review_app.reviews.events import CaseSigned, SignedPart
from review_app.reviews.models import (
    CaseMove,
    CaseVersion,
    ChronologyEntry,
    DeathNotification,
    InformationRequest,
    ReviewCase,
    SideFlag,
    TriageDecision,
)
from review_app.reviews.queries import agenda
from review_app.reviews.queries.factors import factors_of
from review_app.reviews.queries.visibility import get_case
from review_app.reviews.rules.states import CaseAction

PART_WORDS: Mapping[str, str] = {
    "limbs": "Inclusion limbs",
    "facts": "Facts",
    "no_learning": "That no learning was identified",
    "accuracy": "Check of facts",
    "notifications": "Notifications",
    "decisions": "Decisions about inclusion",
    "requests": "Answers of agencies",
    "chronology": "Chronology",
    "meetings": "Meetings",
    "factors": "Factors",
    "flags": "Holds and warnings",
    "learning": "Learning points",
}


@dataclass(frozen=True, kw_only=True)
class Content:
    """The whole content of a case as canonical JSON, with its digest."""

    text: str
    digest: str
    parts: Mapping[str, object]

    def count(self, key: str) -> int:
        """Count what a part holds."""
        part = self.parts.get(key)
        return len(part) if isinstance(part, list) else 0


def content_to_sign(session: Session, case: ReviewCase) -> Content:
    """Write the whole content of a case as it stands, but for who the person was: no identity is in it."""
    parts: dict[str, object] = {
        "reference": case.reference,
        "limbs": case.limbs,
        "facts": case.facts,
        "no_learning": case.no_learning,
        "accuracy": accuracy_reason(session, case),
        "notifications": _notifications(session, case),
        "decisions": _decisions(session, case),
        "requests": _requests(session, case),
        "chronology": _chronology(session, case),
        "meetings": _meetings(session, case),
        "factors": _factors(session, case),
        "flags": _flags(session, case),
    }
    for answer in events.answers(session, CaseSigned(case_id=case.id)):
        if isinstance(answer, SignedPart):
            parts[answer.key] = answer.content
    text = canonical(_plain(parts))
    return Content(text=text, digest=digest_of(text), parts=json.loads(text))


def digest_of(text: str) -> str:
    """Give the digest by which a content is named."""
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: object) -> object:
    """Give a value as JSON holds it."""
    match value:
        case Enum():
            return value.value
        case Mapping():
            return {str(key): _plain(part) for key, part in value.items()}
        case str() | int() | float() | None:
            return value
        case datetime():
            return instant_text(value)
        case date():
            return value.isoformat()
        case Sequence():
            return [_plain(part) for part in value]
        case _:
            return str(value)


def accuracy_reason(session: Session, case: ReviewCase) -> str:
    """Give why agencies were not asked to check the facts, as it was last recorded."""
    move = session.scalar(
        select(CaseMove)
        .where(CaseMove.case_id == case.id, CaseMove.action == CaseAction.CHECK_ACCURACY)
        .order_by(CaseMove.id.desc())
        .limit(1)
    )
    return move.reason if move is not None else ""


def _notifications(session: Session, case: ReviewCase) -> list[dict[str, object]]:
    rows = select(DeathNotification).where(DeathNotification.case_id == case.id).order_by(DeathNotification.id)
    return [
        {
            "reference": row.reference,
            "agency": row.agency_id,
            "sources": row.sources,
            "notified_at": row.notified_at,
            "content": row.content,
        }
        for row in session.scalars(rows)
    ]


def _decisions(session: Session, case: ReviewCase) -> list[dict[str, object]]:
    rows = select(TriageDecision).where(TriageDecision.case_id == case.id).order_by(TriageDecision.number)
    return [
        {
            "number": row.number,
            "outcome": row.outcome,
            "limbs": row.limbs,
            "criterion_basis": row.criterion_basis,
            "settings": row.settings_id,
            "facts": row.facts,
            "explanation": row.explanation,
            "reason": row.reason,
            "decided_at": row.decided_at,
            "decided_by": row.decided_by_id,
        }
        for row in session.scalars(rows)
    ]


def _requests(session: Session, case: ReviewCase) -> list[dict[str, object]]:
    rows = select(InformationRequest).where(InformationRequest.case_id == case.id).order_by(InformationRequest.id)
    return [
        {
            "reference": row.reference,
            "agency": row.agency_id,
            "state": row.state,
            "moves": [
                {"action": move.action, "words": move.words, "at": move.moved_at, "by": move.moved_by_id}
                for move in row.moves
            ],
            "returns": [
                {
                    "number": sent.number,
                    "kind": sent.kind,
                    "content": sent.content,
                    "reason": sent.reason,
                    "sent_at": sent.sent_at,
                }
                for sent in row.returns
                if sent.sent_at is not None
            ],
        }
        for row in session.scalars(rows)
    ]


def _chronology(session: Session, case: ReviewCase) -> list[dict[str, object]]:
    rows = select(ChronologyEntry).where(ChronologyEntry.case_id == case.id, ChronologyEntry.removed_at.is_(None))
    return [
        {"number": row.id, "agency": row.agency_id, "happened": str(row.happened), "details": row.details}
        for row in session.scalars(rows.order_by(ChronologyEntry.id))
    ]


def _meetings(session: Session, case: ReviewCase) -> list[dict[str, object]]:
    return [
        {"reference": item.meeting.reference, "held_at": item.meeting.held_at, "decision": item.decision}
        for item in agenda.meetings_of(session, case)
        if item.meeting.held_at is not None
    ]


def _factors(session: Session, case: ReviewCase) -> list[dict[str, object]]:
    return [
        {
            "number": row.id,
            "domain": row.domain,
            "influence": row.influence,
            "modifiable": row.modifiable,
            "words": row.words,
            "settings": row.rules_id,
        }
        for row in factors_of(session, case)
    ]


def _flags(session: Session, case: ReviewCase) -> list[dict[str, object]]:
    rows = select(SideFlag).where(SideFlag.case_id == case.id, SideFlag.ended_at.is_(None)).order_by(SideFlag.id)
    return [{"kind": row.kind, "reason": row.reason, "raised_at": row.raised_at} for row in session.scalars(rows)]


def changed_parts(before: str, after: str) -> tuple[str, ...]:
    """Name the parts of a case in which two signed contents differ."""
    old, new = json.loads(before), json.loads(after)
    keys = [key for key in {**old, **new} if old.get(key) != new.get(key)]
    return tuple(PART_WORDS.get(key, key.replace("_", " ").capitalize()) for key in sorted(keys))


def versions_of(session: Session, case: ReviewCase) -> list[CaseVersion]:
    """Give the signed versions of a case, the first one first."""
    rows = select(CaseVersion).where(CaseVersion.case_id == case.id).order_by(CaseVersion.number)
    return list(session.scalars(rows))


@dataclass(frozen=True, kw_only=True)
class SignedVersion:
    """One signed version as it is read: by whom and when, whether it is still what was signed, and what it changed.

    `why` is for what the case was opened again before it was signed.
    """

    reference: str
    number: int
    signed_at: datetime
    signed_by: str
    accuracy_reason: str
    parts: Mapping[str, object]
    digest: str
    whole: bool
    changed: tuple[str, ...]
    why: str
    last: int


def signed_version(session: Session, actor: Actor, reference: str, number: int) -> SignedVersion:
    """Give one signed version of a case whose content the person may read. Raises NotVisible."""
    case = get_case(session, actor, reference)
    versions = versions_of(session, case)
    found = next((each for each in versions if each.number == number), None)
    if found is None:
        raise NotVisible("We cannot find that version of this case.", reference=reference)
    before = next((each for each in versions if each.number == number - 1), None)
    return SignedVersion(
        reference=case.reference,
        number=number,
        signed_at=found.signed_at,
        signed_by=people_names(session, {found.signed_by_id}).get(found.signed_by_id, ""),
        accuracy_reason=found.accuracy_reason,
        parts=json.loads(found.content),
        digest=found.digest,
        whole=digest_of(found.content) == found.digest,
        changed=changed_parts(before.content, found.content) if before is not None else (),
        why=_reason_to_reopen(session, case, before.signed_at, found.signed_at) if before is not None else "",
        last=versions[-1].number,
    )


def _reason_to_reopen(session: Session, case: ReviewCase, since: datetime, until: datetime) -> str:
    """Give why a case was opened again between two signatures."""
    move = session.scalar(
        select(CaseMove)
        .where(
            CaseMove.case_id == case.id,
            CaseMove.action == CaseAction.REOPEN,
            CaseMove.moved_at >= since,
            CaseMove.moved_at <= until,
        )
        .order_by(CaseMove.id.desc())
        .limit(1)
    )
    return move.reason if move is not None else ""
