"""Which numbers of deaths may be shown, so that no small one can be worked out from what is.

A number that is small is masked. A total of deaths is shown only beside numbers that are all shown, and only when no
difference between it and one of them is small: "16 of 18" would tell of two. Whether a total is hidden does not hang
on what a masked number is, so that the hiding tells nothing either.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from review_app.catalogue.rules.review import SmallNumbers


class Shown(StrEnum):
    """How a number is shown."""

    EXACT = "exact"
    SMALL = "small"
    HIDDEN = "hidden"


@dataclass(frozen=True, kw_only=True)
class Protected:
    """A number of deaths as it may be shown: `words` is all that a page may say of it."""

    how: Shown
    words: str

    def __str__(self) -> str:
        return self.words


@dataclass(frozen=True, kw_only=True)
class ProtectedRow:
    """Numbers that may overlap, and how many deaths they come to together."""

    parts: tuple[Protected, ...]
    total: Protected


NOT_SHOWN = Protected(how=Shown.HIDDEN, words="Not shown")


def protect(count: int, rule: SmallNumbers) -> Protected:
    """Show a number, unless it is small."""
    if is_small(count, rule):
        return Protected(how=Shown.SMALL, words=f"Fewer than {rule.mask_to + 1}")
    return Protected(how=Shown.EXACT, words=f"{count:,}" if count else "None")


def protect_row(parts: Sequence[int], total: int, rule: SmallNumbers) -> ProtectedRow:
    """Show numbers of deaths that may overlap, with their total where it gives nothing away."""
    telling = any(is_small(count, rule) or is_small(total - count, rule) for count in parts)
    small = is_small(total, rule)
    shown = protect(total, rule) if small or not telling else NOT_SHOWN
    return ProtectedRow(parts=tuple(protect(count, rule) for count in parts), total=shown)


def protect_roughly(count: int, rule: SmallNumbers) -> Protected:
    """Show only whether a number is none, small or larger, for what is counted from many different days on."""
    if count > rule.mask_to:
        return Protected(how=Shown.EXACT, words=f"{rule.mask_to + 1} or more")
    return protect(count, rule)


def is_small(count: int, rule: SmallNumbers) -> bool:
    """Say whether a number of deaths is one that may not be shown."""
    return rule.mask_from <= count <= rule.mask_to
