"""Messages about an alert being signed. They say that something waits and where, never what it says."""

from datetime import datetime

from review_app.mail import link, render_mail


def to_sign_mail(reference: str, send_at: datetime | None) -> tuple[str, str]:
    """Tell a signer that an alert waits."""
    address = link("alerts.sign", reference=reference)
    return "An alert waits for your signature", render_mail("alerts/to_sign.txt", address=address, send_at=send_at)


def back_to_draft_mail(reference: str) -> tuple[str, str]:
    """Tell whoever wrote an alert that it is a draft again."""
    address = link("alerts.edit", reference=reference)
    return "An alert you wrote is a draft again", render_mail("alerts/back_to_draft.txt", address=address)


def missed_mail(reference: str) -> tuple[str, str]:
    """Tell writers and signers that an alert did not go out at its time and is a draft again."""
    address = link("alerts.show", reference=reference)
    return "An alert did not go out and is a draft again", render_mail("alerts/missed.txt", address=address)


def asked_again_mail(reference: str, number: int) -> tuple[str, str]:
    """Tell the signers that an alert waits for them again because it reaches more or fewer people than they read."""
    address = link("alerts.sign", reference=reference)
    body = render_mail("alerts/asked_again.txt", address=address, number=number)
    return "An alert waits for your signature again", body


def stopped_mail(reference: str) -> tuple[str, str]:
    """Tell whoever wrote a version that it was stopped before it went out."""
    address = link("alerts.show", reference=reference)
    return "A version of an alert was stopped", render_mail("alerts/stopped.txt", address=address)


def expiring_mail(reference: str) -> tuple[str, str]:
    """Tell the leads that an alert is about to end."""
    address = link("alerts.show", reference=reference)
    return "An alert ends in two days", render_mail("alerts/expiring.txt", address=address)
