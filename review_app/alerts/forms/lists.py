"""The forms of distribution lists and of those who are on them."""

from collections.abc import Sequence

from wtforms.widgets import HiddenInput

from review_app.alerts.commands import (
    AddRecipient,
    ArchiveList,
    ChangeList,
    ChangeRecipient,
    ImportRecipients,
    MakeList,
    RecipientDetails,
    RecipientFilter,
    RemoveRecipient,
)
from review_app.alerts.rules import ROLE_LIMIT, ImportRow, ListKind, UnreadableFile, decode, read_rows
from review_app.forms import (
    BaseForm,
    EmailField,
    FileField,
    FilterForm,
    RadioField,
    Required,
    SelectField,
    TextAreaField,
    TextField,
    TickField,
    VersionField,
    choice,
    choices,
)

LARGEST_FILE = 900_000
HINTS = {
    "network": "The wide professional network that answers questions and receives alerts.",
    "at_risk_agencies": "Agencies whose people are at risk: hostels, outreach, treatment.",
    "clinical": "Emergency departments, ambulance, pharmacies and other clinicians.",
}


class ListForm(BaseForm):
    """Name a list and say whom it gathers."""

    name = TextField("Name of the list", [Required("Enter a name")], max_length=120, width="20")
    kind = RadioField(
        "Whom does it gather?",
        [Required("Select whom it gathers")],
        choices=choices(ListKind, "list_kind", HINTS),
        coerce=ListKind,
    )


class NewListForm(ListForm):
    """Start a list."""

    exercise = TickField("For exercises only", hint="Cannot be changed later. Real alerts never go to such a list.")

    def to_command(self) -> MakeList:
        """Hand on the new list."""
        return MakeList(name=self.name.data, kind=self.kind.data, exercise=bool(self.exercise.data))


class ChangeListForm(ListForm):
    """Rename a list."""

    version = VersionField()

    def to_command(self, reference: str) -> ChangeList:
        """Hand on the change."""
        return ChangeList(reference=reference, version=self.version.data or 0, name=self.name.data, kind=self.kind.data)


class VersionedForm(BaseForm):
    """One press, on the record as it was seen."""

    version = VersionField()

    def to_archive(self, reference: str, *, archived: bool) -> ArchiveList:
        """Put a list out of use, or back into it."""
        return ArchiveList(reference=reference, version=self.version.data or 0, archived=archived)

    def to_removal(self, reference: str, recipient_id: int) -> RemoveRecipient:
        """Take somebody off a list."""
        return RemoveRecipient(reference=reference, recipient_id=recipient_id, version=self.version.data or 0)


class RecipientForm(BaseForm):
    """Who somebody on a list is."""

    address = EmailField("E-mail address", [Required("Enter an e-mail address")], autocomplete="off", width="20")
    agency = SelectField("Agency", blank="No agency", coerce=int)
    role = TextField("Role", hint="For example: hostel manager", max_length=ROLE_LIMIT, width="20")
    confirmed = TickField("The agency confirmed this address today")

    def offer(self, agencies: Sequence[tuple[int, str]]) -> None:
        """Offer the agencies of the Partnership."""
        self.agency.choices = [choice(str(number), name) for number, name in agencies]

    def details(self) -> RecipientDetails:
        """Give what was typed."""
        return RecipientDetails(
            address=self.address.data,
            agency_id=self.agency.data,
            role=self.role.data,
            confirmed=bool(self.confirmed.data),
        )

    def to_command(self, reference: str) -> AddRecipient:
        """Hand on somebody new."""
        return AddRecipient(reference=reference, details=self.details())


class ChangeRecipientForm(RecipientForm):
    """Correct who somebody is."""

    version = VersionField()

    def to_change(self, reference: str, recipient_id: int) -> ChangeRecipient:
        """Hand on the correction."""
        return ChangeRecipient(
            reference=reference, recipient_id=recipient_id, version=self.version.data or 0, details=self.details()
        )


class ImportForm(BaseForm):
    """Choose a file of recipients."""

    file = FileField(
        "CSV file",
        [Required("Choose a CSV file")],
        hint="Columns: address, agency, role. Only the address is needed. At most 10,000 rows.",
        accept=".csv,text/csv,text/plain",
    )

    def rows(self) -> tuple[ImportRow, ...]:
        """Read the file. Raises UnreadableFile with what to do."""
        content: bytes = self.file.data.read(LARGEST_FILE + 1)
        if len(content) > LARGEST_FILE:
            raise UnreadableFile("The file is too large. Split it into files of at most 10,000 rows.")
        return read_rows(decode(content))


class ConfirmImportForm(BaseForm):
    """Import the rows that were shown. They are judged again."""

    packed = TextAreaField("Rows", max_length=1_000_000, widget=HiddenInput())

    rows: tuple[ImportRow, ...] = ()

    def validate(self, extra_validators: object = None) -> bool:
        """Rows that do not come from the page before are refused."""
        if not super().validate(extra_validators):
            return False
        try:
            self.rows = read_rows(self.packed.data)
        except UnreadableFile:
            return False
        return True

    def to_command(self, reference: str) -> ImportRecipients:
        """Hand on the rows."""
        return ImportRecipients(reference=reference, rows=self.rows)


class RecipientFilterForm(FilterForm):
    """Narrow the recipients of a list."""

    words = TextField("Part of an address or role", max_length=80)
    agency = SelectField("Agency", blank="Any agency", coerce=int)
    left = TickField("Show those who have left")

    def __init__(self, agencies: Sequence[tuple[int, str]]) -> None:
        self.offered = [choice(str(number), name) for number, name in agencies]
        super().__init__()

    def validate(self, extra_validators: object = None) -> bool:
        """Only the agencies offered can be chosen."""
        self.agency.choices = self.offered
        return super().validate(extra_validators)

    def to_filter(self) -> RecipientFilter:
        """Hand on the filters."""
        return RecipientFilter(
            words=self.words.data if not self.words.errors else "",
            agency_id=self.agency.data if not self.agency.errors else None,
            left=bool(self.left.data),
        )
