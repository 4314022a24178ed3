"""The decision, dissent, ratification, and what stands in the way of closing and alerting."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from review_app import events
from review_app.audit.queries import timeline
from review_app.catalogue.commands import ClockOf
from review_app.catalogue.models import NOT_ENDED_CLOCK, Clock
from review_app.catalogue.queries import running_clocks
from review_app.errors import MoveRefused, NotAllowed, NotVisible, RuleBroken
from review_app.marks import Confidence, Grade, Severity
from review_app.panel import queries, service
from review_app.panel.commands import (
    Answer,
    OpenGrading,
    OverturnDecision,
    RatifyDecision,
    RecordDissent,
    RevealGrades,
)
from review_app.panel.events import PanelDecided, PanelDecisionOverturned
from review_app.panel.models import Dissent, EfficacyCheck
from review_app.panel.queries.decisions import NOT_DECIDED, SET_ASIDE
from review_app.panel.rules import EfficacyAnswer, Outcome, PanelDecisionState, ReplyAnswer
from review_app.submissions.commands.signals import CloseSignal, ReopenSignal
from review_app.submissions.rules import SignalState
from review_app.submissions.service.signals import close_signal, reopen_signal
from tests import factories
from tests.service.panel_cases import (
    EFFICACY,
    ask,
    close,
    decided,
    decision,
    grade,
    grading,
    mail_about,
    revealed,
    round_on,
    tokens,
    urgently_revealed,
    with_panel,
)

heard: list[PanelDecided | PanelDecisionOverturned] = []


def hear(_session: object, event: PanelDecided | PanelDecisionOverturned) -> None:
    heard.append(event)


@pytest.fixture(autouse=True)
def listening() -> None:
    heard.clear()
    events.on(PanelDecided, hear)
    events.on(PanelDecisionOverturned, hear)


def starred(session, here, now):
    """Bring a Signal to the reveal with a star: a rumour of a death."""
    signal = with_panel(session, here, now=now)
    for key in ("chair", "police.panel", "treatment.panel"):
        command = grading(signal.reference, Severity.S4, Confidence.C1)
        service.save_grading(session, here.actor(key), command, now=now)
    service.reveal_grades(session, here.actor("chair"), RevealGrades(reference=signal.reference), now=now)
    return signal


def test_a_decision_sets_the_grade_moves_the_signal_and_stops_the_clock(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        signal = decided(session, here, now=clock.now())
        made = round_on(session, signal)
        assert (signal.state, signal.grade, signal.starred) == (SignalState.DECIDED, Grade.G4, False)
        assert (made.state, made.outcome, made.urgent_rule) == (
            PanelDecisionState.DECIDED,
            Outcome.FORMAL_ALERT,
            False,
        )
        assert made.decided_by_id == here.user("chair").id
        assert running_clocks(session, ClockOf(partnership_id=signal.partnership_id, signal_id=signal.id)) == []
        assert len(session.scalars(select(EfficacyCheck)).all()) == len(EFFICACY)
        assert heard == [PanelDecided(signal_id=signal.id, decision_id=made.id, at=clock.now())]
    with work() as session:
        last = timeline(session, "panel_decision", signal.reference)[-1]
        assert (last.verb, last.changes["final_grade"]["new"]) == ("decide", "g4")


def test_only_chair_and_deputy_decide(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        signal = revealed(session, here, now=clock.now())
        for key in ("coordinator", "police.panel", "oncall"):
            with pytest.raises(NotAllowed):
                service.record_decision(session, here.actor(key), decision(signal.reference), now=clock.now())


def test_nothing_is_decided_before_the_reveal_or_twice(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        signal = with_panel(session, here, now=clock.now())
        with pytest.raises(MoveRefused):
            service.record_decision(session, here.actor("chair"), decision(signal.reference), now=clock.now())
    with work() as session:
        done = decided(session, here, now=clock.now())
        with pytest.raises(MoveRefused):
            service.record_decision(session, here.actor("deputy"), decision(done.reference), now=clock.now())


MISSING = (
    ({"reason": " "}, "reason for the decision"),
    ({"final": Grade.G2, "outcome": Outcome.SHARE_FOR_INFORMATION}, "differs from the suggested"),
    ({"efficacy": {"ef1": EfficacyAnswer.YES}}, "every question"),
    ({"efficacy": {**EFFICACY, "ef2": EfficacyAnswer.NO}}, "recommends a narrower"),
)


def test_what_is_missing_is_said_and_nothing_is_kept(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        signal = revealed(session, here, now=clock.now())
        for changes, words in MISSING:
            command = decision(signal.reference, **changes)
            with pytest.raises(service.DecisionRefused, match=words):
                service.record_decision(session, here.actor("chair"), command, now=clock.now())
        assert (signal.state, signal.grade) == (SignalState.WITH_PANEL, None)
        assert heard == []


def test_people_decide_and_the_difference_is_kept(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        signal = revealed(session, here, now=clock.now())
        command = decision(
            signal.reference, Grade.G1, Outcome.MONITOR, efficacy={}, grade_reason="The source took it back."
        )
        made = service.record_decision(session, here.actor("deputy"), command, now=clock.now())
        assert (made.suggested_grade, made.final_grade, made.grade_reason) == (
            Grade.G4,
            Grade.G1,
            "The source took it back.",
        )
        assert queries.alerting_objection(session, signal) is not None


def test_a_star_blocks_alerting_and_closing_until_police_ambulance_or_hospital_answers_an_urgent_question(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        signal = starred(session, here, clock.now())
        alert = decision(signal.reference, Grade.G2, Outcome.SHARE_FOR_INFORMATION, grade_reason="Credible place.")
        with pytest.raises(service.DecisionRefused, match="Police, ambulance or a hospital"):
            service.record_decision(session, here.actor("chair"), alert, now=clock.now())
        none = decision(signal.reference, Grade.G1, Outcome.NO_FURTHER_ACTION, efficacy={})
        service.record_decision(session, here.actor("chair"), none, now=clock.now())
        assert signal.starred
        shut = CloseSignal(reference=signal.reference, reason="A rumour.")
        coordinator = here.actor("coordinator")
        with pytest.raises(RuleBroken, match="rumour of a death"):
            close_signal(session, coordinator, shut, now=clock.now())
        ask(session, here, signal, "police", "treatment", now=clock.now(), urgent=True)
        links = tokens(session)
        police, treatment = links["duty@invented-constabulary.example"], links["treatment.rep@westhaven.example"]
        for token, answer in ((treatment, ReplyAnswer.SEEN), (police, ReplyAnswer.CANNOT_SAY)):
            service.answer_by_link(session, token, Answer(answer=answer), now=clock.now())
            with pytest.raises(RuleBroken, match="rumour of a death"):
                close_signal(session, coordinator, shut, now=clock.now())
        service.answer_by_link(session, police, Answer(answer=ReplyAnswer.NOT_SEEN), now=clock.now())
        close_signal(session, coordinator, shut, now=clock.now())
        assert signal.state is SignalState.CLOSED


def test_alerting_is_possible_only_on_a_standing_decision_to_alert(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        fresh = factories.make_signal(session, here, now=clock.now())
        assert queries.alerting_objection(session, fresh) == NOT_DECIDED
        assert queries.alerting_objection(session, decided(session, here, now=clock.now())) is None


def test_an_urgent_decision_waits_for_another_chair_to_ratify_it_within_a_working_day(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        signal = urgently_revealed(session, here, now=clock.now())
        made = service.record_decision(session, here.actor("chair"), decision(signal.reference), now=clock.now())
        assert (made.state, made.urgent_rule) == (PanelDecisionState.AWAITING_RATIFICATION, True)
        running = session.scalars(select(Clock).where(Clock.signal_id == signal.id, NOT_ENDED_CLOCK)).one()
        assert (running.rule.key, running.due_at) == ("ratification", clock.now() + timedelta(days=1))
        told = {message.to for message in mail_about(session, "decision")}
        assert told == {here.email("chair"), here.email("deputy")}
        assert queries.alerting_objection(session, signal) is None
        shut = CloseSignal(reference=signal.reference, reason="Done.")
        with pytest.raises(RuleBroken, match="ratify"):
            close_signal(session, here.actor("coordinator"), shut, now=clock.now())
        command = RatifyDecision(reference=signal.reference, reason="I agree.")
        with pytest.raises(RuleBroken, match="another chair"):
            service.ratify_decision(session, here.actor("chair"), command, now=clock.now())
        with pytest.raises(NotAllowed):
            service.ratify_decision(session, here.actor("coordinator"), command, now=clock.now())
        service.ratify_decision(session, here.actor("deputy"), command, now=clock.now())
        assert made.state is PanelDecisionState.RATIFIED
        assert running.stopped_at == clock.now()
        with pytest.raises(MoveRefused):
            service.ratify_decision(session, here.actor("deputy"), command, now=clock.now())


def test_when_a_quorum_has_graded_by_the_decision_nothing_needs_ratifying(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        signal = urgently_revealed(session, here, now=clock.now())
        grade(session, here, signal, "clinician.panel", now=clock.now())
        made = service.record_decision(session, here.actor("chair"), decision(signal.reference), now=clock.now())
        assert (made.state, made.urgent_rule) == (PanelDecisionState.DECIDED, False)


def test_overturning_opens_the_signal_again_and_tells_those_to_the_right(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        signal = urgently_revealed(session, here, now=clock.now())
        made = service.record_decision(session, here.actor("chair"), decision(signal.reference), now=clock.now())
        command = OverturnDecision(reference=signal.reference, reason="")
        with pytest.raises(RuleBroken):
            service.overturn_decision(session, here.actor("deputy"), command, now=clock.now())
        command = OverturnDecision(reference=signal.reference, reason="The laboratory found nothing.")
        service.overturn_decision(session, here.actor("deputy"), command, now=clock.now())
        assert (signal.state, signal.grade, made.state) == (SignalState.OPEN, None, PanelDecisionState.OVERTURNED)
        assert queries.alerting_objection(session, signal) == SET_ASIDE
        assert heard[-1] == PanelDecisionOverturned(
            signal_id=signal.id,
            decision_id=made.id,
            reason="The laboratory found nothing.",
            by_user_id=here.user("deputy").id,
            at=clock.now(),
        )


def test_any_member_may_dissent_once_there_is_a_decision(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        signal = revealed(session, here, now=clock.now())
        command = RecordDissent(reference=signal.reference, reason="Too wide an audience.")
        with pytest.raises(MoveRefused):
            service.record_dissent(session, here.actor("police.panel"), command, now=clock.now())
        service.record_decision(session, here.actor("chair"), decision(signal.reference), now=clock.now())
        service.record_dissent(session, here.actor("police.panel"), command, now=clock.now())
        again = RecordDissent(reference=signal.reference, reason="Far too wide an audience.")
        service.record_dissent(session, here.actor("police.panel"), again, now=clock.now())
        assert [each.reason for each in session.scalars(select(Dissent))] == ["Far too wide an audience."]
        for key, refusal in (("oncall", NotAllowed), ("dph", NotAllowed), ("analyst", NotVisible)):
            with pytest.raises(refusal):
                service.record_dissent(session, here.actor(key), command, now=clock.now())


def test_a_reopened_signal_is_graded_in_a_new_round(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        signal = decided(session, here, now=clock.now())
        coordinator = here.actor("coordinator")
        command = ReopenSignal(reference=signal.reference, reason="A laboratory result.")
        reopen_signal(session, coordinator, command, now=clock.now())
        close(session, here, ask(session, here, signal, now=clock.now()), now=clock.now())
        service.open_grading(session, coordinator, OpenGrading(reference=signal.reference), now=clock.now())
        newest = round_on(session, signal)
        assert (newest.round, newest.state) == (2, PanelDecisionState.COLLECTING)
        grade(session, here, signal, "chair", now=clock.now())
        assert queries.grading_view(session, here.actor("chair"), signal, newest, now=clock.now()).graded == 1


def test_who_may_read_a_decision(work, clock):
    with work() as session:
        world = factories.world(session, now=clock.now())
        here = world.westhaven
        signal = decided(session, here, now=clock.now())
        for key in (
            "coordinator",
            "chair",
            "deputy",
            "police.panel",
            "approver",
            "dph",
            "communications",
            "oncall",
            "sro",
        ):
            assert queries.get_decision(session, here.actor(key), signal.reference).signal_id == signal.id
        hidden = ("admin", "ig", "treatment.rep", "lead", "nurse", "review.chair", "board", "analyst")
        for actor in (*map(here.actor, hidden), world.eastmoor.actor("coordinator")):
            with pytest.raises(NotVisible):
                queries.get_decision(session, actor, signal.reference)
        assert queries.decision_totals(session, here.actor("analyst")) == [(Outcome.FORMAL_ALERT, 1)]
        assert queries.decision_totals(session, here.actor("admin")) == []
        signal.police_sensitive = True
        session.flush()
        for key in ("sro", "dph", "oncall", "treatment.panel"):
            with pytest.raises(NotVisible):
                queries.get_decision(session, here.actor(key), signal.reference)
