"""Whatever people of every role try with notifications and cases, in whatever order, no rule breaks."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import product
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from review_app.audit.models import AuditEvent
from review_app.crypto import new_token
from review_app.errors import DomainError, NotAllowed, NotVisible
from review_app.keystore import RecordKind
from review_app.policy import Actor, Permission, Role, allowed
from review_app.reviews import queries
from review_app.reviews.commands.identity import CorrectIdentity, RevealIdentity
from review_app.reviews.commands.inclusion import ClassifyAgain, DecideInclusion, ReconsiderCase, StartCaseTriage
from review_app.reviews.commands.notifying import (
    AttachNotification,
    NotifyDeath,
    SaveIdentity,
    SaveKnown,
    SettleNotification,
    SettleRisk,
    StartCase,
)
from review_app.reviews.models import (
    CaseMove,
    DeathNotification,
    DeclarationOfInterest,
    FreedKey,
    IdentityRecord,
    NotificationDraft,
    ReviewCase,
    TriageDecision,
)
from review_app.reviews.queries.inclusion import facts_known, settings_in_force
from review_app.reviews.queries.matching import matches_of
from review_app.reviews.queries.notification_page import waiting_notifications
from review_app.reviews.queries.notifications import own_notifications, visible_notifications
from review_app.reviews.rules.identity import IdentityPurpose
from review_app.reviews.rules.inclusion import Answer
from review_app.reviews.rules.notified import Identity, read_identity
from review_app.reviews.rules.states import (
    BEFORE_SELECTION,
    CASE_WORKFLOW,
    NOTIFICATION_WORKFLOW,
    CaseState,
    ConflictKind,
    NotificationState,
)
from review_app.reviews.rules.states import NotificationAction as A
from review_app.reviews.rules.weighing import ACTION_OF
from review_app.reviews.service import attaching, identity, notifying, settling, triage
from tests import factories, reviewing
from tests.conftest import FixedClock, Work
from tests.reviewing import SAM

COORDINATOR, ELSEWHERE = "review.coordinator", "elsewhere"
"""The coordinator of the cases, and the one of another Partnership."""
PEOPLE = (COORDINATOR, "review.chair", "review.deputy", "review.member", "housing.rep", "treatment.rep", "coordinator",
          "dph", "ig", "admin", "nurse", "analyst", "sro", ELSEWHERE)  # fmt: skip
NOTIFIERS = {COORDINATOR, "coordinator", "housing.rep", "treatment.rep"}
MANAGERS = {COORDINATOR}
READERS = {COORDINATOR, "review.chair", "review.deputy"}
MAY: dict[str, set[str]] = {
    "notify": NOTIFIERS,
    "withdraw": NOTIFIERS,
    **dict.fromkeys(("attach", "start", "exclude", "risk", "triage", "decide", "reconsider", "classify", "correct"),
                    MANAGERS),
    "reveal": READERS,
}  # fmt: skip
"""Who may do what, written down a second time."""
WAYS = {(start, end) for (start, _), end in CASE_WORKFLOW.moves.items()}
MOVES = {"attach": A.ATTACH, "start": A.ATTACH, "exclude": A.EXCLUDE, "withdraw": A.WITHDRAW}
"""What moves a notification, by the verb it is tried with."""
OF_A_NOTIFICATION = {*MOVES, "risk", "correct"}
VERBS = ("notify", "notify", "attach", "attach", "start", "exclude", "withdraw", "risk", "triage", "triage", "decide",
         "decide", "reconsider", "classify", "correct", "reveal", "declare")  # fmt: skip
LIKELY: dict[str, tuple[CaseState, ...]] = {
    "triage": (CaseState.NOTIFIED,),
    "decide": (CaseState.TRIAGE,),
    "reconsider": (CaseState.OUT_OF_SCOPE, CaseState.IN_SCOPE_NOT_SELECTED),
    "classify": (CaseState.SELECTED,),
}
"""In which state each verb has something to do."""
ELSE = Identity(forename="Joan", surname="Zephyrine", born=date(1970, 2, 2), nhs_number="9990000018")
NAMED = (SAM, SAM, replace(SAM, nhs_number=""), Identity(), ELSE)


class Undo(Exception):
    """Takes an example back, so that the next one begins from the same world."""


@dataclass
class Trial:
    """One example: the world, and what is remembered of it between two steps."""

    session: Session
    world: factories.World
    now: datetime
    done: Counter[str] = field(default_factory=Counter)
    states: set[NotificationState] = field(default_factory=set)
    moves: set[tuple[NotificationState, A]] = field(default_factory=set)
    ways: set[tuple[CaseState, CaseState]] = field(default_factory=set)
    first: dict[int, tuple[object, ...]] = field(default_factory=dict)

    def actor(self, who: str) -> Actor:
        """Give a person as services meet them."""
        return self.world.eastmoor.actor(COORDINATOR) if who == ELSEWHERE else self.world.westhaven.actor(who)

    def rows(self, model):
        """Give every record of a kind, the earliest first."""
        return self.session.scalars(select(model).order_by(model.id)).all()

    def pick(self, model, choice: int, likely: tuple[object, ...] = ()):
        """Pick a record; mostly one in a state in which the verb can do something."""
        rows = self.rows(model)
        fitting = [row for row in rows if row.state in likely] if choice % 5 else []
        found = fitting or rows
        return found[choice % len(found)] if found else None


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How every notification and every case stands."""

    notifications: dict[int, NotificationState]
    cases: dict[int, CaseState]


