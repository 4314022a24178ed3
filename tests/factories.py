"""Invented people and records for tests.

    world = factories.world(session, now=clock.now())        two Partnerships with everyone and everything around them
    here = world.westhaven
    here.actor("coordinator"), here.user("chair"), here.agencies["police"], here.localities[0], here.alert_panel
    factories.make_submission(session, here, now=...)        a report, as the short form leaves it
    factories.make_signal(session, here, now=..., submissions=[...])

Everything is flushed, nothing is committed: the unit of work of the test does that.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from secrets import randbelow
from typing import Any

from argon2 import PasswordHasher
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
from review_app.accounts.references import next_reference
from review_app.catalogue.service import install_catalogue
from review_app.crypto import new_token
from review_app.links.models import Share
from review_app.marks import Tlp
from review_app.policy import AGENCY_ROLES, PANEL_ROLES, Actor, PanelKind, Role
from review_app.submissions.commands.intake import SendReport
from review_app.submissions.commands.signals import OpenSignal
from review_app.submissions.commands.triage import LinkToSignal, StartTriage
from review_app.submissions.models import Signal, Submission
from review_app.submissions.rules import LinkReason, ReportKind, SignalState, SourceKind, SubmissionState, Urgency
from review_app.submissions.service.intake import send_report
from review_app.submissions.service.linking import link_to_signal, open_signal
from review_app.submissions.service.triage import start_triage
from tests import keeping

PASSWORD = "three plain words"


@cache
def password_hash() -> str:
    """A real hash of the password, made cheaply: the cost of hashing is not what these tests are about."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


@dataclass(frozen=True, kw_only=True)
class Seat:
    """One person of a Partnership: what they do, where, and on which panel."""

    key: str
    roles: tuple[tuple[Role, PanelKind | None], ...]
    agency: str
    clinical: bool = False


ALERT, REVIEW = PanelKind.ALERT, PanelKind.REVIEW
AGENCIES = {
    "public_health": "council_public_health",
    "police": "police",
    "ambulance": "ambulance",
    "hospital": "acute_trust_ed",
    "treatment": "adult_treatment",
    "hostel": "hostels_homeless",
    "housing": "council_housing",
}
SEATS = (
    Seat(key="coordinator", roles=((Role.COORDINATOR, ALERT),), agency="public_health"),
    Seat(key="coordinator2", roles=((Role.COORDINATOR, ALERT),), agency="public_health"),
    Seat(key="chair", roles=((Role.CHAIR, ALERT),), agency="public_health"),
    Seat(key="deputy", roles=((Role.DEPUTY_CHAIR, ALERT),), agency="treatment"),
    Seat(key="police.panel", roles=((Role.PANEL_MEMBER, ALERT),), agency="police"),
    Seat(key="clinician.panel", roles=((Role.PANEL_MEMBER, ALERT),), agency="hospital", clinical=True),
    Seat(key="treatment.panel", roles=((Role.PANEL_MEMBER, ALERT),), agency="treatment"),
    Seat(key="approver", roles=((Role.APPROVER, None),), agency="public_health"),
    Seat(key="dph", roles=((Role.DPH, None),), agency="public_health"),
    Seat(key="communications", roles=((Role.COMMUNICATIONS, None),), agency="public_health"),
    Seat(key="oncall", roles=((Role.ON_CALL, None),), agency="ambulance"),
    Seat(key="review.coordinator", roles=((Role.COORDINATOR, REVIEW),), agency="public_health"),
    Seat(key="review.chair", roles=((Role.CHAIR, REVIEW),), agency="public_health"),
    Seat(key="review.deputy", roles=((Role.DEPUTY_CHAIR, REVIEW),), agency="treatment"),
    Seat(key="review.member", roles=((Role.PANEL_MEMBER, REVIEW),), agency="housing"),
    Seat(key="housing.rep", roles=((Role.AGENCY_REPRESENTATIVE, None),), agency="housing"),
    Seat(key="treatment.rep", roles=((Role.AGENCY_REPRESENTATIVE, None),), agency="treatment"),
    Seat(key="ambulance.rep", roles=((Role.AGENCY_REPRESENTATIVE, None),), agency="ambulance"),
    Seat(key="analyst", roles=((Role.ANALYST, None),), agency="public_health"),
    Seat(key="ig", roles=((Role.IG_LEAD, None),), agency="public_health"),
    Seat(key="sro", roles=((Role.SRO, None),), agency="public_health"),
    Seat(key="board", roles=((Role.BOARD_READER, None),), agency="public_health"),
    Seat(key="family", roles=((Role.FAMILY_LIAISON, None),), agency="public_health"),
    Seat(key="admin", roles=((Role.ADMIN, None),), agency="public_health"),
    Seat(key="lead", roles=((Role.AGENCY_LEAD, None),), agency="hostel"),
    Seat(key="hostel.worker", roles=((Role.SUBMITTER, None),), agency="hostel"),
    Seat(key="nurse", roles=((Role.SUBMITTER, None),), agency="hospital"),
    Seat(key="officer", roles=((Role.SUBMITTER, None),), agency="police"),
)


