"""The end of a case: when it may be destroyed, by whom, and that nothing of it can be read afterwards in any copy."""

import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import DBAPIError

from review_app import keystore
from review_app.audit.models import AuditEvent, RecordSalt
from review_app.db import db
from review_app.destructible import KEYS
from review_app.errors import MoveRefused, NotAllowed, NotVisible, RuleBroken
from review_app.keystore import KeyDestroyed, RecordKind
from review_app.learning.models import LearningPoint
from review_app.policy import Role
from review_app.reviews import upkeep
from review_app.reviews.commands.findings import RaiseFlag
from review_app.reviews.commands.retention import ApproveDestruction, ProposeDestruction, RefuseDestruction
from review_app.reviews.models import DeathNotification, DestructionRecord, FreedKey, IdentityRecord, ReviewCase
from review_app.reviews.queries import retention
from review_app.reviews.rules.states import HOLDS, CaseState, ConflictKind, FlagKind
from review_app.reviews.service import destroying, flags
from review_app.reviews.service.erasing import rows_of
from tests import databases, factories, postgres, reviewing, whole_case
from tests.browser import Browser
from tests.racing import at_once
from tests.whole_case import PLANTED

COORDINATOR = "review.coordinator"
ELEVEN_YEARS = {"days": 11 * 366}
OVER = (CaseState.CLOSED, CaseState.OUT_OF_SCOPE, CaseState.IN_SCOPE_NOT_SELECTED)


@pytest.fixture
def here(work, clock):
    with work() as session:
        return factories.world(session, now=clock.now()).westhaven


def propose(session, here, clock, case, who: str = COORDINATOR, authority: str = "Schedule 4.2"):
    command = ProposeDestruction(reference=case.reference, authority=authority)
    proposal = destroying.propose_destruction(session, here.actor(who), command, now=clock.now())
    session.flush()
    return proposal


def approve(session, here, clock, case, who: str = "ig"):
    command = ApproveDestruction(reference=case.reference)
    return destroying.approve_destruction(session, here.actor(who), command, now=clock.now())


def old_case(session, here, clock, state: CaseState = CaseState.CLOSED, **facts):
    """A case whose time is over."""
    case = reviewing.make_case(session, here, now=clock.now(), state=state, **facts)
    clock.advance(**ELEVEN_YEARS)
    return case


# When, and by whom


@pytest.mark.parametrize("state", OVER)
def test_a_case_whose_time_is_over_is_proposed_and_then_only_kept(work, here, clock, state):
    with work() as session:
        case = old_case(session, here, clock, state)
        first = propose(session, here, clock, case)
        assert propose(session, here, clock, case) is first
        assert case.state is CaseState.RETAINED
        assert "death_notification" in first.record_classes
        assert [each.reference for each in retention.destructions(session, here.actor("ig"))] == [case.reference]


@pytest.mark.parametrize("state", sorted(set(CaseState) - {*OVER, CaseState.RETAINED, CaseState.DESTROYED}))
def test_a_case_on_which_work_goes_on_is_not_proposed(work, here, clock, state):
    with work() as session:
        case = old_case(session, here, clock, state)
        with pytest.raises(RuleBroken, match="The work on this case is not over"):
            propose(session, here, clock, case)


def test_a_case_that_is_not_due_is_not_proposed(work, here, clock):
    with work() as session:
        case = reviewing.make_case(session, here, now=clock.now(), state=CaseState.CLOSED)
        clock.advance(days=9 * 365)
        with pytest.raises(RuleBroken, match="It is kept until 5 November 2036"):
            propose(session, here, clock, case)


@pytest.mark.parametrize("who", ["review.chair", "ig", "dph", "admin", "review.member"])
def test_only_the_coordinator_proposes(work, here, clock, who):
    with work() as session:
        case = old_case(session, here, clock)
        with pytest.raises(NotAllowed):
            propose(session, here, clock, case, who)


