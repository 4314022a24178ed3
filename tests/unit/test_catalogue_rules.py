from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from review_app.catalogue import shipped
from review_app.catalogue.commands import ClockOf
from review_app.catalogue.rules import (
    ClockKey,
    ClockState,
    ClockUnit,
    Content,
    QuestionType,
    clock_due,
    clock_state,
    flag,
    number,
    read_form,
    read_scheme,
    rows,
    section,
    text,
    texts,
)
from review_app.marks import Confidence, Grade, Modifier, ModifierLevel, Severity
from review_app.panel.rules import EfficacyAnswer, Outcome
from review_app.submissions.rules import KnownPlace, NameSharing, ReportKind, SourceKind, WhenKind
from review_app.working_time import ENGLAND, CountingMode, london_instant

FORM = read_form(next(shipped.forms()).content)
SCHEME = read_scheme(next(shipped.schemes()).content)


def test_the_short_form_asks_what_the_procedure_asks() -> None:
    assert [question.key for question in FORM.questions] == [
        "A3", "A1", "C1", "B1", "E1", "D0", "A5", "F3", "F1", "F2", "F4", "F5", "F7",
    ]  # fmt: skip
    assert {question.key for question in FORM.questions if question.required} == {"A1", "A3", "B1", "C1", "E1", "F7"}


@pytest.mark.parametrize(
    ("key", "options"),
    [
        ("A1", list(ReportKind)),
        ("A5", list(WhenKind)),
        ("B1", list(KnownPlace)),
        ("E1", list(SourceKind)),
        ("F4", [NameSharing.LDIS_ONLY, NameSharing.PANEL]),
        ("A3", ["yes", "no"]),
    ],
)
def test_the_answers_that_rules_read_are_the_ones_the_form_offers(key: str, options: list[str]) -> None:
    assert [option.key for option in FORM.question(key).options] == options


def test_every_question_has_words_and_every_required_one_an_error_message() -> None:
    for question in FORM.questions:
        assert question.words
        if question.required:
            assert question.error.startswith(("Enter", "Select", "Confirm"))
        if question.type in {QuestionType.CHOICE, QuestionType.CHOICES}:
            assert all(option.words for option in question.options)


def test_a_form_names_the_required_answers_that_are_missing() -> None:
    assert [question.key for question in FORM.missing({"A1": ["new_drug"], "A3": "no", "C1": "", "F7": True})] == [
        "C1", "B1", "E1",
    ]  # fmt: skip
    assert FORM.words_of("A3", "no") == "No"
    assert FORM.words_of("B1", "Harbour ward") == "Harbour ward"
    with pytest.raises(KeyError):
        FORM.question("Z9")


def test_the_shipped_scheme_has_words_for_everything_that_can_be_chosen() -> None:
    assert [level.key for level in SCHEME.severity.levels] == list(Severity)
    assert [level.key for level in SCHEME.confidence.levels] == list(Confidence)
    assert set(SCHEME.modifiers) == set(Modifier)
    for scale in (SCHEME.severity, SCHEME.confidence, *SCHEME.modifiers.values()):
        assert all(level.words and level.anchor for level in scale.levels)
    assert all([level.key for level in scale.levels] == list(ModifierLevel) for scale in SCHEME.modifiers.values())
    assert [option.key for option in SCHEME.outcomes] == list(Outcome)
    assert set(SCHEME.grades) == set(SCHEME.suggested_outcomes) == set(Grade)
    assert set(SCHEME.suggested_outcomes.values()) <= set(Outcome)
    assert [question.key for question in SCHEME.efficacy] == [f"ef{place}" for place in range(1, 9)]
    assert all(question.narrows_on | question.blocks_on <= set(EfficacyAnswer) for question in SCHEME.efficacy)


def test_the_scheme_names_only_kinds_of_agency_that_ship() -> None:
    quorum = SCHEME.quorum
    named = quorum.clinical_agency_types | quorum.one_of_agency_types | quorum.urgent_lead_agency_types
    assert named | SCHEME.star_cleared_by <= set(shipped.agency_types())


def test_every_clock_has_a_rule_and_every_rule_a_clock() -> None:
    assert [rule.key for rule in shipped.clock_rules()] == list(ClockKey)


