"""Times, durations and states in the words of the page."""

from datetime import UTC, date, datetime, timedelta

import pytest

from review_app import filters

NOW = datetime(2026, 11, 20, 13, 48, tzinfo=UTC)


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (42, "due in 42 minutes"),
        (41.5, "due in 42 minutes"),
        (1, "due in 1 minute"),
        (0.5, "due in 1 minute"),
        (0, "due now"),
        (-0.5, "due now"),
        (-1, "overdue by 1 minute"),
        (-65, "overdue by 1 hour 5 minutes"),
        (60, "due in 1 hour"),
        (24 * 60, "due in 1 day"),
        (24 * 60 + 1, "due in 1 day"),
        (51 * 60 + 10, "due in 2 days 3 hours"),
    ],
)
def test_a_clock_says_how_long_is_left_or_by_how_much_it_is_late(minutes, words):
    assert filters.due(NOW + timedelta(minutes=minutes), NOW) == words


def test_an_instant_is_written_in_london_time_in_winter_and_in_summer():
    assert filters.when(NOW) == "Friday 20 November 2026 at 13:48"
    assert filters.when(datetime(2026, 7, 1, 23, 30, tzinfo=UTC)) == "Thursday 2 July 2026 at 00:30"
    assert filters.short_when(datetime(2026, 7, 1, 23, 30, tzinfo=UTC)) == "2 Jul 2026, 00:30"


def test_a_time_today_stands_alone_and_another_has_its_day():
    assert filters.near(NOW, NOW) == "13:48"
    assert filters.near(NOW + timedelta(days=3), NOW) == "Monday 23 November, 13:48"
    assert filters.near(NOW + timedelta(days=60), NOW) == "Tuesday 19 January 2027, 13:48"


def test_a_midnight_to_come_is_the_end_of_the_day_before():
    midnight = datetime(2026, 11, 24, tzinfo=UTC)
    assert filters.near(midnight, NOW) == "the end of Monday 23 November"
    assert filters.deadline(midnight) == "the end of Monday 23 November 2026"
    assert filters.deadline(NOW) == "Friday 20 November 2026 at 13:48"
    assert filters.near(midnight, midnight + timedelta(hours=30)) == "Tuesday 24 November, 00:00"


def test_a_date_is_written_without_a_leading_zero():
    assert filters.day(date(2026, 3, 7)) == "7 March 2026"
    assert filters.short_day(date(2026, 3, 7)) == "7 Mar 2026"


def test_the_past_is_told_from_now_and_after_a_week_by_its_date():
    assert filters.ago(NOW - timedelta(seconds=20), NOW) == "just now"
    assert filters.ago(NOW - timedelta(minutes=5), NOW) == "5 minutes ago"
    assert filters.ago(NOW - timedelta(days=8), NOW) == "on 12 November 2026"


@pytest.mark.parametrize(
    ("value", "group", "label"),
    [
        ("triage", "submission", "Being checked"),
        ("needs_info", "submission", "Needs information"),
        ("corroborating", "signal", "Asking agencies"),
        ("monitoring", "signal", "Watching"),
        ("awaiting_sign_off", "alert_version", "Awaiting sign-off"),
        ("superseded", "alert", "Replaced"),
        ("G3", "grade", "G3 Amber"),
        ("amber_strict", "tlp", "TLP:AMBER+STRICT"),
        ("never_heard_of", "submission", "Never heard of"),
        ("something", "no_such_group", "Something"),
    ],
)
def test_a_state_has_its_word_and_an_unknown_one_its_own_name(value, group, label):
    assert filters.words(value, group) == label


def test_typed_text_is_escaped_and_keeps_its_lines():
    shown = filters.paragraphs("one\r\n<b>two</b>\n\n\nthree")
    assert shown.count("<p") == 2
    assert "one<br>&lt;b&gt;two&lt;/b&gt;" in shown


def test_small_words():
    assert filters.listing(["a", "b", "c"]) == "a, b and c"
    assert filters.listing([]) == ""
    assert filters.plural(1, "agency", "agencies") == "1 agency"
    assert filters.plural(1200, "agency", "agencies") == "1,200 agencies"
    assert (filters.yes_no(True), filters.yes_no(False), filters.yes_no(None)) == ("Yes", "No", "Not known")
