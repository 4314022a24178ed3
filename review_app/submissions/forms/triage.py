"""What a coordinator fills in about one report, and the filters of the inbox."""

from collections.abc import Iterable

from wtforms.validators import ValidationError

from review_app.forms import (
    BaseForm,
    CheckboxesField,
    DateField,
    FilterForm,
    HiddenTextField,
    IntegerField,
    RadioField,
    Required,
    SelectField,
    TextAreaField,
    TextField,
    TickField,
    choice,
    choices,
)
from review_app.fuzzy import FuzzyDate, parse_fuzzy
from review_app.submissions.commands.triage import (
    AddAnswers,
    AskSubmitter,
    CloseSubmission,
    Learned,
    LinkToSignal,
    MarkSubmission,
    OpenSignalWith,
    ReopenSubmission,
    RevealSubmitter,
    TellSubmitter,
    UnlinkFromSignal,
    WithdrawSubmission,
)
from review_app.submissions.rules import (
    AgeBand,
    ClosureReason,
    KnownPlace,
    LinkReason,
    RevealPurpose,
    SourceKind,
    SubmissionState,
    UrgentTick,
    Vulnerability,
)

Places = Iterable[tuple[int, str]]
NO_NAMES = "Write plainly, and name nobody who uses services."
STATES = [state for state in SubmissionState if state is not SubmissionState.DRAFT]


class InboxFilterForm(FilterForm):
    """Narrow the inbox."""

    state = SelectField("State", choices=choices(STATES, "submission"), coerce=SubmissionState, blank="Any state")
    area = SelectField("Where", coerce=int, blank="Anywhere")
    substance = TextField("Sold as", max_length=80)
    since = DateField("Received from")
    until = DateField("Received to")
    urgent = TickField("Urgent only")

    def offer(self, places: Places) -> None:
        """Offer the places of the Partnership, then judge what was chosen."""
        self.area.choices = [choice(str(number), name) for number, name in places]
        self.validate()


class AddAnswersForm(BaseForm):
    """What was learned since; every question can be left out."""

    note = TextAreaField("What did you learn?", hint=NO_NAMES, max_length=4000)
    ticks = CheckboxesField(
        "Is it urgent?",
        choices=choices(UrgentTick, "urgent_tick"),
        coerce=UrgentTick,
        hint="Tick what you know now. This can only make the report more urgent.",
        small=True,
    )
    place = SelectField("Where did it happen?", blank="No change")
    place_detail = TextField(
        "Place in more detail",
        hint="Only those who triage and the panel while it grades can see this. Leave out house numbers.",
        max_length=200,
    )
    happened = TextField(
        "When did it happen?",
        hint="For example 8 November 2026, about 8 November 2026, November 2026, or ongoing.",
        max_length=60,
        width="20",
    )
    how_known = SelectField(
        "How is it known?", choices=choices(SourceKind, "source"), coerce=SourceKind, blank="No change"
    )
    suspected = TextField(
        "What is it suspected to be or contain?", hint="Separate several with commas.", max_length=200
    )
    deaths = IntegerField("How many deaths are suspected?", most=99, width="2")
    attended_ed = IntegerField("How many went to an emergency department?", most=99, width="2")
    admitted = IntegerField("How many were admitted to hospital?", most=99, width="2")
    intensive_care = IntegerField("How many needed intensive care?", most=99, width="2")
    naloxone = RadioField(
        "Was naloxone given?",
        choices=[choice("yes", "Yes"), choice("no", "No"), choice("not_known", "Not known")],
        inline=True,
        small=True,
    )
    doses = IntegerField("How many doses of naloxone?", most=99, width="2")
    ages = CheckboxesField(
        "Ages of the people affected",
        choices=choices(AgeBand, "age_band"),
        coerce=AgeBand,
        small=True,
    )
    vulnerabilities = CheckboxesField(
        "What made people more vulnerable?",
        choices=choices(Vulnerability, "vulnerability"),
        coerce=Vulnerability,
        small=True,
    )

    def offer(self, places: Places) -> None:
        """Offer the places of the Partnership."""
        known = [choice(f"locality:{number}", name) for number, name in places]
        self.place.choices = [*known, *choices(KnownPlace, "known_place")]

    def validate_happened(self, field: TextField) -> None:
        """Refuse a date that cannot be read."""
        try:
            parse_fuzzy(field.data)
        except ValueError as problem:
            raise ValidationError(str(problem)) from None

    def to_command(self, reference: str) -> AddAnswers:
        """Hand on what was filled in."""
        answers: dict[str, Learned] = {
            "D0": self.note.data,
            "B1": self.place.data,
            "B2": self.place_detail.data,
            "E1": self.how_known.data.value if self.how_known.data else None,
            "C3": [name for part in self.suspected.data.split(",") if (name := part.strip())],
            "D2": [band.value for band in self.ages.data or ()],
            "D6": self._counts("attended_ed", "admitted", "intensive_care"),
            "D7": self.deaths.data,
            "D8": self._naloxone(),
            "D10": [each.value for each in self.vulnerabilities.data or ()],
        }
        return AddAnswers(
            reference=reference, answers=answers, happened=self._happened(), ticks=tuple(self.ticks.data or ())
        )

    def _happened(self) -> FuzzyDate | None:
        return parse_fuzzy(self.happened.data) if self.happened.data else None

    def _counts(self, *names: str) -> dict[str, int]:
        numbers = {name: self._fields[name].data for name in names}
        return {name: number for name, number in numbers.items() if number is not None}

    def _naloxone(self) -> dict[str, str | int]:
        given: dict[str, str | int] = {"given": self.naloxone.data} if self.naloxone.data else {}
        return {**given, "doses": self.doses.data} if self.doses.data is not None else given


