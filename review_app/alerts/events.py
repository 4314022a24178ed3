"""What alerts tell the features to their right."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class AlertReleased:
    """A version has gone out."""

    alert_id: int
    version_id: int
    at: datetime


@dataclass(frozen=True, kw_only=True)
class AlertEnded:
    """An alert was withdrawn or has expired."""

    alert_id: int
    at: datetime
