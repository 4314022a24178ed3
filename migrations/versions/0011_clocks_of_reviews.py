"""A case and a request to an agency have clocks, as reports, Signals, rounds and alerts have."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

BEFORE = ("submission", "signal", "corroboration_request", "alert")
NEW = ("review_case", "information_request")
RUNNING = sa.text("stopped_at IS NULL AND cancelled_at IS NULL")


def upgrade() -> None:
    """Let a clock belong to one of six records. On SQLite the table is made anew, without its indexes."""
    op.drop_index("ix_clock_due", "clock")
    for subject in BEFORE:
        op.drop_index(f"uq_clock_running_{subject}_id", "clock")
    with op.batch_alter_table("clock", copy_from=clock_before()) as batch:
        for subject in NEW:
            batch.add_column(sa.Column(f"{subject}_id", sa.Integer(), nullable=True))
            batch.create_foreign_key(op.f(f"fk_clock_{subject}_id"), subject, [f"{subject}_id"], ["id"])
        batch.drop_constraint(op.f("ck_clock_one_subject"), type_="check")
        batch.create_check_constraint(op.f("ck_clock_one_subject"), one_of(*BEFORE, *NEW))
    op.create_index("ix_clock_due", "clock", ["partnership_id", "due_at"])
    for subject in (*BEFORE, *NEW):
        op.create_index(
            f"uq_clock_running_{subject}_id", "clock", ["rule_id", f"{subject}_id"], unique=True,
            sqlite_where=RUNNING, postgresql_where=RUNNING,
        )  # fmt: skip


def one_of(*subjects: str) -> str:
    """Say that exactly one of these records is named."""
    return " + ".join(f"(CASE WHEN {each}_id IS NULL THEN 0 ELSE 1 END)" for each in subjects) + " = 1"


def clock_before() -> sa.Table:
    """Describe the table as it is."""
    return sa.Table(
        "clock",
        sa.MetaData(),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rule_id", sa.Integer(), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=False),
        *(sa.Column(f"{subject}_id", sa.Integer(), nullable=True) for subject in BEFORE),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_seconds", sa.Integer(), nullable=False),
        sa.Column("pause_reason", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(paused_at IS NULL) = (pause_reason = '')", name=op.f("ck_clock_pause")),
        sa.CheckConstraint(one_of(*BEFORE), name=op.f("ck_clock_one_subject")),
        sa.CheckConstraint("due_at >= started_at", name=op.f("ck_clock_due")),
        sa.CheckConstraint("paused_at IS NULL OR stopped_at IS NULL", name=op.f("ck_clock_stopped_while_paused")),
        sa.CheckConstraint("paused_seconds >= 0", name=op.f("ck_clock_paused_seconds")),
        sa.CheckConstraint("stopped_at IS NULL OR cancelled_at IS NULL", name=op.f("ck_clock_ended_once")),
        sa.ForeignKeyConstraint(["partnership_id"], ["partnership.id"], name=op.f("fk_clock_partnership_id")),
        sa.ForeignKeyConstraint(["rule_id"], ["clock_rule.id"], name=op.f("fk_clock_rule_id")),
        *(
            sa.ForeignKeyConstraint([f"{subject}_id"], [f"{subject}.id"], name=op.f(f"fk_clock_{subject}_id"))
            for subject in BEFORE
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock")),
    )