def attempt(
    trial: Trial, who: str, verb: str, notification: DeathNotification, case: ReviewCase, choice: int
) -> object:
    """Try one verb on records that were picked without asking who may know of them."""
    session, actor, now = trial.session, trial.actor(who), trial.now
    known, version = notification.reference, notification.version - (choice % 11 == 10)
    attach = AttachNotification(reference=known, case=case.reference, version=version)
    settled = SettleNotification(reference=known, reason="Why not.")
    held = notification.identity.version if notification.identity else 0
    tries: dict[str, tuple[Callable[..., object], object]] = {
        "attach": (attaching.attach_notification, attach),
        "start": (attaching.start_case, StartCase(reference=known, version=version)),
        "exclude": (settling.exclude_notification, settled),
        "withdraw": (settling.withdraw_notification, settled),
        "risk": (settling.settle_risk, SettleRisk(reference=known, note="Seen to.")),
        "correct": (identity.correct_identity, CorrectIdentity(reference=known, typed=NAMED[choice % 5], version=held)),
        "triage": (triage.start_case_triage, StartCaseTriage(reference=case.reference)),
        "reconsider": (triage.reconsider_case, ReconsiderCase(reference=case.reference, reason="New.")),
        "reveal": (identity.reveal_identity, RevealIdentity(reference=case.reference, purpose=IdentityPurpose.CORONER)),
    }  # fmt: skip
    if verb in ("decide", "classify"):
        return decide(trial, actor, verb, case, choice)
    does, command = tries[verb]
    return does(session, actor, command, now=now)


def decide(trial: Trial, actor: Actor, verb: str, case: ReviewCase, choice: int) -> object:
    """Decide about the inclusion of a case, now and then against the rules or without a reason."""
    session, now = trial.session, trial.now
    outcome = list(ACTION_OF)[choice % 3]
    lived_here = Answer.NO if outcome is CaseState.OUT_OF_SCOPE else Answer.YES
    facts = replace(facts_known(session, case), residence_in_area=lived_here)
    rules = settings_in_force(session, case, now=now).id
    if verb == "classify":
        again = ClassifyAgain(reference=case.reference, facts=facts, settings_id=rules)
        return triage.classify_again(session, actor, again, now=now)
    reason = "Because." if choice % 4 else ""
    command = DecideInclusion(reference=case.reference, facts=facts, settings_id=rules, outcome=outcome, reason=reason)
    return triage.decide_inclusion(session, actor, command, now=now)


