"""Accounts, roles, agencies and places: the administrator's verbs. None gives a right to read anything else."""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from review_app.accounts import queries
from review_app.accounts.commands import (
    AddAgency,
    AddLocality,
    EditAgency,
    EditLocality,
    EditPartnership,
    GiveRole,
    InvitePerson,
)
from review_app.accounts.emails import invitation_mail
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
from review_app.accounts.rules import INVITATION_LASTS, INVITATION_RESTS, normalise_email
from review_app.audit.service import record
from review_app.crypto import new_token, token_hash
from review_app.errors import NotVisible, RuleBroken, Stale
from review_app.once import insert_once
from review_app.outbox.service import owe
from review_app.policy import AGENCY_ROLES, PANEL_ROLES, Actor, Permission, Role, require


def open_invitation(session: Session, user: User, *, invited_by_id: int | None, now: datetime) -> str:
    """Make a fresh one-time link, spending any earlier one, and give its token."""
    earlier = update(Invitation).where(Invitation.user_id == user.id, Invitation.used_at.is_(None))
    session.execute(earlier.values(used_at=now))
    token = new_token()
    session.add(
        Invitation(
            user_id=user.id,
            token_hash=token_hash(token),
            invited_by_id=invited_by_id,
            created_at=now,
            expires_at=now + INVITATION_LASTS,
        )
    )
    return token


def invite(session: Session, actor: Actor, command: InvitePerson, *, now: datetime) -> User:
    """Open an account, or find the one with this address, as submitter of an agency here, and mail a link.

    Pressed twice, also at the same instant, it is one account, one role and one mail, and its link still works. A
    closed account opens again, and its person chooses a new password.
    """
    require(actor, Permission.ACCOUNTS_MANAGE)
    agency = queries.get_member_agency(session, actor, command.agency_id)
    address = normalise_email(command.email)
    insert_once(session, User, name=command.name, email=address, active=True, created_at=now, version=1)
    user = session.scalars(select(User).where(User.email == address).with_for_update()).one()
    if not user.active:
        user.active, user.password_hash = True, None
    held = queries.find_role(session, user.id, Role.SUBMITTER, agency_id=agency.id, on=now.date())
    owes_a_link = user.password_hash is None and queries.live_invitation(session, user.id, now=now) is None
    if held is not None and not owes_a_link:
        return user
    if held is None:
        session.add(
            RoleAssignment(
                user_id=user.id,
                role=Role.SUBMITTER,
                agency_id=agency.id,
                starts_on=now.date(),
                proposed_by_id=actor.user_id,
            )
        )
    record(session, actor, "invite", user, at=now)
    if owes_a_link:
        _mail_invitation(session, actor, user, now=now)
    return user


def invite_again(session: Session, actor: Actor, user_id: int, *, now: datetime) -> None:
    """Send a fresh link, also to someone who forgot their password; the earlier link stops working.

    A second press within a minute sends nothing more: the first link would be dead on arrival.
    """
    require(actor, Permission.ACCOUNTS_MANAGE)
    user = queries.get_person(session, actor, user_id)
    session.refresh(user, with_for_update=True)
    last = queries.live_invitation(session, user.id, now=now)
    if last is not None and now - last.created_at < INVITATION_RESTS:
        return
    record(session, actor, "invite_again", user, at=now)
    _mail_invitation(session, actor, user, now=now)


def _mail_invitation(session: Session, actor: Actor, user: User, *, now: datetime) -> None:
    token = open_invitation(session, user, invited_by_id=actor.user_id, now=now)
    subject, body = invitation_mail(token)
    owe(
        session,
        to=user.email,
        subject=subject,
        body=body,
        due_at=now,
        partnership_id=actor.partnership_id,
        purpose="invitation",
        expires_at=now + INVITATION_LASTS,
    )


def give_role(session: Session, actor: Actor, command: GiveRole, *, now: datetime) -> RoleAssignment:
    """Give a role from today. A role on a panel also seats the person there for an agency.

    Whoever holds it already keeps the one they have, with the end and the seat that are given now.
    """
    require(actor, Permission.ACCOUNTS_MANAGE)
    user = queries.get_person(session, actor, command.user_id)
    session.refresh(user, with_for_update=True)
    if not user.active:
        raise RuleBroken("This account is closed. Invite the person again, which opens it.")
    if command.ends_on is not None and command.ends_on < now.date():
        raise RuleBroken("Enter an end date that is today or later.")
    scope, seated = {"partnership_id": actor.partnership_id}, False
    if command.role in PANEL_ROLES:
        panel = _panel(session, actor, command)
        scope, seated = {"panel_id": panel.id}, _seat(session, actor, user, panel, command, now=now)
    elif command.role in AGENCY_ROLES:
        scope = {"agency_id": queries.get_member_agency(session, actor, command.agency_id or 0).id}
    standing = select(RoleAssignment).filter_by(user_id=user.id, role=command.role, **scope)
    held = session.scalar(standing.where(queries.in_force(now.date())).limit(1))
    if held is not None and held.ends_on == command.ends_on and not seated:
        return held
    if held is None:
        held = RoleAssignment(
            user_id=user.id, role=command.role, starts_on=now.date(), proposed_by_id=actor.user_id,
            state=AssignmentState.ACTIVE, **scope,
        )  # fmt: skip
        session.add(held)
    held.ends_on = command.ends_on
    record(
        session,
        actor,
        "give_role",
        user,
        at=now,
        section=command.role.value,
        changes={"role": (None, command.role.value)},
    )
    return held


