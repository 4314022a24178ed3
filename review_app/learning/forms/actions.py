"""What is filled in about actions. Agencies and themes are offered by the view."""

from collections.abc import Iterable

from wtforms import Field, ValidationError

from review_app.forms import (
    BaseForm,
    DateField,
    FilterForm,
    RadioField,
    Required,
    SelectField,
    TextAreaField,
    TextField,
    TickField,
    choice,
    choices,
)
from review_app.learning.commands import (
    AddEvidence,
    BlockAction,
    ChangeDue,
    CheckImpact,
    Evidence,
    MarkActionDone,
    ProposeAction,
    RefuseAction,
    SendBackAction,
    TransferAction,
)
from review_app.learning.forms.recommendations import NOBODY, WORDS
from review_app.learning.rules.states import ActionState, Recurred, Strength


class NewActionForm(BaseForm):
    """What an agency is to do, and by when."""

    words = TextAreaField(
        "What is to be done?", [Required("Enter what is to be done")], hint=NOBODY, max_length=WORDS, rows=4
    )
    owner = SelectField("Which agency is to do it?", [Required("Select the agency that is to do it")], coerce=int)
    due_on = DateField("By when?", [Required("Enter the day by which it is due")], hint="For example, 27 3 2027")
    strength = RadioField(
        "How strong is it?",
        [Required("Select how strong it is")],
        hint="What changes a system lasts longer than what reminds people.",
        choices=choices(Strength, "strength"),
        coerce=Strength,
    )

    def offer(self, agencies: Iterable[tuple[int, str]]) -> None:
        """Offer these agencies."""
        self.owner.choices = [choice(str(number), name) for number, name in agencies]

    def to_command(self, recommendation: str) -> ProposeAction:
        """Hand on the action."""
        assert self.due_on.data is not None
        return ProposeAction(
            recommendation=recommendation,
            words=self.words.data,
            owner_id=self.owner.data,
            strength=self.strength.data,
            due_on=self.due_on.data,
        )


class RefuseForm(BaseForm):
    """Why an action is not accepted."""

    reason = TextAreaField(
        "Why is this action not accepted?",
        [Required("Enter why it is not accepted")],
        hint=NOBODY,
        max_length=WORDS,
        rows=4,
    )

    def to_command(self, reference: str) -> RefuseAction:
        """Hand on the reason."""
        return RefuseAction(reference=reference, reason=self.reason.data)


class EvidenceForm(BaseForm):
    """What shows that something was done, and where it can be seen."""

    words = TextAreaField(
        "What shows that it is done?",
        [Required("Enter what shows that it is done")],
        hint=f"What changed, since when, and how you know. {NOBODY}",
        max_length=WORDS,
        rows=5,
    )
    kept_where = TextField(
        "Where can it be seen? (optional)",
        hint="The name of a document, a page or a team. Do not put anything about one person here.",
        max_length=300,
    )

    def evidence(self) -> Evidence:
        """Give what was filled in."""
        return Evidence(words=self.words.data, kept_where=self.kept_where.data)


class DoneForm(EvidenceForm):
    """The evidence with which an action is done."""

    def to_command(self, reference: str) -> MarkActionDone:
        """Hand on the evidence."""
        return MarkActionDone(reference=reference, evidence=self.evidence())


class MoreEvidenceForm(EvidenceForm):
    """More evidence."""

    def to_command(self, reference: str) -> AddEvidence:
        """Hand on the evidence."""
        return AddEvidence(reference=reference, evidence=self.evidence())


class BlockForm(BaseForm):
    """What stands in the way of an action."""

    reason = TextAreaField(
        "What stands in the way?", [Required("Enter what stands in the way")], hint=NOBODY, max_length=WORDS, rows=3
    )

    def to_command(self, reference: str) -> BlockAction:
        """Hand on the reason."""
        return BlockAction(reference=reference, reason=self.reason.data)


class TransferForm(BaseForm):
    """Why an action moves to the Partnership's log."""

    reason = TextAreaField(
        "Why does it move to the partnership’s log?",
        [Required("Enter why it moves to the partnership’s log")],
        hint=f"It stays open with its owner, and no longer keeps its case open. {NOBODY}",
        max_length=WORDS,
        rows=3,
    )

    def to_command(self, reference: str) -> TransferAction:
        """Hand on the reason."""
        return TransferAction(reference=reference, reason=self.reason.data)


class DueForm(BaseForm):
    """Another day by which an action is due, and why."""

    due_on = DateField("By when is it due now?", [Required("Enter the day by which it is due")])
    reason = TextAreaField(
        "Why does the day change?", [Required("Enter why the day changes")], hint=NOBODY, max_length=WORDS, rows=3
    )

    def to_command(self, reference: str) -> ChangeDue:
        """Hand on the day and the reason."""
        assert self.due_on.data is not None
        return ChangeDue(reference=reference, due_on=self.due_on.data, reason=self.reason.data)


class ImpactForm(BaseForm):
    """Whether the theme came up again, and what that tells."""

    recurred = RadioField(
        "Has the theme come up again in later cases?",
        [Required("Select whether the theme has come up again")],
        choices=choices(Recurred, "recurred"),
        coerce=Recurred,
    )
    impact = TextAreaField(
        "What did the check find?", [Required("Enter what the check found")], hint=NOBODY, max_length=WORDS, rows=4
    )
    look_again_on = DateField(
        "If it is too soon to say, when is it looked at again?",
        hint="The action stays done and comes back to your list on that day. For example, 27 3 2027",
    )

    def validate_look_again_on(self, field: Field) -> None:
        """Ask for the day where it is too soon, and only there."""
        too_soon = self.recurred.data is Recurred.TOO_SOON
        if too_soon and field.data is None:
            raise ValidationError("Enter the day on which it is looked at again")
        if not too_soon and self.recurred.data is not None and field.data is not None:
            raise ValidationError("Leave the day empty, or select that it is too soon to say")

    def to_command(self, reference: str) -> CheckImpact:
        """Hand on what was found."""
        return CheckImpact(
            reference=reference,
            recurred=self.recurred.data,
            impact=self.impact.data,
            look_again_on=self.look_again_on.data,
        )


class SendBackForm(BaseForm):
    """What is still needed of an action that was said to be done, and by when."""

    reason = TextAreaField(
        "What is still needed?", [Required("Enter what is still needed")], hint=NOBODY, max_length=WORDS, rows=4
    )
    due_on = DateField("By when is it due now?", [Required("Enter the day by which it is due")])

    def to_command(self, reference: str) -> SendBackAction:
        """Hand on the reason and the day."""
        assert self.due_on.data is not None
        return SendBackAction(reference=reference, reason=self.reason.data, due_on=self.due_on.data)


class ActionFilterForm(FilterForm):
    """Narrow the register of actions."""

    owner = SelectField("Owner", blank="Any owner", coerce=int)
    state = SelectField("State", choices=choices(ActionState, "action"), coerce=ActionState, blank="Any state")
    theme = SelectField("Theme", blank="Any theme", coerce=int)
    overdue = TickField("Overdue only")

    def __init__(self, owners: Iterable[tuple[int, str]], themes: Iterable[tuple[int, str]]) -> None:
        super().__init__()
        self.owner.choices = [choice(str(number), name) for number, name in owners]
        self.theme.choices = [choice(str(number), name) for number, name in themes]
        self.validate()
