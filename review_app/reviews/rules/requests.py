"""Requests to agencies: what can be shown to match the person, when everything is in, and what a return holds. Pure."""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from review_app.catalogue.rules import Content
from review_app.catalogue.rules.agency_return import AnswerKind, ReturnBlock, ReturnQuestion, ReturnSection
from review_app.catalogue.rules.content import flag, number, rows, section, text
from review_app.fuzzy import FuzzyDate, parse_fuzzy
from review_app.reviews.rules.chronology import Certainty
from review_app.reviews.rules.states import (
    BEFORE_SELECTION,
    ENDED,
    REQUEST_ANSWERED,
    CaseState,
    RequestState,
    ReturnKind,
)

MOST_ENTRIES = 300
TO_COME = "Enter a day that has been: this one is still to come."
Answer = str | bool


class MatchField(StrEnum):
    """What of an identity a request can show, so that the agency finds the person in its records."""

    NAME = "name"
    ALIASES = "aliases"
    DATE_OF_BIRTH = "date_of_birth"
    NHS_NUMBER = "nhs_number"
    ADDRESS = "address"


USUAL_MATCHING = (MatchField.NAME, MatchField.DATE_OF_BIRTH, MatchField.NHS_NUMBER)


class RestrictedPurpose(StrEnum):
    """Why a chair reads what police or safeguarding have said."""

    CHAIR_MEETING = "chair_meeting"
    JUDGE_LEARNING = "judge_learning"
    CHECK_FACTS = "check_facts"
    SAFEGUARDING_DUTY = "safeguarding_duty"


def under_review(state: CaseState) -> bool:
    """Say whether agencies can be asked about a case and can answer: from its selection until it has ended."""
    return state not in (*BEFORE_SELECTION, *ENDED)


def everything_is_in(states: Collection[RequestState]) -> bool:
    """Say whether everyone asked has answered, was waived, or has declined. Requests taken back do not count."""
    standing = [state for state in states if state is not RequestState.CANCELLED]
    return bool(standing) and all(state in REQUEST_ANSWERED for state in standing)


@dataclass(frozen=True, kw_only=True)
class ReturnEntry:
    """One event that an agency tells for the chronology. `key` names it in every version; `saved` counts its changes.

    The date is kept as it was written, and read anew each time.
    """

    key: str
    happened: str
    kind: str
    what: str
    significance: str = ""
    certainty: Certainty = Certainty.EXACT
    section: ReturnSection = ReturnSection.GENERAL
    third_party: bool = False
    saved: int = 1

    @property
    def when(self) -> FuzzyDate:
        """Give the date that was written."""
        return parse_fuzzy(self.happened)


@dataclass(frozen=True, kw_only=True)
class ReturnContent:
    """What a return holds: answers by the key of their question, and entries for the chronology in order.

    `saved` counts how often the answers were changed, so that the second of two people is told.
    """

    answers: Mapping[str, Answer] = field(default_factory=dict)
    entries: tuple[ReturnEntry, ...] = ()
    saved: int = 0

    @property
    def empty(self) -> bool:
        """Say whether nothing at all has been written."""
        return not self.entries and not any(self.answers.values())

    def with_answers(self, answers: Mapping[str, Answer]) -> "ReturnContent":
        """Give the content with other answers, saved once more."""
        return replace(self, answers=dict(answers), saved=self.saved + 1)

    def with_entry(self, entry: ReturnEntry) -> "ReturnContent":
        """Give the content with one entry added, or put in the place of the one with its key."""
        keys = [each.key for each in self.entries]
        if entry.key not in keys:
            return replace(self, entries=(*self.entries, entry))
        return replace(self, entries=tuple(entry if each.key == entry.key else each for each in self.entries))

    def without_entry(self, key: str) -> "ReturnContent":
        """Give the content without one entry."""
        return replace(self, entries=tuple(each for each in self.entries if each.key != key))

    def entry(self, key: str) -> ReturnEntry | None:
        """Give one entry by its key."""
        return next((each for each in self.entries if each.key == key), None)


