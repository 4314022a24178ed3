"""What a coordinator can ask of one Signal."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class OpenSignal:
    """Open a Signal without a report, with a title."""

    title: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class TitleSignal:
    """Give a Signal another title; `version` is the one the person read."""

    reference: str
    title: str = field(repr=False)
    version: int


@dataclass(frozen=True, kw_only=True)
class SkipCorroboration:
    """Make a Signal ready for the panel without a question round, or before it is over, with a stated reason."""

    reference: str
    reason: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class WatchSignal:
    """Keep a decided Signal open until a time, with a reason."""

    reference: str
    reason: str = field(repr=False)
    until: datetime


@dataclass(frozen=True, kw_only=True)
class CloseSignal:
    """Close a Signal with a reason."""

    reference: str
    reason: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class ReopenSignal:
    """Open a decided, watched or closed Signal again, with a reason."""

    reference: str
    reason: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class TellSubmitters:
    """Tell everyone whose report is linked to a Signal, and who was not told yet, what was decided.

    `close` also closes those reports: the Signal is decided and they were told.
    """

    reference: str
    body: str = field(repr=False)
    close: bool = False


@dataclass(frozen=True, kw_only=True)
class MarkSignal:
    """Say whether a Signal is police-sensitive."""

    reference: str
    police_sensitive: bool
