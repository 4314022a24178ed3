"""The coordinator's forms about requests, and the reasons that are asked."""

from review_app.forms import BaseForm, CheckboxesField, DateField, RadioField, Required, TextAreaField, choices
from review_app.reviews.commands.requests import (
    AskAgain,
    AskAgencies,
    CancelRequest,
    MoveDue,
    ReadRestricted,
    WaiveRequest,
)
from review_app.reviews.rules.requests import USUAL_MATCHING, MatchField, RestrictedPurpose


class AskForm(BaseForm):
    """Which agencies are asked, in which words, and what they are shown to match the person."""

    agencies = CheckboxesField(
        "Which agencies do you ask?", [Required("Select at least one agency to ask")], small=True, coerce=int
    )
    words = TextAreaField(
        "What do you ask besides? (optional)",
        hint="For example why this agency is asked. Only its people who answer requests read it.",
        max_length=4000,
    )
    matching = CheckboxesField(
        "What is shown so that they can find the person in their records?",
        [Required("Select at least one thing by which they can find the person")],
        choices=choices(MatchField, "match_field"),
        default=[each.value for each in USUAL_MATCHING],
        hint="No more than they need. Each look is recorded.",
        small=True,
    )
    due_on = DateField("A later due date (optional)")
    due_reason = TextAreaField("Why do they have longer? (optional)", max_length=1000, rows=2)

    def to_command(self, reference: str) -> AskAgencies:
        """Hand on whom to ask and how."""
        return AskAgencies(
            reference=reference,
            agency_ids=tuple(self.agencies.data or ()),
            words=self.words.data,
            matching=tuple(MatchField(each) for each in self.matching.data or ()),
            due_on=self.due_on.data,
            due_reason=self.due_reason.data,
        )


class WaiveForm(BaseForm):
    """Why the review goes on without an answer."""

    reason = TextAreaField("Why do you go on without this answer?", [Required("Enter why you go on without it")])

    def to_command(self, reference: str, request: str) -> WaiveRequest:
        """Hand on the reason."""
        return WaiveRequest(reference=reference, request=request, reason=self.reason.data)


class CancelForm(BaseForm):
    """Why a request is taken back."""

    reason = TextAreaField("Why is this request taken back?", [Required("Enter why it is taken back")])

    def to_command(self, reference: str, request: str) -> CancelRequest:
        """Hand on the reason."""
        return CancelRequest(reference=reference, request=request, reason=self.reason.data)


class AskAgainForm(BaseForm):
    """What more an agency is asked."""

    words = TextAreaField("What do you ask for?", [Required("Enter what you ask for")], max_length=4000)

    def to_command(self, reference: str, request: str) -> AskAgain:
        """Hand on the words."""
        return AskAgain(reference=reference, request=request, words=self.words.data)


class MoveDueForm(BaseForm):
    """Until when an agency has time now, and why."""

    due_on = DateField("Until the end of which day?", [Required("Enter the day until which they have time")])
    reason = TextAreaField("Why do they have more time?", [Required("Enter why they have more time")], rows=3)

    def to_command(self, reference: str, request: str) -> MoveDue:
        """Hand on the day and the reason."""
        assert self.due_on.data is not None
        return MoveDue(reference=reference, request=request, due_on=self.due_on.data, reason=self.reason.data)


class RestrictedForm(BaseForm):
    """Why a chair reads what police or safeguarding have said."""

    purpose = RadioField(
        "Why do you need to read it?",
        [Required("Select why you need to read it")],
        choices=choices(RestrictedPurpose, "restricted_purpose"),
        coerce=RestrictedPurpose,
    )

    def to_command(self, reference: str, request: str = "") -> ReadRestricted:
        """Hand on the purpose."""
        return ReadRestricted(reference=reference, request=request, purpose=self.purpose.data)
