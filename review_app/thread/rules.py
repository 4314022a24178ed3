"""What one record is to another in words, and how a long run of alike records is folded into one line."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from review_app.links.models import Relation

LONGEST_RUN = 6
"""How many alike records stand in a thread one by one; more become one line."""


class ItemKind(StrEnum):
    """The records that a thread is made of, in the order of the work; the values name the ends of a link."""

    SUBMISSION = "submission"
    SIGNAL = "signal"
    ALERT = "alert"
    REVIEW_CASE = "review_case"
    LEARNING_POINT = "learning_point"
    RECOMMENDATION = "recommendation"
    ACTION = "action"


KIND_WORDS: Mapping[ItemKind, tuple[str, str]] = {
    ItemKind.SUBMISSION: ("report", "reports"),
    ItemKind.SIGNAL: ("Signal", "Signals"),
    ItemKind.ALERT: ("alert", "alerts"),
    ItemKind.REVIEW_CASE: ("review of a death", "reviews of deaths"),
    ItemKind.LEARNING_POINT: ("learning point", "learning points"),
    ItemKind.RECOMMENDATION: ("recommendation", "recommendations"),
    ItemKind.ACTION: ("action", "actions"),
}
FOLDED = frozenset({ItemKind.SUBMISSION})


class Node(NamedTuple):
    """One record of a thread."""

    kind: ItemKind
    id: int


class LinkEnd(StrEnum):
    """The two ends of a link."""

    FROM = "from"
    TO = "to"


@dataclass(frozen=True, kw_only=True)
class Telling:
    """How a link is told: in the line of the record at one of its ends, with words before the other's reference."""

    at: LinkEnd
    words: str


TELLING: Mapping[Relation, Telling] = {
    Relation.GATHERED_INTO: Telling(at=LinkEnd.FROM, words="Gathered into"),
    Relation.WARNED_BY: Telling(at=LinkEnd.TO, words="Warns about"),
    Relation.UPDATES: Telling(at=LinkEnd.FROM, words="Updates"),
    Relation.MAY_EXPLAIN: Telling(at=LinkEnd.TO, words="May be explained by"),
    Relation.RELATED: Telling(at=LinkEnd.FROM, words="Related to"),
    Relation.GAVE_LEARNING: Telling(at=LinkEnd.TO, words="Learned from"),
    Relation.LED_TO: Telling(at=LinkEnd.TO, words="Drawn from"),
    Relation.CARRIED_OUT_BY: Telling(at=LinkEnd.TO, words="Carries out"),
}


@dataclass(frozen=True, kw_only=True)
class Link:
    """What one record was said to be to another, by whom and when, and by whom and when that was taken back."""

    id: int
    source: Node
    target: Node
    relation: Relation
    linked_at: datetime
    linked_by_id: int | None
    reversed_at: datetime | None
    reversed_by_id: int | None

    @property
    def told_at(self) -> Node:
        """The record in whose line the link is told."""
        return self.source if TELLING[self.relation].at is LinkEnd.FROM else self.target

    @property
    def told_of(self) -> Node:
        """The record that the line names."""
        return self.target if TELLING[self.relation].at is LinkEnd.FROM else self.source


def runs(links: Iterable[Link], start: Node) -> list[frozenset[Node]]:
    """Give the runs of reports to fold: those that are said to be the same things of the same records.

    The record at which the reader came in is never folded, nor is one of which something is told elsewhere.
    """
    said: dict[Node, set[tuple[Relation, Node, bool]]] = {}
    apart = {start}
    for link in links:
        said.setdefault(link.told_at, set()).add((link.relation, link.told_of, link.reversed_at is None))
        apart.add(link.told_of)
    alike: dict[frozenset[tuple[Relation, Node, bool]], set[Node]] = {}
    for node, things in said.items():
        if node.kind in FOLDED and node not in apart:
            alike.setdefault(frozenset(things), set()).add(node)
    return [frozenset(nodes) for nodes in alike.values() if len(nodes) > LONGEST_RUN]
