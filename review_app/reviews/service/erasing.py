"""Erasing every row that belongs to a case, whichever table it is in.

A row belongs to a case when it is sealed under the case's key, points at the case, or points at a row that belongs to
it. So a table that is added later is erased with the others and cannot be forgotten. What has to outlive a case lets
go of it when `CaseDestroyed` is published, which comes first.
"""

from sqlalchemy import ColumnElement, Table, delete, func, or_, select
from sqlalchemy.orm import Session

from review_app.db import Base
from review_app.reviews.models import DestructionRecord, ReviewCase

CASE_TABLE, KEPT = ReviewCase.__table__, (ReviewCase.__tablename__, DestructionRecord.__tablename__)
"""The case's own row becomes the stub, and the record of its destruction stays."""


def rows_of(case: ReviewCase) -> dict[Table, ColumnElement[bool]]:
    """Give for each table which of its rows belong to the case, tables that are pointed at first."""
    found: dict[Table, ColumnElement[bool]] = {}
    for table in Base.metadata.sorted_tables:
        tests = [] if table.name in KEPT else list(_tests(table, case, found))
        if tests:
            found[table] = or_(*tests)
    return found


def _tests(table: Table, case: ReviewCase, found: dict[Table, ColumnElement[bool]]) -> list[ColumnElement[bool]]:
    tests: list[ColumnElement[bool]] = []
    if "case_uuid" in table.c:
        tests.append(table.c.case_uuid == case.uuid)
    for column in table.c:
        for key in column.foreign_keys:
            aim = key.column.table
            if aim is CASE_TABLE:
                tests.append(column == case.id)
            elif aim in found:
                tests.append(column.in_(select(key.column).where(found[aim])))
    return tests


def classes_of(session: Session, case: ReviewCase) -> list[str]:
    """Name the tables that hold something of a case."""
    counted = {
        table.name: session.scalar(select(func.count()).select_from(table).where(test))
        for table, test in rows_of(case).items()
    }
    return sorted(name for name, count in counted.items() if count)


def erase_rows(session: Session, case: ReviewCase) -> None:
    """Delete every row that belongs to the case, those that point at others first."""
    session.flush()
    for table, test in reversed(rows_of(case).items()):
        session.execute(delete(table).where(test))
