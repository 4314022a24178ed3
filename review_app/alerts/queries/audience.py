"""Whom a version reaches: the people now on its lists, and whoever must hear of what they have; each address once."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from review_app.alerts.models import AlertVersion, AlertVersionList, Delivery, DistributionList, Recipient
from review_app.alerts.rules import TELLS_ALL_WHO_HAVE_IT, TOLD_OF_THE_END, DeliveryState


@dataclass(frozen=True, kw_only=True)
class AudienceMember:
    """One person to be written to."""

    recipient_id: int | None
    address: str
    normalised: str
    agency_id: int | None


def on_lists(list_ids: Sequence[int]) -> Select[Recipient]:
    """Narrow to those who are on one of these lists now. The caller states the order."""
    return (
        select(Recipient)
        .join(DistributionList, DistributionList.id == Recipient.list_id)
        .where(Recipient.list_id.in_(list_ids), Recipient.left_at.is_(None), DistributionList.archived.is_(False))
    )


def audience_of(session: Session, version: AlertVersion) -> list[AudienceMember]:
    """Give everyone a version reaches now, in the order of their addresses. One address on two lists counts once.

    A correction also reaches whoever has what it corrects, on the lists or not; a withdrawal reaches nobody else.
    """
    first = (
        on_lists(list_ids(session, version)).with_only_columns(func.min(Recipient.id)).group_by(Recipient.normalised)
    )
    rows = session.scalars(select(Recipient).where(Recipient.id.in_(first)))
    told = already_told(session, version.alert_id) if version.kind in TELLS_ALL_WHO_HAVE_IT else []
    found = {member.normalised: member for member in told} | {row.normalised: _member(row) for row in rows}
    return [found[normalised] for normalised in sorted(found)]


def _member(recipient: Recipient) -> AudienceMember:
    return AudienceMember(
        recipient_id=recipient.id,
        address=recipient.address,
        normalised=recipient.normalised,
        agency_id=recipient.agency_id,
    )


def audience_count(session: Session, version: AlertVersion) -> int:
    """Say how many people a version reaches now."""
    if version.kind in TELLS_ALL_WHO_HAVE_IT:
        return len(audience_of(session, version))
    return count_on(session, list_ids(session, version))


def may_have_it() -> ColumnElement[bool]:
    """Match Deliveries whose message has, or may have, arrived: also those of which any one attempt was lost."""
    lost = and_(Delivery.lost_at.is_not(None), Delivery.state != DeliveryState.BOUNCED)
    return or_(Delivery.state.in_(TOLD_OF_THE_END), lost)


def already_told(session: Session, alert_id: int) -> list[AudienceMember]:
    """Give everyone who has, or may have, some version of an alert, in the order of their addresses."""
    rows = (
        select(Delivery)
        .join(AlertVersion, AlertVersion.id == Delivery.alert_version_id)
        .where(AlertVersion.alert_id == alert_id, may_have_it())
        .order_by(Delivery.id)
    )
    latest = {delivery.normalised: delivery for delivery in session.scalars(rows)}
    return [told_member(latest[normalised]) for normalised in sorted(latest)]


def told_member(delivery: Delivery) -> AudienceMember:
    """Give whoever a Delivery goes to, at the address it went to."""
    return AudienceMember(
        recipient_id=delivery.recipient_id,
        address=delivery.address,
        normalised=delivery.normalised,
        agency_id=delivery.agency_id,
    )


def count_on(session: Session, ids: Sequence[int]) -> int:
    """Say how many different addresses are on these lists now."""
    counted = on_lists(ids).with_only_columns(func.count(func.distinct(Recipient.normalised)))
    return session.scalar(counted) or 0


def list_ids(session: Session, version: AlertVersion) -> Sequence[int]:
    """Give the lists chosen for a version."""
    chosen = select(AlertVersionList.list_id).where(AlertVersionList.alert_version_id == version.id)
    return session.scalars(chosen.order_by(AlertVersionList.id)).all()


def chosen_lists(session: Session, version: AlertVersion) -> Sequence[DistributionList]:
    """Give the lists chosen for a version, by name."""
    chosen = select(DistributionList).where(DistributionList.id.in_(list_ids(session, version)))
    return session.scalars(chosen.order_by(DistributionList.name)).all()


@dataclass(frozen=True, kw_only=True)
class ListChoice:
    """A list that can be chosen for a version, and how many are on it."""

    reference: str
    name: str
    number: int


def lists_to_choose(session: Session, partnership_id: int, *, exercise: bool) -> list[ListChoice]:
    """Give the lists in use that a version may go to, by name: an exercise only ever goes to exercise lists."""
    numbers = (
        select(Recipient.list_id, func.count().label("number"))
        .where(Recipient.left_at.is_(None))
        .group_by(Recipient.list_id)
        .subquery()
    )
    rows = (
        select(DistributionList.reference, DistributionList.name, func.coalesce(numbers.c.number, 0))
        .outerjoin(numbers, numbers.c.list_id == DistributionList.id)
        .where(
            DistributionList.partnership_id == partnership_id,
            DistributionList.exercise.is_(exercise),
            DistributionList.archived.is_(False),
        )
        .order_by(DistributionList.name)
    )
    return [
        ListChoice(reference=reference, name=name, number=number) for reference, name, number in session.execute(rows)
    ]
