"""Reads of people, places and roles."""

from collections.abc import Collection, Iterable
from datetime import date, datetime

from sqlalchemy import ColumnElement, Date, Integer, Select, and_, bindparam, func, or_, select, true
from sqlalchemy.orm import Session, joinedload, selectinload

from review_app.accounts.models import (
    Agency,
    AgencyMembership,
    AgencyType,
    Area,
    AssignmentState,
    Invitation,
    Locality,
    Panel,
    PanelMember,
    Partnership,
    RoleAssignment,
    SignIn,
    User,
)
from review_app.errors import NotVisible
from review_app.policy import AGENCY_ROLES, Actor, Assignment, Held, PanelKind, Role

HELD_ON_PANEL = {PanelKind.ALERT: Held.ALERT_PANEL, PanelKind.REVIEW: Held.REVIEW_PANEL}


def in_force(on: date) -> ColumnElement[bool]:
    """Assignments that are active on this day."""
    return and_(RoleAssignment.state == AssignmentState.ACTIVE, _lasting(on))


def _lasting(on: date | ColumnElement[date]) -> ColumnElement[bool]:
    return and_(RoleAssignment.starts_on <= on, or_(RoleAssignment.ends_on.is_(None), RoleAssignment.ends_on >= on))


def _member(on: date | ColumnElement[date]) -> ColumnElement[bool]:
    return or_(AgencyMembership.ended_on.is_(None), AgencyMembership.ended_on >= on)


# Every page asks these four, so they are built once: building a statement takes longer than SQLite takes to answer it.
_PERSON, _PLACE, _DAY = (
    bindparam("person", type_=Integer),
    bindparam("place", type_=Integer),
    bindparam("day", type_=Date),
)
_SIGN_IN = select(SignIn).where(SignIn.token_hash == bindparam("token_hash")).options(joinedload(SignIn.user))
_HELD_TODAY = and_(RoleAssignment.user_id == _PERSON, RoleAssignment.state == AssignmentState.ACTIVE, _lasting(_DAY))
_ROLES_HERE = (
    select(RoleAssignment)
    .where(
        _HELD_TODAY,
        or_(
            RoleAssignment.partnership_id == _PLACE,
            RoleAssignment.panel_id.in_(select(Panel.id).where(Panel.partnership_id == _PLACE)),
            RoleAssignment.agency_id.in_(
                select(AgencyMembership.agency_id).where(AgencyMembership.partnership_id == _PLACE, _member(_DAY))
            ),
        ),
    )
    .options(joinedload(RoleAssignment.panel), joinedload(RoleAssignment.agency).joinedload(Agency.agency_type))
    .order_by(RoleAssignment.id)
)
_SEATS = (
    select(PanelMember)
    .where(
        PanelMember.user_id == _PERSON,
        PanelMember.starts_on <= _DAY,
        or_(PanelMember.ends_on.is_(None), PanelMember.ends_on >= _DAY),
    )
    .options(joinedload(PanelMember.agency).joinedload(Agency.agency_type))
)


def _partnerships(held: ColumnElement[bool], member: ColumnElement[bool]) -> Select[Partnership]:
    """Ask for the Partnerships of assignments: directly, through a panel, or through an agency that is a member."""
    direct = select(RoleAssignment.partnership_id).where(held, RoleAssignment.partnership_id.is_not(None))
    panels = select(Panel.partnership_id).join(RoleAssignment, RoleAssignment.panel_id == Panel.id).where(held)
    agencies = (
        select(AgencyMembership.partnership_id)
        .join(RoleAssignment, RoleAssignment.agency_id == AgencyMembership.agency_id)
        .where(held, member)
    )
    found = select(Partnership).where(or_(*(Partnership.id.in_(each) for each in (panels, agencies, direct))))
    return found.order_by(Partnership.name)


_PARTNERSHIPS_TODAY = _partnerships(_HELD_TODAY, _member(_DAY))
_PARTNERSHIPS_EVER = _partnerships(RoleAssignment.user_id == _PERSON, true())


def find_sign_in(session: Session, token_hash: str) -> SignIn | None:
    """Find a sign-in by its token's hash, with its user."""
    return session.scalar(_SIGN_IN, {"token_hash": token_hash})


def load_actor(session: Session, user_id: int, partnership_id: int, *, on: date) -> Actor:
    """Give the person's roles in force in one Partnership: on its panels, on itself, and on its member agencies."""
    asked = {"person": user_id, "day": on}
    rows = session.scalars(_ROLES_HERE, {**asked, "place": partnership_id}).all()
    seats = {seat.panel_id: seat for seat in session.scalars(_SEATS, asked)}
    return Actor(
        user_id=user_id,
        partnership_id=partnership_id,
        assignments=frozenset(_assignment(row, seats.get(row.panel_id or 0)) for row in rows),
    )


