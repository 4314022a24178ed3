"""What one thing on the home page is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

MOST = 50
LATELY = timedelta(days=14)


@dataclass(frozen=True, kw_only=True)
class Task:
    """One thing with one button: where it leads, by when, and why."""

    title: str
    endpoint: str
    values: Mapping[str, object] = field(default_factory=dict)
    button: str = ""
    text: str = ""
    due_at: datetime | None = None
    urgent: bool = False
