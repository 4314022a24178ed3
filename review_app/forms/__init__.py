"""Forms: the shape of answers, never the database. Everything a feature's `forms.py` needs is named here."""

from review_app.forms.base import BaseForm, Problem, form_problems
from review_app.forms.choices import (
    CheckboxesField,
    RadioField,
    SelectChoice,
    SelectField,
    TickField,
    choice,
    choices,
)
from review_app.forms.searching import FilterForm
from review_app.forms.text import (
    EmailField,
    FileField,
    HiddenTextField,
    IntegerField,
    PasswordField,
    Required,
    SubmitField,
    TelField,
    TextAreaField,
    TextField,
    VersionField,
)
from review_app.forms.times import DateField, LondonTimeField

__all__ = [
    "BaseForm",
    "CheckboxesField",
    "DateField",
    "EmailField",
    "FileField",
    "FilterForm",
    "HiddenTextField",
    "IntegerField",
    "LondonTimeField",
    "PasswordField",
    "Problem",
    "RadioField",
    "Required",
    "SelectChoice",
    "SelectField",
    "SubmitField",
    "TelField",
    "TextAreaField",
    "TextField",
    "TickField",
    "VersionField",
    "choice",
    "choices",
    "form_problems",
]
