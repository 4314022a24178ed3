"""From the panel's discussion to the signature and beyond: factors, the check of facts, signing, closing, reopening."""

import json

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from review_app.audit.rules import canonical
from review_app.errors import MoveRefused, NotAllowed, NotVisible, RuleBroken, Stale
from review_app.learning.queries.points import points_of
from review_app.learning.rules.states import ActionState, RecommendationState
from review_app.policy import Role
from review_app.reviews.commands.findings import (
    AddFactor,
    BackTo,
    ChangeFactor,
    CloseCase,
    EndFlag,
    FactorWords,
    RaiseFlag,
    RemoveFactor,
    ReopenCase,
    SayNoLearning,
    SignCase,
    SkipAccuracyCheck,
    StartFindings,
)
from review_app.reviews.models import CaseMove, CaseVersion, SideFlag
from review_app.reviews.queries import agenda
from review_app.reviews.queries import factors as factor_queries
from review_app.reviews.queries import signing as signing_queries
from review_app.reviews.rules.findings import FACTORS_OPEN, ReopenTrigger
from review_app.reviews.rules.states import CaseState, ConflictKind, FlagKind
from review_app.reviews.service import factors, flags, signing
from tests import factories, learned, reviewing, sittings

COORDINATOR, CHAIR, DEPUTY, MEMBER = sittings.SITTERS
ALONE = FactorWords(domain="C", influence="may_have_contributed", modifiable="yes", words="Used alone at home.")


@pytest.fixture
def here(work, clock):
    with work() as session:
        return factories.world(session, now=clock.now()).westhaven


def in_panel(session, here, clock, *, minuted: bool = True, **conflicts: ConflictKind):
    """Bring a case before the panel, with everybody's declarations, and keep the minutes unless a test does."""
    case = reviewing.make_case(session, here, now=clock.now(), state=CaseState.INFO_READY)
    meeting = sittings.plan_meeting(session, here, now=clock.now(), cases=[case], scribe=MEMBER)
    named = {key.replace("_", "."): kind for key, kind in conflicts.items()}
    sittings.be_ready(session, here, meeting, now=clock.now(), conflicts=named)
    sittings.hold(session, here, meeting, now=clock.now())
    if minuted:
        sittings.minute(session, here, meeting, now=clock.now())
    return case


def to_sign(session, here, clock, *, minuted: bool = True, **conflicts: ConflictKind):
    """Bring a case to where it can be signed, with one agreed learning point and one factor."""
    case = in_panel(session, here, clock, minuted=minuted, **conflicts)
    who = DEPUTY if "review_chair" in conflicts else CHAIR
    add_factor(session, here, clock, case)
    learned.agreed_point(session, here, case, now=clock.now(), by=who)
    signing.start_findings(session, here.actor(who), StartFindings(reference=case.reference), now=clock.now())
    check = SkipAccuracyCheck(reference=case.reference, reason="Read out at the meeting.")
    signing.skip_accuracy_check(session, here.actor(who), check, now=clock.now())
    session.flush()
    return case


def sign(session, here, clock, case, who: str = CHAIR, digest: str = ""):
    read = digest or signing_queries.content_to_sign(session, case).digest
    command = SignCase(reference=case.reference, digest=read)
    version = signing.sign_case(session, here.actor(who), command, now=clock.now())
    session.flush()
    return version


def add_factor(session, here, clock, case, who: str = COORDINATOR, factor: FactorWords = ALONE):
    made = factors.add_factor(
        session, here.actor(who), AddFactor(reference=case.reference, factor=factor), now=clock.now()
    )
    session.flush()
    return made


# Factors


@pytest.mark.parametrize("who", [COORDINATOR, CHAIR, DEPUTY, MEMBER])
def test_coordinator_chairs_and_the_scribe_record_factors(work, here, clock, who):
    with work() as session:
        case = in_panel(session, here, clock)
        add_factor(session, here, clock, case, who)
        add_factor(session, here, clock, case, who)
        board = factor_queries.factor_board(session, here.actor(who), case, now=clock.now())
        assert [(domain, [each.influence for each in rows]) for domain, rows in board.domains] == [
            ("C Place, housing and drug supply", ["May have contributed to vulnerability, ill health or death"])
        ]
        assert board.may_record


@pytest.mark.parametrize("who", ["housing.rep", "ig", "dph", "admin", "coordinator"])
def test_nobody_else_records_factors(work, here, clock, who):
    with work() as session:
        case = in_panel(session, here, clock)
        with pytest.raises((NotVisible, NotAllowed)):
            add_factor(session, here, clock, case, who)


