"""Taking a case on and deciding on its inclusion: who may, on what, and what is kept."""

from dataclasses import replace
from datetime import date
from itertools import product

import pytest
from sqlalchemy import select

from review_app.audit.models import AuditEvent
from review_app.catalogue.models import Clock, RuleSet
from review_app.catalogue.queries import current_rule_set
from review_app.catalogue.rules import ClockKey
from review_app.catalogue.rules.review import ReviewSetting
from review_app.errors import MoveRefused, NotAllowed, NotVisible, RuleBroken, Stale
from review_app.fuzzy import on_day
from review_app.reviews.commands.inclusion import ClassifyAgain, DecideInclusion, ReconsiderCase, StartCaseTriage
from review_app.reviews.models import CaseMove, ReviewCase, TriageDecision
from review_app.reviews.queries.death import day_of_death
from review_app.reviews.queries.inclusion import decisions_of, facts_known, look_up, settings_in_force, what_rules_say
from review_app.reviews.rules.inclusion import Answer, Basis, InclusionOutcome, InvolvedSubstance
from review_app.reviews.rules.notified import Suspected
from review_app.reviews.rules.states import CASE_WORKFLOW, CaseAction, CaseState
from review_app.reviews.rules.weighing import ACTION_OF, CLASSIFIED_AGAIN, facts_from, read_facts
from review_app.reviews.service.triage import classify_again, decide_inclusion, reconsider_case, start_case_triage
from tests import factories, reviewing

WHY = "It happened in another area."
ALCOHOL_ONLY = {"suspected": (Suspected.SUICIDE,), "substances": ()}


@pytest.fixture
def here(work, clock):
    with work() as session:
        return factories.world(session, now=clock.now()).westhaven


def in_triage(session, here, clock, **facts) -> ReviewCase:
    return reviewing.make_case(session, here, now=clock.now(), state=CaseState.TRIAGE, **facts)


def deciding(session, case, clock, outcome: CaseState, reason: str = "", **changes) -> DecideInclusion:
    settings = settings_in_force(session, case, now=clock.now())
    facts = replace(facts_known(session, case), **changes)
    return DecideInclusion(
        reference=case.reference, facts=facts, settings_id=settings.id, outcome=outcome, reason=reason
    )


def running(session, case) -> set[str]:
    rows = select(Clock).where(
        Clock.review_case_id == case.id, Clock.stopped_at.is_(None), Clock.cancelled_at.is_(None)
    )
    return {each.rule.key for each in session.scalars(rows)}


def read_or(session, here, clock) -> RuleSet:
    """Let the Partnership read limb C widely, by a version of its own."""
    shipped = current_rule_set(session, ReviewSetting.INCLUSION, now=clock.now())
    own = RuleSet(
        key=shipped.key, version=1, content={**shipped.content, "limb_c_join": "or"}, active_from=date(2026, 1, 1),
        partnership_id=here.partnership.id, saved_by_id=here.user("admin").id, saved_at=clock.now(), reason="Agreed.",
    )  # fmt: skip
    session.add(own)
    session.flush()
    return own


def test_triage_starts_by_a_press_and_is_recorded(work, here, clock):
    with work() as session:
        case = reviewing.make_case(session, here, now=clock.now())
        command = StartCaseTriage(reference=case.reference)
        start_case_triage(session, here.actor("review.coordinator"), command, now=clock.now())
        assert case.state is CaseState.TRIAGE
        with pytest.raises(MoveRefused):
            start_case_triage(session, here.actor("review.coordinator"), command, now=clock.now())


def test_a_selected_case_keeps_limbs_facts_words_and_the_version_of_the_settings(work, here, clock):
    with work() as session:
        case = in_triage(session, here, clock)
        command = deciding(session, case, clock, CaseState.SELECTED)
        decision = decide_inclusion(session, here.actor("review.coordinator"), command, now=clock.now())
        assert (case.state, case.limbs) == (CaseState.SELECTED, ["a"])
        assert (decision.number, decision.limbs, decision.criterion_basis) == (1, ["a"], "suspected")
        assert decision.settings_id == current_rule_set(session, ReviewSetting.INCLUSION, now=clock.now()).id
        assert read_facts(decision.facts).substances[0].mda_class == "A"
        assert "In scope by limb A." in decision.explanation
        assert "By our settings limb C is read" in decision.explanation
        assert running(session, case) == {ClockKey.CASE_REVIEW, ClockKey.CASE_REVIEW_CEILING}
        assert day_of_death(session, case) == on_day(date(2026, 11, 5))


