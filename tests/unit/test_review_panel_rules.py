"""The rules of the review panel's work: who chairs, what keeps a case from being listed, retention, bands."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review_app.catalogue.rules.review import Retention
from review_app.fuzzy import NOT_KNOWN, FuzzyDate, about_day, between, in_month, in_year, on_day, ongoing
from review_app.panel.rules.meetings import MEETING_WORKFLOW, MeetingAction, MeetingState
from review_app.reviews.rules.deidentify import age_band, before_death, month_of
from review_app.reviews.rules.findings import Sitter, chairing, objections_to_listing
from review_app.reviews.rules.retention import died_by, due_on, objections_to_destroying
from review_app.reviews.rules.states import CASE_WORKFLOW, HOLDS, CaseAction, CaseState, ConflictKind, FlagKind
from tests.unit.workflows import check_every_move, ends, reachable

PERIODS = Retention(
    case_years_after_death=10,
    case_years_after_closure=8,
    returns_years_after_sign_off=2,
    packs_days_after_meeting=90,
    packs_readable_days_after_meeting=7,
    access_audit_years_after_case=1,
    access_audit_least_years=6,
)
NONE = ConflictKind.NONE


def test_every_move_of_a_meeting_is_legal_or_refused() -> None:
    assert check_every_move(MEETING_WORKFLOW, MeetingState, MeetingAction) == 5 * 5 - 6
    assert reachable(MEETING_WORKFLOW, MeetingState.PLANNED) == set(MeetingState)
    assert ends(MEETING_WORKFLOW, MeetingState) == {MeetingState.MINUTED, MeetingState.CANCELLED}


def test_every_move_of_a_case_is_legal_or_refused() -> None:
    moves = len(CASE_WORKFLOW.moves)
    assert check_every_move(CASE_WORKFLOW, CaseState, CaseAction) == len(CaseState) * len(CaseAction) - moves
    assert reachable(CASE_WORKFLOW, CaseState.NOTIFIED) == set(CaseState)
    assert ends(CASE_WORKFLOW, CaseState) == {CaseState.DESTROYED}


def test_a_case_is_signed_only_after_the_panel_and_the_check_of_facts() -> None:
    assert [start for (start, _), end in CASE_WORKFLOW.moves.items() if end is CaseState.SIGNED_OFF] == [
        CaseState.ACCURACY_CHECK
    ]
    assert [start for (start, _), end in CASE_WORKFLOW.moves.items() if end is CaseState.IN_PANEL] == [CaseState.LISTED]


def test_only_a_case_that_is_kept_is_destroyed_and_nothing_follows() -> None:
    assert [start for (start, _), end in CASE_WORKFLOW.moves.items() if end is CaseState.DESTROYED] == [
        CaseState.RETAINED
    ]
    kept = {start for (start, _), end in CASE_WORKFLOW.moves.items() if end is CaseState.RETAINED}
    assert kept == {CaseState.CLOSED, CaseState.OUT_OF_SCOPE, CaseState.IN_SCOPE_NOT_SELECTED}


def test_the_chair_chairs_unless_they_have_an_interest_and_then_the_deputy_does() -> None:
    chair, deputy = Sitter(name="Cee", rank=0, declared=NONE), Sitter(name="Dee", rank=1, declared=NONE)
    member = Sitter(name="Em", rank=None, declared=ConflictKind.MEDIA)
    assert (chairing([deputy, chair, member]).chair, chairing([deputy, chair]).words) == ("Cee", "")
    recused = Sitter(name="Cee", rank=0, declared=ConflictKind.LINE_MANAGES)
    handed = chairing([recused, deputy])
    assert (handed.chair, handed.words) == ("Dee", "Cee has declared an interest. Dee chairs this case.")
    nobody = chairing([recused, Sitter(name="Dee", rank=1, declared=ConflictKind.MEDIA)])
    assert nobody.words == "Cee and Dee have declared an interest. Nobody who attends can chair this case."


@given(
    st.lists(
        st.builds(
            Sitter,
            name=st.sampled_from("ABCDEFG"),
            rank=st.sampled_from([None, None, 0, 1]),
            declared=st.sampled_from([None, *ConflictKind]),
        ),
        max_size=8,
    )
)
def test_a_case_is_listed_only_when_all_have_declared_and_a_free_chair_is_there(people: list[Sitter]) -> None:
    may = not objections_to_listing(people)
    assert may == (
        all(each.declared is not None for each in people)
        and any(each.rank is not None and each.declared is NONE for each in people)
    )


@pytest.mark.parametrize(
    ("deaths", "latest"),
    [
        ([on_day(date(2026, 3, 5))], date(2026, 3, 5)),
        ([about_day(date(2026, 3, 5))], date(2026, 3, 8)),
        ([in_month(2026, 2)], date(2026, 2, 28)),
        ([in_year(2026)], date(2026, 12, 31)),
        ([between(date(2026, 3, 1), date(2026, 4, 2))], date(2026, 4, 2)),
        ([on_day(date(2026, 3, 5)), in_month(2026, 4)], date(2026, 4, 30)),
        ([NOT_KNOWN, ongoing(date(2026, 1, 1))], date(2026, 5, 1)),
        ([], date(2026, 5, 1)),
    ],
)
def test_a_date_known_only_roughly_counts_by_its_latest_day(deaths: list[FuzzyDate], latest: date) -> None:
    assert died_by(deaths, date(2026, 5, 1)) == latest


@pytest.mark.parametrize(
    ("died", "ended", "due"),
    [
        (date(2026, 3, 5), date(2027, 1, 1), date(2036, 3, 5)),
        (date(2026, 3, 5), date(2030, 1, 1), date(2038, 1, 1)),
        (date(2024, 2, 29), date(2024, 3, 1), date(2034, 3, 1)),
    ],
)
def test_a_case_is_kept_for_the_later_of_its_two_periods(died: date, ended: date, due: date) -> None:
    assert due_on(PERIODS, [on_day(died)], opened_on=died, ended_on=ended) == due


DAYS = st.dates(min_value=date(2020, 1, 1), max_value=date(2035, 12, 31))


@given(DAYS, DAYS, st.integers(0, 400))
def test_nothing_is_due_before_either_period_is_over(died: date, ended: date, width: int) -> None:
    rough = between(died, died + timedelta(days=width))
    due = due_on(PERIODS, [rough], opened_on=died, ended_on=ended)
    last = died + timedelta(days=width)
    assert due >= date(last.year + 10, last.month, min(last.day, 28))
    assert due >= date(ended.year + 8, ended.month, min(ended.day, 28))


@pytest.mark.parametrize("state", list(CaseState))
@pytest.mark.parametrize("flags", [(), *[(kind,) for kind in FlagKind]])
def test_a_case_is_destroyed_only_when_over_due_and_not_held(state: CaseState, flags: tuple[FlagKind, ...]) -> None:
    over = {CaseState.CLOSED, CaseState.OUT_OF_SCOPE, CaseState.IN_SCOPE_NOT_SELECTED, CaseState.RETAINED}
    today = date(2040, 1, 1)
    may = not objections_to_destroying(state, flags, today, today)
    assert may == (state in over and not HOLDS.intersection(flags))
    assert objections_to_destroying(state, flags, today + timedelta(days=1), today)


@pytest.mark.parametrize(
    ("age", "band"),
    [(None, ""), (17, "under 18"), (18, "18 to 24"), (42, "35 to 44"), (74, "65 to 74"), (75, "75 or over")],
)
def test_an_age_is_given_as_a_band(age: int | None, band: str) -> None:
    assert age_band(age) == band


def test_a_death_is_given_by_its_month() -> None:
    assert month_of(on_day(date(2026, 3, 5))) == "March 2026"
    assert month_of(about_day(date(2026, 3, 1))) == "February 2026 to March 2026"
    assert month_of(in_year(2026)) == "2026"
    assert month_of(NOT_KNOWN) == ""


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (None, ""),
        (-1, "after the death"),
        (0, "on the day of the death"),
        (1, "the day before"),
        (14, "14 days before"),
        (42, "about 6 weeks before"),
        (200, "about 7 months before"),
        (1000, "about 3 years before"),
    ],
)
def test_a_time_before_the_death_is_said_roughly(days: int | None, words: str) -> None:
    assert before_death(days) == words
