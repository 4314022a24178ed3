"""Triage: who may, in which order, once, with reasons, clocks and what the submitter is told."""

import re
from threading import Barrier, Thread

import pytest
from flask import Flask
from sqlalchemy import select

from review_app.audit.queries import timeline
from review_app.catalogue.commands import ClockOf
from review_app.catalogue.queries import clocks_of
from review_app.db import unit_of_work
from review_app.errors import LinkSpent, MoveRefused, NotAllowed, NotVisible, RuleBroken
from review_app.fuzzy import parse_fuzzy
from review_app.links.models import EvidenceLink
from review_app.outbox.models import OutboxMessage
from review_app.submissions import queries
from review_app.submissions.commands import triage as commands
from review_app.submissions.commands.following import ByLink
from review_app.submissions.commands.signals import TellSubmitters
from review_app.submissions.models import RecordedMove, SignalLink
from review_app.submissions.queries.own import get_followed
from review_app.submissions.rules import (
    ClosureReason,
    LinkReason,
    NameSharing,
    ReportKind,
    RevealPurpose,
    SignalState,
    SubmissionState,
    Urgency,
    UrgentTick,
)
from review_app.submissions.service import answers, feedback, linking, triage
from tests import factories

TRIAGE = SubmissionState.TRIAGE


@pytest.fixture
def here(work, clock):
    with work() as session:
        return factories.world(session, now=clock.now()).westhaven


def running(session, report):
    of = ClockOf(partnership_id=report.partnership_id, submission_id=report.id)
    return {clock.rule.key: clock for clock in clocks_of(session, of) if not clock.ended}


def get(session, here, reference, who="coordinator"):
    return queries.get_submission(session, here.actor(who), reference)


def mail(session, purpose):
    return session.scalars(select(OutboxMessage).where(OutboxMessage.purpose == purpose)).all()


def test_triage_starts_by_the_button_and_only_once(work, here, clock):
    with work() as session:
        report = factories.make_submission(session, here, now=clock.now())
        coordinator = here.actor("coordinator")
        triage.start_triage(session, coordinator, commands.StartTriage(reference=report.reference), now=clock.now())
        assert report.state is TRIAGE
        with pytest.raises(MoveRefused):
            triage.start_triage(session, coordinator, commands.StartTriage(reference=report.reference), now=clock.now())


def test_opening_a_report_does_not_start_triage(work, here, clock):
    with work() as session:
        report = factories.make_submission(session, here, now=clock.now())
        get(session, here, report.reference)
        assert report.state is SubmissionState.RECEIVED
        assert report.triaged_at is None


@pytest.mark.parametrize("who", ["chair", "deputy"])
def test_who_may_see_a_report_and_not_triage_it_is_refused(work, here, clock, who):
    with work() as session:
        report = factories.make_submission(session, here, now=clock.now())
        with pytest.raises(NotAllowed):
            triage.start_triage(
                session, here.actor(who), commands.StartTriage(reference=report.reference), now=clock.now()
            )


@pytest.mark.parametrize("who", ["admin", "review.coordinator", "hostel.worker", "police.panel", "oncall"])
def test_for_who_may_not_know_of_a_report_it_is_not_there(work, here, clock, who):
    with work() as session:
        report = factories.make_submission(session, here, now=clock.now())
        with pytest.raises(NotVisible):
            triage.start_triage(
                session, here.actor(who), commands.StartTriage(reference=report.reference), now=clock.now()
            )


def test_a_neighbours_coordinator_finds_nothing(work, clock):
    with work() as session:
        world = factories.world(session, now=clock.now())
        report = factories.make_submission(session, world.westhaven, now=clock.now())
        with pytest.raises(NotVisible):
            get(session, world.eastmoor, report.reference)


