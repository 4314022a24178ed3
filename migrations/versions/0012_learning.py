"""Learning points, recommendations and actions, and the ends that evidence can have with them.

Debriefs have no page yet; their table is here so that an action can come from one. The links between records get three
more ends, so their table is made anew on SQLite, with everything that is in it.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.schema import SchemaItem

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

OLD_ENDS = ("submission", "signal", "alert", "incident", "review_case")
NEW_ENDS = ("learning_point", "recommendation", "action")
OLD_RELATIONS = ("gathered_into", "warned_by", "updates", "may_explain", "related")
NEW_RELATIONS = ("gave_learning", "led_to", "carried_out_by")
MOVES = (
    "accept_action", "not_accept_action", "start_action", "mark_action_done", "check_impact", "close_action",
    "add_evidence", "block_action", "unblock_action", "transfer_action", "change_due",
)  # fmt: skip


def upgrade() -> None:
    """Create the tables of learning, then let evidence be linked to them."""
    create_debrief()
    create_learning_point()
    create_recommendation()
    create_action()
    widen_links()


def create_debrief() -> None:
    """Create the table of debriefs."""
    op.create_table(
        "debrief",
        number(),
        sa.Column("reference", sa.String(length=30), nullable=False),
        whole("partnership_id"),
        whole("incident_id", nullable=True),
        at("opened_at"),
        *foreign("debrief", partnership_id="partnership", incident_id="incident"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_debrief")),
        sa.UniqueConstraint("reference", name=op.f("uq_debrief_reference")),
    )


def create_learning_point() -> None:
    """Create the tables of learning points and their themes."""
    table = "learning_point"
    op.create_table(
        table,
        number(),
        sa.Column("reference", sa.String(length=30), nullable=False),
        whole("partnership_id"),
        whole("case_id", nullable=True),
        sa.Column("case_uuid", sa.String(length=36), nullable=True),
        sa.Column("case_mark", sa.String(length=32), nullable=True),
        whole("meeting_id", nullable=True),
        sa.Column("state", choice("pointstate", "draft", "agreed", "withdrawn"), nullable=False),
        sa.Column("polarity", choice("polarity", "good_practice", "area_for_learning", "observation"), nullable=False),
        *(
            sa.Column(f"{name}_sealed", sa.LargeBinary(), nullable=True)
            for name in ("statement", "details", "wording", "reason")
        ),
        sa.Column("shareable", sa.Text(), nullable=False),
        at("recorded_at"),
        whole("recorded_by_id", nullable=True),
        whole("worded_by_id", nullable=True),
        at("agreed_at", nullable=True),
        whole("agreed_by_id", nullable=True),
        at("approved_at", nullable=True),
        whole("approved_by_id", nullable=True),
        at("withdrawn_at", nullable=True),
        whole("version"),
        sa.Column("row_key", sa.String(length=32), nullable=False),
        *checks(
            table,
            case="(case_id IS NULL) = (case_uuid IS NULL) AND (case_id IS NULL) = (case_mark IS NOT NULL)",
            recorded="case_id IS NULL OR (recorded_by_id IS NOT NULL AND statement_sealed IS NOT NULL)",
            anonymous="case_id IS NOT NULL OR (state = 'agreed' AND shareable <> '' AND statement_sealed IS NULL AND"
            " wording_sealed IS NULL AND details_sealed IS NULL AND reason_sealed IS NULL AND recorded_by_id IS NULL"
            " AND agreed_by_id IS NULL AND meeting_id IS NULL AND worded_by_id IS NULL AND approved_by_id IS NULL)",
            draft="state <> 'draft' OR agreed_at IS NULL",
            agreed="state <> 'agreed' OR agreed_at IS NOT NULL",
            withdrawn="(state = 'withdrawn') = (withdrawn_at IS NOT NULL)",
            approved="(shareable = '') = (approved_at IS NULL)",
            by_whom="case_id IS NULL OR ((agreed_at IS NULL) = (agreed_by_id IS NULL) AND"
            " (approved_at IS NULL) = (approved_by_id IS NULL))",
            approved_state="approved_at IS NULL OR state = 'agreed'",
            not_the_writer="approved_by_id IS NULL OR approved_by_id <> worded_by_id",
        ),
        *foreign(
            table,
            partnership_id="partnership",
            case_id="review_case",
            meeting_id="panel_meeting",
            recorded_by_id="user",
            worded_by_id="user",
            agreed_by_id="user",
            approved_by_id="user",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_learning_point")),
        sa.UniqueConstraint("reference", name=op.f("uq_learning_point_reference")),
        sa.UniqueConstraint("row_key", name=op.f("uq_learning_point_row_key")),
    )
    op.create_index("ix_learning_point_state", table, ["partnership_id", "state"])
    op.create_index(op.f("ix_learning_point_case_id"), table, ["case_id"])
    op.create_index(op.f("ix_learning_point_case_mark"), table, ["case_mark"])
    op.create_table(
        "learning_point_theme",
        whole("point_id"),
        whole("theme_id"),
        whole("position"),
        *checks("learning_point_theme", position="position BETWEEN 1 AND 3"),
        *foreign("learning_point_theme", point_id="learning_point", theme_id="learning_theme"),
        sa.PrimaryKeyConstraint("point_id", "theme_id", name=op.f("pk_learning_point_theme")),
        sa.UniqueConstraint("point_id", "position", name=op.f("uq_learning_point_theme_point_id_position")),
    )
    op.create_index("ix_learning_point_theme_theme", "learning_point_theme", ["theme_id"])


def create_recommendation() -> None:
    """Create the tables of recommendations and of the points they are drawn from."""
    table = "recommendation"
    states = ("draft", "proposed", "accepted", "declined", "completed", "superseded")
    levels = ("practice", "service", "partnership", "commissioning", "national")
    op.create_table(
        table,
        number(),
        sa.Column("reference", sa.String(length=30), nullable=False),
        whole("partnership_id"),
        sa.Column("state", choice("recommendationstate", *states), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("level", choice("level", *levels), nullable=False),
        whole("owner_id", nullable=True),
        sa.Column("owner_words", sa.String(length=200), nullable=False),
        sa.Column("expected_effect", sa.Text(), nullable=False),
        sa.Column("monitoring", sa.Text(), nullable=False),
        at("drafted_at"),
        whole("drafted_by_id"),
        at("proposed_at", nullable=True),
        at("decided_at", nullable=True),
        whole("decided_by_id", nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=False),
        at("ended_at", nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=False),
        whole("superseded_by_id", nullable=True),
        whole("version"),
        *checks(
            table,
            one_owner="owner_id IS NULL OR owner_words = ''",
            proposed="state = 'draft' OR state = 'superseded' OR proposed_at IS NOT NULL",
            decided_by="(decided_at IS NULL) = (decided_by_id IS NULL)",
            decided="state NOT IN ('accepted', 'declined', 'completed') OR decided_at IS NOT NULL",
            undecided="state NOT IN ('draft', 'proposed') OR decided_at IS NULL",
            declined="state <> 'declined' OR decision_reason <> ''",
            ended="(state IN ('completed', 'superseded')) = (ended_at IS NOT NULL)",
            superseded="superseded_by_id IS NULL OR (state = 'superseded' AND superseded_by_id <> id)",
        ),
        *foreign(
            table,
            partnership_id="partnership",
            owner_id="agency",
            drafted_by_id="user",
            decided_by_id="user",
            superseded_by_id="recommendation",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recommendation")),
        sa.UniqueConstraint("reference", name=op.f("uq_recommendation_reference")),
    )
    op.create_index("ix_recommendation_state", table, ["partnership_id", "state"])
    op.create_table(
        "recommendation_point",
        whole("recommendation_id"),
        whole("point_id"),
        *foreign("recommendation_point", recommendation_id="recommendation", point_id="learning_point"),
        sa.PrimaryKeyConstraint("recommendation_id", "point_id", name=op.f("pk_recommendation_point")),
    )
    op.create_index("ix_recommendation_point_point", "recommendation_point", ["point_id"])


def create_action() -> None:
    """Create the tables of actions, of their evidence and of what was done to them."""
    table = "action"
    states = ("proposed", "accepted", "not_accepted", "in_progress", "done", "impact_checked", "closed")
    op.create_table(
        table,
        number(),
        sa.Column("reference", sa.String(length=30), nullable=False),
        whole("partnership_id"),
        whole("recommendation_id", nullable=True),
        whole("incident_id", nullable=True),
        whole("debrief_id", nullable=True),
        sa.Column("state", choice("actionstate", *states), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        whole("owner_id"),
        sa.Column("strength", choice("strength", "strong", "medium", "weak"), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        at("proposed_at"),
        whole("proposed_by_id"),
        at("answered_at", nullable=True),
        whole("answered_by_id", nullable=True),
        sa.Column("refusal_reason", sa.Text(), nullable=False),
        at("done_at", nullable=True),
        at("checked_at", nullable=True),
        sa.Column("recurred", choice("recurred", "no", "yes", "too_soon"), nullable=True),
        sa.Column("impact", sa.Text(), nullable=False),
        at("closed_at", nullable=True),
        at("blocked_at", nullable=True),
        sa.Column("blocked_reason", sa.Text(), nullable=False),
        at("transferred_at", nullable=True),
        sa.Column("transfer_reason", sa.Text(), nullable=False),
        whole("version"),
        *checks(
            table,
            one_source=exactly_one("recommendation_id", "incident_id", "debrief_id"),
            answered="(state = 'proposed') = (answered_at IS NULL)",
            answered_by="(answered_at IS NULL) = (answered_by_id IS NULL)",
            refused="(state = 'not_accepted') = (refusal_reason <> '')",
            done="(state IN ('done', 'impact_checked', 'closed')) = (done_at IS NOT NULL)",
            checked="(state IN ('impact_checked', 'closed')) = (checked_at IS NOT NULL)",
            outcome="(checked_at IS NULL) = (recurred IS NULL)",
            closed="(state = 'closed') = (closed_at IS NOT NULL)",
            blocked="(blocked_at IS NULL) = (blocked_reason = '')",
            blocked_state="blocked_at IS NULL OR state IN ('proposed', 'accepted', 'in_progress')",
            transferred="(transferred_at IS NULL) = (transfer_reason = '')",
        ),
        *foreign(
            table,
            partnership_id="partnership",
            recommendation_id="recommendation",
            incident_id="incident",
            debrief_id="debrief",
            owner_id="agency",
            proposed_by_id="user",
            answered_by_id="user",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action")),
        sa.UniqueConstraint("reference", name=op.f("uq_action_reference")),
    )
    op.create_index("ix_action_state", table, ["partnership_id", "state", "due_on"])
    op.create_index("ix_action_owner", table, ["owner_id", "state"])
    op.create_index("ix_action_recommendation", table, ["recommendation_id"])
    op.create_table(
        "action_evidence",
        number(),
        whole("action_id"),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("kept_where", sa.String(length=300), nullable=False),
        at("added_at"),
        whole("added_by_id"),
        sa.Column("on_behalf", sa.Boolean(), nullable=False),
        *foreign("action_evidence", action_id="action", added_by_id="user"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action_evidence")),
    )
    op.create_index(op.f("ix_action_evidence_action_id"), "action_evidence", ["action_id"])
    op.create_table(
        "action_step",
        number(),
        whole("action_id"),
        sa.Column("move", choice("actionmove", *MOVES), nullable=False),
        at("at"),
        whole("by_id"),
        sa.Column("on_behalf", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("due_before", sa.Date(), nullable=True),
        sa.Column("due_after", sa.Date(), nullable=True),
        *checks(
            "action_step",
            due_before="(move = 'change_due') = (due_before IS NOT NULL)",
            due_after="(due_before IS NULL) = (due_after IS NULL)",
        ),
        *foreign("action_step", action_id="action", by_id="user"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action_step")),
    )
    op.create_index(op.f("ix_action_step_action_id"), "action_step", ["action_id"])


def widen_links() -> None:
    """Let evidence be linked to learning points, recommendations and actions."""
    table = "evidence_link"
    with op.batch_alter_table(table, copy_from=old_links()) as batch:
        for side in ("from", "to"):
            batch.drop_constraint(op.f(f"ck_{table}_one_{side}"), type_="check")
            for end in NEW_ENDS:
                batch.add_column(sa.Column(f"{side}_{end}_id", sa.Integer(), nullable=True))
                batch.create_foreign_key(op.f(f"fk_{table}_{side}_{end}_id"), end, [f"{side}_{end}_id"], ["id"])
            ends = exactly_one(*(f"{side}_{end}_id" for end in (*OLD_ENDS, *NEW_ENDS)))
            batch.create_check_constraint(op.f(f"ck_{table}_one_{side}"), ends)
        batch.drop_constraint(op.f(f"ck_{table}_relation"), type_="check")
        batch.create_check_constraint(op.f(f"ck_{table}_relation"), one_of((*OLD_RELATIONS, *NEW_RELATIONS)))
    for side in ("from", "to"):
        for end in NEW_ENDS:
            op.create_index(f"ix_{table}_{side}_{end}", table, [f"{side}_{end}_id"])


def old_links() -> sa.Table:
    """Give the table of links as it was."""
    table = "evidence_link"
    sides = [f"{side}_{end}" for side in ("from", "to") for end in OLD_ENDS]
    targets = {f"{side}_{end}_id": end for side in ("from", "to") for end in OLD_ENDS}
    return sa.Table(
        table,
        sa.MetaData(),
        number(),
        whole("partnership_id"),
        sa.Column("relation", sa.String(length=40), nullable=False),
        *(whole(f"{each}_id", nullable=True) for each in sides),
        sa.Column("note", sa.Text(), nullable=False),
        at("linked_at"),
        whole("linked_by_id", nullable=True),
        at("reversed_at", nullable=True),
        whole("reversed_by_id", nullable=True),
        sa.Column("reversal_reason", sa.Text(), nullable=False),
        *checks(
            table,
            one_from=exactly_one(*(f"from_{end}_id" for end in OLD_ENDS)),
            one_to=exactly_one(*(f"to_{end}_id" for end in OLD_ENDS)),
            reversed="(reversed_at IS NULL) = (reversed_by_id IS NULL)",
            relation=one_of(OLD_RELATIONS),
        ),
        *foreign(table, partnership_id="partnership", linked_by_id="user", reversed_by_id="user", **targets),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_link")),
        *(sa.Index(f"ix_{table}_{each}", f"{each}_id") for each in sides),
    )


def number() -> sa.Column[int]:
    """Give the number of a row."""
    return sa.Column("id", sa.Integer(), nullable=False)


def whole(name: str, *, nullable: bool = False) -> sa.Column[int]:
    """Give a column of whole numbers."""
    return sa.Column(name, sa.Integer(), nullable=nullable)


def at(name: str, *, nullable: bool = False) -> sa.Column[object]:
    """Give a column of instants."""
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def choice(name: str, *values: str) -> sa.Enum:
    """Give the type of a column that holds one of these words."""
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def checks(table: str, **rules: str) -> list[SchemaItem]:
    """Give the CHECKs of a table by their names."""
    return [sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}")) for name, rule in rules.items()]


def foreign(table: str, **targets: str) -> list[SchemaItem]:
    """Give the foreign keys of a table: each column with the table it points at."""
    return [
        sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"))
        for column, target in targets.items()
    ]


def exactly_one(*columns: str) -> str:
    """Write that one of these columns, and one only, holds something."""
    return " + ".join(f"(CASE WHEN {column} IS NULL THEN 0 ELSE 1 END)" for column in columns) + " = 1"


def one_of(words: Sequence[str]) -> str:
    """Write that a relation is one of these."""
    return f"relation IN ({', '.join(repr(word) for word in words)})"
