"""The list of cases, as far as a person may know them. Nothing in it describes anybody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, String, case, cast, func, select
from sqlalchemy.orm import Session

from review_app.catalogue.models import NOT_ENDED_CLOCK, Clock
from review_app.catalogue.queries import running_clocks_by_case
from review_app.policy import Actor
from review_app.reviews.models import ReviewCase
from review_app.reviews.queries.visibility import known_cases, visible_cases
from review_app.reviews.rules.states import ENDED, CaseState
from review_app.reviews.rules.waiting import WaitsFor, states_waiting_for, waits_for
from review_app.submissions.queries.inbox import RunningClock, first_clock

PER_PAGE = 25
ORDER = "open first, then by what is due soonest"


@dataclass(frozen=True, kw_only=True)
class CaseFilter:
    """What a person narrows the list of cases to; what is left out does not narrow."""

    state: CaseState | None = None
    limb: str | None = None
    waiting: WaitsFor | None = None


@dataclass(frozen=True, kw_only=True)
class CaseRow:
    """One case as the list shows it. Limbs are of its content, so they are empty where only its existence is known."""

    reference: str
    state: CaseState
    limbs: tuple[str, ...]
    waits_for: WaitsFor | None
    opened_at: datetime
    clock: RunningClock | None


@dataclass(frozen=True, kw_only=True)
class CasesPage:
    """One page of the list of cases."""

    rows: tuple[CaseRow, ...]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """Say how many pages there are; an empty list has one."""
        return max(1, -(-self.total // PER_PAGE))


def cases(session: Session, actor: Actor, wanted: CaseFilter, *, page: int = 1) -> CasesPage:
    """Give one page of the cases of which the person may know: open first, then by what is due soonest."""
    found = _narrow(known_cases(actor), actor, wanted)
    total = session.scalar(select(func.count()).select_from(found.subquery())) or 0
    page = min(max(1, page), max(1, -(-total // PER_PAGE)))
    rows = session.scalars(_in_order(found).limit(PER_PAGE).offset((page - 1) * PER_PAGE)).all()
    return CasesPage(rows=_rows(session, actor, rows), total=total, page=page)


def every_case(session: Session, actor: Actor, wanted: CaseFilter) -> tuple[CaseRow, ...]:
    """Give every case whose content the person may read, in the order of the list, for a file of them."""
    found = _narrow(visible_cases(actor), actor, wanted)
    return _rows(session, actor, session.scalars(_in_order(found)).all())


def _narrow(found: Select[ReviewCase], actor: Actor, wanted: CaseFilter) -> Select[ReviewCase]:
    if wanted.state is not None:
        found = found.where(ReviewCase.state == wanted.state)
    if wanted.waiting is not None:
        found = found.where(ReviewCase.state.in_(states_waiting_for(wanted.waiting)))
    if wanted.limb is not None:  # whoever may not read limbs learns nothing by asking for one
        readable = visible_cases(actor).with_only_columns(ReviewCase.id)
        named = cast(ReviewCase.limbs, String).contains(f'"{wanted.limb}"', autoescape=True)
        found = found.where(ReviewCase.id.in_(readable), named)
    return found


def _in_order(found: Select[ReviewCase]) -> Select[ReviewCase]:
    due = select(func.min(Clock.due_at)).where(Clock.review_case_id == ReviewCase.id, NOT_ENDED_CLOCK).scalar_subquery()
    return found.order_by(
        case((ReviewCase.state.in_(ENDED), 1), else_=0),
        due.is_(None),
        due,
        ReviewCase.opened_at.desc(),
        ReviewCase.id,
    )


def _rows(session: Session, actor: Actor, found: Sequence[ReviewCase]) -> tuple[CaseRow, ...]:
    ids = [each.id for each in found]
    readable = set(session.scalars(visible_cases(actor).where(ReviewCase.id.in_(ids)).with_only_columns(ReviewCase.id)))
    clocks = running_clocks_by_case(session, ids)
    return tuple(
        CaseRow(
            reference=each.reference,
            state=each.state,
            limbs=tuple(each.limbs) if each.id in readable else (),
            waits_for=waits_for(each.state),
            opened_at=each.opened_at,
            clock=first_clock(clocks.get(each.id, [])),
        )
        for each in found
    )
