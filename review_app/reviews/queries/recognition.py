"""The few facts by which somebody recognises that they have an interest in a case, and nothing that names anybody."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from review_app.accounts.models import Agency, Locality
from review_app.filters import listing
from review_app.reviews.models import DeathNotification, InformationRequest, ReviewCase
from review_app.reviews.queries.visibility import HIDDEN_REQUESTS
from review_app.reviews.rules.deidentify import age_band, month_of
from review_app.reviews.rules.notified import Known, Place, read_known


@dataclass(frozen=True, kw_only=True)
class Recognition:
    """What is shown of a case before anybody has declared. What is empty is not known."""

    age: str
    died: str
    town: str
    agencies: tuple[str, ...]


def recognition(session: Session, case: ReviewCase) -> Recognition:
    """Give these facts of a case that the person may declare for, from the first notification that knows each."""
    rows = select(DeathNotification).where(DeathNotification.case_id == case.id).order_by(DeathNotification.id)
    told = [read_known(each.content) for each in session.scalars(rows)]
    ages = (each.age for each in told if each.age is not None)
    months = filter(None, (month_of(each.died) for each in told))
    return Recognition(
        age=age_band(next(ages, None)),
        died=next(months, ""),
        town=_town(session, told),
        agencies=_agencies(session, case),
    )


def _town(session: Session, told: list[Known]) -> str:
    """Name the places in which the person lived and died, as far as they are localities of the area."""
    ids = {known.where(place).locality_id for known in told for place in (Place.RESIDENCE, Place.DEATH)}
    names = select(Locality.name).where(Locality.id.in_(each for each in ids if each is not None))
    return listing(session.scalars(names.order_by(Locality.name)))


def _agencies(session: Session, case: ReviewCase) -> tuple[str, ...]:
    """Give the names of the agencies that notified or were asked, in order."""
    asked = select(InformationRequest.agency_id).where(
        InformationRequest.case_id == case.id, InformationRequest.state.not_in(HIDDEN_REQUESTS)
    )
    told = select(DeathNotification.agency_id).where(DeathNotification.case_id == case.id)
    names = select(Agency.name).where(Agency.id.in_(asked.union(told)))
    return tuple(session.scalars(names.order_by(Agency.name)))
