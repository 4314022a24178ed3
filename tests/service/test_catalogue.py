from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from review_app.accounts.models import AgencyType
from review_app.audit.queries import timeline
from review_app.catalogue import queries, service
from review_app.catalogue.commands import ClockOf, SignAdviceBlock
from review_app.catalogue.models import (
    AdviceBlock,
    BankHolidayOverride,
    Clock,
    ClockRule,
    FormDefinition,
    Substance,
)
from review_app.catalogue.rules import ClockKey, ClockState, ClockUnit
from review_app.errors import NotAllowed, NotVisible, RuleBroken
from review_app.submissions.models import Signal
from review_app.submissions.rules import SignalState, Urgency
from review_app.working_time import CountingMode, Nation, london_instant
from tests import factories
from tests.conftest import Work

FRIDAY_17 = london_instant(datetime.fromisoformat("2026-11-06 17:00"))
MONDAY_13 = london_instant(datetime.fromisoformat("2026-11-09 13:00"))

pytestmark = pytest.mark.both_databases


def a_signal(session: Session) -> tuple[factories.Place, ClockOf]:
    service.install_catalogue(session)
    here = factories.world(session, now=FRIDAY_17).westhaven
    signal = Signal(
        reference="WES-S-2026-0001",
        partnership_id=here.partnership.id,
        panel_id=here.alert_panel.id,
        title="Blue tablets",
        state=SignalState.OPEN,
        urgency=Urgency.ROUTINE,
        opened_at=FRIDAY_17,
        opened_by_id=here.user("coordinator").id,
    )
    session.add(signal)
    session.flush()
    return here, ClockOf(partnership_id=here.partnership.id, signal_id=signal.id)


def test_installing_twice_adds_nothing_the_second_time(work: Work) -> None:
    with work() as session:
        service.install_catalogue(session)
    with work() as session:
        assert service.install_catalogue(session) == 0
        assert session.scalar(select(func.count()).select_from(Substance)) == 55
        assert session.scalar(select(func.count()).select_from(AgencyType).where(AgencyType.key == "police")) == 1
        assert queries.current_form(session, "short", now=FRIDAY_17).version == 1


def test_installing_never_edits_what_is_there(work: Work) -> None:
    with work() as session:
        service.install_catalogue(session)
        block = queries.get_advice_block(session, "opioid_core", 1)
        block.title = "Our own title"
        session.delete(queries.get_advice_block(session, "festival", 1))
    with work() as session:
        assert service.install_catalogue(session) == 1
        assert queries.get_advice_block(session, "opioid_core", 1).title == "Our own title"


def test_the_newest_version_that_has_begun_is_in_force(work: Work) -> None:
    with work() as session:
        service.install_catalogue(session)
        content = queries.current_form(session, "short", now=FRIDAY_17).content
        session.add_all([
            FormDefinition(key="short", version=2, content=content, active_from=date(2026, 11, 6)),
            FormDefinition(key="short", version=3, content=content, active_from=date(2026, 11, 7)),
        ])  # fmt: skip
        session.flush()
        assert queries.current_form(session, "short", now=FRIDAY_17).version == 2
        assert queries.current_form(session, "short", now=FRIDAY_17 + timedelta(hours=7)).version == 3
        with pytest.raises(NotVisible):
            queries.current_form(session, "short", now=datetime(2025, 1, 1, tzinfo=UTC))


def test_what_is_in_force_of_everything_can_be_read(work: Work) -> None:
    with work() as session:
        service.install_catalogue(session)
        assert queries.current_scheme(session, now=FRIDAY_17).version == 1
        assert queries.current_rule_set(session, "alert_rules", now=FRIDAY_17).version == 1
        assert [row.position for row in queries.reporting_criteria(session, now=FRIDAY_17)] == list(range(1, 9))
        assert len(queries.advice_blocks(session, now=FRIDAY_17)) == 12
        assert {"nitazene", "fent", "etonitazepyne"} <= set(queries.synthetic_opioid_terms(session))
        assert [entry.name for entry in queries.substances_called(session, " WHITE ")] == [
            "cocaine (powder)", "crack cocaine",
        ]  # fmt: skip
        assert "Spice" not in queries.substance_names(session)
        assert "spice" in queries.substance_names(session)


