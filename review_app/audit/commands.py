"""What can be asked of the audit, one dataclass a verb."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ProposePruning:
    """Propose to prune every signed month that is left, up to and including this one."""

    up_to: str


@dataclass(frozen=True, kw_only=True)
class ApprovePruning:
    """Approve a proposal. The last approval it needs carries it out."""

    number: int


@dataclass(frozen=True, kw_only=True)
class WithdrawPruning:
    """Let a proposal fall."""

    number: int
