"""Recording that somebody was refused a restricted record: what may not be known, and what may not be done.

The audit event is written in a transaction of its own, after the refused work was rolled back. A reference that no
restricted record bears leaves nothing.
"""

from collections.abc import Callable

from flask import Flask, request
from sqlalchemy.orm import Session

from review_app import events
from review_app.errors import DomainError, NotVisible
from review_app.guards import find_actor, read
from review_app.policy import Actor
from review_app.restricted import Found, RestrictedRecord

Record = Callable[[Actor | None, Found, str], None]


def init_denials(app: Flask, record: Record) -> None:
    """Hand the error pages the recorder of denials; `record` writes one event."""

    def on_refusal(error: DomainError) -> None:
        reference = _refused(error)
        for found in restricted_records(read(), reference) if reference else ():
            record(find_actor(), found, reference)

    app.extensions["denial_recorder"] = on_refusal


def restricted_records(session: Session, reference: str) -> list[Found]:
    """Give every restricted record that bears this reference."""
    answers = events.answers(session, RestrictedRecord(reference=reference))
    return [each for each in answers if isinstance(each, Found)]


def _refused(error: DomainError) -> str:
    """Give the reference that was asked for: the one the refusal names, else the one in the address."""
    named = error.reference if isinstance(error, NotVisible) else ""
    return named or str((request.view_args or {}).get("reference", ""))
