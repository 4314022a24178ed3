"""The messages to those who answer for an agency. They say that a request waits, and nothing of what it asks."""

from datetime import datetime

from review_app.mail import link, render_mail


def request_mail(partnership: str, reference: str, due_at: datetime, *, again: bool = False) -> tuple[str, str]:
    """Tell an agency's people that a request waits for them, or that more is asked on one they answered."""
    address = link("requests.show", reference=reference)
    body = render_mail("reviews/request.txt", partnership=partnership, address=address, due_at=due_at, again=again)
    return "You have a request; sign in", body


def chase_mail(partnership: str, reference: str, due_at: datetime, *, overdue: bool) -> tuple[str, str]:
    """Remind an agency's people of a request."""
    address = link("requests.show", reference=reference)
    body = render_mail(
        "reviews/request_chase.txt", partnership=partnership, address=address, due_at=due_at, overdue=overdue
    )
    return "Reminder: you have a request; sign in", body
