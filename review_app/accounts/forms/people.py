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
from review_app.policy import Role


class PeopleFilter(FilterForm):
    """Find people by name or address."""

    words = TextField("Name or e-mail address", max_length=100)


class InvitePersonForm(BaseForm):
    """Open an account."""

    name = TextField("Full name", [Required("Enter the person's name")], max_length=120, autocomplete="off")
    email = EmailField("E-mail address", [Required("Enter their e-mail address")])
    agency = SelectField("Agency", [Required("Select the agency they work for")], coerce=int)

    def to_command(self) -> InvitePerson:
        """Hand on what was typed."""
        return InvitePerson(name=self.name.data or "", email=self.email.data or "", agency_id=self.agency.data)


class GiveRoleForm(BaseForm):
    """Give a role."""

    role = RadioField("Role", [Required("Select a role")], choices=choices(Role, "role"), coerce=Role, small=True)
    panel = SelectField("Panel", coerce=int, hint="For coordinator, chair, deputy chair and panel member")
    agency = SelectField("Agency", coerce=int, hint="For roles in an agency, and for the seat on a panel")
    expertise = TextField("Expertise on the panel", max_length=200)
    clinical = TickField("This person is a clinician")
    ends_on = DateField("Last day, if it is known")

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
