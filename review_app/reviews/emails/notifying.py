"""The message to those who run reviews: that a notification waits. It says nothing of what was notified."""

from review_app.mail import link, render_mail


def notification_waits(partnership: str, reference: str, *, today: bool) -> tuple[str, str]:
    """Tell a coordinator that a notification came in; `today` when it asks for something on the same day."""
    body = render_mail(
        "reviews/notification_waits.txt",
        partnership=partnership,
        reference=reference,
        address=link("deaths.show", reference=reference),
        today=today,
    )
    return "Today: a notification waits; sign in" if today else "A notification waits; sign in", body
