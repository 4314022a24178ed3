"""What a coordinator fills in about one Signal, and the filters of the list of Signals."""

from review_app.forms import (
    BaseForm,
    FilterForm,
    HiddenTextField,
    LondonTimeField,
    Required,
    SelectField,
    TextAreaField,
    TextField,
    TickField,
    VersionField,
    choices,
)
from review_app.marks import Grade
from review_app.submissions.commands.signals import (
    CloseSignal,
    MarkSignal,
    OpenSignal,
    ReopenSignal,
    SkipCorroboration,
    TellSubmitters,
    TitleSignal,
    WatchSignal,
)
from review_app.submissions.rules import SignalState

TITLE_HINT = "Say what and where, such as “Blue tablets sold as diazepam, Northgate”. No names, no graphic detail."


class SignalFilterForm(FilterForm):
    """Narrow the list of Signals."""

    words = TextField("Reference or words of the title", max_length=80)
    state = SelectField("State", choices=choices(SignalState, "signal"), coerce=SignalState, blank="Any state")
    grade = SelectField("Grade", choices=choices(Grade, "grade"), coerce=Grade, blank="Any grade")
    urgent = TickField("Urgent only")


class OpenSignalForm(BaseForm):
    """The title of a Signal without a report."""

    title = TextField("Title", [Required("Enter a title")], hint=TITLE_HINT, max_length=120)

    def to_command(self) -> OpenSignal:
        """Hand on the title."""
        return OpenSignal(title=self.title.data)


class TitleForm(BaseForm):
    """Another title, with the version of the Signal that was read."""

    title = TextField("Title", [Required("Enter a title")], hint=TITLE_HINT, max_length=120)
    version = VersionField()

    def to_command(self, reference: str) -> TitleSignal:
        """Hand on the title."""
        return TitleSignal(reference=reference, title=self.title.data, version=self.version.data or 0)

    def carry_on_from(self, version: int) -> None:
        """Go on from what the Signal is now, so that the next press counts."""
        self.version.data, self.version.raw_data = version, None


class SkipForm(BaseForm):
    """Why the panel does not wait for agencies."""

    reason = TextAreaField(
        "Why should the panel not wait for agencies?",
        [Required("Enter why the panel should not wait for agencies")],
        hint="For example, a laboratory has confirmed it, or people are in danger now.",
        max_length=1000,
        rows=3,
    )

    def to_command(self, reference: str) -> SkipCorroboration:
        """Hand on the reason."""
        return SkipCorroboration(reference=reference, reason=self.reason.data)


class WatchForm(BaseForm):
    """Until when, and why, a Signal is watched."""

    until = LondonTimeField("Until when?", [Required("Enter the date and time until which you will watch it")])
    reason = TextAreaField(
        "What are you watching for?", [Required("Enter what you are watching for")], max_length=1000, rows=3
    )

    def to_command(self, reference: str) -> WatchSignal:
        """Hand on time and reason."""
        assert self.until.data is not None
        return WatchSignal(reference=reference, reason=self.reason.data, until=self.until.data)


class CloseSignalForm(BaseForm):
    """Why a Signal is closed."""

    reason = TextAreaField(
        "Why are you closing this Signal?", [Required("Enter why you are closing it")], max_length=1000, rows=3
    )

    def to_command(self, reference: str) -> CloseSignal:
        """Hand on the reason."""
        return CloseSignal(reference=reference, reason=self.reason.data)


class ReopenSignalForm(BaseForm):
    """Why a Signal is opened again."""

    reason = TextAreaField(
        "What is new?",
        [Required("Enter what is new")],
        hint="For example a new report, a laboratory result or an incident.",
        max_length=1000,
        rows=3,
    )

    def to_command(self, reference: str) -> ReopenSignal:
        """Hand on the reason."""
        return ReopenSignal(reference=reference, reason=self.reason.data)


class TellSubmittersForm(BaseForm):
    """Words for everyone whose report is linked to a decided Signal."""

    body = TextAreaField(
        "What was decided, and what happens now?",
        [Required("Enter what you want to tell the submitters")],
        hint="Write plainly, thank them, and name nobody. Each reads it behind their own private link.",
        max_length=2000,
    )
    close = TickField("Close their reports as well")

    def to_command(self, reference: str) -> TellSubmitters:
        """Hand on the words."""
        return TellSubmitters(reference=reference, body=self.body.data, close=self.close.data)


class MarkSignalForm(BaseForm):
    """Whether a Signal is police-sensitive, as the button said."""

    sensitive = HiddenTextField(max_length=3)

    def to_command(self, reference: str) -> MarkSignal:
        """Hand on the mark."""
        return MarkSignal(reference=reference, police_sensitive=self.sensitive.data == "yes")