@pytest.mark.parametrize("outcome", [CaseState.OUT_OF_SCOPE, CaseState.IN_SCOPE_NOT_SELECTED])
def test_what_does_not_go_on_needs_a_reason_and_stops_every_clock(work, here, clock, outcome):
    with work() as session:
        case = in_triage(session, here, clock)
        actor = here.actor("review.coordinator")
        with pytest.raises(RuleBroken, match="Enter the reason"):
            decide_inclusion(session, actor, deciding(session, case, clock, outcome, "  "), now=clock.now())
        decide_inclusion(session, actor, deciding(session, case, clock, outcome, WHY), now=clock.now())
        assert case.state is outcome
        assert running(session, case) == set()
        assert decisions_of(session, case)[0].reason == WHY


@pytest.mark.parametrize("outcome", [CaseState.SELECTED, CaseState.IN_SCOPE_NOT_SELECTED])
@pytest.mark.parametrize(
    "facts",
    [
        {"residence_in_area": Answer.NO},
        {"residence_in_area": Answer.NOT_KNOWN},
        {"age": 17},
        {"died": on_day(date(2023, 12, 31))},
        {"drug_poisoning": Answer.NO, "drug_use": Answer.NO, "drug_dependence": Answer.NO},
    ],
    ids=["elsewhere", "area not known", "a child", "before the start", "no drugs"],
)
def test_nothing_leaves_triage_as_in_scope_without_a_limb(work, here, clock, facts, outcome):
    with work() as session:
        case = in_triage(session, here, clock)
        facts = {"alcohol_directly_related": Answer.NO, "suicide": Answer.NO, **facts}
        command = deciding(session, case, clock, outcome, WHY, **facts)
        with pytest.raises(RuleBroken, match="do not say that this death is in scope"):
            decide_inclusion(session, here.actor("review.coordinator"), command, now=clock.now())
        assert case.state is CaseState.TRIAGE
        assert decisions_of(session, case) == ()


def test_a_person_may_find_out_of_scope_what_the_rules_take_in(work, here, clock):
    with work() as session:
        case = in_triage(session, here, clock)
        command = deciding(session, case, clock, CaseState.OUT_OF_SCOPE, "The person is alive.")
        decision = decide_inclusion(session, here.actor("review.coordinator"), command, now=clock.now())
        assert (case.limbs, decision.limbs) == ([], ["a"])


def test_a_date_of_control_that_nobody_checked_decides_nothing(work, here, clock):
    with work() as session:
        case = in_triage(session, here, clock, substances=("Xylazine",))
        settings = settings_in_force(session, case, now=clock.now())
        facts = replace(
            look_up(session, facts_known(session, case)), alcohol_directly_related=Answer.NO, suicide=Answer.NO
        )
        said = what_rules_say(session, facts, settings)
        assert said.outcome is InclusionOutcome.NEEDS_ANSWER
        assert [each.substance for each in said.questions] == ["Xylazine"]
        yes = replace(facts, substances=(InvolvedSubstance(name="Xylazine", controlled=Answer.YES),))
        assert what_rules_say(session, look_up(session, yes), settings).outcome is InclusionOutcome.IN_SCOPE


def test_a_name_that_stands_for_several_substances_is_asked_about(work, here, clock):
    with work() as session:
        case = in_triage(session, here, clock, substances=("something nobody listed", "not known"))
        facts = look_up(session, facts_known(session, case))
        assert [each.name for each in facts.substances] == ["something nobody listed"]
        assert facts.substances[0].verified is False
        assert facts.substance_not_known is True


@pytest.mark.parametrize(
    ("join", "expected"), [("and", InclusionOutcome.OUT_OF_SCOPE), ("or", InclusionOutcome.IN_SCOPE)]
)
def test_limb_c_with_alcohol_alone_depends_on_how_it_is_read(work, here, clock, join, expected):
    with work() as session:
        if join == "or":
            read_or(session, here, clock)
        case = in_triage(session, here, clock, **ALCOHOL_ONLY)
        no = Answer.NO
        facts = replace(
            facts_known(session, case), alcohol_significant=Answer.YES, drugs_significant=no, drug_poisoning=no,
            drug_use=no, drug_dependence=no, alcohol_directly_related=no,
        )  # fmt: skip
        assert what_rules_say(session, facts, settings_in_force(session, case, now=clock.now())).outcome is expected


def test_settings_that_changed_meanwhile_are_read_again_before_deciding(work, here, clock):
    with work() as session:
        case = in_triage(session, here, clock)
        command = deciding(session, case, clock, CaseState.SELECTED)
        read_or(session, here, clock)
        with pytest.raises(Stale, match="settings have changed"):
            decide_inclusion(session, here.actor("review.coordinator"), command, now=clock.now())