@pytest.mark.both_databases
def test_of_coordinators_who_start_triage_at_once_exactly_one_wins(app: Flask, work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        references = [factories.make_submission(session, here, now=clock.now()).reference for _ in range(3)]
    for reference in references:
        assert sorted(race(app, here, reference, clock)) == ["refused"] * 5 + ["won"]
    with work() as session:
        for reference in references:
            moves = session.scalars(select(RecordedMove).where(RecordedMove.action == "start_triage")).all()
            assert len([m for m in moves if m.submission_id == get(session, here, reference).id]) == 1
            assert [e.verb for e in timeline(session, "submission", reference)].count("start_triage") == 1


@pytest.mark.both_databases
def test_of_coordinators_who_link_and_close_at_once_exactly_one_wins(app: Flask, work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        report = factories.make_submission(session, here, now=clock.now(), state=TRIAGE)
        signals = [factories.make_signal(session, here, now=clock.now(), title=f"Signal {n}") for n in range(2)]
        reference, targets = report.reference, [signal.reference for signal in signals]

    def act(session, number):
        actor = here.actor("coordinator" if number % 2 else "coordinator2")
        if number < 4:
            command = commands.LinkToSignal(reference=reference, signal=targets[number % 2], kind=LinkReason.SAME_BATCH)
            linking.link_to_signal(session, actor, command, now=clock.now())
        else:
            closing = commands.CloseSubmission(
                reference=reference, reason=ClosureReason.NO_ACTION, message="Thank you. There is nothing to do."
            )
            triage.close_submission(session, actor, closing, now=clock.now())

    assert sorted(at_once(app, act, 6)) == ["refused"] * 5 + ["won"]
    with work() as session:
        standing = session.scalars(select(SignalLink).where(SignalLink.unlinked_at.is_(None))).all()
        assert len(standing) == (1 if get(session, here, reference).state is SubmissionState.LINKED else 0)


def race(app, here, reference, clock):
    def act(session, number):
        actor = here.actor("coordinator" if number % 2 else "coordinator2")
        triage.start_triage(session, actor, commands.StartTriage(reference=reference), now=clock.now())

    return at_once(app, act, 6)


def at_once(app, act, people):
    """Let several people act at the same moment, each with a connection of their own."""
    start, outcomes = Barrier(people), []

    def run(number):
        with app.test_request_context():
            start.wait()
            try:
                with unit_of_work() as session:
                    act(session, number)
            except RuleBroken:
                outcomes.append("refused")
            except Exception as problem:  # the test says what went wrong instead of hanging
                outcomes.append(repr(problem))
            else:
                outcomes.append("won")

    threads = [Thread(target=run, args=(number,)) for number in range(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return outcomes


def test_a_question_stops_the_clocks_and_mails_no_content(work, here, clock):
    with work() as session:
        report = factories.make_submission(session, here, now=clock.now(), state=TRIAGE, contact="sam@hostel.example")
        clock.advance(hours=1)
        command = commands.AskSubmitter(reference=report.reference, question="Was it one tablet or two?")
        triage.ask_submitter(session, here.actor("coordinator"), command, now=clock.now())
        session.flush()
        assert report.state is SubmissionState.NEEDS_INFO
        assert {key for key, each in running(session, report).items() if each.paused_at} == {
            "triage_routine",
            "feedback",
        }
        (message,) = mail(session, "submission_question")
        assert message.to == "sam@hostel.example"
        assert report.reference in message.subject
        assert "tablet" not in message.subject + message.body
        (token,) = re.findall(r"/follow/(\S+)", message.body)
        assert get_followed(session, ByLink(token=token), now=clock.now()) is report
        with pytest.raises(LinkSpent):
            get_followed(session, ByLink(token=token), now=clock.advance(days=800))


def test_an_anonymous_report_can_be_asked_without_mail(work, here, clock):
    with work() as session:
        report = factories.make_submission(session, here, now=clock.now(), state=TRIAGE)
        command = commands.AskSubmitter(reference=report.reference, question="Which street?")
        triage.ask_submitter(session, here.actor("coordinator"), command, now=clock.now())
        assert mail(session, "submission_question") == []


def test_who_asked_not_to_be_contacted_gets_no_mail(work, here, clock):
    with work() as session:
        report = factories.make_submission(
            session, here, now=clock.now(), state=TRIAGE, contact="sam@hostel.example", may_contact=False
        )
        command = commands.TellSubmitter(reference=report.reference, body="Thank you.")
        feedback.tell_submitter(session, here.actor("coordinator"), command, now=clock.now())
        assert mail(session, "submission_news") == []


def test_an_unanswered_question_brings_the_report_back_after_its_due_time(work, here, clock):
    with work() as session:
        report = factories.make_submission(session, here, now=clock.now(), state=TRIAGE, danger_now=True)
        command = commands.AskSubmitter(reference=report.reference, question="Where are they now?")
        asked = triage.ask_submitter(session, here.actor("coordinator"), command, now=clock.now())
        session.flush()
        assert triage.resume_overdue(session, now=clock.now()) == []
        clock.set(asked.due_at)
        assert triage.resume_overdue(session, now=clock.now()) == [report]
        assert report.state is TRIAGE
        assert running(session, report)["triage_urgent"].paused_at is None
        assert triage.resume_overdue(session, now=clock.now()) == []


def test_linking_stops_the_triage_clock_and_writes_an_evidence_link(work, here, clock):
    with work() as session:
        report = factories.make_submission(session, here, now=clock.now(), state=TRIAGE)
        clock.advance(minutes=30)
        command = commands.OpenSignalWith(reference=report.reference, title="Blue tablets, Harbour")
        signal = linking.open_signal_with(session, here.actor("coordinator"), command, now=clock.now())
        session.flush()
        assert (report.state, report.triaged_at) == (SubmissionState.LINKED, clock.now())
        assert set(running(session, report)) == {"feedback"}
        assert re.fullmatch(r"WES-S-2026-\d{4}", signal.reference)
        (link,) = session.scalars(select(EvidenceLink)).all()
        assert (link.from_submission_id, link.to_signal_id, link.reversed_at) == (report.id, signal.id, None)


def test_a_signal_takes_on_the_urgency_of_its_reports(work, here, clock):
    with work() as session:
        signal = factories.make_signal(session, here, now=clock.now())
        urgent = factories.make_submission(session, here, now=clock.now(), state=TRIAGE, danger_now=True)
        command = commands.LinkToSignal(reference=urgent.reference, signal=signal.reference, kind=LinkReason.SAME_BATCH)
        linking.link_to_signal(session, here.actor("coordinator"), command, now=clock.now())
        assert signal.urgency is Urgency.URGENT


def test_unlinking_is_reasoned_and_nothing_vanishes(work, here, clock):
    with work() as session:
        report = factories.make_submission(session, here, now=clock.now())
        signal = factories.make_signal(session, here, now=clock.now(), submissions=[report])
        command = commands.UnlinkFromSignal(reference=report.reference, reason="Different colour after all.")
        linking.unlink_from_signal(session, here.actor("coordinator"), command, now=clock.now())
        session.flush()
        assert report.state is TRIAGE
        assert "triage_routine" in running(session, report)
        assert queries.signal_of(session, report.id) is None
        (link,) = session.scalars(select(SignalLink)).all()
        assert (link.signal_id, link.unlink_reason) == (signal.id, "Different colour after all.")
        (evidence,) = session.scalars(select(EvidenceLink)).all()
        assert evidence.reversed_at == clock.now()
        again = commands.LinkToSignal(reference=report.reference, signal=signal.reference, kind=LinkReason.SAME_EVENT)
        linking.link_to_signal(session, here.actor("coordinator"), again, now=clock.now())
        session.flush()
        assert len(session.scalars(select(EvidenceLink)).all()) == 2


def test_a_report_is_never_linked_to_a_closed_a_foreign_or_an_exercise_signal(work, clock):
    with work() as session:
        world = factories.world(session, now=clock.now())
        here, coordinator = world.westhaven, world.westhaven.actor("coordinator")
        report = factories.make_submission(session, here, now=clock.now(), state=TRIAGE)
        closed = factories.make_signal(session, here, now=clock.now(), state=SignalState.CLOSED)
        foreign = factories.make_signal(session, world.eastmoor, now=clock.now())
        drill = factories.make_signal(session, here, now=clock.now(), exercise=True)
        factories.share_signal(session, foreign, here, now=clock.now())
        for signal, refusal in [(closed, RuleBroken), (foreign, NotAllowed), (drill, RuleBroken)]:
            command = commands.LinkToSignal(
                reference=report.reference, signal=signal.reference, kind=LinkReason.SAME_BATCH
            )
            with pytest.raises(refusal):
                linking.link_to_signal(session, coordinator, command, now=clock.now())


def test_a_report_that_tells_of_a_death_is_never_closed_at_triage(work, here, clock):
    with work() as session:
        coordinator = here.actor("coordinator")
        told = factories.make_submission(
            session, here, now=clock.now(), state=TRIAGE, reporting=(ReportKind.SUSPECTED_DEATH,)
        )
        ticked = factories.make_submission(session, here, now=clock.now(), state=TRIAGE)
        tick = commands.AddAnswers(reference=ticked.reference, answers={}, ticks=(UrgentTick.DEATH,))
        answers.add_answers(session, coordinator, tick, now=clock.now())
        for report in (told, ticked):
            command = commands.CloseSubmission(
                reference=report.reference, reason=ClosureReason.OUT_OF_SCOPE, message="Thank you."
            )
            with pytest.raises(RuleBroken, match="tells of a death"):
                triage.close_submission(session, coordinator, command, now=clock.now())


def test_closing_at_triage_tells_the_submitter(work, here, clock):
    with work() as session:
        coordinator = here.actor("coordinator")
        report = factories.make_submission(session, here, now=clock.now(), state=TRIAGE, contact="sam@hostel.example")
        silent = commands.CloseSubmission(reference=report.reference, reason=ClosureReason.NO_ACTION)
        with pytest.raises(RuleBroken, match="everyone who reports"):
            triage.close_submission(session, coordinator, silent, now=clock.now())
        spoken = commands.CloseSubmission(
            reference=report.reference, reason=ClosureReason.NO_ACTION, message="Thank you. We looked into it."
        )
        triage.close_submission(session, coordinator, spoken, now=clock.now())
        session.flush()
        assert report.state is SubmissionState.CLOSED
        assert running(session, report) == {}
        assert [message.body for message in report.messages] == ["Thank you. We looked into it."]
        assert "looked into it" not in mail(session, "submission_news")[0].body


def test_a_linked_report_closes_only_after_the_decision_and_the_answer(work, here, clock):
    with work() as session:
        coordinator = here.actor("coordinator")
        report = factories.make_submission(session, here, now=clock.now())
        signal = factories.make_signal(session, here, now=clock.now(), submissions=[report])
        command = commands.CloseSubmission(reference=report.reference, reason=ClosureReason.FEEDBACK_SENT)
        with pytest.raises(RuleBroken, match="not decided"):
            triage.close_submission(session, coordinator, command, now=clock.now())
        with pytest.raises(RuleBroken, match="not decided"):
            feedback.tell_submitters(
                session, coordinator, TellSubmitters(reference=signal.reference, body="Thank you."), now=clock.now()
            )
        signal.state = SignalState.DECIDED
        session.flush()
        with pytest.raises(RuleBroken, match="Tell the submitter"):
            triage.close_submission(session, coordinator, command, now=clock.now())
        told = TellSubmitters(reference=signal.reference, body="We have warned the hostels. Thank you.")
        assert feedback.tell_submitters(session, coordinator, told, now=clock.now()) == 1
        assert feedback.tell_submitters(session, coordinator, told, now=clock.now()) == 0
        session.expire(report, ["messages"])
        triage.close_submission(session, coordinator, command, now=clock.now())
        assert report.state is SubmissionState.CLOSED


def test_reopening_takes_the_report_out_of_its_signal_with_the_reason(work, here, clock):
    with work() as session:
        coordinator = here.actor("coordinator")
        report = factories.make_submission(session, here, now=clock.now())
        factories.make_signal(session, here, now=clock.now(), submissions=[report], state=SignalState.DECIDED)
        close = commands.CloseSubmission(reference=report.reference, reason=ClosureReason.NO_CONTACT)
        triage.close_submission(session, coordinator, close, now=clock.now())
        reopen = commands.ReopenSubmission(reference=report.reference, reason="A laboratory result came.")
        triage.reopen_submission(session, coordinator, reopen, now=clock.now())
        session.flush()
        assert (report.state, report.closure_reason) == (TRIAGE, None)
        assert queries.signal_of(session, report.id) is None
        reasons = session.scalars(select(RecordedMove.reason).where(RecordedMove.submission_id == report.id)).all()
        assert "A laboratory result came." in reasons


def test_withdrawing_keeps_the_text_and_the_link_and_ends_the_clocks(work, here, clock):
    with work() as session:
        coordinator = here.actor("coordinator")
        report = factories.make_submission(session, here, now=clock.now())
        signal = factories.make_signal(session, here, now=clock.now(), submissions=[report])
        command = commands.WithdrawSubmission(reference=report.reference, reason="The submitter rang.")
        triage.withdraw_for_submitter(session, coordinator, command, now=clock.now())
        session.flush()
        assert (report.state, report.withdrawn_at) == (SubmissionState.WITHDRAWN, clock.now())
        assert report.own_words
        assert running(session, report) == {}
        assert queries.signal_of(session, report.id) == signal
        with pytest.raises(MoveRefused):
            triage.withdraw_for_submitter(session, coordinator, command, now=clock.now())


def test_additions_stand_beside_the_submitters_words_and_raise_urgency(work, here, clock):
    with work() as session:
        coordinator = here.actor("coordinator")
        report = factories.make_submission(session, here, now=clock.now(), state=TRIAGE)
        words, before = report.own_words, len(report.answers)
        clock.advance(minutes=10)
        naloxone: dict[str, str | int] = {"given": "yes", "doses": 3}
        learned: dict[str, commands.Learned] = {
            "D0": "The paramedic thinks of a nitazene.",
            "B1": f"locality:{here.localities[1].id}",
            "B2": "behind the market",
            "C3": ["metonitazene"],
            "D2": ["18_24"],
            "D6": {"attended_ed": 2},
            "D7": 0,
            "D8": naloxone,
            "D10": ["rough_sleeping"],
            "E1": "record",
        }
        command = commands.AddAnswers(
            reference=report.reference, answers=learned, happened=parse_fuzzy("about 8 November 2026")
        )
        answers.add_answers(session, coordinator, command, now=clock.now())
        session.flush()
        assert report.own_words == words
        assert report.locality_id == here.localities[1].id
        assert report.substances[0].sold_as == "blue tablets"
        assert report.substances[0].suspected == ["metonitazene"]
        assert (report.attended_ed, report.naloxone_given, report.naloxone_doses) == (2, True, 3)
        assert report.urgency is Urgency.URGENT
        clocks = running(session, report)
        assert "triage_urgent" in clocks
        assert clocks["triage_urgent"].started_at == report.received_at
        added = [each for each in report.answers if not each.by_submitter]
        assert len(report.answers) == before + len(added)
        assert {each.author_id for each in added} == {coordinator.user_id}


def test_urgency_is_never_lowered(work, here, clock):
    with work() as session:
        report = factories.make_submission(session, here, now=clock.now(), state=TRIAGE, danger_now=True)
        command = commands.AddAnswers(reference=report.reference, answers={"D7": 0, "D0": "All are well now."})
        answers.add_answers(session, here.actor("coordinator"), command, now=clock.now())
        assert report.urgency is Urgency.URGENT


def test_nothing_learned_a_strange_place_and_an_ended_report_are_refused(work, here, clock):
    with work() as session:
        coordinator = here.actor("coordinator")
        report = factories.make_submission(session, here, now=clock.now(), state=TRIAGE)
        for given in ({}, {"D0": ""}, {"B1": "locality:999999"}):
            command = commands.AddAnswers(reference=report.reference, answers=given)
            with pytest.raises(RuleBroken):
                answers.add_answers(session, coordinator, command, now=clock.now())
        withdrawal = commands.WithdrawSubmission(reference=report.reference, reason="x")
        triage.withdraw_for_submitter(session, coordinator, withdrawal, now=clock.now())
        late = commands.AddAnswers(reference=report.reference, answers={"D0": "late"})
        with pytest.raises(RuleBroken):
            answers.add_answers(session, coordinator, late, now=clock.now())


def test_a_reveal_needs_a_purpose_and_leaves_exactly_one_event(work, here, clock):
    with work() as session:
        report = factories.make_submission(
            session, here, now=clock.now(), contact="sam@hostel.example", name="Sam Example", danger_now=True
        )
        reference = report.reference
    command = commands.RevealSubmitter(reference=reference, purpose=RevealPurpose.RING_BACK)
    with work() as session:
        shown = feedback.reveal_submitter(session, here.actor("oncall"), command, now=clock.now())
        assert (shown.name, shown.contact) == ("Sam Example", "sam@hostel.example")
    with work() as session:
        (event,) = [each for each in timeline(session, "submission", reference) if each.verb == "reveal"]
        assert (event.purpose, event.actor_id, event.action) == ("ring_back", here.user("oncall").id, "reveal")
        assert "Sam" not in str(vars(event))


def test_the_panel_is_shown_the_submitter_only_if_they_agreed(work, here, clock):
    with work() as session:
        shared = factories.make_submission(
            session, here, now=clock.now(), contact="a@b.example", name_sharing=NameSharing.PANEL
        )
        kept = factories.make_submission(session, here, now=clock.now(), contact="c@d.example")
        factories.make_signal(
            session, here, now=clock.now(), submissions=[shared, kept], state=SignalState.CORROBORATING
        )
        member = here.actor("police.panel")
        look = commands.RevealSubmitter(reference=shared.reference, purpose=RevealPurpose.CHECK_DETAILS)
        assert feedback.reveal_submitter(session, member, look, now=clock.now()).contact == "a@b.example"
        peek = commands.RevealSubmitter(reference=kept.reference, purpose=RevealPurpose.CHECK_DETAILS)
        with pytest.raises(NotVisible):
            feedback.reveal_submitter(session, member, peek, now=clock.now())


def test_there_is_nobody_to_reveal_behind_an_anonymous_report(work, here, clock):
    with work() as session:
        report = factories.make_submission(session, here, now=clock.now())
        command = commands.RevealSubmitter(reference=report.reference, purpose=RevealPurpose.CHECK_DETAILS)
        with pytest.raises(RuleBroken):
            feedback.reveal_submitter(session, here.actor("coordinator"), command, now=clock.now())


def test_no_command_shows_what_was_written(work, here):
    shown = repr(commands.AskSubmitter(reference="WES-2026-0001", question="Was it Sam?"))
    assert "Sam" not in shown
    assert "WES-2026-0001" in shown


def test_every_move_is_kept_with_its_reason_and_audited_without_it(work, here, clock):
    with work() as session:
        report = factories.make_submission(session, here, now=clock.now())
        factories.make_signal(session, here, now=clock.now(), submissions=[report])
        command = commands.UnlinkFromSignal(reference=report.reference, reason="A secret reason.")
        linking.unlink_from_signal(session, here.actor("coordinator"), command, now=clock.now())
        reference = report.reference
    with work() as session:
        moves = session.scalars(
            select(RecordedMove).where(RecordedMove.submission_id == get(session, here, reference).id)
        )
        assert [(m.from_state, m.to_state) for m in moves] == [
            ("received", "triage"), ("triage", "linked"), ("linked", "triage"),
        ]  # fmt: skip
        events = timeline(session, "submission", reference)
        assert {"state": {"old": "linked", "new": "triage"}} in [event.changes for event in events]
        assert "A secret reason." not in "".join(str(vars(event)) for event in events)
