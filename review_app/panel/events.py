"""What the panel tells features to its right, in the transaction in which it becomes true."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class PanelDecided:
    """The panel has decided on a Signal; the grade and the outcome stand on the decision."""

    signal_id: int
    decision_id: int
    at: datetime


@dataclass(frozen=True, kw_only=True)
class PanelDecisionOverturned:
    """An urgent decision was not ratified: what was issued because of it must be withdrawn or updated."""

    signal_id: int
    decision_id: int
    reason: str
    by_user_id: int
    at: datetime
