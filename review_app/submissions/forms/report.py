"""The short form in two screens. Its words come from the form's definition; nothing is kept between the screens but
hidden fields, which are judged again when the report is sent."""

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum

from wtforms import Field, ValidationError

from review_app.catalogue.rules import Form, Question
from review_app.crypto import new_token
from review_app.errors import DomainError
from review_app.forms import (
    BaseForm,
    CheckboxesField,
    HiddenTextField,
    RadioField,
    Required,
    SelectField,
    SubmitField,
    TextAreaField,
    TextField,
    TickField,
    choice,
)
from review_app.identifying import IdentifierHint, identifying_hints
from review_app.mail import clean_address
from review_app.submissions.commands.intake import SendReport
from review_app.submissions.rules import (
    KnownPlace,
    NameSharing,
    ReportKind,
    SourceKind,
    is_address,
    readable_contact,
)

TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
Place = tuple[str, str]
"""A configured locality as a choice: its number and its name."""


class ChoosePlaceForm(BaseForm):
    """Which Partnership the report goes to."""

    place = RadioField("Where did it happen?", [Required("Select where it happened")])


class QuestionsForm(BaseForm):
    """Questions in the words of a form's definition, and the answers to carry to the other screen."""

    QUESTIONS: dict[str, str] = {}

    def ask(self, form: Form) -> None:
        """Give every field the words, options and limit of its question."""
        for name, key in self.QUESTIONS.items():
            dress(self[name], form.question(key))

    def carried(self) -> list[tuple[str, str]]:
        """Give the answers as they are sent again from hidden fields."""
        return [(field.name, value) for field in self for value in sent_as(field)]


class WhatHappenedForm(QuestionsForm):
    """Screen 1."""

    QUESTIONS = {
        "danger_now": "A3",
        "reporting": "A1",
        "sold_as": "C1",
        "place": "B1",
        "how_known": "E1",
        "own_words": "D0",
    }
    danger_now = RadioField("Is anyone in danger now?")
    reporting = CheckboxesField("What are you reporting?", coerce=ReportKind)
    sold_as = TextField("What was it sold as?")
    place = SelectField("Where did this happen?")
    how_known = RadioField("How do you know?", coerce=SourceKind)
    own_words = TextAreaField("What happened?", rows=5)
    go_on = SubmitField("Continue")


class HowToReachYouForm(QuestionsForm):
    """Screen 2."""

    QUESTIONS = {
        "contact": "F3",
        "name": "F1",
        "organisation": "F2",
        "name_sharing": "F4",
        "may_contact": "F5",
        "names_nobody": "F7",
    }
    contact = TextField("How can we reach you?", autocomplete="email")
    name = TextField("Your name", autocomplete="name")
    organisation = TextField("Your role and organisation", autocomplete="organization-title")
    name_sharing = RadioField("Who may see your name?", coerce=NameSharing, default=NameSharing.LDIS_ONLY)
    may_contact = RadioField("May we contact you?", default="yes")
    names_nobody = TickField("I have not included names")
    form_token = HiddenTextField(max_length=43)
    back = SubmitField("Back to the first part")
    send = SubmitField("Send report")

    def validate_contact(self, field: Field) -> None:
        """Take an e-mail address or a phone number, and nothing else."""
        if not field.data:
            return
        try:
            kept = readable_contact(field.data)
            field.data = clean_address(kept) if is_address(kept) else kept
        except ValueError:
            raise ValidationError("Enter an e-mail address or a phone number, like name@example.com") from None


class Turn(StrEnum):
    """What a request to the report's page comes to."""

    FIRST = "first"
    SECOND = "second"
    SEND = "send"


