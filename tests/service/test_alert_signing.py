"""Who may sign which version, what a signature covers, and what becomes of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import combinations

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from review_app.alerts.commands import ReturnAlert
from review_app.alerts.models import AlertVersion, SignOff
from review_app.alerts.queries.versions import digest_of, newest_version, roles_to_sign_as, wording_of
from review_app.alerts.rules import AlertLevel, VersionState
from review_app.alerts.service import signing
from review_app.errors import MoveRefused, NotAllowed, NotVisible, RuleBroken
from review_app.marks import Audience
from review_app.outbox.models import OutboxMessage
from review_app.panel.models import PanelDecision
from review_app.panel.rules import PanelDecisionState
from review_app.policy import Role
from tests import factories
from tests.service.alert_cases import edit, ready_draft, sign, soon, submitted

SIGNERS = ("coordinator2", "chair", "deputy", "approver", "dph", "communications")
ROLES = {
    "coordinator2": Role.COORDINATOR,
    "chair": Role.CHAIR,
    "deputy": Role.DEPUTY_CHAIR,
    "approver": Role.APPROVER,
    "dph": Role.DPH,
    "communications": Role.COMMUNICATIONS,
}
LEADS, DELEGATES = {"coordinator2", "chair", "deputy"}, {"approver", "dph"}
FRIDAY_EVENING = datetime(2026, 11, 13, 17, 30, tzinfo=UTC)


def insert_alone(session, row):
    with session.begin_nested():
        session.add(row)
        session.flush()


def try_to_sign(session, here, who, alert, *, now):
    """Say whether this signature is the last that was needed; one that is not needed changes nothing."""
    try:
        return sign(session, here, who, alert, ROLES[who], now=now).state is VersionState.SCHEDULED
    except RuleBroken:
        return False


def enough_alone(who, level, audience):
    """The truth table of the default rule, written out."""
    if audience is Audience.PUBLIC:
        return False
    return level is AlertLevel.INFORMATION and who in LEADS


def enough_together(who, other, level, audience):
    """The truth table of the default rule for two who sign one after the other."""
    if level is AlertLevel.INFORMATION:
        led = bool({who, other} & LEADS)
        return led and (audience is not Audience.PUBLIC or "communications" in {who, other})
    if audience is Audience.PUBLIC:
        return False
    return bool({who, other} & DELEGATES)


@pytest.mark.parametrize("audience", [Audience.AT_RISK_AGENCIES, Audience.PUBLIC])
@pytest.mark.parametrize("level", list(AlertLevel))
def test_each_level_and_audience_needs_its_own_signers(work, clock, level, audience):
    now = clock.now()
    with work() as session:
        here = factories.world(session, now=now).westhaven
        alert = ready_draft(session, here, now=now, level=level, audience=audience)
        submitted(session, here, alert, now=now)
        for who, other in combinations(SIGNERS, 2):
            with session.begin_nested() as attempt:
                alone = try_to_sign(session, here, who, alert, now=now)
                assert alone is enough_alone(who, level, audience), (who, level, audience)
                if not alone:
                    together = try_to_sign(session, here, other, alert, now=now)
                    assert together is enough_together(who, other, level, audience), (who, other, level, audience)
                attempt.rollback()


def test_a_public_red_alert_takes_three_and_the_communications_officer_is_one(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        alert = ready_draft(session, here, now=clock.now(), audience=Audience.PUBLIC)
        submitted(session, here, alert, now=clock.now())
        assert sign(session, here, "dph", alert, Role.DPH, now=clock.now()).state is VersionState.AWAITING_SIGN_OFF
        assert sign(session, here, "chair", alert, Role.CHAIR, now=clock.now()).state is VersionState.AWAITING_SIGN_OFF
        last = sign(session, here, "communications", alert, Role.COMMUNICATIONS, now=clock.now())
        assert last.state is VersionState.SCHEDULED


def test_a_public_red_alert_out_of_hours_does_not_wait_for_communications(work):
    with work() as session:
        here = factories.world(session, now=FRIDAY_EVENING).westhaven
        alert = ready_draft(session, here, now=FRIDAY_EVENING, audience=Audience.PUBLIC)
        submitted(session, here, alert, now=FRIDAY_EVENING)
        sign(session, here, "dph", alert, Role.DPH, now=FRIDAY_EVENING)
        version = sign(session, here, "chair", alert, Role.CHAIR, now=FRIDAY_EVENING)
        assert version.state is VersionState.SCHEDULED
        in_hours = FRIDAY_EVENING + timedelta(days=2, hours=17)
        assert signing.signed_text_stands(session, version, now=in_hours)


def test_a_public_red_alert_signed_in_hours_waits_no_more_once_the_office_closes(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        alert = ready_draft(session, here, now=clock.now(), audience=Audience.PUBLIC)
        submitted(session, here, alert, now=clock.now())
        sign(session, here, "dph", alert, Role.DPH, now=clock.now())
        sign(session, here, "chair", alert, Role.CHAIR, now=clock.now())
        assert not signing.schedule_what_waits_no_more(session, alert.id, now=clock.now())
        closed = clock.advance(hours=8)
        assert signing.schedule_what_waits_no_more(session, alert.id, now=closed)
        assert newest_version(session, alert).release_at == closed


def test_its_author_may_not_sign(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        alert = ready_draft(session, here, now=clock.now())
        submitted(session, here, alert, now=clock.now())
        with pytest.raises(RuleBroken, match="You wrote this version"):
            sign(session, here, "coordinator", alert, Role.COORDINATOR, now=clock.now())


def test_whoever_changed_a_word_may_not_sign(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        alert = ready_draft(session, here, now=clock.now())
        changed = replace(wording_of(session, newest_version(session, alert)), headline="Another headline")
        edit(session, here, "approver", alert, changed, now=clock.now())
        submitted(session, here, alert, now=clock.now())
        with pytest.raises(RuleBroken, match="or part of it"):
            sign(session, here, "approver", alert, Role.APPROVER, now=clock.now())


def test_the_database_itself_refuses_the_author_as_signer(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        alert = ready_draft(session, here, now=clock.now())
        version = submitted(session, here, alert, now=clock.now())
        row = SignOff(
            alert_version_id=version.id,
            author_id=version.author_id,
            signed_by_id=version.author_id,
            role=Role.COORDINATOR,
            digest=version.digest or "",
            signed_at=clock.now(),
        )
        with pytest.raises(IntegrityError):
            insert_alone(session, row)
        row = SignOff(
            alert_version_id=version.id,
            author_id=here.user("chair").id,
            signed_by_id=version.author_id,
            role=Role.COORDINATOR,
            digest=version.digest or "",
            signed_at=clock.now(),
        )
        with pytest.raises(IntegrityError):
            insert_alone(session, row)


def test_nobody_signs_twice(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        factories.give_role(session, here, here.user("dph"), Role.APPROVER, now=clock.now())
        here.actors["dph"] = factories.actor_of(session, here, here.user("dph"), now=clock.now())
        alert = ready_draft(session, here, now=clock.now())
        submitted(session, here, alert, now=clock.now())
        sign(session, here, "dph", alert, Role.DPH, now=clock.now())
        with pytest.raises(RuleBroken, match="signed this version already"):
            sign(session, here, "dph", alert, Role.APPROVER, now=clock.now())


def test_a_role_must_be_held_and_still_be_needed(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        alert = ready_draft(session, here, now=clock.now())
        version = submitted(session, here, alert, now=clock.now())
        with pytest.raises(NotAllowed):
            sign(session, here, "chair", alert, Role.DPH, now=clock.now())
        with pytest.raises(NotAllowed):
            sign(session, here, "oncall", alert, Role.ON_CALL, now=clock.now())
        sign(session, here, "chair", alert, Role.CHAIR, now=clock.now())
        assert roles_to_sign_as(session, here.actor("communications"), version, now=clock.now()) == []
        with pytest.raises(RuleBroken, match="still needed"):
            sign(session, here, "communications", alert, Role.COMMUNICATIONS, now=clock.now())


def test_a_neighbour_knows_of_no_alert_to_sign(work, clock):
    with work() as session:
        world = factories.world(session, now=clock.now())
        alert = ready_draft(session, world.westhaven, now=clock.now())
        submitted(session, world.westhaven, alert, now=clock.now())
        with pytest.raises(NotVisible):
            sign(session, world.eastmoor, "dph", alert, Role.DPH, now=clock.now())


def test_only_the_text_that_was_read_is_signed(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        alert = ready_draft(session, here, now=clock.now())
        first = submitted(session, here, alert, now=clock.now()).digest
        changed = replace(wording_of(session, newest_version(session, alert)), headline="Another headline")
        edit(session, here, "coordinator", alert, changed, now=clock.now())
        submitted(session, here, alert, now=clock.now())
        with pytest.raises(RuleBroken, match="changed since you opened it"):
            sign(session, here, "dph", alert, Role.DPH, now=clock.now(), digest=first)


@pytest.mark.parametrize(
    "tampered",
    [
        {"body": "Other words"},
        {"headline": "Other words"},
        {"level": AlertLevel.INFORMATION},
        {"send_at": datetime(2026, 12, 1, tzinfo=UTC)},
        {"expires_at": datetime(2027, 12, 1, tzinfo=UTC)},
    ],
)
def test_a_text_changed_behind_the_services_back_cannot_be_signed(work, clock, tampered):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        alert = ready_draft(session, here, now=clock.now())
        version = submitted(session, here, alert, now=clock.now())
        session.execute(update(AlertVersion).where(AlertVersion.id == version.id).values(**tampered))
        session.expire_all()
        assert digest_of(session, version) != version.digest
        with pytest.raises(RuleBroken, match="changed since you opened it"):
            sign(session, here, "dph", alert, Role.DPH, now=clock.now())


def test_an_edit_voids_every_signature_and_keeps_it(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        alert = ready_draft(session, here, now=clock.now(), send_at=soon(clock.now(), hours=3))
        submitted(session, here, alert, now=clock.now())
        sign(session, here, "dph", alert, Role.DPH, now=clock.now())
        version = sign(session, here, "chair", alert, Role.CHAIR, now=clock.now())
        assert version.state is VersionState.SCHEDULED
        assert version.release_at == soon(clock.now(), hours=3)
        changed = replace(wording_of(session, version), send_at=soon(clock.now(), hours=4))
        version = edit(session, here, "coordinator", alert, changed, now=clock.now())
        assert (version.state, version.release_at) == (VersionState.DRAFT, None)
        assert [each.voided_at for each in version.sign_offs] == [clock.now(), clock.now()]
        assert {each.void_reason for each in version.sign_offs} == {"The text was changed."}
        submitted(session, here, alert, now=clock.now())
        sign(session, here, "dph", alert, Role.DPH, now=clock.now())
        version = sign(session, here, "chair", alert, Role.CHAIR, now=clock.now())
        assert version.state is VersionState.SCHEDULED
        assert len(version.sign_offs) == 4


def test_saving_what_is_there_already_voids_nothing(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        alert = ready_draft(session, here, now=clock.now())
        version = submitted(session, here, alert, now=clock.now())
        sign(session, here, "dph", alert, Role.DPH, now=clock.now())
        edit(session, here, "coordinator", alert, wording_of(session, version), now=clock.now())
        assert version.state is VersionState.AWAITING_SIGN_OFF
        assert [each.voided_at for each in version.sign_offs] == [None]


def test_when_signed_means_at_once(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        alert = ready_draft(session, here, now=clock.now())
        submitted(session, here, alert, now=clock.now())
        sign(session, here, "dph", alert, Role.DPH, now=clock.now())
        later = clock.advance(minutes=7)
        assert sign(session, here, "chair", alert, Role.CHAIR, now=later).release_at == later


@pytest.mark.parametrize(("late", "state"), [(59, VersionState.SCHEDULED), (61, VersionState.DRAFT)])
def test_a_time_that_passed_goes_at_once_within_the_hour_and_is_asked_for_again_after_it(work, clock, late, state):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        alert = ready_draft(session, here, now=clock.now(), send_at=soon(clock.now(), hours=1))
        submitted(session, here, alert, now=clock.now())
        sign(session, here, "dph", alert, Role.DPH, now=clock.now())
        now = clock.advance(hours=1, minutes=late)
        version = sign(session, here, "chair", alert, Role.CHAIR, now=now)
        assert version.state is state
        if state is VersionState.SCHEDULED:
            assert version.release_at == now
        else:
            assert all(each.voided_at == now for each in version.sign_offs)
            assert "more than an hour" in version.returned_reason


def test_a_return_needs_a_reason_voids_and_tells_the_writer(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        alert = ready_draft(session, here, now=clock.now())
        version = submitted(session, here, alert, now=clock.now())
        sign(session, here, "dph", alert, Role.DPH, now=clock.now())
        command = ReturnAlert(reference=alert.reference, digest=version.digest or "", reason=" ")
        with pytest.raises(RuleBroken, match="Enter why"):
            signing.return_alert(session, here.actor("chair"), command, now=clock.now())
        with pytest.raises(RuleBroken, match="Edit it instead"):
            signing.return_alert(session, here.actor("coordinator"), replace(command, reason="Typo"), now=clock.now())
        signing.return_alert(session, here.actor("chair"), replace(command, reason="Say where."), now=clock.now())
        assert version.state is VersionState.DRAFT
        assert version.returned_reason == "Say where."
        assert version.sign_offs[0].voided_at == clock.now()
        session.flush()
        told = session.scalars(select(OutboxMessage).where(OutboxMessage.subject.contains("draft again"))).all()
        assert [message.to for message in told] == [here.email("coordinator")]
        assert "Say where" not in told[0].body


def test_what_is_not_submitted_cannot_be_signed_or_returned(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        alert = ready_draft(session, here, now=clock.now())
        with pytest.raises(MoveRefused):
            sign(session, here, "dph", alert, Role.DPH, now=clock.now(), digest="x")
        command = ReturnAlert(reference=alert.reference, digest="x", reason="No")
        with pytest.raises(MoveRefused):
            signing.return_alert(session, here.actor("dph"), command, now=clock.now())


def test_an_overturned_decision_takes_a_signed_alert_back(work, clock):
    from review_app import events
    from review_app.panel.events import PanelDecisionOverturned

    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        alert = ready_draft(session, here, now=clock.now(), send_at=soon(clock.now(), hours=3))
        submitted(session, here, alert, now=clock.now())
        sign(session, here, "dph", alert, Role.DPH, now=clock.now())
        sign(session, here, "chair", alert, Role.CHAIR, now=clock.now())
        decision = session.scalars(select(PanelDecision)).one()
        decision.state = PanelDecisionState.OVERTURNED
        overturned = PanelDecisionOverturned(
            signal_id=decision.signal_id,
            decision_id=decision.id,
            reason="Wrong batch",
            by_user_id=here.user("chair").id,
            at=clock.now(),
        )
        events.publish(session, overturned)
        assert newest_version(session, alert).state is VersionState.DRAFT
        with pytest.raises(RuleBroken, match="Still missing"):
            submitted(session, here, alert, now=clock.now())


def test_the_signers_are_told_that_something_waits_and_not_what(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        alert = ready_draft(session, here, now=clock.now())
        submitted(session, here, alert, now=clock.now())
        asked = session.scalars(select(OutboxMessage).where(OutboxMessage.purpose == "alert_signing")).all()
        who = {"coordinator2", "chair", "deputy", "approver", "dph", "communications"}
        assert {message.to for message in asked} == {here.email(key) for key in who}
        assert all("Blue tablets" not in message.subject + message.body for message in asked)
        assert all(alert.reference in message.body for message in asked)
