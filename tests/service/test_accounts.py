"""Signing in, throttling, invitations, roles and settings: allowed, refused and recorded."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from review_app.accounts import queries, service, throttle
from review_app.accounts.commands import (
    AddAgency,
    AddLocality,
    EditAgency,
    EditLocality,
    EditPartnership,
    GiveRole,
    InvitePerson,
    SetPassword,
    SignInWith,
)
from review_app.accounts.models import Invitation, PanelMember, RoleAssignment, SignIn, ThrottleRow, User
from review_app.audit.models import AuditEvent
from review_app.audit.queries import AuditSearch, search
from review_app.crypto import token_hash
from review_app.errors import LinkSpent, NotAllowed, NotVisible, RuleBroken, Stale, Throttled
from review_app.outbox.models import OutboxMessage
from review_app.policy import PARTNERSHIP_ROLES, PanelKind, Permission, Role, allowed
from tests import factories
from tests.racing import at_once

ADDRESS = "192.0.2.7"


@pytest.fixture
def place(work, clock):
    with work() as session:
        return factories.world(session, now=clock.now()).westhaven


def attempt(work, clock, email, *, right, address=ADDRESS):
    with work() as session:
        command = SignInWith(email=email, password="x", address=address)
        return service.sign_in(session, command, right=right, now=clock.now())


def test_a_right_password_starts_a_sign_in_whose_token_is_stored_hashed(work, clock, place):
    token = attempt(work, clock, "Chair@Westhaven.example ", right=True)
    with work() as session:
        found = session.scalars(select(SignIn)).one()
        assert found.token_hash == token_hash(token) != token
        assert found.partnership_id == place.partnership.id


def test_an_unknown_account_and_a_wrong_password_are_refused_in_the_same_words(work, clock, place):
    unknown = attempt(work, clock, "nobody@westhaven.example", right=False)
    wrong = attempt(work, clock, "chair@westhaven.example", right=False)
    assert isinstance(unknown, RuleBroken)
    assert isinstance(wrong, RuleBroken)
    assert unknown.message == wrong.message


def test_the_password_of_an_unknown_account_takes_the_work_that_a_real_one_takes():
    assert not service.signing_in.HASHER.check_needs_rehash(service.signing_in.NOBODY)


def test_the_sixth_try_at_an_account_is_refused_even_with_the_right_password(work, clock, place):
    for _ in range(5):
        attempt(work, clock, "chair@westhaven.example", right=False)
    assert isinstance(attempt(work, clock, "chair@westhaven.example", right=True, address="192.0.2.8"), Throttled)
    clock.advance(minutes=15, seconds=1)
    assert isinstance(attempt(work, clock, "chair@westhaven.example", right=True), str)


def test_the_twenty_first_try_from_an_address_is_refused_for_every_account(work, clock, place):
    for number in range(20):
        attempt(work, clock, f"guess{number}@westhaven.example", right=False)
    assert isinstance(attempt(work, clock, "chair@westhaven.example", right=True), Throttled)
    assert isinstance(attempt(work, clock, "chair@westhaven.example", right=True, address="192.0.2.9"), str)


def test_throttle_rows_hold_no_address_and_are_gone_within_an_hour(work, clock, place):
    attempt(work, clock, "chair@westhaven.example", right=False)
    with work() as session:
        rows = session.scalars(select(ThrottleRow)).all()
        assert rows
        assert all(ADDRESS not in row.digest and "chair" not in row.digest for row in rows)
    clock.advance(minutes=60)
    with work() as session:
        throttle.forget_tries(session, now=clock.now())
        assert session.scalars(select(ThrottleRow)).all() == []


def test_the_count_does_not_start_again_when_the_key_changes_at_midnight(work, clock, place):
    clock.set(clock.now().replace(hour=23, minute=58))
    for _ in range(5):
        attempt(work, clock, "chair@westhaven.example", right=False)
    clock.advance(minutes=4)
    assert isinstance(attempt(work, clock, "chair@westhaven.example", right=True), Throttled)


def test_a_closed_account_cannot_sign_in(work, clock, place):
    with work() as session:
        session.get_one(User, place.user("chair").id).active = False
    assert isinstance(attempt(work, clock, "chair@westhaven.example", right=True), RuleBroken)


def tried(session, reader):
    """Give what somebody finds in the audit of the attempts to sign in, by whom and for which account."""
    found = search(session, reader, AuditSearch()).events
    return [(event.verb, event.actor_id, event.object_reference) for event in found if event.action == "sign_in"]


def test_a_failed_sign_in_is_seen_by_those_who_keep_and_watch_accounts_where_the_account_belongs(work, clock):
    with work() as session:
        world = factories.world(session, now=clock.now())
        here, there, chair = world.westhaven, world.eastmoor, world.westhaven.user("chair")
    attempt(work, clock, "chair@westhaven.example", right=False)
    attempt(work, clock, "nobody@westhaven.example", right=False)
    with work() as session:
        for key in ("admin", "ig"):
            assert tried(session, here.actor(key)) == [("sign_in_failed", None, chair.reference)]
            assert tried(session, there.actor(key)) == []
        assert tried(session, here.actor("lead")) == []
        (event,) = search(session, here.actor("ig"), AuditSearch(actor_id=chair.id, account=chair.reference)).events
        assert event.verb == "sign_in_failed"
        assert search(session, here.actor("ig"), AuditSearch(actor_id=0)).events == ()
        everything = " ".join(str(vars(each)) for each in session.scalars(select(AuditEvent)))
        assert "westhaven.example" not in everything


def test_an_account_of_two_partnerships_has_its_sign_ins_in_the_audit_of_both(work, clock):
    with work() as session:
        world = factories.world(session, now=clock.now())
        officer = world.westhaven.user("officer")
    attempt(work, clock, officer.email, right=False)
    attempt(work, clock, officer.email, right=True)
    with work() as session:
        for place in (world.westhaven, world.eastmoor):
            assert tried(session, place.actor("ig")) == [
                ("sign_in", officer.id, officer.reference), ("sign_in_failed", None, officer.reference)
            ]  # fmt: skip


def test_a_failed_sign_in_to_an_account_whose_roles_have_ended_is_seen_where_it_had_them(work, clock, place):
    nurse = place.user("nurse")
    with work() as session:
        service.end_access(session, place.actor("admin"), nurse.id, now=clock.now())
    attempt(work, clock, nurse.email, right=True)
    with work() as session:
        session.execute(update(RoleAssignment).where(RoleAssignment.user_id == nurse.id).values(state="ended"))
    attempt(work, clock, nurse.email, right=False)
    with work() as session:
        assert [verb for verb, *_ in tried(session, place.actor("admin"))] == ["sign_in_failed"] * 2


def test_an_invitation_works_once_and_ends_earlier_sign_ins(work, clock, place):
    with work() as session:
        command = InvitePerson(name="New Example", email="New@Westhaven.example", agency_id=place.agencies["hostel"].id)
        user = service.invite(session, place.actor("admin"), command, now=clock.now())
        mail = session.scalars(select(OutboxMessage)).one()
        token = mail.body.split("/invitation/")[1].split()[0]
        assert "New" not in mail.subject
    with work() as session:
        service.accept_invitation(session, SetPassword(token=token, password="six lemons dance"), now=clock.now())
        stored = session.get_one(User, user.id)
        assert service.check_password(stored.password_hash, "six lemons dance")
    with work() as session, pytest.raises(LinkSpent):
        service.accept_invitation(session, SetPassword(token=token, password="six lemons dance"), now=clock.now())


def test_an_invitation_ends_after_seven_days(work, clock, place):
    with work() as session:
        service.invite_again(session, place.actor("admin"), place.user("nurse").id, now=clock.now())
        token = session.scalars(select(OutboxMessage)).one().body.split("/invitation/")[1].split()[0]
    clock.advance(days=7)
    with work() as session, pytest.raises(LinkSpent):
        service.find_invitation(session, token, now=clock.now())


@pytest.mark.both_databases
@pytest.mark.parametrize("waits", [False, True])
def test_an_invitation_pressed_twice_is_one_account_one_role_and_one_mail(app, work, clock, place, waits):
    command = InvitePerson(name="New Example", email="new@westhaven.example", agency_id=place.agencies["hostel"].id)

    def press(session):
        return service.invite(session, place.actor("admin"), command, now=clock.now()).id

    if waits:
        with work() as session:
            press(session)
        with work() as session:
            press(session)
    else:
        assert at_once(app, press, press, press) == [None, None, None]
    with work() as session:
        (user,) = session.scalars(select(User).where(User.email == command.email)).all()
        assert [held.role for held in user.assignments] == [Role.SUBMITTER]
        (mail,) = session.scalars(select(OutboxMessage)).all()
        token = mail.body.split("/invitation/")[1].split()[0]
        assert service.find_invitation(session, token, now=clock.now()).user_id == user.id
        invited = select(AuditEvent).where(AuditEvent.verb == "invite")
        assert len(session.scalars(invited).all()) == 1


def test_an_invitation_to_a_second_agency_gives_the_role_and_leaves_the_link_alone(work, clock, place):
    for agency in ("hostel", "housing"):
        with work() as session:
            number = place.agencies[agency].id
            command = InvitePerson(name="New Example", email="new@westhaven.example", agency_id=number)
            user = service.invite(session, place.actor("admin"), command, now=clock.now())
    with work() as session:
        assert len(session.scalars(select(OutboxMessage)).all()) == 1
        assert len(session.get_one(User, user.id).assignments) == 2
    clock.advance(days=8)
    with work() as session:
        service.invite(session, place.actor("admin"), command, now=clock.now())
    with work() as session:
        assert len(session.scalars(select(OutboxMessage)).all()) == 2


def test_a_new_link_pressed_twice_is_one_mail_and_asked_for_later_another(work, clock, place):
    nurse = place.user("nurse").id
    for seconds, mails in ((0, 1), (59, 1), (1, 2)):
        clock.advance(seconds=seconds)
        with work() as session:
            service.invite_again(session, place.actor("admin"), nurse, now=clock.now())
        with work() as session:
            assert len(session.scalars(select(OutboxMessage)).all()) == mails


def test_a_panel_that_would_have_no_coordinator_is_named(work, clock, place):
    def leaves(session, key):
        user = place.user(key)
        roles = queries.roles_here(session, place.actor("admin"), user.id)
        return [panel.name for panel in queries.only_coordinator_of(session, roles, on=clock.now().date())]

    admin = place.actor("admin")
    with work() as session:
        assert leaves(session, "coordinator") == []
        assert leaves(session, "review.coordinator") == [place.review_panel.name]
        assert leaves(session, "nurse") == leaves(session, "chair") == []
        session.get_one(User, place.user("coordinator2").id).active = False
        session.flush()
        assert leaves(session, "coordinator") == [place.alert_panel.name]
        (held,) = [
            each for each in queries.roles_here(session, admin, place.user("coordinator").id)
            if each.role is Role.COORDINATOR
        ]  # fmt: skip
        held.ends_on = clock.now().date() - timedelta(days=1)
        held.starts_on = held.ends_on
        session.flush()
        assert leaves(session, "coordinator") == []


def test_a_second_invitation_spends_the_first(work, clock, place):
    for _ in range(2):
        with work() as session:
            service.invite_again(session, place.actor("admin"), place.user("nurse").id, now=clock.now())
        clock.advance(minutes=1)
    with work() as session:
        live = select(Invitation).where(Invitation.used_at.is_(None))
        assert len(session.scalars(live).all()) == 1


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaaaaaa", "nurse nurse nurse", "x" * 129])
def test_a_weak_password_is_refused_with_what_to_do(work, clock, place, password):
    with work() as session:
        service.invite_again(session, place.actor("admin"), place.user("nurse").id, now=clock.now())
        token = session.scalars(select(OutboxMessage)).one().body.split("/invitation/")[1].split()[0]
    with work() as session, pytest.raises(RuleBroken, match="Enter a password"):
        service.accept_invitation(session, SetPassword(token=token, password=password), now=clock.now())


def give(session, place, clock, role, **scope):
    command = GiveRole(
        user_id=place.user("nurse").id,
        role=role,
        panel_id=scope.get("panel_id"),
        agency_id=scope.get("agency_id"),
        expertise="",
        clinical=scope.get("clinical", False),
        ends_on=scope.get("ends_on"),
    )
    return service.give_role(session, place.actor("admin"), command, now=clock.now())


@pytest.mark.both_databases
def test_every_role_can_be_given_on_its_own_kind_of_scope_and_works_at_once(work, clock):
    with work() as session:
        place = factories.world(session, now=clock.now()).westhaven
        for role in Role:
            give(session, place, clock, role, panel_id=place.alert_panel.id, agency_id=place.agencies["hospital"].id)
        session.flush()
        actor = queries.load_actor(session, place.user("nurse").id, place.partnership.id, on=clock.now().date())
        assert actor.roles() == frozenset(Role)


def test_a_role_on_a_panel_seats_the_person_and_ending_it_frees_the_seat(work, clock, place):
    with work() as session:
        held = give(
            session,
            place,
            clock,
            Role.PANEL_MEMBER,
            panel_id=place.alert_panel.id,
            agency_id=place.agencies["hospital"].id,
            clinical=True,
        )
        session.flush()
        actor = queries.load_actor(session, place.user("nurse").id, place.partnership.id, on=clock.now().date())
        assert allowed(actor, Permission.ADVICE_SIGN)
        service.end_role(session, place.actor("admin"), held.user_id, held.id, now=clock.now())
        session.flush()
        seat = session.scalars(select(PanelMember).where(PanelMember.user_id == place.user("nurse").id)).one()
        assert seat.ends_on is not None
        assert seat.ends_on < clock.now().date()
        after = queries.load_actor(session, place.user("nurse").id, place.partnership.id, on=clock.now().date())
        assert not allowed(after, Permission.ADVICE_SIGN)


@pytest.mark.both_databases
def test_a_role_given_twice_is_held_once_and_takes_the_new_seat_and_end(app, work, clock, place):
    panel, hospital = place.alert_panel.id, place.agencies["hospital"].id

    def press(session):
        return give(session, place, clock, Role.PANEL_MEMBER, panel_id=panel, agency_id=hospital)

    assert at_once(app, press, press) == [None, None]
    later = clock.now().date() + timedelta(days=30)
    with work() as session:
        give(session, place, clock, Role.PANEL_MEMBER, panel_id=panel, agency_id=hospital, ends_on=later)
        give(
            session, place, clock, Role.PANEL_MEMBER, panel_id=panel, agency_id=place.agencies["housing"].id,
            clinical=True, ends_on=later,
        )  # fmt: skip
    with work() as session:
        nurse = place.user("nurse").id
        held = select(RoleAssignment).where(RoleAssignment.user_id == nurse, RoleAssignment.role == Role.PANEL_MEMBER)
        assert session.scalars(held).one().ends_on == later
        (seat,) = session.scalars(select(PanelMember).where(queries.seated(nurse, panel, on=clock.now().date()))).all()
        assert (seat.agency_id, seat.clinical, seat.ends_on) == (place.agencies["housing"].id, True, later)
        given = session.scalars(select(AuditEvent).where(AuditEvent.verb == "give_role")).all()
        assert [event.section for event in given] == ["panel_member"] * 3
        service.end_role(session, place.actor("admin"), nurse, session.scalars(held).one().id, now=clock.now())
        session.flush()
        assert (
            session.scalars(select(PanelMember).where(queries.seated(nurse, panel, on=clock.now().date()))).all() == []
        )


def test_a_closed_account_takes_no_role_and_an_invitation_opens_it_without_its_old_password(work, clock, place):
    nurse, admin = place.user("nurse"), place.actor("admin")
    with work() as session:
        service.end_access(session, admin, nurse.id, now=clock.now())
    with work() as session, pytest.raises(RuleBroken, match="This account is closed"):
        give(session, place, clock, Role.APPROVER)
    with work() as session:
        command = InvitePerson(name="Ignored", email=nurse.email, agency_id=place.agencies["housing"].id)
        service.invite(session, admin, command, now=clock.now())
    with work() as session:
        stored = session.get_one(User, nurse.id)
        assert (stored.active, stored.password_hash, stored.name) == (True, None, nurse.name)
        token = session.scalars(select(OutboxMessage)).one().body.split("/invitation/")[1].split()[0]
        assert service.find_invitation(session, token, now=clock.now()).user_id == nurse.id
    assert isinstance(attempt(work, clock, nurse.email, right=False), RuleBroken)


def test_a_role_is_ended_only_by_the_address_of_whoever_holds_it(work, clock, place):
    with work() as session:
        held = session.scalars(select(RoleAssignment).where(RoleAssignment.user_id == place.user("chair").id)).one()
        with pytest.raises(NotVisible):
            service.end_role(session, place.actor("admin"), place.user("nurse").id, held.id, now=clock.now())


def test_a_role_that_ended_yesterday_or_begins_tomorrow_gives_nothing(work, clock, place):
    today = clock.now().date()
    with work() as session:
        held = session.scalars(select(RoleAssignment).where(RoleAssignment.user_id == place.user("chair").id)).one()
        for starts_on, ends_on in (
            (today - timedelta(days=9), today - timedelta(days=1)),
            (today + timedelta(1), None),
        ):
            held.starts_on, held.ends_on = starts_on, ends_on
            session.flush()
            actor = queries.load_actor(session, place.user("chair").id, place.partnership.id, on=today)
            assert actor.roles() == frozenset()


def test_ending_access_ends_every_sign_in_and_closes_an_account_with_no_role_left(work, clock, place):
    attempt(work, clock, "nurse@westhaven.example", right=True)
    with work() as session:
        service.end_access(session, place.actor("admin"), place.user("nurse").id, now=clock.now())
    with work() as session:
        nurse = session.get_one(User, place.user("nurse").id)
        assert not nurse.active
        assert session.scalars(select(SignIn).where(SignIn.user_id == nurse.id)).one().ended_at == clock.now()


def test_an_administrator_cannot_end_their_own_access(work, clock, place):
    with work() as session, pytest.raises(RuleBroken):
        service.end_access(session, place.actor("admin"), place.user("admin").id, now=clock.now())


@pytest.mark.parametrize("key", ["coordinator", "chair", "ig", "sro", "nurse", "review.coordinator"])
def test_only_administrators_keep_accounts(work, clock, place, key):
    command = InvitePerson(name="X Example", email="x@x.example", agency_id=place.agencies["hostel"].id)
    with work() as session, pytest.raises(NotAllowed):
        service.invite(session, place.actor(key), command, now=clock.now())


def test_an_administrator_of_one_partnership_finds_nobody_of_another(work, clock):
    with work() as session:
        world = factories.world(session, now=clock.now())
        with pytest.raises(NotVisible):
            queries.get_person(session, world.westhaven.actor("admin"), world.eastmoor.user("chair").id)
        with pytest.raises(NotVisible):
            service.end_access(
                session, world.westhaven.actor("admin"), world.eastmoor.user("chair").id, now=clock.now()
            )


def test_an_administrator_sees_no_work_of_the_partnership(work, clock, place):
    work_permissions = {
        permission
        for permission in Permission
        if permission.partition(":")[0] in {"submission", "signal", "alert", "delivery", "list", "assessment"}
    } - {Permission.SUBMISSION_MAKE, Permission.ALERT_READ_GREEN}
    assert [each for each in work_permissions if allowed(place.actor("admin"), each)] == []


def test_the_second_of_two_people_is_shown_the_difference(work, clock, place):
    admin, agency = place.actor("admin"), place.agencies["hostel"]
    first = EditAgency(
        agency_id=agency.id,
        name="Harbour House",
        agency_type_id=agency.agency_type_id,
        contact_address="",
        version=agency.version,
    )
    with work() as session:
        service.edit_agency(session, admin, first, now=clock.now())
    with work() as session, pytest.raises(Stale) as refusal:
        service.edit_agency(session, admin, replace(first, name="Quay House"), now=clock.now())
    assert refusal.value.differences == (("Name", "Quay House", "Harbour House"),)


def test_an_administrator_cannot_lock_themselves_out(work, clock, place):
    admin = place.actor("admin")
    with work() as session:
        held = next(each for each in queries.roles_here(session, admin, admin.user_id) if each.role is Role.ADMIN)
        with pytest.raises(RuleBroken, match="your own role"):
            service.end_role(session, admin, held.user_id, held.id, now=clock.now())


def test_places_are_added_renamed_and_taken_out_of_use(work, clock, place):
    admin = place.actor("admin")
    with work() as session:
        added = service.add_locality(
            session, admin, AddLocality(area_id=place.area.id, name="Quay End"), now=clock.now()
        )
        session.flush()
        command = EditLocality(locality_id=added.id, name="Quay Top", active=False, version=added.version)
        service.edit_locality(session, admin, command, now=clock.now())
        session.flush()
        assert "Quay Top" not in [each.name for each in queries.localities_of(session, place.partnership.id)]
        with pytest.raises(RuleBroken):
            service.add_locality(session, admin, AddLocality(area_id=place.area.id, name="Quay Top"), now=clock.now())


def test_an_agency_of_a_neighbour_is_joined_and_not_doubled(work, clock):
    with work() as session:
        world = factories.world(session, now=clock.now())
        theirs = world.eastmoor.agencies["hostel"]
        command = AddAgency(name=theirs.name, agency_type_id=theirs.agency_type_id, contact_address="")
        joined = service.add_agency(session, world.westhaven.actor("admin"), command, now=clock.now())
        assert joined.id == theirs.id
        with pytest.raises(RuleBroken):
            service.add_agency(session, world.westhaven.actor("admin"), command, now=clock.now())


def test_reporting_settings_are_saved_and_recorded(work, clock, place):
    command = EditPartnership(
        anonymous_reports=False,
        urgent_phone="01632 960111",
        out_of_hours_phone="",
        contact_address="",
        version=place.partnership.version,
    )
    with work() as session:
        service.edit_partnership(session, place.actor("admin"), command, now=clock.now())
    with work() as session:
        assert not queries.get_partnership(session, place.partnership.id).anonymous_reports
        assert session.scalars(select(AuditEvent.verb).where(AuditEvent.verb == "edit_partnership")).one()


def test_the_kinds_of_scope_share_out_every_role():
    from review_app.policy import AGENCY_ROLES, PANEL_ROLES

    assert frozenset(Role) == PANEL_ROLES | AGENCY_ROLES | PARTNERSHIP_ROLES
    assert not (PANEL_ROLES & AGENCY_ROLES)
    assert set(PanelKind) == {PanelKind.ALERT, PanelKind.REVIEW}