def _panel(session: Session, actor: Actor, command: GiveRole) -> Panel:
    panel = session.scalar(
        select(Panel).where(Panel.id == command.panel_id, Panel.partnership_id == actor.partnership_id)
    )
    if panel is None:
        raise RuleBroken("Select the panel on which this role is held.")
    if command.agency_id is None and command.role is not Role.COORDINATOR:
        raise RuleBroken("Select the agency that this person sits on the panel for.")
    return panel


def _seat(session: Session, actor: Actor, user: User, panel: Panel, command: GiveRole, *, now: datetime) -> bool:
    """Seat the person for an agency, in place of any seat they have; say whether that changed anything."""
    if command.agency_id is None:
        return False
    agency, today = queries.get_member_agency(session, actor, command.agency_id), now.date()
    wanted = (agency.id, command.expertise, command.clinical, command.ends_on)
    seats = session.scalars(select(PanelMember).where(queries.seated(user.id, panel.id, on=today))).all()
    if [(each.agency_id, each.expertise, each.clinical, each.ends_on) for each in seats] == [wanted]:
        return False
    for each in seats:
        each.ends_on = today - timedelta(days=1)
    session.add(
        PanelMember(
            panel_id=panel.id,
            user_id=user.id,
            agency_id=agency.id,
            expertise=command.expertise,
            clinical=command.clinical,
            starts_on=today,
            ends_on=command.ends_on,
        )
    )
    return True


def end_role(session: Session, actor: Actor, user_id: int, assignment_id: int, *, now: datetime) -> RoleAssignment:
    """End one role of this person now. A seat on a panel ends with the last role held there."""
    require(actor, Permission.ACCOUNTS_MANAGE)
    assignment = queries.get_role(session, actor, user_id, assignment_id)
    if assignment.user_id == actor.user_id and assignment.role is Role.ADMIN:
        raise RuleBroken("You cannot end your own role as administrator. Ask another administrator.")
    _end(session, actor, [assignment], now=now)
    return assignment


def end_access(session: Session, actor: Actor, user_id: int, *, now: datetime) -> User:
    """End every role the person holds here; with none left anywhere the account closes, on every device at once."""
    require(actor, Permission.ACCOUNTS_MANAGE)
    user = queries.get_person(session, actor, user_id)
    if user.id == actor.user_id:
        raise RuleBroken("You cannot end your own access. Ask another administrator.")
    _end(session, actor, queries.roles_here(session, actor, user.id), now=now)
    session.flush()
    left = session.scalar(
        select(RoleAssignment.id).where(RoleAssignment.user_id == user.id, queries.in_force(now.date())).limit(1)
    )
    if left is None:
        user.active = False
        session.execute(update(SignIn).where(SignIn.user_id == user.id, SignIn.ended_at.is_(None)).values(ended_at=now))
    record(session, actor, "end_access", user, at=now)
    return user


def _end(session: Session, actor: Actor, assignments: list[RoleAssignment], *, now: datetime) -> None:
    for assignment in assignments:
        if assignment.state is AssignmentState.ENDED:
            continue
        assignment.state = AssignmentState.ENDED
        assignment.ends_on = max(assignment.starts_on, now.date())
        changes = {"role": (assignment.role.value, None)}
        record(session, actor, "end_role", assignment.user, at=now, section=assignment.role.value, changes=changes)
        if assignment.panel_id is not None:
            _end_empty_seat(session, assignment, now=now)


def _end_empty_seat(session: Session, assignment: RoleAssignment, *, now: datetime) -> None:
    session.flush()
    left = session.scalar(
        select(RoleAssignment.id)
        .where(
            RoleAssignment.user_id == assignment.user_id,
            RoleAssignment.panel_id == assignment.panel_id,
            queries.in_force(now.date()),
        )
        .limit(1)
    )
    if left is None:
        seats = update(PanelMember).where(queries.seated(assignment.user_id, assignment.panel_id or 0, on=now.date()))
        session.execute(seats.values(ends_on=now.date() - timedelta(days=1)))


