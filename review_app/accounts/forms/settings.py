"""The forms by which an administrator keeps agencies, places and the Partnership's particulars."""

from review_app.accounts.commands import AddAgency, AddLocality, EditAgency, EditLocality, EditPartnership
from review_app.forms import (
    BaseForm,
    EmailField,
    Required,
    SelectField,
    TelField,
    TextField,
    TickField,
    VersionField,
)


class AgencyForm(BaseForm):
    """An agency's particulars."""

    name = TextField("Name of the agency", [Required("Enter the agency's name")], max_length=160)
    kind = SelectField("Kind of agency", [Required("Select the kind of agency")], coerce=int)
    contact = EmailField(
        "E-mail for questions", hint="Where a question goes when the agency has no representative here"
    )
    version = VersionField()

    def to_add(self) -> AddAgency:
        """Hand on a new agency."""
        return AddAgency(
            name=self.name.data or "", agency_type_id=self.kind.data, contact_address=self.contact.data or ""
        )

    def to_edit(self, agency_id: int) -> EditAgency:
        """Hand on a change to an agency."""
        return EditAgency(
            agency_id=agency_id,
            name=self.name.data or "",
            agency_type_id=self.kind.data,
            contact_address=self.contact.data or "",
            version=self.version.data or 0,
        )


class LocalityForm(BaseForm):
    """A place that reports can name."""

    area = SelectField("Area", [Required("Select the area")], coerce=int)
    name = TextField("Name of the place", [Required("Enter the name of the place")], max_length=120)

    def to_command(self) -> AddLocality:
        """Hand on a new place."""
        return AddLocality(area_id=self.area.data, name=self.name.data or "")


class EditLocalityForm(BaseForm):
    """Rename a place or take it out of use."""

    name = TextField("Name of the place", [Required("Enter the name of the place")], max_length=120)
    active = TickField("Reports can name this place")
    version = VersionField()

    def to_command(self, locality_id: int) -> EditLocality:
        """Hand on the change."""
        return EditLocality(
            locality_id=locality_id,
            name=self.name.data or "",
            active=bool(self.active.data),
            version=self.version.data or 0,
        )


class PartnershipForm(BaseForm):
    """What the Partnership tells and asks of those who report."""

    anonymous = TickField("People may report without leaving a contact")
    urgent_phone = TelField("Telephone for urgent reports, in office hours")
    out_of_hours_phone = TelField("Telephone out of hours")
    contact = EmailField("Contact e-mail shown on the pages")
    version = VersionField()

    def to_command(self) -> EditPartnership:
        """Hand on the change."""
        return EditPartnership(
            anonymous_reports=bool(self.anonymous.data),
            urgent_phone=self.urgent_phone.data or "",
            out_of_hours_phone=self.out_of_hours_phone.data or "",
            contact_address=self.contact.data or "",
            version=self.version.data or 0,
        )
