"""Notifications and the inclusion of cases when several people act at the same instant."""

import pytest
from sqlalchemy import func, select

from review_app.errors import MoveRefused, RuleBroken, Stale
from review_app.policy import Role
from review_app.reviews.commands.inclusion import DecideInclusion, StartCaseTriage
from review_app.reviews.commands.notifying import (
    AttachNotification,
    NotifyDeath,
    SaveIdentity,
    SettleNotification,
    StartCase,
)
from review_app.reviews.models import CaseMove, DeathNotification, ReviewCase, TriageDecision
from review_app.reviews.queries.inclusion import facts_known, settings_in_force
from review_app.reviews.queries.matching import matches_of
from review_app.reviews.rules.notified import read_identity, read_known
from review_app.reviews.rules.states import CaseState, NotificationState
from review_app.reviews.service.attaching import attach_notification, start_case
from review_app.reviews.service.notifying import notify_death, save_identity
from review_app.reviews.service.settling import withdraw_notification
from review_app.reviews.service.triage import decide_inclusion, start_case_triage
from tests import factories, reviewing
from tests.racing import at_once
from tests.reviewing import SAM, case_of, identity_of

FIRST_TO_COME = (MoveRefused, RuleBroken, Stale)


@pytest.fixture
def here(work, clock):
    with work() as session:
        return factories.world(session, now=clock.now()).westhaven


@pytest.fixture
def coordinators(work, here, clock):
    """The review coordinator and a colleague with the same role."""
    with work() as session:
        user = factories.make_user(session, "second@westhaven.example", "Second Example", now=clock.now())
        panel = here.review_panel.id
        factories.give_role(session, here, user, Role.COORDINATOR, now=clock.now(), panel_id=panel)
        return here.actor("review.coordinator"), factories.actor_of(session, here, user, now=clock.now())


def states(work) -> list[NotificationState]:
    with work() as session:
        return list(session.scalars(select(DeathNotification.state).order_by(DeathNotification.state)))


def cases(work) -> int:
    with work() as session:
        return session.scalar(select(func.count()).select_from(ReviewCase)) or 0


def waiting(work, here, clock) -> tuple[str, str, int]:
    """A case, and a notification of the same death that waits: give both references, and the version."""
    with work() as session:
        case = reviewing.make_case(session, here, now=clock.now(), identity=SAM)
        second = reviewing.notify(session, here, "treatment.rep", now=clock.now(), identity=SAM)
        return case.reference, second.reference, second.version


@pytest.mark.both_databases
def test_of_two_notifications_of_one_death_at_the_same_instant_one_starts_a_case_and_one_waits(app, work, here, clock):
    people = ("housing.rep", "treatment.rep", "ambulance.rep", "coordinator")
    with work() as session:
        tokens = {who: reviewing.draft(session, here, who, now=clock.now(), identity=SAM) for who in people}
    ends = at_once(
        app,
        *(
            lambda session, who=who: notify_death(
                session, here.actor(who), NotifyDeath(form_token=tokens[who]), now=clock.now()
            )
            for who in people
        ),
    )
    assert ends == [None] * 4
    assert states(work) == [NotificationState.ATTACHED, *[NotificationState.RECEIVED] * 3]
    assert cases(work) == 1
    with work() as session:
        for each in session.scalars(select(DeathNotification)):
            assert len(matches_of(session, each)) == 3
            assert read_known(each.content).story


@pytest.mark.both_databases
def test_notify_pressed_several_times_at_once_is_one_notification(app, work, here, clock):
    with work() as session:
        token = reviewing.draft(session, here, "housing.rep", now=clock.now(), identity=SAM)
    press = NotifyDeath(form_token=token)
    ends = at_once(app, *[lambda session: notify_death(session, here.actor("housing.rep"), press, now=clock.now())] * 4)
    assert ends == [None] * 4
    assert (states(work), cases(work)) == ([NotificationState.ATTACHED], 1)


@pytest.mark.both_databases
def test_sending_while_the_identity_is_saved_in_another_window_loses_neither(app, work, here, clock):
    with work() as session:
        token = reviewing.draft(session, here, "housing.rep", now=clock.now(), identity=SAM)
    save = SaveIdentity(form_token=token, identity=SAM)
    ends = at_once(
        app,
        lambda session: notify_death(
            session, here.actor("housing.rep"), NotifyDeath(form_token=token), now=clock.now()
        ),
        lambda session: save_identity(session, here.actor("housing.rep"), save, now=clock.now()),
    )
    assert ends[0] is None
    with work() as session:
        made = session.scalars(select(DeathNotification)).one()
        assert read_identity(identity_of(made).details).answers() == SAM.answers()


