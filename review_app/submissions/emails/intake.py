"""Subject and body of the messages a new report causes. No subject, and no notice to staff, says what it tells."""

from datetime import datetime

from review_app.mail import link, render_mail


def receipt(place: str, reference: str, follow_token: str, look_by: datetime, answer_by: datetime) -> tuple[str, str]:
    """Thank the submitter, and give the reference and the private link."""
    body = render_mail(
        "submissions/receipt.txt",
        place=place,
        reference=reference,
        address=link("follow.show", token=follow_token),
        look_by=look_by,
        answer_by=answer_by,
    )
    return f"We have received your report {reference}", body


def waiting(reference: str, look_by: datetime, *, urgent: bool) -> tuple[str, str]:
    """Tell those who have to look that a report waits, and where."""
    address = link("reports.show", reference=reference)
    body = render_mail("submissions/waiting.txt", reference=reference, address=address, look_by=look_by, urgent=urgent)
    return f"Urgent: report {reference} waits" if urgent else f"Report {reference} waits", body
