"""The one place where the time is read. Everything below an entrance is handed `now`."""

from datetime import UTC, datetime
from typing import Protocol

from flask import current_app


class Clock(Protocol):
    """Something that knows the time."""

    def now(self) -> datetime:
        """Give the present instant, aware, in UTC."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Give the present instant, aware, in UTC."""
        return datetime.now(UTC)


def app_clock() -> Clock:
    """Give the clock of the running application."""
    clock: Clock = current_app.extensions["clock"]
    return clock


def utc_now() -> datetime:
    """Give the present instant by the clock of the running application."""
    return app_clock().now()