def test_a_member_who_is_not_the_scribe_or_has_an_interest_records_nothing(work, here, clock):
    with work() as session:
        case = in_panel(session, here, clock, review_member=ConflictKind.INVOLVED_IN_CARE)
        with pytest.raises(NotVisible):
            add_factor(session, here, clock, case, MEMBER)


def test_a_coordinator_with_an_interest_sees_the_case_and_records_nothing(work, here, clock):
    with work() as session:
        case = in_panel(session, here, clock, review_coordinator=ConflictKind.LINE_MANAGES)
        with pytest.raises(NotVisible):
            add_factor(session, here, clock, case, COORDINATOR)


@pytest.mark.parametrize("state", sorted(set(CaseState) - set(FACTORS_OPEN) - {CaseState.DESTROYED}))
def test_factors_are_not_recorded_in_other_states(work, here, clock, state):
    with work() as session:
        case = reviewing.make_case(session, here, now=clock.now(), state=state)
        with pytest.raises(MoveRefused):
            add_factor(session, here, clock, case)


def test_what_the_settings_do_not_list_is_no_factor(work, here, clock):
    with work() as session:
        case = in_panel(session, here, clock)
        strange = FactorWords(domain="Z", influence="sufficient", modifiable="yes", words="Something.")
        with pytest.raises(RuleBroken, match="from what is listed"):
            add_factor(session, here, clock, case, factor=strange)


def test_the_second_of_two_people_who_change_a_factor_is_shown_the_first_ones_words(work, here, clock):
    with work() as session:
        case = in_panel(session, here, clock)
        factor = add_factor(session, here, clock, case)
        read = factor.version
        first = FactorWords(domain="C", influence="sufficient", modifiable="yes", words="Lived alone.")
        change = ChangeFactor(reference=case.reference, factor_id=factor.id, factor=first, version=read)
        factors.change_factor(session, here.actor(CHAIR), change, now=clock.now())
        session.flush()
        second = FactorWords(domain="C", influence="sufficient", modifiable="no", words="Lived alone.")
        change = ChangeFactor(reference=case.reference, factor_id=factor.id, factor=second, version=read)
        with pytest.raises(Stale) as stale:
            factors.change_factor(session, here.actor(COORDINATOR), change, now=clock.now())
        assert stale.value.differences == (("Could be changed", "No", "Yes"),)


def test_a_factor_taken_away_is_kept_and_counts_no_more(work, here, clock):
    with work() as session:
        case = in_panel(session, here, clock)
        factor = add_factor(session, here, clock, case)
        command = RemoveFactor(reference=case.reference, factor_id=factor.id)
        factors.remove_factor(session, here.actor(CHAIR), command, now=clock.now())
        session.flush()
        assert factor_queries.factors_of(session, case) == []
        assert factor.removed_by_id == here.user(CHAIR).id


# Signing


def test_a_case_is_signed_with_everything_in_it_and_nobody_named(work, here, clock):
    with work() as session:
        case = to_sign(session, here, clock)
        version = sign(session, here, clock, case)
        parts = json.loads(version.content)
        assert case.state is CaseState.SIGNED_OFF
        assert (version.number, version.digest) == (1, signing_queries.digest_of(version.content))
        assert version.accuracy_reason == parts["accuracy"] == "Read out at the meeting."
        assert parts["factors"][0]["words"] == "Used alone at home."
        assert parts["learning"][0]["statement"].startswith("Housing and treatment met")
        assert parts["notifications"][0]["content"]["story"] == "Found by a neighbour in the morning."
        assert canonical(parts) == version.content


def test_a_case_without_learning_needs_a_reason_why(work, here, clock):
    with work() as session:
        case = in_panel(session, here, clock)
        chair = here.actor(CHAIR)
        signing.start_findings(session, chair, StartFindings(reference=case.reference), now=clock.now())
        check = SkipAccuracyCheck(reference=case.reference, reason="Read out.")
        signing.skip_accuracy_check(session, chair, check, now=clock.now())
        with pytest.raises(RuleBroken, match="Agree at least one learning point, or record why none was found"):
            sign(session, here, clock, case)
        said = SayNoLearning(reference=case.reference, reason="Nothing could have been done otherwise.")
        signing.say_no_learning(session, chair, said, now=clock.now())
        sign(session, here, clock, case)
        assert case.state is CaseState.SIGNED_OFF