def _assignment(row: RoleAssignment, seat: PanelMember | None) -> Assignment:
    if row.panel is not None:
        return Assignment(
            role=row.role,
            held=HELD_ON_PANEL[row.panel.kind],
            panel_id=row.panel.id,
            agency_id=seat.agency_id if seat else None,
            agency_type=seat.agency.agency_type.key if seat else "",
            clinical=bool(seat and seat.clinical),
        )
    if row.agency is not None:
        return Assignment(
            role=row.role, held=Held.AGENCY, agency_id=row.agency.id, agency_type=row.agency.agency_type.key
        )
    return Assignment(role=row.role, held=Held.PARTNERSHIP)


def seated(user_id: int, panel_id: int, *, on: date) -> ColumnElement[bool]:
    """Match the seats that a person holds on a panel on this day."""
    lasting = or_(PanelMember.ends_on.is_(None), PanelMember.ends_on >= on)
    return and_(PanelMember.user_id == user_id, PanelMember.panel_id == panel_id, PanelMember.starts_on <= on, lasting)


def partnerships_of(session: Session, user_id: int, *, on: date) -> list[Partnership]:
    """Give the Partnerships in which the person holds a role today, by name."""
    return list(session.scalars(_PARTNERSHIPS_TODAY, {"person": user_id, "day": on}))


def partnerships_concerned(session: Session, user_id: int, *, on: date) -> list[Partnership]:
    """Give the Partnerships whose account it is: where the person holds a role today, else where they ever held one."""
    return partnerships_of(session, user_id, on=on) or list(session.scalars(_PARTNERSHIPS_EVER, {"person": user_id}))


def find_user_by_email(session: Session, email: str) -> User | None:
    """Find an account by its normalised address."""
    return session.scalar(select(User).where(User.email == email))


def live_invitation(session: Session, user_id: int, *, now: datetime) -> Invitation | None:
    """Find the link that an invited person can still use to set a password."""
    live = and_(Invitation.used_at.is_(None), Invitation.expires_at > now)
    return session.scalar(select(Invitation).where(Invitation.user_id == user_id, live).limit(1))


def all_partnerships(session: Session) -> list[Partnership]:
    """Give every Partnership by name: what the report form lets anyone choose from."""
    return list(session.scalars(select(Partnership).order_by(Partnership.name)))


def get_partnership_by_slug(session: Session, slug: str) -> Partnership:
    """Give a Partnership by its public slug. Raises NotVisible."""
    partnership = session.scalar(select(Partnership).where(Partnership.slug == slug))
    if partnership is None:
        raise NotVisible("We cannot find that area. Check the address, or choose your area from the list.")
    return partnership


def localities_of(session: Session, partnership_id: int) -> list[Locality]:
    """Give the active localities of a Partnership by name."""
    rows = select(Locality).join(Area).where(Area.partnership_id == partnership_id, Locality.active)
    return list(session.scalars(rows.order_by(Locality.name).options(joinedload(Locality.area))))


def agencies_of(session: Session, partnership_id: int) -> list[Agency]:
    """Give the present member agencies of a Partnership by name."""
    rows = (
        select(Agency)
        .join(AgencyMembership)
        .where(AgencyMembership.partnership_id == partnership_id, AgencyMembership.ended_on.is_(None))
        .options(joinedload(Agency.agency_type))
    )
    return list(session.scalars(rows.order_by(Agency.name)))


def panels_of(session: Session, partnership_id: int) -> list[Panel]:
    """Give the panels of a Partnership with their members, by name."""
    rows = (
        select(Panel)
        .where(Panel.partnership_id == partnership_id)
        .options(
            selectinload(Panel.members).joinedload(PanelMember.user),
            selectinload(Panel.members).joinedload(PanelMember.agency).joinedload(Agency.agency_type),
        )
    )
    return list(session.scalars(rows.order_by(Panel.name)))


def alert_panel_of(session: Session, partnership_id: int) -> Panel:
    """Give the panel that grades drug reports. Raises NotVisible while the Partnership has none."""
    panel = session.scalar(
        select(Panel)
        .where(Panel.partnership_id == partnership_id, Panel.kind == PanelKind.ALERT)
        .order_by(Panel.id)
        .limit(1)
    )
    if panel is None:
        raise NotVisible("This partnership has no drug alert panel yet. Ask an administrator to set one up.")
    return panel


