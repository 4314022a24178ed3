"""Whether the installation is well: the database answers, a worker beats, and nothing due is left lying."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

LATEST_BEAT = timedelta(seconds=60)
LONGEST_WAIT = timedelta(seconds=300)

Heartbeat = Callable[[Session], datetime | None]
Backlog = Callable[[Session, datetime], datetime | None]

_heartbeats: list[Heartbeat] = []
_backlogs: list[Backlog] = []


@dataclass(frozen=True, kw_only=True)
class Health:
    """What `/health` says; it names no record and no person."""

    database: bool
    scheduler: bool
    oldest_due_delivery_seconds: int

    @property
    def ok(self) -> bool:
        """Say whether nothing needs an operator."""
        waited = timedelta(seconds=self.oldest_due_delivery_seconds)
        return self.database and self.scheduler and waited <= LONGEST_WAIT

    def as_json(self, version: str) -> dict[str, str | int]:
        """Give the body of the answer."""
        return {
            "status": _word(self.ok),
            "database": _word(self.database),
            "scheduler": _word(self.scheduler),
            "oldest_due_delivery_seconds": self.oldest_due_delivery_seconds,
            "version": version,
        }


def register_heartbeat(latest: Heartbeat) -> None:
    """Let a feature say when a worker last beat."""
    if latest not in _heartbeats:
        _heartbeats.append(latest)


def register_backlog(oldest: Backlog) -> None:
    """Let a feature say since when its oldest due message has waited; None if nothing waits."""
    if oldest not in _backlogs:
        _backlogs.append(oldest)


def database_answers(session: Session) -> bool:
    """Say whether the database answers at all."""
    try:
        session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        session.rollback()
        return False
    return True


def judge(session: Session, now: datetime) -> Health:
    """Judge the installation as a whole. It never raises for a database that fails."""
    try:
        beats = [beat for latest in _heartbeats if (beat := latest(session)) is not None]
        waiting = [due for oldest in _backlogs if (due := oldest(session, now)) is not None]
    except SQLAlchemyError:
        session.rollback()
        return Health(database=False, scheduler=False, oldest_due_delivery_seconds=0)
    return Health(
        database=database_answers(session),
        scheduler=bool(beats) and now - max(beats) <= LATEST_BEAT,
        oldest_due_delivery_seconds=max([0, *(int((now - due).total_seconds()) for due in waiting)]),
    )


def _word(well: bool) -> str:
    return "ok" if well else "failing"