def test_the_check_of_facts_comes_before_the_signature(work, here, clock):
    with work() as session:
        case = in_panel(session, here, clock)
        learned.agreed_point(session, here, case, now=clock.now())
        with pytest.raises(MoveRefused):
            sign(session, here, clock, case)
        signing.start_findings(session, here.actor(CHAIR), StartFindings(reference=case.reference), now=clock.now())
        with pytest.raises(MoveRefused):
            sign(session, here, clock, case)
        with pytest.raises(RuleBroken, match="Enter why agencies were not asked"):
            signing.skip_accuracy_check(
                session, here.actor(CHAIR), SkipAccuracyCheck(reference=case.reference, reason=" "), now=clock.now()
            )


def test_a_case_is_not_signed_before_its_meeting_has_minutes(work, here, clock):
    with work() as session:
        case = to_sign(session, here, clock, minuted=False)
        (item,) = agenda.meetings_of(session, case)
        with pytest.raises(RuleBroken, match=f"Keep the minutes of {item.meeting.reference} first"):
            sign(session, here, clock, case)
        sittings.minute(session, here, item.meeting, now=clock.now())
        sign(session, here, clock, case)
        assert case.state is CaseState.SIGNED_OFF


def test_what_changed_since_it_was_read_is_not_signed(work, here, clock):
    with work() as session:
        case = to_sign(session, here, clock)
        read = signing_queries.content_to_sign(session, case).digest
        other = FactorWords(domain="D", influence="unlikely", modifiable="no", words="A letter went astray.")
        add_factor(session, here, clock, case, factor=other)
        with pytest.raises(RuleBroken, match="has changed since you opened"):
            sign(session, here, clock, case, digest=read)


@pytest.mark.parametrize("who", [COORDINATOR, MEMBER, "sro", "dph", "ig"])
def test_only_a_chair_or_deputy_signs(work, here, clock, who):
    with work() as session:
        case = to_sign(session, here, clock)
        with pytest.raises(NotAllowed):
            sign(session, here, clock, case, who)


def test_a_chair_who_has_not_declared_declares_before_signing(work, here, clock):
    with work() as session:
        case = to_sign(session, here, clock)
        newcomer = factories.make_user(
            session, "second.chair@westhaven.example", "Second Chair Example", now=clock.now()
        )
        role = Role.CHAIR
        factories.give_role(session, here, newcomer, role, now=clock.now(), panel_id=here.review_panel.id)
        actor = factories.actor_of(session, here, newcomer, now=clock.now())
        command = SignCase(reference=case.reference, digest=signing_queries.content_to_sign(session, case).digest)
        with pytest.raises(RuleBroken, match="Declare first"):
            signing.sign_case(session, actor, command, now=clock.now())


def test_a_recused_chair_cannot_sign_and_the_deputy_can(work, here, clock):
    with work() as session:
        case = to_sign(session, here, clock, review_chair=ConflictKind.LINE_MANAGES)
        with pytest.raises(NotVisible):
            sign(session, here, clock, case, CHAIR)
        assert sign(session, here, clock, case, DEPUTY).signed_by_id == here.user(DEPUTY).id


@pytest.mark.both_databases
def test_the_database_itself_refuses_what_may_never_be(work, here, clock):
    with work() as session:
        case = to_sign(session, here, clock)
        version = sign(session, here, clock, case)
        for change in ({"digest": "0" * 64}, {"number": 7}):
            with pytest.raises(DBAPIError, match="a signed version never changes"), session.begin_nested():
                session.execute(update(CaseVersion).values(**change))
        other = reviewing.make_case(session, here, now=clock.now(), state=CaseState.ACCURACY_CHECK)
        reviewing.declare(session, here, other, DEPUTY, ConflictKind.INVOLVED_IN_CARE, now=clock.now())
        conflicted = CaseVersion(
            case_uuid=other.uuid,
            case_id=other.id,
            number=1,
            digest=version.digest,
            signed_at=clock.now(),
            signed_by_id=here.user(DEPUTY).id,
        )
        session.add(conflicted)
        with pytest.raises(DBAPIError, match="interest in a case does not sign"):
            session.flush()
        session.rollback()


# After the signature


def test_a_case_with_actions_has_them_open_and_closes_when_they_are_done(work, here, clock):
    with work() as session:
        case = to_sign(session, here, clock)
        recommendation = learned.make_recommendation(
            session, here, points_of(session, case.id), now=clock.now(), state=RecommendationState.ACCEPTED
        )
        action = learned.make_action(session, here, recommendation, now=clock.now())
        sign(session, here, clock, case)
        assert case.state is CaseState.ACTIONS_OPEN
        close = CloseCase(reference=case.reference)
        with pytest.raises(RuleBroken, match=f"Actions are still open: {action.reference}"):
            signing.close_case(session, here.actor(CHAIR), close, now=clock.now())
        action.state = ActionState.DONE
        action.answered_at, action.answered_by_id = clock.now(), here.user("housing.rep").id
        action.done_at = clock.now()
        session.flush()
        signing.close_case(session, here.actor(CHAIR), close, now=clock.advance(days=30))
        assert (case.state, case.closed_at) == (CaseState.CLOSED, clock.now())


