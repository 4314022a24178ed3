"""The statements that make the audit append-only, for each database. The migration holds a copy of them.

Retention may prune a closed month later. Then, and only then, one transaction lifts the refusal, deletes exactly the
events of the segment, puts the refusal back, marks the segment pruned and records that it did: both databases change
triggers inside a transaction, so a failure leaves the refusal standing.
"""

from collections.abc import Mapping

APPEND_ONLY: Mapping[str, tuple[str, ...]] = {
    "sqlite": (
        """CREATE TRIGGER audit_event_no_update BEFORE UPDATE ON audit_event
BEGIN SELECT RAISE(ABORT, 'audit_event is append-only'); END""",
        """CREATE TRIGGER audit_event_no_delete BEFORE DELETE ON audit_event
BEGIN SELECT RAISE(ABORT, 'audit_event is append-only'); END""",
    ),
    "postgresql": (
        """CREATE OR REPLACE FUNCTION audit_event_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'audit_event is append-only'; END $$""",
        """CREATE TRIGGER audit_event_no_change BEFORE UPDATE OR DELETE ON audit_event
FOR EACH ROW EXECUTE FUNCTION audit_event_append_only()""",
        """CREATE TRIGGER audit_event_no_truncate BEFORE TRUNCATE ON audit_event
FOR EACH STATEMENT EXECUTE FUNCTION audit_event_append_only()""",
    ),
}

LIFT: Mapping[str, tuple[str, ...]] = {
    "sqlite": ("DROP TRIGGER audit_event_no_delete",),
    "postgresql": ("ALTER TABLE audit_event DISABLE TRIGGER audit_event_no_change",),
}

RESTORE: Mapping[str, tuple[str, ...]] = {
    "sqlite": (APPEND_ONLY["sqlite"][1],),
    "postgresql": ("ALTER TABLE audit_event ENABLE TRIGGER audit_event_no_change",),
}
