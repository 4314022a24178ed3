"""Corroboration, blind assessments and the decision."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "corroboration_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("signal_id", sa.Integer(), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "sent",
                "open",
                "closed",
                "cancelled",
                name="corroborationstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_by_id", sa.Integer(), nullable=False),
        sa.Column("half_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("half_chased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_chased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by_id", sa.Integer(), nullable=True),
        sa.Column("closure_note", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("state = 'draft' OR sent_at IS NOT NULL", name=op.f("ck_corroboration_request_sent")),
        sa.CheckConstraint(
            "state NOT IN ('closed', 'cancelled') OR closed_at IS NOT NULL",
            name=op.f("ck_corroboration_request_closed"),
        ),
        sa.ForeignKeyConstraint(["closed_by_id"], ["user.id"], name=op.f("fk_corroboration_request_closed_by_id")),
        sa.ForeignKeyConstraint(
            ["partnership_id"], ["partnership.id"], name=op.f("fk_corroboration_request_partnership_id")
        ),
        sa.ForeignKeyConstraint(["sent_by_id"], ["user.id"], name=op.f("fk_corroboration_request_sent_by_id")),
        sa.ForeignKeyConstraint(["signal_id"], ["signal.id"], name=op.f("fk_corroboration_request_signal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corroboration_request")),
    )
    op.create_index("ix_corroboration_request_signal", "corroboration_request", ["signal_id"], unique=False)
    op.create_table(
        "panel_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("signal_id", sa.Integer(), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "collecting",
                "revealed",
                "decided",
                "awaiting_ratification",
                "ratified",
                "overturned",
                name="paneldecisionstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("scheme_id", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by_id", sa.Integer(), nullable=False),
        sa.Column("revealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revealed_by_id", sa.Integer(), nullable=True),
        sa.Column(
            "suggested_grade",
            sa.Enum(
                "g0",
                "g1",
                "g2",
                "g3",
                "g4",
                name="suggested_grade",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("suggested_star", sa.Boolean(), nullable=False),
        sa.Column("spread", sa.Integer(), nullable=True),
        sa.Column(
            "final_grade",
            sa.Enum(
                "g0", "g1", "g2", "g3", "g4", name="final_grade", native_enum=False, create_constraint=True, length=40
            ),
            nullable=True,
        ),
        sa.Column("grade_reason", sa.Text(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "no_further_action",
                "counterproductive",
                "monitor",
                "share_for_information",
                "targeted_alert",
                "formal_alert",
                "public_alert",
                "tell_neighbours",
                "declare_incident",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("audience_reason", sa.Text(), nullable=False),
        sa.Column("urgent_rule", sa.Boolean(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("ratified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ratified_by_id", sa.Integer(), nullable=True),
        sa.Column("ratification_reason", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("state = 'collecting' OR revealed_at IS NOT NULL", name=op.f("ck_panel_decision_revealed")),
        sa.CheckConstraint(
            "state IN ('collecting', 'revealed') OR (decided_at IS NOT NULL AND final_grade IS"
            " NOT NULL AND outcome IS NOT NULL AND decided_by_id IS NOT NULL)",
            name=op.f("ck_panel_decision_decided"),
        ),
        sa.ForeignKeyConstraint(["decided_by_id"], ["user.id"], name=op.f("fk_panel_decision_decided_by_id")),
        sa.ForeignKeyConstraint(["opened_by_id"], ["user.id"], name=op.f("fk_panel_decision_opened_by_id")),
        sa.ForeignKeyConstraint(["partnership_id"], ["partnership.id"], name=op.f("fk_panel_decision_partnership_id")),
        sa.ForeignKeyConstraint(["ratified_by_id"], ["user.id"], name=op.f("fk_panel_decision_ratified_by_id")),
        sa.ForeignKeyConstraint(["revealed_by_id"], ["user.id"], name=op.f("fk_panel_decision_revealed_by_id")),
        sa.ForeignKeyConstraint(["scheme_id"], ["assessment_scheme.id"], name=op.f("fk_panel_decision_scheme_id")),
        sa.ForeignKeyConstraint(["signal_id"], ["signal.id"], name=op.f("fk_panel_decision_signal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_panel_decision")),
        sa.UniqueConstraint("signal_id", "round", name=op.f("uq_panel_decision_signal_id_round")),
    )
    op.create_table(
        "assessment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("agency_type", sa.String(length=40), nullable=False),
        sa.Column("clinical", sa.Boolean(), nullable=False),
        sa.Column("chairs", sa.Boolean(), nullable=False),
        sa.Column(
            "severity",
            sa.Enum(
                "s0", "s1", "s2", "s3", "s4", name="severity", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column(
            "confidence",
            sa.Enum("c1", "c2", "c3", "c4", name="confidence", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "relevance",
            sa.Enum("low", "medium", "high", name="relevance", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "novelty",
            sa.Enum("low", "medium", "high", name="novelty", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "vulnerability",
            sa.Enum(
                "low", "medium", "high", name="vulnerability", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column(
            "time_sensitivity",
            sa.Enum(
                "low", "medium", "high", name="time_sensitivity", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("efficacy", sa.JSON(), nullable=False),
        sa.Column(
            "suggested_grade",
            sa.Enum("g0", "g1", "g2", "g3", "g4", name="grade", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("starred", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("blind", sa.Boolean(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_assessment_agency_id")),
        sa.ForeignKeyConstraint(["decision_id"], ["panel_decision.id"], name=op.f("fk_assessment_decision_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_assessment_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment")),
    )
    op.create_index(
        "uq_assessment_in_force",
        "assessment",
        ["decision_id", "user_id"],
        unique=True,
        sqlite_where=sa.text("replaced_at IS NULL"),
        postgresql_where=sa.text("replaced_at IS NULL"),
    )
    op.create_table(
        "corroboration_ask",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_corroboration_ask_agency_id")),
        sa.ForeignKeyConstraint(
            ["request_id"], ["corroboration_request.id"], name=op.f("fk_corroboration_ask_request_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corroboration_ask")),
        sa.UniqueConstraint("request_id", "agency_id", name=op.f("uq_corroboration_ask_request_id_agency_id")),
    )
    op.create_table(
        "dissent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["decision_id"], ["panel_decision.id"], name=op.f("fk_dissent_decision_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_dissent_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dissent")),
        sa.UniqueConstraint("decision_id", "user_id", name=op.f("uq_dissent_decision_id_user_id")),
    )
    op.create_table(
        "efficacy_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.Column("question_key", sa.String(length=10), nullable=False),
        sa.Column(
            "answer",
            sa.Enum("yes", "no", "unsure", name="efficacyanswer", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["decision_id"], ["panel_decision.id"], name=op.f("fk_efficacy_check_decision_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_efficacy_check")),
        sa.UniqueConstraint("decision_id", "question_key", name=op.f("uq_efficacy_check_decision_id_question_key")),
    )
    op.create_table(
        "corroboration_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ask_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["ask_id"], ["corroboration_ask.id"], name=op.f("fk_corroboration_link_ask_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corroboration_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_corroboration_link_token_hash")),
    )
    op.create_table(
        "corroboration_reply",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ask_id", sa.Integer(), nullable=False),
        sa.Column(
            "answer",
            sa.Enum(
                "seen",
                "not_seen",
                "more_to_say",
                "cannot_say",
                name="replyanswer",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("replied_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replied_by_id", sa.Integer(), nullable=True),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["ask_id"], ["corroboration_ask.id"], name=op.f("fk_corroboration_reply_ask_id")),
        sa.ForeignKeyConstraint(["replied_by_id"], ["user.id"], name=op.f("fk_corroboration_reply_replied_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corroboration_reply")),
    )
