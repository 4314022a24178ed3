"""Learning points: who records, agrees, withdraws and approves them, in which state of the case, and what is kept."""

from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from review_app import keystore
from review_app.audit.models import AuditEvent
from review_app.catalogue.models import RuleSet
from review_app.errors import NotAllowed, NotVisible, RuleBroken, Stale
from review_app.keystore import KeyDestroyed, RecordKind
from review_app.learning.commands import (
    AgreePoint,
    ApproveWording,
    EditPoint,
    RecordPoint,
    WithdrawPoint,
    WordPoint,
)
from review_app.learning.models import LearningPoint, LearningPointTheme
from review_app.learning.queries.points import case_learning
from review_app.learning.rules.states import (
    MAY_AGREE,
    MAY_RECORD,
    MAY_WORD,
    POINT_WORKFLOW,
    PointAction,
    PointState,
    Polarity,
    RecommendationState,
)
from review_app.learning.service import points
from review_app.links.models import EvidenceLink, Relation
from review_app.panel.models.meetings import ConfidentialityAcceptance, MeetingAttendance, PanelMeeting
from review_app.panel.rules.meetings import MeetingState
from review_app.reviews.models import DeclarationOfInterest, MeetingCase
from review_app.reviews.rules.states import CONFLICTS, CaseState, ConflictKind
from tests import factories, learned, reviewing


@pytest.fixture
def here(work, clock):
    with work() as session:
        return factories.world(session, now=clock.now()).westhaven


@pytest.fixture
def case(work, here, clock):
    with work() as session:
        return reviewing.make_case(session, here, now=clock.now(), state=CaseState.IN_PANEL)


def declare(session, here, case, who, kind, *, now):
    """Declare something about a case."""
    session.add(
        DeclarationOfInterest(
            case_uuid=case.uuid,
            case_id=case.id,
            user_id=here.user(who).id,
            kind=kind,
            declared_at=now,
            declared_by_id=here.user(who).id,
        )
    )
    session.flush()


def sit(session, here, case, who, *, now, scribe=False, state=MeetingState.HELD):
    """Hold a sitting that dealt with a case, attended by somebody who accepted its statement and has no conflict."""
    statement = session.scalars(select(RuleSet).where(RuleSet.key == "confidentiality_statement")).first()
    meeting = PanelMeeting(
        reference=f"WES-M-2026-{case.id:04d}",
        partnership_id=here.partnership.id,
        panel_id=here.review_panel.id,
        state=state,
        starts_at=now,
        statement_id=statement.id,
        planned_by_id=here.user("review.coordinator").id,
        planned_at=now,
        held_at=now if state is MeetingState.HELD else None,
    )
    session.add(meeting)
    session.flush()
    user = here.user(who)
    session.add(MeetingAttendance(meeting_id=meeting.id, user_id=user.id, scribe=scribe, invited_at=now))
    session.add(
        ConfidentialityAcceptance(meeting_id=meeting.id, user_id=user.id, statement_id=statement.id, accepted_at=now)
    )
    session.add(
        MeetingCase(
            meeting_id=meeting.id,
            case_id=case.id,
            case_uuid=case.uuid,
            position=1,
            added_at=now,
            added_by_id=meeting.planned_by_id,
        )
    )
    declare(session, here, case, who, ConflictKind.NONE, now=now)
    return meeting


def do(session, here, who, action, case, point, *, now):
    """Do one thing with a learning point, as its page would."""
    actor, names = here.actor(who), {"reference": case.reference, "point": point.reference}
    match action:
        case PointAction.EDIT:
            said = learned.content(session, statement="They met every fortnight.")
            return points.edit_point(session, actor, EditPoint(content=said, version=point.version, **names), now=now)
        case PointAction.AGREE:
            return points.agree_point(session, actor, AgreePoint(version=point.version, **names), now=now)
        case PointAction.WITHDRAW:
            return points.withdraw_point(session, actor, WithdrawPoint(reason="Said twice.", **names), now=now)
        case PointAction.WORD:
            command = WordPoint(wording="Meet every week.", version=point.version, **names)
            return points.word_point(session, actor, command, now=now)
        case PointAction.APPROVE_WORDING:
            return points.approve_wording(session, actor, ApproveWording(version=point.version, **names), now=now)