class AskForm(BaseForm):
    """A question to the submitter."""

    question = TextAreaField(
        "What do you want to ask?",
        [Required("Enter your question")],
        hint="They read it behind their private link. The e-mail only says that a question waits.",
        max_length=2000,
    )

    def to_command(self, reference: str) -> AskSubmitter:
        """Hand on the question."""
        return AskSubmitter(reference=reference, question=self.question.data)


class TellForm(BaseForm):
    """Words for the submitter."""

    body = TextAreaField(
        "What do you want to tell the submitter?",
        [Required("Enter what you want to tell the submitter")],
        hint=f"{NO_NAMES} They read it behind their private link. The e-mail only says that there is news.",
        max_length=2000,
    )
    outcome = TickField("This tells them what was decided")

    def to_command(self, reference: str) -> TellSubmitter:
        """Hand on the words."""
        return TellSubmitter(reference=reference, body=self.body.data, outcome=self.outcome.data)


class LinkForm(BaseForm):
    """Which Signal a report belongs to, and why."""

    signal = RadioField("Which Signal?", [Required("Select a Signal, or open a new one")])
    kind = RadioField(
        "Why do they belong together?",
        [Required("Select why they belong together")],
        choices=choices([each for each in LinkReason if each is not LinkReason.FIRST_REPORT], "link_reason"),
        coerce=LinkReason,
    )
    reason = TextAreaField("Anything to add?", hint="Optional.", max_length=1000, rows=2)

    def validate_reason(self, field: TextAreaField) -> None:
        """Another reason has to be said."""
        if self.kind.data is LinkReason.OTHER and not field.data:
            raise ValidationError("Enter the reason")

    def to_command(self, reference: str) -> LinkToSignal:
        """Hand on the choice."""
        return LinkToSignal(reference=reference, signal=self.signal.data, kind=self.kind.data, reason=self.reason.data)


class NewSignalForm(BaseForm):
    """The title of a Signal that is opened with a report."""

    title = TextField(
        "Title of the new Signal",
        [Required("Enter a title")],
        hint="Say what and where, such as “Blue tablets sold as diazepam, Northgate”. No names, no graphic detail.",
        max_length=120,
    )

    def to_command(self, reference: str) -> OpenSignalWith:
        """Hand on the title."""
        return OpenSignalWith(reference=reference, title=self.title.data)


class SearchForm(FilterForm):
    """Words by which to look for a Signal."""

    words = TextField("Reference or words of the title", max_length=80)


class UnlinkForm(BaseForm):
    """Why a report is taken out of its Signal."""

    reason = TextAreaField(
        "Why does it not belong there?", [Required("Enter why it does not belong there")], max_length=1000, rows=3
    )

    def to_command(self, reference: str) -> UnlinkFromSignal:
        """Hand on the reason."""
        return UnlinkFromSignal(reference=reference, reason=self.reason.data)


class CloseForm(BaseForm):
    """Why a report is closed, and what its submitter is told."""

    reason = RadioField("Why are you closing this report?", [Required("Select a reason")], coerce=ClosureReason)
    note = TextAreaField("Note for colleagues", hint="Optional.", max_length=1000, rows=2)
    message = TextAreaField(
        "What do we tell the submitter?",
        hint=f"{NO_NAMES} Thank them, and say what happens now. They read it behind their private link.",
        max_length=2000,
        rows=4,
    )

    def offer(self, reasons: Iterable[ClosureReason]) -> None:
        """Offer the reasons that fit where the report stands."""
        self.reason.choices = choices(reasons, "closure_reason")

    def to_command(self, reference: str) -> CloseSubmission:
        """Hand on the reason."""
        return CloseSubmission(
            reference=reference, reason=self.reason.data, note=self.note.data, message=self.message.data
        )


class ReopenForm(BaseForm):
    """Why a report is taken up again."""

    reason = TextAreaField(
        "Why are you reopening this report?", [Required("Enter why you are reopening it")], max_length=1000, rows=3
    )

    def to_command(self, reference: str) -> ReopenSubmission:
        """Hand on the reason."""
        return ReopenSubmission(reference=reference, reason=self.reason.data)


class WithdrawForm(BaseForm):
    """Why a report is withdrawn on the submitter's behalf."""

    reason = TextAreaField(
        "Why is this report withdrawn?",
        [Required("Enter why it is withdrawn")],
        hint="For example, the submitter rang and said it was a mistake. The text is kept.",
        max_length=1000,
        rows=3,
    )

    def to_command(self, reference: str) -> WithdrawSubmission:
        """Hand on the reason."""
        return WithdrawSubmission(reference=reference, reason=self.reason.data)


class MarkForm(BaseForm):
    """Whether a report is police-sensitive, as the button said."""

    sensitive = HiddenTextField(max_length=3)

    def to_command(self, reference: str) -> MarkSubmission:
        """Hand on the mark."""
        return MarkSubmission(reference=reference, police_sensitive=self.sensitive.data == "yes")


class RevealForm(BaseForm):
    """For what the submitter's identity is looked at."""

    purpose = RadioField(
        "Why do you need to see who sent this report?",
        [Required("Select why you need to see who sent this report")],
        choices=choices(RevealPurpose, "reveal_purpose"),
        coerce=RevealPurpose,
    )

    def to_command(self, reference: str) -> RevealSubmitter:
        """Hand on the purpose."""
        return RevealSubmitter(reference=reference, purpose=self.purpose.data)
