"""The panel when several people act at the same instant, and when anybody tries anything in any order."""

from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from review_app.accounts.queries import agency_types
from review_app.catalogue.models import AssessmentScheme
from review_app.catalogue.rules import read_scheme
from review_app.errors import DomainError, MoveRefused
from review_app.marks import Confidence, Grade, Severity
from review_app.outbox.models import OutboxMessage
from review_app.panel import queries, service
from review_app.panel.commands import (
    Answer,
    AskAgencies,
    CloseRound,
    OpenGrading,
    OverturnDecision,
    RatifyDecision,
    RecordDissent,
    RevealGrades,
)
from review_app.panel.models import Assessment, CorroborationReply, PanelDecision
from review_app.panel.queries.grading import gradings_in_force
from review_app.panel.rules import DECIDED, DECISION_WORKFLOW, REVEALED, Outcome, PanelDecisionState, ReplyAnswer
from review_app.submissions.commands.signals import ReopenSignal, SkipCorroboration
from review_app.submissions.models import Signal
from review_app.submissions.rules import SignalState
from review_app.submissions.service.signals import reopen_signal, skip_corroboration
from tests import factories
from tests.racing import Attempt, at_once
from tests.service.panel_cases import (
    QUESTION,
    QUORUM,
    ask,
    decision,
    grade,
    grading,
    revealed,
    tokens,
    with_panel,
)


