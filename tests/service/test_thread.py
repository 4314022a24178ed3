"""The evidence thread: each reader's own part of a chain, and nothing behind what they may not know of."""

import random
from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, select

from review_app.alerts.queries.visibility import visible_alerts
from review_app.errors import NotVisible
from review_app.learning.queries.narrowing import visible_actions, visible_points, visible_recommendations
from review_app.learning.rules.states import RecommendationState
from review_app.links import service as links
from review_app.links.models import ENDS, EvidenceLink, Relation
from review_app.policy import Actor
from review_app.reviews.queries import known_cases, origin_cases
from review_app.reviews.rules.states import CaseState, ConflictKind
from review_app.search.queries import search
from review_app.submissions.commands.triage import LinkToSignal, StartTriage, UnlinkFromSignal
from review_app.submissions.models import Signal, Submission
from review_app.submissions.queries import own_submissions, visible_signals, visible_submissions
from review_app.submissions.rules import LinkReason, SignalState
from review_app.submissions.service.linking import link_to_signal, unlink_from_signal
from review_app.submissions.service.triage import start_triage
from review_app.thread.queries import thread_page
from review_app.thread.rules import KIND_WORDS, TELLING, ItemKind
from tests import factories, learned, reviewing
from tests.conftest import A_MONDAY
from tests.service.alert_cases import ready_draft

NOW = A_MONDAY
LEADS = {"coordinator", "coordinator2", "chair", "deputy"}
MEMBERS = {"police.panel", "clinician.panel", "treatment.panel"}
SIGNERS = {"approver", "dph", "communications"}
REVIEWERS = {"review.coordinator", "review.chair", "review.deputy"}
REPRESENTATIVES = {"housing.rep", "treatment.rep", "ambulance.rep"}
OVERSIGHT = {"dph", "ig", "analyst"}
BOARD = {"sro", "board"}
TABLE = {
    "own report": {*LEADS, *MEMBERS, "hostel.worker"},
    "urgent report": {*LEADS, *MEMBERS, "oncall"},
    "police report": {*LEADS, "police.panel"},
    "signal": {*LEADS, *MEMBERS, *SIGNERS, "oncall"},
    "alert draft": {*LEADS, *SIGNERS, "oncall"},
    "case": {*REVIEWERS, "dph", "ig", "housing.rep", "treatment.rep"},
    "draft point": REVIEWERS,
    "told point": {*REVIEWERS, "review.member", *REPRESENTATIVES, *OVERSIGHT, *BOARD, "family"},
    "recommendation": {*REVIEWERS, "review.member", "housing.rep", *OVERSIGHT, *BOARD},
    "action": {*REVIEWERS, "review.member", "housing.rep", *OVERSIGHT, *BOARD},
}
"""Who may know of which item of one chain: housing and treatment were asked about the case, housing has the action."""
JOINED = (
    ("own report", "signal"), ("urgent report", "signal"), ("police report", "signal"), ("signal", "alert draft"),
    ("signal", "case"), ("case", "draft point"), ("case", "told point"), ("told point", "recommendation"),
    ("recommendation", "action"),
)  # fmt: skip
ALIKE = {"coordinator2", "deputy", "treatment.panel", "approver", "communications", "review.deputy", "nurse", "officer"}
"""People who hold a role that somebody else holds too."""
ORIGIN = {("case", "draft point"), ("case", "told point")}
"""What was learned from which case: an agency is not told, although it was asked and knows the learning."""


def in_reach(who, start):
    """Give what somebody finds from one of the items: by the items they know, along the joints they may be told of."""
    known = {name for name, people in TABLE.items() if who in people}
    joints = {joint for joint in JOINED if set(joint) <= known and not (joint in ORIGIN and who in REPRESENTATIVES)}
    met = {start} & known
    while more := {name for joint in joints if met & set(joint) for name in joint} - met:
        met |= more
    return met


