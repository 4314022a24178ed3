"""Advice blocks and who has signed them."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from review_app.catalogue.models import AdviceBlock, AdviceBlockSignature
from review_app.errors import NotVisible
from review_app.working_time import london_day


def advice_blocks(session: Session, *, now: datetime) -> list[AdviceBlock]:
    """Give the newest version in force of every advice block, with its signatures, by title."""
    every = select(AdviceBlock).where(AdviceBlock.active_from <= london_day(now))
    newest = {
        block.key: block
        for block in session.scalars(every.options(selectinload(AdviceBlock.signatures)).order_by(AdviceBlock.version))
    }
    return sorted(newest.values(), key=lambda block: (block.title, block.key))


def get_advice_block(session: Session, key: str, version: int) -> AdviceBlock:
    """Give one version of an advice block."""
    block = session.scalar(select(AdviceBlock).where(AdviceBlock.key == key, AdviceBlock.version == version))
    if block is None:
        raise NotVisible("We cannot find that advice block.")
    return block


def unsigned_blocks(session: Session, partnership_id: int, block_ids: Collection[int]) -> list[AdviceBlock]:
    """Give those of these block versions that no clinician of the Partnership has signed, by title."""
    signed = select(AdviceBlockSignature.advice_block_id).where(AdviceBlockSignature.partnership_id == partnership_id)
    unsigned = select(AdviceBlock).where(AdviceBlock.id.in_(block_ids), AdviceBlock.id.not_in(signed))
    return list(session.scalars(unsigned.order_by(AdviceBlock.title, AdviceBlock.id)))
