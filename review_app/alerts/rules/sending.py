"""When a version goes out, how often a message is tried, and when signers are asked again."""

from datetime import datetime, timedelta
from enum import StrEnum

from review_app.alerts.rules.states import AlertKind, AlertLevel
from review_app.marks import Audience

RETRIES = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 20))
"""How long after each failed attempt the next one is made; after the last a person gets a task."""

LATEST_START = timedelta(hours=1)
REMIND_BEFORE_EXPIRY = timedelta(days=2)


def next_attempt(attempts: int, failed_at: datetime) -> datetime | None:
    """Give when to try again after so many attempts that failed for now, or None when it has failed for good."""
    return failed_at + RETRIES[attempts - 1] if 1 <= attempts <= len(RETRIES) else None


class SendTime(StrEnum):
    """What a chosen send time means at this instant."""

    WAITS = "waits"
    GOES_NOW = "goes_now"
    TOO_OLD = "too_old"


def send_time(send_at: datetime | None, now: datetime) -> SendTime:
    """Judge a send time: one that passed less than an hour ago goes at once, an older one is asked for again.

    None means as soon as it is signed.
    """
    if send_at is None:
        return SendTime.GOES_NOW
    if send_at > now:
        return SendTime.WAITS
    return SendTime.GOES_NOW if now - send_at < LATEST_START else SendTime.TOO_OLD


def audience_drifted(signed: int, resolved: int) -> bool:
    """Say whether the audience differs by more than a tenth from what the signers read."""
    return abs(resolved - signed) * 10 > signed


def sends_unknown_again(level: AlertLevel) -> bool:
    """Say whether a message that may have gone out is sent again by itself; for information a person is asked."""
    return level is not AlertLevel.INFORMATION


def default_lifetime(days: dict[str, int], kind: AlertKind, audience: Audience) -> timedelta:
    """Give how long an alert lasts unless somebody says otherwise: standing, then public, then local."""
    if kind is AlertKind.STANDING:
        return timedelta(days=days["standing"])
    return timedelta(days=days["public" if audience is Audience.PUBLIC else "local"])
