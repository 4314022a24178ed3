"""What the page of a case, and that of a Signal, show of notifications of deaths."""

from sqlalchemy.orm import Session

from review_app.reviews.queries.case_notifications import notifications_about_signal, notifications_of_case
from review_app.sections import CasePage, Section, SignalPage


def notifications_section(session: Session, page: CasePage) -> Section | None:
    """Give the notifications of a case, each with its notifier's own dates."""
    found = notifications_of_case(session, page.actor, page.case_id, now=page.now)
    if found is None:
        return None
    context = {"found": found, "now": page.now}
    return Section(order=5, key="notifications", template="reviews/sections/notifications.html", context=context)


def deaths_section(session: Session, page: SignalPage) -> Section | None:
    """Give the person's own notifications of deaths that a Signal may explain, and how to make one."""
    found = notifications_about_signal(session, page.actor, page.signal_id)
    if found is None:
        return None
    return Section(order=60, key="deaths", template="reviews/sections/deaths.html", context={"found": found})
