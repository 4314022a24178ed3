"""Recording that somebody looked, on pages that show what is held and take a form.

It is recorded also where the page was open too long to act on: it is shown again with everything typed.
"""

from review_app.audit.service import record_view
from review_app.clock import utc_now
from review_app.forgery import token_set_aside
from review_app.guards import current_actor, read
from review_app.reviews.queries import get_known_case
from review_app.reviews.queries.requests import get_own_request


def looked_at(reference: str, section: str) -> None:
    """Record that the person is shown what a case holds. Raises NotVisible."""
    case = get_known_case(read(), current_actor(), reference)
    with token_set_aside():
        record_view(current_actor(), case, at=utc_now(), section=section)


def looked_at_return(reference: str) -> None:
    """Record that the person is shown what their agency writes about somebody. Raises NotVisible."""
    request = get_own_request(read(), current_actor(), reference)
    with token_set_aside():
        record_view(current_actor(), request, at=utc_now(), section="return")