def test_what_was_signed_stays_byte_for_byte_when_the_case_is_opened_again(work, here, clock):
    with work() as session:
        case = to_sign(session, here, clock)
        first = sign(session, here, clock, case)
        before, content, digest = bytes(first.content_sealed or b""), first.content, first.digest
        signing.close_case(session, here.actor(CHAIR), CloseCase(reference=case.reference), now=clock.now())
        again = ReopenCase(
            reference=case.reference,
            trigger=ReopenTrigger.TOXICOLOGY_RECEIVED,
            back_to=BackTo.FINDINGS,
            reason="A nitazene was found.",
        )
        signing.reopen_case(session, here.actor(DEPUTY), again, now=clock.advance(days=3))
        assert (case.state, case.closed_at) == (CaseState.FINDINGS_DRAFT, None)
        found = FactorWords(domain="C", influence="sufficient", modifiable="no", words="A contaminated supply.")
        add_factor(session, here, clock, case, factor=found)
        check = SkipAccuracyCheck(reference=case.reference, reason="The laboratory’s report is clear.")
        signing.skip_accuracy_check(session, here.actor(CHAIR), check, now=clock.now())
        second = sign(session, here, clock, case)
        session.expire_all()
        assert (bytes(first.content_sealed or b""), first.content, first.digest) == (before, content, digest)
        assert (second.number, second.content != content) == (2, True)
        shown = signing_queries.signed_version(session, here.actor(CHAIR), case.reference, 2)
        assert shown.changed == ("Check of facts", "Factors")
        assert shown.why == "Toxicology was received. A nitazene was found."
        assert shown.whole


@pytest.mark.parametrize(
    ("back_to", "state"),
    [
        (BackTo.INFO, CaseState.INFO_REQUESTED),
        (BackTo.PACK, CaseState.PACK_DRAFT),
        (BackTo.FINDINGS, CaseState.FINDINGS_DRAFT),
    ],
)
def test_a_case_goes_on_where_the_chair_says(work, here, clock, back_to, state):
    with work() as session:
        case = reviewing.make_case(session, here, now=clock.now(), state=CaseState.CLOSED)
        command = ReopenCase(
            reference=case.reference, trigger=ReopenTrigger.INQUEST_CONCLUSION, back_to=back_to, reason="It was open."
        )
        with pytest.raises(NotAllowed):
            signing.reopen_case(session, here.actor(COORDINATOR), command, now=clock.now())
        signing.reopen_case(session, here.actor(CHAIR), command, now=clock.now())
        session.flush()
        assert case.state is state
        reasons = [each.reason for each in session.scalars(select(CaseMove).where(CaseMove.case_id == case.id))]
        assert "The inquest has concluded. It was open." in reasons


# Holds and warnings


@pytest.mark.parametrize("kind", list(FlagKind))
def test_a_hold_is_raised_once_and_ended_with_a_reason(work, here, clock, kind):
    with work() as session:
        case = reviewing.make_case(session, here, now=clock.now(), state=CaseState.SELECTED)
        coordinator = here.actor(COORDINATOR)
        raising = RaiseFlag(reference=case.reference, kind=kind, reason="The coroner asked.")
        for _press in range(2):
            flags.raise_flag(session, coordinator, raising, now=clock.now())
            session.flush()
        ending = EndFlag(reference=case.reference, kind=kind, reason="It is over.")
        flags.end_flag(session, coordinator, ending, now=clock.advance(days=1))
        session.flush()
        rows = session.scalars(select(SideFlag)).all()
        assert [(row.kind, row.reason, row.end_reason, row.ended_at) for row in rows] == [
            (kind, "The coroner asked.", "It is over.", clock.now())
        ]
        with pytest.raises(MoveRefused):
            flags.end_flag(session, coordinator, ending, now=clock.now())


@pytest.mark.parametrize("who", [CHAIR, MEMBER, "ig"])
def test_only_the_coordinator_raises_holds(work, here, clock, who):
    with work() as session:
        case = reviewing.make_case(session, here, now=clock.now(), state=CaseState.SELECTED)
        command = RaiseFlag(reference=case.reference, kind=FlagKind.LEGAL_HOLD, reason="The coroner asked.")
        with pytest.raises((NotAllowed, NotVisible)):
            flags.raise_flag(session, here.actor(who), command, now=clock.now())
