"""Recommendations and actions: who moves them, in which state, what is kept, and who may know of which."""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import product

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from review_app.audit.models import AuditEvent
from review_app.errors import NotAllowed, NotVisible, RuleBroken, Stale
from review_app.home.queries.learning import actions_to_carry_out
from review_app.learning.commands import (
    AcceptAction,
    AcceptRecommendation,
    AddEvidence,
    BlockAction,
    ChangeDue,
    CheckImpact,
    CloseAction,
    CompleteRecommendation,
    DeclineRecommendation,
    DraftRecommendation,
    EditRecommendation,
    Evidence,
    MarkActionDone,
    ProposeAction,
    ProposeRecommendation,
    RefuseAction,
    SendBackAction,
    StartAction,
    SupersedeRecommendation,
    TransferAction,
    UnblockAction,
)
from review_app.learning.models import Action, ActionStep
from review_app.learning.queries import actions as action_queries
from review_app.learning.queries import narrowing
from review_app.learning.queries import recommendations as recommendation_queries
from review_app.learning.queries.actions import ActionFilter
from review_app.learning.rules.states import (
    ACTION_WORKFLOW,
    OF_COORDINATOR,
    RECOMMENDATION_WORKFLOW,
    ActionMove,
    ActionState,
    RecommendationAction,
    RecommendationState,
    Recurred,
    Strength,
)
from review_app.learning.service import actions, recommendations
from review_app.learning.service.exporting import export_actions
from review_app.links.models import Debrief, EvidenceLink, Relation
from review_app.reviews.models import DeclarationOfInterest
from review_app.reviews.rules.states import CaseState, ConflictKind
from tests import factories, learned, reviewing

DRAFTERS = {"review.coordinator", "review.chair", "review.deputy"}
SEES_ALL = DRAFTERS | {"review.member", "dph", "analyst", "ig", "sro", "board"}
OWNER = {"housing.rep"}
"""An agency sees the recommendations that it is to carry out."""
EVIDENCE = Evidence(words="Twelve meetings were held.")


@pytest.fixture
def world(work, clock):
    with work() as session:
        return factories.world(session, now=clock.now())


@pytest.fixture
def here(world):
    return world.westhaven


@pytest.fixture
def case(work, here, clock):
    with work() as session:
        return reviewing.make_case(session, here, now=clock.now(), state=CaseState.IN_PANEL)


def recommend(session, here, who, action, found, *, now):
    """Do one thing with a recommendation, as its page would."""
    named, points = {"reference": found.reference}, [each.point.reference for each in found.points]
    edited = learned.recommendation_content(here, points, words="Meet twice a week.")
    do, verb = recommendations, RecommendationAction
    commands: dict[RecommendationAction, tuple[Callable[..., object], object]] = {
        verb.EDIT: (do.edit_recommendation, EditRecommendation(content=edited, version=found.version, **named)),
        verb.PROPOSE: (do.propose_recommendation, ProposeRecommendation(version=found.version, **named)),
        verb.ACCEPT: (do.accept_recommendation, AcceptRecommendation(reason="It is needed.", **named)),
        verb.DECLINE: (do.decline_recommendation, DeclineRecommendation(reason="It is under way.", **named)),
        verb.COMPLETE: (do.complete_recommendation, CompleteRecommendation(reason="It is done.", **named)),
        verb.SUPERSEDE: (do.supersede_recommendation, SupersedeRecommendation(reason="Said better.", **named)),
    }
    if action is RecommendationAction.ADD_ACTION:
        propose(session, here, who, found, now=now)
        return found
    service, command = commands[action]
    return service(session, here.actor(who), command, now=now)


def propose(session, here, who, found, *, now, **more):
    given = {
        "words": "Hold the meeting.",
        "owner_id": here.agencies["housing"].id,
        "strength": Strength.STRONG,
        "due_on": date(2027, 1, 31),
        **more,
    }
    command = ProposeAction(recommendation=found.reference, **given)
    return actions.propose_action(session, here.actor(who), command, now=now)