def found(session, actor, reference):
    """Give the references of everything in a thread, as its list and its drawing have them."""
    page = thread_page(session, actor, reference, now=NOW)
    assert page.pages == 1
    listed = {line.item.reference for line in page.lines if line.item}
    named = {said.other.reference for line in page.lines for said in line.said}
    drawn = {item.reference for step in page.steps for item in step.items}
    assert named | drawn <= listed
    assert sum(step.number for step in page.steps) == sum(line.number for line in page.lines)
    return listed


def line_of(page, reference):
    """Give the line of a record."""
    (line,) = [line for line in page.lines if line.item and line.item.reference == reference]
    return line


def opens(session, actor, reference):
    try:
        return found(session, actor, reference)
    except NotVisible:
        return set()


def test_every_relation_and_kind_has_its_words():
    assert set(TELLING) == set(Relation)
    assert set(KIND_WORDS) == set(ItemKind)
    assert {kind.value for kind in ItemKind} == set(ENDS) - {"incident"}


def whole_chain(session, here, now):
    """Make one chain of everything, and give its items by name."""
    reports = {
        "own report": factories.make_submission(session, here, now=now, by="hostel.worker"),
        "urgent report": factories.make_submission(session, here, now=now, danger_now=True),
        "police report": factories.make_submission(session, here, now=now, police_sensitive=True),
    }
    alert = ready_draft(session, here, now=now)
    signal = session.scalars(select(Signal).order_by(Signal.id.desc())).first()
    for report in reports.values():
        start_triage(session, here.actor("coordinator"), StartTriage(reference=report.reference), now=now)
        join = LinkToSignal(reference=report.reference, signal=signal.reference, kind=LinkReason.SAME_BATCH)
        link_to_signal(session, here.actor("coordinator"), join, now=now)
    case = reviewing.make_case(session, here, now=now, state=CaseState.SELECTED)
    reviewing.ask(session, here, case, "housing", "treatment", now=now)
    case.state = CaseState.IN_PANEL
    links.link(session, here.actor("review.coordinator"), signal, case, Relation.MAY_EXPLAIN, now=now)
    told = learned.told_point(session, here, case, now=now)
    advice = learned.make_recommendation(session, here, [told], now=now, state=RecommendationState.ACCEPTED)
    return {
        **reports,
        "signal": signal,
        "alert draft": alert,
        "case": case,
        "draft point": learned.make_point(session, here, case, now=now),
        "told point": told,
        "recommendation": advice,
        "action": learned.make_action(session, here, advice, now=now),
    }


def test_every_reader_finds_their_own_part_of_a_chain_from_each_of_its_items(work, clock):
    with work() as session:
        world = factories.world(session, now=clock.now())
        here = world.westhaven
        items = whole_chain(session, here, clock.now())
        session.flush()
        assert items.keys() == TABLE.keys()
        beside = {each.reference for each in session.scalars(select(Submission))}
        beside -= {each.reference for each in items.values()}
        for who in set(here.users) - ALIKE:
            for name in ("own report", "signal", "case", "told point", "action"):
                expected = {items[each].reference for each in in_reach(who, name)}
                assert opens(session, here.actor(who), items[name].reference) - beside == expected, (who, name)
        for who in ("coordinator", "dph", "ig", "review.chair", "housing.rep"):
            for item in items.values():
                assert opens(session, world.eastmoor.actor(who), item.reference) == set(), who


