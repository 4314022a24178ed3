"""How a record's page on the left shows what features on the right know of it.

The page asks `events.answers` with one of the questions below; each feature to the right registers, in `create_app`, a
handler that gives a section or None. A section names a template of its own feature and what that template needs.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from review_app.policy import Actor


@dataclass(frozen=True, kw_only=True)
class Section:
    """One part of a record's page. `order` is its place; `waiting_for` goes into the page's header when it is set."""

    order: int
    key: str
    template: str
    context: Mapping[str, object] = field(default_factory=dict)
    waiting_for: str = ""


@dataclass(frozen=True, kw_only=True)
class SignalPage:
    """The page of a Signal that this person may see asks for its sections."""

    signal_id: int
    actor: Actor
    now: datetime


@dataclass(frozen=True, kw_only=True)
class SubmissionPage:
    """The page of a Submission that this person may see asks for its sections."""

    submission_id: int
    actor: Actor
    now: datetime