def add_agency(session: Session, actor: Actor, command: AddAgency, *, now: datetime) -> Agency:
    """Make an agency a member here; one that exists for a neighbour is joined, not doubled."""
    require(actor, Permission.SETTINGS_MANAGE)
    agency = session.scalar(select(Agency).where(Agency.name == command.name))
    if agency is None:
        agency = Agency(
            name=command.name, agency_type_id=command.agency_type_id, contact_address=command.contact_address
        )
        session.add(agency)
        session.flush()
    membership = session.scalar(
        select(AgencyMembership).where(
            AgencyMembership.agency_id == agency.id, AgencyMembership.partnership_id == actor.partnership_id
        )
    )
    if membership is not None and membership.ended_on is None:
        raise RuleBroken("This agency is a member already.")
    if membership is None:
        session.add(AgencyMembership(agency_id=agency.id, partnership_id=actor.partnership_id))
    else:
        membership.ended_on = None
    record(session, actor, "add_agency", agency, at=now)
    return agency


def _differing(*rows: tuple[str, str, str]) -> tuple[tuple[str, str, str], ...]:
    """Give the parts where what the person typed and what is saved now differ, in that order."""
    return tuple(row for row in rows if row[1] != row[2])


def _yes(answer: bool) -> str:
    return "Yes" if answer else "No"


def edit_agency(session: Session, actor: Actor, command: EditAgency, *, now: datetime) -> Agency:
    """Change an agency's particulars unless somebody else changed them first."""
    require(actor, Permission.SETTINGS_MANAGE)
    agency = queries.get_member_agency(session, actor, command.agency_id)
    if agency.version != command.version:
        old = session.get_one(AgencyType, agency.agency_type_id).name
        new = session.get_one(AgencyType, command.agency_type_id).name
        raise Stale(
            "Someone changed this agency after you opened it. Nothing of yours was saved yet.",
            differences=_differing(
                ("Name", command.name, agency.name),
                ("Kind", new, old),
                ("E-mail for questions", command.contact_address, agency.contact_address),
            ),
        )
    taken = select(Agency.id).where(Agency.name == command.name, Agency.id != agency.id)
    if session.scalar(taken) is not None:
        raise RuleBroken("Another agency has this name already.")
    agency.name, agency.agency_type_id = command.name, command.agency_type_id
    agency.contact_address = command.contact_address
    record(session, actor, "edit_agency", agency, at=now)
    return agency


def add_locality(session: Session, actor: Actor, command: AddLocality, *, now: datetime) -> Locality:
    """Add a place to one of the Partnership's areas."""
    require(actor, Permission.SETTINGS_MANAGE)
    area = session.scalar(select(Area).where(Area.id == command.area_id, Area.partnership_id == actor.partnership_id))
    if area is None:
        raise NotVisible("We cannot find that area.")
    if session.scalar(select(Locality.id).where(Locality.area_id == area.id, Locality.name == command.name)):
        raise RuleBroken("This place is on the list already.")
    locality = Locality(area_id=area.id, name=command.name)
    session.add(locality)
    record(session, actor, "add_locality", session.get_one(Partnership, actor.partnership_id), at=now)
    return locality


def edit_locality(session: Session, actor: Actor, command: EditLocality, *, now: datetime) -> Locality:
    """Rename a place or take it out of use, unless somebody else changed it first."""
    require(actor, Permission.SETTINGS_MANAGE)
    locality = queries.get_locality(session, actor, command.locality_id)
    if locality.version != command.version:
        raise Stale(
            "Someone changed this place after you opened it. Nothing of yours was saved yet.",
            differences=_differing(
                ("Name", command.name, locality.name),
                ("In use", _yes(command.active), _yes(locality.active)),
            ),
        )
    taken = select(Locality.id).where(
        Locality.area_id == locality.area_id, Locality.name == command.name, Locality.id != locality.id
    )
    if session.scalar(taken) is not None:
        raise RuleBroken("Another place has this name already.")
    locality.name, locality.active = command.name, command.active
    record(session, actor, "edit_locality", session.get_one(Partnership, actor.partnership_id), at=now)
    return locality


def edit_partnership(session: Session, actor: Actor, command: EditPartnership, *, now: datetime) -> Partnership:
    """Change the telephone numbers shown to those who report, and whether anyone may report without a contact."""
    require(actor, Permission.SETTINGS_MANAGE)
    partnership = session.get_one(Partnership, actor.partnership_id)
    if partnership.version != command.version:
        raise Stale(
            "Someone changed these settings after you opened them. Nothing of yours was saved yet.",
            differences=_differing(
                ("Reports without a contact", _yes(command.anonymous_reports), _yes(partnership.anonymous_reports)),
                ("Urgent telephone", command.urgent_phone, partnership.urgent_phone),
                ("Out-of-hours telephone", command.out_of_hours_phone, partnership.out_of_hours_phone),
                ("Contact e-mail", command.contact_address, partnership.contact_address),
            ),
        )
    partnership.anonymous_reports = command.anonymous_reports
    partnership.urgent_phone = command.urgent_phone
    partnership.out_of_hours_phone = command.out_of_hours_phone
    partnership.contact_address = command.contact_address
    record(session, actor, "edit_partnership", partnership, at=now)
    return partnership
