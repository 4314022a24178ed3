"""What differs between two texts, line by line."""

from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum


class ChangeKind(StrEnum):
    """What happened to a line."""

    KEPT = "kept"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, kw_only=True)
class LineChange:
    """One line of a comparison."""

    kind: ChangeKind
    text: str


def line_changes(before: str, after: str) -> tuple[LineChange, ...]:
    """Compare two texts: every line of both, in order, those taken out before those put in."""
    old, new = before.splitlines(), after.splitlines()
    changes: list[LineChange] = []
    for kind, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            changes += [LineChange(kind=ChangeKind.KEPT, text=line) for line in new[new_from:new_to]]
        else:
            changes += [LineChange(kind=ChangeKind.REMOVED, text=line) for line in old[old_from:old_to]]
            changes += [LineChange(kind=ChangeKind.ADDED, text=line) for line in new[new_from:new_to]]
    return tuple(changes)


def differ(changes: tuple[LineChange, ...]) -> bool:
    """Say whether there is any difference."""
    return any(change.kind is not ChangeKind.KEPT for change in changes)
