"""Public references of cases and requests: random, so that nothing follows from one about another."""

import secrets

from sqlalchemy import select
from sqlalchemy.orm import Session

from review_app.accounts.models import Partnership
from review_app.reviews.models import InformationRequest, ReviewCase

LETTERS = "23456789CDFGHJKMPQRTVWXY"
"""Without vowels and look-alikes, so that none spells a word or is misread."""
LENGTH = 6


def new_case_reference(session: Session, partnership_id: int) -> str:
    """Give a reference such as WES-R-7K3QXM that no case bears."""
    return _new(session, partnership_id, "R", ReviewCase)


def new_request_reference(session: Session, partnership_id: int) -> str:
    """Give a reference such as WES-Q-H4TT9C that no request bears."""
    return _new(session, partnership_id, "Q", InformationRequest)


def _new(session: Session, partnership_id: int, series: str, model: type[ReviewCase] | type[InformationRequest]) -> str:
    code = session.get_one(Partnership, partnership_id).code
    while True:
        reference = f"{code}-{series}-{''.join(secrets.choice(LETTERS) for _ in range(LENGTH))}"
        if session.scalar(select(model.id).where(model.reference == reference)) is None:
            return reference