def review_panel_of(session: Session, partnership_id: int) -> Panel:
    """Give the panel that reviews deaths. Raises NotVisible while the Partnership has none."""
    panel = session.scalar(
        select(Panel)
        .where(Panel.partnership_id == partnership_id, Panel.kind == PanelKind.REVIEW)
        .order_by(Panel.id)
        .limit(1)
    )
    if panel is None:
        raise NotVisible("This partnership has no panel that reviews deaths yet. Ask an administrator to set one up.")
    return panel


def agency_types(session: Session) -> list[AgencyType]:
    """Give the kinds of agency by name."""
    return list(session.scalars(select(AgencyType).order_by(AgencyType.name)))


def addresses_of_role(session: Session, partnership_id: int, roles: frozenset[Role], *, on: date) -> list[str]:
    """Give the e-mail addresses of the active people who hold one of these roles here today, each once, in order."""
    panels = select(Panel.id).where(Panel.partnership_id == partnership_id, Panel.kind == PanelKind.ALERT)
    held = or_(RoleAssignment.partnership_id == partnership_id, RoleAssignment.panel_id.in_(panels))
    rows = (
        select(User.email)
        .join(RoleAssignment, RoleAssignment.user_id == User.id)
        .where(RoleAssignment.role.in_(roles - AGENCY_ROLES), held, in_force(on), User.active)
    )
    return sorted(set(session.scalars(rows)))


def addresses_on_panel(session: Session, panel_id: int, roles: frozenset[Role], *, on: date) -> list[str]:
    """Give the e-mail addresses of the active people who hold one of these roles on one panel today, in order."""
    rows = (
        select(User.email)
        .join(RoleAssignment, RoleAssignment.user_id == User.id)
        .where(RoleAssignment.panel_id == panel_id, RoleAssignment.role.in_(roles), in_force(on), User.active)
    )
    return sorted(set(session.scalars(rows)))


def representatives_of(session: Session, agency_id: int, *, on: date) -> list[User]:
    """Give the active people who represent an agency today, by address."""
    held = select(RoleAssignment.user_id).where(
        RoleAssignment.agency_id == agency_id, RoleAssignment.role == Role.AGENCY_REPRESENTATIVE, in_force(on)
    )
    return list(session.scalars(select(User).where(User.id.in_(held), User.active).order_by(User.email)))


def addresses_of_agency(session: Session, agency_id: int, *, on: date) -> list[str]:
    """Give where a question to an agency goes: its representatives, else its contact address."""
    found = [each.email for each in representatives_of(session, agency_id, on=on)]
    agency = session.get_one(Agency, agency_id)
    return found or ([agency.contact_address] if agency.contact_address else [])


def account_names(session: Session, references: Collection[str]) -> dict[str, str]:
    """Give whose account it is by the word that the audit has for an account, such as `user-12`."""
    numbers = {int(word[5:]) for word in references if word.startswith("user-") and word[5:].isdigit()}
    return {f"user-{number}": name for number, name in people_names(session, numbers).items()}


def people_names(session: Session, user_ids: set[int]) -> dict[int, str]:
    """Give the display names of colleagues by account number, for pages that say who did what."""
    return dict(session.execute(select(User.id, User.name).where(User.id.in_(user_ids))).all())


def roles_here(session: Session, actor: Actor, user_id: int) -> list[RoleAssignment]:
    """Give every assignment of a person in the actor's Partnership, ended ones too, the latest first."""
    members = select(AgencyMembership.agency_id).where(AgencyMembership.partnership_id == actor.partnership_id)
    panels = select(Panel.id).where(Panel.partnership_id == actor.partnership_id)
    here = or_(
        RoleAssignment.partnership_id == actor.partnership_id,
        RoleAssignment.panel_id.in_(panels),
        RoleAssignment.agency_id.in_(members),
    )
    rows = select(RoleAssignment).where(RoleAssignment.user_id == user_id, here)
    loaded = rows.options(joinedload(RoleAssignment.panel), joinedload(RoleAssignment.agency))
    return list(session.scalars(loaded.order_by(RoleAssignment.id.desc())))


def get_role(session: Session, actor: Actor, user_id: int, assignment_id: int) -> RoleAssignment:
    """Give one assignment of a person here, ended or not. Raises NotVisible."""
    found = [each for each in roles_here(session, actor, user_id) if each.id == assignment_id]
    if not found:
        raise NotVisible("We cannot find that role.")
    return found[0]