@pytest.mark.both_databases
def test_of_two_who_decide_at_the_same_instant_one_decides(app, work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        reference = revealed(session, here, now=clock.now()).reference
    red = decision(reference)
    none = decision(reference, Grade.G0, Outcome.NO_FURTHER_ACTION, efficacy={}, grade_reason="It was a hoax.")
    ends = at_once(
        app,
        lambda session: service.record_decision(session, here.actor("chair"), red, now=clock.now()),
        lambda session: service.record_decision(session, here.actor("deputy"), none, now=clock.now()),
    )
    assert [type(end) for end in ends if end is not None] == [MoveRefused]
    with work() as session:
        made = session.scalars(select(PanelDecision)).one()
        winner = ("chair", Grade.G4) if ends[0] is None else ("deputy", Grade.G0)
        assert (made.decided_by_id, made.final_grade) == (here.user(winner[0]).id, winner[1])
        assert session.scalars(select(Signal.grade)).one() is winner[1]


@pytest.mark.both_databases
def test_a_grading_saved_at_the_instant_of_the_reveal_is_in_it_or_marked_not_blind(app, work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        signal = with_panel(session, here, now=clock.now())
        for key in QUORUM:
            grade(session, here, signal, key, now=clock.now())
        reference = signal.reference
    late = grading(reference, Severity.S0, Confidence.C1)
    ends = at_once(
        app,
        lambda session: service.reveal_grades(
            session, here.actor("coordinator"), RevealGrades(reference=reference), now=clock.now()
        ),
        lambda session: service.save_grading(session, here.actor("clinician.panel"), late, now=clock.now()),
        lambda session: service.reveal_grades(
            session, here.actor("chair"), RevealGrades(reference=reference), now=clock.now()
        ),
    )
    assert ends[1] is None
    assert [type(end) for end in (ends[0], ends[2]) if end is not None] == [MoveRefused]
    with work() as session:
        made = session.scalars(select(PanelDecision)).one()
        clinician = session.scalars(
            select(Assessment).where(Assessment.user_id == here.user("clinician.panel").id)
        ).one()
        assert clinician.blind == (made.spread == 4)


@pytest.mark.both_databases
def test_one_person_who_saves_twice_at_the_same_instant_has_one_grading_in_force(app, work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        reference = with_panel(session, here, now=clock.now()).reference
    saves = [
        lambda session, each=each: service.save_grading(
            session, here.actor("chair"), grading(reference, each), now=clock.now()
        )
        for each in (Severity.S0, Severity.S4, Severity.S2)
    ]
    assert at_once(app, *saves) == [None, None, None]
    with work() as session:
        assert len(gradings_in_force(session, session.scalars(select(PanelDecision.id)).one())) == 1


@pytest.mark.both_databases
def test_two_workers_remind_an_agency_once(app, work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        ask(session, here, factories.make_signal(session, here, now=clock.now()), "police", now=clock.now())
    clock.advance(hours=13)
    ends = at_once(app, *[lambda session: service.chase_rounds(session, now=clock.now())] * 3)
    assert ends == [None, None, None]
    with work() as session:
        owed = select(func.count()).select_from(OutboxMessage).where(OutboxMessage.purpose == "corroboration")
        assert session.scalar(owed) == 2


@pytest.mark.both_databases
def test_answers_by_two_colleagues_and_the_close_at_the_same_instant_are_all_kept(app, work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        request = ask(session, here, factories.make_signal(session, here, now=clock.now()), "police", now=clock.now())
        close = CloseRound(reference=request.signal.reference, round_id=request.id)
        [token] = tokens(session).values()
    ends = at_once(
        app,
        lambda session: service.answer_by_link(session, token, Answer(answer=ReplyAnswer.SEEN), now=clock.now()),
        lambda session: service.answer_by_link(session, token, Answer(answer=ReplyAnswer.NOT_SEEN), now=clock.now()),
        lambda session: service.close_round(session, here.actor("coordinator"), close, now=clock.now()),
    )
    assert ends == [None, None, None]
    with work() as session:
        answers = set(session.scalars(select(CorroborationReply.answer)))
        assert answers == {ReplyAnswer.SEEN, ReplyAnswer.NOT_SEEN}


PEOPLE = (
    "coordinator",
    "chair",
    "deputy",
    "police.panel",
    "clinician.panel",
    "treatment.panel",
    "dph",
    "oncall",
    "treatment.rep",
    "admin",
)


def attempts(here, reference: str, choice: int) -> dict[str, Attempt]:
    """Everything that can be tried on a Signal, as (session, actor, now)."""
    severity, confidence = list(Severity)[choice % 5], list(Confidence)[choice % 4]
    ids = (here.agencies["police"].id, here.agencies["treatment"].id)
    question = AskAgencies(reference=reference, agency_ids=ids, summary=QUESTION, urgent=choice % 2 == 0)
    final = list(Grade)[choice % 5]
    plan = decision(reference, final, list(Outcome)[choice % 9], grade_reason="Because.", audience_reason="Because.")

    def close(session, actor, now):
        rounds = queries.rounds_of(session, session.scalars(select(Signal.id).filter_by(reference=reference)).one())
        command = CloseRound(reference=reference, round_id=rounds[choice % len(rounds)].id if rounds else 0)
        return service.close_round(session, actor, command, now=now)

    def bound(verb, command) -> Attempt:
        return lambda session, actor, now: verb(session, actor, command, now=now)

    return {
        "ask": bound(service.ask_agencies, question),
        "close": close,
        "skip": bound(skip_corroboration, SkipCorroboration(reference=reference, reason="No time.")),
        "open": bound(service.open_grading, OpenGrading(reference=reference)),
        "grade": bound(service.save_grading, grading(reference, severity, confidence)),
        "reveal": bound(service.reveal_grades, RevealGrades(reference=reference, urgent_rule=choice % 2 == 1)),
        "decide": bound(service.record_decision, plan),
        "dissent": bound(service.record_dissent, RecordDissent(reference=reference, reason="No.")),
        "ratify": bound(service.ratify_decision, RatifyDecision(reference=reference, reason="Yes.")),
        "overturn": bound(service.overturn_decision, OverturnDecision(reference=reference, reason="No.")),
        "reopen": bound(reopen_signal, ReopenSignal(reference=reference, reason="New.")),
    }


STEPS = st.tuples(
    st.sampled_from(PEOPLE),
    st.sampled_from(("open", "grade", "grade", "grade", "reveal", "decide", "ask", "close", "skip", "dissent", "ratify",
                     "overturn", "reopen")),
    st.integers(0, 19),
)  # fmt: skip
"""Who tries what. Grading is tried more often, or a quorum would be rare."""


def check(session, here, signal, before: PanelDecisionState | None, now) -> PanelDecisionState | None:
    """Hold the panel's promises to whatever has just been tried."""
    round_ = queries.latest_round(session, signal.id)
    if round_ is None:
        assert signal.grade is None
        return None
    moves = {(start, end) for (start, _action), end in DECISION_WORKFLOW.moves.items()}
    steps = {(start, last) for start, middle in moves for again, last in moves if middle is again} | moves
    assert before in (None, round_.state, *DECIDED) or (before, round_.state) in steps
    standing = gradings_in_force(session, round_.id)
    assert len({each.user_id for each in standing}) == len(standing)
    if round_.state not in REVEALED:
        assert (round_.suggested_grade, round_.final_grade, round_.outcome) == (None, None, None)
        for key in PEOPLE:
            assert queries.grading_view(session, here.actor(key), signal, round_, now=now).shown == ()
    if round_.state in DECIDED:
        assert round_.decided_by_id in {here.user("chair").id, here.user("deputy").id}
        assert round_.urgent_rule or len({each.agency_id for each in standing}) >= 3
        assert round_.ratified_by_id is None or round_.ratified_by_id != round_.decided_by_id
    if signal.state is SignalState.DECIDED:
        assert round_.state in DECIDED
        assert signal.grade is round_.final_grade
    if signal.state is SignalState.WITH_PANEL:
        assert round_.state in {PanelDecisionState.COLLECTING, PanelDecisionState.REVEALED}
    return round_.state


def try_anything(work, clock, examples: int) -> None:
    """Let random people try random things in random order, each on a Signal of its own."""
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(st.lists(STEPS, min_size=10, max_size=40))
    def any_order(steps) -> None:
        with work() as session:
            signal = factories.make_signal(session, here, now=clock.now())
            skip_corroboration(
                session,
                here.actor("coordinator"),
                SkipCorroboration(reference=signal.reference, reason="No time."),
                now=clock.now(),
            )
            state = None
            for key, name, choice in steps:
                with suppress(DomainError), session.begin_nested():
                    attempts(here, signal.reference, choice)[name](session, here.actor(key), clock.advance(minutes=1))
                session.expire_all()
                state = check(session, here, signal, state, clock.now())

    any_order()


def test_whoever_tries_whatever_in_any_order_the_promises_hold(work, clock):
    try_anything(work, clock, examples=8)


@pytest.mark.endurance
def test_whoever_tries_whatever_in_any_order_the_promises_hold_for_long(work, clock):
    try_anything(work, clock, examples=400)


def test_the_shipped_scheme_names_agency_types_that_exist(work, clock):
    with work() as session:
        factories.world(session, now=clock.now())
        scheme = read_scheme(session.scalars(select(AssessmentScheme)).one().content)
        kinds = {each.key for each in agency_types(session)}
        assert scheme.star_cleared_by | scheme.quorum.clinical_agency_types <= kinds
        assert scheme.quorum.one_of_agency_types | scheme.quorum.urgent_lead_agency_types <= kinds
