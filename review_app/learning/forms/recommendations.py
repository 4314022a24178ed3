"""What is filled in about recommendations. Learning points and agencies are offered by the view."""

import re
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
    TextField,
    VersionField,
    choice,
    choices,
)
from review_app.learning.commands import (
    AcceptRecommendation,
    CompleteRecommendation,
    DeclineRecommendation,
    DraftRecommendation,
    EditRecommendation,
    ProposeRecommendation,
    RecommendationContent,
    SupersedeRecommendation,
)
from review_app.learning.rules.states import Level, RecommendationState

WORDS = 2000
NOBODY = "Many people read this: leave out anything that points to one person or one case."


class RecommendationForm(BaseForm):
    """What should change, who owns it, and how anyone will know that it did."""

    points = CheckboxesField("Which learning points does it come from?", small=True)
    more_points = TextField(
        "References of other learning points (optional)",
        hint="Agreed points of other cases that you may read, such as WES-LP-2026-0004. Put a space between them.",
        max_length=300,
    )
    words = TextAreaField(
        "What is recommended?", [Required("Enter what is recommended")], hint=NOBODY, max_length=WORDS, rows=4
    )
    level = RadioField(
        "At which level?",
        [Required("Select a level")],
        choices=choices(Level, "recommendation_level"),
        coerce=Level,
        inline=True,
    )
    owner = SelectField("Which agency owns it?", blank="Another body", coerce=int)
    owner_words = TextField(
        "If it is another body, which?", hint="For example the Health and Wellbeing Board", max_length=200
    )
    expected_effect = TextAreaField(
        "What effect is expected?", [Required("Enter what effect is expected")], max_length=WORDS, rows=3
    )
    monitoring = TextAreaField(
        "How will it be monitored?", [Required("Enter how it will be monitored")], max_length=WORDS, rows=3
    )

    def offer(self, points: Iterable[tuple[str, str]], agencies: Iterable[tuple[int, str]]) -> None:
        """Offer these learning points and agencies."""
        self.points.choices = [choice(reference, f"{reference}: {words}") for reference, words in points]
        self.owner.choices = [choice(str(number), name) for number, name in agencies]

    def fill(self, content: RecommendationContent) -> None:
        """Show what a recommendation says, before it was sent back."""
        if not self.is_submitted():
            self.words.data, self.level.data = content.words, content.level
            self.owner.data, self.owner_words.data = content.owner_id, content.owner_words
            self.expected_effect.data, self.monitoring.data = content.expected_effect, content.monitoring
            self.points.data = list(content.points)

    def validate_owner_words(self, field: Field) -> None:
        """One of the two owners is needed."""
        if self.owner.data is None and not field.data:
            raise ValidationError("Select the agency that owns it, or enter the body that does")

    def validate_more_points(self, field: Field) -> None:
        """At least one learning point is needed."""
        if not self.chosen_points:
            raise ValidationError("Select at least one learning point, or enter the reference of one")

    @property
    def chosen_points(self) -> tuple[str, ...]:
        """Give the references that were ticked and typed."""
        typed = [each for each in re.split(r"[\s,;]+", self.more_points.data or "") if each]
        return tuple(dict.fromkeys([*(self.points.data or []), *typed]))

    def content(self) -> RecommendationContent:
        """Give what was filled in."""
        return RecommendationContent(
            words=self.words.data,
            level=self.level.data,
            owner_id=self.owner.data,
            owner_words=self.owner_words.data,
            expected_effect=self.expected_effect.data,
            monitoring=self.monitoring.data,
            points=self.chosen_points,
        )


class NewRecommendationForm(RecommendationForm):
    """A new draft."""

    def to_command(self) -> DraftRecommendation:
        """Hand on the draft."""
        return DraftRecommendation(content=self.content())


class EditRecommendationForm(RecommendationForm):
    """A draft, with the version that was read."""

    version = VersionField()

    def to_command(self, reference: str) -> EditRecommendation:
        """Hand on the draft."""
        return EditRecommendation(reference=reference, content=self.content(), version=self.version.data or 0)

    def carry_on_from(self, version: int) -> None:
        """Go on from what it is now, so that the next press counts."""
        self.version.data, self.version.raw_data = version, None


class PressForm(BaseForm):
    """One press that asks nothing."""


class ProposeForm(BaseForm):
    """One press, with the version that was read."""

    version = VersionField()

    def to_command(self, reference: str) -> ProposeRecommendation:
        """Hand on what is proposed."""
        return ProposeRecommendation(reference=reference, version=self.version.data or 0)


class AcceptForm(BaseForm):
    """Why a recommendation is accepted."""

    reason = TextAreaField(
        "Why is it accepted?",
        [Required("Enter why it is accepted")],
        hint=f"For example who discussed it, and what decided it. {NOBODY}",
        max_length=WORDS,
        rows=4,
    )

    def to_command(self, reference: str) -> AcceptRecommendation:
        """Hand on the decision."""
        return AcceptRecommendation(reference=reference, reason=self.reason.data)


class DeclineForm(BaseForm):
    """Why a recommendation is declined."""

    reason = TextAreaField(
        "Why is it declined?", [Required("Enter why it is declined")], hint=NOBODY, max_length=WORDS, rows=4
    )

    def to_command(self, reference: str) -> DeclineRecommendation:
        """Hand on the decision."""
        return DeclineRecommendation(reference=reference, reason=self.reason.data)


class CompleteForm(BaseForm):
    """What came of a recommendation."""

    reason = TextAreaField(
        "What came of it?", [Required("Enter what came of it")], hint=NOBODY, max_length=WORDS, rows=4
    )

    def to_command(self, reference: str) -> CompleteRecommendation:
        """Hand on what came of it."""
        return CompleteRecommendation(reference=reference, reason=self.reason.data)


class SupersedeForm(BaseForm):
    """Why a recommendation is put aside, and for what."""

    reason = TextAreaField(
        "Why is it put aside?", [Required("Enter why it is put aside")], hint=NOBODY, max_length=WORDS, rows=4
    )
    by = TextField(
        "Reference of the recommendation that takes its place (optional)",
        hint="For example WES-REC-2026-0004",
        max_length=30,
        width="20",
    )

    def to_command(self, reference: str) -> SupersedeRecommendation:
        """Hand on why and for what."""
        return SupersedeRecommendation(reference=reference, reason=self.reason.data, by=self.by.data)


class RecommendationFilterForm(FilterForm):
    """Narrow the list of recommendations."""

    state = SelectField(
        "State", choices=choices(RecommendationState, "recommendation"), coerce=RecommendationState, blank="Any state"
    )
    level = SelectField("Level", choices=choices(Level, "recommendation_level"), coerce=Level, blank="Any level")
