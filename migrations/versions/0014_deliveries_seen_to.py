"""What somebody did about a message that did not arrive is kept beside it, so that it stops waiting for a person."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "delivery_seen_to",
        sa.Column("delivery_id", sa.Integer(), nullable=False),
        sa.Column("seen_to_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_to_by_id", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint("note <> ''", name=op.f("ck_delivery_seen_to_note")),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"], name=op.f("fk_delivery_seen_to_delivery_id")),
        sa.ForeignKeyConstraint(["seen_to_by_id"], ["user.id"], name=op.f("fk_delivery_seen_to_seen_to_by_id")),
        sa.PrimaryKeyConstraint("delivery_id", name=op.f("pk_delivery_seen_to")),
    )
