"""The job that takes up reports whose question was not answered in time: what is due is a row with a time."""

from collections.abc import Sequence

from review_app.clock import Clock
from review_app.db import unit_of_work
from review_app.sending import Mailer
from review_app.submissions.service.triage import resume_overdue

EVERY_SECONDS = 30.0


def take_up_overdue(_worker: object, _mailers: Sequence[Mailer], clock: Clock) -> None:
    """Put reports back with the coordinator, in one unit of work."""
    with unit_of_work() as session:
        resume_overdue(session, now=clock.now())
