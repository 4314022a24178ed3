"""The forms by which an administrator keeps accounts and roles."""

from review_app.accounts.commands import GiveRole, InvitePerson
from review_app.forms import (
    BaseForm,
    DateField,
    EmailField,
    FilterForm,
    RadioField,
    Required,
    SelectField,
    TextField,
    TickField,
    choices,
)
from review_app.policy import AGENCY_ROLES, PANEL_ROLES, Role


class PeopleFilter(FilterForm):
    """Find people by name or address."""

    words = TextField("Name or e-mail address", max_length=100)


class InvitePersonForm(BaseForm):
    """Open an account."""

    name = TextField("Full name", [Required("Enter the person's name")], max_length=120, autocomplete="off")
    email = EmailField("E-mail address", [Required("Enter their e-mail address")])
    agency = SelectField("Agency", [Required("Select the agency they work for")], coerce=int, blank="Select an agency")

    def to_command(self) -> InvitePerson:
        """Hand on what was typed."""
        return InvitePerson(name=self.name.data or "", email=self.email.data or "", agency_id=self.agency.data)


class GiveRoleForm(BaseForm):
    """Give a role."""

    role = RadioField("Role", [Required("Select a role")], choices=choices(Role, "role"), coerce=Role, small=True)
    panel = SelectField(
        "Panel", coerce=int, blank="Select a panel", hint="For coordinator, chair, deputy chair and panel member"
    )
    agency = SelectField(
        "Agency", coerce=int, blank="Select an agency", hint="For roles in an agency, and for the seat on a panel"
    )
    expertise = TextField("Expertise on the panel", max_length=200)
    clinical = TickField("This person is a clinician")
    ends_on = DateField("Last day, if it is known")

    def validate(self, extra_validators: object = None) -> bool:
        """Ask for the panel and the agency of the roles that are held there."""
        valid, role = super().validate(extra_validators), self.role.data
        if role in PANEL_ROLES and not self.panel.data:
            self.add_error("panel", "Select the panel on which this role is held")
        if (role in AGENCY_ROLES or role in PANEL_ROLES - {Role.COORDINATOR}) and not self.agency.data:
            self.add_error("agency", "Select the agency for which this role is held")
        return valid and not self.panel.errors and not self.agency.errors

    def to_command(self, user_id: int) -> GiveRole:
        """Hand on what was chosen for this person."""
        return GiveRole(
            user_id=user_id,
            role=self.role.data,
            panel_id=self.panel.data,
            agency_id=self.agency.data,
            expertise=self.expertise.data or "",
            clinical=bool(self.clinical.data),
            ends_on=self.ends_on.data,
        )
