"""For what the identity of a person who died may be looked at, and how its parts are called."""

from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum

from review_app.identifying import identifying_hints
from review_app.reviews.rules.notified import FIELDS, Identity, read_identity


class IdentityPurpose(StrEnum):
    """Why somebody looks at who the person was."""

    SAME_PERSON = "same_person"
    RIGHT_RECORDS = "right_records"
    CORONER = "coroner"
    FAMILY = "family"
    SAFEGUARDING = "safeguarding"
    CORRECT = "correct"
    OTHER = "other"


LABELS: Mapping[str, str] = {
    "forename": "First name",
    "surname": "Last name",
    "other_names": "Other names",
    "nhs_number": "NHS number",
    "born": "Date of birth",
    "address": "Last address",
    "postcode": "Postcode",
}


def parts_held(identity: Identity) -> tuple[str, ...]:
    """Name the parts that are known, without what they say."""
    held = identity.answers()
    return tuple(LABELS[name] for name in FIELDS if name in held)


def corrected(identity: Identity, typed: Identity, taken_out: Collection[str]) -> Identity:
    """Put what was typed in the place of what was held, and take out what is named."""
    held = {**identity.answers(), **typed.answers()}
    return read_identity({name: value for name, value in held.items() if name not in taken_out})


def names_somebody(words: str, identities: Iterable[Identity]) -> bool:
    """Say whether a purpose holds what may identify the person: the audit keeps it in clear."""
    written = words.casefold()
    held = [str(value) for identity in identities for value in identity.answers().values()]
    pieces = {piece.casefold() for value in held for piece in value.replace(",", " ").split() if len(piece) > 2}
    return bool(identifying_hints(words)) or any(piece in written.split() for piece in pieces)
