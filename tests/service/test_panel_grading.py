"""Grading blind, the quorum, and the reveal."""

import json

import pytest
from sqlalchemy import select

from review_app.audit.models import AuditEvent
from review_app.audit.queries import timeline
from review_app.catalogue.models import Clock
from review_app.errors import MoveRefused, NotAllowed, NotVisible, RuleBroken
from review_app.marks import Confidence, Grade, ModifierLevel, Severity
from review_app.panel import queries, service
from review_app.panel.commands import OpenGrading, RevealGrades
from review_app.panel.models import Assessment
from review_app.panel.rules import PanelDecisionState
from review_app.policy import Role
from review_app.submissions.rules import SignalState, Urgency
from tests import factories
from tests.service.panel_cases import (
    QUORUM,
    ask,
    close,
    decided,
    grade,
    grading,
    mail_about,
    revealed,
    round_on,
    with_panel,
)

GRADERS = ["chair", "deputy", "police.panel", "clinician.panel", "treatment.panel", "coordinator"]


def test_opening_puts_the_signal_before_the_panel_and_tells_every_seat(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        signal = with_panel(session, here, now=clock.now())
        round_ = round_on(session, signal)
        assert (signal.state, round_.state, round_.round) == (
            SignalState.WITH_PANEL,
            PanelDecisionState.COLLECTING,
            1,
        )
        told = mail_about(session, "grading")
        assert {here.email(key) for key in GRADERS} <= {message.to for message in told}
        assert len(told) == len({message.to for message in told})
        assert told[0].subject == f"{signal.reference}: your grading is needed"
        assert "blue" not in told[0].body.lower()


def test_the_text_of_the_grading_mail(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        signal = with_panel(session, here, now=clock.now())
        assert mail_about(session, "grading")[0].body == (
            "Hello,\n\n"
            "A Signal waits for your grading. Grade it on your own, before you talk about it\n"
            "with other members: nobody sees your grading until all are revealed.\n\n"
            f"http://127.0.0.1:5000/signals/{signal.reference}/grade\n"
        )


def test_only_a_coordinator_opens_grading(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        signal = factories.make_signal(session, here, now=clock.now(), state=SignalState.PANEL_READY)
        for key in ("chair", "deputy", "police.panel", "oncall"):
            with pytest.raises(NotAllowed):
                service.open_grading(session, here.actor(key), OpenGrading(reference=signal.reference), now=clock.now())


def test_grading_is_not_opened_before_the_signal_is_ready_nor_twice(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        signal = factories.make_signal(session, here, now=clock.now())
        command, coordinator = OpenGrading(reference=signal.reference), here.actor("coordinator")
        with pytest.raises(MoveRefused):
            service.open_grading(session, coordinator, command, now=clock.now())
        close(session, here, ask(session, here, signal, now=clock.now()), now=clock.now())
        service.open_grading(session, coordinator, command, now=clock.now())
        with pytest.raises(MoveRefused):
            service.open_grading(session, coordinator, command, now=clock.now())


def test_a_grading_keeps_the_seat_and_what_the_scheme_suggests(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        signal = with_panel(session, here, now=clock.now())
        for key in GRADERS:
            grade(session, here, signal, key, now=clock.now())
        made = {each.user_id: each for each in session.scalars(select(Assessment))}
        clinician, chair = made[here.user("clinician.panel").id], made[here.user("chair").id]
        assert (clinician.clinical, clinician.chairs, clinician.agency_type) == (True, False, "acute_trust_ed")
        assert (chair.clinical, chair.chairs, chair.agency_type) == (False, True, "council_public_health")
        assert {each.suggested_grade for each in made.values()} == {Grade.G4}
        assert all(each.blind for each in made.values())


def test_who_is_not_on_the_panel_does_not_grade(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        signal = with_panel(session, here, now=clock.now())
        with pytest.raises(NotAllowed):
            service.save_grading(session, here.actor("oncall"), grading(signal.reference), now=clock.now())


def test_who_may_not_know_the_signal_cannot_tell_that_it_is_graded(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        signal = with_panel(session, here, now=clock.now())
        reveal = RevealGrades(reference=signal.reference)
        for key in ("approver", "dph", "analyst", "sro", "admin", "ig", "treatment.rep", "review.chair"):
            with pytest.raises(NotVisible):
                service.save_grading(session, here.actor(key), grading(signal.reference), now=clock.now())
            with pytest.raises(NotVisible):
                service.reveal_grades(session, here.actor(key), reveal, now=clock.now())


def test_a_member_without_a_seat_or_of_another_panel_does_not_grade(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        signal = with_panel(session, here, now=clock.now())
        person = factories.make_user(session, "new@westhaven.example", "New Person", now=clock.now())
        factories.give_role(session, here, person, Role.PANEL_MEMBER, now=clock.now())
        actor = factories.actor_of(session, here, person, now=clock.now())
        with pytest.raises(NotAllowed, match="seat"):
            service.save_grading(session, actor, grading(signal.reference), now=clock.now())


def test_a_grading_can_be_replaced_until_the_reveal(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        signal = with_panel(session, here, now=clock.now())
        grade(session, here, signal, "chair", now=clock.now())
        grade(session, here, signal, "chair", now=clock.advance(minutes=5), severity=Severity.S1)
        made = list(session.scalars(select(Assessment).order_by(Assessment.id)))
        assert [each.replaced_at is None for each in made] == [False, True]
        assert made[1].severity is Severity.S1


def test_after_the_reveal_a_first_grading_is_marked_not_blind_and_an_earlier_one_stands(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        signal = revealed(session, here, now=clock.now())
        with pytest.raises(MoveRefused):
            grade(session, here, signal, "chair", now=clock.now())
        grade(session, here, signal, "clinician.panel", now=clock.now(), severity=Severity.S0)
        late = session.scalars(select(Assessment).where(Assessment.blind.is_(False))).one()
        assert late.user_id == here.user("clinician.panel").id
        assert round_on(session, signal).suggested_grade is Grade.G4


def test_after_the_decision_nobody_grades(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        signal = decided(session, here, now=clock.now())
        with pytest.raises(MoveRefused):
            grade(session, here, signal, "clinician.panel", now=clock.now())


def test_before_the_reveal_the_audit_says_who_graded_and_nothing_of_how(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        signal = with_panel(session, here, now=clock.now())
        grade(session, here, signal, "chair", now=clock.now(), severity=Severity.S4)
        grade(session, here, signal, "police.panel", now=clock.now(), severity=Severity.S0)
        grade(session, here, signal, "chair", now=clock.now(), severity=Severity.S1)
    with work() as session:
        events = timeline(session, "panel_decision", signal.reference)
        saved = [(event.verb, event.actor_id, event.content) for event in events if event.verb == "save_grading"]
        chair, police = here.user("chair").id, here.user("police.panel").id
        assert saved == [("save_grading", each, "{}") for each in (chair, police, chair)]
        everything = " ".join(
            f"{event.verb} {event.purpose} {event.section} {json.dumps(event.changes)}"
            for event in session.scalars(select(AuditEvent))
        )
        assert not any(f'"{value}"' in everything for value in (*Severity, *Confidence, *Grade))
        assert signal.urgency is Urgency.ROUTINE


def test_before_the_reveal_nobody_is_given_anothers_grading(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        signal = with_panel(session, here, now=clock.now())
        grade(session, here, signal, "treatment.panel", now=clock.now())
        for key in ("coordinator", "chair", "deputy", "police.panel", "clinician.panel"):
            view = queries.grading_view(session, here.actor(key), signal, round_on(session, signal), now=clock.now())
            assert (view.shown, view.mine, view.graded) == ((), None, 1)
            assert [seat.name for seat in view.seats if seat.graded] == ["Treatment Panel Example"]


def test_the_reveal_waits_for_a_quorum_and_says_who_is_missing(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        signal = with_panel(session, here, now=clock.now())
        chair, command = here.actor("chair"), RevealGrades(reference=signal.reference)
        needed = {
            "police.panel": "the chair or deputy chair, a member from another agency and a clinician or a treatment",
            "chair": "a member from another agency and a clinician or a treatment provider",
        }
        for key, words in needed.items():
            grade(session, here, signal, key, now=clock.now())
            with pytest.raises(RuleBroken, match=words):
                service.reveal_grades(session, chair, command, now=clock.now())
        grade(session, here, signal, "treatment.panel", now=clock.now())
        assert service.reveal_grades(session, chair, command, now=clock.now()).urgent_rule is False
        with pytest.raises(MoveRefused):
            service.reveal_grades(session, chair, command, now=clock.now())


def test_the_panel_may_ask_for_more_agencies_than_the_scheme(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        here.alert_panel.other_agencies_needed = 3
        signal = with_panel(session, here, now=clock.now())
        for key in QUORUM:
            grade(session, here, signal, key, now=clock.now())
        with pytest.raises(RuleBroken, match="another agency"):
            service.reveal_grades(
                session, here.actor("chair"), RevealGrades(reference=signal.reference), now=clock.now()
            )


def test_the_urgent_rule_has_to_be_asked_for(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        signal = with_panel(session, here, now=clock.now())
        for key in ("chair", "police.panel"):
            grade(session, here, signal, key, now=clock.now())
        deputy = here.actor("deputy")
        with pytest.raises(RuleBroken):
            service.reveal_grades(session, deputy, RevealGrades(reference=signal.reference), now=clock.now())
        command = RevealGrades(reference=signal.reference, urgent_rule=True)
        assert service.reveal_grades(session, deputy, command, now=clock.now()).urgent_rule is True


def test_a_member_does_not_reveal(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        command = RevealGrades(reference=with_panel(session, here, now=clock.now()).reference)
        for key in ("police.panel", "clinician.panel", "oncall"):
            with pytest.raises(NotAllowed):
                service.reveal_grades(session, here.actor(key), command, now=clock.now())


def test_the_reveal_combines_the_grades_shows_the_star_and_raises_urgency(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        signal = with_panel(session, here, now=clock.now())
        for key, severity, confidence in (
            ("chair", Severity.S0, Confidence.C1),
            ("police.panel", Severity.S4, Confidence.C1),
            ("treatment.panel", Severity.S4, Confidence.C3),
        ):
            command = grading(signal.reference, severity, confidence, ModifierLevel.MEDIUM)
            service.save_grading(session, here.actor(key), command, now=clock.now())
        decision = service.reveal_grades(
            session, here.actor("coordinator"), RevealGrades(reference=signal.reference), now=clock.now()
        )
        assert (decision.suggested_grade, decision.suggested_star, decision.spread) == (Grade.G1, True, 4)
        assert signal.urgency is Urgency.CRITICAL
        running = session.scalars(
            select(Clock).where(Clock.signal_id == signal.id, Clock.stopped_at.is_(None), Clock.cancelled_at.is_(None))
        ).all()
        assert [each.rule.key for each in running] == ["panel_critical"]
        assert len(queries.grading_view(session, here.actor("dph"), signal, decision, now=clock.now()).shown) == 3


def test_who_has_no_part_in_assessments_is_given_none_after_the_reveal_either(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        signal = revealed(session, here, now=clock.now())
        for key in ("sro", "admin", "analyst", "ig", "treatment.rep", "lead", "nurse"):
            view = queries.grading_view(session, here.actor(key), signal, round_on(session, signal), now=clock.now())
            assert view.shown == ()