def only_coordinator_of(session: Session, assignments: Iterable[RoleAssignment], *, on: date) -> list[Panel]:
    """Give the panels, by name, that would have no coordinator in force if these roles ended."""
    ending = {each.id for each in assignments}
    panels = {each.panel for each in assignments if each.panel is not None and _coordinates(each, on)}
    left = (
        select(RoleAssignment.panel_id)
        .join(User, User.id == RoleAssignment.user_id)
        .where(RoleAssignment.role == Role.COORDINATOR, RoleAssignment.id.not_in(ending), in_force(on), User.active)
    )
    covered = set(session.scalars(left.where(RoleAssignment.panel_id.in_([panel.id for panel in panels]))))
    return sorted((panel for panel in panels if panel.id not in covered), key=lambda panel: panel.name)


def _coordinates(held: RoleAssignment, on: date) -> bool:
    """Say whether this is the role of a coordinator, in force."""
    in_time = held.starts_on <= on and (held.ends_on is None or held.ends_on >= on)
    return held.role is Role.COORDINATOR and held.state is AssignmentState.ACTIVE and in_time


def find_role(session: Session, user_id: int, role: Role, *, agency_id: int, on: date) -> RoleAssignment | None:
    """Find a role in force of a person at an agency."""
    return session.scalar(
        select(RoleAssignment)
        .where(
            RoleAssignment.user_id == user_id,
            RoleAssignment.role == role,
            RoleAssignment.agency_id == agency_id,
            in_force(on),
        )
        .limit(1)
    )


def people(actor: Actor) -> Select[User]:
    """Give everyone who holds or held a role in the actor's Partnership, by name."""
    members = select(AgencyMembership.agency_id).where(AgencyMembership.partnership_id == actor.partnership_id)
    panels = select(Panel.id).where(Panel.partnership_id == actor.partnership_id)
    here = select(RoleAssignment.user_id).where(
        or_(
            RoleAssignment.partnership_id == actor.partnership_id,
            RoleAssignment.panel_id.in_(panels),
            RoleAssignment.agency_id.in_(members),
        )
    )
    return select(User).where(User.id.in_(here)).order_by(User.name, User.id)


def search_people(session: Session, actor: Actor, words: str, *, page: int, size: int) -> tuple[list[User], int]:
    """Give one page of the people here whose name or address holds these words, and how many there are."""
    rows = people(actor)
    if words:
        pattern = "%" + words.replace("\\", "").replace("%", "").replace("_", "\\_") + "%"
        rows = rows.where(or_(User.name.ilike(pattern, escape="\\"), User.email.ilike(pattern, escape="\\")))
    total = session.scalars(select(func.count()).select_from(rows.subquery())).one()
    return list(session.scalars(rows.limit(size).offset((page - 1) * size))), total


def get_person(session: Session, actor: Actor, user_id: int) -> User:
    """Give an account that holds or held a role here. Raises NotVisible."""
    user: User | None = session.scalar(people(actor).where(User.id == user_id))
    if user is None:
        raise NotVisible("We cannot find that person.")
    return user


def get_member_agency(session: Session, actor: Actor, agency_id: int) -> Agency:
    """Give a member agency of the actor's Partnership. Raises NotVisible."""
    agency = session.scalar(
        select(Agency)
        .join(AgencyMembership)
        .where(
            Agency.id == agency_id,
            AgencyMembership.partnership_id == actor.partnership_id,
            AgencyMembership.ended_on.is_(None),
        )
        .options(joinedload(Agency.agency_type))
    )
    if agency is None:
        raise NotVisible("We cannot find that agency.")
    return agency


def get_locality(session: Session, actor: Actor, locality_id: int) -> Locality:
    """Give a locality of the actor's Partnership, in use or not. Raises NotVisible."""
    rows = select(Locality).join(Area).where(Area.partnership_id == actor.partnership_id)
    locality = session.scalar(rows.where(Locality.id == locality_id))
    if locality is None:
        raise NotVisible("We cannot find that place.")
    return locality


def areas_of(session: Session, partnership_id: int) -> list[Area]:
    """Give the areas of a Partnership with all their localities, by name."""
    rows = select(Area).where(Area.partnership_id == partnership_id).options(selectinload(Area.localities))
    return list(session.scalars(rows.order_by(Area.name)))


def get_partnership(session: Session, partnership_id: int) -> Partnership:
    """Give the Partnership in which the person acts."""
    return session.get_one(Partnership, partnership_id)
