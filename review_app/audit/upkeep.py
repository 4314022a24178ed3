"""What the worker does for the audit: sign each month once it has ended."""

from collections.abc import Sequence

from review_app.audit import service
from review_app.clock import Clock
from review_app.db import unit_of_work
from review_app.sending import Mailer, Sending

EVERY_SECONDS = 3600.0


def close_months(_worker: Sending, _mailers: Sequence[Mailer], clock: Clock) -> None:
    """Sign the months that have ended and are not signed yet."""
    with unit_of_work() as session:
        service.close_segments(session, now=clock.now())