class ReportPages:
    """Both screens of one report. Each screen carries the other's answers."""

    def __init__(self, form: Form, places: Sequence[Place], *, contact_needed: bool, own_contact: str = "") -> None:
        self.what = WhatHappenedForm()
        self.reach = HowToReachYouForm(contact=own_contact)
        self.what.ask(form)
        self.reach.ask(form)
        listed = [(option.key, option.words) for option in form.question("B1").options]
        self.what.place.choices = [choice(value, name) for value, name in (*places, *listed)]
        if contact_needed:
            self.reach.contact.validators = [Required(form.question("F3").error)]
            self.reach.contact.description = form.question("F3").hint.removeprefix("Optional. ")
        yes_or_no = form.question("A3").options
        self.what.danger_now.choices = [choice(option.key, option.words) for option in yes_or_no]
        self.danger = next((option.hint for option in yes_or_no if option.key == "yes"), "")
        self.turn = self._turn()

    def _turn(self) -> Turn:
        """Judge what was sent. An answer of the first screen that is wrong leads back to it."""
        if not self.what.is_submitted():
            self.renew()
            return Turn.FIRST
        sound = self.what.accepted()
        stale, wrong = bool(self.what.form_errors), any(field.errors for field in self.what)
        if stale or not TOKEN.fullmatch(self.reach.form_token.data or ""):
            self.renew()
        if wrong or self.reach.back.data or not (sound or self.reach.send.data):
            return Turn.FIRST
        if not self.reach.send.data:
            return Turn.SECOND
        return Turn.SEND if self.reach.accepted() and sound else Turn.SECOND

    def renew(self) -> None:
        """Give the form a new one-time id. A page of another site can choose none: its request has no token."""
        self.reach.form_token.data = new_token()

    @property
    def present(self) -> WhatHappenedForm | HowToReachYouForm:
        """Give the screen to show."""
        return self.what if self.turn is Turn.FIRST else self.reach

    def refuse(self, refusal: DomainError, status: int = 422) -> None:
        """Show above the second screen why the report was not taken; everything typed stays."""
        self.turn = Turn.SECOND
        self.reach.refuse(refusal.message)
        self.reach.status = status

    def hints(self) -> list[IdentifierHint]:
        """Give what in the report looks as if it could identify somebody."""
        written = (self.what.sold_as.data or "", self.what.own_words.data or "")
        return [hint for text in written for hint in identifying_hints(text)]

    def to_command(self, slug: str, address: str) -> SendReport:
        """Hand on what was typed."""
        what, reach, place = self.what, self.reach, str(self.what.place.data)
        return SendReport(
            slug=slug,
            form_token=reach.form_token.data or "",
            address=address,
            danger_now=what.danger_now.data == "yes",
            reporting=tuple(what.reporting.data or ()),
            sold_as=what.sold_as.data or "",
            locality_id=int(place) if place.isdecimal() else None,
            known_place=None if place.isdecimal() else KnownPlace(place),
            how_known=what.how_known.data,
            own_words=what.own_words.data or "",
            contact=reach.contact.data or "",
            name=reach.name.data or "",
            organisation=reach.organisation.data or "",
            name_sharing=reach.name_sharing.data or NameSharing.LDIS_ONLY,
            may_contact=reach.may_contact.data != "no",
            names_nobody=bool(reach.names_nobody.data),
        )


def dress(field: Field, question: Question) -> None:
    """Give a field the words, options and limit of its question."""
    field.label.text = question.words
    field.description = question.hint
    if question.required:
        field.validators = [*field.validators, Required(question.error)]
    if question.options and hasattr(field, "choices"):
        field.choices = [choice(option.key, option.words, option.hint) for option in question.options]
    if question.limit and hasattr(field, "max_length"):
        field.max_length = question.limit


def sent_as(field: Field) -> Iterator[str]:
    """Give the values a browser would send for a field as it stands. Tokens of the session and buttons are left out."""
    if field.name == "csrf_token" or isinstance(field, SubmitField):
        return
    if isinstance(field, TickField):
        yield from ["y"] if field.data else []
    elif isinstance(field, CheckboxesField):
        yield from (str(value) for value in field.data or ())
    elif field.data not in (None, ""):
        yield str(field.data)
