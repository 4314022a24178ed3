"""Attachments, running clocks, evidence links and shares point at records of every feature before them."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

FIXED = ("submission", "signal", "alert", "distribution_list", "recipient", "delivery")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "incident",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=30), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=False),
        sa.Column("exercise", sa.Boolean(), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["partnership_id"], ["partnership.id"], name=op.f("fk_incident_partnership_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
        sa.UniqueConstraint("reference", name=op.f("uq_incident_reference")),
    )
    op.create_table(
        "review_case",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=30), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["partnership_id"], ["partnership.id"], name=op.f("fk_review_case_partnership_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_case")),
        sa.UniqueConstraint("reference", name=op.f("uq_review_case_reference")),
    )
    op.create_table(
        "share",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=False),
        sa.Column("to_partnership_id", sa.Integer(), nullable=False),
        sa.Column("signal_id", sa.Integer(), nullable=True),
        sa.Column("alert_id", sa.Integer(), nullable=True),
        sa.Column("review_case_id", sa.Integer(), nullable=True),
        sa.Column(
            "tlp",
            sa.Enum(
                "clear",
                "green",
                "amber",
                "amber_strict",
                "red",
                name="tlp",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("shared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shared_by_id", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(CASE WHEN signal_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN alert_id IS NULL THEN"
            " 0 ELSE 1 END) + (CASE WHEN review_case_id IS NULL THEN 0 ELSE 1 END) = 1",
            name=op.f("ck_share_one_record"),
        ),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name=op.f("fk_share_alert_id")),
        sa.ForeignKeyConstraint(["partnership_id"], ["partnership.id"], name=op.f("fk_share_partnership_id")),
        sa.ForeignKeyConstraint(["review_case_id"], ["review_case.id"], name=op.f("fk_share_review_case_id")),
        sa.ForeignKeyConstraint(["shared_by_id"], ["user.id"], name=op.f("fk_share_shared_by_id")),
        sa.ForeignKeyConstraint(["signal_id"], ["signal.id"], name=op.f("fk_share_signal_id")),
        sa.ForeignKeyConstraint(["to_partnership_id"], ["partnership.id"], name=op.f("fk_share_to_partnership_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_share")),
    )
    op.create_index(
        "uq_share_signal_in_force",
        "share",
        ["signal_id", "to_partnership_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL AND signal_id IS NOT NULL"),
        postgresql_where=sa.text("ended_at IS NULL AND signal_id IS NOT NULL"),
    )
    op.create_table(
        "attachment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=True),
        sa.Column("media_type", sa.String(length=80), nullable=False),
        sa.Column("alternative_text", sa.String(length=400), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["partnership_id"], ["partnership.id"], name=op.f("fk_attachment_partnership_id")),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_attachment_submission_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
    )
    op.create_table(
        "clock",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rule_id", sa.Integer(), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=True),
        sa.Column("signal_id", sa.Integer(), nullable=True),
        sa.Column("corroboration_request_id", sa.Integer(), nullable=True),
        sa.Column("alert_id", sa.Integer(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_seconds", sa.Integer(), nullable=False),
        sa.Column("pause_reason", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(paused_at IS NULL) = (pause_reason = '')", name=op.f("ck_clock_pause")),
        sa.CheckConstraint(
            "(CASE WHEN submission_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN signal_id IS NULL"
            " THEN 0 ELSE 1 END) + (CASE WHEN corroboration_request_id IS NULL THEN 0 ELSE 1"
            " END) + (CASE WHEN alert_id IS NULL THEN 0 ELSE 1 END) = 1",
            name=op.f("ck_clock_one_subject"),
        ),
        sa.CheckConstraint("due_at >= started_at", name=op.f("ck_clock_due")),
        sa.CheckConstraint("paused_at IS NULL OR stopped_at IS NULL", name=op.f("ck_clock_stopped_while_paused")),
        sa.CheckConstraint("paused_seconds >= 0", name=op.f("ck_clock_paused_seconds")),
        sa.CheckConstraint("stopped_at IS NULL OR cancelled_at IS NULL", name=op.f("ck_clock_ended_once")),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name=op.f("fk_clock_alert_id")),
        sa.ForeignKeyConstraint(
            ["corroboration_request_id"], ["corroboration_request.id"], name=op.f("fk_clock_corroboration_request_id")
        ),
        sa.ForeignKeyConstraint(["partnership_id"], ["partnership.id"], name=op.f("fk_clock_partnership_id")),
        sa.ForeignKeyConstraint(["rule_id"], ["clock_rule.id"], name=op.f("fk_clock_rule_id")),
        sa.ForeignKeyConstraint(["signal_id"], ["signal.id"], name=op.f("fk_clock_signal_id")),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_clock_submission_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock")),
    )
    op.create_index("ix_clock_due", "clock", ["partnership_id", "due_at"], unique=False)
    op.create_index(
        "uq_clock_running_alert_id",
        "clock",
        ["rule_id", "alert_id"],
        unique=True,
        sqlite_where=sa.text("stopped_at IS NULL AND cancelled_at IS NULL"),
        postgresql_where=sa.text("stopped_at IS NULL AND cancelled_at IS NULL"),
    )
    op.create_index(
        "uq_clock_running_corroboration_request_id",
        "clock",
        ["rule_id", "corroboration_request_id"],
        unique=True,
        sqlite_where=sa.text("stopped_at IS NULL AND cancelled_at IS NULL"),
        postgresql_where=sa.text("stopped_at IS NULL AND cancelled_at IS NULL"),
    )
    op.create_index(
        "uq_clock_running_signal_id",
        "clock",
        ["rule_id", "signal_id"],
        unique=True,
        sqlite_where=sa.text("stopped_at IS NULL AND cancelled_at IS NULL"),
        postgresql_where=sa.text("stopped_at IS NULL AND cancelled_at IS NULL"),
    )
    op.create_index(
        "uq_clock_running_submission_id",
        "clock",
        ["rule_id", "submission_id"],
        unique=True,
        sqlite_where=sa.text("stopped_at IS NULL AND cancelled_at IS NULL"),
        postgresql_where=sa.text("stopped_at IS NULL AND cancelled_at IS NULL"),
    )
    op.create_table(
        "evidence_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=False),
        sa.Column(
            "relation",
            sa.Enum(
                "gathered_into",
                "warned_by",
                "updates",
                "may_explain",
                "related",
                name="relation",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("from_submission_id", sa.Integer(), nullable=True),
        sa.Column("from_signal_id", sa.Integer(), nullable=True),
        sa.Column("from_alert_id", sa.Integer(), nullable=True),
        sa.Column("from_incident_id", sa.Integer(), nullable=True),
        sa.Column("from_review_case_id", sa.Integer(), nullable=True),
        sa.Column("to_submission_id", sa.Integer(), nullable=True),
        sa.Column("to_signal_id", sa.Integer(), nullable=True),
        sa.Column("to_alert_id", sa.Integer(), nullable=True),
        sa.Column("to_incident_id", sa.Integer(), nullable=True),
        sa.Column("to_review_case_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("linked_by_id", sa.Integer(), nullable=True),
        sa.Column("reversed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reversed_by_id", sa.Integer(), nullable=True),
        sa.Column("reversal_reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(CASE WHEN from_submission_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN"
            " from_signal_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN from_alert_id IS NULL THEN"
            " 0 ELSE 1 END) + (CASE WHEN from_incident_id IS NULL THEN 0 ELSE 1 END) + (CASE"
            " WHEN from_review_case_id IS NULL THEN 0 ELSE 1 END) = 1",
            name=op.f("ck_evidence_link_one_from"),
        ),
        sa.CheckConstraint(
            "(CASE WHEN to_submission_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN to_signal_id IS"
            " NULL THEN 0 ELSE 1 END) + (CASE WHEN to_alert_id IS NULL THEN 0 ELSE 1 END) +"
            " (CASE WHEN to_incident_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN"
            " to_review_case_id IS NULL THEN 0 ELSE 1 END) = 1",
            name=op.f("ck_evidence_link_one_to"),
        ),
        sa.CheckConstraint("(reversed_at IS NULL) = (reversed_by_id IS NULL)", name=op.f("ck_evidence_link_reversed")),
        sa.ForeignKeyConstraint(["from_alert_id"], ["alert.id"], name=op.f("fk_evidence_link_from_alert_id")),
        sa.ForeignKeyConstraint(["from_incident_id"], ["incident.id"], name=op.f("fk_evidence_link_from_incident_id")),
        sa.ForeignKeyConstraint(
            ["from_review_case_id"], ["review_case.id"], name=op.f("fk_evidence_link_from_review_case_id")
        ),
        sa.ForeignKeyConstraint(["from_signal_id"], ["signal.id"], name=op.f("fk_evidence_link_from_signal_id")),
        sa.ForeignKeyConstraint(
            ["from_submission_id"], ["submission.id"], name=op.f("fk_evidence_link_from_submission_id")
        ),
        sa.ForeignKeyConstraint(["linked_by_id"], ["user.id"], name=op.f("fk_evidence_link_linked_by_id")),
        sa.ForeignKeyConstraint(["partnership_id"], ["partnership.id"], name=op.f("fk_evidence_link_partnership_id")),
        sa.ForeignKeyConstraint(["reversed_by_id"], ["user.id"], name=op.f("fk_evidence_link_reversed_by_id")),
        sa.ForeignKeyConstraint(["to_alert_id"], ["alert.id"], name=op.f("fk_evidence_link_to_alert_id")),
        sa.ForeignKeyConstraint(["to_incident_id"], ["incident.id"], name=op.f("fk_evidence_link_to_incident_id")),
        sa.ForeignKeyConstraint(
            ["to_review_case_id"], ["review_case.id"], name=op.f("fk_evidence_link_to_review_case_id")
        ),
        sa.ForeignKeyConstraint(["to_signal_id"], ["signal.id"], name=op.f("fk_evidence_link_to_signal_id")),
        sa.ForeignKeyConstraint(
            ["to_submission_id"], ["submission.id"], name=op.f("fk_evidence_link_to_submission_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_link")),
    )
    op.create_index("ix_evidence_link_from_alert", "evidence_link", ["from_alert_id"], unique=False)
    op.create_index("ix_evidence_link_from_incident", "evidence_link", ["from_incident_id"], unique=False)
    op.create_index("ix_evidence_link_from_review_case", "evidence_link", ["from_review_case_id"], unique=False)
    op.create_index("ix_evidence_link_from_signal", "evidence_link", ["from_signal_id"], unique=False)
    op.create_index("ix_evidence_link_from_submission", "evidence_link", ["from_submission_id"], unique=False)
    op.create_index("ix_evidence_link_to_alert", "evidence_link", ["to_alert_id"], unique=False)
    op.create_index("ix_evidence_link_to_incident", "evidence_link", ["to_incident_id"], unique=False)
    op.create_index("ix_evidence_link_to_review_case", "evidence_link", ["to_review_case_id"], unique=False)
    op.create_index("ix_evidence_link_to_signal", "evidence_link", ["to_signal_id"], unique=False)
    op.create_index("ix_evidence_link_to_submission", "evidence_link", ["to_submission_id"], unique=False)
    op.create_table(
        "attachment_content",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attachment_id", sa.Integer(), nullable=False),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("row_key", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["attachment_id"], ["attachment.id"], name=op.f("fk_attachment_content_attachment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment_content")),
        sa.UniqueConstraint("attachment_id", name=op.f("uq_attachment_content_attachment_id")),
        sa.UniqueConstraint("row_key", name=op.f("uq_attachment_content_row_key")),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            """CREATE OR REPLACE FUNCTION exercise_is_fixed() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'exercise is set at creation and never changes'; END $$"""
        )
        op.execute(
            """CREATE OR REPLACE FUNCTION answer_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'submission_answer is append-only'; END $$"""
        )
    for table in FIXED:
        op.execute(fixed(table, op.get_bind().dialect.name))
    op.execute(append_only_answers(op.get_bind().dialect.name))


def fixed(table: str, dialect: str) -> str:
    """Give the trigger that refuses to change the exercise flag of a row."""
    if dialect == "sqlite":
        return (
            f"CREATE TRIGGER {table}_exercise_is_fixed BEFORE UPDATE OF exercise ON {table}"
            " WHEN NEW.exercise IS NOT OLD.exercise"
            " BEGIN SELECT RAISE(ABORT, 'exercise is set at creation and never changes'); END"
        )
    return (
        f"CREATE TRIGGER {table}_exercise_is_fixed BEFORE UPDATE ON {table} FOR EACH ROW"
        " WHEN (NEW.exercise IS DISTINCT FROM OLD.exercise) EXECUTE FUNCTION exercise_is_fixed()"
    )


def append_only_answers(dialect: str) -> str:
    """Give the trigger that refuses to change an answer; retention may still delete it with its report."""
    if dialect == "sqlite":
        return (
            "CREATE TRIGGER submission_answer_no_update BEFORE UPDATE ON submission_answer"
            " BEGIN SELECT RAISE(ABORT, 'submission_answer is append-only'); END"
        )
    return (
        "CREATE TRIGGER submission_answer_no_update BEFORE UPDATE ON submission_answer FOR EACH ROW"
        " EXECUTE FUNCTION answer_is_append_only()"
    )