@dataclass(kw_only=True)
class Place:
    """One Partnership and everyone in it."""

    partnership: Partnership
    area: Area
    localities: list[Locality]
    agencies: dict[str, Agency]
    alert_panel: Panel
    review_panel: Panel
    users: dict[str, User] = field(default_factory=dict)
    actors: dict[str, Actor] = field(default_factory=dict)

    def user(self, key: str) -> User:
        """Give a person by the first part of their address."""
        return self.users[key]

    def actor(self, key: str) -> Actor:
        """Give a person as services meet them, with the roles in force when the world was made."""
        return self.actors[key]

    def email(self, key: str) -> str:
        """Give a person's address."""
        return self.users[key].email


@dataclass(frozen=True, kw_only=True)
class World:
    """Two Partnerships that know nothing of each other; the police force belongs to both."""

    westhaven: Place
    eastmoor: Place

    @property
    def keys(self) -> list[str]:
        """The people each Partnership has, by the first part of their address."""
        return list(self.westhaven.users)


def world(session: Session, *, now: datetime) -> World:
    """Give both Partnerships with areas, localities, agencies, panels and one person for every role."""
    return keeping.kept(session, make_world, now=now)


def make_world(session: Session, *, now: datetime) -> World:
    """Make that world from nothing."""
    install_catalogue(session)
    police = _agency(session, "Invented Constabulary", "police")
    return World(
        westhaven=make_place(session, "Westhaven", "WES", now=now, shared={"police": police}),
        eastmoor=make_place(session, "Eastmoor", "EAS", now=now, shared={"police": police}),
    )


def make_place(
    session: Session, name: str, code: str, *, now: datetime, shared: dict[str, Agency] | None = None
) -> Place:
    """Make one Partnership with its people."""
    partnership = Partnership(name=name, slug=name.lower(), code=code, urgent_phone="01632 960001")
    session.add(partnership)
    session.flush()
    area = Area(partnership_id=partnership.id, name=f"{name} City")
    session.add(area)
    session.flush()
    localities = [Locality(area_id=area.id, name=f"{name} {part}") for part in ("Harbour", "Northgate", "Mill Lane")]
    agencies = {
        key: (shared or {}).get(key) or _agency(session, f"{name} {key.replace('_', ' ').capitalize()}", kind)
        for key, kind in AGENCIES.items()
    }
    panels = [Panel(partnership_id=partnership.id, kind=kind, name=f"{name} {kind} panel") for kind in (ALERT, REVIEW)]
    session.add_all([*localities, *panels])
    session.flush()
    session.add_all(AgencyMembership(partnership_id=partnership.id, agency_id=a.id) for a in agencies.values())
    place = Place(
        partnership=partnership,
        area=area,
        localities=localities,
        agencies=agencies,
        alert_panel=panels[0],
        review_panel=panels[1],
    )
    for seat in SEATS:
        _take_seat(session, place, seat, now)
    session.flush()
    for key, user in place.users.items():
        place.actors[key] = load_actor(session, user.id, partnership.id, on=now.date())
    return place


def make_user(session: Session, email: str, name: str, *, now: datetime) -> User:
    """Make an account with the password of all test accounts and no role."""
    user = User(email=email, name=name, password_hash=password_hash(), active=True, created_at=now)
    session.add(user)
    session.flush()
    return user


def give_role(session: Session, place: Place, user: User, role: Role, *, now: datetime, **scope: int) -> RoleAssignment:
    """Give a person a role from a year ago, on the scope it belongs to (the alert panel unless `panel_id` says)."""
    if not scope:
        scope = {"panel_id": place.alert_panel.id} if role in PANEL_ROLES else {"partnership_id": place.partnership.id}
    grant = RoleAssignment(user_id=user.id, role=role, starts_on=(now - timedelta(days=365)).date(), **scope)
    session.add(grant)
    session.flush()
    return grant


def actor_of(session: Session, place: Place, user: User, *, now: datetime) -> Actor:
    """Give a person as services meet them, with the roles in force now."""
    return load_actor(session, user.id, place.partnership.id, on=now.date())


def _agency(session: Session, name: str, kind: str) -> Agency:
    agency_type = session.scalar(select(AgencyType).where(AgencyType.key == kind))
    if agency_type is None:
        agency_type = AgencyType(key=kind, name=kind.replace("_", " ").capitalize())
        session.add(agency_type)
        session.flush()
    agency = Agency(
        name=name, agency_type_id=agency_type.id, contact_address=f"duty@{name.lower().replace(' ', '-')}.example"
    )
    session.add(agency)
    session.flush()
    return agency


