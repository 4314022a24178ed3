"""What every form shares: when it is accepted, the status of its page, and the list of its problems."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import request
from flask_wtf import FlaskForm
from wtforms import Field, FieldList, FormField
from wtforms.widgets import HiddenInput

from review_app.forgery import KeptTyping


@dataclass(frozen=True)
class Problem:
    """One line of the error summary, and the element it takes the person to (none for the form as a whole)."""

    message: str
    target: str = ""


class BaseForm(FlaskForm):  # type: ignore[misc]
    """A form that is posted. Its view asks `accepted()` and answers with `status`."""

    status = 200

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        """A failed token is an error on the form, not a page that loses everything."""

        csrf_class = KeptTyping

    def accepted(self) -> bool:
        """Say whether the form was posted with a good token and every answer has the right shape."""
        if not self.is_submitted():
            return False
        if self.validate():
            return True
        self.status = 422
        return False

    def is_submitted(self) -> bool:
        """A form with a prefix was posted only if one of its own fields was."""
        posted: bool = super().is_submitted()
        if posted and self._prefix:
            return any(name.startswith(self._prefix) for name in (*request.form, *request.files))
        return posted

    def validate(self, extra_validators: object = None) -> bool:
        """Judge every field; a failed token becomes the first problem of the form as a whole."""
        valid: bool = super().validate(extra_validators)
        token = self._fields.get(self.meta.csrf_field_name)
        if token is not None and token.errors:
            self.form_errors.insert(0, token.errors[0])
            token.errors = []
        return valid

    def refuse(self, message: str) -> None:
        """Show above the form why the service refused; the page answers 422."""
        self.add_error("", message)

    def add_error(self, field: str, message: str) -> None:
        """Show a message beside one of the form's fields, or with no field above the form; the page answers 422."""
        self.status = 422
        if field:
            self._fields[field].errors = [*self._fields[field].errors, message]
        else:
            self.form_errors.append(message)


def form_problems(form: BaseForm | None) -> list[Problem]:
    """Give every problem of a form in the order of the page, each with the element that can put it right."""
    if form is None:
        return []
    return [*(Problem(str(message)) for message in form.form_errors), *_field_problems(form)]


def _field_problems(fields: object) -> Iterator[Problem]:
    for field in fields:  # type: ignore[attr-defined]
        if isinstance(field, FormField):
            yield from _field_problems(field.form)
        elif isinstance(field, FieldList):
            yield from _field_problems(field.entries)
        else:
            yield from _own_problems(field)


def _own_problems(field: Field) -> Iterator[Problem]:
    target = "" if isinstance(field.widget, HiddenInput) else field.id
    for message in list(field.errors)[:1]:
        yield Problem(str(message), target)