def act(session, here, who, move, action, *, now):
    """Do one thing with an action, as its page would."""
    actor, named = here.actor(who), {"reference": action.reference}
    commands: dict[ActionMove, tuple[Callable[..., object], object]] = {
        ActionMove.ACCEPT: (actions.accept_action, AcceptAction(**named)),
        ActionMove.REFUSE: (actions.refuse_action, RefuseAction(reason="Not ours.", **named)),
        ActionMove.START: (actions.start_action, StartAction(**named)),
        ActionMove.MARK_DONE: (actions.mark_action_done, MarkActionDone(evidence=EVIDENCE, **named)),
        ActionMove.ADD_EVIDENCE: (actions.add_evidence, AddEvidence(evidence=Evidence(words="And ten more."), **named)),
        ActionMove.BLOCK: (actions.block_action, BlockAction(reason="No room.", **named)),
        ActionMove.UNBLOCK: (actions.unblock_action, UnblockAction(**named)),
        ActionMove.TRANSFER: (actions.transfer_action, TransferAction(reason="It will take years.", **named)),
        ActionMove.CHANGE_DUE: (actions.change_due, ChangeDue(due_on=date(2027, 6, 30), reason="Later.", **named)),
        ActionMove.CHECK_IMPACT: (
            actions.check_impact,
            CheckImpact(recurred=Recurred.NO, impact="Nobody missed.", **named),
        ),
        ActionMove.LOOK_AGAIN: (
            actions.check_impact,
            CheckImpact(recurred=Recurred.TOO_SOON, impact="A week ago.", look_again_on=date(2027, 6, 1), **named),
        ),
        ActionMove.SEND_BACK: (
            actions.send_back_action,
            SendBackAction(reason="Two teams do not use it.", due_on=date(2027, 6, 30), **named),
        ),
        ActionMove.CLOSE: (actions.close_action, CloseAction(**named)),
    }
    service, command = commands[move]
    return service(session, actor, command, now=now)


def test_every_action_on_a_recommendation_in_every_state_by_whoever_may(work, here, clock, case):
    doer = {RecommendationAction.ACCEPT: "sro", RecommendationAction.DECLINE: "dph"}
    with work() as session:
        point = learned.told_point(session, here, case, now=clock.now())
        for number, (state, action) in enumerate(product(RecommendationState, RecommendationAction)):
            found = learned.make_recommendation(
                session, here, [point], now=clock.now(), state=state, words=f"Say it {number} times."
            )
            who = doer.get(action, "review.coordinator")
            if (state, action) in RECOMMENDATION_WORKFLOW.moves:
                done = recommend(session, here, who, action, found, now=clock.now())
                session.flush()
                assert done.state is RECOMMENDATION_WORKFLOW.moves[state, action]
            else:
                with pytest.raises((RuleBroken, NotVisible)):
                    recommend(session, here, who, action, found, now=clock.now())


def test_who_may_do_what_with_a_recommendation(work, here, clock, case):
    with work() as session:
        point = learned.told_point(session, here, case, now=clock.now())
        draft = learned.make_recommendation(session, here, [point], now=clock.now())
        state = RecommendationState.PROPOSED
        proposed = learned.make_recommendation(session, here, [point], now=clock.now(), state=state, words="Other.")
        for who in set(here.actors) - DRAFTERS:
            for action in (RecommendationAction.EDIT, RecommendationAction.PROPOSE):
                with pytest.raises(NotVisible):
                    recommend(session, here, who, action, draft, now=clock.now())
        for who in set(here.actors) - {"sro", "dph"}:
            with pytest.raises(NotAllowed if who in SEES_ALL | OWNER else NotVisible):
                recommend(session, here, who, RecommendationAction.ACCEPT, proposed, now=clock.now())
        for who in set(here.actors) - {"review.coordinator"}:
            with pytest.raises(NotAllowed if who in SEES_ALL | OWNER else NotVisible):
                recommend(session, here, who, RecommendationAction.ADD_ACTION, proposed, now=clock.now())


