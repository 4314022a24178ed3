"""What an agency is asked about a person who died: a common core and a block for each kind of agency."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from review_app.catalogue.rules.content import Content, Option, flag, options, rows, text, texts

AGENCY_RETURN = "agency_return"
"""The key of the FormDefinition."""

CORE = "core"
"""The key of the block that every agency answers."""

ALWAYS_ASKED = frozenset({"known", "third_party_information"})
"""Questions that every return must answer: whether there is anything to say, and whether it is about the living."""


class AnswerKind(StrEnum):
    """How a question of an agency's return is answered, and so what is stored.

    `text` and `short_text` store the text; `choice` the key of an option; `yes_no_unable` one of yes, no and unable;
    `fuzzy_date` what `parse_fuzzy` reads; `tick` true or false.
    """

    TEXT = "text"
    SHORT_TEXT = "short_text"
    CHOICE = "choice"
    YES_NO_UNABLE = "yes_no_unable"
    FUZZY_DATE = "fuzzy_date"
    TICK = "tick"


YES_NO_UNABLE = (
    Option(key="yes", words="Yes"),
    Option(key="no", words="No"),
    Option(key="unable", words="We are unable to say"),
)
"""The options of a question of that kind, unless it lists its own words for them."""


class FieldMark(StrEnum):
    """What an answer gives away: nothing identifying, a quasi-identifier, confidence, or a living person."""

    NOT_IDENTIFYING = "N"
    QUASI_IDENTIFIER = "Q"
    CONFIDENTIAL = "C"
    LIVING_PERSON = "P"


class ReturnSection(StrEnum):
    """Who may read an answer: everyone who may read returns, or only those let into a restricted section."""

    GENERAL = "general"
    POLICE = "police"
    SAFEGUARDING = "safeguarding"


KIND_WORDS = {
    AnswerKind.TEXT: "In several lines of text",
    AnswerKind.SHORT_TEXT: "In one line of text",
    AnswerKind.CHOICE: "By choosing one answer of a list",
    AnswerKind.YES_NO_UNABLE: "Yes, no or unable to say",
    AnswerKind.FUZZY_DATE: "With a date, which may be rough",
    AnswerKind.TICK: "With a tick",
}
SECTION_WORDS = {
    ReturnSection.GENERAL: "Everybody who may read the return",
    ReturnSection.POLICE: "Only those who may read police information",
    ReturnSection.SAFEGUARDING: "Only those who may read safeguarding information",
}


@dataclass(frozen=True, kw_only=True)
class ReturnQuestion:
    """One question of an agency's return.

    `third_party` says that an answer is likely to speak of somebody other than the person who died. `active` is false
    for one that is switched off: it is no longer asked, and what was answered to it is still shown with its words.
    """

    key: str
    kind: AnswerKind
    words: str
    hint: str = ""
    error: str = ""
    required: bool = False
    mark: FieldMark = FieldMark.CONFIDENTIAL
    section: ReturnSection = ReturnSection.GENERAL
    third_party: bool = False
    active: bool = True
    options: tuple[Option, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ReturnBlock:
    """The questions for some kinds of agency (keys of AgencyType). The core names none: every agency answers it."""

    key: str
    words: str
    agency_types: frozenset[str]
    questions: tuple[ReturnQuestion, ...]

    def asked(self) -> tuple[ReturnQuestion, ...]:
        """Give the questions that are switched on, in their order."""
        return tuple(question for question in self.questions if question.active)


@dataclass(frozen=True, kw_only=True)
class ReturnForm:
    """One version of the agency return."""

    title: str
    blocks: tuple[ReturnBlock, ...]

    def for_agency(self, agency_type: str) -> tuple[ReturnBlock, ...]:
        """Give the blocks that a kind of agency answers: the core, then its own if it has one."""
        return tuple(block for block in self.blocks if block.key == CORE or agency_type in block.agency_types)

    def questions(self) -> Mapping[str, ReturnQuestion]:
        """Give every question by its key, those that are switched off included."""
        return {question.key: question for block in self.blocks for question in block.questions}

    def block(self, key: str) -> ReturnBlock:
        """Give one block. Raises KeyError when there is none."""
        return {block.key: block for block in self.blocks}[key]


def read_agency_return(content: Content) -> ReturnForm:
    """Turn the stored content into blocks and questions. Raises ValueError when it is malformed or a key is twice."""
    form = ReturnForm(title=text(content, "title"), blocks=tuple(map(_read_block, rows(content, "blocks"))))
    if len(form.questions()) != sum(len(block.questions) for block in form.blocks):
        raise ValueError("two questions have the same key")
    return form


def _read_block(row: Content) -> ReturnBlock:
    return ReturnBlock(
        key=text(row, "key"),
        words=text(row, "words"),
        agency_types=frozenset(texts(row, "agency_types")),
        questions=tuple(map(_read_question, rows(row, "questions"))),
    )


def _read_question(row: Content) -> ReturnQuestion:
    kind, words = AnswerKind(text(row, "kind")), text(row, "words")
    return ReturnQuestion(
        key=text(row, "key"),
        kind=kind,
        words=words,
        hint=text(row, "hint"),
        error=text(row, "error") or f"Answer “{words}”",
        required=flag(row, "required"),
        mark=FieldMark(text(row, "mark")),
        section=ReturnSection(text(row, "section", ReturnSection.GENERAL)),
        third_party=flag(row, "third_party"),
        active=not flag(row, "off"),
        options=options(row) or (YES_NO_UNABLE if kind is AnswerKind.YES_NO_UNABLE else ()),
    )


def with_question(content: Content, key: str, **changed: object) -> dict[str, object]:
    """Give the content with some parts of one question changed. Raises KeyError when there is no such question."""
    if key not in read_agency_return(content).questions():
        raise KeyError(key)
    return {**content, "blocks": [_with(block, key, changed) for block in rows(content, "blocks")]}


def _with(block: dict[str, object], key: str, changed: Mapping[str, object]) -> dict[str, object]:
    questions = [{**row, **changed} if row["key"] == key else row for row in rows(block, "questions")]
    return {**block, "questions": questions}


def with_one_more(content: Content, block_key: str, row: Content) -> dict[str, object]:
    """Give the content with one question more at the end of a block."""
    blocks = [
        {**block, "questions": [*rows(block, "questions"), dict(row)]} if block["key"] == block_key else block
        for block in rows(content, "blocks")
    ]
    return {**content, "blocks": blocks}


def free_key(form: ReturnForm) -> str:
    """Give a key that no question of the form has; one that is switched off keeps its own."""
    taken, number = form.questions(), 1
    while f"own_{number}" in taken:
        number += 1
    return f"own_{number}"
