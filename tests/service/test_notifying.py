"""Notifying a death, finding out whether it is known already, and what becomes of a notification."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import product

import pytest
from sqlalchemy import func, select

from review_app import keystore
from review_app.audit.models import AuditEvent
from review_app.catalogue.models import Clock
from review_app.catalogue.rules import ClockKey
from review_app.crypto import new_token
from review_app.errors import MoveRefused, NotAllowed, NotVisible, RuleBroken, Stale
from review_app.fuzzy import on_day
from review_app.keystore import KeyDestroyed, RecordKind
from review_app.links.models import EvidenceLink
from review_app.outbox.models import OutboxMessage
from review_app.reviews import upkeep
from review_app.reviews.commands.inclusion import DecideInclusion, ReconsiderCase
from review_app.reviews.commands.notifying import (
    AttachNotification,
    DiscardDraft,
    NotifyDeath,
    SaveKnown,
    SettleNotification,
    SettleRisk,
    StartCase,
)
from review_app.reviews.models import (
    DeathNotification,
    DeclarationOfInterest,
    FreedKey,
    NotificationDraft,
    ReviewCase,
)
from review_app.reviews.queries.inclusion import facts_known, settings_in_force
from review_app.reviews.queries.matching import matches_of
from review_app.reviews.queries.notification_page import notification_page, proposals_for, waiting_notifications
from review_app.reviews.rules.inclusion import Answer
from review_app.reviews.rules.matching import MatchReason
from review_app.reviews.rules.notified import Identity, read_identity, read_known
from review_app.reviews.rules.states import (
    NOTIFICATION_WORKFLOW,
    CaseState,
    ConflictKind,
    NotificationAction,
    NotificationState,
)
from review_app.reviews.service.attaching import attach_notification, start_case
from review_app.reviews.service.notifying import discard_draft, notify_death, save_known
from review_app.reviews.service.settling import exclude_notification, settle_risk, withdraw_notification
from review_app.reviews.service.triage import decide_inclusion, reconsider_case
from review_app.working_time import end_of_london_day
from tests import factories, reviewing
from tests.reviewing import SAM, case_of, identity_of

REASON = "It was notified by mistake."


@pytest.fixture
def here(work, clock):
    with work() as session:
        return factories.world(session, now=clock.now()).westhaven


def count(session, model) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


def again(session, reference) -> DeathNotification:
    found: DeathNotification = session.scalars(select(DeathNotification).filter_by(reference=reference)).one()
    return found


def test_the_first_notification_of_a_death_starts_a_case_with_its_clocks(work, here, clock):
    with work() as session:
        made = reviewing.notify(session, here, "housing.rep", now=clock.now(), identity=SAM)
        assert made.reference == "WES-D-2026-0001"
        assert made.state is NotificationState.ATTACHED
        assert made.agency_id == here.agencies["housing"].id
        case = case_of(made)
        assert (case.state, case.panel_id, case.opened_at) == (CaseState.NOTIFIED, here.review_panel.id, clock.now())
        clocks = session.scalars(select(Clock).where(Clock.review_case_id == case.id)).all()
        assert {each.rule.key for each in clocks} == {
            ClockKey.NOTIFICATION_TRIAGE, ClockKey.CASE_REVIEW, ClockKey.CASE_REVIEW_CEILING,
        }  # fmt: skip
        assert made.sources == [{"source": "police", "on": "2026-11-06"}]
        assert read_known(made.content).story == "Found by a neighbour in the morning."
        assert read_identity(identity_of(made).details).answers() == SAM.answers()
        assert count(session, NotificationDraft) == 0


def test_every_coordinator_of_the_review_panel_is_told_that_something_waits_and_nothing_else(work, here, clock):
    with work() as session:
        reviewing.notify(session, here, now=clock.now(), identity=SAM)
        (letter,) = session.scalars(select(OutboxMessage)).all()
        assert letter.to == here.email("review.coordinator")
        assert letter.subject == "A notification waits; sign in"
        for secret in (*map(str, SAM.answers().values()), "neighbour", "drug", "housing"):
            assert secret.lower() not in (letter.subject + letter.body).lower()


def test_a_death_without_an_identity_starts_a_case_and_leaves_no_key_behind(work, here, clock):
    with work() as session:
        made = reviewing.notify(session, here, now=clock.now())
        assert made.identity is None
        assert made.case is not None
        assert [each.kind for each in session.scalars(select(FreedKey))] == [RecordKind.IDENTITY_RECORD]


def test_the_same_draft_sent_twice_is_one_notification(work, here, clock):
    with work() as session:
        command = NotifyDeath(form_token=reviewing.draft(session, here, now=clock.now(), identity=SAM))
        actor = here.actor("review.coordinator")
        first = notify_death(session, actor, command, now=clock.now())
        assert notify_death(session, actor, command, now=clock.now()) is first
        assert (count(session, DeathNotification), count(session, ReviewCase)) == (1, 1)


def test_nobody_else_finds_or_sends_a_draft(work, here, clock):
    with work() as session:
        token = reviewing.draft(session, here, "housing.rep", now=clock.now(), identity=SAM)
        for key in ("treatment.rep", "review.coordinator"):
            with pytest.raises(NotVisible):
                notify_death(session, here.actor(key), NotifyDeath(form_token=token), now=clock.now())
            with pytest.raises(NotVisible):
                discard_draft(session, here.actor(key), DiscardDraft(form_token=token), now=clock.now())


def test_a_draft_that_is_thrown_away_frees_its_key(work, here, clock):
    with work() as session:
        token = reviewing.draft(session, here, now=clock.now(), identity=SAM)
        uuid = session.scalars(select(NotificationDraft)).one().uuid
        discard_draft(session, here.actor("review.coordinator"), DiscardDraft(form_token=token), now=clock.now())
        assert count(session, NotificationDraft) == 0
    with work():
        upkeep.destroy_freed_keys(None, (), clock)
        with pytest.raises(KeyDestroyed):
            keystore.open_data_key(RecordKind.IDENTITY_RECORD, uuid)


def test_a_draft_that_nobody_goes_on_with_is_thrown_away_after_two_weeks(work, here, clock):
    with work() as session:
        reviewing.draft(session, here, now=clock.now(), identity=SAM)
        clock.advance(days=1)
        kept = reviewing.draft(session, here, now=clock.now(), identity=SAM)
    clock.advance(days=13, seconds=1)
    with work():
        upkeep.forget_old_drafts(None, (), clock)
    with work() as session:
        assert [each.form_token for each in session.scalars(select(NotificationDraft))] == [kept]
        assert count(session, FreedKey) == 1


@pytest.mark.parametrize("key", ["nurse", "review.chair", "review.member", "dph", "ig", "admin", "analyst"])
def test_only_representatives_and_coordinators_notify(work, here, clock, key):
    command = SaveKnown(form_token=new_token(), known=reviewing.known())
    with work() as session, pytest.raises(NotAllowed):
        save_known(session, here.actor(key), command, now=clock.now())


def test_a_representative_notifies_for_no_other_agency(work, here, clock):
    with work() as session, pytest.raises(NotAllowed):
        reviewing.notify(session, here, "housing.rep", now=clock.now(), agency_id=here.agencies["police"].id)


@pytest.mark.parametrize("facts", [{"sources": ()}, {"died": on_day(date(2026, 11, 10))}])
def test_what_no_notification_may_say_is_refused(work, here, clock, facts):
    with work() as session, pytest.raises(RuleBroken):
        reviewing.notify(session, here, now=clock.now(), **facts)


MAYBE = {
    "same number": (replace(SAM, forename="", surname="", born=None), {}, MatchReason.SAME_NHS_NUMBER),
    "same number, weeks apart": (SAM, {"died": on_day(date(2026, 10, 5))}, MatchReason.SAME_NHS_NUMBER),
    "sounds alike": (
        Identity(forename="Samual", surname="Aplethwait", born=SAM.born),
        {"died": on_day(date(2026, 11, 8))},
        MatchReason.SAME_BIRTH_AND_NAMES,
    ),
    "birth and day": (Identity(born=SAM.born), {}, MatchReason.SAME_BIRTH_AND_DAY),
    "names alone": (Identity(forename="Samuel", surname="Applethwaite"), {}, MatchReason.ALIKE_NAMES),
}
NOT = {
    "another day": (replace(SAM, nhs_number=""), {"died": on_day(date(2026, 11, 1))}),
    "another birth": (replace(SAM, nhs_number="", born=date(1990, 1, 1)), {}),
    "another name": (Identity(forename="Joan", surname="Zephyr", born=SAM.born), {}),
    "a surname alone": (Identity(surname="Applethwaite"), {}),
    "nobody": (Identity(), {}),
}


@pytest.mark.parametrize(("identity", "facts", "reason"), MAYBE.values(), ids=MAYBE)
def test_a_death_that_may_be_known_waits_with_the_reason(work, here, clock, identity, facts, reason):
    with work() as session:
        case = case_of(reviewing.notify(session, here, "housing.rep", now=clock.now(), identity=SAM))
        second = reviewing.notify(session, here, "treatment.rep", now=clock.now(), identity=identity, **facts)
        assert second.state is NotificationState.RECEIVED
        (proposal,) = proposals_for(session, here.actor("review.coordinator"), second)
        assert (proposal.case, proposal.reasons) == (case, (reason,))
        (waiting,) = waiting_notifications(session, here.actor("review.coordinator"))
        assert waiting.line.reference == second.reference


@pytest.mark.parametrize(("identity", "facts"), NOT.values(), ids=NOT)
def test_another_death_starts_a_case_of_its_own(work, here, clock, identity, facts):
    with work() as session:
        first = reviewing.notify(session, here, now=clock.now(), identity=SAM)
        second = reviewing.notify(session, here, now=clock.now(), identity=identity, **facts)
        assert case_of(second) not in (None, case_of(first))


def test_a_neighbours_cases_are_never_proposed(work, clock):
    with work() as session:
        world = factories.world(session, now=clock.now())
        reviewing.notify(session, world.eastmoor, now=clock.now(), identity=SAM)
        made = reviewing.notify(session, world.westhaven, now=clock.now(), identity=SAM)
        assert made.state is NotificationState.ATTACHED


def attached(session, here, clock) -> tuple[DeathNotification, DeathNotification]:
    """Two notifications of one death: the first started a case, the second waits."""
    first = reviewing.notify(session, here, "housing.rep", now=clock.now(), identity=SAM)
    second = reviewing.notify(session, here, "treatment.rep", now=clock.now(), identity=SAM, story="Second story.")
    return first, second


def test_attaching_keeps_the_notifiers_dates_and_seals_the_content_anew(work, here, clock):
    with work() as session:
        first, second = attached(session, here, clock)
        own_key, token = (
            second.case_uuid,
            AttachNotification(reference=second.reference, case=case_of(first).reference, version=second.version),
        )
        attach_notification(session, here.actor("review.coordinator"), token, now=clock.now())
        assert (case_of(second), second.case_uuid) == (case_of(first), case_of(first).uuid)
        assert read_known(second.content).story == "Second story."
        assert second.sources == [{"source": "police", "on": "2026-11-06"}]
    with work():
        assert keystore.open_data_key(RecordKind.REVIEW_CASE, own_key)
        upkeep.destroy_freed_keys(None, (), clock)
        with pytest.raises(KeyDestroyed):
            keystore.open_data_key(RecordKind.REVIEW_CASE, own_key)
        upkeep.destroy_freed_keys(None, (), clock)
    with work() as session:
        assert read_known(again(session, second.reference).content).story == "Second story."
        assert read_identity(identity_of(again(session, second.reference)).details).surname == "Applethwaite"


def test_the_coordinator_may_start_a_case_although_one_was_proposed(work, here, clock):
    with work() as session:
        first, second = attached(session, here, clock)
        command = StartCase(reference=second.reference, version=second.version)
        case = start_case(session, here.actor("review.coordinator"), command, now=clock.now())
        assert case is not case_of(first)
        assert case.opened_at == second.notified_at


def test_a_notification_put_into_the_case_of_another_death_is_given_one_of_its_own(work, here, clock):
    coordinator = here.actor("review.coordinator")
    with work() as session:
        first, second = attached(session, here, clock)
        kept, notified_at = case_of(first), second.notified_at
        attach = AttachNotification(reference=second.reference, case=kept.reference, version=second.version)
        attach_notification(session, coordinator, attach, now=clock.now())
        session.flush()
        case = start_case(
            session,
            coordinator,
            StartCase(reference=second.reference, version=second.version),
            now=clock.advance(days=1),
        )
        assert case.uuid == second.case_uuid != kept.uuid
        assert (case_of(second), case_of(first)) == (case, kept)
        assert (second.notified_at, case.opened_at, case.state) == (notified_at, notified_at, CaseState.NOTIFIED)
        assert first.case_uuid == kept.uuid
    with work():
        upkeep.destroy_freed_keys(None, (), clock)
    with work() as session:
        for reference, story in ((first.reference, ""), (second.reference, "Second story.")):
            found = again(session, reference)
            assert story in read_known(found.content).story
            assert read_identity(identity_of(found).details).surname == SAM.surname
        only = StartCase(reference=second.reference, version=again(session, second.reference).version)
        with pytest.raises(RuleBroken, match="only notification"):
            start_case(session, coordinator, only, now=clock.now())


def test_nothing_is_taken_out_of_a_case_that_is_signed(work, here, clock):
    with work() as session:
        kept = reviewing.make_case(session, here, now=clock.now(), state=CaseState.CLOSED, identity=SAM)
        second = reviewing.notify(session, here, "treatment.rep", now=clock.now(), identity=SAM)
        attach = AttachNotification(reference=second.reference, case=kept.reference, version=second.version)
        attach_notification(session, here.actor("review.coordinator"), attach, now=clock.now())
        session.flush()
        command = StartCase(reference=second.reference, version=second.version)
        with pytest.raises(RuleBroken, match="is signed"):
            start_case(session, here.actor("review.coordinator"), command, now=clock.now())
        assert case_of(second) is kept


def test_the_only_notification_of_an_undecided_case_moves_to_the_other_one_which_ends_it(work, here, clock):
    with work() as session:
        first = reviewing.notify(session, here, now=clock.now(), identity=SAM)
        other = reviewing.notify(session, here, "treatment.rep", now=clock.now(), story="It was her brother.")
        left = case_of(other)
        command = AttachNotification(reference=other.reference, case=case_of(first).reference, version=other.version)
        attach_notification(session, here.actor("review.coordinator"), command, now=clock.now())
        assert left.state is CaseState.OUT_OF_SCOPE
        assert case_of(other) is case_of(first)
        assert read_known(other.content).story == "It was her brother."
        running = select(Clock).where(Clock.review_case_id == left.id, Clock.cancelled_at.is_(None))
        assert session.scalars(running).all() == []


@pytest.mark.parametrize("state", [each for each in CaseState if each not in (CaseState.NOTIFIED, CaseState.TRIAGE)])
def test_a_notification_never_leaves_a_case_that_was_decided_on(work, here, clock, state):
    with work() as session:
        first = reviewing.notify(session, here, now=clock.now(), identity=SAM)
        decided = reviewing.make_case(session, here, now=clock.now(), state=state)
        only = session.scalars(select(DeathNotification).where(DeathNotification.case_id == decided.id)).one()
        command = AttachNotification(reference=only.reference, case=case_of(first).reference, version=only.version)
        with pytest.raises((RuleBroken, NotVisible)):
            attach_notification(session, here.actor("review.coordinator"), command, now=clock.now())


def test_a_notification_does_not_leave_a_case_that_was_decided_on_and_is_in_triage_again(work, here, clock):
    with work() as session:
        first, actor = reviewing.notify(session, here, now=clock.now(), identity=SAM), here.actor("review.coordinator")
        again = reviewing.make_case(session, here, now=clock.now(), state=CaseState.TRIAGE)
        decision = DecideInclusion(
            reference=again.reference,
            facts=facts_known(session, again),
            settings_id=settings_in_force(session, again, now=clock.now()).id,
            outcome=CaseState.IN_SCOPE_NOT_SELECTED,
            reason="There are too many.",
        )
        decide_inclusion(session, actor, decision, now=clock.now())
        reconsider_case(session, actor, ReconsiderCase(reference=again.reference, reason="New."), now=clock.now())
        only = session.scalars(select(DeathNotification).where(DeathNotification.case_id == again.id)).one()
        command = AttachNotification(reference=only.reference, case=case_of(first).reference, version=only.version)
        with pytest.raises(RuleBroken, match="has gone too far"):
            attach_notification(session, actor, command, now=clock.now())


def test_what_changed_meanwhile_is_stale(work, here, clock):
    with work() as session:
        first, second = attached(session, here, clock)
        before = second.version - 1
        command = AttachNotification(reference=second.reference, case=case_of(first).reference, version=before)
        with pytest.raises(Stale):
            attach_notification(session, here.actor("review.coordinator"), command, now=clock.now())


def do(session, actor, notification, action, case, now):
    """Try one action on a notification."""
    match action:
        case NotificationAction.ATTACH:
            command = AttachNotification(
                reference=notification.reference, case=case.reference, version=notification.version
            )
            attach_notification(session, actor, command, now=now)
        case NotificationAction.EXCLUDE:
            exclude_notification(session, actor, settle(notification), now=now)
        case NotificationAction.WITHDRAW:
            withdraw_notification(session, actor, settle(notification), now=now)
    session.flush()


def settle(notification) -> SettleNotification:
    return SettleNotification(reference=notification.reference, reason=REASON)


def brought_to(session, here, clock, state) -> tuple[DeathNotification, ReviewCase]:
    """A notification in a state, and a case of the same death that has another one."""
    first, second = attached(session, here, clock)
    third = reviewing.notify(session, here, "ambulance.rep", now=clock.now(), identity=SAM)
    coordinator = here.actor("review.coordinator")
    do(session, coordinator, third, NotificationAction.ATTACH, case_of(first), clock.now())
    path = {
        NotificationState.RECEIVED: None,
        NotificationState.ATTACHED: NotificationAction.ATTACH,
        NotificationState.OUT_OF_SCOPE: NotificationAction.EXCLUDE,
        NotificationState.WITHDRAWN: NotificationAction.WITHDRAW,
    }[state]
    if path is not None:
        do(session, coordinator, second, path, case_of(first), clock.now())
    return second, case_of(first)


@pytest.mark.parametrize(("state", "action"), list(product(NotificationState, NotificationAction)))
def test_every_state_with_every_action(work, here, clock, state, action):
    with work() as session:
        notification, case = brought_to(session, here, clock, state)
        coordinator = here.actor("review.coordinator")
        if state is NotificationState.ATTACHED and action is NotificationAction.ATTACH:
            case = case_of(reviewing.notify(session, here, now=clock.now()))
            with pytest.raises(RuleBroken, match="several of them"):
                do(session, coordinator, notification, action, case, clock.now())
        elif (state, action) in NOTIFICATION_WORKFLOW.moves:
            do(session, coordinator, notification, action, case, clock.now())
            assert notification.state is NOTIFICATION_WORKFLOW.moves[state, action]
        else:
            with pytest.raises(MoveRefused):
                do(session, coordinator, notification, action, case, clock.now())
            assert notification.state is state


def test_withdrawing_destroys_what_was_said_and_keeps_that_it_was(work, here, clock):
    with work() as session:
        notification, _ = brought_to(session, here, clock, NotificationState.RECEIVED)
        keys = [(RecordKind.REVIEW_CASE, notification.case_uuid), identity_of(notification).data_key_name]
        withdraw_notification(session, here.actor("treatment.rep"), settle(notification), now=clock.now())
        reference = notification.reference
    with work():
        upkeep.destroy_freed_keys(None, (), clock)
        for kind, uuid in keys:
            with pytest.raises(KeyDestroyed):
                keystore.open_data_key(kind, uuid)
    with work() as session:
        left = again(session, reference)
        assert (left.content, left.reason, left.identity) == ({}, REASON, None)
        assert left.sources == [{"source": "police", "on": "2026-11-06"}]


def test_what_was_withdrawn_is_no_longer_matched(work, here, clock):
    with work() as session:
        first, second = attached(session, here, clock)
        coordinator = here.actor("review.coordinator")
        do(session, coordinator, second, NotificationAction.ATTACH, case_of(first), clock.now())
        withdraw_notification(session, coordinator, settle(first), now=clock.now())
        third = reviewing.notify(session, here, now=clock.now(), identity=SAM)
        assert [match.notification for match in matches_of(session, third)] == [second]


def test_the_only_notification_of_a_case_is_not_withdrawn(work, here, clock):
    with work() as session:
        made = reviewing.notify(session, here, now=clock.now())
        with pytest.raises(RuleBroken, match="only notification"):
            withdraw_notification(session, here.actor("review.coordinator"), settle(made), now=clock.now())


def test_a_notifier_withdraws_only_while_it_waits_and_only_their_own(work, here, clock):
    with work() as session:
        first, second = attached(session, here, clock)
        with pytest.raises(RuleBroken, match="only the review coordinator"):
            withdraw_notification(session, here.actor("housing.rep"), settle(first), now=clock.now())
        with pytest.raises(NotVisible):
            withdraw_notification(session, here.actor("housing.rep"), settle(second), now=clock.now())
        with pytest.raises(NotAllowed):
            withdraw_notification(session, here.actor("review.chair"), settle(first), now=clock.now())


@pytest.mark.parametrize("key", ["housing.rep", "coordinator", "review.chair", "dph", "ig"])
def test_only_the_review_coordinator_attaches_and_starts(work, here, clock, key):
    with work() as session:
        first, second = attached(session, here, clock)
        attach = AttachNotification(reference=second.reference, case=case_of(first).reference, version=second.version)
        with pytest.raises((NotAllowed, NotVisible)):
            attach_notification(session, here.actor(key), attach, now=clock.now())
        start = StartCase(reference=second.reference, version=second.version)
        with pytest.raises((NotAllowed, NotVisible)):
            start_case(session, here.actor(key), start, now=clock.now())
        assert second.state is NotificationState.RECEIVED


def test_a_notifier_sees_when_and_how_it_stands_and_nothing_more(work, here, clock):
    with work() as session:
        first, second = attached(session, here, clock)
        page = notification_page(session, here.actor("housing.rep"), first.reference, now=clock.now())
        assert (page.content, page.facts, page.case, page.line.state) == (False, (), None, NotificationState.ATTACHED)
        for key in ("treatment.rep", "dph", "ig", "admin", "coordinator", "review.member"):
            with pytest.raises(NotVisible):
                notification_page(session, here.actor(key), first.reference, now=clock.now())
        with pytest.raises(NotVisible):
            notification_page(session, here.actor("review.chair"), second.reference, now=clock.now())
        chair = notification_page(session, here.actor("review.chair"), first.reference, now=clock.now())
        assert (chair.content, chair.actions) == (True, frozenset())


def test_what_may_be_about_a_case_hidden_from_the_coordinator_is_hidden_too(work, here, clock):
    with work() as session:
        first, second = attached(session, here, clock)
        coordinator = here.user("review.coordinator")
        session.add(
            DeclarationOfInterest(
                case_id=case_of(first).id, user_id=coordinator.id, kind=ConflictKind.FAMILY_OR_FRIEND,
                declared_at=clock.now(), declared_by_id=coordinator.id, case_uuid=case_of(first).uuid,
            )
        )  # fmt: skip
        session.flush()
        actor = here.actor("review.coordinator")
        assert waiting_notifications(session, actor) == []
        for reference in (first.reference, second.reference):
            with pytest.raises(NotVisible):
                notification_page(session, actor, reference, now=clock.now())
        with pytest.raises(NotVisible):
            start_case(session, actor, StartCase(reference=second.reference, version=1), now=clock.now())


def test_somebody_at_risk_is_to_be_seen_to_on_the_same_day(work, here, clock):
    with work() as session:
        made = reviewing.notify(session, here, now=clock.now(), risk=Answer.YES)
        assert made.risk_due_at == end_of_london_day(clock.now().date())
        assert session.scalars(select(OutboxMessage.subject)).one() == "Today: a notification waits; sign in"
        command = SettleRisk(reference=made.reference, note="Referred to the children's team.")
        with pytest.raises(NotAllowed):
            settle_risk(session, here.actor("review.chair"), command, now=clock.now())
        settle_risk(session, here.actor("review.coordinator"), command, now=clock.now())
        assert made.risk_note == "Referred to the children's team."
        with pytest.raises(MoveRefused):
            settle_risk(session, here.actor("review.coordinator"), command, now=clock.now())


def test_a_notification_that_began_at_a_signal_links_it_to_the_case(work, here, clock):
    with work() as session:
        signal = factories.make_signal(session, here, now=clock.now())
        first = reviewing.notify(session, here, "coordinator", now=clock.now(), signal=signal.reference, identity=SAM)
        (link,) = session.scalars(select(EvidenceLink).where(EvidenceLink.to_review_case_id.is_not(None))).all()
        assert (link.from_signal_id, link.to_review_case_id) == (signal.id, case_of(first).id)
        elsewhere = reviewing.make_case(session, here, now=clock.now())
        command = AttachNotification(reference=first.reference, case=elsewhere.reference, version=first.version)
        attach_notification(session, here.actor("review.coordinator"), command, now=clock.now())
        standing = select(EvidenceLink.to_review_case_id).where(
            EvidenceLink.from_signal_id == signal.id, EvidenceLink.reversed_at.is_(None)
        )
        assert session.scalars(standing).all() == [elsewhere.id]


def test_a_signal_that_the_notifier_may_not_see_is_not_there(work, here, clock):
    with work() as session:
        signal = factories.make_signal(session, here, now=clock.now())
        with pytest.raises(NotVisible):
            reviewing.notify(session, here, "housing.rep", now=clock.now(), signal=signal.reference)


def test_the_story_of_a_notification_is_in_the_audit_without_what_it_says(work, here, clock):
    with work() as session:
        first, second = attached(session, here, clock)
        command = AttachNotification(reference=second.reference, case=case_of(first).reference, version=second.version)
        attach_notification(session, here.actor("review.coordinator"), command, now=clock.now() + timedelta(days=1))
    with work() as session:
        events = session.scalars(select(AuditEvent).order_by(AuditEvent.sequence)).all()
        told = [(event.verb, event.object_reference) for event in events if event.object_table == "death_notification"]
        assert told == [
            ("notify", first.reference), ("attach", first.reference), ("notify", second.reference),
            ("attach", second.reference),
        ]  # fmt: skip
