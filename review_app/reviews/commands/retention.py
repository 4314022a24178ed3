"""What can be asked about the end of a case's life."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ProposeDestruction:
    """Propose that a case whose time is over be destroyed, under which authority."""

    reference: str
    authority: str


@dataclass(frozen=True, kw_only=True)
class ApproveDestruction:
    """Destroy a case, as the second person."""

    reference: str


@dataclass(frozen=True, kw_only=True)
class RefuseDestruction:
    """Keep a case that was proposed to be destroyed, with a reason."""

    reference: str
    reason: str
