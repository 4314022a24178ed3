"""The forms of signing a version, returning it, and looking for alerts."""

from review_app.alerts.commands import AlertFilter, ReturnAlert, SignAlert
from review_app.alerts.rules import AlertLevel, AlertState
from review_app.forms import (
    BaseForm,
    FilterForm,
    HiddenTextField,
    RadioField,
    Required,
    SelectField,
    TextAreaField,
    TextField,
    choices,
)
from review_app.policy import Role


class SignForm(BaseForm):
    """Sign what was read, in one of the roles that are still needed."""

    role = RadioField("Sign as", [Required("Select the role in which you sign")], coerce=Role)
    digest = HiddenTextField(max_length=64)

    def to_command(self, reference: str) -> SignAlert:
        """Hand on the signature."""
        return SignAlert(reference=reference, digest=self.digest.data, role=self.role.data)


class ReturnForm(BaseForm):
    """Return what was read, with a reason."""

    reason = TextAreaField(
        "Why do you return it?",
        [Required("Enter why you return it")],
        hint="What must change before you can sign. Its writers read this.",
        max_length=1000,
        rows=4,
    )
    digest = HiddenTextField(max_length=64)

    def to_command(self, reference: str) -> ReturnAlert:
        """Hand on the reason."""
        return ReturnAlert(reference=reference, digest=self.digest.data, reason=self.reason.data)


class AlertFilterForm(FilterForm):
    """Narrow the list of alerts."""

    words = TextField("Words or reference", max_length=80)
    state = SelectField("State", choices=choices(AlertState, "alert"), blank="Any state")
    level = SelectField("Level", choices=choices(AlertLevel, "level"), blank="Any level")

    def to_filter(self) -> AlertFilter:
        """Hand on the filters that have the right shape."""
        chosen = self.chosen()
        return AlertFilter(**{key: str(chosen[key]) for key in ("words", "state", "level") if key in chosen})