def test_days_that_point_at_a_case_are_for_those_who_read_it(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        items = whole_chain(session, here, clock.now())
        point = items["told point"]
        session.flush()
        for who, dated in (("review.chair", True), ("dph", False), ("housing.rep", False), ("board", False)):
            line = line_of(thread_page(session, here.actor(who), point.reference, now=NOW), point.reference)
            assert line.item.dated is dated, who
            assert line.item.roughly == ("" if dated else "Oct to Dec 2026"), who
            assert point.shareable in line.item.title
            assert point.statement not in line.item.title
            assert [(said.at is not None, bool(said.by)) for said in line.said] == (
                [(dated, dated)] if who in ("review.chair", "dph") else []
            ), who


def test_a_neighbour_finds_the_shared_signal_and_nothing_that_it_leads_to(work, clock):
    with work() as session:
        world = factories.world(session, now=clock.now())
        here, there = world.westhaven, world.eastmoor
        report = factories.make_submission(session, here, now=clock.now())
        signal = factories.make_signal(session, here, now=clock.now(), submissions=[report])
        case = reviewing.make_case(session, here, now=clock.now())
        links.link(session, None, signal, case, Relation.MAY_EXPLAIN, now=clock.now())
        factories.share_signal(session, signal, there, now=clock.now())
        assert found(session, there.actor("coordinator"), signal.reference) == {signal.reference}
        for who in ("chair", "review.coordinator", "ig"):
            with pytest.raises(NotVisible):
                thread_page(session, there.actor(who), signal.reference, now=NOW)


def test_a_chair_who_declared_a_conflict_finds_nothing_of_the_case(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        first, second = (reviewing.make_case(session, here, now=clock.now()) for _ in range(2))
        links.link(session, None, first, second, Relation.RELATED, now=clock.now())
        chair = here.actor("review.chair")
        reviewing.declare(session, here, first, "review.chair", ConflictKind.LINE_MANAGES, now=clock.now())
        session.flush()
        with pytest.raises(NotVisible):
            thread_page(session, chair, first.reference, now=NOW)
        assert found(session, chair, second.reference) == {second.reference}
        assert search(session, chair, first.reference, now=NOW) == []
        both = {first.reference, second.reference}
        assert found(session, here.actor("review.deputy"), first.reference) == both


def test_where_only_existence_is_known_a_line_has_reference_and_state_and_names_nobody(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        signal = factories.make_signal(session, here, now=clock.now(), state=SignalState.DECIDED)
        case = reviewing.make_case(session, here, now=clock.now())
        links.link(session, here.actor("review.coordinator"), signal, case, Relation.MAY_EXPLAIN, now=clock.now())
        session.flush()
        line = line_of(thread_page(session, here.actor("dph"), case.reference, now=NOW), case.reference)
        assert (line.item.content, line.item.dated, line.item.title) == (False, False, "")
        (said,) = line.said
        assert (said.words, said.other.reference) == ("May be explained by", signal.reference)
        assert (said.at, said.by) == (None, "")


def test_what_was_taken_back_is_shown_as_such_and_not_followed(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        coordinator = here.actor("coordinator")
        report = factories.make_submission(session, here, now=clock.now())
        wrong = factories.make_signal(session, here, now=clock.now(), submissions=[report])
        other = factories.make_submission(session, here, now=clock.now())
        factories.make_signal(session, here, now=clock.now(), submissions=[other])
        later = clock.advance(hours=1)
        command = UnlinkFromSignal(reference=report.reference, reason="Another colour.")
        unlink_from_signal(session, coordinator, command, now=later)
        third = factories.make_submission(session, here, now=later)
        join = LinkToSignal(reference=third.reference, signal=wrong.reference, kind=LinkReason.SAME_BATCH)
        start_triage(session, coordinator, StartTriage(reference=third.reference), now=later)
        link_to_signal(session, coordinator, join, now=later)
        right = factories.make_signal(session, here, now=later, title="White tablets", submissions=[report])
        session.flush()
        page = thread_page(session, coordinator, report.reference, now=NOW)
        line = line_of(page, report.reference)
        name = here.user("coordinator").name
        assert [(said.other.reference, said.by, said.undone_at, said.undone_by) for said in line.said] == [
            (wrong.reference, name, later, name),
            (right.reference, name, None, ""),
        ]
        assert found(session, coordinator, report.reference) == {report.reference, wrong.reference, right.reference}
        assert found(session, coordinator, wrong.reference) == {wrong.reference, third.reference, report.reference}


def test_a_circle_ends(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        made = [factories.make_signal(session, here, now=clock.now()) for _ in range(3)]
        for first, second in zip(made, [*made[1:], made[0]], strict=True):
            links.link(session, None, first, second, Relation.RELATED, now=clock.now())
        session.flush()
        assert found(session, here.actor("chair"), made[1].reference) == {each.reference for each in made}


def test_thousands_of_reports_are_one_line_with_their_number(work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        one = factories.make_submission(session, here, now=clock.now())
        signal = factories.make_signal(session, here, now=clock.now(), submissions=[one])
        case = reviewing.make_case(session, here, now=clock.now())
        links.link(session, None, signal, case, Relation.MAY_EXPLAIN, now=clock.now())
        columns = [column for column in Submission.__table__.columns if column.name != "id"]
        copied = {column.name: getattr(one, column.name) for column in columns} | {"follow_token_hash": None}
        ids = session.scalars(
            insert(Submission).returning(Submission.id),
            [
                {
                    **copied,
                    "reference": f"WES-2026-{1000 + number}",
                    "form_token": f"f{number}",
                    "follow_token_hash": None,
                }
                for number in range(3_000)
            ],
        ).all()
        made = {
            "partnership_id": here.partnership.id, "relation": Relation.GATHERED_INTO, "to_signal_id": signal.id,
            "note": "", "reversal_reason": "",
        }  # fmt: skip
        session.execute(
            insert(EvidenceLink),
            [
                {**made, "from_submission_id": each, "linked_at": clock.now() + timedelta(seconds=place)}
                for place, each in enumerate(ids)
            ],
        )
        chair = here.actor("chair")
        page = thread_page(session, chair, signal.reference, now=NOW)
        run, last = page.lines[0], page.lines[1]
        assert (run.item, run.number) == (None, 3_001)
        assert last is line_of(page, signal.reference)
        (said,) = run.said
        until = clock.now() + timedelta(seconds=2_999)
        assert (said.other.reference, said.at, said.until) == (signal.reference, clock.now(), until)
        assert {step.kind: step.number for step in page.steps} == {ItemKind.SUBMISSION: 3_001, ItemKind.SIGNAL: 1}
        page = thread_page(session, chair, one.reference, now=NOW)
        assert sorted(line.number for line in page.lines) == [1, 1, 3_000]


@pytest.mark.both_databases
@pytest.mark.parametrize("number", range(2))
def test_in_random_graphs_nobody_finds_what_they_may_not_know_or_what_lies_behind_it(work, clock, number):
    """Compare with a walk over every link in plain Python, along records that each feature's own reads give."""
    chance = random.Random(number)
    with work() as session:
        world = factories.world(session, now=clock.now())
        records = pool(session, world, clock.now(), chance)
        readers = [someone(chance, world) for _ in range(5)]
        for _ in range(2):
            session.execute(delete(EvidenceLink))
            tie(session, world, records, clock.now(), chance)
            every = session.scalars(select(EvidenceLink)).all()
            for actor in readers:
                known = known_to(session, actor)
                origins = {case.id for case in session.scalars(origin_cases(actor))}
                told = [link for link in every if may_be_told(link, origins)]
                for start in chance.sample(records, 3):
                    expected = reachable(told, known, start) if end_of(start) in known else set()
                    assert opens(session, actor, start.reference) == expected, actor


def pool(session, world, now, chance):
    """Make records of every kind and in every state that the access rules tell apart."""
    records = []
    for place in (world.westhaven, world.eastmoor):
        for _ in range(4):
            by = chance.choice(["hostel.worker", "nurse", None])
            report = factories.make_submission(
                session, place, now=now, by=by, danger_now=chance.random() < 0.5, police_sensitive=chance.random() < 0.3
            )
            state = chance.choice(list(SignalState))
            signal = factories.make_signal(session, place, now=now, state=state, submissions=[report])
            signal.police_sensitive = chance.random() < 0.2
            records += [report, signal]
        records.append(ready_draft(session, place, now=now))
        records.append(reviewing.make_case(session, place, now=now))
    records += of_reviews(session, world.westhaven, now, chance)
    shared = chance.choice([each for each in records if isinstance(each, Signal)])
    there = {place.partnership.id: place for place in (world.westhaven, world.eastmoor)}
    (other,) = [place for number, place in there.items() if number != shared.partnership_id]
    factories.share_signal(session, shared, other, now=now)
    session.flush()
    return records


def of_reviews(session, place, now, chance):
    """Make cases that agencies were asked about and people declared an interest in, and what came of one of them."""
    cases = [reviewing.make_case(session, place, now=now, state=CaseState.SELECTED) for _ in range(3)]
    for case in cases:
        asked = chance.sample(["housing", "treatment", "ambulance"], chance.randint(1, 2))
        reviewing.ask(session, place, case, *asked, now=now)
        person = chance.choice(["review.chair", "review.deputy", "review.coordinator", "dph", "housing.rep"])
        reviewing.declare(session, place, case, person, chance.choice(list(ConflictKind)), now=now)
    case = reviewing.make_case(session, place, now=now, state=CaseState.IN_PANEL)
    told = learned.told_point(session, place, case, now=now)
    advice = learned.make_recommendation(session, place, [told], now=now, state=RecommendationState.ACCEPTED)
    action = learned.make_action(session, place, advice, now=now)
    draft = learned.make_point(session, place, case, now=now)
    reviewing.declare(session, place, case, "review.deputy", ConflictKind.FAMILY_OR_FRIEND, now=now)
    return [*cases, case, told, draft, advice, action]


def tie(session, world, records, now, chance):
    """Join records at random, across the border too, and take some of it back."""
    for _ in range(len(records) * 2):
        first, second = chance.sample(records, 2)
        made = links.link(session, None, first, second, chance.choice(list(Relation)), now=now)
        if chance.random() < 0.2:
            made.reversed_at, made.reversed_by_id = now, world.westhaven.user("coordinator").id
    session.flush()


def someone(chance, world):
    """Give a person with one, two or three of the roles there are."""
    place = chance.choice([world.westhaven, world.westhaven, world.eastmoor])
    held = [place.actor(key) for key in chance.sample(world.keys, chance.randint(1, 3))]
    assignments = frozenset(assignment for actor in held for assignment in actor.assignments)
    return Actor(user_id=held[0].user_id, partnership_id=place.partnership.id, assignments=assignments)


def known_to(session, actor):
    reads = [
        visible_submissions(actor), own_submissions(actor), visible_signals(actor), visible_alerts(actor),
        known_cases(actor), visible_points(session, actor, now=NOW), visible_recommendations(actor),
        visible_actions(actor),
    ]  # fmt: skip
    return {end_of(row): row.reference for narrowed in reads for row in session.scalars(narrowed)}


def end_of(record):
    return record.__tablename__, record.id


def may_be_told(link, origins):
    """Say whether a person to whom these cases are not only questions to their agency may be told of a link."""
    return link.relation is not Relation.GAVE_LEARNING or link.from_review_case_id in origins


def reachable(every, known, start):
    """Walk over standing links between known records; what a link that was taken back leads to is met, not passed."""
    ends = []
    for link in every:
        (first,) = [(end, n) for end in ENDS if (n := getattr(link, f"from_{end}_id")) is not None]
        (second,) = [(end, n) for end in ENDS if (n := getattr(link, f"to_{end}_id")) is not None]
        if first in known and second in known:
            ends += [(first, second, link.reversed_at is None), (second, first, link.reversed_at is None)]
    passed, frontier, met = {end_of(start)}, [end_of(start)], {end_of(start)}
    while frontier:
        at = frontier.pop()
        for first, second, stands in ends:
            if first == at:
                met.add(second)
                if stands and second not in passed:
                    passed.add(second)
                    frontier.append(second)
    return {known[each] for each in met}