def test_a_clock_runs_by_its_rule_and_is_met_or_breached(work: Work) -> None:
    with work() as session:
        _, of = a_signal(session)
        routine = service.start_clock(session, ClockKey.TRIAGE_ROUTINE, of, now=FRIDAY_17)
        urgent = service.start_clock(session, ClockKey.TRIAGE_URGENT, of, now=FRIDAY_17)
        assert routine.due_at == MONDAY_13
        assert queries.running_clocks(session, of) == [urgent, routine]
        service.stop_clock(session, ClockKey.TRIAGE_ROUTINE, of, now=MONDAY_13)
        service.stop_clock(session, ClockKey.TRIAGE_URGENT, of, now=MONDAY_13)
        assert (routine.state(MONDAY_13), urgent.state(MONDAY_13)) == (ClockState.MET, ClockState.BREACHED)
        assert queries.running_clocks(session, of) == []
        assert service.stop_clock(session, ClockKey.TRIAGE_ROUTINE, of, now=MONDAY_13) is None


def test_a_clock_that_runs_is_not_started_twice(work: Work) -> None:
    with work() as session:
        _, of = a_signal(session)
        first = service.start_clock(session, ClockKey.PANEL_ROUTINE, of, now=FRIDAY_17)
        assert service.start_clock(session, ClockKey.PANEL_ROUTINE, of, now=MONDAY_13) is first
        service.stop_clock(session, ClockKey.PANEL_ROUTINE, of, now=MONDAY_13)
        assert service.start_clock(session, ClockKey.PANEL_ROUTINE, of, now=MONDAY_13) is not first


def test_the_database_refuses_a_second_running_clock_and_a_clock_of_nothing(work: Work) -> None:
    with work() as session:
        _, of = a_signal(session)
        clock = service.start_clock(session, ClockKey.PANEL_ROUTINE, of, now=FRIDAY_17)
        of_nothing = Clock(partnership_id=of.partnership_id, started_at=FRIDAY_17, due_at=MONDAY_13)
        second = Clock(partnership_id=of.partnership_id, signal_id=of.signal_id, started_at=FRIDAY_17, due_at=MONDAY_13)
        for refused in (of_nothing, second):
            refused.rule_id = clock.rule_id
            with session.begin_nested() as savepoint:
                session.add(refused)
                with pytest.raises(IntegrityError):
                    session.flush()
                savepoint.rollback()


def test_a_pause_needs_a_reason_and_moves_the_due_time_by_what_was_left(work: Work) -> None:
    with work() as session:
        _, of = a_signal(session)
        clock = service.start_clock(session, ClockKey.TRIAGE_ROUTINE, of, now=FRIDAY_17)
        with pytest.raises(RuleBroken):
            service.pause_clock(session, ClockKey.TRIAGE_ROUTINE, of, reason=" ", now=MONDAY_13)
        paused = MONDAY_13 - timedelta(hours=1)
        service.pause_clock(session, ClockKey.TRIAGE_ROUTINE, of, reason="Asked the submitter", now=paused)
        service.pause_clock(session, ClockKey.TRIAGE_ROUTINE, of, reason="Again", now=MONDAY_13)
        assert clock.pause_reason == "Asked the submitter"
        assert clock.state(MONDAY_13 + timedelta(days=2)) is ClockState.PAUSED
        resumed = london_instant(datetime.fromisoformat("2026-11-09 16:30"))
        service.resume_clock(session, ClockKey.TRIAGE_ROUTINE, of, now=resumed)
        assert clock.due_at == london_instant(datetime.fromisoformat("2026-11-10 09:30"))
        assert clock.paused_seconds == 4.5 * 3600
        assert clock.state(resumed) is ClockState.RUNNING


def test_a_pause_after_the_due_time_does_not_mend_a_breach(work: Work) -> None:
    with work() as session:
        _, of = a_signal(session)
        clock = service.start_clock(session, ClockKey.TRIAGE_URGENT, of, now=FRIDAY_17)
        service.pause_clock(session, ClockKey.TRIAGE_URGENT, of, reason="Late", now=MONDAY_13)
        service.stop_clock(session, ClockKey.TRIAGE_URGENT, of, now=MONDAY_13)
        assert clock.due_at == FRIDAY_17 + timedelta(hours=1)
        assert clock.state(MONDAY_13) is ClockState.BREACHED


