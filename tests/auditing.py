"""Chains of audit events for tests, and a way to change them behind the audit's back."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from review_app.audit.rules import Report
from review_app.audit.service import RecordName, close_segments, record, verify
from review_app.db import db
from tests.conftest import FixedClock, Work


def head_path(app: Flask) -> Path:
    """Give the file that holds the head outside the database."""
    return Path(app.instance_path) / "audit-head.json"


def add_events(work: Work, clock: FixedClock, count: int, *, partnership_id: int = 1) -> None:
    """Let so many things be done, each in a transaction of its own."""
    for number in range(count):
        with work() as session:
            subject = RecordName(table="signal", reference=f"WES-S-2026-000{number}", partnership_id=partnership_id)
            record(session, None, "triage", subject, at=clock.now(), purpose="duty", changes={"title": ("a", "b")})


def close(work: Work, clock: FixedClock) -> list[tuple[str, int, int]]:
    """Sign the months that have ended; give each with its first and last event."""
    with work() as session:
        segments = close_segments(session, now=clock.now())
        return [(segment.month, segment.first_sequence, segment.last_sequence) for segment in segments]


@contextmanager
def behind_its_back(app: Flask, *, keep: bool = False) -> Iterator[tuple[Connection, Callable[[], Report]]]:
    """Open a transaction with the triggers out of the way, and a way to verify inside it; undone unless kept."""
    with app.app_context(), db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            for trigger in ("audit_event_no_update", "audit_event_no_delete"):
                connection.execute(text(f"DROP TRIGGER {trigger}"))
        else:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        yield connection, lambda: verify(Session(connection), head_path(app))
        if keep:
            connection.commit()