@pytest.mark.parametrize(
    ("key", "due"),
    [
        (ClockKey.RECEIPT, "2026-11-06 17:00"),
        (ClockKey.TRIAGE_ROUTINE, "2026-11-09 13:00"),
        (ClockKey.TRIAGE_URGENT, "2026-11-06 18:00"),
        (ClockKey.CORROBORATION_ROUTINE, "2026-11-09 17:00"),
        (ClockKey.CORROBORATION_URGENT, "2026-11-06 21:00"),
        (ClockKey.PANEL_ROUTINE, "2026-11-09 17:00"),
        (ClockKey.PANEL_URGENT, "2026-11-06 21:00"),
        (ClockKey.PANEL_CRITICAL, "2026-11-06 19:00"),
        (ClockKey.RATIFICATION, "2026-11-09 17:00"),
        (ClockKey.PROVISIONAL_ALERT, "2026-11-09 17:00"),
        (ClockKey.FEEDBACK, "2026-11-10 17:00"),
        (ClockKey.ALERT_REVIEW, "2026-11-20 12:00"),
        (ClockKey.ALERT_REVIEW_REMINDER, "2026-11-08 17:00"),
        (ClockKey.RECIPIENT_RECONFIRMATION, "2027-05-06 17:00"),
    ],
)
def test_each_clock_of_a_report_that_comes_on_friday_at_17_00(key: ClockKey, due: str) -> None:
    rule = {each.key: each for each in shipped.clock_rules()}[key]
    friday, review = (london_instant(datetime.fromisoformat(when)) for when in ("2026-11-06 17:00", "2026-11-20 12:00"))
    counted = clock_due(rule.unit, rule.amount, rule.mode, friday, ENGLAND, review)
    assert counted == london_instant(datetime.fromisoformat(due))


def test_a_clock_whose_date_stands_on_the_record_needs_that_date() -> None:
    with pytest.raises(ValueError):
        clock_due(ClockUnit.ON_RECORD, 0, CountingMode.ELAPSED, datetime(2026, 1, 1, tzinfo=UTC), ENGLAND)


DUE = datetime(2026, 11, 9, 13, tzinfo=UTC)
BEFORE, AFTER = DUE - timedelta(hours=1), DUE + timedelta(hours=1)


@pytest.mark.parametrize(
    ("paused", "stopped", "cancelled", "now", "state"),
    [
        (None, None, None, BEFORE, ClockState.RUNNING),
        (None, None, None, DUE, ClockState.RUNNING),
        (None, None, None, AFTER, ClockState.BREACHED),
        (BEFORE, None, None, AFTER, ClockState.PAUSED),
        (AFTER, None, None, AFTER, ClockState.BREACHED),
        (None, BEFORE, None, AFTER, ClockState.MET),
        (None, DUE, None, AFTER, ClockState.MET),
        (None, AFTER, None, AFTER, ClockState.BREACHED),
        (None, None, BEFORE, AFTER, ClockState.CANCELLED),
    ],
)
def test_the_state_of_a_clock_follows_from_its_times(
    paused: datetime | None, stopped: datetime | None, cancelled: datetime | None, now: datetime, state: ClockState
) -> None:
    assert clock_state(due=DUE, paused=paused, stopped=stopped, cancelled=cancelled, now=now) is state


def test_a_clock_belongs_to_exactly_one_record() -> None:
    assert ClockOf(partnership_id=1, signal_id=7).subject() == {"signal_id": 7}
    with pytest.raises(ValueError):
        ClockOf(partnership_id=1)
    with pytest.raises(ValueError):
        ClockOf(partnership_id=1, signal_id=7, alert_id=8)


@pytest.mark.parametrize(
    ("reader", "wrong"),
    [(text, 1), (number, "1"), (number, True), (flag, "yes"), (section, []), (rows, "a"), (rows, ["a"]), (texts, [1])],
)
def test_malformed_content_is_refused(reader: Callable[[Content, str], object], wrong: object) -> None:
    with pytest.raises(ValueError):
        reader({"key": wrong}, "key")


def test_no_date_of_control_is_invented() -> None:
    entries = list(shipped.substances())
    assert len(entries) == 55
    assert all(
        entry.controlled_on or entry.controlled_before or not entry.verified or not entry.mda_class for entry in entries
    )


def test_advice_ships_with_999_wherever_somebody_may_collapse() -> None:
    blocks = {block.key: block for block in shipped.advice_blocks()}
    assert len(blocks) == 12
    assert [key for key, block in blocks.items() if block.under_18_only] == ["scra_vape_under_18"]
    for block in blocks.values():
        if "wake" in block.body or "Overdose" in block.body or "collapsed" in block.body:
            assert "call 999; if not breathing normally start CPR as the operator says" in block.body
