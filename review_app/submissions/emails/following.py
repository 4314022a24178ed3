"""Subject and body of the messages caused by what a submitter does to a report they sent. None says what they wrote."""

from review_app.mail import link, render_mail


def added(reference: str, earlier: str, *, urgent: bool) -> tuple[str, str]:
    """Tell the coordinators that something was added to a report."""
    body = render_mail(
        "submissions/added.txt",
        reference=reference,
        earlier=earlier,
        address=link("reports.show", reference=reference),
        urgent=urgent,
    )
    return f"Urgent: more about report {earlier}" if urgent else f"More about report {earlier}", body


def answered(reference: str) -> tuple[str, str]:
    """Tell the coordinators that a question was answered."""
    body = render_mail(
        "submissions/answered.txt", reference=reference, address=link("reports.show", reference=reference)
    )
    return f"An answer waits on report {reference}", body


def withdrawn(reference: str) -> tuple[str, str]:
    """Tell the coordinators that a report was withdrawn."""
    body = render_mail(
        "submissions/withdrawn.txt", reference=reference, address=link("reports.show", reference=reference)
    )
    return f"Report {reference} was withdrawn", body
