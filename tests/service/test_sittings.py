"""Sittings of the review panel: planning, accepting, declaring, listing, holding, minuting, cancelling."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from review_app.audit.models import AuditEvent
from review_app.errors import MoveRefused, NotAllowed, NotVisible, RuleBroken, Stale
from review_app.outbox.models import OutboxMessage
from review_app.panel.commands import AcceptStatement, ChangeMeeting, MeetingPlan, PlanMeeting
from review_app.panel.emails import meeting_cancelled_mail, meeting_mail, meeting_moved_mail
from review_app.panel.models.meetings import PanelMeeting
from review_app.panel.queries import meetings as meeting_queries
from review_app.panel.rules.meetings import MeetingState, Presence
from review_app.panel.service.meetings import accept_statement, change_meeting, plan_meeting
from review_app.reviews.commands.findings import DeferCase
from review_app.reviews.commands.meetings import (
    AgendaItem,
    CancelMeeting,
    HoldMeeting,
    MinuteMeeting,
    RecordAttendance,
)
from review_app.reviews.queries import agenda
from review_app.reviews.rules.states import CaseState, ConflictKind
from review_app.reviews.service.agenda import defer_case, list_case, put_on_agenda, take_off_agenda
from review_app.reviews.service.sittings import cancel_meeting, hold_meeting, minute_meeting, record_attendance
from tests import factories, reviewing, sittings
from tests.service.test_alert_texts import same_as_stored

COORDINATOR = "review.coordinator"


@pytest.fixture
def here(work, clock):
    with work() as session:
        return factories.world(session, now=clock.now()).westhaven


def plan(here, clock, *people: str, scribe: str = "", place: str = "Room 4", **later: float) -> MeetingPlan:
    return MeetingPlan(
        starts_at=clock.now() + timedelta(**(later or {"days": 7})),
        place=place,
        user_ids=tuple(here.user(key).id for key in people or sittings.SITTERS),
        scribe_id=here.user(scribe).id if scribe else None,
    )


def ready_case(session, here, clock, state: CaseState = CaseState.INFO_READY):
    return reviewing.make_case(session, here, now=clock.now(), state=state)


def item(meeting, case) -> AgendaItem:
    return AgendaItem(meeting=meeting.reference, reference=case.reference)


def listed(session, here, clock, *cases, **ready):
    meeting = sittings.plan_meeting(session, here, now=clock.now(), cases=cases)
    sittings.be_ready(session, here, meeting, now=clock.now(), **ready)
    return meeting


def verbs_of(session, reference: str) -> list[str]:
    rows = select(AuditEvent.verb).where(AuditEvent.object_reference == reference).order_by(AuditEvent.sequence)
    return list(session.scalars(rows))


# Planning


def test_a_plan_invites_everybody_on_its_list_and_says_nothing_in_the_mail(work, here, clock):
    with work() as session:
        command = PlanMeeting(plan=plan(here, clock, scribe="review.member"))
        meeting = plan_meeting(session, here.actor(COORDINATOR), command, now=clock.now())
        assert meeting.reference == "WES-M-2026-0001"
        assert meeting.state is MeetingState.PLANNED
        people = meeting_queries.attendees(session, meeting, on=clock.now().date())
        assert [(each.email.partition("@")[0], each.chairs, each.scribe) for each in people] == [
            ("review.chair", True, False),
            ("review.deputy", True, False),
            ("review.coordinator", False, False),
            ("review.member", False, True),
        ]
        mails = session.scalars(select(OutboxMessage)).all()
        assert {each.to for each in mails} == {here.email(key) for key in sittings.SITTERS}
        assert {each.subject for each in mails} == {"A meeting waits for you"}
        assert all(f"/meetings/{meeting.reference}" in each.body and "Room 4" not in each.body for each in mails)


def test_the_same_plan_pressed_twice_is_one_meeting(work, here, clock):
    with work() as session:
        command = PlanMeeting(plan=plan(here, clock))
        first = plan_meeting(session, here.actor(COORDINATOR), command, now=clock.now())
        assert plan_meeting(session, here.actor(COORDINATOR), command, now=clock.now()) is first
        assert session.scalar(select(func.count()).select_from(PanelMeeting)) == 1
        assert session.scalar(select(func.count()).select_from(OutboxMessage)) == 4


@pytest.mark.parametrize("who", ["review.chair", "review.member", "coordinator", "admin", "ig"])
def test_only_the_review_coordinator_plans(work, here, clock, who):
    with work() as session, pytest.raises(NotAllowed):
        plan_meeting(session, here.actor(who), PlanMeeting(plan=plan(here, clock)), now=clock.now())


@pytest.mark.parametrize(
    ("people", "scribe", "later", "refusal"),
    [
        (("housing.rep",), "", {"days": 1}, "no longer sits on the panel|Select who"),
        (("review.chair", "housing.rep"), "", {"days": 1}, "no longer sits on the panel"),
        (("review.chair",), "review.member", {"days": 1}, "scribe must be on the attendance list"),
        (("review.chair",), "", {"days": -1}, "still to come"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(work, here, clock, people, scribe, later, refusal):
    command = PlanMeeting(plan=plan(here, clock, *people, scribe=scribe, **later))
    with work() as session, pytest.raises(RuleBroken, match=refusal):
        plan_meeting(session, here.actor(COORDINATOR), command, now=clock.now())


def test_a_changed_plan_invites_who_is_new_and_tells_the_others_of_another_time(work, here, clock):
    with work() as session:
        meeting = sittings.plan_meeting(session, here, now=clock.now(), people=("review.chair", "review.member"))
        wanted = plan(here, clock, "review.chair", "review.deputy", days=8)
        command = ChangeMeeting(reference=meeting.reference, plan=wanted, version=meeting.version)
        change_meeting(session, here.actor(COORDINATOR), command, now=clock.now())
        session.flush()
        mails = session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)).all()[2:]
        assert [(each.to.partition("@")[0], each.subject) for each in mails] == [
            ("review.deputy", "A meeting waits for you"),
            ("review.chair", "A meeting has changed"),
        ]
        people = meeting_queries.attendees(session, meeting, on=clock.now().date())
        assert [each.email.partition("@")[0] for each in people] == ["review.chair", "review.deputy"]


def test_the_second_of_two_people_who_change_a_plan_is_shown_the_differences(work, here, clock):
    with work() as session:
        meeting = sittings.plan_meeting(session, here, now=clock.now())
        read = meeting.version
        first = ChangeMeeting(reference=meeting.reference, plan=plan(here, clock, place="Room 5"), version=read)
        change_meeting(session, here.actor(COORDINATOR), first, now=clock.now())
        session.flush()
        second = ChangeMeeting(reference=meeting.reference, plan=plan(here, clock, "review.chair"), version=read)
        with pytest.raises(Stale) as stale:
            change_meeting(session, here.actor(COORDINATOR), second, now=clock.now())
        assert [row[0] for row in stale.value.differences] == ["Where", "Attendance list"]
        assert stale.value.differences[0] == ("Where", "Room 4", "Room 5")


def test_who_is_not_asked_and_does_not_run_reviews_finds_no_meeting(work, here, clock):
    with work() as session:
        meeting = sittings.plan_meeting(session, here, now=clock.now(), people=("review.chair",))
        for who in ("review.member", "coordinator", "housing.rep", "admin", "dph"):
            with pytest.raises(NotVisible):
                meeting_queries.get_meeting(session, here.actor(who), meeting.reference)
        for who in (COORDINATOR, "review.chair", "review.deputy", "ig"):
            assert meeting_queries.get_meeting(session, here.actor(who), meeting.reference) is meeting


def test_only_somebody_asked_accepts_and_once_is_enough(work, here, clock):
    with work() as session:
        meeting = sittings.plan_meeting(session, here, now=clock.now(), people=("review.chair",))
        command = AcceptStatement(reference=meeting.reference)
        for _press in range(2):
            accept_statement(session, here.actor("review.chair"), command, now=clock.now())
        with pytest.raises(NotAllowed):
            accept_statement(session, here.actor("ig"), command, now=clock.now())
    with work() as session:
        assert verbs_of(session, command.reference).count("accept_statement") == 1


@pytest.mark.parametrize(
    ("name", "mail"),
    [("meeting", meeting_mail), ("meeting_moved", meeting_moved_mail), ("meeting_cancelled", meeting_cancelled_mail)],
)
def test_the_words_of_each_message_are_the_stored_ones(work, here, name, mail):
    with work():
        same_as_stored(name, *mail("WES-M-2026-0001"))


# The agenda


def test_a_case_goes_on_one_agenda_and_its_papers_begin(work, here, clock):
    with work() as session:
        case = ready_case(session, here, clock)
        meeting = sittings.plan_meeting(session, here, now=clock.now(), cases=[case])
        assert case.state is CaseState.PACK_DRAFT
        put_on_agenda(session, here.actor(COORDINATOR), item(meeting, case), now=clock.now())
        assert len(agenda.agenda_of(session, meeting)) == 1
        other = sittings.plan_meeting(session, here, now=clock.advance(minutes=20))
        with pytest.raises(RuleBroken, match=f"agenda of {meeting.reference} already"):
            put_on_agenda(session, here.actor(COORDINATOR), item(other, case), now=clock.now())


@pytest.mark.parametrize("state", sorted(set(CaseState) - {"info_ready", "pack_draft", "deferred", "destroyed"}))
def test_in_other_states_a_case_does_not_go_on_an_agenda(work, here, clock, state):
    with work() as session:
        case = ready_case(session, here, clock, state)
        meeting = sittings.plan_meeting(session, here, now=clock.now())
        with pytest.raises(MoveRefused):
            put_on_agenda(session, here.actor(COORDINATOR), item(meeting, case), now=clock.now())


def test_a_case_taken_off_can_come_back_and_is_then_last(work, here, clock):
    with work() as session:
        one, two = ready_case(session, here, clock), ready_case(session, here, clock)
        meeting = sittings.plan_meeting(session, here, now=clock.now(), cases=[one, two])
        take_off_agenda(session, here.actor(COORDINATOR), item(meeting, one), now=clock.now())
        session.flush()
        assert [each.case_id for each in agenda.agenda_of(session, meeting)] == [two.id]
        put_on_agenda(session, here.actor(COORDINATOR), item(meeting, one), now=clock.now())
        session.flush()
        assert [each.case_id for each in agenda.agenda_of(session, meeting)] == [two.id, one.id]


def test_a_case_is_listed_only_when_everybody_has_declared(work, here, clock):
    with work() as session:
        case = ready_case(session, here, clock)
        meeting = sittings.plan_meeting(session, here, now=clock.now(), cases=[case])
        for who in ("review.chair", "review.coordinator"):
            sittings.declare(session, here, case, who, now=clock.now())
        with pytest.raises(RuleBroken, match=r"Still to declare for this case: Review Deputy Example, Review Member"):
            list_case(session, here.actor(COORDINATOR), item(meeting, case), now=clock.now())
        sittings.be_ready(session, here, meeting, now=clock.now())
        assert case.state is CaseState.LISTED
        assert meeting.state is MeetingState.PACK_READY


def test_who_sent_apologies_is_not_waited_for(work, here, clock):
    with work() as session:
        case = ready_case(session, here, clock)
        meeting = sittings.plan_meeting(session, here, now=clock.now(), cases=[case])
        away = frozenset({here.user("review.member").id})
        command = RecordAttendance(meeting=meeting.reference, attended=frozenset(), apologies=away)
        record_attendance(session, here.actor(COORDINATOR), command, now=clock.now())
        session.flush()
        for who in ("review.chair", "review.coordinator", "review.deputy"):
            sittings.declare(session, here, case, who, now=clock.now())
        list_case(session, here.actor(COORDINATOR), item(meeting, case), now=clock.now())
        assert case.state is CaseState.LISTED


def test_a_case_that_nobody_can_chair_is_not_listed(work, here, clock):
    with work() as session:
        case = ready_case(session, here, clock)
        meeting = sittings.plan_meeting(session, here, now=clock.now(), cases=[case])
        conflicts = {"review.chair": ConflictKind.LINE_MANAGES, "review.deputy": ConflictKind.INVOLVED_IN_CARE}
        with pytest.raises(RuleBroken, match="No chair or deputy chair without an interest"):
            sittings.be_ready(session, here, meeting, now=clock.now(), conflicts=conflicts)
        assert case.state is CaseState.PACK_DRAFT


def test_a_listed_case_is_put_off_with_a_reason_and_can_be_listed_again(work, here, clock):
    with work() as session:
        case = ready_case(session, here, clock)
        meeting = listed(session, here, clock, case)
        with pytest.raises(RuleBroken, match="Put it off with a reason"):
            take_off_agenda(session, here.actor(COORDINATOR), item(meeting, case), now=clock.now())
        command = DeferCase(reference=case.reference, reason=" ")
        with pytest.raises(RuleBroken, match="Enter why"):
            defer_case(session, here.actor(COORDINATOR), command, now=clock.now())
        command = DeferCase(reference=case.reference, reason="Toxicology is expected next week.")
        defer_case(session, here.actor(COORDINATOR), command, now=clock.now())
        assert case.state is CaseState.DEFERRED
        assert meeting.state is MeetingState.PLANNED
        assert agenda.agenda_of(session, meeting) == []
        put_on_agenda(session, here.actor(COORDINATOR), item(meeting, case), now=clock.now())
        session.flush()
        list_case(session, here.actor(COORDINATOR), item(meeting, case), now=clock.now())
        assert (case.state, meeting.state) == (CaseState.LISTED, MeetingState.PACK_READY)


# The sitting itself


def test_a_held_meeting_takes_up_what_is_listed_and_lets_the_rest_go(work, here, clock):
    with work() as session:
        one, two = ready_case(session, here, clock), ready_case(session, here, clock)
        meeting = listed(session, here, clock, one)
        put_on_agenda(session, here.actor(COORDINATOR), item(meeting, two), now=clock.now())
        sittings.hold(session, here, meeting, now=clock.advance(days=7))
        assert (one.state, two.state) == (CaseState.IN_PANEL, CaseState.PACK_DRAFT)
        assert meeting.held_at == clock.now()
        assert agenda.upcoming_item(session, two) is None
        assert [each.case_id for each in agenda.agenda_of(session, meeting)] == [one.id]


def test_a_meeting_is_held_only_when_it_is_known_who_came(work, here, clock):
    with work() as session:
        meeting = listed(session, here, clock, ready_case(session, here, clock))
        with pytest.raises(RuleBroken, match=r"Record first whether they came: .*Record first who came"):
            hold_meeting(
                session, here.actor(COORDINATOR), HoldMeeting(meeting=meeting.reference), now=clock.advance(days=7)
            )


def test_somebody_who_came_without_declaring_stops_the_meeting_being_held(work, here, clock):
    with work() as session:
        case = ready_case(session, here, clock)
        meeting = sittings.plan_meeting(session, here, now=clock.now(), people=("review.chair",), cases=[case])
        sittings.be_ready(session, here, meeting, now=clock.now())
        wanted = plan(here, clock, "review.chair", "review.member")
        session.flush()
        command = ChangeMeeting(reference=meeting.reference, plan=wanted, version=meeting.version)
        change_meeting(session, here.actor(COORDINATOR), command, now=clock.now())
        session.flush()
        with pytest.raises(RuleBroken, match="statement is not accepted yet by Review Member"):
            sittings.hold(session, here, meeting, now=clock.now())
        accept_statement(
            session, here.actor("review.member"), AcceptStatement(reference=meeting.reference), now=clock.now()
        )
        with pytest.raises(RuleBroken, match=f"{case.reference}: Still to declare for this case: Review Member"):
            sittings.hold(session, here, meeting, now=clock.now())
        sittings.declare(session, here, case, "review.member", now=clock.now(), meeting=meeting)
        sittings.hold(session, here, meeting, now=clock.now())
        assert case.state is CaseState.IN_PANEL


def test_a_case_whose_free_chair_stayed_away_is_not_taken_up(work, here, clock):
    with work() as session:
        case = ready_case(session, here, clock)
        meeting = listed(session, here, clock, case, conflicts={"review.chair": ConflictKind.LINE_MANAGES})
        away = here.user("review.deputy").id
        came = frozenset(row.user_id for row in meeting.attendance) - {away}
        command = RecordAttendance(meeting=meeting.reference, attended=came, apologies=frozenset({away}))
        record_attendance(session, here.actor(COORDINATOR), command, now=clock.now())
        with pytest.raises(RuleBroken, match="No chair or deputy chair without an interest"):
            hold_meeting(
                session, here.actor(COORDINATOR), HoldMeeting(meeting=meeting.reference), now=clock.advance(days=7)
            )


def test_a_meeting_is_not_held_before_its_day(work, here, clock):
    with work() as session:
        case = ready_case(session, here, clock)
        meeting = listed(session, here, clock, case)
        came = frozenset(row.user_id for row in meeting.attendance)
        command = RecordAttendance(meeting=meeting.reference, attended=came, apologies=frozenset())
        record_attendance(session, here.actor(COORDINATOR), command, now=clock.now())
        holding = HoldMeeting(meeting=meeting.reference)
        with pytest.raises(RuleBroken, match="This meeting is on 16 November 2026"):
            hold_meeting(session, here.actor(COORDINATOR), holding, now=clock.advance(days=6, hours=13, minutes=59))
        assert meeting.held_at is None
        hold_meeting(session, here.actor(COORDINATOR), holding, now=clock.advance(minutes=2))
        assert case.state is CaseState.IN_PANEL


def test_the_minutes_hold_a_decision_for_every_case_and_are_written_once(work, here, clock):
    with work() as session:
        case = ready_case(session, here, clock)
        meeting = sittings.plan_meeting(session, here, now=clock.now(), cases=[case], scribe="review.member")
        sittings.be_ready(session, here, meeting, now=clock.now())
        sittings.hold(session, here, meeting, now=clock.now())
        scribe = here.actor("review.member")
        with pytest.raises(RuleBroken, match=f"Enter what was decided about {case.reference}"):
            minute_meeting(session, scribe, MinuteMeeting(meeting=meeting.reference, decisions={}), now=clock.now())
        command = MinuteMeeting(meeting=meeting.reference, decisions={case.reference: "Findings to be written."})
        minute_meeting(session, scribe, command, now=clock.now())
        session.flush()
        assert meeting.state is MeetingState.MINUTED
        assert [each.decision for each in agenda.agenda_of(session, meeting)] == ["Findings to be written."]
        with pytest.raises(MoveRefused):
            minute_meeting(session, scribe, command, now=clock.now())


def test_a_member_who_is_not_the_scribe_keeps_no_record(work, here, clock):
    with work() as session:
        meeting = listed(session, here, clock, ready_case(session, here, clock))
        command = RecordAttendance(meeting=meeting.reference, attended=frozenset(), apologies=frozenset())
        with pytest.raises(NotAllowed):
            record_attendance(session, here.actor("review.member"), command, now=clock.now())


def test_a_cancelled_meeting_puts_its_listed_cases_off_and_tells_everybody(work, here, clock):
    with work() as session:
        one, two = ready_case(session, here, clock), ready_case(session, here, clock)
        meeting = listed(session, here, clock, one)
        put_on_agenda(session, here.actor(COORDINATOR), item(meeting, two), now=clock.now())
        command = CancelMeeting(meeting=meeting.reference, reason="")
        with pytest.raises(RuleBroken, match="Enter why"):
            cancel_meeting(session, here.actor(COORDINATOR), command, now=clock.now())
        command = CancelMeeting(meeting=meeting.reference, reason="The room is flooded.")
        cancel_meeting(session, here.actor(COORDINATOR), command, now=clock.now())
        session.flush()
        assert (one.state, two.state) == (CaseState.DEFERRED, CaseState.PACK_DRAFT)
        subjects = session.scalars(select(OutboxMessage.subject)).all()
        assert subjects.count("A meeting is cancelled") == 4
        other = sittings.plan_meeting(session, here, now=clock.advance(minutes=20), cases=[one, two])
        assert len(agenda.agenda_of(session, other)) == 2


def test_attendance_can_be_put_right_after_the_meeting_until_it_is_minuted(work, here, clock):
    with work() as session:
        meeting = listed(session, here, clock, ready_case(session, here, clock))
        sittings.hold(session, here, meeting, now=clock.now())
        everyone = frozenset(row.user_id for row in meeting.attendance)
        away = frozenset({here.user("review.member").id})
        command = RecordAttendance(meeting=meeting.reference, attended=everyone - away, apologies=away)
        record_attendance(session, here.actor("review.chair"), command, now=clock.now())
        session.flush()
        people = meeting_queries.attendees(session, meeting, on=clock.now().date())
        assert {each.email.partition("@")[0] for each in people if each.presence is Presence.APOLOGIES} == {
            "review.member"
        }
        nobody = RecordAttendance(meeting=meeting.reference, attended=frozenset(), apologies=frozenset())
        with pytest.raises(RuleBroken, match="Record first"):
            record_attendance(session, here.actor("review.chair"), nobody, now=clock.now())
