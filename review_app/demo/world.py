"""Making the demo's two Partnerships: places, agencies, panels, people and their roles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from review_app.accounts.models import (
    Agency,
    AgencyMembership,
    AgencyType,
    Area,
    Locality,
    Panel,
    PanelMember,
    Partnership,
    RoleAssignment,
    User,
)
from review_app.accounts.queries import load_actor
from review_app.accounts.service.signing_in import HASHER
from review_app.demo.people import AGENCIES, NEIGHBOUR_PLACES, NEIGHBOURS, PASSWORD, PEOPLE, PLACES, SHARED, Person
from review_app.policy import AGENCY_ROLES, Actor, PanelKind, Role


@dataclass(frozen=True, kw_only=True)
class Place:
    """One Partnership as the stories need it."""

    partnership: Partnership
    localities: Sequence[Locality]
    agencies: Mapping[str, Agency]
    actors: Mapping[str, Actor]


def make_world(session: Session, *, now: datetime) -> tuple[Place, Place]:
    """Make Westhaven with one person for every role, and its neighbour Eastmoor."""
    password_hash = HASHER.hash(PASSWORD)
    shared = {key: _agency(session, *AGENCIES[key]) for key in sorted(SHARED)}
    own = {key: _agency(session, *AGENCIES[key]) for key in AGENCIES if key not in SHARED}
    theirs = {"public_health": _agency(session, "Eastmoor Council Public Health", "council_public_health")}
    return (
        _place(session, "Westhaven", "WES", PLACES, {**shared, **own}, PEOPLE, password_hash, now),
        _place(session, "Eastmoor", "EAS", NEIGHBOUR_PLACES, {**shared, **theirs}, NEIGHBOURS, password_hash, now),
    )


def _agency(session: Session, name: str, kind: str) -> Agency:
    type_id = session.scalars(select(AgencyType.id).where(AgencyType.key == kind)).one()
    domain = name.lower().replace(" ", "-")
    agency = Agency(name=name, agency_type_id=type_id, contact_address=f"duty@{domain}.example")
    session.add(agency)
    session.flush()
    return agency


def _place(
    session: Session,
    name: str,
    code: str,
    places: Sequence[str],
    agencies: Mapping[str, Agency],
    people: Sequence[Person],
    password_hash: str,
    now: datetime,
) -> Place:
    slug = name.lower()
    partnership = Partnership(
        name=name,
        slug=slug,
        code=code,
        urgent_phone="01632 960 101",
        out_of_hours_phone="01632 960 199",
        contact_address=f"ldis@{slug}.example",
    )
    session.add(partnership)
    session.flush()
    area = Area(partnership_id=partnership.id, name=f"City of {name}")
    panels = {kind: Panel(partnership_id=partnership.id, kind=kind, name=_panel_name(name, kind)) for kind in PanelKind}
    session.add_all([area, *panels.values()])
    session.flush()
    localities = [Locality(area_id=area.id, name=place) for place in places]
    session.add_all(localities)
    session.add_all(AgencyMembership(partnership_id=partnership.id, agency_id=each.id) for each in agencies.values())
    session.flush()
    since = (now - timedelta(days=400)).date()
    users = {person.key: _person(session, person, slug, password_hash, now=now) for person in people}
    for person in people:
        _give_roles(session, person, users[person.key], partnership, panels, agencies[person.agency], since)
    session.flush()
    return Place(
        partnership=partnership,
        localities=localities,
        agencies=agencies,
        actors={key: load_actor(session, user.id, partnership.id, on=now.date()) for key, user in users.items()},
    )


def _panel_name(name: str, kind: PanelKind) -> str:
    return f"{name} drug alert panel" if kind is PanelKind.ALERT else f"{name} avoidable death review group"


def _person(session: Session, person: Person, slug: str, password_hash: str, *, now: datetime) -> User:
    user = User(
        email=f"{person.key}@{slug}.example",
        name=person.name,
        password_hash=password_hash,
        created_at=now - timedelta(days=400),
    )
    session.add(user)
    session.flush()
    return user


def _give_roles(
    session: Session,
    person: Person,
    user: User,
    partnership: Partnership,
    panels: Mapping[PanelKind, Panel],
    agency: Agency,
    since: date,
) -> None:
    for role in person.roles:
        on_agency = role in AGENCY_ROLES
        session.add(
            RoleAssignment(
                user_id=user.id,
                role=role,
                agency_id=agency.id if on_agency else None,
                partnership_id=None if on_agency else partnership.id,
                starts_on=since,
            )
        )
    for role, kind in person.panel_roles:
        session.add(RoleAssignment(user_id=user.id, role=role, panel_id=panels[kind].id, starts_on=since))
        if role is Role.COORDINATOR:
            continue
        session.add(
            PanelMember(
                panel_id=panels[kind].id,
                user_id=user.id,
                agency_id=agency.id,
                expertise=person.expertise,
                clinical=person.clinical,
                starts_on=since,
            )
        )
