"""Restricted records: those whose refusal is audited.

A feature that keeps such records registers, in `create_app`, an answer to `RestrictedRecord` that looks for one by its
public reference without narrowing to anybody. The answer goes into the audit and nowhere else: the person who was
refused is told the same whether or not the record exists.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class RestrictedRecord:
    """Which restricted record bears this public reference?"""

    reference: str


@dataclass(frozen=True, kw_only=True)
class Found:
    """A restricted record: its table, and the Partnership it belongs to."""

    table: str
    partnership_id: int
