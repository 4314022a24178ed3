"""What somebody had read of a case: the packs they opened and the pages that the audit saw them open."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from review_app.audit.queries import looks_of
from review_app.reviews.models import DeathNotification, InformationRequest, PackRead, ReviewCase

RECOGNITION = "recognition"
"""The section of the audit for the few facts by which a conflict is recognised: seeing them is not reading the case."""


@dataclass(frozen=True, kw_only=True)
class ReadBefore:
    """How often somebody opened a pack, and a page or an identity of the case, and when they did last."""

    packs: int
    looks: int
    last_at: datetime | None

    @property
    def anything(self) -> bool:
        """Say whether they had read anything."""
        return bool(self.packs or self.looks)


def read_before(session: Session, case: ReviewCase, user_id: int, *, until: datetime) -> ReadBefore:
    """Give what somebody had read of a case until an instant."""
    packs, last_pack = session.execute(
        select(func.count(), func.max(PackRead.last_at)).where(
            PackRead.case_id == case.id, PackRead.user_id == user_id, PackRead.first_at <= until
        )
    ).one()
    looks, last_look = looks_of(session, user_id, _references(session, case), until=until, but=RECOGNITION)
    times = [each for each in (last_pack, last_look) if each is not None]
    return ReadBefore(packs=packs, looks=looks, last_at=min(max(times), until) if times else None)


def _references(session: Session, case: ReviewCase) -> list[str]:
    """Give the references under which the audit names what belongs to a case."""
    found = [case.reference]
    for model in (DeathNotification, InformationRequest):
        found += session.scalars(select(model.reference).where(model.case_id == case.id))
    return found
