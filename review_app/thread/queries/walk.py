"""Walking from record to record along the links between them, only ever by records that the reader may know of.

Which ones those are is part of each question to the database, for both ends of a link. So nothing else is ever read,
and what lies behind a record that may not be known is not reached by way of it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Row, Select, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from review_app.links.models import EvidenceLink
from review_app.thread.rules import ItemKind, Link, LinkEnd, Node

A_STEP = 400
"""About how many records one question names."""
MOST_LINKS = 20_000

Known = Mapping[ItemKind, Select[int]]
"""For each kind of record, the ids of those that the reader may know of; a kind that is left out is not known."""


@dataclass(frozen=True, kw_only=True)
class Chain:
    """The links that were found, oldest first, and whether there were too many to follow them all."""

    links: Sequence[Link]
    cut_short: bool


def walk(session: Session, start: Node, known: Known, *narrower: ColumnElement[bool]) -> Chain:
    """Follow every link that stands, from a record the reader may know; one that was taken back is shown, not followed.

    A chain may run in a circle: each record is asked about once. `narrower` leaves out links that may not be known
    although both of their ends may.
    """
    found: dict[int, Link] = {}
    met, frontier = {start}, [start]
    while frontier and len(found) < MOST_LINKS:
        fresh: list[Node] = []
        for number in range(0, len(frontier), A_STEP):
            for link in _links_at(session, frontier[number : number + A_STEP], known, narrower):
                found[link.id] = link
                if link.reversed_at is None:
                    fresh += [end for end in dict.fromkeys((link.source, link.target)) if end not in met]
                    met.update((link.source, link.target))
        frontier = fresh
    ordered = sorted(found.values(), key=lambda link: (link.linked_at, link.id))
    return Chain(links=ordered[:MOST_LINKS], cut_short=len(ordered) >= MOST_LINKS)


def _links_at(
    session: Session, nodes: Sequence[Node], known: Known, narrower: Sequence[ColumnElement[bool]]
) -> Iterator[Link]:
    """Give the links that touch one of these records, if the reader may know both ends."""
    ids: dict[ItemKind, list[int]] = {}
    for node in nodes:
        ids.setdefault(node.kind, []).append(node.id)
    touching = [_end(side, kind).in_(numbers) for side in LinkEnd for kind, numbers in ids.items()]
    both = [or_(*(_end(side, kind).in_(known[kind]) for kind in known)) for side in LinkEnd]
    rows = session.execute(
        select(
            EvidenceLink.id,
            EvidenceLink.relation,
            EvidenceLink.linked_at,
            EvidenceLink.linked_by_id,
            EvidenceLink.reversed_at,
            EvidenceLink.reversed_by_id,
            *(_end(side, kind) for side in LinkEnd for kind in ItemKind),
        )
        .where(or_(*touching), *both, *narrower)
        .order_by(EvidenceLink.linked_at, EvidenceLink.id)
        .limit(MOST_LINKS)
    )
    return (_link(row) for row in rows)


def _end(side: LinkEnd, kind: ItemKind) -> InstrumentedAttribute[int | None]:
    column: InstrumentedAttribute[int | None] = getattr(EvidenceLink, _name(side, kind))
    return column


def _name(side: LinkEnd, kind: ItemKind) -> str:
    return f"{side}_{kind}_id"


def _link(row: Row[*tuple[object, ...]]) -> Link:
    ends: dict[LinkEnd, Node] = {}
    for side in LinkEnd:
        for kind in ItemKind:
            number: int | None = getattr(row, _name(side, kind))
            if number is not None:
                ends[side] = Node(kind, number)
    return Link(
        id=row.id,
        source=ends[LinkEnd.FROM],
        target=ends[LinkEnd.TO],
        relation=row.relation,
        linked_at=row.linked_at,
        linked_by_id=row.linked_by_id,
        reversed_at=row.reversed_at,
        reversed_by_id=row.reversed_by_id,
    )