def test_a_point_is_kept_sealed_linked_and_audited_without_its_words(work, here, clock, case):
    with work() as session:
        point = learned.make_point(session, here, case, now=clock.now(), themes=(1, 8), wording="Meet weekly.")
        reference = point.reference
    with work() as session:
        point = session.scalars(select(LearningPoint)).one()
        assert (point.state, point.statement) == (PointState.DRAFT, learned.content(session).statement)
        assert [each.position for each in point.themes] == [1, 2]
        stored = session.execute(text("SELECT * FROM learning_point")).mappings().one()
        assert not any(
            "Housing and treatment" in str(value) or "Meet weekly" in str(value) for value in stored.values()
        )
        link = session.scalars(select(EvidenceLink)).one()
        assert (link.relation, link.from_review_case_id, link.note) == (Relation.GAVE_LEARNING, case.id, "")
        event = session.scalars(select(AuditEvent).where(AuditEvent.object_reference == reference)).one()
        assert (event.verb, event.section) == ("add", "learning")
        assert "Housing" not in event.content


def test_sending_the_same_point_twice_adds_it_once(work, here, clock, case):
    with work() as session:
        first = learned.make_point(session, here, case, now=clock.now())
        again = learned.make_point(session, here, case, now=clock.now())
        assert again is first
        assert learned.make_point(session, here, case, now=clock.now(), by="review.chair") is not first


def test_those_who_run_the_review_record_learning_and_for_everyone_else_there_is_no_such_case(work, here, clock, case):
    recorders = {"review.coordinator", "review.chair", "review.deputy"}
    with work() as session:
        for who in here.actors:
            if who in recorders:
                point = learned.make_point(session, here, case, now=clock.now(), by=who)
                assert point.recorded_by_id == here.user(who).id
            else:
                with pytest.raises(NotVisible):
                    learned.make_point(session, here, case, now=clock.now(), by=who)


def test_a_scribe_of_a_sitting_records_and_another_member_only_reads(work, here, clock, case):
    with work() as session:
        sit(session, here, case, "review.member", now=clock.now(), scribe=True)
        learned.make_point(session, here, case, now=clock.now(), by="review.member")
        seen = case_learning(session, here.actor("review.member"), case.reference, now=clock.now())
        assert seen.may_record
        assert len(seen.standing) == 1
        assert not any({PointAction.AGREE, PointAction.APPROVE_WORDING} & each.may for each in seen.points)
    with work() as session:
        session.scalars(select(MeetingAttendance)).one().scribe = False
        session.flush()
        assert not case_learning(session, here.actor("review.member"), case.reference, now=clock.now()).may_record
        with pytest.raises(NotVisible):
            learned.make_point(session, here, case, now=clock.now(), by="review.member", statement="Another.")


def test_a_recused_chair_neither_reads_records_nor_agrees(work, here, clock):
    with work() as session:
        for who, kind in product(["review.chair", "review.deputy"], CONFLICTS):
            case = reviewing.make_case(session, here, now=clock.now(), state=CaseState.IN_PANEL)
            point = learned.make_point(session, here, case, now=clock.now())
            declare(session, here, case, who, kind, now=clock.now())
            with pytest.raises(NotVisible):
                case_learning(session, here.actor(who), case.reference, now=clock.now())
            for action in PointAction:
                with pytest.raises(NotVisible):
                    do(session, here, who, action, case, point, now=clock.now())


def test_the_state_of_the_case_says_what_can_be_done_with_its_learning(work, here, clock):
    with work() as session:
        for state in CaseState:
            case = reviewing.make_case(session, here, now=clock.now(), state=CaseState.IN_PANEL)
            draft = learned.make_point(session, here, case, now=clock.now(), statement="A draft.", wording="A wording.")
            agreed = learned.agreed_point(session, here, case, now=clock.now(), wording="Meet every week, all of you.")
            case.facts = {} if state is CaseState.DESTROYED else case.facts
            case.state = state
            case.destroyed_at = clock.now() if state is CaseState.DESTROYED else None
            session.flush()
            for action, who, point, allowed in (
                (PointAction.EDIT, "review.coordinator", draft, MAY_RECORD),
                (PointAction.AGREE, "review.chair", draft, MAY_AGREE),
                (PointAction.WORD, "review.coordinator", agreed, MAY_WORD),
                (PointAction.APPROVE_WORDING, "review.chair", agreed, MAY_WORD),
                (PointAction.WITHDRAW, "review.chair", agreed, MAY_RECORD),
            ):
                if state in allowed:
                    do(session, here, who, action, case, point, now=clock.now())
                    session.flush()
                else:
                    with pytest.raises((RuleBroken, NotVisible)):
                        do(session, here, who, action, case, point, now=clock.now())


