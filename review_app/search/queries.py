"""Finding records by reference or words, each kind through its own feature's narrowed reads.

Only what identifies nobody is searched: references, titles, headlines, what a drug was sold as and where. The content
of a case and who it is about are sealed, and never searched.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from review_app.accounts.models import Locality
from review_app.policy import Actor
from review_app.reviews.models import ReviewCase
from review_app.search.rules import all_in, words_of
from review_app.submissions.models import ReportedSubstance, Signal, Submission
from review_app.thread.queries.items import READERS, Item
from review_app.thread.rules import KIND_WORDS, ItemKind

SHOWN = 10
"""How many of each kind are shown; the number of all is said beside."""


@dataclass(frozen=True, kw_only=True)
class Group:
    """What was found of one kind: how many, and the newest of them."""

    kind: ItemKind
    names: tuple[str, str]
    total: int
    items: Sequence[Item]


def search(session: Session, actor: Actor, typed: str, *, now: datetime) -> list[Group]:
    """Give what was found, by kind in the order of the work. Kinds of which nothing was found are left out."""
    words = words_of(typed)
    groups = (_find(session, actor, kind, words, now) for kind in ItemKind)
    return [group for group in groups if group.total]


def _find(session: Session, actor: Actor, kind: ItemKind, words: tuple[str, ...], now: datetime) -> Group:
    reader = READERS[kind]
    known = select(reader.model.id).where(reader.model.id.in_(reader.known(session, actor, now)))
    match = MATCHES.get(kind)
    if match is None:
        every = reader.show(session, actor, session.scalars(known).all(), now)
        items = [item for item in every if all_in(words, item.reference, item.title)]
        total = len(items)
    else:
        found = known.where(*(match(word) for word in words))
        total = session.scalars(select(func.count()).select_from(found.subquery())).one()
        newest = session.scalars(found.order_by(reader.model.id.desc()).limit(SHOWN)).all()
        items = reader.show(session, actor, newest, now)
    newest_first = sorted(items, key=lambda item: (item.at, item.id), reverse=True)
    return Group(kind=kind, names=KIND_WORDS[kind], total=total, items=newest_first[:SHOWN])


def _holds(column: InstrumentedAttribute[str], word: str) -> ColumnElement[bool]:
    return column.icontains(word, autoescape=True)


def _report_holds(word: str) -> ColumnElement[bool]:
    sold_as = select(ReportedSubstance.submission_id).where(_holds(ReportedSubstance.sold_as, word))
    places = select(Locality.id).where(_holds(Locality.name, word))
    named = _holds(Submission.reference, word)
    return or_(named, Submission.id.in_(sold_as), Submission.locality_id.in_(places))


def _signal_holds(word: str) -> ColumnElement[bool]:
    return or_(_holds(Signal.reference, word), _holds(Signal.title, word))


def _case_holds(word: str) -> ColumnElement[bool]:
    return _holds(ReviewCase.reference, word)


MATCHES: Mapping[ItemKind, Callable[[str], ColumnElement[bool]]] = {
    ItemKind.SUBMISSION: _report_holds,
    ItemKind.SIGNAL: _signal_holds,
    ItemKind.REVIEW_CASE: _case_holds,
}
"""How the database looks for a word. Of every other kind there are few, and what a reader is shown of them is searched:
so nothing is found by words that the reader may not read."""
