"""What a form asks, as one version defines it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from review_app.catalogue.rules.content import Content, Option, flag, number, options, rows, text


class QuestionType(StrEnum):
    """How a question is answered."""

    CHOICE = "choice"
    CHOICES = "choices"
    YES_NO = "yes_no"
    TEXT = "text"
    LONG_TEXT = "long_text"
    SUBSTANCE = "substance"
    LOCALITY = "locality"
    WHEN = "when"
    CONTACT = "contact"
    TICK = "tick"


@dataclass(frozen=True, kw_only=True)
class Question:
    """One question of a form, in the words that the submitter reads."""

    key: str
    type: QuestionType
    words: str
    hint: str = ""
    error: str = ""
    required: bool = False
    screen: int = 1
    limit: int = 0
    default: str = ""
    options: tuple[Option, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Form:
    """A form as one version defines it, its questions in the order in which they are asked."""

    title: str
    questions: tuple[Question, ...]

    def question(self, key: str) -> Question:
        """Give one question. Raises KeyError when the form does not ask it."""
        for question in self.questions:
            if question.key == key:
                return question
        raise KeyError(key)

    def missing(self, answered: Mapping[str, object]) -> list[Question]:
        """Give the required questions to which there is no answer."""
        return [question for question in self.questions if question.required and not answered.get(question.key)]

    def words_of(self, key: str, answer: str) -> str:
        """Give the words of a chosen option, or the answer itself where the form does not list it."""
        return next((option.words for option in self.question(key).options if option.key == answer), answer)


def read_form(content: Content) -> Form:
    """Turn a form's stored content into its questions. Raises ValueError when it is malformed."""
    return Form(title=text(content, "title"), questions=tuple(map(read_question, rows(content, "questions"))))


def read_question(row: Content) -> Question:
    """Turn one stored question into a Question."""
    return Question(
        key=text(row, "key"),
        type=QuestionType(text(row, "type")),
        words=text(row, "words"),
        hint=text(row, "hint"),
        error=text(row, "error"),
        required=flag(row, "required"),
        screen=number(row, "screen", 1),
        limit=number(row, "limit", 0),
        default=text(row, "default"),
        options=options(row),
    )
