"""What the papers of a panel hold of returns and chronology: without names, third parties and restricted sections.

Whoever asks has read the case narrowed to what the person may know: its content, or its pack.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from review_app.catalogue.queries import risk_windows
from review_app.catalogue.rules.agency_return import ReturnSection
from review_app.fuzzy import DatePrecision, FuzzyDate
from review_app.reviews.models import ReviewCase
from review_app.reviews.queries.chronology import (
    ChronologyRow,
    ReadingWords,
    SourceCount,
    agency_names,
    counted,
    in_reading_words,
    in_row_words,
    kind_words,
    read_entry,
    sentence_case,
    source_words,
    standing_entries,
)
from review_app.reviews.queries.death import day_of_death
from review_app.reviews.queries.identifying import identities_of
from review_app.reviews.queries.requests import blocks_of, latest_content, latest_return, requests_of
from review_app.reviews.rules.chronology import Row, chronology, death_words, reading
from review_app.reviews.rules.deidentify import before_death, month_of
from review_app.reviews.rules.requests import answer_words, read_content
from review_app.reviews.rules.states import RequestState, ReturnKind
from review_app.reviews.rules.without_names import deidentified

REFLECTIONS = ("worked_well", "do_differently", "immediate_actions")
"""The questions of the core whose answers stand side by side."""


@dataclass(frozen=True, kw_only=True)
class PackChronology:
    """The merged chronology as a panel reads it. `left_out` counts the entries that are not for it.

    Each row says when it was by the time before the death, since a date of the calendar beside it would give the day
    of the death away; by its month where the day of the death is not known.
    """

    rows: tuple[ChronologyRow, ...]
    death: FuzzyDate
    at_death: ReadingWords
    counts: tuple[SourceCount, ...]
    left_out: int


def pack_chronology(session: Session, case: ReviewCase, *, now: datetime) -> PackChronology:
    """Give the chronology without entries about living third persons and without restricted sections.

    What is left out counts for nothing: the days are worked out from what the panel reads.
    """
    every = [read_entry(each) for each in standing_entries(session, case)]
    shown = [each for each in every if each.section is ReturnSection.GENERAL and not each.third_party]
    death, windows = day_of_death(session, case), risk_windows(session, case.partnership_id, now=now)
    kinds, agencies = kind_words(session, case, now=now), agency_names(session, shown)
    people = identities_of(session, case)
    return PackChronology(
        rows=tuple(
            replace(
                in_row_words(each, source_words(each.entry, agencies), kinds, lambda text: deidentified(text, people)),
                when=sentence_case(_about_when(each)),
            )
            for each in chronology(shown, windows, death)
        ),
        death=death,
        at_death=in_reading_words(reading(death, shown, windows)),
        counts=counted(shown, agencies),
        left_out=len(every) - len(shown),
    )


def _about_when(row: Row) -> str:
    """Say roughly when something was, as nobody could look it up; between two days, as its days."""
    if row.to_death is None:
        return month_of(row.entry.happened) or "not known"
    if row.entry.happened.precision is DatePrecision.RANGE:
        return death_words(row.to_death)
    return before_death((row.to_death.least + row.to_death.most) // 2)


@dataclass(frozen=True, kw_only=True)
class Reflection:
    """What one agency thinks worked well and would do differently, in its own words, without names.

    An agency that was asked and told nothing is there too, with what it answered instead. `third_party` warns that the
    agency's return speaks of a living person: somebody reads these words again before others do.
    """

    agency: str
    state: RequestState
    kind: ReturnKind | None
    answers: tuple[tuple[str, str], ...]
    third_party: bool


def pack_reflections(session: Session, case: ReviewCase) -> list[Reflection]:
    """Give what each agency that was asked thinks of its own work, by the agency's name."""
    people = identities_of(session, case)
    found = []
    for request in requests_of(session, case):
        if request.state is RequestState.CANCELLED:
            continue
        told, newest = latest_content(request), latest_return(request)
        content = read_content(told.content) if told is not None else read_content({})
        questions = [each for block in blocks_of(request) for each in block.questions if each.key in REFLECTIONS]
        answers = [
            (each.words, deidentified(answer_words(each, content.answers.get(each.key)), people))
            for each in questions
            if each.section is ReturnSection.GENERAL and not each.third_party and content.answers.get(each.key)
        ]
        found.append(
            Reflection(
                agency=request.agency.name,
                state=request.state,
                kind=newest.kind if newest is not None else None,
                answers=tuple(answers),
                third_party=content.answers.get("third_party_information") == "yes",
            )
        )
    return found
