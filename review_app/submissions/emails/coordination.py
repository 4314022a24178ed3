"""What a submitter gets by e-mail from the coordinator: that something waits, and where. Never what it says."""

from dataclasses import dataclass

from review_app.mail import render_mail


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A finished e-mail without an address."""

    subject: str
    body: str


def question_waits(reference: str, url: str) -> Letter:
    """Say that a question about a report waits behind its private link."""
    body = render_mail("submissions/question_waits.txt", reference=reference, url=url)
    return Letter(subject=f"A question waits about your report {reference}", body=body)


def news_waits(reference: str, url: str) -> Letter:
    """Say that there is news of a report behind its private link."""
    body = render_mail("submissions/news_waits.txt", reference=reference, url=url)
    return Letter(subject=f"There is news about your report {reference}", body=body)
