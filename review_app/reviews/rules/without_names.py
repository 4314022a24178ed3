"""Taking out of a text what says who it is about, for what a panel reads. A person reads it again before it is used."""

import re
from collections.abc import Sequence

from review_app.identifying import identifying_hints
from review_app.reviews.rules.notified import Identity

THE_PERSON = "[the person]"
LEFT_OUT = "[left out]"
SHORTEST = 2


def deidentified(text: str, identities: Sequence[Identity]) -> str:
    """Put “[the person]” for the names of the person who died, and “[left out]” for what looks like an identifier.

    A part of a name counts only where it begins with a capital, so that Brown goes and brown stays.
    """
    for name in names_of(identities):
        text = re.sub(rf"\b{re.escape(name)}(?=(?:[’']s)?\b)", THE_PERSON, text)
        text = re.sub(rf"\b{re.escape(name.upper())}\b", THE_PERSON, text)
    text = re.sub(rf"{re.escape(THE_PERSON)}(?:[ ,-]+{re.escape(THE_PERSON)})+", THE_PERSON, text)
    for hint in reversed(identifying_hints(text)):
        text = text[: hint.start] + LEFT_OUT + text[hint.start + len(hint.text) :]
    for known in places_of(identities):
        text = re.sub(re.escape(known), LEFT_OUT, text, flags=re.IGNORECASE)
    return text


def names_of(identities: Sequence[Identity]) -> list[str]:
    """Give every part of every name, the longest first, with a capital."""
    written = (part for one in identities for part in (one.forename, one.surname, *one.other_names.split(",")))
    parts = {word for name in written for word in re.split(r"[\s/()“”\"]+", name)}
    return sorted(
        {word[:1].upper() + word[1:] for word in parts if len(word) >= SHORTEST}, key=lambda each: (-len(each), each)
    )


def places_of(identities: Sequence[Identity]) -> list[str]:
    """Give every address and postcode, the longest first, also without its space."""
    written = {each.strip() for one in identities for each in (one.address, one.postcode, one.nhs_number)}
    spellings = {*written, *(each.replace(" ", "") for each in written)}
    return sorted((each for each in spellings if len(each) > 3), key=lambda each: (-len(each), each))