def test_every_action_on_a_point_in_every_state(work, here, clock, case):
    with work() as session:
        for number, (state, action) in enumerate(product(PointState, PointAction)):
            said = {"statement": f"Statement {number}.", "wording": "Meet every week, all of you."}
            point = learned.point_in(session, here, case, state, now=clock.now(), **said)
            session.flush()
            who = "review.coordinator" if action in (PointAction.EDIT, PointAction.WORD) else "review.chair"
            if (state, action) in POINT_WORKFLOW.moves:
                done = do(session, here, who, action, case, point, now=clock.now())
                session.flush()
                assert done.state is POINT_WORKFLOW.moves[state, action]
            else:
                with pytest.raises(RuleBroken):
                    do(session, here, who, action, case, point, now=clock.now())


def test_a_point_has_one_to_three_themes_that_are_in_use(work, here, clock, case):
    with work() as session:
        for themes in ((), (1, 2, 3, 4)):
            with pytest.raises(RuleBroken, match="one, two or three"):
                learned.make_point(session, here, case, now=clock.now(), themes=themes)
        strange = learned.content(session)
        odd = RecordPoint(
            reference=case.reference,
            content=type(strange)(statement="x", polarity=Polarity.OBSERVATION, theme_ids=(999_999,)),
        )
        with pytest.raises(RuleBroken, match="not in use"):
            points.record_point(session, here.actor("review.coordinator"), odd, now=clock.now())


