"""The job that reminds agencies: what is due is a row with a time, so nothing is lost and nobody is told twice."""

from collections.abc import Sequence

from review_app.clock import Clock
from review_app.db import unit_of_work
from review_app.panel.service import chase_rounds
from review_app.sending import Mailer

EVERY_SECONDS = 30.0


def chase_agencies(_worker: object, _mailers: Sequence[Mailer], clock: Clock) -> None:
    """Send the reminders that are due, in one unit of work."""
    with unit_of_work() as session:
        chase_rounds(session, now=clock.now())
