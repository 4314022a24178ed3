"""Looking at, and putting right, who the person who died was."""

from dataclasses import dataclass, field

from review_app.reviews.rules.identity import IdentityPurpose
from review_app.reviews.rules.notified import Identity


@dataclass(frozen=True, kw_only=True)
class RevealIdentity:
    """Show who the person was, for a purpose. `reference` is that of a case, or of a notification in no case."""

    reference: str
    purpose: IdentityPurpose
    words: str = ""


@dataclass(frozen=True, kw_only=True)
class CorrectIdentity:
    """Put right, or add, who one notification says the person was. `version` is 0 where nothing was held."""

    reference: str
    typed: Identity = field(repr=False)
    taken_out: tuple[str, ...] = ()
    version: int = 0
