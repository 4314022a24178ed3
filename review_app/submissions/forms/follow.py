"""What a submitter fills in on a report they have sent."""

import re
from collections.abc import Sequence

from review_app.crypto import new_token
from review_app.forms import (
    BaseForm,
    HiddenTextField,
    RadioField,
    Required,
    TextAreaField,
    TickField,
    choice,
)
from review_app.identifying import IdentifierHint, identifying_hints
from review_app.submissions.commands.following import AddToReport, AnswerQuestion, Whose, WithdrawReport

TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
LONGEST = 4000
CHECK = "Read again what you wrote: it may identify someone. Change it, or send it again as it is."


class WordsForm(BaseForm):
    """A text in the submitter's own words. One that may identify somebody is shown again, once, to be checked."""

    words = TextAreaField("Your words", max_length=LONGEST)
    shown = HiddenTextField(max_length=1)
    hints: Sequence[IdentifierHint] = ()

    def accepted(self) -> bool:
        """Show a text that looks as if it identified somebody once more before it is taken."""
        sound = super().accepted()
        if not self.is_submitted():
            return False
        self.hints = identifying_hints(self.words.data or "")
        if not sound or not self.hints or self.shown.data == "y":
            return sound
        self.shown.data = "y"
        self.add_error("words", CHECK)
        return False


class AddForm(WordsForm):
    """More about the report."""

    danger_now = RadioField(
        "Is anyone in danger now?",
        [Required("Select yes if anyone is in danger now")],
        choices=[choice("yes", "Yes"), choice("no", "No")],
    )
    words = TextAreaField(
        "What do you want to add?",
        [Required("Write what you want to add")],
        max_length=LONGEST,
        rows=6,
        hint="Please leave out names and anything else that could identify someone.",
    )
    names_nobody = TickField(
        "I have not included names or anything else that identifies a person who uses services",
        [Required("Confirm that what you add names nobody who uses services")],
    )
    form_token = HiddenTextField(max_length=43)

    def accepted(self) -> bool:
        """Give the form its one-time id, unless it carries one already."""
        ready = super().accepted()
        if self.form_errors or not TOKEN.fullmatch(self.form_token.data or ""):
            self.form_token.data = new_token()
        return ready

    def to_command(self, whose: Whose, address: str) -> AddToReport:
        """Hand on what was typed."""
        return AddToReport(
            whose=whose,
            form_token=self.form_token.data or "",
            address=address,
            danger_now=self.danger_now.data == "yes",
            own_words=self.words.data or "",
            names_nobody=bool(self.names_nobody.data),
        )


class AnswerForm(WordsForm):
    """The answer to one question."""

    words = TextAreaField("Your answer", [Required("Enter your answer")], max_length=LONGEST, rows=5)

    def to_command(self, whose: Whose, number: int) -> AnswerQuestion:
        """Hand on the answer."""
        return AnswerQuestion(whose=whose, number=number, answer=self.words.data or "")


class WithdrawForm(BaseForm):
    """Why a report is taken back."""

    reason = TextAreaField(
        "Why are you withdrawing your report?",
        [Required("Enter why you are withdrawing your report")],
        max_length=1000,
        rows=3,
        hint="A few words are enough, for example that it was a mistake or has been explained.",
    )

    def to_command(self, whose: Whose) -> WithdrawReport:
        """Hand on the reason."""
        return WithdrawReport(whose=whose, reason=self.reason.data or "")
