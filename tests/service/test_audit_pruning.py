"""Pruning the audit: two people, only what is past its time, and everything that stays is still proved."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from review_app.audit import queries
from review_app.audit.commands import ApprovePruning, ProposePruning, WithdrawPruning
from review_app.audit.models import AuditEvent, AuditPruning, AuditPruningApproval, AuditSegment
from review_app.audit.rules import PruningState, Report
from review_app.audit.service import approve_pruning, propose_pruning, withdraw_pruning
from review_app.catalogue.models import RuleSet
from review_app.catalogue.queries import current_rule_set
from review_app.catalogue.rules.review import ReviewSetting
from review_app.errors import MoveRefused, NotAllowed, NotVisible, RuleBroken
from review_app.policy import Actor, Assignment, Held, Role
from review_app.reviews.rules.states import CaseState
from tests import factories, reviewing
from tests.auditing import add_events, behind_its_back, close
from tests.conftest import FixedClock, Work
from tests.racing import at_once

YEARS = 365 * 7
SIX_YEARS_ON = datetime(2032, 12, 1, tzinfo=UTC)
"""The instant from which November 2026 may be pruned."""


def holder(user_id: int, partnership_id: int = 1, role: Role = Role.IG_LEAD) -> Actor:
    held = frozenset({Assignment(role=role, held=Held.PARTNERSHIP)})
    return Actor(user_id=user_id, partnership_id=partnership_id, assignments=held)


ANN, BEN = holder(1), holder(2)
EVE = holder(3, partnership_id=2)
"""Two of one Partnership, and one of another."""


@pytest.fixture
def months(app: Flask, work: Work, clock: FixedClock) -> Flask:
    """Events of November and December 2026, seven years ago, and of this month; the older two are signed."""
    add_events(work, clock, 6)
    clock.advance(days=40)
    add_events(work, clock, 2)
    clock.advance(days=YEARS)
    add_events(work, clock, 1)
    assert close(work, clock) == [("2026-11", 1, 6), ("2026-12", 7, 8)]
    return app


def propose(work: Work, clock: FixedClock, up_to: str = "2026-11", by: Actor = ANN) -> int:
    with work() as session:
        pruning = propose_pruning(session, by, ProposePruning(up_to=up_to), now=clock.now())
        session.flush()
        return pruning.id


def approve(work: Work, clock: FixedClock, number: int, by: Actor = BEN) -> PruningState:
    with work() as session:
        return approve_pruning(session, by, ApprovePruning(number=number), now=clock.now()).state


def sequences(session: Session) -> list[int]:
    return list(session.scalars(select(AuditEvent.sequence).order_by(AuditEvent.sequence)))


@pytest.mark.both_databases
def test_what_one_proposes_and_another_approves_goes_and_the_rest_is_still_proved(
    months: Flask, work: Work, clock: FixedClock
) -> None:
    number = propose(work, clock)
    with work() as session:
        assert sequences(session) == [*range(1, 11)]
    assert approve(work, clock, number) is PruningState.CARRIED_OUT
    with work() as session:
        assert sequences(session) == [*range(7, 13)]
        first, second = session.scalars(select(AuditSegment).order_by(AuditSegment.month)).all()
        assert (first.pruned_at, second.pruned_at) == (clock.now(), None)
        assert first.signature
        told = session.get_one(AuditEvent, 12)
        assert (told.verb, told.actor_id, told.partnership_id, told.object_reference, told.purpose) == (
            "prune", 2, 1, "2026-11", "2026-11 to 2026-11, 6 events"
        )  # fmt: skip
        verbs = session.scalars(select(AuditEvent.verb).where(AuditEvent.sequence > 9)).all()
        assert verbs == ["propose_prune", "approve_prune", "prune"]
        page = queries.pruning_page(session, ANN, number)
        assert ([each.month for each in page.months], page.events, page.may_approve) == (["2026-11"], 6, False)
    for statement in ("DELETE FROM audit_event", "UPDATE audit_event SET verb = 'x'"):
        with pytest.raises(DBAPIError, match="append-only"), work() as session:
            session.execute(text(statement))
    with behind_its_back(months) as (_, verified):
        assert verified() == Report(ok=True, events=6)
    assert months.test_cli_runner().invoke(args=["audit", "verify"]).exit_code == 0


@pytest.mark.both_databases
def test_after_a_pruning_everything_that_is_done_behind_its_back_is_still_found(
    months: Flask, work: Work, clock: FixedClock
) -> None:
    approve(work, clock, propose(work, clock))
    for statement, problem in (
        ("UPDATE audit_event SET verb = 'x' WHERE sequence = 8", "Event 8 was changed."),
        ("DELETE FROM audit_event WHERE sequence = 7", "Event 7 is missing: event 8 follows event 6."),
        ("DELETE FROM audit_event WHERE sequence = 9", "Event 9 is missing: event 10 follows event 8."),
        (
            "DELETE FROM audit_event WHERE sequence = 12",
            "Events 12 to 12 were removed from the end",
        ),
        ("UPDATE audit_segment SET last_sequence = 5 WHERE month = '2026-11'", "The signed month 2026-11 was changed."),
        ("DELETE FROM audit_pruning", None),
        ("UPDATE audit_segment SET pruned_at = NULL", "Events 1 to 6 are missing: event 7 follows event 0."),
        ("DELETE FROM audit_segment WHERE month = '2026-11'", "Events 1 to 6 are missing: event 7 follows event 0."),
    ):
        with behind_its_back(months) as (connection, verified):
            connection.execute(text("DELETE FROM audit_pruning_approval"))
            if "audit_segment WHERE" in statement:
                connection.execute(text("DELETE FROM audit_pruning"))
            connection.execute(text(statement))
            report = verified()
            assert report.ok is (problem is None), statement
            assert report.problem.startswith(problem or ""), statement
    with behind_its_back(months) as (connection, verified):
        connection.execute(text("DELETE FROM audit_event WHERE sequence IN (7, 8)"))
        connection.execute(text("UPDATE audit_segment SET pruned_at = CURRENT_TIMESTAMP"))
        assert verified().problem == "The month 2026-12 was pruned and no event says so."


@pytest.mark.both_databases
def test_one_person_alone_can_never_prune(months: Flask, work: Work, clock: FixedClock) -> None:
    number = propose(work, clock)
    with pytest.raises(RuleBroken, match="someone else must approve"):
        approve(work, clock, number, by=ANN)
    with pytest.raises(IntegrityError), work() as session:
        session.add(
            AuditPruningApproval(
                pruning_id=number, proposed_by_id=1, approved_by_id=1, partnership_id=1, approved_at=clock.now()
            )
        )
    with pytest.raises(IntegrityError), work() as session:
        session.add(
            AuditPruningApproval(
                pruning_id=number, proposed_by_id=9, approved_by_id=1, partnership_id=1, approved_at=clock.now()
            )
        )
    with work() as session:
        assert sequences(session) == [*range(1, 11)]
        assert not queries.pruning_page(session, ANN, number).may_approve
        assert queries.pruning_page(session, BEN, number).may_approve


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.IG_LEAD}))
def test_nobody_else_proposes_approves_withdraws_or_sees_a_pruning(
    months: Flask, work: Work, clock: FixedClock, role: Role
) -> None:
    number, other = propose(work, clock), holder(9, role=role)
    with work() as session:
        for act in (
            lambda: propose_pruning(session, other, ProposePruning(up_to="2026-11"), now=clock.now()),
            lambda: approve_pruning(session, other, ApprovePruning(number=number), now=clock.now()),
            lambda: withdraw_pruning(session, other, WithdrawPruning(number=number), now=clock.now()),
        ):
            with pytest.raises(NotAllowed):
                act()
        with pytest.raises(NotVisible):
            queries.pruning_page(session, other, number)


def test_a_month_goes_six_years_after_it_ended_and_not_a_moment_earlier(
    months: Flask, work: Work, clock: FixedClock
) -> None:
    for now, due in (
        (SIX_YEARS_ON - timedelta(seconds=1), []),
        (SIX_YEARS_ON, ["2026-11"]),
        (SIX_YEARS_ON.replace(year=2033, month=1), ["2026-11", "2026-12"]),
    ):
        with work() as session:
            assert [each.month for each in queries.months_due(session, now=now)] == due
    for up_to in ("2026-12", "2033-12", "1999-01"):
        clock.set(SIX_YEARS_ON)
        with pytest.raises(RuleBroken, match="must still be kept"):
            propose(work, clock, up_to=up_to)


def test_a_proposal_is_judged_again_when_it_is_approved(months: Flask, work: Work, clock: FixedClock) -> None:
    number = propose(work, clock)
    clock.set(SIX_YEARS_ON - timedelta(days=1))
    with pytest.raises(RuleBroken, match="must still be kept"):
        approve(work, clock, number)


@pytest.mark.both_databases
def test_every_partnership_whose_events_go_must_approve(app: Flask, work: Work, clock: FixedClock) -> None:
    add_events(work, clock, 2)
    add_events(work, clock, 2, partnership_id=2)
    clock.advance(days=YEARS)
    add_events(work, clock, 1)
    close(work, clock)
    number = propose(work, clock)
    with work() as session:
        assert queries.pruning_page(session, BEN, number).waits_for == {2}
        assert not queries.pruning_page(session, BEN, number).may_approve
    with pytest.raises(RuleBroken, match="does not wait for your partnership"):
        approve(work, clock, number, by=BEN)
    with pytest.raises(RuleBroken, match="does not wait for your partnership"):
        approve(work, clock, number, by=holder(7, partnership_id=3))
    assert approve(work, clock, number, by=EVE) is PruningState.CARRIED_OUT
    with work() as session:
        told = select(AuditEvent.partnership_id).where(AuditEvent.verb == "prune").order_by(AuditEvent.sequence)
        assert session.scalars(told).all() == [1, 2]
    with behind_its_back(app) as (_, verified):
        assert verified().ok


def test_of_three_partnerships_both_others_must_approve(app: Flask, work: Work, clock: FixedClock) -> None:
    for partnership_id in (1, 2, 3):
        add_events(work, clock, 1, partnership_id=partnership_id)
    clock.advance(days=YEARS)
    add_events(work, clock, 1)
    close(work, clock)
    number = propose(work, clock)
    assert approve(work, clock, number, by=EVE) is PruningState.PROPOSED
    with pytest.raises(RuleBroken, match="does not wait"):
        approve(work, clock, number, by=holder(8, partnership_id=2))
    with work() as session:
        assert session.scalar(select(func.count()).select_from(AuditEvent).where(AuditEvent.sequence < 4)) == 3
    assert approve(work, clock, number, by=holder(4, partnership_id=3)) is PruningState.CARRIED_OUT


@pytest.mark.both_databases
def test_months_that_were_tampered_with_are_not_pruned_so_that_the_traces_stay(
    months: Flask, work: Work, clock: FixedClock
) -> None:
    number = propose(work, clock)
    with behind_its_back(months, keep=True) as (connection, _):
        connection.execute(text("UPDATE audit_event SET verb = 'x' WHERE sequence = 3"))
        if connection.dialect.name == "sqlite":
            connection.execute(
                text(
                    "CREATE TRIGGER audit_event_no_delete BEFORE DELETE ON audit_event"
                    " BEGIN SELECT RAISE(ABORT, 'audit_event is append-only'); END"
                )
            )
    with pytest.raises(RuleBroken, match=r"Event 3 was changed\. So nothing was pruned"):
        approve(work, clock, number)
    with work() as session:
        assert sequences(session) == [*range(1, 11)]
        assert session.get_one(AuditPruning, number).state is PruningState.PROPOSED
    with pytest.raises(DBAPIError, match="append-only"), work() as session:
        session.execute(text("DELETE FROM audit_event"))


@pytest.mark.both_databases
def test_a_pruning_that_fails_on_its_way_leaves_everything_as_it_was(
    months: Flask, work: Work, clock: FixedClock
) -> None:
    number = propose(work, clock)

    def approve_on_a_machine_that_fails(session: Session) -> None:
        approve_pruning(session, BEN, ApprovePruning(number=number), now=clock.now())
        session.flush()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), work() as session:
        approve_on_a_machine_that_fails(session)
    with work() as session:
        assert sequences(session) == [*range(1, 11)]
        assert session.scalars(select(AuditPruningApproval)).all() == []
    with pytest.raises(DBAPIError, match="append-only"), work() as session:
        session.execute(text("DELETE FROM audit_event"))
    assert approve(work, clock, number) is PruningState.CARRIED_OUT


@pytest.mark.both_databases
def test_what_others_write_while_months_are_pruned_is_kept_and_proved(
    months: Flask, work: Work, clock: FixedClock
) -> None:
    number, failures = propose(work, clock), []

    def write() -> None:
        try:
            add_events(work, clock, 8)
        except BaseException as error:
            failures.append(error)

    writers = [threading.Thread(target=write) for _ in range(3)]
    for writer in writers:
        writer.start()
    ends = at_once(
        months, *[lambda s: approve_pruning(s, BEN, ApprovePruning(number=number), now=clock.now()) for _ in range(2)]
    )
    for writer in writers:
        writer.join()
    assert failures == []
    assert sorted(type(end).__name__ for end in ends) == ["MoveRefused", "NoneType"]
    with behind_its_back(months) as (_, verified):
        assert verified() == Report(ok=True, events=30)


@pytest.mark.both_databases
def test_of_two_proposals_at_the_same_instant_one_stands(months: Flask, work: Work, clock: FixedClock) -> None:
    def proposes(who: Actor) -> Callable[[Session], object]:
        return lambda s: propose_pruning(s, who, ProposePruning(up_to="2026-11"), now=clock.now())

    ends = at_once(months, proposes(ANN), proposes(BEN), proposes(ANN))
    assert {type(end) for end in ends} <= {type(None), RuleBroken}
    with work() as session:
        standing = session.scalars(select(AuditPruning)).one()
        assert sum(end is None for end in ends) == (2 if standing.proposed_by_id == ANN.user_id else 1)


def test_a_proposal_is_made_once_and_one_at_a_time_and_can_fall(months: Flask, work: Work, clock: FixedClock) -> None:
    number = propose(work, clock)
    assert propose(work, clock) == number
    with pytest.raises(RuleBroken, match="Another proposal"):
        propose(work, clock, by=BEN)
    with pytest.raises(RuleBroken, match="Another proposal"):
        propose(work, clock, up_to="2026-12")
    with work() as session:
        withdraw_pruning(session, BEN, WithdrawPruning(number=number), now=clock.now())
    with pytest.raises(MoveRefused):
        approve(work, clock, number)
    assert approve(work, clock, propose(work, clock, up_to="2026-12", by=BEN), by=ANN) is PruningState.CARRIED_OUT
    with work() as session:
        assert session.scalars(select(AuditEvent.verb).where(AuditEvent.verb == "withdraw_prune")).all() != []


@pytest.mark.both_databases
def test_a_later_pruning_can_take_the_event_of_an_earlier_one_with_it(
    months: Flask, work: Work, clock: FixedClock
) -> None:
    approve(work, clock, propose(work, clock))
    clock.advance(days=YEARS)
    add_events(work, clock, 1)
    close(work, clock)
    with work() as session:
        up_to = queries.months_due(session, now=clock.now())[-1].month
    approve(work, clock, propose(work, clock, up_to=up_to))
    with work() as session:
        assert min(sequences(session)) == 13
    with behind_its_back(months) as (connection, verified):
        assert verified().ok
        connection.execute(text("DELETE FROM audit_event WHERE verb = 'prune'"))
        assert not verified().ok


def test_a_partnership_can_have_the_audit_kept_longer_and_nobody_shorter(
    app: Flask, work: Work, clock: FixedClock
) -> None:
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        shipped = current_rule_set(session, ReviewSetting.RETENTION, now=clock.now())
        for number, years in enumerate((9, 2), start=1):
            session.add(
                RuleSet(
                    key=shipped.key, version=number, active_from=clock.now().date() + timedelta(days=number - 1),
                    content={**shipped.content, "access_audit_least_years": years},
                    partnership_id=here.partnership.id, saved_by_id=here.user("ig").id, saved_at=clock.now(),
                )
            )  # fmt: skip
    with work() as session:
        assert queries.years_kept(session, now=clock.now()) == 9
        assert queries.years_kept(session, now=clock.now() + timedelta(days=2)) == 6


def test_the_audit_of_a_review_is_kept_as_long_as_the_case_and_a_year_beyond(
    app: Flask, work: Work, clock: FixedClock
) -> None:
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        case = reviewing.make_case(session, here, now=clock.now())
    clock.advance(days=YEARS)
    add_events(work, clock, 1)
    close(work, clock)

    def due(session: Session) -> list[str]:
        return [each.month for each in queries.months_due(session, now=clock.now())]

    with work() as session:
        assert due(session) == []
        stored = session.merge(case)
        stored.facts_sealed = stored.no_learning_sealed = None
        stored.state, stored.destroyed_at = CaseState.DESTROYED, clock.now() - timedelta(days=364)
        session.flush()
        assert due(session) == []
        stored.destroyed_at = clock.now() - timedelta(days=366)
        session.flush()
        assert due(session) == ["2026-11"]
        session.rollback()
    with pytest.raises(RuleBroken, match="A review that had begun by then is still kept"):
        propose(work, clock)
