"""Which words may leave the circle of those who know the case."""

from review_app.identifying import identifying_hints


def identifying_objection(text: str) -> str:
    """Say what in a text may identify somebody, or give nothing."""
    found = ", ".join(f"“{hint.text}”" for hint in identifying_hints(text))
    return f"Take out what may identify someone: {found}." if found else ""