@pytest.mark.both_databases
def test_of_two_coordinators_who_decide_about_one_notification_one_does(app, work, here, coordinators, clock):
    case, reference, version = waiting(work, here, clock)
    with work() as session:
        other = reviewing.make_case(session, here, now=clock.now()).reference
    first, second = coordinators
    start = StartCase(reference=reference, version=version)
    to_case = AttachNotification(reference=reference, case=case, version=version)
    to_other = AttachNotification(reference=reference, case=other, version=version)
    ends = at_once(
        app,
        lambda session: start_case(session, first, start, now=clock.now()),
        lambda session: attach_notification(session, second, to_case, now=clock.now()),
        lambda session: attach_notification(session, first, to_other, now=clock.now()),
        lambda session: start_case(session, second, start, now=clock.now()),
    )
    assert [end for end in ends if end is None] == [None]
    assert all(isinstance(end, FIRST_TO_COME) for end in ends if end is not None), ends
    with work() as session:
        made = session.scalars(select(DeathNotification).filter_by(reference=reference)).one()
        assert made.case_uuid == case_of(made).uuid
        assert read_known(made.content).story
    assert cases(work) == (3 if None in (ends[0], ends[3]) else 2)


@pytest.mark.both_databases
def test_a_notifier_who_withdraws_while_the_coordinator_attaches_leaves_one_of_both(app, work, here, clock):
    case, reference, version = waiting(work, here, clock)
    attach = AttachNotification(reference=reference, case=case, version=version)
    withdraw = SettleNotification(reference=reference, reason="It was somebody else.")
    ends = at_once(
        app,
        lambda session: attach_notification(session, here.actor("review.coordinator"), attach, now=clock.now()),
        lambda session: withdraw_notification(session, here.actor("treatment.rep"), withdraw, now=clock.now()),
    )
    assert [isinstance(end, FIRST_TO_COME) for end in ends].count(True) == 1
    with work() as session:
        made = session.scalars(select(DeathNotification).filter_by(reference=reference)).one()
        gone = made.state is NotificationState.WITHDRAWN
        assert (made.identity is None, made.content == {}) == (gone, gone)


@pytest.mark.both_databases
def test_two_coordinators_who_put_two_cases_together_crosswise_leave_one_case(app, work, here, coordinators, clock):
    with work() as session:
        made = [reviewing.notify(session, here, who, now=clock.now()) for who in ("housing.rep", "treatment.rep")]
        one, other = (
            AttachNotification(reference=each.reference, case=case_of(to).reference, version=each.version)
            for each, to in zip(made, reversed(made), strict=True)
        )
    first, second = coordinators
    ends = at_once(
        app,
        lambda session: attach_notification(session, first, one, now=clock.now()),
        lambda session: attach_notification(session, second, other, now=clock.now()),
    )
    assert [isinstance(end, FIRST_TO_COME) for end in ends].count(True) == ends.count(None) == 1
    assert states(work) == [NotificationState.ATTACHED] * 2
    with work() as session:
        assert len(set(session.scalars(select(DeathNotification.case_id)))) == 1
        left = session.scalars(select(ReviewCase.state).where(ReviewCase.state != CaseState.NOTIFIED)).all()
        assert left == [CaseState.OUT_OF_SCOPE]


@pytest.mark.both_databases
def test_of_two_coordinators_who_decide_on_inclusion_at_once_one_does(app, work, here, coordinators, clock):
    with work() as session:
        case = reviewing.make_case(session, here, now=clock.now(), state=CaseState.TRIAGE)
        facts, rules = facts_known(session, case), settings_in_force(session, case, now=clock.now()).id
        select_it, leave_it = (
            DecideInclusion(
                reference=case.reference, facts=facts, settings_id=rules, outcome=outcome, reason="Because."
            )
            for outcome in (CaseState.SELECTED, CaseState.OUT_OF_SCOPE)
        )
    first, second = coordinators
    ends = at_once(
        app,
        lambda session: decide_inclusion(session, first, select_it, now=clock.now()),
        lambda session: decide_inclusion(session, second, leave_it, now=clock.now()),
    )
    assert [type(end) for end in ends if end is not None] == [MoveRefused]
    with work() as session:
        decision, case = session.scalars(select(TriageDecision)).one(), session.scalars(select(ReviewCase)).one()
        winner = (first, CaseState.SELECTED) if ends[0] is None else (second, CaseState.OUT_OF_SCOPE)
        assert (decision.decided_by_id, decision.outcome, case.state) == (winner[0].user_id, winner[1], winner[1])


@pytest.mark.both_databases
def test_two_coordinators_who_start_triage_at_once_start_it_once(app, work, here, coordinators, clock):
    with work() as session:
        reference = reviewing.make_case(session, here, now=clock.now()).reference
    start, (first, second) = StartCaseTriage(reference=reference), coordinators
    presses = [
        lambda session, actor=actor: start_case_triage(session, actor, start, now=clock.now())
        for actor in (first, second, first)
    ]
    ends = at_once(app, *presses)
    assert sorted(type(end).__name__ for end in ends) == ["MoveRefused", "MoveRefused", "NoneType"]
    with work() as session:
        assert session.scalar(select(func.count()).select_from(CaseMove)) == 1