def read_content(stored: Content) -> ReturnContent:
    """Turn what is stored into content. Nothing stored is empty content."""
    answers = {
        key: value if isinstance(value, bool) else str(value) for key, value in section(stored, "answers").items()
    }
    return ReturnContent(
        answers=answers, entries=tuple(map(read_entry, rows(stored, "entries"))), saved=number(stored, "saved", 0)
    )


def read_entry(row: Content) -> ReturnEntry:
    """Turn one stored entry into a ReturnEntry."""
    return ReturnEntry(
        key=text(row, "key"),
        happened=text(row, "happened"),
        kind=text(row, "kind"),
        what=text(row, "what"),
        significance=text(row, "significance"),
        certainty=Certainty(text(row, "certainty")),
        section=ReturnSection(text(row, "section")),
        third_party=flag(row, "third_party"),
        saved=number(row, "saved"),
    )


def write_content(content: ReturnContent) -> dict[str, object]:
    """Write content as JSON holds it."""
    return {
        "answers": dict(content.answers),
        "entries": [write_entry(each) for each in content.entries],
        "saved": content.saved,
    }


def write_entry(entry: ReturnEntry) -> dict[str, object]:
    """Write one entry as JSON holds it."""
    return {
        "key": entry.key,
        "happened": entry.happened,
        "kind": entry.kind,
        "what": entry.what,
        "significance": entry.significance,
        "certainty": entry.certainty.value,
        "section": entry.section.value,
        "third_party": entry.third_party,
        "saved": entry.saved,
    }


def is_to_come(when: FuzzyDate, *, today: date) -> bool:
    """Say whether something can only happen after today, which no event of a chronology can."""
    return when.earliest is not None and when.earliest > today


def digest_of(content: ReturnContent) -> str:
    """Give what tells one content from another, so that what was checked is what is sent."""
    return hashlib.sha256(json.dumps(write_content(content), sort_keys=True).encode()).hexdigest()


def asked_questions(blocks: Sequence[ReturnBlock]) -> list[ReturnQuestion]:
    """Give every question that is switched on, in order."""
    return [question for block in blocks for question in block.asked()]


def missing(questions: Sequence[ReturnQuestion], answers: Mapping[str, Answer]) -> list[ReturnQuestion]:
    """Give the required questions that are not answered."""
    return [each for each in questions if each.required and not answers.get(each.key)]


def answer_words(question: ReturnQuestion, answer: Answer | None) -> str:
    """Give an answer in words: those of the option, the text, or yes and no for a tick. Nothing answered is empty."""
    match question.kind:
        case AnswerKind.TICK:
            return "Yes" if answer is True else ""
        case AnswerKind.CHOICE | AnswerKind.YES_NO_UNABLE:
            return next((each.words for each in question.options if each.key == answer), str(answer or ""))
        case _:
            return str(answer or "")


def differences(
    questions: Sequence[ReturnQuestion], mine: Mapping[str, Answer], saved: Mapping[str, Answer]
) -> tuple[tuple[str, str, str], ...]:
    """Give each question on which two sets of answers differ: its words, what I have, and what is saved."""
    compared = (
        (each, answer_words(each, mine.get(each.key)), answer_words(each, saved.get(each.key))) for each in questions
    )
    return tuple((each.words, one, other) for each, one, other in compared if one != other)


def objection_to_sending(
    kind: ReturnKind, questions: Sequence[ReturnQuestion], content: ReturnContent, reason: str
) -> str:
    """Say what stands in the way of sending a return, or nothing. A partial one says what is missing."""
    lacking = missing(questions, content.answers)
    if kind is ReturnKind.COMPLETE and lacking:
        return "A complete return needs these answers: " + "; ".join(f"“{each.words}”" for each in lacking)
    if kind is ReturnKind.PARTIAL and not reason.strip():
        return "Enter what is missing, and why"
    if kind in (ReturnKind.COMPLETE, ReturnKind.PARTIAL) and content.empty:
        return "There is nothing in this return yet. If you hold nothing, choose “Nothing held”"
    if kind is ReturnKind.DECLINED and not reason.strip():
        return "Enter why your agency declines"
    return ""