@pytest.mark.both_databases
def test_the_database_itself_refuses_a_fourth_theme_and_an_approval_by_the_writer(app, work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        case = reviewing.make_case(session, here, now=clock.now(), state=CaseState.IN_PANEL)
        point = learned.agreed_point(
            session, here, case, now=clock.now(), themes=(1, 2, 3), wording="Meet every week, all of you."
        )
        number = point.id
        fourth = learned.theme_ids(session, 4)[0]
    for place in (0, 4, 3):
        with pytest.raises(IntegrityError), work() as session:
            session.add(LearningPointTheme(point_id=number, theme_id=fourth, position=place))
    approve = "UPDATE learning_point SET shareable = 'x', approved_at = recorded_at, approved_by_id = worded_by_id"
    with pytest.raises(IntegrityError, match="not_the_writer"), work() as session:
        session.execute(text(approve))
    with pytest.raises(IntegrityError, match="ck_learning_point_agreed"), work() as session:
        session.execute(text("UPDATE learning_point SET agreed_at = NULL"))


@pytest.mark.both_databases
def test_two_people_who_edit_a_draft_are_shown_both(app, work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        case = reviewing.make_case(session, here, now=clock.now(), state=CaseState.IN_PANEL)
        point = learned.make_point(session, here, case, now=clock.now(), themes=(1, 2))
        session.flush()
        names, opened = {"reference": case.reference, "point": point.reference}, point.version
    with work() as session:
        mine = learned.content(session, statement="They met every day.", themes=(2, 3))
        points.edit_point(
            session, here.actor("review.chair"), EditPoint(content=mine, version=opened, **names), now=clock.now()
        )
    with work() as session:
        theirs = learned.content(session, statement="They never met.", polarity=Polarity.AREA_FOR_LEARNING)
        command = EditPoint(content=theirs, version=opened, **names)
        with pytest.raises(Stale) as refused:
            points.edit_point(session, here.actor("review.coordinator"), command, now=clock.now())
        rows = {row[0]: row[1:] for row in refused.value.differences}
        assert rows["What was learned"] == ("They never met.", "They met every day.")
        assert rows["Kind"] == ("Area for learning", "Good practice")
        assert rows["Themes"][1] == "Lead professional and co-ordination and Flexible, person-centred care"


def test_what_changed_after_it_was_read_is_not_agreed(work, here, clock, case):
    with work() as session:
        point = learned.make_point(session, here, case, now=clock.now())
        session.flush()
        command = AgreePoint(reference=case.reference, point=point.reference, version=point.version)
        do(session, here, "review.coordinator", PointAction.EDIT, case, point, now=clock.now())
        session.flush()
        with pytest.raises(Stale):
            points.agree_point(session, here.actor("review.chair"), command, now=clock.now())


def test_only_a_chair_or_deputy_agrees(work, here, clock, case):
    with work() as session:
        sit(session, here, case, "review.member", now=clock.now(), scribe=True)
        point = learned.make_point(session, here, case, now=clock.now())
        for who in set(here.actors) - {"review.chair", "review.deputy"}:
            with pytest.raises((NotAllowed, NotVisible)):
                do(session, here, who, PointAction.AGREE, case, point, now=clock.now())


def test_a_point_is_agreed_with_the_sitting_where_there_was_one(work, here, clock, case):
    with work() as session:
        assert learned.agreed_point(session, here, case, now=clock.now()).meeting_id is None
        meeting = sit(session, here, case, "review.member", now=clock.now())
        later = learned.agreed_point(session, here, case, now=clock.now(), statement="They wrote it down.")
        assert later.meeting_id == meeting.id
        assert (later.agreed_at, later.agreed_by_id) == (clock.now(), here.user("review.chair").id)


def test_an_agreed_point_is_withdrawn_by_a_chair_and_not_while_something_rests_on_it(work, here, clock, case):
    with work() as session:
        point = learned.told_point(session, here, case, now=clock.now())
        with pytest.raises(NotAllowed):
            do(session, here, "review.coordinator", PointAction.WITHDRAW, case, point, now=clock.now())
        resting = learned.make_recommendation(session, here, [point], now=clock.now())
        with pytest.raises(RuleBroken, match=resting.reference):
            do(session, here, "review.chair", PointAction.WITHDRAW, case, point, now=clock.now())
        resting.state, resting.ended_at = RecommendationState.SUPERSEDED, clock.now()
        session.flush()
        do(session, here, "review.chair", PointAction.WITHDRAW, case, point, now=clock.now())
        session.flush()
        assert (point.shareable, point.approved_at, point.reason) == ("", None, "Said twice.")
        link = session.scalars(select(EvidenceLink).where(EvidenceLink.relation == Relation.GAVE_LEARNING)).one()
        assert (link.reversed_by_id, link.reversal_reason) == (here.user("review.chair").id, points.WITHDRAWN)


def test_a_wording_that_may_identify_someone_is_not_approved_until_it_is_changed(work, here, clock, case):
    with work() as session:
        point = learned.agreed_point(session, here, case, now=clock.now(), wording="Nobody rang 07700 900123.")
        with pytest.raises(RuleBroken, match="may identify someone"):
            do(session, here, "review.chair", PointAction.APPROVE_WORDING, case, point, now=clock.now())
        do(session, here, "review.coordinator", PointAction.WORD, case, point, now=clock.now())
        session.flush()
        do(session, here, "review.chair", PointAction.APPROVE_WORDING, case, point, now=clock.now())
        assert point.shareable == "Meet every week."


def test_whoever_wrote_a_wording_does_not_approve_it_and_a_change_needs_another_approval(work, here, clock, case):
    with work() as session:
        point = learned.agreed_point(session, here, case, now=clock.now())
        with pytest.raises(RuleBroken, match="no wording"):
            do(session, here, "review.chair", PointAction.APPROVE_WORDING, case, point, now=clock.now())
        do(session, here, "review.chair", PointAction.WORD, case, point, now=clock.now())
        session.flush()
        with pytest.raises(RuleBroken, match="You wrote this wording"):
            do(session, here, "review.chair", PointAction.APPROVE_WORDING, case, point, now=clock.now())
        do(session, here, "review.deputy", PointAction.APPROVE_WORDING, case, point, now=clock.now())
        session.flush()
        names = {"reference": case.reference, "point": point.reference}
        command = WordPoint(wording="Meet every day.", version=point.version, **names)
        points.word_point(session, here.actor("review.coordinator"), command, now=clock.now())
        session.flush()
        assert (point.shareable, point.approved_by_id) == ("", None)


def test_when_the_key_is_gone_no_copy_opens_what_was_learned(work, here, clock, case):
    with work() as session:
        learned.make_point(session, here, case, now=clock.now())
    keystore.destroy_data_key(RecordKind.REVIEW_CASE, case.uuid, now=clock.now() + timedelta(days=1))
    with work() as session, pytest.raises(KeyDestroyed):
        _ = session.scalars(select(LearningPoint)).one().statement
