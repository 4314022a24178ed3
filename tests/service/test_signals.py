"""Signals: titles and their versions, moves with reasons, guards of features to the right, evidence links."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from review_app import events
from review_app.audit.queries import timeline
from review_app.catalogue.commands import ClockOf
from review_app.catalogue.queries import clocks_of
from review_app.errors import MoveRefused, NotAllowed, NotVisible, RuleBroken, Stale
from review_app.marks import Grade
from review_app.submissions import queries
from review_app.submissions.commands import signals as commands
from review_app.submissions.commands.triage import LinkToSignal
from review_app.submissions.events import SignalCloses
from review_app.submissions.models import RecordedMove, SignalLink, Watch
from review_app.submissions.queries.signals import SignalFilter, signal_page, signal_totals, signals
from review_app.submissions.rules import (
    SIGNAL_WORKFLOW,
    LinkReason,
    SignalAction,
    SignalState,
    SubmissionState,
    Urgency,
)
from review_app.submissions.service import linking
from review_app.submissions.service import signals as service
from tests import factories


@pytest.fixture
def world(work, clock):
    with work() as session:
        return factories.world(session, now=clock.now())


@pytest.fixture
def here(world):
    return world.westhaven


def running(session, signal):
    of = ClockOf(partnership_id=signal.partnership_id, signal_id=signal.id)
    return [clock.rule.key for clock in clocks_of(session, of) if not clock.ended]


def test_a_signal_is_opened_with_a_reference_a_panel_and_a_trace(work, here, clock):
    with work() as session:
        signal = linking.open_signal(
            session, here.actor("coordinator"), commands.OpenSignal(title="x"), now=clock.now()
        )
        assert (signal.state, signal.panel_id) == (SignalState.OPEN, here.alert_panel.id)
        reference = signal.reference
    with work() as session:
        assert [each.verb for each in timeline(session, "signal", reference)] == ["create"]


@pytest.mark.parametrize("who", ["chair", "police.panel", "approver", "oncall", "analyst", "admin"])
def test_only_coordinators_open_signals(work, here, clock, who):
    with work() as session, pytest.raises(NotAllowed):
        linking.open_signal(session, here.actor(who), commands.OpenSignal(title="x"), now=clock.now())


def test_a_title_changed_by_somebody_else_is_shown_and_not_overwritten(work, here, clock):
    with work() as session:
        signal = factories.make_signal(session, here, now=clock.now())
        reference, version = signal.reference, signal.version
    first = commands.TitleSignal(reference=reference, title="Blue tablets, Harbour", version=version)
    with work() as session:
        service.title_signal(session, here.actor("coordinator"), first, now=clock.now())
    second = commands.TitleSignal(reference=reference, title="Blue pills", version=version)
    with work() as session, pytest.raises(Stale) as refusal:
        service.title_signal(session, here.actor("coordinator2"), second, now=clock.now())
    assert refusal.value.differences == (("Title", "Blue pills", "Blue tablets, Harbour"),)
    with work() as session:
        again = commands.TitleSignal(reference=reference, title="Blue pills", version=version + 1)
        assert service.title_signal(session, here.actor("coordinator2"), again, now=clock.now()).title == "Blue pills"


def test_skipping_corroboration_needs_a_reason_and_starts_the_panels_clock(work, here, clock):
    with work() as session:
        coordinator = here.actor("coordinator")
        signal = factories.make_signal(session, here, now=clock.now(), urgency=Urgency.URGENT)
        blank = commands.SkipCorroboration(reference=signal.reference, reason=" ")
        with pytest.raises(RuleBroken):
            service.skip_corroboration(session, coordinator, blank, now=clock.now())
        skip = commands.SkipCorroboration(reference=signal.reference, reason="A laboratory has confirmed it.")
        service.skip_corroboration(session, coordinator, skip, now=clock.now())
        session.flush()
        assert (signal.state, signal.skipped_round_reason) == (SignalState.PANEL_READY, skip.reason)
        assert running(session, signal) == ["panel_urgent"]


def test_the_panels_clock_is_met_by_the_decision_and_cancelled_by_reopening(work, here, clock):
    with work() as session:
        signal = factories.make_signal(session, here, now=clock.now())
        for action in (SignalAction.SKIP_CORROBORATION, SignalAction.OPEN_GRADING, SignalAction.DECIDE):
            service.move_signal(session, None, signal, action, now=clock.now())
        session.flush()
        assert running(session, signal) == []
        of = ClockOf(partnership_id=signal.partnership_id, signal_id=signal.id)
        assert [clock_.stopped_at for clock_ in clocks_of(session, of)] == [clock.now()]


def test_what_arrives_urgently_makes_the_panels_clock_faster(work, here, clock):
    with work() as session:
        signal = factories.make_signal(session, here, now=clock.now())
        service.move_signal(session, None, signal, SignalAction.SKIP_CORROBORATION, now=clock.now())
        session.flush()
        report = factories.make_submission(
            session, here, now=clock.now(), danger_now=True, state=SubmissionState.TRIAGE
        )
        command = LinkToSignal(reference=report.reference, signal=signal.reference, kind=LinkReason.SAME_BATCH)
        linking.link_to_signal(session, here.actor("coordinator"), command, now=clock.now())
        session.flush()
        assert running(session, signal) == ["panel_urgent"]


def test_a_watch_ends_and_lies_in_the_future(work, here, clock):
    with work() as session:
        coordinator = here.actor("coordinator")
        signal = factories.make_signal(session, here, now=clock.now(), state=SignalState.DECIDED)
        past = commands.WatchSignal(reference=signal.reference, reason="More reports?", until=clock.now())
        with pytest.raises(RuleBroken):
            service.watch_signal(session, coordinator, past, now=clock.now())
        until = clock.now() + timedelta(days=14)
        watch = commands.WatchSignal(reference=signal.reference, reason="More reports?", until=until)
        service.watch_signal(session, coordinator, watch, now=clock.now())
        assert signal.state is SignalState.MONITORING
        reopen = commands.ReopenSignal(reference=signal.reference, reason="A third report.")
        service.reopen_signal(session, coordinator, reopen, now=clock.now())
        session.flush()
        assert session.scalars(select(Watch.ended_at)).all() == [clock.now()]


def test_whoever_knows_a_reason_can_stop_a_signal_from_closing(work, here, clock):
    refused: list[str] = ["Alert WES-A-2026-0001 is still active. Withdraw it first."]

    def keeper(_session, question):
        return refused[0] if refused else None

    events.guard(SignalCloses, keeper)
    try:
        with work() as session:
            coordinator = here.actor("coordinator")
            signal = factories.make_signal(session, here, now=clock.now(), state=SignalState.DECIDED)
            command = commands.CloseSignal(reference=signal.reference, reason="Over.")
            with pytest.raises(RuleBroken, match="still active"):
                service.close_signal(session, coordinator, command, now=clock.now())
            assert signal.state is SignalState.DECIDED
    finally:
        events._guards[SignalCloses].remove(keeper)


def test_an_open_signal_cannot_be_closed_or_watched(work, here, clock):
    with work() as session:
        signal = factories.make_signal(session, here, now=clock.now())
        command = commands.CloseSignal(reference=signal.reference, reason="Over.")
        with pytest.raises(MoveRefused):
            service.close_signal(session, here.actor("coordinator"), command, now=clock.now())


def test_the_grade_in_force_is_kept_with_its_star(work, here, clock):
    with work() as session:
        signal = factories.make_signal(session, here, now=clock.now())
        service.set_grade(session, None, signal, Grade.G1, starred=True, now=clock.now())
        reference = signal.reference
    with work() as session:
        event = timeline(session, "signal", reference)[-1]
        assert event.changes == {"grade": {"old": None, "new": "g1"}, "starred": {"old": False, "new": True}}


def test_a_submission_has_one_standing_link_at_most(work, here, clock):
    with work() as session:
        report = factories.make_submission(session, here, now=clock.now())
        signal = factories.make_signal(session, here, now=clock.now(), submissions=[report])
        other = factories.make_signal(session, here, now=clock.now())
        session.add(
            SignalLink(
                signal_id=other.id,
                submission_id=report.id,
                exercise=False,
                kind=LinkReason.OTHER,
                reason="",
                linked_at=clock.now(),
                linked_by_id=signal.opened_by_id,
            )
        )
        with pytest.raises(IntegrityError):
            session.flush()
        session.rollback()


def test_an_exercise_and_a_real_report_cannot_be_linked_even_in_the_database(work, here, clock):
    with work() as session:
        report = factories.make_submission(session, here, now=clock.now())
        drill = factories.make_signal(session, here, now=clock.now(), exercise=True)
        for exercise in (True, False):
            mixed = insert(SignalLink).values(
                signal_id=drill.id,
                submission_id=report.id,
                exercise=exercise,
                kind=LinkReason.OTHER,
                reason="",
                linked_at=clock.now(),
                linked_by_id=drill.opened_by_id,
            )
            with pytest.raises(IntegrityError), session.begin_nested():
                session.execute(mixed)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from(list(SignalAction)), max_size=12))
def test_whatever_is_tried_only_legal_moves_happen_and_each_leaves_a_row(work, here, clock, steps):
    with work() as session:
        signal = factories.make_signal(session, here, now=clock.now())
        taken = 0
        for action in steps:
            legal = action in SIGNAL_WORKFLOW.actions_from(signal.state)
            try:
                service.move_signal(session, None, signal, action, now=clock.now())
            except MoveRefused:
                assert not legal
            else:
                assert legal
                taken += 1
            session.flush()
            assert (signal.state is SignalState.CLOSED) == (signal.closed_at is not None)
        moves = session.scalars(select(RecordedMove).where(RecordedMove.signal_id == signal.id)).all()
        assert len(moves) == taken
        session.rollback()


def test_the_list_is_narrowed_counted_ordered_and_paged(work, world, here, clock):
    with work() as session:
        for number in range(27):
            factories.make_signal(session, here, now=clock.now(), title=f"Signal {number:02d}")
            clock.advance(minutes=1)
        urgent = factories.make_signal(session, here, now=clock.now(), title="Urgent", urgency=Urgency.URGENT)
        factories.make_signal(
            session, here, now=clock.now(), state=SignalState.CLOSED, title="Old", urgency=Urgency.URGENT
        )
        factories.make_signal(session, world.eastmoor, now=clock.now(), title="Foreign")
        coordinator = here.actor("coordinator")
        first = signals(session, coordinator, SignalFilter())
        assert (first.total, first.pages, len(first.rows)) == (29, 2, 25)
        assert [row.title for row in first.rows[:2]] == ["Urgent", "Signal 26"]
        last = signals(session, coordinator, SignalFilter(), page=99)
        assert (last.page, last.rows[-1].title) == (2, "Old")
        found = signals(session, coordinator, SignalFilter(urgent=True))
        assert found.rows[0].reference == urgent.reference
        assert signals(session, coordinator, SignalFilter(words="signal 0")).total == 10
        assert signals(session, coordinator, SignalFilter(words="%")).total == 0
        assert signals(session, coordinator, SignalFilter(state=SignalState.CLOSED)).total == 1


def test_a_neighbour_reads_a_shared_signal_without_its_reports_and_changes_nothing(work, world, clock):
    here, there = world.westhaven, world.eastmoor
    with work() as session:
        report = factories.make_submission(session, here, now=clock.now())
        signal = factories.make_signal(session, here, now=clock.now(), submissions=[report])
        neighbour = there.actor("coordinator")
        with pytest.raises(NotVisible):
            queries.get_signal(session, neighbour, signal.reference)
        share = factories.share_signal(session, signal, there, now=clock.now())
        page = signal_page(session, neighbour, signal.reference, now=clock.now())
        assert (page.shared_by, page.may_manage, page.actions) == ("Westhaven", False, frozenset())
        assert [(each.reference, each.title) for each in page.reports] == [("", "")]
        assert [each.key for each in page.sections] == ["thread"]
        command = commands.SkipCorroboration(reference=signal.reference, reason="x")
        with pytest.raises(NotAllowed):
            service.skip_corroboration(session, neighbour, command, now=clock.now())
        with pytest.raises(NotVisible):
            queries.get_signal(session, there.actor("chair"), signal.reference)
        share.ended_at = clock.now()
        session.flush()
        with pytest.raises(NotVisible):
            queries.get_signal(session, neighbour, signal.reference)


def test_totals_count_without_exercises_and_without_neighbours(work, world, here, clock):
    with work() as session:
        factories.make_signal(session, here, now=clock.now(), grade=Grade.G2)
        factories.make_signal(session, here, now=clock.now(), exercise=True)
        factories.make_signal(session, here, now=clock.now(), police_sensitive=True)
        factories.make_signal(session, world.eastmoor, now=clock.now())
        counted = signal_totals(session, here.actor("sro"))
        assert (counted.opened, counted.by_grade) == (1, ((Grade.G2, 1),))
        assert signal_totals(session, here.actor("board")).opened == 0