@pytest.mark.parametrize("who", [COORDINATOR, "review.chair", "dph", "admin", "sro"])
def test_only_the_information_governance_lead_approves(work, here, clock, who):
    with work() as session:
        case = old_case(session, here, clock)
        propose(session, here, clock, case)
        with pytest.raises(NotAllowed):
            approve(session, here, clock, case, who)


def test_whoever_proposed_does_not_approve(work, here, clock):
    with work() as session:
        case = old_case(session, here, clock)
        user = here.user(COORDINATOR)
        factories.give_role(session, here, user, Role.IG_LEAD, now=clock.now())
        both = factories.actor_of(session, here, user, now=clock.now())
        command = ProposeDestruction(reference=case.reference, authority="Schedule 4.2")
        destroying.propose_destruction(session, both, command, now=clock.now())
        session.flush()
        with pytest.raises(RuleBroken, match="somebody else must approve"):
            destroying.approve_destruction(session, both, ApproveDestruction(reference=case.reference), now=clock.now())


def test_a_recused_lead_approves_nothing(work, here, clock):
    with work() as session:
        case = old_case(session, here, clock)
        propose(session, here, clock, case)
        reviewing.declare(session, here, case, "ig", ConflictKind.FAMILY_OR_FRIEND, now=clock.now())
        with pytest.raises(NotVisible):
            approve(session, here, clock, case)
        assert retention.destructions(session, here.actor("ig")) == []


@pytest.mark.parametrize("kind", sorted(HOLDS))
def test_a_held_case_is_neither_proposed_nor_destroyed(work, here, clock, kind):
    with work() as session:
        case = old_case(session, here, clock)
        held = reviewing.raise_flag(session, here, case, kind, now=clock.now())
        with pytest.raises(RuleBroken, match="It is held"):
            propose(session, here, clock, case)
        held.ended_at, held.ended_by_id = clock.now(), here.user(COORDINATOR).id
        session.flush()
        propose(session, here, clock, case)
        reviewing.raise_flag(session, here, case, kind, now=clock.now())
        with pytest.raises(RuleBroken, match="It is held"):
            approve(session, here, clock, case)
        assert case.state is CaseState.RETAINED


@pytest.mark.both_databases
@pytest.mark.parametrize("kind", sorted(HOLDS))
def test_the_database_itself_does_not_destroy_a_held_case(work, here, clock, kind):
    with work() as session:
        case = old_case(session, here, clock)
        reviewing.raise_flag(session, here, case, kind, now=clock.now())
        gone = update(ReviewCase).values(state=CaseState.DESTROYED, destroyed_at=clock.now(), facts_sealed=None)
        with pytest.raises(DBAPIError, match="under a hold is not destroyed"), session.begin_nested():
            session.execute(gone)


def test_a_case_that_is_kept_can_be_proposed_again(work, here, clock):
    with work() as session:
        case = old_case(session, here, clock)
        propose(session, here, clock, case)
        refuse = RefuseDestruction(reference=case.reference, reason=" ")
        with pytest.raises(RuleBroken, match="Enter why"):
            destroying.refuse_destruction(session, here.actor("ig"), refuse, now=clock.now())
        refuse = RefuseDestruction(reference=case.reference, reason="An inquiry was announced.")
        destroying.refuse_destruction(session, here.actor("ig"), refuse, now=clock.now())
        session.flush()
        with pytest.raises(MoveRefused):
            approve(session, here, clock, case)
        propose(session, here, clock, case)
        assert [each.waits for each in retention.destructions(session, here.actor("ig"))] == [True, False]


def test_the_list_of_due_cases_looks_ahead_as_far_as_it_is_asked(work, here, clock):
    with work() as session:
        closed = reviewing.make_case(session, here, now=clock.now(), state=CaseState.CLOSED)
        reviewing.make_case(session, here, now=clock.now(), state=CaseState.SIGNED_OFF)
        actor = here.actor(COORDINATOR)
        clock.advance(days=8 * 366)
        assert retention.cases_due(session, actor, within=retention.A_YEAR, now=clock.now()) == []
        (due,) = retention.cases_due(session, actor, within=3 * retention.A_YEAR, now=clock.now())
        assert (due.reference, due.due_on) == (closed.reference, date(2036, 11, 5))