def test_raising_urgency_replaces_the_clock_as_of_its_start(work: Work) -> None:
    with work() as session:
        _, of = a_signal(session)
        old = service.start_clock(session, ClockKey.TRIAGE_ROUTINE, of, now=FRIDAY_17)
        later = FRIDAY_17 + timedelta(minutes=30)
        new = service.replace_clock(session, ClockKey.TRIAGE_ROUTINE, ClockKey.TRIAGE_URGENT, of, now=later)
        assert new is not None
        assert (new.started_at, new.due_at) == (FRIDAY_17, FRIDAY_17 + timedelta(hours=1))
        assert old.state(later) is ClockState.CANCELLED
        assert service.replace_clock(session, ClockKey.TRIAGE_ROUTINE, ClockKey.TRIAGE_URGENT, of, now=later) is None
        assert service.cancel_clocks(session, of, now=later) == [new]


def test_a_clock_keeps_the_version_of_the_rule_it_was_started_under(work: Work) -> None:
    with work() as session:
        _, of = a_signal(session)
        clock = service.start_clock(session, ClockKey.TRIAGE_URGENT, of, now=FRIDAY_17)
        session.add(
            ClockRule(key="triage_urgent", version=2, name="Triage, urgent", unit=ClockUnit.HOURS, amount=2,
                      mode=CountingMode.ELAPSED, starts="received", stops="triaged", active_from=date(2026, 11, 6))
        )  # fmt: skip
        session.flush()
        service.stop_clock(session, ClockKey.TRIAGE_URGENT, of, now=FRIDAY_17)
        again = service.start_clock(session, ClockKey.TRIAGE_URGENT, of, now=FRIDAY_17)
        assert (clock.rule.version, again.rule.version) == (1, 2)
        assert again.due_at - clock.due_at == timedelta(hours=1)


def test_the_override_table_moves_due_times(work: Work) -> None:
    with work() as session:
        _, of = a_signal(session)
        session.add(
            BankHolidayOverride(nation=Nation.ENGLAND, on=date(2026, 11, 9), is_holiday=True, reason="Invented")
        )
        session.flush()
        clock = service.start_clock(session, ClockKey.TRIAGE_ROUTINE, of, now=FRIDAY_17)
        assert clock.due_at == MONDAY_13 + timedelta(days=1)


def test_advice_is_unsigned_until_a_clinician_of_the_partnership_signs_that_version(work: Work) -> None:
    with work() as session:
        service.install_catalogue(session)
        world = factories.world(session, now=FRIDAY_17)
        here, there = world.westhaven.partnership.id, world.eastmoor.partnership.id
        block = queries.get_advice_block(session, "opioid_core", 1)
        newer = AdviceBlock(
            key=block.key, version=2, title=block.title, body="New.", under_18_only=False, active_from=block.active_from
        )
        session.add(newer)
        session.flush()
        blocks = [block.id, newer.id]
        assert queries.unsigned_blocks(session, here, blocks) == [block, newer]
        clinician = world.westhaven.actor("clinician.panel")
        command = SignAdviceBlock(key="opioid_core", version=1)
        service.sign_advice_block(session, clinician, command, now=FRIDAY_17)
        session.flush()
        assert queries.unsigned_blocks(session, here, blocks) == [newer]
        assert queries.unsigned_blocks(session, there, blocks) == [block, newer]
        with pytest.raises(RuleBroken):
            service.sign_advice_block(session, clinician, command, now=FRIDAY_17)
    with work() as session:
        events = timeline(session, "advice_block_signature", "opioid_core v1")
        assert [event.verb for event in events] == ["sign_advice_block"]


@pytest.mark.parametrize("role", ["coordinator", "chair", "police.panel", "dph", "admin", "hostel.worker"])
def test_nobody_else_signs_advice(work: Work, role: str) -> None:
    with work() as session:
        service.install_catalogue(session)
        actor = factories.world(session, now=FRIDAY_17).westhaven.actor(role)
        with pytest.raises(NotAllowed):
            service.sign_advice_block(session, actor, SignAdviceBlock(key="opioid_core", version=1), now=FRIDAY_17)
        assert queries.unsigned_blocks(session, 1, [1]) != []
