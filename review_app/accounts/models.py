"""Who people are, where they work, and which role they hold in which scope from when to when."""

from datetime import date, datetime
from enum import StrEnum

from flask_login import UserMixin
from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from review_app.db import Base
from review_app.policy import AGENCY_ROLES, PANEL_ROLES, PARTNERSHIP_ROLES, PanelKind, Role


class Installation(Base):
    """One row: the mode this database was stamped with, which no other mode may open."""

    __tablename__ = "installation"
    __table_args__ = (
        CheckConstraint("id = 1", name="one_row"),
        CheckConstraint("mode IN ('demo', 'production')", name="mode"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    mode: Mapped[str] = mapped_column(String(20))
    stamped_at: Mapped[datetime]


class Partnership(Base):
    """The local body whose data this is: one council's footprint, or several councils together."""

    __tablename__ = "partnership"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    slug: Mapped[str] = mapped_column(String(40), unique=True)
    code: Mapped[str] = mapped_column(String(5), unique=True)
    anonymous_reports: Mapped[bool] = mapped_column(default=True)
    urgent_phone: Mapped[str] = mapped_column(String(40), default="")
    out_of_hours_phone: Mapped[str] = mapped_column(String(40), default="")
    contact_address: Mapped[str] = mapped_column(String(254), default="")
    version: Mapped[int] = mapped_column()
    areas: Mapped[list["Area"]] = relationship(order_by="Area.name", back_populates="partnership")
    __mapper_args__ = {"version_id_col": version}

    @property
    def reference(self) -> str:
        """The public word for this Partnership in the audit."""
        return self.slug

    @property
    def partnership_id(self) -> int:
        """A Partnership belongs to itself."""
        return self.id


class Area(Base):
    """A council area inside a Partnership."""

    __tablename__ = "area"
    __table_args__ = (UniqueConstraint("partnership_id", "name"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    partnership_id: Mapped[int] = mapped_column(ForeignKey("partnership.id"))
    name: Mapped[str] = mapped_column(String(120))
    partnership: Mapped[Partnership] = relationship(back_populates="areas")
    localities: Mapped[list["Locality"]] = relationship(order_by="Locality.name", back_populates="area")


class Locality(Base):
    """A configured town or neighbourhood: the finest place most people are shown."""

    __tablename__ = "locality"
    __table_args__ = (UniqueConstraint("area_id", "name"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"))
    name: Mapped[str] = mapped_column(String(120))
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column()
    area: Mapped[Area] = relationship(back_populates="localities")
    __mapper_args__ = {"version_id_col": version}


class AgencyType(Base):
    """An entry of the editable list of kinds of agency."""

    __tablename__ = "agency_type"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)


class Agency(Base):
    """An organisation that reports, sits on a panel, answers questions or receives alerts."""

    __tablename__ = "agency"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(160), unique=True)
    agency_type_id: Mapped[int] = mapped_column(ForeignKey("agency_type.id"))
    contact_address: Mapped[str] = mapped_column(String(254), default="")
    version: Mapped[int] = mapped_column()
    agency_type: Mapped[AgencyType] = relationship()
    memberships: Mapped[list["AgencyMembership"]] = relationship(back_populates="agency")
    __mapper_args__ = {"version_id_col": version}

    @property
    def reference(self) -> str:
        """The word for this agency in the audit."""
        return f"agency-{self.id}"

    @property
    def partnership_id(self) -> None:
        """An agency belongs to no one Partnership."""
        return None


class AgencyMembership(Base):
    """An Agency's place in one Partnership; it may have one in several."""

    __tablename__ = "agency_membership"
    __table_args__ = (UniqueConstraint("partnership_id", "agency_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    partnership_id: Mapped[int] = mapped_column(ForeignKey("partnership.id"))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    ended_on: Mapped[date | None]
    agency: Mapped[Agency] = relationship(back_populates="memberships")


class Panel(Base):
    """A body of named members: of kind `alert` for drug reports, of kind `review` for deaths."""

    __tablename__ = "panel"
    __table_args__ = (UniqueConstraint("partnership_id", "name"), UniqueConstraint("id", "kind"))
    id: Mapped[int] = mapped_column(primary_key=True)
    partnership_id: Mapped[int] = mapped_column(ForeignKey("partnership.id"))
    kind: Mapped[PanelKind]
    name: Mapped[str] = mapped_column(String(120))
    other_agencies_needed: Mapped[int] = mapped_column(default=2)
    version: Mapped[int] = mapped_column()
    members: Mapped[list["PanelMember"]] = relationship(back_populates="panel", order_by="PanelMember.id")
    __mapper_args__ = {"version_id_col": version}


class User(UserMixin, Base):  # type: ignore[misc]
    """A named account, never shared. Deactivating it ends every sign-in at once."""

    __tablename__ = "user"
    __audit_plain__ = frozenset({"role"})
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()
    assignments: Mapped[list["RoleAssignment"]] = relationship(
        back_populates="user", foreign_keys="RoleAssignment.user_id", order_by="RoleAssignment.id"
    )
    __mapper_args__ = {"version_id_col": version}

    @property
    def is_active(self) -> bool:
        """What flask-login asks."""
        return self.active

    @property
    def reference(self) -> str:
        """The word for this account in the audit: a number, never a name."""
        return f"user-{self.id}"

    @property
    def partnership_id(self) -> None:
        """An account belongs to no one Partnership."""
        return None


class PanelMember(Base):
    """A User on a Panel for an Agency, with expertise and dates."""

    __tablename__ = "panel_member"
    id: Mapped[int] = mapped_column(primary_key=True)
    panel_id: Mapped[int] = mapped_column(ForeignKey("panel.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    expertise: Mapped[str] = mapped_column(String(200), default="")
    clinical: Mapped[bool] = mapped_column(default=False)
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    panel: Mapped[Panel] = relationship(back_populates="members")
    user: Mapped[User] = relationship()
    agency: Mapped[Agency] = relationship()


class AssignmentState(StrEnum):
    """A grant may wait for a second person; an ended one is kept."""

    PROPOSED = "proposed"
    ACTIVE = "active"
    ENDED = "ended"


def _one_of(roles: frozenset[Role]) -> str:
    return ", ".join(f"'{role}'" for role in sorted(roles))


class RoleAssignment(Base):
    """User x role x exactly one scope x dates. A role can be held only on the kind of scope it belongs to."""

    __tablename__ = "role_assignment"
    __table_args__ = (
        CheckConstraint(
            f"(role IN ({_one_of(PANEL_ROLES)}) AND panel_id IS NOT NULL"
            " AND partnership_id IS NULL AND agency_id IS NULL)"
            f" OR (role IN ({_one_of(PARTNERSHIP_ROLES)}) AND partnership_id IS NOT NULL"
            " AND panel_id IS NULL AND agency_id IS NULL)"
            f" OR (role IN ({_one_of(AGENCY_ROLES)}) AND agency_id IS NOT NULL"
            " AND panel_id IS NULL AND partnership_id IS NULL)",
            name="scope",
        ),
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="dates"),
        Index("ix_role_assignment_user", "user_id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    role: Mapped[Role]
    partnership_id: Mapped[int | None] = mapped_column(ForeignKey("partnership.id"))
    panel_id: Mapped[int | None] = mapped_column(ForeignKey("panel.id"))
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    state: Mapped[AssignmentState] = mapped_column(default=AssignmentState.ACTIVE)
    proposed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    user: Mapped[User] = relationship(back_populates="assignments", foreign_keys=[user_id])
    panel: Mapped[Panel | None] = relationship()
    agency: Mapped[Agency | None] = relationship()
    partnership: Mapped[Partnership | None] = relationship()


class SignIn(Base):
    """One signed-in browser. Its token is stored hashed; ending the row ends the sign-in everywhere."""

    __tablename__ = "sign_in"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    partnership_id: Mapped[int | None] = mapped_column(ForeignKey("partnership.id"))
    started_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    user: Mapped[User] = relationship()


class Invitation(Base):
    """A single-use link by which a new person sets a password; stored hashed, with an end."""

    __tablename__ = "invitation"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    invited_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    user: Mapped[User] = relationship(foreign_keys=[user_id])


class ThrottleKey(Base):
    """A random key for the day, shared by the web processes; addresses are kept only as an HMAC under it."""

    __tablename__ = "throttle_key"
    day: Mapped[date] = mapped_column(primary_key=True)
    secret: Mapped[str] = mapped_column(String(64))


class ThrottleRow(Base):
    """One try, by a keyed digest of account or address. Rows live an hour at most."""

    __tablename__ = "throttle_row"
    __table_args__ = (Index("ix_throttle_row_lookup", "purpose", "digest", "at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    purpose: Mapped[str] = mapped_column(String(40))
    digest: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


class ReferenceCounter(Base):
    """The last number given in one series of references of one Partnership in one year."""

    __tablename__ = "reference_counter"
    partnership_id: Mapped[int] = mapped_column(ForeignKey("partnership.id"), primary_key=True)
    series: Mapped[str] = mapped_column(String(5), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int]