# What is left


def destroy_whole_case(work, here, clock) -> whole_case.WholeCase:
    """Make a case with something everywhere and destroy it, but for its keys."""
    with work() as session:
        planted = whole_case.make(session, here, now=clock.now())
    clock.advance(**ELEVEN_YEARS)
    with work() as session:
        propose(session, here, clock, planted.case)
    with work() as session:
        approve(session, here, clock, planted.case)
    return planted


def keys_go(app, clock) -> None:
    """Do what the worker does."""
    with app.test_request_context():
        upkeep.destroy_freed_keys(None, (), clock)


@pytest.mark.both_databases
def test_after_destruction_only_the_stub_and_its_certificate_stay(app, work, here, clock):
    planted = destroy_whole_case(work, here, clock)
    keys_go(app, clock)
    with work() as session:
        case = session.scalars(select(ReviewCase)).one()
        assert (case.state, case.limbs, case.facts_sealed, case.closed_at) == (CaseState.DESTROYED, [], None, None)
        left = {
            table.name: count
            for table, test in rows_of(case).items()
            if (count := session.scalar(select(func.count()).select_from(table).where(test)))
        }
        assert left == {}
        record = session.scalars(select(DestructionRecord)).one()
        assert {"identity_record", "agency_return", "case_version", "pack_read", "clock"} <= set(record.record_classes)
        assert (record.approved_by_id, record.keys_gone_at, record.data_keys) == (here.user("ig").id, clock.now(), [])
        known = (planted.case.reference, planted.notification, *planted.requests)
        salts = select(RecordSalt).where(RecordSalt.object_reference.in_(known))
        assert session.scalars(salts).all() == []
        assert session.scalars(select(AuditEvent).where(AuditEvent.verb == "destroy")).one()
        (point,) = session.scalars(select(LearningPoint)).all()
        assert (point.case_id, point.case_uuid, PLANTED in point.shareable) == (None, None, False)
    assert app.test_cli_runner().invoke(args=["audit", "verify"]).exit_code == 0


@pytest.mark.both_databases
def test_a_process_that_dies_before_the_keys_are_gone_leaves_that_to_the_next(app, work, here, clock):
    with work() as session:
        planted = whole_case.make(session, here, now=clock.now())
        identity = session.scalars(select(IdentityRecord)).one().uuid
    clock.advance(**ELEVEN_YEARS)
    with work() as session:
        propose(session, here, clock, planted.case)
    with work() as session:
        approve(session, here, clock, planted.case)
    names = ((RecordKind.REVIEW_CASE, planted.case.uuid), (RecordKind.IDENTITY_RECORD, identity))
    for kind, uuid in names:
        assert keystore.open_data_key(kind, uuid)
    with work() as session:
        assert session.scalars(select(DestructionRecord)).one().keys_gone_at is None
        assert len(session.scalars(select(FreedKey).where(FreedKey.destroyed_at.is_(None))).all()) == 2
    keystore.destroy_data_key(*names[0], now=clock.now())  # and dies again, before it is noted
    for _run in range(2):
        keys_go(app, clock)
    for kind, uuid in names:
        with pytest.raises(KeyDestroyed):
            keystore.open_data_key(kind, uuid)
    with work() as session:
        assert session.scalars(select(DestructionRecord)).one().keys_gone_at == clock.now()


def test_a_session_forgets_the_keys_it_had_opened(app, work, here, clock):
    with app.test_request_context():
        with work() as session:
            planted = whole_case.make(session, here, now=clock.now())
        kept = db.session.scalars(select(DeathNotification)).one()
        assert PLANTED in str(kept.content)
        assert db.session.info[KEYS]
        keystore.destroy_data_key(RecordKind.REVIEW_CASE, planted.case.uuid, now=clock.now())
        assert PLANTED in str(kept.content)
        upkeep.destroy_freed_keys(None, (), clock)
        with pytest.raises(KeyDestroyed):
            kept.content  # noqa: B018


