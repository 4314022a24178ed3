"""Reads of distribution lists and of who is on them.

The coordinator and communications see everyone; chairs, approver, Director of Public Health and on call see how many
there are; an agency's lead sees the people of that agency, and only the lists they are on.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.orm import Session, joinedload

from review_app.accounts.models import Agency
from review_app.accounts.queries import agencies_of
from review_app.alerts.commands import RecipientFilter
from review_app.alerts.models import Delivery, DistributionList, Recipient
from review_app.alerts.rules import ImportPreview, ImportRow, by_name, judge
from review_app.errors import NotVisible
from review_app.policy import Actor, Permission, allowed, qualifying

PER_PAGE = 50
NO_LIST = "We cannot find that list. Look for it among the distribution lists."
NO_RECIPIENT = "We cannot find that person on this list."


def visible_lists(actor: Actor) -> Select[DistributionList]:
    """Narrow to the lists the person may know of. The caller states the order."""
    tests: list[ColumnElement[bool]] = [false()]
    if allowed(actor, Permission.LIST_SEE) or allowed(actor, Permission.LIST_SEE_TOTALS):
        tests.append(DistributionList.id > 0)
    if led := agencies_led(actor):
        tests.append(DistributionList.id.in_(select(Recipient.list_id).where(Recipient.agency_id.in_(led))))
    return select(DistributionList).where(DistributionList.partnership_id == actor.partnership_id, or_(*tests))


def agencies_led(actor: Actor) -> frozenset[int]:
    """Give the agencies whose own people the person may see on lists."""
    held = qualifying(actor, Permission.LIST_SEE_AGENCY)
    return frozenset(each.agency_id for each in held if each.agency_id is not None)


def get_list(session: Session, actor: Actor, reference: str) -> DistributionList:
    """Give a list. Raises NotVisible."""
    found = session.scalar(visible_lists(actor).where(DistributionList.reference == reference))
    if found is None:
        raise NotVisible(NO_LIST, reference=reference)
    return found


def get_locked_list(session: Session, actor: Actor, reference: str) -> DistributionList:
    """Give a list and hold it until the transaction ends, as it is now. Raises NotVisible."""
    narrowed = visible_lists(actor).where(DistributionList.reference == reference)
    found = session.scalar(narrowed.with_for_update(of=DistributionList).execution_options(populate_existing=True))
    if found is None:
        raise NotVisible(NO_LIST, reference=reference)
    return found


def visible_recipients(actor: Actor) -> Select[Recipient]:
    """Narrow to the people on lists whom the person may see by address. The caller states the order."""
    tests: list[ColumnElement[bool]] = [false()]
    if allowed(actor, Permission.LIST_SEE):
        tests.append(Recipient.id > 0)
    if led := agencies_led(actor):
        tests.append(Recipient.agency_id.in_(led))
    lists = select(DistributionList.id).where(DistributionList.partnership_id == actor.partnership_id)
    return select(Recipient).where(Recipient.list_id.in_(lists), or_(*tests))


def get_recipient(session: Session, actor: Actor, reference: str, recipient_id: int) -> Recipient:
    """Give somebody on a list. Raises NotVisible."""
    on_this = select(DistributionList.id).where(DistributionList.reference == reference)
    found = session.scalar(
        visible_recipients(actor).where(Recipient.id == recipient_id, Recipient.list_id.in_(on_this))
    )
    if found is None:
        raise NotVisible(NO_RECIPIENT, reference=reference)
    return found


@dataclass(frozen=True, kw_only=True)
class ListRow:
    """One list among the others; `number` counts everyone on it, or only those the person may know of."""

    distribution_list: DistributionList
    number: int


def list_rows(session: Session, actor: Actor, *, archived: bool) -> list[ListRow]:
    """Give the lists the person may know of, by name, with how many are on each."""
    numbers = (
        _counted(actor)
        .with_only_columns(Recipient.list_id, func.count().label("number"))
        .group_by(Recipient.list_id)
        .subquery()
    )
    rows = (
        visible_lists(actor)
        .outerjoin(numbers, numbers.c.list_id == DistributionList.id)
        .add_columns(func.coalesce(numbers.c.number, 0))
        .where(DistributionList.archived.is_(archived))
        .order_by(DistributionList.name)
    )
    return [ListRow(distribution_list=each, number=number) for each, number in session.execute(rows)]


def number_on(session: Session, actor: Actor, distribution_list: DistributionList) -> int:
    """Say how many people are on a list, as far as the person may know."""
    counted = _counted(actor).where(Recipient.list_id == distribution_list.id).with_only_columns(func.count())
    return session.scalar(counted) or 0


def _counted(actor: Actor) -> Select[Recipient]:
    """Narrow to those who count for the person: everyone, or the people of the agencies they lead."""
    everyone = allowed(actor, Permission.LIST_SEE) or allowed(actor, Permission.LIST_SEE_TOTALS)
    mine = Recipient.left_at.is_(None)
    return select(Recipient).where(mine if everyone else and_(mine, Recipient.agency_id.in_(agencies_led(actor))))


@dataclass(frozen=True, kw_only=True)
class RecipientRow:
    """Somebody on a list, with what became of the last message to that address."""

    recipient: Recipient
    last: Delivery | None


@dataclass(frozen=True, kw_only=True)
class RecipientPage:
    """One page of those on a list, by address."""

    rows: tuple[RecipientRow, ...]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """Say how many pages there are; an empty list still has one."""
        return max(1, -(-self.total // PER_PAGE))


def recipients_of(
    session: Session, actor: Actor, distribution_list: DistributionList, wanted: RecipientFilter, *, page: int
) -> RecipientPage:
    """Give those on a list whom the person may see, by address, a page at a time."""
    found = _narrowed(actor, distribution_list, wanted)
    total = session.scalar(select(func.count()).select_from(found.subquery())) or 0
    ordered = found.options(joinedload(Recipient.agency)).order_by(Recipient.normalised)
    rows = session.scalars(ordered.limit(PER_PAGE).offset((max(1, page) - 1) * PER_PAGE)).all()
    last = _last_deliveries(session, actor, [row.normalised for row in rows])
    return RecipientPage(
        rows=tuple(RecipientRow(recipient=row, last=last.get(row.normalised)) for row in rows),
        total=total,
        page=max(1, page),
    )


def _narrowed(actor: Actor, distribution_list: DistributionList, wanted: RecipientFilter) -> Select[Recipient]:
    found = visible_recipients(actor).where(Recipient.list_id == distribution_list.id)
    found = found.where(Recipient.left_at.is_not(None) if wanted.left else Recipient.left_at.is_(None))
    if wanted.agency_id is not None:
        found = found.where(Recipient.agency_id == wanted.agency_id)
    if words := wanted.words.casefold():
        found = found.where(
            or_(Recipient.normalised.contains(words, autoescape=True), Recipient.role.icontains(words, autoescape=True))
        )
    return found


def _last_deliveries(session: Session, actor: Actor, addresses: Sequence[str]) -> dict[str, Delivery]:
    """Give the newest Delivery to each of these addresses from this Partnership."""
    lists = select(DistributionList.id).where(DistributionList.partnership_id == actor.partnership_id)
    newest = (
        select(func.max(Delivery.id))
        .join(Recipient, Recipient.id == Delivery.recipient_id)
        .where(Delivery.normalised.in_(addresses), Recipient.list_id.in_(lists))
        .group_by(Delivery.normalised)
    )
    return {row.normalised: row for row in session.scalars(select(Delivery).where(Delivery.id.in_(newest)))}


def every_recipient(session: Session, actor: Actor, distribution_list: DistributionList) -> Iterator[list[str]]:
    """Give the rows of an export: headings, then everyone on the list whom the person may see, by address."""
    yield ["address", "agency", "role", "added", "confirmed"]
    found = visible_recipients(actor).where(Recipient.list_id == distribution_list.id, Recipient.left_at.is_(None))
    for row in session.scalars(found.options(joinedload(Recipient.agency)).order_by(Recipient.normalised)):
        confirmed = f"{row.confirmed_at:%Y-%m-%d}" if row.confirmed_at else ""
        agency = row.agency.name if row.agency else ""
        yield [row.address, agency, row.role, f"{row.added_at:%Y-%m-%d}", confirmed]


def agency_choices(session: Session, actor: Actor) -> list[tuple[int, str]]:
    """Give the agencies that somebody on a list can belong to, by name."""
    return [(agency.id, agency.name) for agency in agencies_of(session, actor.partnership_id)]


def preview_import(session: Session, distribution_list: DistributionList, rows: Sequence[ImportRow]) -> ImportPreview:
    """Judge the rows of a file against the list as it is now."""
    standing = session.execute(
        select(Recipient.normalised, Recipient.left_at).where(Recipient.list_id == distribution_list.id)
    ).all()
    agencies: list[Agency] = agencies_of(session, distribution_list.partnership_id)
    return judge(
        rows,
        agencies=by_name((agency.name, agency.id) for agency in agencies),
        present={normalised for normalised, left_at in standing if left_at is None},
        left={normalised for normalised, left_at in standing if left_at is not None},
    )