def test_every_move_of_an_action_in_every_state_by_its_owner_and_by_the_coordinator(work, here, clock, case):
    with work() as session:
        point = learned.told_point(session, here, case, now=clock.now())
        state = RecommendationState.ACCEPTED
        found = learned.make_recommendation(session, here, [point], now=clock.now(), state=state)
        pairs = product(ActionState, ActionMove, ("housing.rep", "review.coordinator"))
        for number, (before, move, who) in enumerate(pairs):
            action = learned.make_action(
                session, here, found, now=clock.now(), state=before, words=f"Do it {number} times."
            )
            if move in OF_COORDINATOR and who == "housing.rep":
                with pytest.raises(NotAllowed):
                    act(session, here, who, move, action, now=clock.now())
            elif (before, move) in ACTION_WORKFLOW.moves:
                act(session, here, who, move, action, now=clock.now())
                session.flush()
                assert action.state is ACTION_WORKFLOW.moves[before, move]
            elif move is not ActionMove.UNBLOCK:  # one that is not blocked is left as it is, in every state
                with pytest.raises(RuleBroken):
                    act(session, here, who, move, action, now=clock.now())


def test_the_home_page_asks_nobody_to_accept_or_start_an_action_that_is_blocked(work, here, clock, case):
    with work() as session:
        point = learned.told_point(session, here, case, now=clock.now())
        accepted = RecommendationState.ACCEPTED
        found = learned.make_recommendation(session, here, [point], now=clock.now(), state=accepted)
        action = learned.make_action(session, here, found, now=clock.now())
        (open_one,) = actions_to_carry_out(session, here.actor("housing.rep"), clock.now())
        assert (open_one.text, open_one.button) == ("Your agency is asked to do this", "Accept or not")
        act(session, here, "housing.rep", ActionMove.BLOCK, action, now=clock.now())
        session.flush()
        (blocked,) = actions_to_carry_out(session, here.actor("housing.rep"), clock.now())
        assert (blocked.text, blocked.button) == ("Blocked: No room.", "See what blocks it")
        assert blocked.endpoint == "actions.show"


def test_what_the_coordinator_does_for_the_owner_is_said(work, here, clock, case):
    with work() as session:
        point = learned.told_point(session, here, case, now=clock.now())
        state = RecommendationState.ACCEPTED
        found = learned.make_recommendation(session, here, [point], now=clock.now(), state=state)
        action = learned.make_action(session, here, found, now=clock.now())
        act(session, here, "housing.rep", ActionMove.ACCEPT, action, now=clock.now())
        act(session, here, "review.coordinator", ActionMove.START, action, now=clock.now())
        act(session, here, "review.coordinator", ActionMove.MARK_DONE, action, now=clock.now())
        session.flush()
        assert [step.on_behalf for step in action.steps] == [False, True, True]
        assert [each.on_behalf for each in action.evidence] == [True]
        view = action_queries.action_view(session, here.actor("housing.rep"), action.reference, now=clock.now())
        assert view.happened[2].what == "Started, on the owner’s behalf"
    with work() as session:
        events = select(AuditEvent).where(AuditEvent.object_table == "action").order_by(AuditEvent.sequence)
        assert [event.purpose for event in session.scalars(events)][1:] == ["", *["on the owner’s behalf"] * 2]


def test_another_agencys_representative_knows_nothing_of_an_action(work, here, clock, case):
    with work() as session:
        point = learned.told_point(session, here, case, now=clock.now())
        state = RecommendationState.ACCEPTED
        found = learned.make_recommendation(session, here, [point], now=clock.now(), state=state)
        action = learned.make_action(session, here, found, now=clock.now())
        for who in ("treatment.rep", "ambulance.rep"):
            for move in ActionMove:
                with pytest.raises(NotVisible):
                    act(session, here, who, move, action, now=clock.now())
            with pytest.raises(NotVisible):
                narrowing.get_recommendation(session, here.actor(who), found.reference)
            assert action_queries.actions(session, here.actor(who), ActionFilter(), now=clock.now()).total == 0
        narrowing.get_recommendation(session, here.actor("housing.rep"), found.reference)


