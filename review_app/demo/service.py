"""Filling an empty demo database. Run again, it changes nothing."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from review_app.accounts.models import Partnership
from review_app.demo.open_reviews import tell_reviews
from review_app.demo.people import sign_in_table
from review_app.demo.stories import sign_all_advice, tell
from review_app.demo.warnings import make_lists, tell_earlier, tell_warnings
from review_app.demo.world import make_world


def load(session: Session, *, now: datetime) -> str:
    """Load the demo unless there is a Partnership already, and give what a visitor is to be told."""
    if session.scalar(select(Partnership.id).limit(1)) is None:
        westhaven, _ = make_world(session, now=now)
        sign_all_advice(session, westhaven, now=now)
        stages = tell(session, westhaven, now=now)
        lists = make_lists(session, westhaven, now=now)
        tell_warnings(session, westhaven, stages["decided"], stages["sent"], lists, now=now)
        earlier = tell_earlier(session, westhaven, lists, now=now)
        tell_reviews(session, westhaven, earlier.reference, now=now)
    return sign_in_table()
