"""An action can be looked at again on a later day, and be sent back to its owner by another day."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

MOVES = (
    "accept_action", "not_accept_action", "start_action", "mark_action_done", "check_impact", "look_again",
    "send_back_action", "close_action", "add_evidence", "block_action", "unblock_action", "transfer_action",
    "change_due",
)  # fmt: skip
WITH_DAYS = "(move IN ('change_due', 'send_back_action')) = (due_before IS NOT NULL)"


def upgrade() -> None:
    """Add the day of the next look, and let steps be of the two new kinds."""
    with op.batch_alter_table("action") as table:
        table.add_column(sa.Column("look_again_on", sa.Date(), nullable=True))
        table.create_check_constraint(op.f("ck_action_look_again"), "look_again_on IS NULL OR state = 'done'")
    with op.batch_alter_table("action_step") as table:
        table.drop_constraint(op.f("ck_action_step_actionmove"), type_="check")
        table.drop_constraint(op.f("ck_action_step_due_before"), type_="check")
        listed = ", ".join(f"'{move}'" for move in MOVES)
        table.create_check_constraint(op.f("ck_action_step_actionmove"), f"move IN ({listed})")
        table.create_check_constraint(op.f("ck_action_step_due_before"), WITH_DAYS)