def test_who_sees_recommendations_and_actions(work, world, here, clock, case):
    with work() as session:
        point = learned.told_point(session, here, case, now=clock.now())
        draft = learned.make_recommendation(session, here, [point], now=clock.now())
        state = RecommendationState.PROPOSED
        found = learned.make_recommendation(session, here, [point], now=clock.now(), state=state, words="Other.")
        action = learned.make_action(session, here, found, now=clock.now())
        for who, actor in here.actors.items():
            seen = {row.reference for row in session.scalars(narrowing.visible_recommendations(actor))}
            wanted = {found.reference} if who in SEES_ALL | {"housing.rep"} else set()
            assert seen == wanted | ({draft.reference} if who in DRAFTERS else set()), who
            actions_seen = {row.reference for row in session.scalars(narrowing.visible_actions(actor))}
            assert actions_seen == ({action.reference} if who in SEES_ALL | {"housing.rep"} else set()), who
        there = world.eastmoor
        for actor in there.actors.values():
            assert session.scalars(narrowing.visible_recommendations(actor)).all() == []
            assert session.scalars(narrowing.visible_actions(actor)).all() == []


def test_what_comes_only_from_a_hidden_case_is_hidden_with_its_actions(work, here, clock, case):
    with work() as session:
        other = reviewing.make_case(session, here, now=clock.now(), state=CaseState.IN_PANEL)
        mine = learned.told_point(session, here, case, now=clock.now())
        theirs = learned.told_point(session, here, other, now=clock.now(), statement="They waited for weeks.")
        state = RecommendationState.ACCEPTED
        only = learned.make_recommendation(session, here, [mine], now=clock.now(), state=state)
        both = learned.make_recommendation(session, here, [mine, theirs], now=clock.now(), state=state, words="Both.")
        for found in (only, both):
            learned.make_action(session, here, found, now=clock.now())
        for who, kind in (
            ("review.chair", ConflictKind.INVOLVED_IN_CARE),
            ("review.member", ConflictKind.FAMILY_OR_FRIEND),
            ("housing.rep", ConflictKind.MEDIA),
        ):
            user = here.user(who)
            session.add(
                DeclarationOfInterest(
                    case_uuid=case.uuid, case_id=case.id, user_id=user.id, kind=kind,
                    declared_at=clock.now(), declared_by_id=user.id,
                )
            )  # fmt: skip
            session.flush()
            seen = session.scalars(narrowing.visible_recommendations(here.actor(who))).all()
            assert [row.reference for row in seen] == [both.reference], who
            assert len(session.scalars(narrowing.visible_actions(here.actor(who))).all()) == 1, who
            view = recommendation_queries.recommendation_view(session, here.actor(who), both.reference, now=clock.now())
            assert [each.reference for each in view.points] == [theirs.reference], who
            assert case.reference not in {each.case for each in view.points}


def test_the_case_is_named_only_to_those_who_may_know_of_it(work, here, clock, case):
    with work() as session:
        point = learned.told_point(session, here, case, now=clock.now())
        state = RecommendationState.ACCEPTED
        found = learned.make_recommendation(session, here, [point], now=clock.now(), state=state)
        action = learned.make_action(session, here, found, now=clock.now())
        knows = {"review.coordinator", "review.chair", "review.deputy", "dph", "ig"}
        for who in SEES_ALL | {"housing.rep"}:
            actor = here.actor(who)
            view = recommendation_queries.recommendation_view(session, actor, found.reference, now=clock.now())
            named = [case.reference] if who in knows else [""]
            assert [each.case for each in view.points] == named, who
            shown = action_queries.action_view(session, actor, action.reference, now=clock.now())
            assert shown.cases == ((case.reference,) if who in knows else ()), who


def test_the_board_reads_only_approved_wording(work, here, clock, case):
    with work() as session:
        worded = learned.agreed_point(session, here, case, now=clock.now(), wording="Meet every week, all of you.")
        telling = learned.agreed_point(session, here, case, now=clock.now(), wording="Nobody rang 07700 900123.")
        state = RecommendationState.PROPOSED
        found = learned.make_recommendation(session, here, [worded, telling], now=clock.now(), state=state)
        for who in ("sro", "board"):
            view = recommendation_queries.recommendation_view(
                session, here.actor(who), found.reference, now=clock.now()
            )
            assert (view.points, view.untold) == ((), 2)
        view = recommendation_queries.recommendation_view(session, here.actor("dph"), found.reference, now=clock.now())
        assert [(each.words, each.approved) for each in view.points] == [("Meet every week, all of you.", False)]
        assert view.untold == 1


