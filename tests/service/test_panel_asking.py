"""Asking agencies, their answers, and the reminders."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from review_app.audit.queries import timeline
from review_app.catalogue.models import Clock
from review_app.crypto import token_hash
from review_app.errors import LinkSpent, MoveRefused, NotAllowed, NotVisible, RuleBroken
from review_app.panel import queries, service
from review_app.panel.commands import Answer, AskAgencies, CancelRound, CloseRound
from review_app.panel.models import CorroborationAsk, CorroborationLink, CorroborationReply, CorroborationRequest
from review_app.panel.rules import CorroborationState, ReplyAnswer
from review_app.submissions.rules import SignalState
from tests import factories
from tests.service.panel_cases import QUESTION, ask, close, decided, mail_about, tokens

SEEN = Answer(answer=ReplyAnswer.SEEN)
NOT_SEEN = Answer(answer=ReplyAnswer.NOT_SEEN)
MAY_NOT = ["chair", "deputy", "police.panel", "clinician.panel", "oncall"]
MAY_NOT_KNOW = ["approver", "dph", "communications", "treatment.rep", "lead", "analyst", "ig", "sro", "admin", "nurse"]


def test_a_question_goes_to_each_address_of_each_agency_and_says_nothing_of_the_case(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        signal = factories.make_signal(session, here, now=clock.now())
        request = ask(session, here, signal, "police", "treatment", now=clock.now())
    with work() as session:
        owed = mail_about(session, "corroboration")
        assert [message.to for message in owed] == [
            "duty@invented-constabulary.example",
            "treatment.rep@westhaven.example",
        ]
        for message in owed:
            text = f"{message.subject}\n{message.body}".lower()
            assert not {"blue", "diazepam", "drowsy", signal.reference.lower(), "tablet"} & set(text.split())
            assert "diazepam" not in text
            assert signal.reference.lower() not in text
        assert request.state is CorroborationState.SENT
        assert request.due_at == clock.now() + timedelta(hours=24)


def test_the_text_of_the_question_mail(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        ask(session, here, factories.make_signal(session, here, now=clock.now()), "police", now=clock.now())
    with work() as session:
        message = mail_about(session, "corroboration")[0]
        [token] = tokens(session).values()
        assert message.subject == "A question waits for your answer"
        assert message.body.replace(token, "TOKEN") == (
            "Hello,\n\n"
            "Westhaven has a question for your agency. It takes less than a minute to\n"
            "answer, and you do not need an account.\n\n"
            "Read it and answer here:\n\n"
            "http://127.0.0.1:5000/corroborate/TOKEN\n\n"
            "Please answer by Tuesday 10 November 2026 at 10:00.\n\n"
            "This message says nothing about the question, so that it can travel by e-mail.\n"
            "You can pass it on to the right person in your agency. The link works for 28\n"
            "days; please do not share it outside your agency.\n\n"
            "If someone is in danger now, call 999.\n"
        )


def test_a_question_that_is_pressed_twice_is_sent_once(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        signal = factories.make_signal(session, here, now=clock.now())
        first = ask(session, here, signal, "police", "treatment", now=clock.now())
        again = ask(session, here, signal, "treatment", "police", now=clock.now() + timedelta(seconds=40))
        assert again is first
        assert len(mail_about(session, "corroboration")) == 2


def test_the_same_question_may_be_sent_again_later_or_to_another_agency(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        signal = factories.make_signal(session, here, now=clock.now())
        first = ask(session, here, signal, "police", now=clock.now())
        other = ask(session, here, signal, "treatment", now=clock.now() + timedelta(seconds=40))
        later = ask(session, here, signal, "police", now=clock.now() + timedelta(minutes=11))
        assert len({first.id, other.id, later.id}) == 3


def test_a_link_is_kept_hashed(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        ask(session, here, factories.make_signal(session, here, now=clock.now()), "police", now=clock.now())
    with work() as session:
        [token] = tokens(session).values()
        [link] = session.scalars(select(CorroborationLink))
        assert link.token_hash == token_hash(token)
        assert token not in link.token_hash


def test_asking_moves_the_signal_starts_the_clock_and_is_recorded(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        signal = factories.make_signal(session, here, now=clock.now())
        request = ask(session, here, signal, now=clock.now(), urgent=True)
    with work() as session:
        assert signal.state is SignalState.CORROBORATING
        running = session.scalars(select(Clock).where(Clock.corroboration_request_id == request.id)).one()
        assert (running.rule.key, running.due_at) == ("corroboration_urgent", clock.now() + timedelta(hours=4))
        assert "ask_agencies" in [event.verb for event in timeline(session, "signal", signal.reference)]
        [sent] = timeline(session, "corroboration_request", request.reference)
        assert (sent.verb, sent.actor_id) == ("send", here.user("coordinator").id)


def test_only_a_coordinator_asks(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        signal = factories.make_signal(session, here, now=clock.now())
        command = AskAgencies(
            reference=signal.reference, agency_ids=(here.agencies["police"].id,), summary=QUESTION, urgent=False
        )
        for key in MAY_NOT:
            with pytest.raises(NotAllowed):
                service.ask_agencies(session, here.actor(key), command, now=clock.now())


def test_who_may_not_know_the_signal_is_not_told_that_it_exists(work, clock):
    with work() as session:
        world = factories.world(session, now=clock.now())
        here, signal = world.westhaven, factories.make_signal(session, world.westhaven, now=clock.now())
        command = CloseRound(reference=signal.reference, round_id=1)
        for actor in (*map(here.actor, MAY_NOT_KNOW), world.eastmoor.actor("coordinator")):
            with pytest.raises(NotVisible):
                service.close_round(session, actor, command, now=clock.now())


def test_at_least_one_agency_that_can_be_reached_is_asked(work, clock):
    with work() as session:
        world = factories.world(session, now=clock.now())
        here = world.westhaven
        signal = factories.make_signal(session, here, now=clock.now())
        here.agencies["hostel"].contact_address = ""
        session.flush()
        for ids, refusal in (
            ((), RuleBroken),
            ((here.agencies["hostel"].id,), RuleBroken),
            ((world.eastmoor.agencies["treatment"].id,), NotVisible),
        ):
            command = AskAgencies(reference=signal.reference, agency_ids=ids, summary=QUESTION, urgent=False)
            with pytest.raises(refusal):
                service.ask_agencies(session, here.actor("coordinator"), command, now=clock.now())
        assert session.scalar(select(func.count()).select_from(CorroborationRequest)) == 0


def test_an_answer_by_link_is_kept_and_recorded_without_a_name(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        request = ask(session, here, factories.make_signal(session, here, now=clock.now()), "police", now=clock.now())
        [token] = tokens(session).values()
    with work() as session:
        reply = service.answer_by_link(session, token, SEEN, now=clock.now())
        assert (reply.answer, reply.late, reply.replied_by_id) == (ReplyAnswer.SEEN, False, None)
    with work() as session:
        assert session.get_one(CorroborationRequest, request.id).state is CorroborationState.OPEN
        last = timeline(session, "corroboration_request", request.reference)[-1]
        assert (last.verb, last.actor_id) == ("reply", None)


def test_the_same_press_twice_is_one_answer_and_another_press_replaces_it(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        ask(session, here, factories.make_signal(session, here, now=clock.now()), "police", now=clock.now())
        [token] = tokens(session).values()
    for command in (SEEN, SEEN, NOT_SEEN):
        with work() as session:
            service.answer_by_link(session, token, command, now=clock.advance(minutes=1))
    with work() as session:
        [ask_] = session.scalars(select(CorroborationAsk))
        assert [reply.answer for reply in ask_.replies] == [ReplyAnswer.SEEN, ReplyAnswer.NOT_SEEN]
        assert ask_.reply is not None
        assert ask_.reply.answer is ReplyAnswer.NOT_SEEN


def test_an_answer_can_be_taken_back_for_ten_minutes(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        ask(session, here, factories.make_signal(session, here, now=clock.now()), "police", now=clock.now())
        [token] = tokens(session).values()
    with work() as session:
        service.answer_by_link(session, token, SEEN, now=clock.now())
    with work() as session:
        asked = service.undo_by_link(session, token, now=clock.advance(minutes=10))
        assert asked.reply is None
        assert len(asked.replies) == 1
        with pytest.raises(RuleBroken):
            service.undo_by_link(session, token, now=clock.now())
    with work() as session:
        service.answer_by_link(session, token, NOT_SEEN, now=clock.now())
    with work() as session, pytest.raises(RuleBroken, match="ten minutes"):
        service.undo_by_link(session, token, now=clock.advance(minutes=10, seconds=1))


def test_more_to_say_needs_words(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        ask(session, here, factories.make_signal(session, here, now=clock.now()), "police", now=clock.now())
        [token] = tokens(session).values()
        with pytest.raises(RuleBroken):
            service.answer_by_link(session, token, Answer(answer=ReplyAnswer.MORE_TO_SAY, words=" "), now=clock.now())
        said = Answer(answer=ReplyAnswer.MORE_TO_SAY, words="Two in Northgate.")
        assert service.answer_by_link(session, token, said, now=clock.now()).words == "Two in Northgate."


def test_late_answers_are_kept_and_flagged_also_after_the_round_closed(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        signal = factories.make_signal(session, here, now=clock.now())
        request = ask(session, here, signal, "police", now=clock.now())
        [token] = tokens(session).values()
    with work() as session:
        assert service.answer_by_link(session, token, NOT_SEEN, now=clock.advance(hours=25)).late
    with work() as session:
        close(session, here, session.get_one(CorroborationRequest, request.id), now=clock.now())
    with work() as session:
        assert service.answer_by_link(session, token, SEEN, now=clock.now()).late
        assert session.get_one(CorroborationRequest, request.id).state is CorroborationState.CLOSED


def test_an_unknown_or_outdated_link_opens_nothing(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        ask(session, here, factories.make_signal(session, here, now=clock.now()), "police", now=clock.now())
        [token] = tokens(session).values()
    with work() as session:
        for tried, at in (("x" * 43, clock.now()), ("", clock.now()), (token, clock.now() + timedelta(days=28))):
            with pytest.raises(LinkSpent):
                service.answer_by_link(session, tried, SEEN, now=at)


def test_a_representative_answers_for_their_own_agency_alone(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        request = ask(
            session, here, factories.make_signal(session, here, now=clock.now()), "treatment", "hostel", now=clock.now()
        )
        treatment, hostel = (
            next(each for each in request.asks if each.agency_id == here.agencies[key].id).reference
            for key in ("treatment", "hostel")
        )
    with work() as session:
        reply = service.answer_signed_in(session, here.actor("treatment.rep"), treatment, SEEN, now=clock.now())
        assert reply.replied_by_id == here.user("treatment.rep").id
        for key in ("housing.rep", "ambulance.rep", "coordinator", "chair", "admin", "hostel.worker"):
            with pytest.raises(NotVisible):
                service.answer_signed_in(session, here.actor(key), treatment, SEEN, now=clock.now())
        with pytest.raises(NotAllowed):
            service.answer_signed_in(session, here.actor("lead"), hostel, SEEN, now=clock.now())
        assert [view.summary for view in queries.own_questions(session, here.actor("lead"), now=clock.now())] == [""]


def test_closing_the_last_round_makes_the_signal_ready_and_starts_the_panels_clock(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        signal = factories.make_signal(session, here, now=clock.now())
        first, second = (ask(session, here, signal, key, now=clock.now()) for key in ("police", "treatment"))
        states = []
        for request in (first, second):
            close(session, here, request, now=clock.now())
            states.append(signal.state)
        assert states == [SignalState.CORROBORATING, SignalState.PANEL_READY]
        running = session.scalars(select(Clock).where(Clock.signal_id == signal.id, Clock.stopped_at.is_(None))).all()
        assert [each.rule.key for each in running] == ["panel_routine"]
        with pytest.raises(MoveRefused):
            close(session, here, first, now=clock.now())


def test_a_cancelled_round_takes_no_answer_and_does_not_make_the_signal_ready(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        signal = factories.make_signal(session, here, now=clock.now())
        request = ask(session, here, signal, "police", now=clock.now())
        [token] = tokens(session).values()
        coordinator = here.actor("coordinator")
        command = CancelRound(reference=signal.reference, round_id=request.id, reason=" ")
        with pytest.raises(RuleBroken):
            service.cancel_round(session, coordinator, command, now=clock.now())
        command = CancelRound(reference=signal.reference, round_id=request.id, reason="Asked the wrong people.")
        service.cancel_round(session, coordinator, command, now=clock.now())
        assert signal.state is SignalState.CORROBORATING
        with pytest.raises(MoveRefused):
            service.answer_by_link(session, token, SEEN, now=clock.now())


def test_a_round_of_another_signal_is_not_found(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        request = ask(session, here, factories.make_signal(session, here, now=clock.now()), now=clock.now())
        other = factories.make_signal(session, here, now=clock.now())
        command = CloseRound(reference=other.reference, round_id=request.id)
        with pytest.raises(NotVisible):
            service.close_round(session, here.actor("coordinator"), command, now=clock.now())


def test_an_urgent_question_can_be_asked_after_the_decision_without_moving_the_signal(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        signal = decided(session, here, now=clock.now())
        ask(session, here, signal, "police", now=clock.now(), urgent=True)
        assert signal.state is SignalState.DECIDED


def test_agencies_that_have_not_answered_are_reminded_once_at_half_time_and_once_when_due(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        signal = factories.make_signal(session, here, now=clock.now())
        ask(session, here, signal, "police", "treatment", now=clock.now(), urgent=True)
        service.answer_by_link(session, tokens(session)["treatment.rep@westhaven.example"], SEEN, now=clock.now())
    reminded = []
    for minutes in (119, 1, 1, 118, 1, 1, 600):
        with work() as session:
            before = len(mail_about(session, "corroboration"))
            service.chase_rounds(session, now=clock.advance(minutes=minutes))
        with work() as session:
            reminded.append([message.to for message in mail_about(session, "corroboration")[before:]])
    police = "duty@invented-constabulary.example"
    coordinators = sorted(here.email(key) for key in ("coordinator", "coordinator2"))
    assert reminded == [[], [police], [], [], [police, *coordinators], [], []]


def test_a_reminder_carries_a_link_that_works_and_the_first_link_still_does(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        ask(session, here, factories.make_signal(session, here, now=clock.now()), "police", now=clock.now())
        [first] = tokens(session).values()
    with work() as session:
        service.chase_rounds(session, now=clock.advance(hours=24))
    with work() as session:
        [second] = tokens(session).values()
        assert first != second
        assert service.answer_by_link(session, second, SEEN, now=clock.advance(seconds=1)).late
        assert service.answer_by_link(session, first, NOT_SEEN, now=clock.now()).answer is ReplyAnswer.NOT_SEEN
        text = mail_about(session, "corroboration")[1].body
        assert "An answer was due by Tuesday 10 November 2026 at 10:00. A late answer is still useful." in text


def test_a_closed_round_reminds_nobody(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        request = ask(session, here, factories.make_signal(session, here, now=clock.now()), now=clock.now())
        close(session, here, request, now=clock.now())
        assert service.chase_rounds(session, now=clock.advance(days=3)) == 0


def test_half_time_is_counted_as_the_clock_counts(work, clock):
    clock.set(clock.now().replace(day=13, hour=15))  # a Friday
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        request = ask(session, here, factories.make_signal(session, here, now=clock.now()), now=clock.now())
        assert request.half_at.strftime("%A") == "Monday"
        assert request.due_at.strftime("%A %H") == "Monday 15"


def test_replies_are_rows_that_stay(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        ask(session, here, factories.make_signal(session, here, now=clock.now()), "police", now=clock.now())
        [token] = tokens(session).values()
        service.answer_by_link(session, token, SEEN, now=clock.now())
        service.undo_by_link(session, token, now=clock.now())
        service.answer_by_link(session, token, SEEN, now=clock.now())
        assert session.scalar(select(func.count()).select_from(CorroborationReply)) == 2