def files_of(instance: Path) -> bytes:
    """Give every byte of the databases in an instance folder, key store and logs of writing included."""
    return b"".join(path.read_bytes() for path in sorted(instance.iterdir()) if ".db" in path.name)


def dump(url: str) -> bytes:
    """Give what PostgreSQL's own program writes of a database."""
    program = Path(postgres.binaries()) / "pg_dump"
    plain = url.replace("postgresql+psycopg", "postgresql")
    return subprocess.run([program, "--dbname", plain], check=True, capture_output=True).stdout


@pytest.mark.both_databases
def test_no_byte_of_a_destroyed_case_stands_in_the_clear(request, app, database, work, here, clock):
    destroy_whole_case(work, here, clock)
    keys_go(app, clock)
    databases.let_go(app)
    found = files_of(Path(app.instance_path))
    if database == databases.POSTGRESQL:
        found += dump(request.getfixturevalue("postgres").url)
    assert b"WES-R-" in found
    for word in (PLANTED, "9434765919", "found at home", "ZE99"):
        assert word.encode() not in found
        assert word.encode().hex().encode() not in found


def test_an_older_copy_of_the_database_opens_nothing_after_destruction(app, make_app, work, here, clock, tmp_path):
    with work() as session:
        planted = whole_case.make(session, here, now=clock.now())
    assert PLANTED in str(see(app, here, planted))
    databases.let_go(app)
    copy = tmp_path / "copy.db"
    shutil.copy(next(Path(app.instance_path).glob("review*.db")), copy)
    clock.advance(**ELEVEN_YEARS)
    with work() as session:
        propose(session, here, clock, planted.case)
    with work() as session:
        approve(session, here, clock, planted.case)
    keys_go(app, clock)
    older = make_app(REVIEW_DATABASE_URL=f"sqlite:///{copy}")
    pages = see(older, here, planted)
    assert {status for status, _body in pages} <= {200, 404, 410}
    assert 410 in {status for status, _body in pages}
    assert PLANTED not in str(pages)
    certificate = Browser(app).sign_in(here.email(COORDINATOR), factories.PASSWORD)
    certificate.get(f"/reviews/{planted.case.reference}")
    for words in ("Certificate of destruction", "Schedule 4.2", "Ig Example", "Identities"):
        assert words in certificate.text
    assert PLANTED not in certificate.body.decode()


def see(app, here, planted: whole_case.WholeCase) -> list[tuple[int, str]]:
    """Open every page on which something of the case can stand, as the coordinator."""
    browser = Browser(app).sign_in(here.email(COORDINATOR), factories.PASSWORD)
    reference = planted.case.reference
    addresses = (
        "/home",
        "/reviews",
        f"/reviews/{reference}",
        f"/reviews/{reference}/versions/1",
        f"/meetings/{planted.meeting}",
        f"/requests/{planted.requests[0]}",
        f"/thread/{reference}",
        "/reviews/due?within=five_years",
    )
    found = []
    for address in addresses:
        browser.get(address, status=None)
        found.append((browser.status, browser.body.decode(errors="replace")))
    return found


@pytest.mark.both_databases
def test_a_hold_raised_at_the_same_moment_wins_or_finds_nothing(app, work, here, clock):
    for _round in range(4):
        with work() as session:
            case = old_case(session, here, clock)
            propose(session, here, clock, case)
        raising = RaiseFlag(reference=case.reference, kind=FlagKind.LEGAL_HOLD, reason="The police asked.")
        ends = at_once(
            app,
            lambda session, case=case: approve(session, here, clock, case),
            lambda session, raising=raising: flags.raise_flag(
                session, here.actor(COORDINATOR), raising, now=clock.now()
            ),
        )
        with work() as session:
            state = session.scalars(select(ReviewCase.state).where(ReviewCase.id == case.id)).one()
        if state is CaseState.DESTROYED:
            assert ends[0] is None
            assert isinstance(ends[1], NotVisible)
        else:
            assert isinstance(ends[0], RuleBroken)
            assert ends[1] is None