def test_a_recommendation_comes_from_agreed_points_of_cases_its_drafter_reads(work, world, here, clock, case):
    with work() as session:
        draft = learned.make_point(session, here, case, now=clock.now())
        with pytest.raises(RuleBroken, match=draft.reference):
            learned.make_recommendation(session, here, [draft], now=clock.now())
        with pytest.raises(RuleBroken, match="at least one"):
            learned.make_recommendation(session, here, [], now=clock.now())
        there = world.eastmoor
        theirs = reviewing.make_case(session, there, now=clock.now(), state=CaseState.IN_PANEL)
        foreign = learned.agreed_point(session, there, theirs, now=clock.now())
        with pytest.raises(RuleBroken, match=foreign.reference):
            learned.make_recommendation(session, here, [foreign], now=clock.now())


def test_links_follow_what_a_draft_is_drawn_from(work, here, clock, case):
    with work() as session:
        first = learned.agreed_point(session, here, case, now=clock.now())
        second = learned.agreed_point(session, here, case, now=clock.now(), statement="They wrote it down.")
        found = learned.make_recommendation(session, here, [first], now=clock.now())
        content = learned.recommendation_content(here, [second.reference])
        command = EditRecommendation(reference=found.reference, content=content, version=found.version)
        recommendations.edit_recommendation(session, here.actor("review.chair"), command, now=clock.now())
        session.flush()
        links = select(EvidenceLink).where(EvidenceLink.relation == Relation.LED_TO).order_by(EvidenceLink.id)
        told = [(each.from_learning_point_id, each.reversed_at is None) for each in session.scalars(links)]
        assert told == [(first.id, False), (second.id, True)]