def test_a_case_is_taken_up_again_and_what_was_decided_first_stays(work, here, clock):
    with work() as session:
        case = in_triage(session, here, clock)
        actor = here.actor("review.coordinator")
        first = decide_inclusion(
            session, actor, deciding(session, case, clock, CaseState.OUT_OF_SCOPE, WHY), now=clock.now()
        )
        later = clock.advance(days=2)
        again = ReconsiderCase(reference=case.reference, reason="Toxicology came.")
        with pytest.raises(RuleBroken, match="what is new"):
            reconsider_case(session, actor, ReconsiderCase(reference=case.reference, reason=" "), now=later)
        reconsider_case(session, actor, again, now=later)
        assert running(session, case) == {
            ClockKey.NOTIFICATION_TRIAGE, ClockKey.CASE_REVIEW, ClockKey.CASE_REVIEW_CEILING,
        }  # fmt: skip
        command = deciding(session, case, clock, CaseState.SELECTED, basis=Basis.CONFIRMED)
        decide_inclusion(session, actor, command, now=later)
        told = decisions_of(session, case)
        assert [(each.number, each.outcome, each.basis) for each in told] == [
            (1, CaseState.OUT_OF_SCOPE, "suspected"),
            (2, CaseState.SELECTED, "confirmed"),
        ]
        assert first.reason == WHY
        moves = session.scalars(select(CaseMove).where(CaseMove.case_id == case.id).order_by(CaseMove.id)).all()
        assert [(each.action, each.reason) for each in moves] == [
            (CaseAction.EXCLUDE, WHY), (CaseAction.RECONSIDER, "Toxicology came."), (CaseAction.SELECT, ""),
        ]  # fmt: skip


@pytest.mark.parametrize("state", CaseState)
def test_a_case_under_review_is_classified_again_and_goes_on(work, here, clock, state):
    with work() as session:
        case = reviewing.make_case(session, here, now=clock.now(), state=state)
        settings = settings_in_force(session, case, now=clock.now())
        facts = replace(reviewing_facts(), basis=Basis.CONFIRMED)
        command = ClassifyAgain(reference=case.reference, facts=facts, settings_id=settings.id)
        actor = here.actor("review.coordinator")
        if state in CLASSIFIED_AGAIN:
            classify_again(session, actor, command, now=clock.now())
            assert (case.state, case.limbs) == (state, ["b"])
        else:
            with pytest.raises((MoveRefused, NotVisible)):
                classify_again(session, actor, command, now=clock.now())


def reviewing_facts():
    """What is known of a death by alcohol alone."""
    return facts_from([reviewing.known(suspected=(Suspected.ALCOHOL,), substances=())])


@pytest.mark.parametrize(("state", "outcome"), list(product(CaseState, ACTION_OF)))
def test_every_state_with_every_decision(work, here, clock, state, outcome):
    with work() as session:
        case = reviewing.make_case(session, here, now=clock.now(), state=state)
        command = deciding(session, case, clock, outcome, WHY) if state is not CaseState.DESTROYED else DecideInclusion(
            reference=case.reference, facts=reviewing_facts(), settings_id=1, outcome=outcome, reason=WHY
        )  # fmt: skip
        actor = here.actor("review.coordinator")
        if (state, ACTION_OF[outcome]) in CASE_WORKFLOW.moves:
            decide_inclusion(session, actor, command, now=clock.now())
            assert case.state is outcome
        else:
            with pytest.raises((MoveRefused, NotVisible)):
                decide_inclusion(session, actor, command, now=clock.now())
            assert case.state is state


@pytest.mark.parametrize("key", ["review.chair", "review.member", "dph", "ig", "coordinator", "housing.rep", "admin"])
def test_only_the_review_coordinator_decides(work, here, clock, key):
    with work() as session:
        case = in_triage(session, here, clock)
        command = deciding(session, case, clock, CaseState.SELECTED)
        with pytest.raises((NotAllowed, NotVisible)):
            decide_inclusion(session, here.actor(key), command, now=clock.now())
        assert session.scalars(select(TriageDecision)).all() == []


def test_the_audit_names_the_move_and_never_the_reason_or_the_facts(work, here, clock):
    with work() as session:
        case = in_triage(session, here, clock)
        command = deciding(session, case, clock, CaseState.OUT_OF_SCOPE, WHY)
        decide_inclusion(session, here.actor("review.coordinator"), command, now=clock.now())
        reference = case.reference
    with work() as session:
        event = session.scalars(
            select(AuditEvent).where(AuditEvent.object_reference == reference, AuditEvent.verb == "exclude")
        ).one()
        assert WHY not in str(vars(event))
        assert "out_of_scope" in str(vars(event))
