"""Which other notifications may be about the same person. Nothing of either identity leaves this module.

Values are compared by their blind indexes, under every key of the ring, so that a change of keys loses no match.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session, joinedload

from review_app import crypto
from review_app.fuzzy import DatePrecision, FuzzyDate
from review_app.reviews.models import DeathNotification, IdentityRecord, ReviewCase
from review_app.reviews.rules.matching import Compared, MatchReason, match_reason, near_days
from review_app.reviews.rules.notified import Identity, read_identity, read_known
from review_app.reviews.rules.states import CaseState, NotificationState

NHS, BORN, SURNAME, FORENAME, DIED = "identity/nhs", "identity/born", "identity/surname", "identity/forename", "died"


@dataclass(frozen=True, kw_only=True)
class Match:
    """Another notification that may be about the same person, and why."""

    notification: DeathNotification
    reason: MatchReason


@dataclass(frozen=True, kw_only=True, repr=False)
class _Looked:
    """What one notification is looked for by: for each part, its index under every key."""

    nhs_number: Sequence[str] = ()
    born: Sequence[str] = ()
    surname: Sequence[str] = ()
    forename: Sequence[str] = ()
    days: Sequence[str] = ()


def matches_of(session: Session, notification: DeathNotification) -> list[Match]:
    """Give the notifications of the same Partnership that may be about the same person, the earliest first."""
    record = notification.identity
    if record is None or record.details_sealed is None:
        return []
    looked = _looked(read_identity(record.details), read_known(notification.content).died)
    found = session.scalars(_candidates(notification, looked)).unique()
    judged = ((other, match_reason(_compare(looked, other))) for other in found)
    return [Match(notification=other, reason=reason) for other, reason in judged if reason is not None]


def day_index(died: FuzzyDate) -> str:
    """Give the blind index of a day of death that is known exactly; any other has none."""
    if died.precision is not DatePrecision.DAY or died.earliest is None:
        return ""
    return crypto.blind_index(DIED, died.earliest.isoformat())


def identity_indexes(identity: Identity) -> dict[str, str]:
    """Give the blind indexes of an identity under the current key, by their columns."""
    return {
        "nhs_index": crypto.blind_index(NHS, identity.nhs_number) if identity.nhs_number else "",
        "birth_index": crypto.blind_index(BORN, identity.born.isoformat()) if identity.born else "",
        "surname_index": crypto.phonetic_index(SURNAME, identity.surname),
        "forename_index": crypto.phonetic_index(FORENAME, identity.forename),
    }


def index_identity(record: IdentityRecord, identity: Identity) -> None:
    """Set the blind indexes of an identity under the current key."""
    for column, index in identity_indexes(identity).items():
        setattr(record, column, index)


def _looked(identity: Identity, died: FuzzyDate) -> _Looked:
    return _Looked(
        nhs_number=crypto.blind_indexes(NHS, identity.nhs_number) if identity.nhs_number else (),
        born=crypto.blind_indexes(BORN, identity.born.isoformat()) if identity.born else (),
        surname=crypto.phonetic_indexes(SURNAME, identity.surname),
        forename=crypto.phonetic_indexes(FORENAME, identity.forename),
        days=[index for day in near_days(died) for index in crypto.blind_indexes(DIED, day)],
    )


def _candidates(notification: DeathNotification, looked: _Looked) -> Select[DeathNotification]:
    alike = or_(
        IdentityRecord.nhs_index.in_(looked.nhs_number),
        IdentityRecord.birth_index.in_(looked.born),
        and_(IdentityRecord.surname_index.in_(looked.surname), IdentityRecord.forename_index.in_(looked.forename)),
    )
    return (
        select(DeathNotification)
        .join(IdentityRecord, IdentityRecord.notification_id == DeathNotification.id)
        .outerjoin(ReviewCase, ReviewCase.id == DeathNotification.case_id)
        .where(
            DeathNotification.partnership_id == notification.partnership_id,
            DeathNotification.id != notification.id,
            DeathNotification.state != NotificationState.WITHDRAWN,
            or_(ReviewCase.id.is_(None), ReviewCase.state != CaseState.DESTROYED),
            alike,
        )
        .options(joinedload(DeathNotification.identity), joinedload(DeathNotification.case))
        .order_by(DeathNotification.id)
    )


def _compare(looked: _Looked, other: DeathNotification) -> Compared:
    record = other.identity
    assert record is not None  # the candidates are joined to their identities
    return Compared(
        nhs_number=_same(looked.nhs_number, record.nhs_index),
        born=_same(looked.born, record.birth_index),
        surname=_same(looked.surname, record.surname_index),
        forename=_same(looked.forename, record.forename_index),
        near_day=_same(looked.days, other.death_day_index),
    )


def _same(mine: Sequence[str], theirs: str) -> bool | None:
    return theirs in mine if mine and theirs else None
