"""The shipped settings of the review, read as rules, and the small rules by which they are changed and said."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review_app.catalogue import shipped
from review_app.catalogue.rules import ClockUnit, Content, clock_due
from review_app.catalogue.rules.agency_return import (
    ALWAYS_ASKED,
    CORE,
    YES_NO_UNABLE,
    AnswerKind,
    FieldMark,
    ReturnSection,
    free_key,
    read_agency_return,
    with_one_more,
    with_question,
)
from review_app.catalogue.rules.in_words import (
    EDITABLE,
    changes,
    duration_in_words,
    return_parts,
    setting_parts,
)
from review_app.catalogue.rules.review import (
    Retention,
    ReviewSetting,
    option_rows,
    read_factors,
    read_retention,
    read_risk_windows,
    read_small_numbers,
    read_statement,
    read_theme_codes,
)
from review_app.catalogue.rules.substances import (
    CLASS_WORDS,
    Control,
    Fault,
    MdaClass,
    SubstanceClass,
    control_in_words,
    fault_of,
)
from review_app.working_time import ENGLAND, CountingMode, days_after, london_instant, to_london

SHIPPED = {rules.key: rules.content for rules in shipped.rule_sets()}
RETURN_CONTENT = next(form.content for form in shipped.forms() if form.key == "agency_return")
RETURN = read_agency_return(RETURN_CONTENT)


def content(setting: ReviewSetting) -> Content:
    return SHIPPED[setting]


def test_every_setting_ships_and_every_one_with_a_page_can_be_said() -> None:
    assert set(ReviewSetting) <= SHIPPED.keys()
    for setting in EDITABLE:
        parts = setting_parts(setting, content(setting))
        assert len({part.key for part in parts}) == len(parts)
        assert all(part.label and part.words for part in parts)
        assert changes(parts, parts) == ()


def test_there_are_five_domains_and_scales_kept_by_label() -> None:
    factors = read_factors(content(ReviewSetting.FACTORS))
    assert [domain.key for domain in factors.domains] == ["A", "B", "C", "D", "E"]
    assert all(domain.examples for domain in factors.domains)
    assert [level.key for level in factors.influence] == [
        "no_information", "none_identified", "unlikely", "may_have_contributed", "sufficient",
    ]  # fmt: skip
    assert [answer.key for answer in factors.modifiable] == ["yes", "no", "insufficient_information"]
    assert factors.domain("D").words == "Services and how they worked together"
    with pytest.raises(KeyError):
        factors.domain("F")


@pytest.mark.parametrize(
    ("setting", "number"),
    [
        (ReviewSetting.NOTIFICATION_SOURCES, 18),
        (ReviewSetting.PLACE_KINDS, 15),
        (ReviewSetting.CHRONOLOGY_TYPES, 15),
    ],
)
def test_the_lists_of_choices_name_each_once_and_leave_room_for_something_else(
    setting: ReviewSetting, number: int
) -> None:
    options = option_rows(content(setting))
    assert len({option.key for option in options}) == len({option.words for option in options}) == number
    assert options[-1].key == "other"


def test_every_risk_window_begins_with_a_type_of_entry_that_there_is() -> None:
    types = {option.key for option in option_rows(content(ReviewSetting.CHRONOLOGY_TYPES))}
    windows = read_risk_windows(content(ReviewSetting.RISK_WINDOWS))
    assert {window.after for window in windows} <= types
    assert [(window.after, window.days) for window in windows] == [
        ("non_fatal_overdose", 28), ("hospital_discharge", 28), ("release", 21), ("release", 92),
        ("treatment_break", 7), ("treatment_break", 28), ("mental_health_discharge", 31),
    ]  # fmt: skip
    assert all(window.basis for window in windows)


def test_a_case_is_kept_until_the_later_of_the_two_periods() -> None:
    retention = read_retention(content(ReviewSetting.RETENTION))
    assert retention == Retention(
        case_years_after_death=10,
        case_years_after_closure=8,
        returns_years_after_sign_off=2,
        packs_days_after_meeting=90,
        packs_readable_days_after_meeting=7,
        access_audit_years_after_case=1,
        access_audit_least_years=6,
    )
    for died, closed, until in (
        (date(2024, 3, 1), date(2025, 1, 1), date(2034, 3, 1)),
        (date(2024, 3, 1), date(2027, 1, 1), date(2035, 1, 1)),
        (date(2024, 2, 29), date(2024, 6, 1), date(2034, 3, 1)),
    ):
        assert retention.case_kept_until(died_by=died, closed_on=closed) == until


@given(died=st.dates(date(2020, 1, 1), date(2060, 1, 1)), closed=st.dates(date(2020, 1, 1), date(2060, 1, 1)))
def test_no_period_of_retention_ends_early(died: date, closed: date) -> None:
    retention = read_retention(content(ReviewSetting.RETENTION))
    until = retention.case_kept_until(died_by=died, closed_on=closed)
    assert until >= died + timedelta(days=3652)
    assert until >= closed + timedelta(days=2922)


def test_counts_from_one_to_four_are_hidden() -> None:
    numbers = read_small_numbers(content(ReviewSetting.SMALL_NUMBERS))
    assert [numbers.shown(count) for count in (0, 1, 4, 5, 1200)] == ["0", "[c]", "[c]", "5", "1,200"]


def test_the_statement_says_that_the_review_blames_nobody() -> None:
    statement = read_statement(content(ReviewSetting.CONFIDENTIALITY_STATEMENT))
    assert statement.title
    assert "We do not meet to blame anybody" in statement.body


def test_the_library_has_32_themes_and_keeps_the_two_codes_of_one_phrase_linked() -> None:
    themes = list(shipped.learning_themes())
    assert [theme.number for theme in themes] == list(range(1, 33))
    assert len({theme.key for theme in themes}) == 32
    codes = {code.key: code.linked for code in read_theme_codes(content(ReviewSetting.THEME_CODES))}
    assert codes == {
        "GP1": "", "GP2": "", "GP3": "", "GP4": "", "GP5": "", "AL1": "AL2", "AL2": "AL1", "AL3": "", "TI": "",
    }  # fmt: skip
    assert {theme.code for theme in themes} == {"", *codes}
    domains = {domain.key for domain in read_factors(content(ReviewSetting.FACTORS)).domains}
    assert {version.domain for theme in themes for version in theme.versions} == domains
    assert [theme.number for theme in themes if theme.code == "GP5"] == [6, 7]


def test_every_agency_answers_the_core_and_at_most_one_block_more() -> None:
    kinds = shipped.agency_types()
    named = [kind for block in RETURN.blocks for kind in block.agency_types]
    assert set(named) <= kinds.keys()
    assert len(named) == len(set(named))
    for kind in kinds:
        core, *more = RETURN.for_agency(kind)
        assert core.key == CORE
        assert len(more) <= 1
    assert [block.key for block in RETURN.for_agency("coroner")] == [CORE]


def test_what_is_sensitive_in_a_return_is_marked_so() -> None:
    questions = RETURN.questions()
    assert {question.section for question in RETURN.block("police").questions} == {ReturnSection.POLICE}
    assert {question.section for question in RETURN.block("social_care").questions} == {ReturnSection.SAFEGUARDING}
    assert questions["safeguarding"].section is ReturnSection.SAFEGUARDING
    assert {key for key, question in questions.items() if question.third_party} == {
        "safeguarding", "third_party_information", "police_intelligence", "social_care_concerns",
        "social_care_assessments", "social_care_outcomes",
    }  # fmt: skip
    assert {questions[key].mark for key in ("author", "manager", "social_care_concerns")} == {FieldMark.LIVING_PERSON}
    assert all(questions[key].required for key in ALWAYS_ASKED)
    assert all(question.error for question in questions.values())


def test_every_kind_of_question_has_what_it_needs_to_be_asked() -> None:
    for question in RETURN.questions().values():
        chosen = question.kind in {AnswerKind.CHOICE, AnswerKind.YES_NO_UNABLE}
        assert bool(question.options) == chosen
        if question.kind is AnswerKind.YES_NO_UNABLE:
            assert question.options == YES_NO_UNABLE


def test_a_question_is_changed_switched_off_and_added_without_touching_the_rest() -> None:
    worded = with_question(RETURN_CONTENT, "worked_well", words="What went well?", off=True)
    assert changes(return_parts(RETURN), return_parts(read_agency_return(worded))) == (
        ("Questions for every agency, 13", "What worked well?", "What went well? (switched off)"),
    )
    assert "worked_well" not in {each.key for each in read_agency_return(worded).block(CORE).asked()}
    assert read_agency_return(RETURN_CONTENT) == RETURN
    row = {"key": free_key(RETURN), "kind": "text", "words": "What else?", "mark": "C"}
    more = read_agency_return(with_one_more(RETURN_CONTENT, "gp", row))
    assert [block.key for block in more.blocks if "own_1" in {each.key for each in block.questions}] == ["gp"]
    assert free_key(more) == "own_2"
    with pytest.raises(ValueError, match="the same key"):
        read_agency_return(with_one_more(RETURN_CONTENT, "gp", {**row, "key": "known"}))
    with pytest.raises(KeyError):
        with_question(RETURN_CONTENT, "own_1", words="Nothing")


def test_what_is_gone_from_a_version_is_said_last() -> None:
    numbers = ReviewSetting.SMALL_NUMBERS
    before = setting_parts(numbers, content(numbers))
    assert changes(before, before[1:]) == (("Counts that are hidden", "1 to 4", "Not there"),)


@pytest.mark.parametrize(
    ("amount", "mode", "words"),
    [
        (5, CountingMode.WORKING_DAYS, "5 working days"),
        (1, CountingMode.WORKING_DAYS, "1 working day"),
        (84, CountingMode.ELAPSED, "84 days (12 weeks)"),
        (7, CountingMode.ELAPSED, "7 days (1 week)"),
        (10, CountingMode.ELAPSED, "10 days"),
    ],
)
def test_how_long_a_clock_runs_is_said_in_its_days(amount: int, mode: CountingMode, words: str) -> None:
    assert duration_in_words(ClockUnit.DAYS, amount, mode) == words
    with pytest.raises(ValueError, match="does not count days"):
        duration_in_words(ClockUnit.HOURS, amount, mode)


@pytest.mark.parametrize(
    ("amount", "mode", "started", "due"),
    [
        (5, CountingMode.WORKING_DAYS, "2026-11-06 17:00", "2026-11-13 17:00"),
        (15, CountingMode.WORKING_DAYS, "2026-12-18 09:30", "2027-01-13 09:30"),
        (84, CountingMode.ELAPSED, "2026-09-01 10:00", "2026-11-24 10:00"),
        (182, CountingMode.ELAPSED, "2026-01-10 16:45", "2026-07-11 16:45"),
        (1, CountingMode.ELAPSED, "2026-03-28 01:30", "2026-03-29 02:30"),
    ],
)
def test_days_of_the_calendar_keep_the_clock_time_and_working_days_leave_out_the_rest(
    amount: int, mode: CountingMode, started: str, due: str
) -> None:
    start, end = (london_instant(datetime.fromisoformat(each)) for each in (started, due))
    assert clock_due(ClockUnit.DAYS, amount, mode, start, ENGLAND) == end


@given(days=st.integers(0, 400), hour=st.integers(3, 23))
def test_a_day_of_the_calendar_is_always_one_day_later(days: int, hour: int) -> None:
    start = london_instant(datetime.combine(date(2026, 1, 5), time(hour)))
    local = to_london(days_after(start, days))
    assert (local.date(), local.hour) == (date(2026, 1, 5) + timedelta(days=days), hour)


DAY = date(2025, 1, 15)
CHECKED = Control(mda_class=MdaClass.C, controlled_on=DAY, controlled_before=None, source="SI 1", verified=True)


@pytest.mark.parametrize(
    ("control", "fault"),
    [
        (CHECKED, None),
        (replace(CHECKED, controlled_on=None, controlled_before=DAY), None),
        (replace(CHECKED, mda_class=None, controlled_on=None), None),
        (replace(CHECKED, verified=False, source="", controlled_on=None), None),
        (replace(CHECKED, controlled_before=DAY), Fault.CONTROLLED_BEFORE),
        (replace(CHECKED, mda_class=None), Fault.CONTROLLED_ON),
        (replace(CHECKED, mda_class=None, controlled_on=None, controlled_before=DAY), Fault.CONTROLLED_BEFORE),
        (replace(CHECKED, source=""), Fault.SOURCE),
        (replace(CHECKED, controlled_on=None), Fault.VERIFIED),
    ],
)
def test_an_entry_says_nothing_that_cannot_be(control: Control, fault: Fault | None) -> None:
    found = fault_of(control)
    assert (found[0] if found else None) is fault


@pytest.mark.parametrize(("mda_class", "on", "before"), list(product([None, MdaClass.B], [None, DAY], [None, DAY])))
def test_what_nobody_has_checked_always_says_so(
    mda_class: MdaClass | None, on: date | None, before: date | None
) -> None:
    control = replace(CHECKED, mda_class=mda_class, controlled_on=on, controlled_before=before)
    assert "not verified" not in control_in_words(control)
    assert control_in_words(replace(control, verified=False)).endswith("; not verified")


def test_every_shipped_substance_is_of_a_known_kind_and_says_nothing_impossible() -> None:
    entries = list(shipped.substances())
    assert {SubstanceClass(entry.substance_class) for entry in entries} <= CLASS_WORDS.keys()
    for entry in entries:
        control = Control(
            mda_class=MdaClass(entry.mda_class) if entry.mda_class else None,
            controlled_on=entry.controlled_on,
            controlled_before=entry.controlled_before,
            source=entry.source,
            verified=entry.verified,
        )
        assert fault_of(control) is None, entry.name
