"""Rules of accounts that need no database."""

from datetime import timedelta

SIGN_IN_WINDOW = timedelta(minutes=15)
FAILURES_AN_ACCOUNT = 5
FAILURES_AN_ADDRESS = 20
SIGN_IN_LASTS = timedelta(hours=12)
INVITATION_LASTS = timedelta(days=7)
INVITATION_RESTS = timedelta(minutes=1)
"""A second press within this time is taken for the first."""
THROTTLE_ROWS_LIVE = timedelta(hours=1)
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 128


def normalise_email(email: str) -> str:
    """Give the form of an e-mail address by which an account is found: trimmed and in lower case."""
    return email.strip().lower()


def password_problem(password: str, email: str) -> str | None:
    """Say what is wrong with a new password, or None. Length matters; composition does not (NCSC guidance)."""
    if len(password) < SHORTEST_PASSWORD:
        return f"Enter a password of {SHORTEST_PASSWORD} characters or more. Three random words make a good one."
    if len(password) > LONGEST_PASSWORD:
        return f"Enter a password of {LONGEST_PASSWORD} characters or fewer."
    if len(set(password)) < 5 or email.partition("@")[0].lower() in password.lower():
        return "Enter a password that is harder to guess."
    return None