def notify(trial: Trial, who: str, choice: int) -> DeathNotification:
    """Notify a death, as the pages do it."""
    session, actor, token, now = trial.session, trial.actor(who), new_token(), trial.now
    own = sorted(actor.agencies(Role.AGENCY_REPRESENTATIVE))
    risk = Answer.YES if choice % 2 else Answer.NO
    known = reviewing.known(risk=risk, agency_id=own[0] if own else None)
    notifying.save_known(session, actor, SaveKnown(form_token=token, known=known), now=now)
    notifying.save_identity(session, actor, SaveIdentity(form_token=token, identity=NAMED[choice % 5]), now=now)
    return notifying.notify_death(session, actor, NotifyDeath(form_token=token), now=now)


def declare(trial: Trial, who: str, choice: int) -> None:
    """Say, now and then, that a case is about a friend, and, mostly, that it was not so after all."""
    case, user_id = trial.pick(ReviewCase, choice), trial.actor(who).user_id
    declared = select(DeclarationOfInterest).where(
        DeclarationOfInterest.user_id == user_id, DeclarationOfInterest.replaced_at.is_(None)
    )
    for each in trial.session.scalars(declared):
        each.replaced_at = trial.now
    trial.session.flush()
    if case is not None and choice % 3 == 0 and who != ELSEWHERE:
        reviewing.declare(
            trial.session, trial.world.westhaven, case, who, ConflictKind.FAMILY_OR_FRIEND, now=trial.now
        )  # fmt: skip


def hidden_from(trial: Trial, who: str) -> set[int]:
    """Give the cases that this person declared to be about a friend."""
    rows = select(DeclarationOfInterest.case_id).where(
        DeclarationOfInterest.user_id == trial.actor(who).user_id, DeclarationOfInterest.replaced_at.is_(None)
    )
    return set(trial.session.scalars(rows))


