"""What can be asked of accounts, one dataclass a verb."""

from dataclasses import dataclass
from datetime import date

from review_app.policy import Role


@dataclass(frozen=True, kw_only=True)
class SignInWith:
    """Sign in from a network address."""

    email: str
    password: str
    address: str


@dataclass(frozen=True, kw_only=True)
class SetPassword:
    """Take up an invitation."""

    token: str
    password: str


@dataclass(frozen=True, kw_only=True)
class InvitePerson:
    """Open an account for a named person at an agency and send them a link."""

    name: str
    email: str
    agency_id: int


@dataclass(frozen=True, kw_only=True)
class GiveRole:
    """Give a person a role in its kind of scope; a seat on a panel is held for an agency."""

    user_id: int
    role: Role
    panel_id: int | None
    agency_id: int | None
    expertise: str
    clinical: bool
    ends_on: date | None


@dataclass(frozen=True, kw_only=True)
class AddAgency:
    """Make an agency, or an existing one of that name, a member of the Partnership."""

    name: str
    agency_type_id: int
    contact_address: str


@dataclass(frozen=True, kw_only=True)
class EditAgency:
    """Change an agency's particulars, as they stood when the page was opened (`version`)."""

    agency_id: int
    name: str
    agency_type_id: int
    contact_address: str
    version: int


@dataclass(frozen=True, kw_only=True)
class AddLocality:
    """Add a place that reports can name."""

    area_id: int
    name: str


@dataclass(frozen=True, kw_only=True)
class EditLocality:
    """Rename a place, or take it out of use; reports that named it keep it."""

    locality_id: int
    name: str
    active: bool
    version: int


@dataclass(frozen=True, kw_only=True)
class EditPartnership:
    """Change what the Partnership tells and asks of those who report."""

    anonymous_reports: bool
    urgent_phone: str
    out_of_hours_phone: str
    contact_address: str
    version: int
