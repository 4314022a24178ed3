"""When two notifications may be about the same person: every way in which they can compare."""

from datetime import date
from itertools import product

import pytest

from review_app.fuzzy import NOT_KNOWN, about_day, in_month, in_year, on_day
from review_app.reviews.rules.matching import Compared, MatchReason, match_reason, near_days

ANY = (True, False, None)
PARTS = ("nhs_number", "born", "surname", "forename", "near_day")
EVERY = [Compared(**dict(zip(PARTS, values, strict=True))) for values in product(ANY, repeat=5)]


def test_the_same_nhs_number_is_always_enough():
    assert all(match_reason(each) is MatchReason.SAME_NHS_NUMBER for each in EVERY if each.nhs_number)


def test_without_it_days_of_death_too_far_apart_speak_against_everything():
    assert all(match_reason(each) is None for each in EVERY if not each.nhs_number and each.near_day is False)


def test_the_same_birth_needs_a_name_that_sounds_alike_or_the_same_days_without_names():
    for each in EVERY:
        if each.nhs_number or each.near_day is False or not each.born:
            continue
        if each.surname or each.forename:
            assert match_reason(each) is MatchReason.SAME_BIRTH_AND_NAMES
        elif each.near_day and each.surname is None and each.forename is None:
            assert match_reason(each) is MatchReason.SAME_BIRTH_AND_DAY
        else:
            assert match_reason(each) is None


def test_names_alone_count_when_both_sound_alike_and_a_date_of_birth_is_missing():
    for each in EVERY:
        if each.nhs_number or each.near_day is False or each.born:
            continue
        alike = each.born is None and each.surname and each.forename
        assert match_reason(each) is (MatchReason.ALIKE_NAMES if alike else None)


@pytest.mark.parametrize(
    ("died", "first", "last", "many"),
    [
        (on_day(date(2026, 3, 2)), "2026-02-27", "2026-03-05", 7),
        (about_day(date(2026, 3, 2)), "2026-02-24", "2026-03-08", 13),
        (in_month(2026, 3), "2026-02-26", "2026-04-03", 37),
    ],
)
def test_the_days_to_look_for_reach_three_days_either_way(died, first, last, many):
    days = near_days(died)
    assert (days[0], days[-1], len(days)) == (first, last, many)


@pytest.mark.parametrize("died", [NOT_KNOWN, in_year(2026)])
def test_a_date_that_is_too_rough_is_not_looked_for(died):
    assert near_days(died) == []
