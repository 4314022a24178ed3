"""No hidden number of a protected table can be worked out, not even by who knows the rules by which it was hidden."""

from collections import defaultdict
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from review_app.reviews.rules.protecting import Protected, protect

SMALL = range(1, 5)
PARTS = (("a", "b", "c"), ("open", "done"))


def table(*rows: tuple[tuple[int, ...], tuple[int, ...]]) -> Protected:
    return protect(
        [[dict(zip(parts, counts, strict=True)) for parts, counts in zip(PARTS, row, strict=True)] for row in rows],
        small=SMALL,
    )


def look(shown: Protected) -> tuple[object, ...]:
    """Give all that somebody sees."""
    every = (*shown.rows, shown.sums)
    return tuple((tuple(tuple(grouping.items()) for grouping in row.groupings), row.total) for row in every)


def test_large_numbers_and_none_at_all_are_shown_with_their_totals():
    shown = table(((5, 7, 0), (12, 0)), ((9, 0, 6), (5, 10)))
    assert [row.total for row in shown.rows] == [12, 15]
    assert shown.sums.groupings == ({"a": 14, "b": 7, "c": 6}, {"open": 17, "done": 10})
    assert shown.sums.total == 27


def test_a_small_number_hides_one_in_the_other_grouping_and_every_total_it_is_part_of():
    shown = table(((3, 9, 0), (12, 0)), ((9, 6, 0), (5, 10)))
    assert shown.rows[0].groupings == ({"a": None, "b": None, "c": 0}, {"open": None, "done": 0})
    assert shown.rows[0].total is None
    assert shown.rows[1].total == 15
    assert shown.sums.groupings == ({"a": None, "b": None, "c": 0}, {"open": None, "done": 10})
    assert shown.sums.total is None


def test_a_table_without_rows_is_empty():
    shown = protect([], small=SMALL)
    assert (shown.rows, shown.sums.total) == ((), 0)


ROWS = [((a, b, 0), (d, a + b - d)) for a, b in product(range(14), repeat=2) for d in range(a + b + 1)]
LOOKS_LIKE: dict[object, list[tuple[tuple[int, ...], tuple[int, ...]]]] = defaultdict(list)
for each in ROWS:
    LOOKS_LIKE[look(table(each))].append(each)


def test_every_hidden_small_number_of_a_row_could_be_one_of_at_least_four():
    """Somebody who knows the rules looks for all rows that would look the same."""
    for alike in LOOKS_LIKE.values():
        if not all(max(*limbs, *states) < 9 for limbs, states in alike[:1]):
            continue  # what would look the same as a large row is not all in the list
        for grouping, part in ((0, 0), (0, 1), (1, 0), (1, 1)):
            found = {row[grouping][part] for row in alike}
            assert len(found) >= 4 or not found & set(SMALL), alike


@given(st.data())
def test_in_a_table_of_many_rows_too_each_of_them_could_be_another(data):
    rows = data.draw(st.lists(st.sampled_from(ROWS), min_size=1, max_size=6))
    place = data.draw(st.integers(0, len(rows) - 1))
    other = data.draw(st.sampled_from(LOOKS_LIKE[look(table(rows[place]))]))
    assert look(table(*rows[:place], other, *rows[place + 1 :])) == look(table(*rows))
