"""The forms of the end of a case's life."""

from datetime import timedelta
from enum import StrEnum

from review_app.forms import BaseForm, FilterForm, Required, SelectField, SubmitField, TextAreaField, TextField, choices
from review_app.reviews.commands.retention import ApproveDestruction, ProposeDestruction, RefuseDestruction


class DueWithin(StrEnum):
    """How far ahead the list of due cases looks."""

    NOW = "now"
    A_YEAR = "a_year"
    FIVE_YEARS = "five_years"


SPAN = {
    DueWithin.NOW: timedelta(0),
    DueWithin.A_YEAR: timedelta(days=366),
    DueWithin.FIVE_YEARS: timedelta(days=5 * 366),
}


class DueFilterForm(FilterForm):
    """How far ahead to look."""

    within = SelectField("Due", choices=choices(DueWithin, "due_within"), coerce=DueWithin, blank="Now")

    def span(self) -> timedelta:
        """Give how far ahead to look."""
        return SPAN[self.within.data or DueWithin.NOW] if not self.within.errors else SPAN[DueWithin.NOW]


class ProposeForm(BaseForm):
    """Under which authority a case is destroyed."""

    authority = TextField(
        "Under which authority?",
        [Required("Enter under which authority it is destroyed")],
        hint="The item of your retention schedule, for example “Schedule 4.2, reviewed 2031”. Name nobody.",
        max_length=300,
    )

    def to_command(self, reference: str) -> ProposeDestruction:
        """Hand on the authority."""
        return ProposeDestruction(reference=reference, authority=self.authority.data)


class AnswerProposalForm(BaseForm):
    """Approve that a case is destroyed, or keep it with a reason."""

    reason = TextAreaField("If you keep it, why?", hint="Write nothing about the case itself.", max_length=300, rows=3)
    approve = SubmitField("Destroy this case")
    keep = SubmitField("Keep it")

    def validate(self, extra_validators: object = None) -> bool:
        """Nothing is destroyed unless that very button was pressed."""
        valid = super().validate(extra_validators)
        if not (self.approve.data or self.keep.data):
            self.refuse("Press one of the two buttons")
            return False
        return valid

    @property
    def approved(self) -> bool:
        """Say whether it was approved."""
        return bool(self.approve.data) and not self.keep.data

    def to_command(self, reference: str) -> ApproveDestruction | RefuseDestruction:
        """Hand on which of the two buttons was pressed."""
        if self.approved:
            return ApproveDestruction(reference=reference)
        return RefuseDestruction(reference=reference, reason=self.reason.data)
