"""The forms by which an alert is acknowledged, changed and ended."""

from review_app.alerts.commands import Acknowledge, SayAction, StartNextVersion, WithdrawAlert
from review_app.alerts.rules import ActionTaken, VersionKind, WithdrawalReason
from review_app.forms import BaseForm, IntegerField, RadioField, Required, choices


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