def _take_seat(session: Session, place: Place, seat: Seat, now: datetime) -> None:
    name = seat.key.replace(".", " ").title()
    user = make_user(session, f"{seat.key}@{place.partnership.slug}.example", f"{name} Example", now=now)
    place.users[seat.key] = user
    agency = place.agencies[seat.agency]
    for role, kind in seat.roles:
        if role in AGENCY_ROLES:
            give_role(session, place, user, role, now=now, agency_id=agency.id)
        elif kind is None:
            give_role(session, place, user, role, now=now)
        else:
            panel = place.alert_panel if kind is ALERT else place.review_panel
            give_role(session, place, user, role, now=now, panel_id=panel.id)
            session.add(
                PanelMember(
                    panel_id=panel.id,
                    user_id=user.id,
                    agency_id=agency.id,
                    clinical=seat.clinical,
                    starts_on=(now - timedelta(days=365)).date(),
                )
            )


def make_submission(
    session: Session,
    place: Place,
    *,
    now: datetime,
    by: str | None = None,
    state: SubmissionState = SubmissionState.RECEIVED,
    police_sensitive: bool = False,
    **answers: Any,
) -> Submission:
    """Send a report on the short form, anonymously or by a person; `state` also triage (begun by the coordinator).

    `answers` are those of `SendReport`, such as `sold_as="blue tablets"`, `danger_now=True`, `contact="a@b.example"`.
    """
    given: dict[str, Any] = {
        "slug": place.partnership.slug,
        "form_token": new_token(),
        "address": f"198.51.{randbelow(255)}.{randbelow(255)}",
        "danger_now": False,
        "reporting": (ReportKind.UNUSUALLY_STRONG,),
        "sold_as": "blue tablets",
        "locality_id": place.localities[0].id,
        "known_place": None,
        "how_known": SourceKind.SAW_IT,
        "own_words": "Two people were very drowsy after half a tablet each.",
        "names_nobody": True,
    }
    sent = send_report(session, place.actor(by) if by else None, SendReport(**{**given, **answers}), now=now)
    report = session.scalars(select(Submission).where(Submission.reference == sent.reference)).one()
    if police_sensitive:
        report.police_sensitive = True
    if state is SubmissionState.TRIAGE:
        start_triage(session, place.actor("coordinator"), StartTriage(reference=report.reference), now=now)
    session.flush()
    return report


def make_signal(
    session: Session,
    place: Place,
    *,
    now: datetime,
    title: str = "Blue tablets sold as diazepam",
    submissions: Sequence[Submission] = (),
    state: SignalState = SignalState.OPEN,
    **marks: Any,
) -> Signal:
    """Open a Signal by the coordinator and link reports to it; `state` and `marks` are then set as they are given."""
    coordinator = place.actor("coordinator")
    if marks.pop("exercise", False):
        return _make_drill(session, place, title, now)
    signal = open_signal(session, coordinator, OpenSignal(title=title), now=now)
    for report in submissions:
        if report.state is SubmissionState.RECEIVED:
            start_triage(session, coordinator, StartTriage(reference=report.reference), now=now)
        command = LinkToSignal(reference=report.reference, signal=signal.reference, kind=LinkReason.SAME_BATCH)
        link_to_signal(session, coordinator, command, now=now)
    if state is not SignalState.OPEN:
        signal.state = state
        signal.closed_at = now if state is SignalState.CLOSED else None
    for name, value in marks.items():
        setattr(signal, name, value)
    session.flush()
    return signal


def _make_drill(session: Session, place: Place, title: str, now: datetime) -> Signal:
    """Write a Signal of an exercise, which no page opens yet."""
    signal = Signal(
        reference=next_reference(session, place.partnership.id, "S", now=now),
        partnership_id=place.partnership.id,
        panel_id=place.alert_panel.id,
        title=title,
        state=SignalState.OPEN,
        urgency=Urgency.ROUTINE,
        exercise=True,
        opened_at=now,
        opened_by_id=place.user("coordinator").id,
    )
    session.add(signal)
    session.flush()
    return signal


def share_signal(session: Session, signal: Signal, to: Place, *, now: datetime) -> Share:
    """Show a Signal to a neighbour."""
    share = Share(
        partnership_id=signal.partnership_id,
        to_partnership_id=to.partnership.id,
        signal_id=signal.id,
        tlp=Tlp.AMBER,
        shared_at=now,
        shared_by_id=signal.opened_by_id,
    )
    session.add(share)
    session.flush()
    return share
