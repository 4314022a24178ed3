"""What a theme of the library says, part by part."""

from review_app.catalogue.rules.in_words import Part


def theme_parts(name: str, domain: str, *, active: bool, merged_into: str = "") -> tuple[Part, ...]:
    """Say what a theme is called, where it belongs, and whether it is in use."""
    state = "Yes" if active else f"No, merged into “{merged_into}”" if merged_into else "No"
    rows = {"Name": name, "Domain": domain, "In use": state}
    return tuple(Part(key=label, label=label, words=words) for label, words in rows.items())