@pytest.mark.both_databases
def test_two_people_who_edit_a_draft_are_shown_both_and_what_changed_is_not_proposed(app, work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        case = reviewing.make_case(session, here, now=clock.now(), state=CaseState.IN_PANEL)
        point = learned.agreed_point(session, here, case, now=clock.now())
        found = learned.make_recommendation(session, here, [point], now=clock.now())
        reference, opened, points = found.reference, found.version, [point.reference]
    with work() as session:
        mine = learned.recommendation_content(here, points, words="Meet every day.")
        command = EditRecommendation(reference=reference, content=mine, version=opened)
        recommendations.edit_recommendation(session, here.actor("review.chair"), command, now=clock.now())
    with work() as session:
        theirs = learned.recommendation_content(here, points, words="Never meet.")
        command = EditRecommendation(reference=reference, content=theirs, version=opened)
        with pytest.raises(Stale) as refused:
            recommendations.edit_recommendation(session, here.actor("review.coordinator"), command, now=clock.now())
        assert refused.value.differences == (("Recommendation", "Never meet.", "Meet every day."),)
        proposing = ProposeRecommendation(reference=reference, version=opened)
        with pytest.raises(Stale):
            recommendations.propose_recommendation(session, here.actor("review.chair"), proposing, now=clock.now())


def test_declining_refuses_the_actions_that_nobody_answered(work, here, clock, case):
    with work() as session:
        point = learned.told_point(session, here, case, now=clock.now())
        state = RecommendationState.PROPOSED
        found = learned.make_recommendation(session, here, [point], now=clock.now(), state=state)
        waiting = learned.make_action(session, here, found, now=clock.now())
        begun = learned.make_action(
            session, here, found, now=clock.now(), state=ActionState.IN_PROGRESS, words="Begin."
        )
        recommend(session, here, "sro", RecommendationAction.DECLINE, found, now=clock.now())
        session.flush()
        assert (waiting.state, begun.state) == (ActionState.NOT_ACCEPTED, ActionState.IN_PROGRESS)
        assert waiting.refusal_reason == "The recommendation it was to carry out was declined."


def test_a_recommendation_does_not_end_while_an_action_carries_it_out(work, here, clock, case):
    with work() as session:
        point = learned.told_point(session, here, case, now=clock.now())
        state = RecommendationState.ACCEPTED
        found = learned.make_recommendation(session, here, [point], now=clock.now(), state=state)
        action = learned.make_action(session, here, found, now=clock.now())
        for ending in (RecommendationAction.COMPLETE, RecommendationAction.SUPERSEDE):
            with pytest.raises(RuleBroken, match=action.reference):
                recommend(session, here, "review.coordinator", ending, found, now=clock.now())


def test_what_takes_the_place_of_a_recommendation_is_another_that_has_not_ended(work, here, clock, case):
    with work() as session:
        point = learned.told_point(session, here, case, now=clock.now())
        found = learned.make_recommendation(session, here, [point], now=clock.now())
        state = RecommendationState.SUPERSEDED
        ended = learned.make_recommendation(session, here, [point], now=clock.now(), state=state, words="Ended.")
        better = learned.make_recommendation(session, here, [point], now=clock.now(), words="Better.")
        for by in (found.reference, ended.reference, "WES-REC-2026-9999"):
            command = SupersedeRecommendation(reference=found.reference, reason="Said better.", by=by)
            with pytest.raises(RuleBroken):
                recommendations.supersede_recommendation(
                    session, here.actor("review.coordinator"), command, now=clock.now()
                )
        command = SupersedeRecommendation(reference=found.reference, reason="Said better.", by=better.reference)
        recommendations.supersede_recommendation(session, here.actor("review.coordinator"), command, now=clock.now())
        session.flush()
        assert found.superseded_by_id == better.id


def test_words_that_may_identify_someone_are_refused_everywhere(work, here, clock, case):
    telling = "Nobody rang 07700 900123."
    with work() as session:
        point = learned.told_point(session, here, case, now=clock.now())
        content = learned.recommendation_content(here, [point.reference], words=telling)
        with pytest.raises(RuleBroken, match="may identify"):
            recommendations.draft_recommendation(
                session, here.actor("review.chair"), DraftRecommendation(content=content), now=clock.now()
            )
        state = RecommendationState.ACCEPTED
        found = learned.make_recommendation(session, here, [point], now=clock.now(), state=state)
        with pytest.raises(RuleBroken, match="may identify"):
            propose(session, here, "review.coordinator", found, now=clock.now(), words=telling)
        action = learned.make_action(session, here, found, now=clock.now(), state=ActionState.IN_PROGRESS)
        rep, named = here.actor("housing.rep"), {"reference": action.reference}
        for evidence in (Evidence(words=telling), Evidence(words="Done.", kept_where=telling)):
            with pytest.raises(RuleBroken, match="may identify"):
                actions.mark_action_done(session, rep, MarkActionDone(evidence=evidence, **named), now=clock.now())
        with pytest.raises(RuleBroken, match="may identify"):
            actions.block_action(session, rep, BlockAction(reason=telling, **named), now=clock.now())


def test_an_action_is_proposed_once_for_a_day_to_come_to_a_member_of_the_partnership(work, world, here, clock, case):
    with work() as session:
        point = learned.told_point(session, here, case, now=clock.now())
        state = RecommendationState.ACCEPTED
        found = learned.make_recommendation(session, here, [point], now=clock.now(), state=state)
        first = propose(session, here, "review.coordinator", found, now=clock.now())
        assert propose(session, here, "review.coordinator", found, now=clock.now()) is first
        yesterday = (clock.now() - timedelta(days=1)).date()
        with pytest.raises(RuleBroken, match="from today on"):
            propose(session, here, "review.coordinator", found, now=clock.now(), due_on=yesterday)
        there = world.eastmoor
        with pytest.raises(RuleBroken, match="does not belong"):
            propose(session, here, "review.coordinator", found, now=clock.now(), owner_id=there.agencies["housing"].id)


def test_the_day_of_an_action_changes_with_a_reason_and_its_earlier_days_are_kept(work, here, clock, case):
    with work() as session:
        point = learned.told_point(session, here, case, now=clock.now())
        state = RecommendationState.ACCEPTED
        found = learned.make_recommendation(session, here, [point], now=clock.now(), state=state)
        action = learned.make_action(session, here, found, now=clock.now(), due_on=date(2026, 12, 1))
        act(session, here, "review.coordinator", ActionMove.CHANGE_DUE, action, now=clock.now())
        session.flush()
        step = session.scalars(select(ActionStep)).one()
        assert (step.due_before, step.due_after, step.reason) == (date(2026, 12, 1), date(2027, 6, 30), "Later.")
        with pytest.raises(RuleBroken, match="another day"):
            act(session, here, "review.coordinator", ActionMove.CHANGE_DUE, action, now=clock.now())


def test_an_open_action_is_overdue_from_the_day_after_it_was_due(work, here, clock, case):
    with work() as session:
        point = learned.told_point(session, here, case, now=clock.now())
        state = RecommendationState.ACCEPTED
        found = learned.make_recommendation(session, here, [point], now=clock.now(), state=state)
        action = learned.make_action(session, here, found, now=clock.now(), due_on=clock.now().date())
        done = learned.make_action(
            session, here, found, now=clock.now(), due_on=clock.now().date(), state=ActionState.DONE, words="Done."
        )
        actor, overdue = here.actor("sro"), ActionFilter(overdue=True)
        assert action_queries.actions(session, actor, overdue, now=clock.now()).total == 0
        later = clock.now() + timedelta(days=1)
        found_rows = action_queries.actions(session, actor, overdue, now=later).rows
        assert [row.reference for row in found_rows] == [action.reference]
        every = action_queries.actions(session, actor, ActionFilter(), now=later).rows
        assert [row.reference for row in every] == [action.reference, done.reference]


def test_the_register_narrows_to_owner_state_and_theme_and_its_export_is_recorded(work, here, clock, case):
    with work() as session:
        point = learned.told_point(session, here, case, now=clock.now(), themes=(8,))
        state = RecommendationState.ACCEPTED
        found = learned.make_recommendation(session, here, [point], now=clock.now(), state=state)
        ours = learned.make_action(session, here, found, now=clock.now())
        theirs = learned.make_action(session, here, found, now=clock.now(), owner="treatment", words="=cmd()")
        actor, (eight, nine) = here.actor("sro"), learned.theme_ids(session, 8, 9)
        for wanted, references in (
            (ActionFilter(owner_id=here.agencies["housing"].id), [ours.reference]),
            (ActionFilter(state=ActionState.DONE), []),
            (ActionFilter(theme_id=eight), [ours.reference, theirs.reference]),
            (ActionFilter(theme_id=nine), []),
        ):
            page = action_queries.actions(session, actor, wanted, now=clock.now())
            assert [row.reference for row in page.rows] == references
        rows = export_actions(session, here.actor("treatment.rep"), ActionFilter(), now=clock.now())
        assert [row[:3] for row in rows[1:]] == [[theirs.reference, "=cmd()", "Westhaven Treatment"]]
        with pytest.raises(NotAllowed):
            export_actions(session, here.actor("family"), ActionFilter(), now=clock.now())
    with work() as session:
        event = session.scalars(select(AuditEvent).where(AuditEvent.action == "export")).one()
        assert (event.object_table, event.object_reference) == ("action", "register")


@pytest.mark.both_databases
def test_the_database_holds_an_action_to_one_source_and_its_state_to_its_facts(app, work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        case = reviewing.make_case(session, here, now=clock.now(), state=CaseState.IN_PANEL)
        point = learned.told_point(session, here, case, now=clock.now())
        state = RecommendationState.ACCEPTED
        found = learned.make_recommendation(session, here, [point], now=clock.now(), state=state)
        learned.make_action(session, here, found, now=clock.now())
        debrief = Debrief(
            reference="WES-B-2026-0001", partnership_id=here.partnership.id, incident_id=None, opened_at=clock.now()
        )
        session.add(debrief)
        session.flush()
        number = debrief.id
    for broken, name in (
        (f"debrief_id = {number}", "one_source"),
        ("recommendation_id = NULL", "one_source"),
        ("state = 'done'", "ck_action"),
        ("state = 'accepted'", "answered"),
        ("blocked_at = proposed_at", "blocked"),
        ("transferred_at = proposed_at", "transferred"),
        ("state = 'overdue'", "ck_action"),
    ):
        with pytest.raises(IntegrityError, match=name), work() as session:
            session.execute(text(f"UPDATE action SET {broken}"))
    with work() as session:
        session.execute(text(f"UPDATE action SET recommendation_id = NULL, debrief_id = {number}"))
        action = session.scalars(select(Action)).one()
        view = action_queries.action_view(session, here.actor("sro"), action.reference, now=clock.now())
        assert (view.source, view.cases, view.recurrences) == ("", (), ())
        assert action_queries.actions(session, here.actor("sro"), ActionFilter(), now=clock.now()).rows[0].source == (
            "WES-B-2026-0001"
        )
