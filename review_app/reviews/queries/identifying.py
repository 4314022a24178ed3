"""Who the notifications of a case say the person was.

Whoever asks has recorded that it is shown, and to whom; or, as the papers of a panel do, takes it out of what others
read.
"""

from collections.abc import Iterable, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from review_app.fuzzy import day_in_words
from review_app.reviews.models import DeathNotification, IdentityRecord, ReviewCase
from review_app.reviews.rules.notified import Identity, read_identity
from review_app.reviews.rules.requests import MatchField


def identities_of(session: Session, case: ReviewCase) -> list[Identity]:
    """Give who each notification of a case says the person was, the earliest first."""
    rows = select(IdentityRecord).join(DeathNotification).where(DeathNotification.case_id == case.id)
    return [read_identity(row.details) for row in session.scalars(rows.order_by(IdentityRecord.id))]


def known_as(session: Session, case: ReviewCase) -> Mapping[MatchField, tuple[str, ...]]:
    """Give each thing that is known of the person, as every notification has it, each spelling once."""
    found = identities_of(session, case)
    return {
        MatchField.NAME: _each(f"{one.forename} {one.surname}" for one in found),
        MatchField.ALIASES: _each(one.other_names for one in found),
        MatchField.DATE_OF_BIRTH: _each(day_in_words(one.born) for one in found if one.born is not None),
        MatchField.NHS_NUMBER: _each(spaced(one.nhs_number) for one in found),
        MatchField.ADDRESS: _each(", ".join(filter(None, (one.address, one.postcode))) for one in found),
    }


def _each(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value.strip() for value in values if value.strip()))


def spaced(nhs_number: str) -> str:
    """Write an NHS number as it stands on letters, in groups of three, three and four."""
    return f"{nhs_number[:3]} {nhs_number[3:6]} {nhs_number[6:]}".strip()
