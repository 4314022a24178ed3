"""The day of a death, as a case knows it."""

from sqlalchemy.orm import Session

from review_app.fuzzy import NOT_KNOWN, FuzzyDate
from review_app.reviews.models import ReviewCase


def day_of_death(session: Session, case: ReviewCase) -> FuzzyDate:
    """Give the day of the death of a case that was read before."""
    return NOT_KNOWN
