"""Reads of Deliveries: what is due, how far a version has got, and what needs a person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload

from review_app.accounts.models import Agency
from review_app.accounts.queries import people_names
from review_app.alerts.models import Acknowledgement, Alert, AlertVersion, Delivery, DeliverySeenTo
from review_app.alerts.queries.audience import may_have_it
from review_app.alerts.rules import UNSETTLED, AcknowledgementState, DeliveryState, VersionState
from review_app.errors import NotVisible
from review_app.policy import Actor, Permission, Role, allowed

WAITING = (DeliveryState.QUEUED, DeliveryState.UNKNOWN)


def due(now: datetime) -> ColumnElement[bool]:
    """Match Deliveries that may be sent now: queued ones, and unknown ones that are sent again by themselves."""
    return and_(Delivery.state.in_(WAITING), Delivery.next_attempt_at <= now)


def anything_due(session: Session, worker_id: int, now: datetime) -> bool:
    """Say whether there is a Delivery for this worker to send, or one it left marked."""
    mine = and_(Delivery.state == DeliveryState.SENDING, Delivery.worker_id == worker_id)
    return session.scalar(select(Delivery.id).where(or_(due(now), mine)).limit(1)) is not None


def goes_on() -> ColumnElement[bool]:
    """Match Deliveries with which something more happens by itself."""
    return or_(Delivery.state.in_(UNSETTLED), Delivery.next_attempt_at.is_not(None))


def needs_a_person() -> ColumnElement[bool]:
    """Match Deliveries that failed for good, or are uncertain and not sent again by themselves, and nobody saw to."""
    return and_(_stuck(), ~exists().where(DeliverySeenTo.delivery_id == Delivery.id))


def _stuck() -> ColumnElement[bool]:
    uncertain = and_(Delivery.state == DeliveryState.UNKNOWN, Delivery.next_attempt_at.is_(None))
    return or_(Delivery.state == DeliveryState.FAILED, uncertain)


def going_out() -> ColumnElement[bool]:
    """Match versions that have been released and are not known to have gone out to everybody."""
    return AlertVersion.state == VersionState.SENDING


def newest_released(session: Session, alert_id: int) -> AlertVersion | None:
    """Find the newest version of an alert that has gone out, an end included."""
    released = select(AlertVersion).where(AlertVersion.alert_id == alert_id, AlertVersion.released_at.is_not(None))
    return session.scalar(released.order_by(AlertVersion.number.desc()).limit(1))


def get_released(session: Session, alert: Alert, number: int) -> AlertVersion:
    """Give a version of an alert that has gone out. Raises NotVisible."""
    mine = select(AlertVersion).where(AlertVersion.alert_id == alert.id, AlertVersion.number == number)
    version = session.scalar(mine.where(AlertVersion.released_at.is_not(None)))
    if version is None:
        raise NotVisible("We cannot find that version of the alert.", reference=alert.reference)
    return version


def gets(session: Session, version_id: int, normalised: str) -> bool:
    """Say whether an address has a Delivery of a version."""
    mine = select(Delivery.id).where(Delivery.alert_version_id == version_id, Delivery.normalised == normalised)
    return session.scalar(mine.limit(1)) is not None


def oldest_due(session: Session, now: datetime) -> datetime | None:
    """Say since when the oldest due Delivery or scheduled version has waited."""
    unsettled = Delivery.state.in_((*WAITING, DeliveryState.SENDING))
    waiting = session.scalar(
        select(func.min(Delivery.next_attempt_at)).where(unsettled, Delivery.next_attempt_at <= now)
    )
    scheduled = session.scalar(
        select(func.min(AlertVersion.release_at)).where(
            AlertVersion.state == VersionState.SCHEDULED, AlertVersion.release_at <= now
        )
    )
    return min((when for when in (waiting, scheduled) if when is not None), default=None)


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far one version has got."""

    counts: dict[DeliveryState, int]
    read: int
    acted: int

    @property
    def total(self) -> int:
        """Every Delivery of the version."""
        return sum(self.counts.values())

    @property
    def done(self) -> int:
        """Deliveries with which nothing more will happen by itself."""
        open_states = (DeliveryState.QUEUED, DeliveryState.SENDING)
        return self.total - sum(self.counts.get(state, 0) for state in open_states)

    def of(self, *states: DeliveryState) -> int:
        """Count the Deliveries in these states."""
        return sum(self.counts.get(state, 0) for state in states)


def progress(session: Session, version_id: int, *, agencies: frozenset[int] | None = None) -> Progress:
    """Count a version's Deliveries by state, and who has read and acted; of some agencies only, if any are named."""
    mine = [Delivery.alert_version_id == version_id]
    if agencies is not None:
        mine.append(Delivery.agency_id.in_(agencies))
    states = session.execute(select(Delivery.state, func.count()).where(*mine).group_by(Delivery.state))
    said = session.execute(
        select(Acknowledgement.state, func.count()).join(Delivery).where(*mine).group_by(Acknowledgement.state)
    )
    counts = {state: number for state, number in states}  # noqa: C416  # a Row is no pair to the type checker
    answers = {state: number for state, number in said}  # noqa: C416
    acted = answers.get(AcknowledgementState.ACTED, 0)
    return Progress(
        counts=counts,
        read=answers.get(AcknowledgementState.READ_CONFIRMED, 0) + acted,
        acted=acted,
    )


