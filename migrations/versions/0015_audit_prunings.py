"""Months of the audit go only when one person proposed it and another approved: the database holds them apart."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "audit_pruning",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("up_to", sa.String(length=7), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "proposed",
                "carried_out",
                "withdrawn",
                name="pruningstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("proposed_by_id", sa.Integer(), nullable=False),
        sa.Column("proposed_for", sa.Integer(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'proposed') = (settled_at IS NULL)", name=op.f("ck_audit_pruning_settled")),
        sa.ForeignKeyConstraint(["up_to"], ["audit_segment.month"], name=op.f("fk_audit_pruning_up_to")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_pruning")),
        sa.UniqueConstraint("id", "proposed_by_id", name=op.f("uq_audit_pruning_id_proposed_by_id")),
    )
    still_open = sa.text("state = 'proposed'")
    op.create_index(
        "uq_audit_pruning_open",
        "audit_pruning",
        ["state"],
        unique=True,
        sqlite_where=still_open,
        postgresql_where=still_open,
    )
    op.create_table(
        "audit_pruning_approval",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pruning_id", sa.Integer(), nullable=False),
        sa.Column("proposed_by_id", sa.Integer(), nullable=False),
        sa.Column("approved_by_id", sa.Integer(), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("approved_by_id <> proposed_by_id", name=op.f("ck_audit_pruning_approval_not_the_proposer")),
        sa.ForeignKeyConstraint(
            ["pruning_id", "proposed_by_id"],
            ["audit_pruning.id", "audit_pruning.proposed_by_id"],
            name=op.f("fk_audit_pruning_approval_pruning_id_proposed_by_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_pruning_approval")),
        sa.UniqueConstraint(
            "pruning_id", "partnership_id", name=op.f("uq_audit_pruning_approval_pruning_id_partnership_id")
        ),
    )
