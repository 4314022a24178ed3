"""Subject and body of each message about accounts."""

from review_app.mail import link, render_mail


def invitation_mail(token: str) -> tuple[str, str]:
    """Invite someone to set a password. The subject names nobody."""
    address = link("accounts.invitation", token=token)
    return "Your account: choose a password", render_mail("accounts/invitation.txt", address=address)