def step(trial: Trial, who: str, verb: str, choice: int) -> bool:
    """Let somebody try something on whatever there is, and say whether anything was done."""
    if verb == "declare":
        declare(trial, who, choice)
        return True
    movable = tuple(state for state, action in NOTIFICATION_WORKFLOW.moves if action is MOVES.get(verb))
    notification = trial.pick(DeathNotification, choice, movable)
    return act(trial, who, verb, choice, notification, trial.pick(ReviewCase, choice // 7, LIKELY.get(verb, ())))


def act(
    trial: Trial,
    who: str,
    verb: str,
    choice: int,
    notification: DeathNotification | None = None,
    case: ReviewCase | None = None,
) -> bool:
    """Let somebody try something, and say whether it was done: then it was theirs to do, and a legal move."""
    session, before, hidden, about = trial.session, standing(trial), hidden_from(trial, who), set[int]()
    if verb == "notify" and who == ELSEWHERE:  # what they notify is a matter of their own Partnership
        return False
    if verb != "notify" and (notification is None or case is None):
        return False
    if notification is not None and case is not None and hidden and who in READERS:
        about = cases_behind(trial, verb, notification, case)
    refused: DomainError | None = None
    try:
        with session.begin_nested():
            if notification is None or case is None or verb == "notify":
                notify(trial, who, choice)
            else:
                attempt(trial, who, verb, notification, case, choice)
            session.flush()
    except DomainError as refusal:
        refused = refusal
    session.expire_all()
    if refused is not None:
        assert who in MAY[verb] or isinstance(refused, NotVisible | NotAllowed), (who, verb, refused)
        assert standing(trial) == before, "something stayed of what was refused"
        return False
    assert who in MAY[verb], f"{who} may not {verb}"
    assert about & hidden == set(), f"{who} did {verb} to what is hidden"
    if verb == "withdraw" and who != COORDINATOR and notification is not None:
        assert notification.notified_by_id == trial.actor(who).user_id, "withdrew what somebody else notified"
    judge(trial, verb, notification.id if notification else 0, before)
    trial.done[verb] += 1
    return True


def standing(trial: Trial) -> Standing:
    """Say how everything stands now."""
    notifications = trial.session.execute(select(DeathNotification.id, DeathNotification.state))
    cases = trial.session.execute(select(ReviewCase.id, ReviewCase.state))
    return Standing(
        notifications={row.id: row.state for row in notifications},
        cases={row.id: row.state for row in cases},
    )


def cases_behind(trial: Trial, verb: str, notification: DeathNotification, case: ReviewCase) -> set[int]:
    """Give the cases from which somebody would learn, or change something, by this verb."""
    if verb == "notify":
        return set()
    if verb not in OF_A_NOTIFICATION:
        return {case.id}
    matched = {match.notification.case_id for match in matches_of(trial.session, notification)}
    about = {notification.case_id} if notification.case_id else matched
    return {each for each in about if each} | ({case.id} if verb == "attach" else set())


def judge(trial: Trial, verb: str, notification_id: int, before: Standing) -> None:
    """Hold what has moved to the tables of legal moves, and let nothing else have moved."""
    after = standing(trial)
    for number, start in before.cases.items():
        end = after.cases[number]
        if start is not end:
            further = {to for at, to in WAYS if (start, at) in WAYS} if verb == "attach" else set()
            assert (start, end) in WAYS or end in further, f"a case went from {start} to {end}"
            trial.ways.add((start, end))
    expected, new = dict(before.notifications), after.notifications.keys() - before.notifications.keys()
    if verb in MOVES:
        start_state = before.notifications[notification_id]
        expected[notification_id] = NOTIFICATION_WORKFLOW.after(start_state, MOVES[verb])
        trial.moves.add((start_state, MOVES[verb]))
    assert {number: after.notifications[number] for number in expected} == expected
    assert len(new) == (verb == "notify")
    trial.states |= set(after.notifications.values())


def check(trial: Trial) -> None:
    """Hold the whole world to its rules."""
    session = trial.session
    cases = {each.id: each for each in trial.rows(ReviewCase)}
    notifications = trial.rows(DeathNotification)
    for each in notifications:
        check_notification(each, cases)
    for case in cases.values():
        check_case(trial, case, [each for each in notifications if each.case_id == case.id])
    freed = {(each.kind, each.record_uuid) for each in session.scalars(select(FreedKey))}
    used = {(RecordKind.REVIEW_CASE, each.case_uuid) for each in notifications}
    used |= {(RecordKind.REVIEW_CASE, case.uuid) for case in cases.values()}
    for model in (IdentityRecord, NotificationDraft):
        used |= {(RecordKind.IDENTITY_RECORD, uuid) for uuid in session.scalars(select(model.uuid))}
    assert used & freed == set(), "a key that is still needed is to be destroyed"


def check_notification(each: DeathNotification, cases: dict[int, ReviewCase]) -> None:
    assert (each.state is NotificationState.ATTACHED) == (each.case_id is not None)
    if each.case_id is not None:
        assert each.case_uuid == cases[each.case_id].uuid
    gone = each.state is NotificationState.WITHDRAWN
    assert (each.content == {}) == gone
    assert not (gone and each.identity), "a withdrawn notification names somebody"
    assert each.identity is None or read_identity(each.identity.details), "an identity that names nobody"
    assert each.sources, "a notifier's dates are lost"


def check_case(trial: Trial, case: ReviewCase, notifications: list[DeathNotification]) -> None:
    session = trial.session
    reasons = [each.reason for each in session.scalars(select(CaseMove).where(CaseMove.case_id == case.id))]
    assert notifications or any("Same death" in each for each in reasons), "a case without a notification"
    if case.state in (CaseState.SELECTED, CaseState.IN_SCOPE_NOT_SELECTED):
        decided = select(TriageDecision.limbs).where(TriageDecision.case_id == case.id)
        assert any(session.scalars(decided)), "in scope by no limb"
    if case.state is CaseState.OUT_OF_SCOPE:
        assert case.limbs == []
    if case.state in (CaseState.OUT_OF_SCOPE, CaseState.IN_SCOPE_NOT_SELECTED):
        assert any(reasons), "ended without a reason"
    first = session.scalar(select(TriageDecision).where(TriageDecision.case_id == case.id, TriageDecision.number == 1))
    if first is not None:
        kept = (first.outcome, first.explanation, first.reason, tuple(first.limbs))
        assert trial.first.setdefault(case.id, kept) == kept, "the first decision was changed"


def check_reading(trial: Trial, who: str) -> None:
    """Hold what one person can read to what they may: a case's readers, less what a declaration hides from them."""
    session, actor, hidden = trial.session, trial.actor(who), hidden_from(trial, who)
    notifications = trial.rows(DeathNotification)
    reads = {each.id for each in notifications if each.case_id and who in READERS and each.case_id not in hidden}
    waits = {each.id for each in notifications if each.case_id is None and who == COORDINATOR}
    assert {each.id for each in session.scalars(visible_notifications(actor))} == reads | waits
    mine = {each.id for each in notifications if each.notified_by_id == actor.user_id and each.case_id not in hidden}
    assert {each.id for each in session.scalars(own_notifications(actor))} == (mine if who in NOTIFIERS else set())
    for number in hidden:
        with pytest.raises(NotVisible):
            queries.get_known_case(session, actor, session.get_one(ReviewCase, number).reference)
    if hidden:
        for each in waiting_notifications(session, actor):
            assert hidden & {proposal.case.id for proposal in each.proposals} == set()


WAY: tuple[tuple[str, str, int, int, int], ...] = (
    ("housing.rep", "notify", 1, 0, 0),
    ("treatment.rep", "notify", 1, 0, 0),
    (COORDINATOR, "risk", 1, 1, 0),
    (COORDINATOR, "attach", 1, 1, 0),
    ("coordinator", "notify", 1, 0, 0),
    (COORDINATOR, "start", 1, 2, 0),
    (COORDINATOR, "attach", 1, 2, 0),
    (COORDINATOR, "withdraw", 1, 2, 0),
    ("housing.rep", "notify", 1, 0, 0),
    ("housing.rep", "withdraw", 1, 3, 0),
    ("treatment.rep", "notify", 1, 0, 0),
    (COORDINATOR, "exclude", 1, 4, 0),
    (COORDINATOR, "attach", 1, 4, 0),
    (COORDINATOR, "correct", 4, 0, 0),
    ("review.chair", "reveal", 1, 0, 0),
    (COORDINATOR, "triage", 1, 0, 0),
    (COORDINATOR, "decide", 9, 0, 0),
    (COORDINATOR, "reconsider", 1, 0, 0),
    (COORDINATOR, "decide", 1, 0, 0),
    (COORDINATOR, "reconsider", 1, 0, 0),
    (COORDINATOR, "decide", 2, 0, 0),
    (COORDINATOR, "classify", 2, 0, 0),
)
"""A way by every legal move: who does what, how, to which notification and which case, counted as they came."""


def follow(
    trial: Trial, way: tuple[str, str, int, int, int]
) -> tuple[str, str, int, DeathNotification | None, ReviewCase | None]:
    """Give one part of the way as `act` takes it."""
    who, verb, choice, notification, case = way
    given = dict(enumerate(trial.rows(DeathNotification))).get(notification)
    return who, verb, choice, given, dict(enumerate(trial.rows(ReviewCase))).get(case)


def explore(work: Work, clock: FixedClock, examples: int) -> Counter[str]:
    """Let random people try random things in random order, from anywhere on the way, each time in the same world."""
    with work() as session:
        world = factories.world(session, now=clock.now())
    total: Counter[str] = Counter()

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(st.randoms(use_true_random=True))
    def example(random: Random) -> None:
        with suppress(Undo), work() as session:
            trial = Trial(session=session, world=world, now=clock.now())
            for part in WAY[: random.randrange(len(WAY))]:
                assert act(trial, *follow(trial, part))
            trial.done.clear()
            for _ in range(25):
                verb = random.choice(VERBS)
                who = random.choice(sorted(MAY.get(verb, READERS)) if random.random() < 0.7 else PEOPLE)
                if step(trial, who, verb, random.randrange(10_000)):
                    check(trial)
                check_reading(trial, who)
            total.update(trial.done)
            raise Undo

    example()
    return total


def illegal(trial: Trial, notification: DeathNotification | None) -> list[str]:
    """Give the verbs that nobody may use on a notification as it stands: no such move, or its case would be empty."""
    if notification is None:
        return []
    wrong = [verb for verb, move in MOVES.items() if (notification.state, move) not in NOTIFICATION_WORKFLOW.moves]
    alone = [each for each in trial.rows(DeathNotification) if each.case_id == notification.case_id] == [notification]
    return [*wrong, "withdraw"] if alone and notification.case_id else wrong


@pytest.mark.both_databases(short="sqlite")
def test_every_move_is_made_by_whoever_may_and_by_nobody_who_tries_it_before(work: Work, clock: FixedClock) -> None:
    """The random orders would prove little if what they try could not lead everywhere."""
    with work() as session:
        trial = Trial(session=session, world=factories.world(session, now=clock.now()), now=clock.now())
    for part in WAY:
        with work() as session:
            trial.session = session
            who, verb, choice, given, case = follow(trial, part)
            first = next(iter(trial.rows(DeathNotification)), None)
            for person in [each for each in PEOPLE if each not in MAY[verb]]:
                for tried in {given, first} if person in READERS else {given}:
                    assert not act(trial, person, verb, choice, tried, case), (person, verb)
            for wrong in illegal(trial, given):
                assert not act(trial, COORDINATOR, wrong, choice, given, case), wrong
            assert act(trial, who, verb, choice, given, case), part
            check(trial)
            for person in {who, *READERS, ELSEWHERE} if part is not WAY[-1] else PEOPLE:
                check_reading(trial, person)
        with work() as session:
            events = select(AuditEvent.actor_id).order_by(AuditEvent.sequence.desc()).limit(1)
            assert session.scalar(events) == trial.actor(who).user_id, f"{verb} left no trace"
    assert trial.moves == set(NOTIFICATION_WORKFLOW.moves)
    assert trial.states == set(NotificationState)
    assert trial.done.keys() == MAY.keys()
    assert trial.ways >= {(start, end) for start, end in WAYS if start in BEFORE_SELECTION and end in BEFORE_SELECTION}


@pytest.mark.both_databases
def test_whoever_declared_a_conflict_does_nothing_to_the_case_and_to_what_may_belong_to_it(
    work: Work, clock: FixedClock
) -> None:
    with work() as session:
        trial = Trial(session=session, world=factories.world(session, now=clock.now()), now=clock.now())
        for part in WAY[:2]:
            act(trial, *follow(trial, part))
        inside, waiting = trial.rows(DeathNotification)
        [case] = trial.rows(ReviewCase)
        for who in sorted(READERS):
            declare(trial, who, 0)
            check_reading(trial, who)
            for verb, notification in product(sorted(MAY.keys() - {"notify"}), (inside, waiting)):
                assert not act(trial, who, verb, 1, notification, case), (who, verb)
        declare(trial, COORDINATOR, 1)  # it was not so after all
        assert act(trial, COORDINATOR, "attach", 1, waiting, case)


def test_who_may_reveal_and_read_is_who_the_policy_says(work: Work, clock: FixedClock) -> None:
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
    people = set(PEOPLE) - {ELSEWHERE}
    assert {who for who in people if allowed(here.actor(who), Permission.IDENTITY_REVEAL)} == MAY["reveal"]
    assert {who for who in people if allowed(here.actor(who), Permission.CASE_SEE)} == READERS


@pytest.mark.both_databases
def test_whoever_tries_whatever_with_notifications_no_rule_breaks(work: Work, clock: FixedClock) -> None:
    done = explore(work, clock, examples=3)
    assert {"notify", "attach", "triage", "decide"} <= set(done), done


@pytest.mark.endurance
@pytest.mark.both_databases
def test_whoever_tries_whatever_with_notifications_no_rule_breaks_for_long(work: Work, clock: FixedClock) -> None:
    done = explore(work, clock, examples=200)
    assert {verb for verb in MAY if done[verb] == 0} == set()
