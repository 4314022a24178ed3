"""The merged chronology of a case, as far as a person may read it. Hidden entries count for nothing that is shown."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from review_app.accounts.models import Agency
from review_app.accounts.queries import agencies_of, people_names
from review_app.catalogue.queries import option_words, risk_windows
from review_app.catalogue.rules.agency_return import ReturnSection
from review_app.catalogue.rules.review import ReviewSetting
from review_app.errors import NotVisible
from review_app.fuzzy import FuzzyDate, in_words
from review_app.policy import Actor, Permission, allowed
from review_app.reviews.models import ChronologyChange, ChronologyEntry, ReviewCase
from review_app.reviews.queries.death import day_of_death
from review_app.reviews.queries.visibility import get_case
from review_app.reviews.rules.chronology import (
    Certainty,
    ContactCount,
    Entry,
    Reading,
    Row,
    Since,
    chronology,
    contact_counts,
    death_words,
    mark_words,
    reading,
    since_words,
)
from review_app.reviews.rules.requests import under_review

COORDINATOR = "The coordinator"
MASKED = "About a living person: shown only to somebody who says why they read it."
NO_ENTRY = "We cannot find that entry of the chronology. It may have been taken out."


@dataclass(frozen=True, kw_only=True)
class ChronologyFilter:
    """What a person narrows the chronology to. A source is an agency's number, or 0 for the coordinator."""

    source: int | None = None
    kind: str = ""


@dataclass(frozen=True, kw_only=True)
class ReadingWords:
    """A reading in words: days since the last event of each sort, and each risk with whether it is sure."""

    since: Mapping[Since, str]
    marks: tuple[tuple[str, bool], ...]


def in_reading_words(read: Reading) -> ReadingWords:
    """Put a reading into words."""
    return ReadingWords(
        since={sort: since_words(days) for sort, days in read.since.items()},
        marks=tuple((mark_words(mark), mark.sure) for mark in read.marks),
    )


@dataclass(frozen=True, kw_only=True)
class ChronologyRow:
    """One entry as the page shows it."""

    entry: Entry
    when: str
    source: str
    kind: str
    own: bool
    told_twice: bool
    reading: ReadingWords
    before_death: str


@dataclass(frozen=True, kw_only=True)
class SourceCount:
    """How often one source told of contact."""

    source: str
    count: ContactCount


@dataclass(frozen=True, kw_only=True)
class ChronologyPage:
    """The chronology of one case as one person reads it.

    `hidden` counts entries from police or safeguarding that they read only for a purpose; `masked` says that words
    about living people are withheld. `total` is the number that they could read without the filter.
    """

    reference: str
    rows: tuple[ChronologyRow, ...]
    total: int
    hidden: int
    death: FuzzyDate
    at_death: ReadingWords
    counts: tuple[SourceCount, ...]
    sources: Mapping[int, str]
    kinds: Mapping[str, str]
    open: bool
    may_manage: bool
    masked: bool
    may_reveal: bool


def chronology_page(
    session: Session,
    actor: Actor,
    reference: str,
    wanted: ChronologyFilter | None = None,
    *,
    now: datetime,
    restricted: bool = False,
) -> ChronologyPage:
    """Give the chronology of a case that the person may read. `restricted` is for who just said why they read it.

    Words about living people are masked for everybody else.
    """
    case, wanted = get_case(session, actor, reference), wanted or ChronologyFilter()
    sees = restricted or allowed(actor, Permission.SENSITIVE_SEE)
    every = [read_entry(each) for each in standing_entries(session, case)]
    shown = [each for each in every if sees or each.section is ReturnSection.GENERAL]
    death = day_of_death(session, case)
    windows = risk_windows(session, case.partnership_id, now=now)
    kinds = kind_words(session, case, now=now)
    agencies = agency_names(session, shown)
    rows = [
        in_row_words(each, source_words(each.entry, agencies), kinds, str if restricted else _mask_living(each.entry))
        for each in chronology(shown, windows, death)
        if _wanted(each.entry, wanted)
    ]
    named = {0: COORDINATOR, **agencies}
    return ChronologyPage(
        reference=case.reference,
        rows=tuple(rows),
        total=len(shown),
        hidden=len(every) - len(shown),
        death=death,
        at_death=in_reading_words(reading(death, shown, windows)),
        counts=counted(shown, agencies),
        sources={number: name for number, name in named.items() if any((e.agency_id or 0) == number for e in shown)},
        kinds={key: words for key, words in kinds.items() if any(each.kind == key for each in shown)},
        open=under_review(case.state),
        may_manage=allowed(actor, Permission.CASE_MANAGE),
        masked=not restricted and any(each.third_party for each in shown),
        may_reveal=allowed(actor, Permission.SENSITIVE_SEE_BY_REASON) or allowed(actor, Permission.SENSITIVE_SEE),
    )


def _mask_living(entry: Entry) -> Callable[[str], str]:
    """Withhold the words about a living person; that there is an entry, and when, stays."""
    return (lambda words: MASKED if words else "") if entry.third_party else str


