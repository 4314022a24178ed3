"""Advice blocks as the page of advice shows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from review_app.accounts.queries import people_names
from review_app.catalogue.models import AdviceBlock
from review_app.catalogue.queries import advice_blocks
from review_app.policy import Actor


@dataclass(frozen=True, kw_only=True)
class Signature:
    """Who signed a block for this Partnership, and when."""

    name: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class AdviceRow:
    """One block in force."""

    block: AdviceBlock
    signatures: Sequence[Signature]
    signed_by_me: bool


def advice_rows(session: Session, actor: Actor, *, now: datetime) -> list[AdviceRow]:
    """Give every block in force by title, the signatures of this Partnership's clinicians with each."""
    blocks = advice_blocks(session, now=now)
    here = {
        block.id: [each for each in block.signatures if each.partnership_id == actor.partnership_id] for block in blocks
    }
    names = people_names(session, {each.signed_by_id for signatures in here.values() for each in signatures})
    return [
        AdviceRow(
            block=block,
            signatures=[Signature(name=names[each.signed_by_id], at=each.signed_at) for each in here[block.id]],
            signed_by_me=any(each.signed_by_id == actor.user_id for each in here[block.id]),
        )
        for block in blocks
    ]
