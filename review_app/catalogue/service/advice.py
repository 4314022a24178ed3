"""A clinician's agreement to a paragraph of advice."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from review_app.audit.service import record
from review_app.catalogue.commands import SignAdviceBlock
from review_app.catalogue.models import AdviceBlockSignature
from review_app.catalogue.queries import get_advice_block
from review_app.errors import NotAllowed, RuleBroken
from review_app.policy import Actor, Permission, qualifying, require


def sign_advice_block(
    session: Session, actor: Actor, command: SignAdviceBlock, *, now: datetime
) -> AdviceBlockSignature:
    """Sign one version of an advice block as a clinician of the alert panel. An earlier signature stands beside it."""
    require(actor, Permission.ADVICE_SIGN)
    panels = sorted(each.panel_id for each in qualifying(actor, Permission.ADVICE_SIGN) if each.panel_id is not None)
    if not panels:
        raise NotAllowed("Only a clinician of the alert panel can sign advice. Nothing was changed.")
    block = get_advice_block(session, command.key, command.version)
    mine = select(AdviceBlockSignature.id).filter_by(
        advice_block_id=block.id, partnership_id=actor.partnership_id, signed_by_id=actor.user_id
    )
    if session.scalar(mine) is not None:
        raise RuleBroken("You have signed this version already.")
    signature = AdviceBlockSignature(
        advice_block=block,
        partnership_id=actor.partnership_id,
        panel_id=panels[0],
        signed_by_id=actor.user_id,
        signed_at=now,
    )
    session.add(signature)
    record(session, actor, "sign_advice_block", signature, at=now)
    return signature
