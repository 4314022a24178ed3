"""Readers of a stored table of content: each gives one typed value or says which part is malformed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

Content = Mapping[str, object]


def text(content: Content, key: str, default: str = "") -> str:
    """Give a text of a content table. Raises ValueError when it is something else."""
    value = content.get(key, default)
    if not isinstance(value, str):
        raise ValueError(f"“{key}” must be a text")
    return value


def number(content: Content, key: str, default: int | None = None) -> int:
    """Give a whole number of a content table. Raises ValueError when it is missing or something else."""
    value = content.get(key, default)
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"“{key}” must be a whole number")
    return value


def flag(content: Content, key: str) -> bool:
    """Give a yes or no of a content table; what is not there is no."""
    value = content.get(key, False)
    if not isinstance(value, bool):
        raise ValueError(f"“{key}” must be true or false")
    return value


def section(content: Content, key: str) -> dict[str, object]:
    """Give a part of a content table that is itself a table; what is not there is empty."""
    value = content.get(key, {})
    if not isinstance(value, Mapping):
        raise ValueError(f"“{key}” must be a table")
    return {str(name): part for name, part in value.items()}


def rows(content: Content, key: str) -> list[dict[str, object]]:
    """Give the rows of a list in a content table; what is not there is empty."""
    return [section({"row": row}, "row") for row in items(content, key)]


def texts(content: Content, key: str) -> list[str]:
    """Give a list of texts of a content table; what is not there is empty."""
    return [text({"item": item}, "item") for item in items(content, key)]


def items(content: Content, key: str) -> Iterator[object]:
    """Give the members of a list in a content table."""
    value = content.get(key, [])
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise ValueError(f"“{key}” must be a list")
    yield from value


@dataclass(frozen=True, kw_only=True)
class Option:
    """One answer that can be chosen, with its words."""

    key: str
    words: str
    hint: str = ""


def options(content: Content, key: str = "options") -> tuple[Option, ...]:
    """Give the options listed under a key."""
    return tuple(
        Option(key=text(row, "key"), words=text(row, "words"), hint=text(row, "hint")) for row in rows(content, key)
    )
