"""Whatever people of every role try, in whatever order, nobody does what they may not, and no rule is broken."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from review_app import events
from review_app.errors import DomainError, NotAllowed, NotVisible
from review_app.learning.commands import (
    AcceptAction,
    AcceptRecommendation,
    AddEvidence,
    AgreePoint,
    ApproveWording,
    BlockAction,
    ChangeDue,
    CheckImpact,
    CloseAction,
    CompleteRecommendation,
    DeclineRecommendation,
    DraftRecommendation,
    EditPoint,
    EditRecommendation,
    Evidence,
    MarkActionDone,
    ProposeAction,
    ProposeRecommendation,
    RecordPoint,
    RefuseAction,
    SendBackAction,
    StartAction,
    SupersedeRecommendation,
    TransferAction,
    UnblockAction,
    WithdrawPoint,
    WordPoint,
)
from review_app.learning.models import Action, LearningPoint, Recommendation
from review_app.learning.queries import narrowing, themes
from review_app.learning.queries.points import case_learning
from review_app.learning.rules.states import (
    ACTION_OPEN,
    ACTION_WORKFLOW,
    MAY_RECORD,
    POINT_WORKFLOW,
    RECOMMENDATION_WORKFLOW,
    ActionMove,
    ActionState,
    PointAction,
    PointState,
    Polarity,
    RecommendationAction,
    RecommendationState,
    Recurred,
    Strength,
)
from review_app.learning.service import actions, points, recommendations
from review_app.reviews.events import CaseCloses, CaseDestroyed
from review_app.reviews.models import DeclarationOfInterest, ReviewCase
from review_app.reviews.rules.states import CONFLICTS, HIDES_FROM_ANYONE, CaseState, ConflictKind
from tests import factories, learned, reviewing

WORDINGS = ("Meet every week.", "Write it down, all of you.", "Ring 07700 900123.", "")
CHAIRS = {"review.chair", "review.deputy"}
RECORDERS = {"review.coordinator", *CHAIRS}
DECIDERS = {"sro", "dph"}
COORDINATOR = {"review.coordinator"}
OWNER = {*COORDINATOR, "housing.rep"}
ACTS = ("accept", "refuse", "start", "done", "evidence", "block", "unblock")
MAY: dict[str, set[str]] = {
    **dict.fromkeys(("record", "edit", "word", "withdraw"), RECORDERS),
    **dict.fromkeys(("agree", "approve"), CHAIRS),
    **dict.fromkeys(("draft", "edit_recommendation", "propose", "complete", "supersede"), RECORDERS),
    **dict.fromkeys(("accept_recommendation", "decline"), DECIDERS),
    **dict.fromkeys(("propose_action", "transfer", "change_due", "check", "close"), COORDINATOR),
    **dict.fromkeys(("look_again", "send_back"), COORDINATOR),
    **dict.fromkeys(ACTS, OWNER),
}
"""Who may do what, written down a second time. The owner of every action here is housing."""


MAKES = ("record", "record", "agree", "draft", "propose_action", "propose_action")
"""What is tried more often, so that there is something to try the rest on."""
MOVES = (CaseState.IN_PANEL, CaseState.IN_PANEL, CaseState.SIGNED_OFF, CaseState.ACTIONS_OPEN, CaseState.CLOSED)


def by_verb(workflow, **actions):
    """Give, for each verb, what it makes of each state in which the table of legal moves allows it."""
    return {
        verb: {start: end for (start, taken), end in workflow.moves.items() if taken is action}
        for verb, action in actions.items()
    }


PA, RA, AM = PointAction, RecommendationAction, ActionMove
WORKFLOWS = (
    (LearningPoint, by_verb(
        POINT_WORKFLOW, edit=PA.EDIT, word=PA.WORD, agree=PA.AGREE, approve=PA.APPROVE_WORDING, withdraw=PA.WITHDRAW)),
    (Recommendation, by_verb(
        RECOMMENDATION_WORKFLOW, edit_recommendation=RA.EDIT, propose=RA.PROPOSE, accept_recommendation=RA.ACCEPT,
        decline=RA.DECLINE, complete=RA.COMPLETE, supersede=RA.SUPERSEDE)),
    (Action, by_verb(
        ACTION_WORKFLOW, accept=AM.ACCEPT, refuse=AM.REFUSE, start=AM.START, done=AM.MARK_DONE,
        evidence=AM.ADD_EVIDENCE, block=AM.BLOCK, unblock=AM.UNBLOCK, transfer=AM.TRANSFER, change_due=AM.CHANGE_DUE,
        check=AM.CHECK_IMPACT, look_again=AM.LOOK_AGAIN, send_back=AM.SEND_BACK, close=AM.CLOSE)),
)  # fmt: skip
"""What each verb makes of a record of each kind."""
AGAIN = ("unblock", "transfer")
"""What changes nothing, in any state, where there is nothing to do."""
ELSEWHERE = "elsewhere"
"""The review coordinator of another Partnership."""


@dataclass
class Trial:
    """One run: the people, the cases, what was tried and what came of it."""

    session: Session
    world: factories.World
    random: Random
    now: datetime
    cases: list[ReviewCase] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    recused: dict[tuple[int, str], ConflictKind] = field(default_factory=dict)
    only: LearningPoint | Recommendation | Action | None = None

    @property
    def here(self):
        """The Partnership of the cases."""
        return self.world.westhaven

    def actor(self, who):
        """Give a person as services meet them."""
        return self.world.eastmoor.actor("review.coordinator") if who == ELSEWHERE else self.here.actor(who)

    def any(self, model):
        """Pick a record of a kind, if there is one; `only` where one is given."""
        if isinstance(self.only, model):
            return self.only
        rows = self.session.scalars(select(model).order_by(model.id)).all()
        return self.random.choice(rows) if rows else None

    def point(self):
        """Pick a learning point that belongs to a case, with its names."""
        found = self.session.scalars(select(LearningPoint).where(LearningPoint.case_id.is_not(None))).all()
        if not found:
            return None, {}
        point = self.only if isinstance(self.only, LearningPoint) else self.random.choice(found)
        case = self.session.get_one(ReviewCase, point.case_id)
        return point, {"reference": case.reference, "point": point.reference}


def content(trial):
    return learned.content(
        trial.session,
        statement=f"Statement {trial.random.randrange(10_000)}.",
        polarity=trial.random.choice(list(Polarity)),
        themes=trial.random.sample(range(1, 9), trial.random.randrange(1, 5)),
    )


def attempt(trial, verb, actor):
    """Try one verb on whatever there is."""
    session, r, now = trial.session, trial.random, trial.now
    case = r.choice(trial.cases)
    if verb == "record":
        command = RecordPoint(reference=case.reference, content=content(trial), wording=r.choice(WORDINGS))
        return points.record_point(session, actor, command, now=now)
    if verb in ("edit", "word", "agree", "approve", "withdraw"):
        return attempt_on_point(trial, verb, actor)
    if verb in ("draft", "edit_recommendation"):
        references = [each.reference for each in session.scalars(select(LearningPoint).order_by(LearningPoint.id))]
        chosen = r.sample(references, min(len(references), r.randrange(3)))
        given = learned.recommendation_content(trial.here, chosen, words=f"Recommendation {r.randrange(10_000)}.")
        if verb == "draft":
            return recommendations.draft_recommendation(session, actor, DraftRecommendation(content=given), now=now)
        found = trial.any(Recommendation)
        edit = found and EditRecommendation(reference=found.reference, content=given, version=found.version)
        return found and recommendations.edit_recommendation(session, actor, edit, now=now)
    if verb in ("propose", "accept_recommendation", "decline", "complete", "supersede", "propose_action"):
        return attempt_on_recommendation(trial, verb, actor)
    return attempt_on_action(trial, verb, actor)


def attempt_on_point(trial, verb, actor):
    session, r, now = trial.session, trial.random, trial.now
    point, names = trial.point()
    if point is None:
        return None
    version = {"version": point.version, **names}
    match verb:
        case "edit":
            return points.edit_point(session, actor, EditPoint(content=content(trial), **version), now=now)
        case "word":
            return points.word_point(session, actor, WordPoint(wording=r.choice(WORDINGS), **version), now=now)
        case "agree":
            return points.agree_point(session, actor, AgreePoint(**version), now=now)
        case "approve":
            return points.approve_wording(session, actor, ApproveWording(**version), now=now)
    return points.withdraw_point(session, actor, WithdrawPoint(reason="Said twice.", **names), now=now)


def attempt_on_recommendation(trial, verb, actor):
    session, now, found = trial.session, trial.now, trial.any(Recommendation)
    if found is None:
        return None
    named, s = {"reference": found.reference}, recommendations
    tries: dict[str, tuple[Callable[..., object], object]] = {
        "propose": (s.propose_recommendation, ProposeRecommendation(version=found.version, **named)),
        "accept_recommendation": (s.accept_recommendation, AcceptRecommendation(reason="It is needed.", **named)),
        "decline": (s.decline_recommendation, DeclineRecommendation(reason="Under way.", **named)),
        "complete": (s.complete_recommendation, CompleteRecommendation(reason="Done.", **named)),
        "supersede": (s.supersede_recommendation, SupersedeRecommendation(reason="Better.", **named)),
    }
    proposed = ProposeAction(
        recommendation=found.reference,
        words=f"Action {trial.random.randrange(10_000)}.",
        owner_id=trial.here.agencies["housing"].id,
        strength=Strength.MEDIUM,
        due_on=now.date(),
    )
    service, command = tries.get(verb, (actions.propose_action, proposed))
    return service(session, actor, command, now=now)


def attempt_on_action(trial, verb, actor):
    session, now, action = trial.session, trial.now, trial.any(Action)
    if action is None:
        return None
    named, day = {"reference": action.reference}, now.date().replace(day=28)
    later = {"look_again_on": now.date() + timedelta(days=90)}
    evidence = Evidence(words=f"Evidence {trial.random.randrange(10_000)}.")
    tries: dict[str, tuple[Callable[..., object], object]] = {
        "accept": (actions.accept_action, AcceptAction(**named)),
        "refuse": (actions.refuse_action, RefuseAction(reason="Not ours.", **named)),
        "start": (actions.start_action, StartAction(**named)),
        "done": (actions.mark_action_done, MarkActionDone(evidence=evidence, **named)),
        "evidence": (actions.add_evidence, AddEvidence(evidence=evidence, **named)),
        "block": (actions.block_action, BlockAction(reason="No room.", **named)),
        "unblock": (actions.unblock_action, UnblockAction(**named)),
        "transfer": (actions.transfer_action, TransferAction(reason="Years.", **named)),
        "change_due": (actions.change_due, ChangeDue(due_on=day, reason="Later.", **named)),
        "check": (actions.check_impact, CheckImpact(recurred=Recurred.NO, impact="None.", **named)),
        "look_again": (
            actions.check_impact,
            CheckImpact(recurred=Recurred.TOO_SOON, impact="A week.", **later, **named),
        ),
        "send_back": (actions.send_back_action, SendBackAction(reason="More.", due_on=later["look_again_on"], **named)),
        "close": (actions.close_action, CloseAction(**named)),
    }
    service, command = tries[verb]
    return service(session, actor, command, now=now)


def declare(trial, who):
    """Let somebody declare a conflict about a case, which cannot be taken back here."""
    case = trial.random.choice(trial.cases)
    if (case.id, who) in trial.recused:
        return
    kind, user = trial.random.choice(CONFLICTS), trial.here.user(who)
    trial.session.add(
        DeclarationOfInterest(
            case_uuid=case.uuid, case_id=case.id, user_id=user.id, kind=kind,
            declared_at=trial.now, declared_by_id=user.id,
        )
    )  # fmt: skip
    trial.session.flush()
    trial.recused[case.id, who] = kind


def move_on(trial):
    """Move a case on as its own service would: it closes only if nobody objects."""
    case = trial.random.choice(trial.cases)
    state = trial.random.choice(MOVES)
    if state is CaseState.CLOSED and events.objections(trial.session, CaseCloses(case_id=case.id, at=trial.now)):
        return
    case.state, case.closed_at = state, trial.now if state is CaseState.CLOSED else None
    trial.session.flush()


def hides(trial, case_id, who):
    kind = trial.recused.get((case_id, who))
    return kind in (CONFLICTS if who in CHAIRS else HIDES_FROM_ANYONE)


def check_rules(trial):
    """Hold everything there is to the rules."""
    session = trial.session
    for point in session.scalars(select(LearningPoint)):
        assert 1 <= len(point.themes) <= 3
        if point.shareable:
            assert point.state is PointState.AGREED
            assert "07700" not in point.shareable
            assert point.approved_by_id != point.worded_by_id or point.case_id is None
    live = (RecommendationState.DRAFT, RecommendationState.PROPOSED, RecommendationState.ACCEPTED)
    for found in session.scalars(select(Recommendation).where(Recommendation.state.in_(live))):
        assert any(each.point.state is PointState.AGREED for each in found.points)
    for case in trial.cases:
        if case.state is CaseState.CLOSED:
            assert events.objections(session, CaseCloses(case_id=case.id, at=trial.now)) == []
    for action in session.scalars(select(Action).where(Action.state.in_(ACTION_OPEN))):
        ended = action.recommendation.state
        assert ended not in (RecommendationState.COMPLETED, RecommendationState.SUPERSEDED)
        assert ended is not RecommendationState.DECLINED or action.state is not ActionState.PROPOSED


def check_reading(trial, who):
    """Hold what one person is shown to what they may know."""
    session, actor = trial.session, trial.actor(who)
    for case in trial.cases:
        reads = who in RECORDERS and not hides(trial, case.id, who)
        try:
            case_learning(session, actor, case.reference, now=trial.now)
        except DomainError:
            assert not reads, (who, case.reference)
        else:
            assert reads, (who, case.reference)
    for theme in learned.theme_ids(session, 1, 2, 3):
        for each in themes.shared_points(session, actor, theme, now=trial.now):
            case_id = session.scalar(select(LearningPoint.case_id).where(LearningPoint.reference == each.reference))
            assert not hides(trial, case_id, who)
            assert each.approved or who not in ("sro", "board")
            assert "07700" not in each.words
    seen = session.scalars(narrowing.visible_actions(actor)).all()
    assert not seen or who in RECORDERS | DECIDERS | {"housing.rep", "review.member", "analyst", "ig", "board"}


def stands(trial):
    """Give the state of every record, by its kind and number."""
    return {
        (model, number): state
        for model, _ in WORKFLOWS
        for number, state in trial.session.execute(select(model.id, model.state))
    }


def check_moves(trial, verb, result, before):
    """Hold what was moved to the tables of legal moves, and let nothing else have moved."""
    after, expected = stands(trial), dict(before)
    for model, table in WORKFLOWS:
        if verb in table:
            key = (model, result.id)
            assert before[key] in table[verb] or verb in AGAIN, (verb, before[key])
            expected[key] = table[verb].get(before[key], before[key])
    if verb == "decline":  # with it goes what nobody has answered
        for action in trial.session.scalars(select(Action).where(Action.recommendation_id == result.id)):
            if before[Action, action.id] is ActionState.PROPOSED:
                expected[Action, action.id] = ActionState.NOT_ACCEPTED
    assert {key: after[key] for key in expected} == expected, verb
    assert len(after) - len(before) == (verb in ("record", "draft", "propose_action")), verb


class TakenBack(Exception):
    """What was tried is undone, so that the next run begins anew."""


def run(work, world, *, seed, steps, now):
    """Let random people try random things with learning of their own, which is gone afterwards; count what was done."""
    random, here = Random(seed), world.westhaven
    with suppress(TakenBack), work() as session:
        trial = Trial(session=session, world=world, random=random, now=now)
        for _ in range(3):
            trial.cases.append(reviewing.make_case(session, here, now=now, state=CaseState.IN_PANEL))
        told = [learned.told_point(session, here, each, now=now, statement="At first.") for each in trial.cases]
        for state in (RecommendationState.DRAFT, RecommendationState.PROPOSED, RecommendationState.ACCEPTED):
            found = learned.make_recommendation(session, here, told, now=now, state=state, words=f"At first {state}.")
        for at in (*ACTION_OPEN, ActionState.DONE, ActionState.IMPACT_CHECKED):
            learned.make_action(session, here, found, now=now, state=at, words=f"At first {at}.")
        people = [*sorted(here.actors), ELSEWHERE]
        likely = sorted(RECORDERS | DECIDERS | {"housing.rep"})
        for step in range(steps):
            verb = random.choice([*sorted(MAY), *MAKES])
            who = random.choice(sorted(MAY[verb]) if random.random() < 0.7 else people)
            take_step(trial, verb, who, (seed, step))
            if random.random() < 0.01:
                declare(trial, random.choice(likely))
            if random.random() < 0.05:
                move_on(trial)
            if step % 20 == 0:
                check_reading(trial, random.choice(people))
        check_rules(trial)
        for who in people:
            check_reading(trial, who)
        end(trial)
        raise TakenBack
    return trial.done


def take_step(trial, verb, who, place):
    """Let somebody try something, say whether it was done, and hold everything there is to the rules."""
    before, result, refused = stands(trial), None, None
    try:
        with trial.session.begin_nested():
            result = attempt(trial, verb, trial.actor(who))
            trial.session.flush()
    except DomainError as refusal:
        refused = refusal
    if refused is not None:
        at_home = (who, verb) == (ELSEWHERE, "draft")  # in their own Partnership they may
        told = who in MAY[verb] or at_home or isinstance(refused, NotVisible | NotAllowed)
        assert told, (place, who, verb, refused)
        assert stands(trial) == before, "something stayed of what was refused"
    elif result is not None:
        trial.done[verb] += 1
        assert who in MAY[verb], (place, who, verb)
        if verb == "withdraw" and before[LearningPoint, result.id] is PointState.AGREED:
            assert who in CHAIRS, (place, who)
        judge_recusal(trial, who, verb, result)
        check_moves(trial, verb, result, before)
        check_rules(trial)
    return result is not None


def judge_recusal(trial, who, verb, result):
    """Nothing of a case is done by somebody from whom it is hidden, and nothing recorded out of its time."""
    if isinstance(result, LearningPoint):
        case = trial.session.get_one(ReviewCase, result.case_id)
        assert not hides(trial, case.id, who)
        if verb in ("record", "edit", "agree", "withdraw"):
            assert case.state in MAY_RECORD
        if verb in ("record", "edit", "word"):
            assert trial.recused.get((case.id, who), ConflictKind.NONE) is ConflictKind.NONE
    if isinstance(result, Recommendation | Action):
        found = result if isinstance(result, Recommendation) else result.recommendation
        behind = {each.point.case_id for each in found.points} if found is not None else set()
        assert not all(hides(trial, case_id, who) for case_id in behind)


def end(trial):
    """Destroy a case: what is left of its learning belongs to nobody."""
    case = trial.cases[0]
    events.publish(trial.session, CaseDestroyed(case_id=case.id, at=trial.now))
    trial.session.flush()
    trial.session.expire_all()
    left = trial.session.scalars(select(LearningPoint).where(LearningPoint.case_id.is_(None))).all()
    assert all(point.shareable and point.statement_sealed is None for point in left)
    assert trial.session.scalars(select(LearningPoint).where(LearningPoint.case_id == case.id)).all() == []


def made(trial, model, state, told):
    """Bring a new record of a kind to a state; a recommendation comes of what was told."""
    session, here, now = trial.session, trial.here, trial.now
    words = f"Words {trial.random.randrange(100_000)}."
    if model is LearningPoint:
        return learned.point_in(session, here, trial.cases[0], state, now=now, statement=words, wording=learned.WORDING)
    if model is Recommendation:
        return learned.make_recommendation(session, here, told, now=now, state=state, words=words)
    found = learned.make_recommendation(
        session, here, told, now=now, state=RecommendationState.ACCEPTED, words=f"For {words}"
    )
    return learned.make_action(session, here, found, now=now, state=state, words=words)


@pytest.mark.both_databases(short="sqlite")
def test_every_move_is_made_by_whoever_may_and_by_nobody_who_tries_it_before(app, work, clock):
    """The random orders would prove little if what they try could not lead everywhere."""
    with work() as session:
        world = factories.world(session, now=clock.now())
        trial = Trial(session=session, world=world, random=Random(1), now=clock.now())
        trial.cases = [reviewing.make_case(session, trial.here, now=clock.now(), state=CaseState.IN_PANEL)]
        told = [learned.told_point(session, trial.here, trial.cases[0], now=clock.now(), statement="At first.")]
        others = [*sorted(set(trial.here.actors) - RECORDERS - DECIDERS - OWNER), ELSEWHERE]
        moves = [(model, verb, state) for model, table in WORKFLOWS for verb in table for state in table[verb]]
        for number, (model, verb, state) in enumerate(moves):
            trial.only = made(trial, model, state, told)
            may = CHAIRS if (verb, state) == ("withdraw", PointState.AGREED) else MAY[verb]
            for who in [*sorted((RECORDERS | DECIDERS | OWNER) - may), *others[number % 6 :: 6]]:
                assert not take_step(trial, verb, who, "before"), (verb, state, who)
            who = trial.random.choice(sorted(may))
            assert any(take_step(trial, verb, who, each) for each in range(30)), (verb, state, who)
    assert trial.done.keys() == MAY.keys() - {"record", "draft", "propose_action"}


@pytest.mark.both_databases
def test_nobody_does_what_they_may_not_and_no_rule_breaks(app, work, clock):
    with work() as session:
        world = factories.world(session, now=clock.now())
    done = run(work, world, seed=1, steps=140, now=clock.now())
    assert len(done) > 9, done


@pytest.mark.endurance
@pytest.mark.both_databases
def test_nobody_does_what_they_may_not_in_many_orders(app, work, clock, seed):
    with work() as session:
        world = factories.world(session, now=clock.now())
    done: Counter[str] = Counter()
    for number in range(12):
        done += run(work, world, seed=seed + number, steps=600, now=clock.now())
    assert {verb for verb in MAY if done[verb] == 0} == set()
