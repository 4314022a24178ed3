"""Fields that are typed: text, addresses, numbers, files.

Text is stripped, its line ends made alike, its length held to what the column takes, and control characters refused,
since a database or an e-mail would refuse them later and less kindly.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import Protocol

import wtforms
from flask_wtf.file import FileField as UploadField
from markupsafe import Markup
from wtforms import Field, ValidationError
from wtforms.form import BaseForm as Form
from wtforms.validators import StopValidation
from wtforms.widgets import HiddenInput

from review_app.forms.widgets import GovButton, GovWidget

EMAIL = re.compile(r"[^@\s<>,;:\"()]{1,64}@[^@\s<>,;:\"()]+\.[^@\s<>,;:\"().]{2,}")
Validators = Sequence[object]


class Widget(Protocol):
    """What turns a field into markup."""

    def __call__(self, field: Field, **kwargs: object) -> Markup:
        """Give the markup."""


class Required:
    """The question must be answered. Works for every kind of field, on what is left after stripping."""

    def __init__(self, message: str) -> None:
        self.message = message

    def __call__(self, form: Form, field: Field) -> None:
        """Refuse an empty answer."""
        if field.data is None or field.data is False or field.data == "" or field.data == []:
            raise StopValidation(self.message)


class JudgedField(Field):
    """What could not be read is refused once, with its own message, before any other test."""

    def pre_validate(self, form: Form) -> None:
        """Stop at an answer that could not be read."""
        if self.process_errors:
            raise StopValidation()


def without_controls(text: str, *, lines: bool) -> str:
    """Take out what cannot be kept: control characters, and line breaks where there is one line."""
    allowed = "\n\t" if lines else ""
    return "".join(c for c in text if c in allowed or unicodedata.category(c) not in {"Cc", "Cs"})


def render_kw(**options: object) -> dict[str, object]:
    """Keep the options that were given."""
    return {name: value for name, value in options.items() if value not in {"", None, 0}}


class TextField(wtforms.StringField, JudgedField):
    """One line of text."""

    widget: Widget = GovWidget("govukInput")
    data: str
    lines = False
    strips = True

    def __init__(
        self,
        label: str = "",
        validators: Validators = (),
        *,
        max_length: int = 200,
        hint: str = "",
        width: str = "",
        autocomplete: str = "",
        input_mode: str = "",
        **options: object,
    ) -> None:
        classes = f"govuk-!-width-{width}" if "-" in width else f"govuk-input--width-{width}" if width else ""
        look = render_kw(classes=classes, autocomplete=autocomplete, inputmode=input_mode)
        super().__init__(label, validators, description=hint, render_kw=look, **options)  # type: ignore[arg-type]
        self.max_length = max_length

    def process_data(self, value: str | None) -> None:
        """No text is empty text."""
        self.data = value or ""

    def process_formdata(self, valuelist: list[object]) -> None:
        """Strip the text and refuse what cannot be kept; the page shows it again without that."""
        typed = str(valuelist[0]) if valuelist else ""
        typed = typed.replace("\r\n", "\n").replace("\r", "\n")
        if not self.lines:
            typed = typed.replace("\n", " ").replace("\t", " ")
        kept = without_controls(typed, lines=self.lines)
        self.data = kept.strip() if self.strips else kept
        if kept != typed:
            raise ValueError(f"Enter “{self.label.text}” again: it held hidden characters, which have been taken out.")

    def pre_validate(self, form: Form) -> None:
        """Refuse text that is longer than can be kept."""
        super().pre_validate(form)
        if len(self.data) > self.max_length:
            raise StopValidation(
                f"Enter {self.max_length:,} characters or fewer for “{self.label.text}”: it has {len(self.data):,}."
            )


class TextAreaField(TextField):
    """Several lines of text."""

    widget = GovWidget("govukTextarea")
    lines = True

    def __init__(
        self,
        label: str = "",
        validators: Validators = (),
        *,
        max_length: int = 4000,
        hint: str = "",
        rows: int = 5,
        count: bool = False,
        **options: object,
    ) -> None:
        if count:
            options["widget"] = GovWidget("govukCharacterCount")
        super().__init__(label, validators, max_length=max_length, hint=hint, **options)  # type: ignore[arg-type]
        self.render_kw = {"rows": rows, **({"maxlength": max_length} if count else {})}


class PasswordField(TextField):
    """A password: kept exactly as typed, never shown again."""

    widget = GovWidget("govukPasswordInput", "password")
    strips = False


class EmailField(TextField):
    """One e-mail address."""

    widget = GovWidget("govukInput", "email")

    def __init__(self, label: str = "", validators: Validators = (), **options: object) -> None:
        settings: dict[str, object] = {"max_length": 254, "autocomplete": "email", **options}
        super().__init__(label, validators, **settings)  # type: ignore[arg-type]

    def pre_validate(self, form: Form) -> None:
        """Refuse what is not one address."""
        super().pre_validate(form)
        if self.data and not EMAIL.fullmatch(self.data):
            raise StopValidation("Enter an e-mail address in the correct format, like name@example.org")


class TelField(TextField):
    """One telephone number, in any usual way of writing it."""

    widget = GovWidget("govukInput", "tel")

    def __init__(self, label: str = "", validators: Validators = (), **options: object) -> None:
        settings: dict[str, object] = {"max_length": 40, "autocomplete": "tel", "width": "20", **options}
        super().__init__(label, validators, **settings)  # type: ignore[arg-type]

    def pre_validate(self, form: Form) -> None:
        """Refuse what cannot be rung."""
        super().pre_validate(form)
        digits = sum(character.isdigit() for character in self.data)
        if self.data and (not 5 <= digits <= 20 or not re.fullmatch(r"[0-9+() .\-/extEXT#]+", self.data)):
            raise StopValidation("Enter a phone number, like 01632 960 001 or +44 1632 960 001")


class IntegerField(JudgedField):
    """A whole number, or None."""

    widget = GovWidget("govukInput")
    data: int | None

    def __init__(
        self,
        label: str = "",
        validators: Validators = (),
        *,
        least: int = 0,
        most: int = 1_000_000,
        hint: str = "",
        width: str = "5",
        **options: object,
    ) -> None:
        look = render_kw(classes=f"govuk-input--width-{width}", inputmode="numeric")
        super().__init__(label, validators, description=hint, render_kw=look, **options)  # type: ignore[arg-type]
        self.least, self.most = least, most

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else "" if self.data is None else str(self.data)

    def process_formdata(self, valuelist: list[object]) -> None:
        """Read a whole number, with or without commas."""
        typed = str(valuelist[0]).strip().replace(",", "") if valuelist else ""
        self.data = None
        if typed and not re.fullmatch(r"[+-]?[0-9]{1,15}", typed):
            raise ValueError(f"Enter a whole number for “{self.label.text}”, like 12")
        if typed:
            self.data = int(typed)

    def pre_validate(self, form: Form) -> None:
        """Refuse a number outside the range."""
        super().pre_validate(form)
        if self.data is not None and not self.least <= self.data <= self.most:
            raise StopValidation(f"Enter a number from {self.least:,} to {self.most:,} for “{self.label.text}”")


class FileField(UploadField):  # type: ignore[misc]
    """One file, chosen with the plain control of the browser."""

    widget = GovWidget("govukFileUpload", "file")

    def __init__(
        self, label: str = "", validators: Validators = (), *, hint: str = "", accept: str = "", **options: object
    ) -> None:
        super().__init__(label, validators, description=hint, render_kw=render_kw(accept=accept), **options)


class HiddenTextField(TextField):
    """A value that travels with the form unseen. It is no more to be trusted than what is typed."""

    widget = HiddenInput()


class VersionField(JudgedField):
    """The version of the record that the person was looking at."""

    widget = HiddenInput()
    data: int | None

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else "" if self.data is None else str(self.data)

    def process_formdata(self, valuelist: list[object]) -> None:
        """Read the number."""
        typed = str(valuelist[0]) if valuelist else ""
        if not re.fullmatch(r"[0-9]{1,9}", typed):
            self.data = None
            raise ValueError("This page was not complete. Open it again; nothing was changed.")
        self.data = int(typed)

    def post_validate(self, form: Form, validation_stopped: bool) -> None:
        """Refuse a form that came without its version."""
        if self.data is None and not self.errors:
            raise ValidationError("This page was not complete. Open it again; nothing was changed.")


class SubmitField(wtforms.SubmitField):
    """A button that is a field: its data says whether it was the one pressed."""

    widget = GovButton("govukButton")
