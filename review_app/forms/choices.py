"""Fields that are chosen: radios, checkboxes, drop-down lists and one single tick."""

from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum

import wtforms
from wtforms.fields.choices import Choice  # type: ignore[attr-defined]
from wtforms.fields.choices import SelectChoice as SelectChoice  # type: ignore[attr-defined]
from wtforms.form import BaseForm as Form
from wtforms.validators import StopValidation

from review_app.forms.text import Validators, render_kw
from review_app.forms.widgets import GovChoices, GovSelect, GovTick
from review_app.wording import word

Coerce = Callable[[str], object]
NOT_LISTED = "Select one of the answers that are listed"


def choice(value: str, text: str, hint: str = "") -> SelectChoice:
    """Make one option, with a hint under it if it needs one."""
    return SelectChoice(value=value, label=text, render_kw={"hint": hint} if hint else {})


def choices(values: Iterable[StrEnum], group: str, hints: dict[str, str] | None = None) -> list[SelectChoice]:
    """Make the options of an enum, in its order, in the words of its group."""
    return [choice(value.value, word(value.value, group).text, (hints or {}).get(value.value, "")) for value in values]


def _options(given: Sequence[object] | None) -> list[SelectChoice]:
    return [SelectChoice(*option) if isinstance(option, tuple) else option for option in given or ()]


class OneOf(wtforms.SelectField):
    """One answer of several, or None. What is not among them is refused."""

    def __init__(
        self,
        label: str = "",
        validators: Validators = (),
        *,
        choices: Sequence[object] | None = None,
        coerce: Coerce = str,
        hint: str = "",
        **options: object,
    ) -> None:
        super().__init__(
            label,
            validators,  # type: ignore[arg-type]
            coerce=lambda value: None if value in {None, ""} else coerce(value),
            choices=_options(choices),
            description=hint,
            **options,  # type: ignore[arg-type]
        )
        self.invalid_value_message = self.invalid_choice_message = NOT_LISTED

    def pre_validate(self, form: Form) -> None:
        """No answer is for `Required` to judge; a strange answer is refused here."""
        if self.process_errors:
            raise StopValidation()
        if self.data is not None:
            super().pre_validate(form)


class RadioField(OneOf):
    """One answer, with every option in sight."""

    widget = GovChoices("govukRadios")

    def __init__(
        self,
        label: str = "",
        validators: Validators = (),
        *,
        small: bool = False,
        inline: bool = False,
        **options: object,
    ) -> None:
        super().__init__(label, validators, render_kw=render_kw(small=small, inline=inline), **options)  # type: ignore[arg-type]


class SelectField(OneOf):
    """One answer from a long list. `blank` is the first line, which is no answer; "" leaves it out."""

    widget = GovSelect("govukSelect")

    def __init__(
        self, label: str = "", validators: Validators = (), *, blank: str = "Choose one", **options: object
    ) -> None:
        super().__init__(label, validators, **options)  # type: ignore[arg-type]
        self.blank = blank

    def iter_choices(self):  # type: ignore[no-untyped-def]
        """Give the options after the blank one."""
        blank = [Choice("", self.blank, self.data is None, {})] if self.blank else []
        return [*blank, *super().iter_choices()]


class CheckboxesField(wtforms.SelectMultipleField):
    """Any number of answers, as a list in the order they were sent."""

    widget = GovChoices("govukCheckboxes")

    def __init__(
        self,
        label: str = "",
        validators: Validators = (),
        *,
        choices: Sequence[object] | None = None,
        coerce: Coerce = str,
        hint: str = "",
        small: bool = False,
        **options: object,
    ) -> None:
        super().__init__(
            label,
            validators,  # type: ignore[arg-type]
            coerce=coerce,
            choices=_options(choices),
            description=hint,
            render_kw=render_kw(small=small),
            **options,  # type: ignore[arg-type]
        )
        self.invalid_value_message = self.invalid_choice_message = NOT_LISTED

    def process_data(self, value: Iterable[str] | None) -> None:
        """Nothing chosen is an empty list."""
        super().process_data(value or [])

    def pre_validate(self, form: Form) -> None:
        """Refuse an answer that is not listed."""
        if self.process_errors:
            raise StopValidation()
        super().pre_validate(form)


class TickField(wtforms.BooleanField):
    """One box to tick, whose words are the label."""

    widget = GovTick("govukCheckboxes")

    def __init__(self, label: str = "", validators: Validators = (), *, hint: str = "", **options: object) -> None:
        super().__init__(label, validators, description=hint, **options)  # type: ignore[arg-type]
