"""The order of an alert's parts, marks that go together, ends, and what differs between two texts."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review_app.alerts.rules import (
    DEFAULT_TLP,
    AlertLevel,
    Audience,
    ChangeKind,
    Part,
    Tlp,
    audience_objection,
    differ,
    expiry_objection,
    in_reading_order,
    least_level,
    line_changes,
)
from review_app.marks import Grade

NOON = datetime(2026, 11, 9, 12, 0, tzinfo=UTC)


def parts(*keys):
    return tuple(Part(key=key, title=key, hint="", required=True) for key in keys)


def test_what_to_do_is_read_first_and_who_says_so_last():
    first, rest = in_reading_order(
        parts("headline", "issued_by", "what_happened", "naloxone", "do_staff", "local_part", "not_known", "do_people")
    )
    assert [part.key for part in first] == ["do_people", "do_staff", "naloxone"]
    assert [part.key for part in rest] == ["what_happened", "local_part", "not_known", "issued_by"]


@pytest.mark.parametrize(("audience", "tlp"), list(product(Audience, Tlp)))
def test_what_all_the_world_may_read_is_public_and_the_other_way_round(audience, tlp):
    fits = (audience is Audience.PUBLIC) is (tlp is Tlp.CLEAR)
    assert (audience_objection(audience, tlp) is None) is fits


def test_every_audience_begins_with_a_mark_that_fits():
    assert all(audience_objection(audience, tlp) is None for audience, tlp in DEFAULT_TLP.items())


@pytest.mark.parametrize(
    ("grades", "level"),
    [
        ([], AlertLevel.INFORMATION),
        ([None], AlertLevel.INFORMATION),
        ([Grade.G1, Grade.G2], AlertLevel.INFORMATION),
        ([Grade.G3, Grade.G2], AlertLevel.AMBER),
        ([Grade.G3, Grade.G4, None], AlertLevel.RED),
    ],
)
def test_the_highest_grade_gives_the_least_level(grades, level):
    assert least_level(grades) is level


@pytest.mark.parametrize(("end", "fits"), [(None, False), (timedelta(0), False), (timedelta(minutes=1), True)])
def test_an_end_comes_after_the_beginning(end, fits):
    assert (expiry_objection(None if end is None else NOON + end, NOON) is None) is fits


LINES = st.lists(st.sampled_from(["Do not use alone.", "Call 999.", "", "Blue lips."]), max_size=8)


@given(LINES, LINES)
def test_both_texts_can_be_read_back_from_their_comparison(old, new):
    changes = line_changes("\n".join(old), "\n".join(new))
    before = [change.text for change in changes if change.kind is not ChangeKind.ADDED]
    after = [change.text for change in changes if change.kind is not ChangeKind.REMOVED]
    assert before == "\n".join(old).splitlines()
    assert after == "\n".join(new).splitlines()
    assert differ(changes) is (before != after)
