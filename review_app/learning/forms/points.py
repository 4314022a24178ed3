"""What is filled in about learning points. Themes and agencies are offered by the view."""

from collections.abc import Iterable

from wtforms import Field, ValidationError

from review_app.forms import (
    BaseForm,
    CheckboxesField,
    FilterForm,
    RadioField,
    Required,
    SelectField,
    TextAreaField,
    TickField,
    VersionField,
    choice,
    choices,
)
from review_app.learning.commands import (
    AgreePoint,
    ApproveWording,
    EditPoint,
    PointContent,
    RecordPoint,
    WithdrawPoint,
    WordPoint,
)
from review_app.learning.rules.states import MOST_THEMES, Polarity, Weight

WORDING_HINT = (
    "For people who do not know the case. Say what can be learned by anyone: no names, places, dates or ages, and"
    " nothing that points to one person. A chair or deputy who did not write it approves it."
)
Options = Iterable[tuple[int, str]]


class PointForm(BaseForm):
    """What was learned."""

    polarity = RadioField(
        "What kind of learning is it?",
        [Required("Select what kind of learning it is")],
        choices=choices(
            Polarity,
            "polarity",
            {
                "good_practice": "Something that worked, and that others can do too",
                "area_for_learning": "Something that could be better",
                "observation": "Something worth knowing that is neither",
            },
        ),
        coerce=Polarity,
    )
    statement = TextAreaField(
        "What was learned?",
        [Required("Enter what was learned")],
        hint="Write about what happened and why, without blame. Only those who read the case or its pack see this.",
        max_length=4000,
        rows=5,
    )
    themes = CheckboxesField(
        "Which themes does it belong to?",
        [Required("Select at least one theme")],
        hint="Select one, two or three.",
        small=True,
    )
    agencies = CheckboxesField(
        "Which agencies does it concern? (optional)", hint="Only those who read the case see this.", small=True
    )
    strength = SelectField(
        "How strong is the evidence? (optional)",
        choices=choices(Weight, "weight"),
        coerce=Weight,
        blank="Not judged",
    )
    confidence = SelectField(
        "How confident is the panel? (optional)",
        choices=choices(Weight, "weight"),
        coerce=Weight,
        blank="Not judged",
    )

    def offer(self, themes: Options, agencies: Options) -> None:
        """Offer these themes and agencies."""
        self.themes.choices = [choice(str(number), name) for number, name in themes]
        self.agencies.choices = [choice(str(number), name) for number, name in agencies]

    def fill(self, content: PointContent) -> None:
        """Show what a point says, before it was sent back."""
        if not self.is_submitted():
            self.polarity.data, self.statement.data = content.polarity, content.statement
            self.themes.data = [str(each) for each in content.theme_ids]
            self.agencies.data = [str(each) for each in content.agency_ids]
            self.strength.data, self.confidence.data = content.strength, content.confidence

    def validate_themes(self, field: Field) -> None:
        """Refuse more themes than a point can have."""
        if len(field.data) > MOST_THEMES:
            raise ValidationError(f"Select at most {MOST_THEMES} themes")

    def content(self) -> PointContent:
        """Give what was filled in."""
        return PointContent(
            statement=self.statement.data,
            polarity=self.polarity.data,
            theme_ids=tuple(int(each) for each in self.themes.data or []),
            agency_ids=tuple(int(each) for each in self.agencies.data or []),
            strength=self.strength.data,
            confidence=self.confidence.data,
        )


class NewPointForm(PointForm):
    """A learning point, with the wording for sharing if there is one already."""

    wording = TextAreaField("How may this be told? (optional)", hint=WORDING_HINT, max_length=1000, rows=3)

    def to_command(self, reference: str) -> RecordPoint:
        """Hand on the point."""
        return RecordPoint(reference=reference, content=self.content(), wording=self.wording.data)


class EditPointForm(PointForm):
    """A draft, with the version that was read."""

    version = VersionField()

    def to_command(self, reference: str, point: str) -> EditPoint:
        """Hand on the point."""
        return EditPoint(reference=reference, point=point, content=self.content(), version=self.version.data or 0)

    def carry_on_from(self, version: int) -> None:
        """Go on from what the point is now, so that the next press counts."""
        self.version.data, self.version.raw_data = version, None


class ReadPointForm(BaseForm):
    """One press about a point, with the version that was read."""

    version = VersionField()

    def to_agree(self, reference: str, point: str) -> AgreePoint:
        """Hand on what is agreed."""
        return AgreePoint(reference=reference, point=point, version=self.version.data or 0)

    def to_approve(self, reference: str, point: str) -> ApproveWording:
        """Hand on what is approved."""
        return ApproveWording(reference=reference, point=point, version=self.version.data or 0)


class WithdrawPointForm(BaseForm):
    """Why a learning point is withdrawn."""

    reason = TextAreaField(
        "Why is this learning point withdrawn?",
        [Required("Enter why this learning point is withdrawn")],
        hint="It stays with the case, marked as withdrawn.",
        max_length=1000,
        rows=3,
    )

    def to_command(self, reference: str, point: str) -> WithdrawPoint:
        """Hand on the reason."""
        return WithdrawPoint(reference=reference, point=point, reason=self.reason.data)


class WordingForm(BaseForm):
    """How a learning point may be told."""

    wording = TextAreaField(
        "How may this be told?",
        [Required("Enter how this may be told")],
        hint=WORDING_HINT,
        max_length=1000,
        rows=4,
    )
    version = VersionField()

    def to_command(self, reference: str, point: str) -> WordPoint:
        """Hand on the wording."""
        return WordPoint(reference=reference, point=point, wording=self.wording.data, version=self.version.data or 0)

    def carry_on_from(self, version: int) -> None:
        """Go on from what the point is now, so that the next press counts."""
        self.version.data, self.version.raw_data = version, None


class ThemeFilterForm(FilterForm):
    """Narrow the list of themes. Which cases are counted never changes."""

    domain = SelectField("Where it belongs", blank="Anywhere")
    polarity = SelectField("Seen as", choices=choices(Polarity, "polarity"), coerce=Polarity, blank="Anything")
    open_actions = TickField("With open actions only")

    def __init__(self, domains: Iterable[tuple[str, str]]) -> None:
        super().__init__()
        self.domain.choices = [choice(key, words) for key, words in domains]
        self.validate()
