"""What a search is made of."""

LEAST_CHARACTERS = 2
MOST_WORDS = 8


def words_of(typed: str) -> tuple[str, ...]:
    """Give the words that each have to be found. Case does not matter, nor does the order."""
    return tuple(dict.fromkeys(typed.casefold().split()))[:MOST_WORDS]


def all_in(words: tuple[str, ...], *texts: str) -> bool:
    """Say whether every word is in one of these texts."""
    folded = " ".join(texts).casefold()
    return all(word in folded for word in words)
