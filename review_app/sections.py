"""How a record's page on the left shows what features on the right know of it.

The page asks `events.answers` with one of the questions below; each feature to the right registers, in `create_app`, a
handler that gives a section or None. A section names a template of its own feature and what that template needs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from review_app.policy import Actor


@dataclass(frozen=True, kw_only=True)
class NextAction:
    """What this person can do next about a record: a heading, why, and a button's words with where it leads.

    `posts` is set when the press itself does it.
    """

    title: str
    text: str
    button: str
    href: str
    posts: bool = False


@dataclass(frozen=True, kw_only=True)
class Happening:
    """One line of a record's story, in words."""

    at: datetime
    what: str
    who: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Section:
    """One part of a record's page.

    `order` is its place. `waiting_for` goes into the page's header when it is set, and so does the `next_action` of
    the first section that has one; `happened` is woven into the page's timeline.
    """

    order: int
    key: str
    template: str
    context: Mapping[str, object] = field(default_factory=dict)
    waiting_for: str = ""
    next_action: NextAction | None = None
    happened: Sequence[Happening] = ()


@dataclass(frozen=True, kw_only=True)
class SignalPage:
    """The page of a Signal that this person may see asks for its sections."""

    signal_id: int
    actor: Actor
    now: datetime


@dataclass(frozen=True, kw_only=True)
class CasePage:
    """The page of a ReviewCase whose content this person may read asks for its sections."""

    case_id: int
    actor: Actor
    now: datetime


@dataclass(frozen=True, kw_only=True)
class PackPage:
    """The pack of a case that this person may read for one sitting of the panel asks for its sections."""

    case_id: int
    meeting_id: int
    actor: Actor
    now: datetime
