"""Names of substances in free text: how one is found, and by which names."""

import re
from collections.abc import Iterable


def mentioned_terms(texts: Iterable[str], terms: Iterable[str]) -> list[str]:
    """Give the terms that occur in the texts as whole words, whatever their case, hyphens or plural."""
    written = "\n".join(texts)
    return sorted(term for term in set(terms) if term.strip(" -") and term_pattern(term).search(written))


def term_pattern(term: str) -> re.Pattern[str]:
    """Give the pattern that finds one term as whole words."""
    words = [re.escape(word) for word in re.split(r"[\s\-]+", term.strip()) if word]
    return re.compile(r"(?<!\w)" + r"[\s\-]*".join(words) + r"s?(?!\w)", re.IGNORECASE)


def names_of(name: str, aliases: Iterable[str] = ()) -> list[str]:
    """Give every term by which a listed substance is found; words in brackets are a name of their own."""
    inside = re.findall(r"\(([^)]+)\)", name)
    outside = re.sub(r"\([^)]*\)", " ", name)
    return [term.strip() for term in (outside, *inside, *aliases) if term.strip()]
