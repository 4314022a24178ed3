"""The forms by which the substance list is kept."""

from review_app.catalogue.commands import AddSubstance, ChangeSubstance, RetireSubstance, SubstanceEntry
from review_app.catalogue.forms.settings import WHY, WHY_HINT, lines
from review_app.catalogue.rules.substances import (
    CLASS_WORDS,
    Control,
    MdaClass,
    SubstanceClass,
    fault_of,
)
from review_app.forms import (
    BaseForm,
    DateField,
    FilterForm,
    RadioField,
    Required,
    SelectField,
    TextAreaField,
    TextField,
    VersionField,
    choice,
)

NOT_CONTROLLED = "none"


class SubstanceFilter(FilterForm):
    """Which entries of the list are shown."""

    show = SelectField(
        "Show",
        choices=[choice("unverified", "Not verified"), choice("retired", "Taken off the list")],
        blank="Everything on the list",
    )


class SubstanceForm(BaseForm):
    """What an entry of the substance list says."""

    name = TextField("Name", [Required("Enter the name of the substance")], max_length=120)
    kind = SelectField(
        "Kind",
        [Required("Select the kind of substance")],
        choices=[choice(kind.value, words) for kind, words in CLASS_WORDS.items()],
        coerce=SubstanceClass,
        hint="A report that names a nitazene or a synthetic opioid is urgent.",
    )
    aliases = TextAreaField(
        "Other names", max_length=1000, rows=4, hint="Street, brand and other names, one on each line."
    )
    mda_class = RadioField(
        "Class under the Misuse of Drugs Act 1971",
        [Required("Select the class, or that there is none")],
        choices=[*(choice(each.value, f"Class {each.value}") for each in MdaClass), choice(NOT_CONTROLLED, "No class")],
        inline=True,
    )
    controlled_on = DateField("Controlled since (if the day is known)", hint="The day the law came into force.")
    controlled_before = DateField(
        "Controlled since before (if the day is not known)", hint="A day on which it was certainly controlled already."
    )
    source = TextField(
        "Source",
        max_length=200,
        hint="The legislation, for example SI 2024/190.",
    )
    verified = RadioField(
        "Has this been checked against the source?",
        [Required("Select whether this has been checked")],
        choices=[
            choice("yes", "Yes, I have checked it", "Your name is kept with it."),
            choice("no", "No, it is not verified", "Whoever decides about a case is asked, and nothing is assumed."),
        ],
    )
    reason = TextField(WHY, max_length=300, hint=WHY_HINT)
    version = VersionField()

    def control(self) -> Control:
        """Give what is said of control under the Act."""
        return Control(
            mda_class=None if self.mda_class.data in {None, NOT_CONTROLLED} else MdaClass(self.mda_class.data),
            controlled_on=self.controlled_on.data,
            controlled_before=self.controlled_before.data,
            source=self.source.data,
            verified=self.verified.data == "yes",
        )

    def validate(self, extra_validators: object = None) -> bool:
        """Refuse what cannot be said together."""
        valid: bool = super().validate(extra_validators)
        too_long = [name for name in lines(self.aliases.data) if len(name) > 120]
        if too_long:
            self.add_error("aliases", "Enter other names of 120 characters or fewer")
        fault = fault_of(self.control()) if valid else None
        if fault is not None:
            self.add_error(fault[0].value, fault[1])
        return valid and fault is None and not too_long

    def entry(self) -> SubstanceEntry:
        """Give what the entry is to say."""
        return SubstanceEntry(
            name=self.name.data,
            substance_class=self.kind.data,
            control=self.control(),
            aliases=tuple(lines(self.aliases.data)),
        )

    def to_add(self) -> AddSubstance:
        """Hand on a new entry."""
        return AddSubstance(entry=self.entry(), reason=self.reason.data)

    def to_change(self, substance_id: int) -> ChangeSubstance:
        """Hand on a change of an entry."""
        return ChangeSubstance(
            substance_id=substance_id,
            version=self.version.data or 0,
            entry=self.entry(),
            reason=self.reason.data,
        )


class RetireForm(BaseForm):
    """Why an entry is taken off the list, or put back."""

    reason = TextField(WHY, max_length=300, hint=WHY_HINT)
    version = VersionField()

    def to_retire(self, substance_id: int, *, retire: bool) -> RetireSubstance:
        """Hand on the change."""
        return RetireSubstance(
            substance_id=substance_id, version=self.version.data or 0, retire=retire, reason=self.reason.data
        )
