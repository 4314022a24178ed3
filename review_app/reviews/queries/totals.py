"""Cases as protected numbers, for those who may know no more of them."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from review_app.catalogue.queries import small_numbers
from review_app.catalogue.rules.review import SmallNumbers
from review_app.policy import Actor
from review_app.reviews.models import ReviewCase
from review_app.reviews.queries.visibility import counted_cases
from review_app.reviews.rules.counting import LimbGroup, StateGroup, limb_group, quarter_of, state_group
from review_app.reviews.rules.protecting import ProtectedRow, protect
from review_app.working_time import london_day


@dataclass(frozen=True, kw_only=True)
class TotalsRow:
    """The cases that were notified in one quarter, as they may be shown: by limb, by state, and in all."""

    quarter: str
    limbs: tuple[str, ...]
    states: tuple[str, ...]
    total: str


@dataclass(frozen=True, kw_only=True)
class CaseTotals:
    """Every quarter in which a case was notified, the newest first, and all of them together."""

    rows: tuple[TotalsRow, ...]
    sums: TotalsRow
    small: SmallNumbers

    @property
    def by_limb(self) -> list[list[str]]:
        """Give the lines of the table by limb."""
        return [[row.quarter, *row.limbs, row.total] for row in (*self.rows, self.sums)]

    @property
    def by_state(self) -> list[list[str]]:
        """Give the lines of the table by how far they have come."""
        return [[row.quarter, *row.states, row.total] for row in (*self.rows, self.sums)]


def case_totals(session: Session, actor: Actor, *, now: datetime) -> CaseTotals:
    """Count the cases that the person may know as numbers, hiding what is small and what would give it away."""
    small = small_numbers(session, actor.partnership_id, now=now)
    counted = counted_cases(actor).with_only_columns(ReviewCase.opened_at, ReviewCase.limbs, ReviewCase.state)
    limbs: dict[tuple[int, int], Counter[LimbGroup]] = {}
    states: dict[tuple[int, int], Counter[StateGroup]] = {}
    for opened_at, found, state in session.execute(counted.order_by(ReviewCase.id)):
        quarter = quarter_of(london_day(opened_at))
        limbs.setdefault(quarter, Counter())[limb_group(found, state)] += 1
        states.setdefault(quarter, Counter())[state_group(state)] += 1
    quarters = sorted(limbs, reverse=True)
    counts = [
        [
            {group.value: limbs[each][group] for group in LimbGroup},
            {group.value: states[each][group] for group in StateGroup},
        ]
        for each in quarters
    ]
    shown = protect(counts, small=range(small.mask_from, small.mask_to + 1))
    return CaseTotals(
        rows=tuple(
            _row(f"{year} Q{number}", row, small) for (year, number), row in zip(quarters, shown.rows, strict=True)
        ),
        sums=_row("All quarters", shown.sums, small),
        small=small,
    )


def _row(name: str, row: ProtectedRow, small: SmallNumbers) -> TotalsRow:
    limbs, states = row.groupings or ({}, {})
    return TotalsRow(
        quarter=name,
        limbs=tuple(_written(count, small) for count in limbs.values()),
        states=tuple(_written(count, small) for count in states.values()),
        total=_written(row.total, small),
    )


def _written(count: int | None, small: SmallNumbers) -> str:
    return small.mark if count is None else f"{count:,}"
