"""Who the notifications of a case say the person was. Whoever asks has recorded that it is shown, and to whom."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from review_app.reviews.models import ReviewCase
from review_app.reviews.rules.requests import MatchField


def known_as(session: Session, case: ReviewCase) -> Mapping[MatchField, tuple[str, ...]]:
    """Give each thing that is known, as every notification has it, each spelling once."""
    return {}
