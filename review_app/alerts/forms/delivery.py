"""The forms by which an alert is acknowledged, changed and ended."""

from collections.abc import Sequence

from review_app.alerts.commands import Acknowledge, SayAction, SeeToDeliveries, StartNextVersion, WithdrawAlert
from review_app.alerts.rules import ActionTaken, VersionKind, WithdrawalReason
from review_app.forms import (
    BaseForm,
    CheckboxesField,
    IntegerField,
    RadioField,
    Required,
    TextAreaField,
    choice,
    choices,
)


class AcknowledgeForm(BaseForm):
    """One button."""

    def to_command(self, token: str) -> Acknowledge:
        """Hand on that it was read."""
        return Acknowledge(token=token)


class SayActionForm(BaseForm):
    """What was done, and to how many it was passed on."""

    action = RadioField(
        "What have you done?",
        [Required("Select what you have done")],
        choices=choices(ActionTaken, "action_taken"),
        coerce=ActionTaken,
    )
    passed_on = IntegerField(
        "How many people did you pass it on to?", least=0, most=100_000, hint="Leave it empty if you do not know"
    )

    def to_command(self, token: str) -> SayAction:
        """Hand on what was done."""
        return SayAction(token=token, action=self.action.data, passed_on=self.passed_on.data)


class WithdrawForm(BaseForm):
    """Why an alert ends."""

    reason = RadioField(
        "Why is it withdrawn?",
        [Required("Select why it is withdrawn")],
        choices=choices(WithdrawalReason, "withdrawal_reason"),
        coerce=WithdrawalReason,
    )

    def to_command(self, reference: str) -> WithdrawAlert:
        """Hand on the reason."""
        return WithdrawAlert(reference=reference, reason=self.reason.data)


class NextVersionForm(BaseForm):
    """Which sort of new version is begun."""

    def to_command(self, reference: str, kind: VersionKind) -> StartNextVersion:
        """Hand on the kind that the address names."""
        return StartNextVersion(reference=reference, kind=kind)


class SeeToForm(BaseForm):
    """Which messages somebody has seen to, and how."""

    deliveries = CheckboxesField(
        "Which of them have you seen to?", [Required("Select the messages you have seen to")], coerce=int, small=True
    )
    note = TextAreaField(
        "What did you do?",
        [Required("Enter what you did")],
        hint="For example: rang their duty desk and read them the alert. Name nobody who uses services.",
        max_length=1000,
        rows=3,
    )

    def offer(self, waiting: Sequence[tuple[int, str]]) -> None:
        """Offer the messages that need a person; a single one is ticked already."""
        self.deliveries.choices = [choice(str(number), words) for number, words in waiting]
        if len(waiting) == 1 and not self.is_submitted():
            self.deliveries.data = [waiting[0][0]]

    def to_command(self, reference: str, number: int) -> SeeToDeliveries:
        """Hand on which, and what was done."""
        return SeeToDeliveries(
            reference=reference, number=number, deliveries=tuple(self.deliveries.data or ()), note=self.note.data
        )
