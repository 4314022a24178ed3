"""What learning answers when a case is signed, closed or destroyed, and the themes it is counted under."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from review_app import events
from review_app.catalogue.models import LearningThemeVersion
from review_app.errors import Stale
from review_app.learning.commands import EditRecommendation, TransferAction
from review_app.learning.models import LearningPoint, LearningPointTheme, Recommendation, RecommendationPoint
from review_app.learning.queries import actions as action_queries
from review_app.learning.queries import themes
from review_app.learning.queries.recommendations import recommendation_view, saved_recommendation
from review_app.learning.queries.themes import ThemeFilter
from review_app.learning.rules.states import ACTION_OPEN, ActionState, Polarity, RecommendationState
from review_app.learning.service import actions, recommendations
from review_app.links.models import EvidenceLink, Relation
from review_app.reviews.events import CaseCloses, CaseDestroyed, CaseSigned, CaseSignsOff, SignedPart
from review_app.reviews.models import DeclarationOfInterest
from review_app.reviews.rules.states import CaseState, ConflictKind
from tests import factories, learned, reviewing

GOOD, AREA = Polarity.GOOD_PRACTICE, Polarity.AREA_FOR_LEARNING
EVERYONE_WITH_THEMES = (
    "review.coordinator", "review.chair", "review.deputy", "review.member", "housing.rep", "family", "dph", "analyst",
    "ig", "sro", "board",
)  # fmt: skip


@pytest.fixture
def here(work, clock):
    with work() as session:
        return factories.world(session, now=clock.now()).westhaven


@pytest.fixture
def case(work, here, clock):
    with work() as session:
        return reviewing.make_case(session, here, now=clock.now(), state=CaseState.IN_PANEL)


def of_learning(answers):
    return [each for each in answers if "earning point" in each]


def test_a_case_is_signed_only_with_something_agreed_or_a_reason_why_not(work, here, clock, case):
    with work() as session:
        question = CaseSignsOff(case_id=case.id, at=clock.now())
        case = session.merge(case)
        assert of_learning(events.objections(session, question)) == [
            "Agree at least one learning point, or record why none was found."
        ]
        case.no_learning = "Nothing was known that others could learn from."
        session.flush()
        assert of_learning(events.objections(session, question)) == []


def test_a_case_is_not_signed_while_a_point_is_left_undecided(work, here, clock, case):
    with work() as session:
        question = CaseSignsOff(case_id=case.id, at=clock.now())
        learned.agreed_point(session, here, case, now=clock.now())
        assert of_learning(events.objections(session, question)) == []
        learned.make_point(session, here, case, now=clock.now(), statement="A draft.")
        session.flush()
        assert of_learning(events.objections(session, question)) == [
            "1 learning point is not agreed yet. Agree or withdraw each of them first."
        ]


def test_what_is_signed_holds_the_agreed_learning_and_no_draft(work, here, clock, case):
    with work() as session:
        point = learned.agreed_point(session, here, case, now=clock.now(), themes=(1, 8))
        learned.make_point(session, here, case, now=clock.now(), statement="A draft.")
        session.flush()
        parts = [each for each in events.answers(session, CaseSigned(case_id=case.id)) if isinstance(each, SignedPart)]
        part = next(each for each in parts if each.key == "learning")
        assert part.content == [
            {
                "reference": point.reference,
                "polarity": "good_practice",
                "statement": "Housing and treatment met every week about the person.",
                "themes": ["Joint working and information sharing", "Record keeping"],
                "agencies": [],
                "agreed_at": clock.now().isoformat(),
            }
        ]


def test_open_actions_keep_a_case_open_until_they_end_or_move_to_the_log(work, here, clock, case):
    with work() as session:
        point = learned.told_point(session, here, case, now=clock.now())
        state = RecommendationState.ACCEPTED
        found = learned.make_recommendation(session, here, [point], now=clock.now(), state=state)
        question = CaseCloses(case_id=case.id, at=clock.now())
        made = {
            each: learned.make_action(session, here, found, now=clock.now(), state=each, words=f"Do {each}.")
            for each in ActionState
        }
        keeping = [made[each].reference for each in ACTION_OPEN]
        (objection,) = events.objections(session, question)
        assert all(reference in objection for reference in keeping)
        assert not any(action.reference in objection for each, action in made.items() if each not in ACTION_OPEN)
        for reference in keeping:
            command = TransferAction(reference=reference, reason="It will take years.")
            actions.transfer_action(session, here.actor("review.coordinator"), command, now=clock.now())
            session.flush()
        assert events.objections(session, question) == []


def test_an_action_that_comes_after_the_case_closed_belongs_to_the_log(work, here, clock, case):
    with work() as session:
        point = learned.told_point(session, here, case, now=clock.now())
        state = RecommendationState.ACCEPTED
        found = learned.make_recommendation(session, here, [point], now=clock.now(), state=state)
        case = session.merge(case)
        case.state, case.closed_at = CaseState.CLOSED, clock.now()
        session.flush()
        action = learned.make_action(session, here, found, now=clock.now())
        assert action.transferred_at == clock.now()
        assert events.objections(session, CaseCloses(case_id=case.id, at=clock.now())) == []


@pytest.mark.both_databases
def test_a_destroyed_case_leaves_approved_wording_polarity_and_themes_and_nothing_else(app, work, clock):
    with work() as session:
        here = factories.world(session, now=clock.now()).westhaven
        case = reviewing.make_case(session, here, now=clock.now(), state=CaseState.IN_PANEL)
        other = reviewing.make_case(session, here, now=clock.now(), state=CaseState.IN_PANEL)
        kept = learned.told_point(session, here, case, now=clock.now(), themes=(1, 8))
        unapproved = learned.agreed_point(session, here, case, now=clock.now(), statement="Two.", wording="Meet.")
        learned.make_point(session, here, case, now=clock.now(), statement="Three.")
        elsewhere = learned.told_point(session, here, other, now=clock.now())
        found = learned.make_recommendation(session, here, [kept, unapproved], now=clock.now())
        number, reference, theirs = case.id, kept.reference, elsewhere.id
        names = (found.reference, other.id)
    clock.set(datetime(2036, 11, 30, tzinfo=UTC))
    with work() as session:
        events.publish(session, CaseDestroyed(case_id=number, at=clock.now()))
    with work() as session:
        assert session.scalar(select(func.count()).select_from(LearningPoint)) == 2
        point = session.scalars(select(LearningPoint).where(LearningPoint.reference == reference)).one()
        assert (point.case_id, point.case_uuid, point.statement, point.wording) == (None, None, "", "")
        assert (point.polarity, point.shareable) == (GOOD, learned.WORDING)
        assert [each.theme_id for each in point.themes] == list(learned.theme_ids(session, 1, 8))
        people = (point.recorded_by_id, point.agreed_by_id, point.worded_by_id, point.approved_by_id, point.meeting_id)
        assert set(people) == {None}
        quarter = datetime(2026, 10, 1, tzinfo=UTC).astimezone(UTC)
        assert {point.recorded_at, point.agreed_at, point.approved_at} == {quarter.replace(month=9, day=30, hour=23)}
        links = session.scalars(select(EvidenceLink)).all()
        assert [(each.relation, each.from_review_case_id) for each in links] == [
            (Relation.GAVE_LEARNING, names[1]),
            (Relation.LED_TO, None),
        ]
        drawn = session.scalars(select(RecommendationPoint.point_id)).all()
        assert drawn == [point.id]
        assert session.scalars(select(Recommendation.reference)).one() == names[0]
        assert session.get_one(LearningPoint, theirs).case_id is not None
        assert session.scalar(select(func.count()).select_from(LearningPointTheme)) == 3


def test_a_destroyed_case_still_counts_once_for_its_theme(work, here, clock):
    with work() as session:
        cases = [reviewing.make_case(session, here, now=clock.now(), state=CaseState.IN_PANEL) for _ in range(5)]
        for each in cases:
            for number in range(2):
                learned.told_point(session, here, each, now=clock.now(), statement=f"Number {number}.")
        session.flush()
        events.publish(session, CaseDestroyed(case_id=cases[0].id, at=clock.now()))
        session.flush()
        (row,), _unseen = themes.theme_rows(session, here.actor("sro"), ThemeFilter(), now=clock.now())
        assert (str(row.of(GOOD)), str(row.cases.total)) == ("5", "5")


def test_themes_count_cases_and_protect_small_numbers_for_every_reader(work, here, clock):
    with work() as session:
        for number in range(6):
            case = reviewing.make_case(session, here, now=clock.now(), state=CaseState.IN_PANEL)
            learned.agreed_point(session, here, case, now=clock.now(), themes=(1,))
            if number < 2:
                learned.agreed_point(session, here, case, now=clock.now(), polarity=AREA, themes=(1, 8))
            learned.make_point(session, here, case, now=clock.now(), statement="A draft.", themes=(20,))
        session.flush()
        for who in EVERYONE_WITH_THEMES:
            rows, unseen = themes.theme_rows(session, here.actor(who), ThemeFilter(), now=clock.now())
            told = {row.theme.number: [str(row.of(GOOD)), str(row.of(AREA)), str(row.cases.total)] for row in rows}
            assert told == {1: ["6", "Fewer than 5", "Not shown"], 8: ["None", "Fewer than 5", "Fewer than 5"]}, who
            assert len(unseen) == 30
            assert {row.last_seen for row in rows} == {"Oct to Dec 2026"}


def test_a_recused_persons_numbers_leave_the_case_out(work, here, clock):
    with work() as session:
        cases = [reviewing.make_case(session, here, now=clock.now(), state=CaseState.IN_PANEL) for _ in range(5)]
        for each in cases:
            learned.told_point(session, here, each, now=clock.now())
        for who, kind in (("review.deputy", ConflictKind.LINE_MANAGES), ("housing.rep", ConflictKind.FAMILY_OR_FRIEND)):
            session.add(
                DeclarationOfInterest(
                    case_uuid=cases[0].uuid, case_id=cases[0].id, user_id=here.user(who).id, kind=kind,
                    declared_at=clock.now(), declared_by_id=here.user(who).id,
                )
            )  # fmt: skip
        session.flush()
        for who, number, told in (
            ("review.deputy", "Fewer than 5", 4),
            ("housing.rep", "Fewer than 5", 4),
            ("sro", "5", 5),
        ):
            (row,), _unseen = themes.theme_rows(session, here.actor(who), ThemeFilter(), now=clock.now())
            assert str(row.of(GOOD)) == number, who
            assert len(themes.shared_points(session, here.actor(who), row.theme.id, now=clock.now())) == told, who


def test_points_of_a_hidden_case_leave_no_trace_in_what_is_drawn_from_several(work, here, clock):
    now, chair = clock.now(), here.actor("review.chair")
    with work() as session:
        hidden, seen = (reviewing.make_case(session, here, now=now, state=CaseState.IN_PANEL) for _ in range(2))
        secret = learned.agreed_point(session, here, hidden, now=now, themes=(8,), polarity=AREA)
        point = learned.agreed_point(session, here, seen, now=now, themes=(1,), polarity=AREA)
        draft = learned.make_recommendation(session, here, [secret, point], now=now)
        accepted = learned.make_recommendation(
            session, here, [secret, point], now=now, state=RecommendationState.ACCEPTED, words="Meet every day."
        )
        action = learned.make_action(session, here, accepted, now=now)
        reviewing.declare(session, here, hidden, "review.chair", ConflictKind.COMMERCIAL, now=now)
        session.flush()
        view = recommendation_view(session, chair, draft.reference, now=now)
        assert [each.theme.number for each in view.recurrences] == [1]
        act = action_queries.action_view(session, chair, action.reference, now=now)
        assert [each.theme.number for each in act.recurrences] == [1]
        (eighth,) = learned.theme_ids(session, 8)
        assert themes.theme_row(session, chair, eighth, now=now).open_actions == 0
        by_theme = action_queries.ActionFilter(theme_id=eighth)
        assert action_queries.actions(session, chair, by_theme, now=now).total == 0
        assert action_queries.actions(session, here.actor("review.deputy"), by_theme, now=now).total == 1


def test_whoever_edits_a_draft_neither_sees_nor_takes_out_a_point_of_a_hidden_case(work, here, clock):
    now, chair = clock.now(), here.actor("review.chair")
    with work() as session:
        hidden, seen = (reviewing.make_case(session, here, now=now, state=CaseState.IN_PANEL) for _ in range(2))
        secret, point = (learned.agreed_point(session, here, each, now=now) for each in (hidden, seen))
        draft = learned.make_recommendation(session, here, [secret, point], now=now)
        reviewing.declare(session, here, hidden, "review.chair", ConflictKind.COMMERCIAL, now=now)
        session.flush()
        content, version, points = saved_recommendation(session, chair, draft.reference)
        assert (content.points, [reference for reference, _words in points]) == (
            (point.reference,),
            [point.reference],
        )
        changed = EditRecommendation(
            reference=draft.reference, content=replace(content, words="Meet every day."), version=version
        )
        with pytest.raises(Stale) as stale:
            recommendations.edit_recommendation(session, chair, replace(changed, version=0), now=now)
        assert [part for part, _mine, _theirs in stale.value.differences] == ["Recommendation"]
        recommendations.edit_recommendation(session, chair, changed, now=now)
        assert draft.words == "Meet every day."
        assert {each.point.reference for each in draft.points} == {secret.reference, point.reference}


def test_merged_themes_count_together_and_a_case_once(work, here, clock):
    with work() as session:
        one, two = learned.theme_ids(session, 1, 2)
        for number in range(5):
            case = reviewing.make_case(session, here, now=clock.now(), state=CaseState.IN_PANEL)
            learned.agreed_point(session, here, case, now=clock.now(), themes=(1,))
            if number:
                learned.agreed_point(session, here, case, now=clock.now(), themes=(2,), statement="Another.")
        session.add(
            LearningThemeVersion(
                partnership_id=here.partnership.id, saved_by_id=here.user("admin").id, saved_at=clock.now(),
                theme_id=two, version=1, name="Lead professional", domain="D", active=False, merged_into_id=one,
                active_from=clock.now().date(),
            )
        )  # fmt: skip
        session.flush()
        (row,), _unseen = themes.theme_rows(session, here.actor("sro"), ThemeFilter(), now=clock.now())
        assert (row.theme.id, str(row.of(GOOD))) == (one, "5")


def test_a_filter_changes_which_themes_are_listed_and_no_number(work, here, clock):
    with work() as session:
        for _ in range(5):
            case = reviewing.make_case(session, here, now=clock.now(), state=CaseState.IN_PANEL)
            point = learned.told_point(session, here, case, now=clock.now(), themes=(1, 6))
        state = RecommendationState.ACCEPTED
        found = learned.make_recommendation(session, here, [point], now=clock.now(), state=state)
        learned.make_action(session, here, found, now=clock.now())
        actor = here.actor("sro")
        every, _unseen = themes.theme_rows(session, actor, ThemeFilter(), now=clock.now())
        for wanted, numbers in (
            (ThemeFilter(domain="A"), [6]),
            (ThemeFilter(polarity=GOOD), [1, 6]),
            (ThemeFilter(polarity=AREA), []),
            (ThemeFilter(open_actions=True), [1, 6]),
        ):
            rows, _unseen = themes.theme_rows(session, actor, wanted, now=clock.now())
            assert [row.theme.number for row in rows] == numbers
            assert all(row in every for row in rows)
        assert [row.open_actions for row in every] == [1, 1]


def test_who_may_read_which_wording_of_a_theme(work, here, clock, case):
    with work() as session:
        learned.told_point(session, here, case, now=clock.now(), statement="One.", wording="Meet every week.")
        learned.agreed_point(session, here, case, now=clock.now(), statement="Two.", wording="Meet every day.")
        learned.agreed_point(session, here, case, now=clock.now(), statement="Three.", wording="Ring 07700 900123.")
        learned.make_point(session, here, case, now=clock.now(), statement="Four.", wording="A draft.")
        theme = learned.theme_ids(session, 1)[0]
        for who in EVERYONE_WITH_THEMES:
            told = themes.shared_points(session, here.actor(who), theme, now=clock.now())
            words = {each.words for each in told}
            wanted = {"Meet every week."} | (set() if who in ("sro", "board") else {"Meet every day."})
            assert words == wanted, who
            knows = who in ("review.coordinator", "review.chair", "review.deputy", "dph", "ig")
            assert {each.case for each in told} == {case.reference if knows else ""}, who


def test_later_cases_of_a_theme_are_told_only_roughly(work, here, clock):
    with work() as session:
        first = [reviewing.make_case(session, here, now=clock.now(), state=CaseState.IN_PANEL) for _ in range(5)]
        for each in first:
            learned.agreed_point(session, here, each, now=clock.now(), polarity=AREA)
        since = clock.now()
        clock.advance(days=1)
        theme = learned.theme_ids(session, 1)
        actor = here.actor("sro")
        told = []
        for _ in range(6):
            (found,) = themes.recurrences(session, actor, theme, since=since, now=clock.now())
            told.append((str(found.cases), str(found.since)))
            case = reviewing.make_case(session, here, now=clock.now(), state=CaseState.IN_PANEL)
            learned.agreed_point(session, here, case, now=clock.now(), polarity=AREA)
            session.flush()
        few = [(str(number), "Fewer than 5") for number in (6, 7, 8, 9)]
        assert told == [("5", "None"), *few, ("10", "5 or more")]
        learned.agreed_point(session, here, first[0], now=clock.now(), polarity=AREA, statement="Again.")
        session.flush()
        (found,) = themes.recurrences(session, actor, theme, since=since, now=clock.now())
        assert (str(found.cases), str(found.since)) == ("11", "5 or more")
