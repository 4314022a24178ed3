"""Public references such as WES-2026-0042, given without gaps inside the transaction that needs one."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from review_app.accounts.models import Partnership
from review_app.working_time import to_london

NEXT = text(
    "INSERT INTO reference_counter (partnership_id, series, year, last) VALUES (:partnership, :series, :year, 1)"
    " ON CONFLICT (partnership_id, series, year) DO UPDATE SET last = reference_counter.last + 1 RETURNING last"
)


def next_reference(session: Session, partnership_id: int, series: str, *, now: datetime) -> str:
    """Give the next reference of a series: "" for Submissions, "S" for Signals, "A" for Alerts."""
    partnership = session.get_one(Partnership, partnership_id)
    year = to_london(now).year
    number = session.execute(NEXT, {"partnership": partnership_id, "series": series, "year": year}).scalar_one()
    middle = f"{series}-" if series else ""
    return f"{partnership.code}-{middle}{year}-{number:04d}"
