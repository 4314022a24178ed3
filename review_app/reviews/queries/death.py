"""The day of a death, as a case knows it."""

from sqlalchemy.orm import Session

from review_app.fuzzy import FuzzyDate
from review_app.reviews.models import ReviewCase
from review_app.reviews.rules.notified import read_date


def day_of_death(session: Session, case: ReviewCase) -> FuzzyDate:
    """Give the day of the death of a case that was read before: as decided, else as it was first notified."""
    return read_date(case.facts.get("died"))