def in_row_words(row: Row, source: str, kinds: Mapping[str, str], retold: Callable[[str], str] = str) -> ChronologyRow:
    """Put a row into words; `retold` is how its own words are told to this reader."""
    entry = replace(row.entry, what=retold(row.entry.what), significance=retold(row.entry.significance))
    return ChronologyRow(
        entry=entry,
        when=sentence_case(in_words(row.entry.happened)),
        source=source,
        kind=kinds.get(row.entry.kind, row.entry.kind.replace("_", " ").capitalize()),
        own=not row.entry.returned,
        told_twice=row.told_twice,
        reading=in_reading_words(row.reading),
        before_death=death_words(row.to_death) if row.to_death is not None else "",
    )


def counted(entries: Sequence[Entry], agencies: Mapping[int, str]) -> tuple[SourceCount, ...]:
    """Count contacts by source, the most first."""
    named = {0: COORDINATOR, **agencies}
    return tuple(SourceCount(source=named[each.agency_id or 0], count=each) for each in contact_counts(entries))


def sentence_case(words: str) -> str:
    """Begin words with a capital letter, and leave the others as they are."""
    return words[:1].upper() + words[1:]


def _wanted(entry: Entry, wanted: ChronologyFilter) -> bool:
    from_source = wanted.source is None or wanted.source == (entry.agency_id or 0)
    return from_source and (not wanted.kind or entry.kind == wanted.kind)


def standing_entries(session: Session, case: ReviewCase) -> Sequence[ChronologyEntry]:
    """Give the entries of a case that was read before, without those that were taken out."""
    rows = select(ChronologyEntry).where(ChronologyEntry.case_id == case.id, ChronologyEntry.removed_at.is_(None))
    return session.scalars(rows.order_by(ChronologyEntry.id)).all()


def read_entry(row: ChronologyEntry) -> Entry:
    """Turn a stored entry into an Entry."""
    details = row.details
    return Entry(
        number=row.id,
        happened=row.happened,
        kind=str(details["kind"]),
        what=str(details["what"]),
        significance=str(details["significance"]),
        certainty=Certainty(str(details["certainty"])),
        section=ReturnSection(str(details["section"])),
        third_party=details["third_party"] is True,
        agency_id=row.agency_id,
        returned=row.request_id is not None,
    )


def kind_words(session: Session, case: ReviewCase, *, now: datetime) -> Mapping[str, str]:
    """Give the words for each kind of entry."""
    return option_words(session, ReviewSetting.CHRONOLOGY_TYPES, case.partnership_id, now=now)


def agency_names(session: Session, entries: Sequence[Entry]) -> dict[int, str]:
    """Give the names of the agencies that entries are from, by name."""
    wanted = {each.agency_id for each in entries if each.agency_id is not None}
    rows = select(Agency.id, Agency.name).where(Agency.id.in_(wanted)).order_by(Agency.name)
    return dict(session.execute(rows).all())


def source_words(entry: Entry, agencies: Mapping[int, str]) -> str:
    """Say where an entry is from: what an agency only told the coordinator is said to be so."""
    if entry.agency_id is None:
        return COORDINATOR
    return agencies[entry.agency_id] if entry.returned else f"{agencies[entry.agency_id]}, told to the coordinator"


@dataclass(frozen=True, kw_only=True)
class EventChoices:
    """What can be chosen for an event: its kind, and which agency told of it."""

    kinds: Mapping[str, str]
    agencies: Mapping[int, str]


def event_choices(session: Session, actor: Actor, reference: str, *, now: datetime) -> EventChoices:
    """Give the choices for an event of a case that the person may read."""
    case = get_case(session, actor, reference)
    agencies = agencies_of(session, case.partnership_id)
    return EventChoices(kinds=kind_words(session, case, now=now), agencies={each.id: each.name for each in agencies})


@dataclass(frozen=True, kw_only=True)
class OwnEvent:
    """One of the coordinator's own events, with what it said before."""

    entry: Entry
    version: int
    earlier: tuple["EarlierWording", ...]


def own_event(session: Session, actor: Actor, reference: str, number: int) -> OwnEvent:
    """Give one of the coordinator's own events of a case that the person may read. Raises NotVisible."""
    row = get_own_event(session, get_case(session, actor, reference), number)
    return OwnEvent(entry=read_entry(row), version=row.version, earlier=tuple(earlier_wordings(session, row)))


def get_own_event(session: Session, case: ReviewCase, number: int) -> ChronologyEntry:
    """Give one of the coordinator's own entries of a case that was read before. Raises NotVisible."""
    rows = select(ChronologyEntry).where(
        ChronologyEntry.id == number,
        ChronologyEntry.case_id == case.id,
        ChronologyEntry.request_id.is_(None),
        ChronologyEntry.removed_at.is_(None),
    )
    row = session.scalar(rows)
    if row is None:
        raise NotVisible(NO_ENTRY, reference=case.reference)
    return row


@dataclass(frozen=True, kw_only=True)
class EarlierWording:
    """What an entry said until it was corrected: by whom, when and why."""

    happened: FuzzyDate
    what: str
    reason: str
    at: datetime
    who: str


def earlier_wordings(session: Session, row: ChronologyEntry) -> list[EarlierWording]:
    """Give what an entry said before, the oldest first."""
    rows = session.scalars(
        select(ChronologyChange).where(ChronologyChange.entry_id == row.id).order_by(ChronologyChange.id)
    ).all()
    names = people_names(session, {each.changed_by_id for each in rows})
    return [
        EarlierWording(
            happened=each.happened,
            what=str(each.details["what"]),
            reason=each.reason,
            at=each.changed_at,
            who=names.get(each.changed_by_id, ""),
        )
        for each in rows
    ]
