"""Tables of small numbers of people, made so that no hidden number can be worked out from the others.

A table has rows, and in each row the same people are counted by several groupings (by limb, by state), each of which
adds up to the row's total. Three rules, in this order:

1. A small count is hidden (from 1 to 4, by the settings). None at all is not small.
2. Where a small count of a row is hidden, the largest other count of each grouping in that row is hidden too. Else the
   total could be added up from another grouping, or be hemmed in by several small ones.
3. A total is hidden wherever a number that it adds up is hidden: of a row, of a column, and of everything.

So each hidden small count could be one of at least four numbers, also for somebody who knows these rules: rows say
nothing of each other, and the tests try every small row there is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Counts = Mapping[str, int]
"""How many people there are in each part of one grouping."""
Shown = Mapping[str, int | None]
"""The same as it may be shown: None is hidden."""


@dataclass(frozen=True, kw_only=True)
class ProtectedRow:
    """One row as it may be shown: its groupings, and its total."""

    groupings: tuple[Shown, ...]
    total: int | None


@dataclass(frozen=True, kw_only=True)
class Protected:
    """A whole table as it may be shown, with the sums of its columns as a last row."""

    rows: tuple[ProtectedRow, ...]
    sums: ProtectedRow


def protect(rows: Sequence[Sequence[Counts]], *, small: range) -> Protected:
    """Hide what must be hidden of a table whose every row has the same groupings with the same parts."""
    shown = tuple(_protect_row(row, small) for row in rows)
    return Protected(rows=shown, sums=_sums(rows, shown))


def _protect_row(row: Sequence[Counts], small: range) -> ProtectedRow:
    hidden = [{part for part, count in grouping.items() if count in small} for grouping in row]
    if any(hidden):
        for parts, grouping in zip(hidden, row, strict=True):
            large = [part for part in grouping if grouping[part] and part not in parts]
            parts.update(sorted(large, key=lambda part: -grouping[part])[:1])
    groupings = tuple(
        {part: None if part in parts else count for part, count in grouping.items()}
        for parts, grouping in zip(hidden, row, strict=True)
    )
    total = None if any(hidden) else sum(row[0].values()) if row else 0
    return ProtectedRow(groupings=groupings, total=total)


def _sums(rows: Sequence[Sequence[Counts]], shown: Sequence[ProtectedRow]) -> ProtectedRow:
    """Add up every column whose numbers are all shown."""
    groupings = []
    for place in range(len(rows[0]) if rows else 0):
        parts = rows[0][place]
        columns = {part: [row.groupings[place][part] for row in shown] for part in parts}
        groupings.append({part: _sum(column) for part, column in columns.items()})
    return ProtectedRow(groupings=tuple(groupings), total=_sum([row.total for row in shown]))


def _sum(counts: Sequence[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None
