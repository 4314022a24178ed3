"""The form of the alert editor, made from the parts that the rules in force ask for."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from review_app.alerts.commands import Wording
from review_app.alerts.rules import (
    AUDIENCE_WORDS,
    CERTAINTY_WORDS,
    HEADLINE_LIMIT,
    TLP_MEANINGS,
    AlertKind,
    AlertLevel,
    Audience,
    Certainty,
    Part,
    Tlp,
)
from review_app.forms import (
    BaseForm,
    CheckboxesField,
    DateField,
    LondonTimeField,
    RadioField,
    Required,
    SelectField,
    SubmitField,
    TextAreaField,
    VersionField,
    choice,
    choices,
)
from review_app.panel.rules import EfficacyAnswer
from review_app.working_time import end_of_london_day, london_day

PART = "part_"
LONGEST_PART = 2000


class SendWhen(StrEnum):
    """When an alert goes out."""

    SIGNED = "signed"
    TIME = "time"


class ExtensionForm(BaseForm):
    """What is decided of every version: when it goes out, when it ends, and whether it could identify somebody."""

    send_when = RadioField(
        "When does it go out?",
        choices=[choice(SendWhen.SIGNED, "When it is signed"), choice(SendWhen.TIME, "At a set time")],
        coerce=SendWhen,
    )
    send_at = LondonTimeField("Send time", hint="Only for a set time. London time, for example 27 3 2026 at 18:40")
    expires_on = DateField("When does it end?", hint="The last day on which it is in force, for example 27 3 2026")
    ef8 = RadioField(
        "Could it identify a person, a family or a live police operation?",
        choices=[choice("no", "No"), choice("yes", "Yes"), choice("unsure", "Not sure")],
        coerce=EfficacyAnswer,
    )
    ef8_resolution = TextAreaField(
        "How was that settled?",
        hint="With whom you settled it, for example police, coroner or family, and why it may go out.",
        max_length=1000,
        rows=3,
    )
    version = VersionField()
    save = SubmitField("Save")
    submit = SubmitField("Submit for sign-off")
    differences: tuple[tuple[str, str, str], ...] = ()

    def validate(self, extra_validators: object = None) -> bool:
        """A set time needs its time."""
        sound = super().validate(extra_validators)
        if self.send_when.data is SendWhen.TIME and self.send_at.data is None and not self.send_at.errors:
            self.send_at.errors = [*self.send_at.errors, "Enter the date and time at which it goes out"]
            return False
        return sound

    def show(self, wording: Wording) -> None:
        """Fill in what is saved, when the page is opened."""
        self.send_when.data = SendWhen.TIME if wording.send_at else SendWhen.SIGNED
        self.send_at.show(wording.send_at)
        self.expires_on.show(london_day(wording.expires_at) if wording.expires_at else None)
        self.ef8.data, self.ef8_resolution.data = wording.ef8, wording.ef8_resolution

    def send_time(self) -> datetime | None:
        """Give the send time chosen; None is as soon as it is signed."""
        return self.send_at.data if self.send_when.data is SendWhen.TIME else None

    def end(self) -> datetime | None:
        """Give the last minute of the day on which it ends."""
        return end_of_london_day(self.expires_on.data) if self.expires_on.data else None

    def to_wording(self, saved: Wording) -> Wording:
        """Hand on what is decided, with the words as they are saved."""
        return Wording(
            headline=saved.headline,
            parts=saved.parts,
            certainty=saved.certainty,
            kind=saved.kind,
            level=saved.level,
            audience=saved.audience,
            tlp=saved.tlp,
            lists=saved.lists,
            blocks=saved.blocks,
            expires_at=self.end(),
            send_at=self.send_time(),
            ef8=self.ef8.data,
            ef8_resolution=self.ef8_resolution.data,
        )


class EditorForm(ExtensionForm):
    """Everything of a version. The fields of its parts are added by `editor_form`."""

    headline = TextAreaField("Headline", max_length=HEADLINE_LIMIT, rows=2, count=True)
    kind = SelectField("Kind of alert", choices=choices(AlertKind, "alert_kind"), coerce=AlertKind, blank="")
    level = RadioField(
        "Level", [Required("Select a level")], choices=choices(AlertLevel, "level"), coerce=AlertLevel, inline=True
    )
    audience = RadioField(
        "Audience",
        [Required("Select an audience")],
        choices=[choice(each, AUDIENCE_WORDS[each].capitalize()) for each in Audience],
        coerce=Audience,
    )
    tlp = RadioField(
        "Sharing mark",
        [Required("Select a sharing mark")],
        choices=[choice(each, each.label, TLP_MEANINGS[each]) for each in Tlp],
        coerce=Tlp,
    )
    certainty = RadioField(
        "How certain is what it contains?",
        [Required("Select how certain it is")],
        choices=[choice(each, CERTAINTY_WORDS[each]) for each in Certainty],
        coerce=Certainty,
    )
    lists = CheckboxesField("Lists it is sent to", small=True)
    blocks = CheckboxesField("Advice to add", small=True)

    def show(self, wording: Wording) -> None:
        """Fill in what is saved, when the page is opened."""
        super().show(wording)
        self.headline.data, self.kind.data, self.level.data = wording.headline, wording.kind, wording.level
        self.audience.data, self.tlp.data, self.certainty.data = wording.audience, wording.tlp, wording.certainty
        self.lists.data, self.blocks.data = list(wording.lists), list(wording.blocks)
        for name, text in wording.parts.items():
            if PART + name in self:
                self[PART + name].data = text

    def to_wording(self, saved: Wording) -> Wording:
        """Hand on what was typed and chosen."""
        return Wording(
            headline=self.headline.data.replace("\n", " "),
            parts=self.parts(),
            certainty=self.certainty.data or saved.certainty,
            kind=self.kind.data or saved.kind,
            level=self.level.data or saved.level,
            audience=self.audience.data or saved.audience,
            tlp=self.tlp.data or saved.tlp,
            lists=tuple(sorted(self.lists.data or [])),
            blocks=tuple(self.blocks.data or []),
            expires_at=self.end(),
            send_at=self.send_time(),
            ef8=self.ef8.data,
            ef8_resolution=self.ef8_resolution.data,
        )

    def parts(self) -> Mapping[str, str]:
        """Give the text of every part that says something."""
        return {
            field.name.removeprefix(PART): field.data for field in self if field.name.startswith(PART) and field.data
        }


def editor_form(parts: Sequence[Part]) -> type[EditorForm]:
    """Give the editor's form with a field for each part, in the order and words of the rules in force."""
    fields = {
        PART + part.key: TextAreaField(part.title, hint=part.hint, max_length=part.limit or LONGEST_PART, rows=3)
        for part in parts
        if part.key != "headline"
    }
    return type("PartsForm", (EditorForm,), fields)
