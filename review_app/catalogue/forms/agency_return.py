"""The forms by which the questions to agencies are kept."""

from collections.abc import Iterable

from review_app.catalogue.commands import AddQuestion, SwitchQuestion, WordQuestion
from review_app.catalogue.forms.settings import WHY, WHY_HINT, lines
from review_app.catalogue.rules.agency_return import KIND_WORDS, SECTION_WORDS, AnswerKind, ReturnSection
from review_app.forms import (
    BaseForm,
    RadioField,
    Required,
    SelectChoice,
    SelectField,
    TextAreaField,
    TextField,
    TickField,
    VersionField,
    choice,
)


class WordForm(BaseForm):
    """The words of a question, its hint, and whether it must be answered."""

    words = TextField("Question", [Required("Enter the question")], max_length=300)
    hint = TextField("Hint (optional)", max_length=300, hint="Shown under the question.")
    required = TickField("It must be answered before a return can be sent")
    reason = TextField(WHY, max_length=300, hint=WHY_HINT)
    version = VersionField()

    def to_command(self, key: str) -> WordQuestion:
        """Hand on the change."""
        return WordQuestion(
            base_id=self.version.data or 0,
            key=key,
            words=self.words.data,
            hint=self.hint.data,
            required=bool(self.required.data),
            reason=self.reason.data,
        )


class SwitchForm(BaseForm):
    """The version of the questions that the person was looking at; the button says the rest."""

    version = VersionField()

    def to_command(self, key: str, *, on: bool) -> SwitchQuestion:
        """Hand on switching a question off or on."""
        return SwitchQuestion(base_id=self.version.data or 0, key=key, on=on)


class QuestionForm(BaseForm):
    """One question more. The view hands over the groups of questions."""

    block = SelectField("Who is asked?", [Required("Select who is asked")])
    words = TextField("Question", [Required("Enter the question")], max_length=300)
    hint = TextField("Hint (optional)", max_length=300, hint="Shown under the question.")
    kind = RadioField(
        "How is it answered?",
        [Required("Select how it is answered")],
        choices=[choice(kind.value, words) for kind, words in KIND_WORDS.items()],
        coerce=AnswerKind,
    )
    options = TextAreaField(
        "Answers to choose from",
        max_length=2000,
        rows=4,
        hint="Only where one answer of a list is chosen. One on each line, at least two.",
    )
    required = TickField("It must be answered before a return can be sent")
    section = RadioField(
        "Who may read the answer?",
        [Required("Select who may read the answer")],
        choices=[choice(section.value, words) for section, words in SECTION_WORDS.items()],
        coerce=ReturnSection,
    )
    third_party = TickField("The answer is likely to speak of a living person")
    reason = TextField(WHY, max_length=300, hint=WHY_HINT)

    def offer(self, blocks: Iterable[SelectChoice]) -> None:
        """Offer these groups of questions."""
        self.block.choices = list(blocks)

    def validate(self, extra_validators: object = None) -> bool:
        """Refuse a choice between fewer than two answers."""
        valid: bool = super().validate(extra_validators)
        if self.kind.data is AnswerKind.CHOICE and len(lines(self.options.data)) < 2:
            self.add_error("options", "Enter at least two answers to choose from")
            return False
        return valid

    def to_command(self) -> AddQuestion:
        """Hand on the question."""
        return AddQuestion(
            block=str(self.block.data),
            kind=self.kind.data,
            words=self.words.data,
            hint=self.hint.data,
            required=bool(self.required.data),
            section=self.section.data,
            third_party=bool(self.third_party.data),
            options=tuple(lines(self.options.data)),
            reason=self.reason.data,
        )
