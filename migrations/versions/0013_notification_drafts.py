"""A half-filled notification of a death is kept sealed, and keys that open nothing any more are destroyed."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "notification_draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("form_token", sa.String(length=64), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("signal_id", sa.Integer(), nullable=True),
        sa.Column("known_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("identity_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("row_key", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["partnership_id"], ["partnership.id"], name=op.f("fk_notification_draft_partnership_id")
        ),
        sa.ForeignKeyConstraint(["signal_id"], ["signal.id"], name=op.f("fk_notification_draft_signal_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_notification_draft_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification_draft")),
        sa.UniqueConstraint("form_token", name=op.f("uq_notification_draft_form_token")),
        sa.UniqueConstraint("row_key", name=op.f("uq_notification_draft_row_key")),
        sa.UniqueConstraint("uuid", name=op.f("uq_notification_draft_uuid")),
    )
    op.create_index("ix_notification_draft_user", "notification_draft", ["user_id", "partnership_id"])
    op.create_index(op.f("ix_notification_draft_saved_at"), "notification_draft", ["saved_at"])
    op.create_table(
        "freed_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "review_case",
                "identity_record",
                name="recordkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("record_uuid", sa.String(length=36), nullable=False),
        sa.Column("freed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("destroyed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_freed_key")),
        sa.UniqueConstraint("kind", "record_uuid", name=op.f("uq_freed_key_kind_record_uuid")),
    )
