"""The page of a thread: the records of one chain as a dated list, with what was said to join them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from review_app.accounts.queries import people_names
from review_app.errors import NotVisible
from review_app.links.models import Relation
from review_app.policy import Actor
from review_app.thread.queries.items import READERS, Item, may_be_told
from review_app.thread.queries.walk import walk
from review_app.thread.rules import TELLING, ItemKind, Link, Node, runs

PER_PAGE = 50
SHOWN_IN_DRAWING = 3
NO_THREAD = "We cannot find that record. Check the reference, or come to the thread from the record’s own page."


@dataclass(frozen=True, kw_only=True)
class Said:
    """One thing that joins a record to another: in what words, since when and by whom, and if it was taken back.

    For a run of reports, `until` is when the last of them was joined. Where a day may not be known of one of the two,
    neither when nor by whom they were joined is said.
    """

    words: str
    other: Item
    at: datetime | None
    until: datetime | None = None
    by: str = ""
    undone: bool
    undone_at: datetime | None = None
    undone_by: str = ""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the list: a record, or (without one) a run of so many alike reports, with what joins it to others."""

    item: Item | None
    number: int
    at: datetime
    said: Sequence[Said]


@dataclass(frozen=True, kw_only=True)
class Step:
    """One box of the drawing: how many records of one kind there are, and the first of them."""

    kind: ItemKind
    number: int
    items: Sequence[Item]


@dataclass(frozen=True, kw_only=True)
class ThreadPage:
    """Everything that the page of a thread shows to one person."""

    start: Item
    steps: Sequence[Step]
    lines: Sequence[Line]
    total: int
    page: int
    cut_short: bool

    @property
    def pages(self) -> int:
        """Say how many pages the list has."""
        return max(1, -(-self.total // PER_PAGE))


def _start(session: Session, actor: Actor, reference: str, now: datetime) -> Item:
    """Give the record that bears a reference, if the person may know of it. Raises NotVisible."""
    for reader in READERS.values():
        number = session.scalar(select(reader.model.id).where(reader.model.reference == reference))
        shown = reader.show(session, actor, [number], now) if number is not None else []
        if shown:
            return shown[0]
    raise NotVisible(NO_THREAD, reference=reference)


def thread_page(session: Session, actor: Actor, reference: str, *, now: datetime, page: int = 1) -> ThreadPage:
    """Give the chain that a record belongs to, as far as the person may know it. Raises NotVisible."""
    first = _start(session, actor, reference, now)
    start = Node(first.kind, first.id)
    known = {kind: reader.known(session, actor, now) for kind, reader in READERS.items()}
    chain = walk(session, start, known, may_be_told(actor))
    nodes = {start, *(end for link in chain.links for end in (link.source, link.target))}
    folded = runs(chain.links, start)
    shown = _items(session, actor, nodes.difference(*folded), now)
    lines = _lines(session, shown, chain.links, folded)
    page = min(max(1, page), max(1, -(-len(lines) // PER_PAGE)))
    return ThreadPage(
        start=first,
        steps=_steps(shown, nodes),
        lines=lines[(page - 1) * PER_PAGE : page * PER_PAGE],
        total=len(lines),
        page=page,
        cut_short=chain.cut_short,
    )


def _items(session: Session, actor: Actor, nodes: Iterable[Node], now: datetime) -> dict[Node, Item]:
    ids: dict[ItemKind, list[int]] = {}
    for node in nodes:
        ids.setdefault(node.kind, []).append(node.id)
    found = (item for kind, numbers in ids.items() for item in READERS[kind].show(session, actor, numbers, now))
    return {Node(item.kind, item.id): item for item in found}


def _steps(shown: Mapping[Node, Item], nodes: Iterable[Node]) -> list[Step]:
    numbers = Counter(node.kind for node in nodes)
    by_date = sorted(shown.values(), key=_order)
    return [
        Step(
            kind=kind,
            number=numbers[kind],
            items=[item for item in by_date if item.kind is kind][:SHOWN_IN_DRAWING],
        )
        for kind in ItemKind
        if numbers[kind]
    ]


def _lines(
    session: Session, shown: Mapping[Node, Item], links: Sequence[Link], folded: Sequence[frozenset[Node]]
) -> list[Line]:
    """Give every record in the order of its date, and each run of reports where its first was joined."""
    names = people_names(session, {who for link in links for who in (link.linked_by_id, link.reversed_by_id) if who})
    told: dict[Node, list[Link]] = {}
    for link in links:
        if link.told_of in shown:
            told.setdefault(link.told_at, []).append(link)
    lines = [
        Line(item=item, number=1, at=item.at, said=[_said(link, shown, names) for link in told.get(node, [])])
        for node, item in shown.items()
    ]
    for nodes in folded:
        same = [link for node in nodes for link in told.get(node, [])]
        first = min((link.linked_at for link in same), default=None)
        if first is not None:
            lines.append(Line(item=None, number=len(nodes), at=first, said=_said_of_all(same, shown)))
    return sorted(lines, key=lambda line: (line.at, *(_order(line.item)[1:] if line.item else (-1, ""))))


def _said(link: Link, shown: Mapping[Node, Item], names: Mapping[int, str]) -> Said:
    words, other, undone = TELLING[link.relation].words, shown[link.told_of], link.reversed_at is not None
    if not (shown[link.told_at].dated and other.dated):
        return Said(words=words, other=other, at=None, undone=undone)
    return Said(
        words=words,
        other=other,
        at=link.linked_at,
        by=names.get(link.linked_by_id or 0, ""),
        undone=undone,
        undone_at=link.reversed_at,
        undone_by=names.get(link.reversed_by_id or 0, ""),
    )


def _said_of_all(links: Sequence[Link], shown: Mapping[Node, Item]) -> list[Said]:
    """Say once what is said of every report of a run."""
    alike: dict[tuple[Relation, Node, bool], list[Link]] = {}
    for link in links:
        alike.setdefault((link.relation, link.told_of, link.reversed_at is not None), []).append(link)
    said = []
    for (relation, other, undone), same in alike.items():
        dated = shown[other].dated
        said.append(
            Said(
                words=TELLING[relation].words,
                other=shown[other],
                at=min(link.linked_at for link in same) if dated else None,
                until=max(link.linked_at for link in same) if dated else None,
                undone=undone,
                undone_at=max((link.reversed_at for link in same if dated and link.reversed_at), default=None),
            )
        )
    return said


def _order(item: Item) -> tuple[datetime, int, str]:
    return item.at, list(ItemKind).index(item.kind), item.reference
