"""Writing evidence links. The use case that joins two records has asked for its permission and is what is audited."""

from datetime import datetime
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from review_app.links.models import ENDS, EvidenceLink, Relation
from review_app.policy import Actor


class End(Protocol):
    """A record that evidence can be linked to."""

    @property
    def __tablename__(self) -> str: ...
    @property
    def id(self) -> int: ...
    @property
    def partnership_id(self) -> int: ...


def link(
    session: Session,
    actor: Actor | None,
    source: End,
    target: End,
    relation: Relation,
    *,
    now: datetime,
    note: str = "",
) -> EvidenceLink:
    """Say that one record is something to another. A link that stands already is given back unchanged."""
    standing = find_standing(session, source, target, relation)
    if standing is not None:
        return standing
    made = EvidenceLink(
        partnership_id=source.partnership_id,
        relation=relation,
        note=note,
        linked_at=now,
        linked_by_id=actor.user_id if actor else None,
        **_ends(source, target),
    )
    session.add(made)
    return made


def reverse(
    session: Session, actor: Actor, source: End, target: End, relation: Relation, *, reason: str, now: datetime
) -> EvidenceLink | None:
    """Take back what was said, with a reason. The link is kept."""
    standing = find_standing(session, source, target, relation)
    if standing is not None:
        standing.reversed_at, standing.reversed_by_id, standing.reversal_reason = now, actor.user_id, reason
    return standing


def find_standing(session: Session, source: End, target: End, relation: Relation) -> EvidenceLink | None:
    """Find the link of this kind between two records that has not been taken back."""
    standing = select(EvidenceLink).where(EvidenceLink.relation == relation, EvidenceLink.reversed_at.is_(None))
    return session.scalar(standing.filter_by(**_ends(source, target)))


def _ends(source: End, target: End) -> dict[str, int]:
    for end in (source, target):
        if end.__tablename__ not in ENDS:
            raise ValueError(f"evidence is not linked to {end.__tablename__}")
    return {f"from_{source.__tablename__}_id": source.id, f"to_{target.__tablename__}_id": target.id}