@dataclass(frozen=True, kw_only=True)
class AgencyRow:
    """One agency's Deliveries of a version."""

    name: str
    sent: int
    read: int
    acted: int


def by_agency(session: Session, version_id: int, *, agencies: frozenset[int] | None = None) -> list[AgencyRow]:
    """Give, agency by agency and by name, how many addresses were sent a version and how many have read and acted."""
    read = func.count(Acknowledgement.id)
    acted = func.count(Acknowledgement.id).filter(Acknowledgement.state == AcknowledgementState.ACTED)
    rows = (
        select(Agency.name, func.count(Delivery.id), read, acted)
        .select_from(Delivery)
        .outerjoin(Agency, Agency.id == Delivery.agency_id)
        .outerjoin(Acknowledgement, Acknowledgement.delivery_id == Delivery.id)
        .where(Delivery.alert_version_id == version_id)
        .group_by(Agency.name)
        .order_by(Agency.name)
    )
    if agencies is not None:
        rows = rows.where(Delivery.agency_id.in_(agencies))
    return [
        AgencyRow(name=name or "No agency given", sent=total, read=seen, acted=done)
        for name, total, seen, done in session.execute(rows)
    ]


def troubled(session: Session, actor: Actor, version_id: int) -> Sequence[Delivery]:
    """List the Deliveries that need a person, and those that somebody saw to, which are shown as they are."""
    if not allowed(actor, Permission.DELIVERY_SEE):
        return []
    rows = select(Delivery).where(Delivery.alert_version_id == version_id, _stuck())
    shown = rows.outerjoin(DeliverySeenTo).order_by(
        DeliverySeenTo.delivery_id.is_not(None), Delivery.state, Delivery.id
    )
    return session.scalars(shown.options(joinedload(Delivery.seen_to)).limit(500)).all()


def to_see_to(session: Session, actor: Actor, version_id: int) -> list[tuple[int, str]]:
    """Give the Deliveries that wait for a person, by number and address."""
    return [(each.id, each.address) for each in troubled(session, actor, version_id) if each.seen_to is None]


@dataclass(frozen=True, kw_only=True)
class DeliveryView:
    """What one person may know of a version's Deliveries."""

    version: AlertVersion
    progress: Progress
    agencies: list[AgencyRow]
    troubled: Sequence[Delivery]
    names: Mapping[int, str]
    may_resend: bool
    may_settle: bool

    @property
    def waiting(self) -> list[Delivery]:
        """Give the Deliveries that still need a person."""
        return [each for each in self.troubled if each.seen_to is None]

    @property
    def uncertain(self) -> int:
        """Say how many of them are uncertain and can be sent again."""
        return sum(each.state is DeliveryState.UNKNOWN for each in self.waiting)


def view_of(session: Session, actor: Actor, version: AlertVersion) -> DeliveryView | None:
    """Give everything, totals only, the own agency's only, or None, by the reader's role."""
    agencies, rows = _counted(actor), []
    if agencies == frozenset():
        return None
    if agencies or allowed(actor, Permission.DELIVERY_SEE):
        rows = by_agency(session, version.id, agencies=agencies)
    trouble = troubled(session, actor, version.id)
    return DeliveryView(
        version=version,
        progress=progress(session, version.id, agencies=agencies),
        agencies=rows,
        troubled=trouble,
        names=people_names(session, {each.seen_to.seen_to_by_id for each in trouble if each.seen_to is not None}),
        may_resend=allowed(actor, Permission.DELIVERY_RESEND),
        may_settle=allowed(actor, Permission.DELIVERY_SETTLE),
    )


@dataclass(frozen=True, kw_only=True)
class Tally:
    """How far one of several versions that went out has got."""

    version: AlertVersion
    progress: Progress


def tallies(session: Session, actor: Actor, versions: Sequence[AlertVersion]) -> list[Tally]:
    """Give what the reader may count of each version that went out, where there are several."""
    agencies, released = _counted(actor), [each for each in versions if each.released_at is not None]
    if agencies == frozenset() or len(released) < 2:
        return []
    return [Tally(version=each, progress=progress(session, each.id, agencies=agencies)) for each in released]


def _counted(actor: Actor) -> frozenset[int] | None:
    """Give the agencies whose Deliveries the reader may count: none, the ones they lead, or None for every one."""
    if allowed(actor, Permission.DELIVERY_SEE) or allowed(actor, Permission.DELIVERY_SEE_TOTALS):
        return None
    return actor.agencies(Role.AGENCY_LEAD) if allowed(actor, Permission.DELIVERY_SEE_AGENCY) else frozenset()


def number_told(session: Session, alert_id: int) -> int:
    """Say how many people a withdrawal made now would tell: whoever has, or may have, some version of the alert."""
    rows = (
        select(func.count(func.distinct(Delivery.normalised)))
        .join(AlertVersion, AlertVersion.id == Delivery.alert_version_id)
        .where(AlertVersion.alert_id == alert_id, may_have_it())
    )
    return session.scalar(rows) or 0
