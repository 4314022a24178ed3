"""Forms, schemes, clock rules, substances and advice are versioned rows, not code."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "advice_block",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("under_18_only", sa.Boolean(), nullable=False),
        sa.Column("active_from", sa.Date(), nullable=False),
        sa.CheckConstraint("version > 0", name=op.f("ck_advice_block_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_advice_block")),
        sa.UniqueConstraint("key", "version", name=op.f("uq_advice_block_key_version")),
    )
    op.create_table(
        "assessment_scheme",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("active_from", sa.Date(), nullable=False),
        sa.CheckConstraint("version > 0", name=op.f("ck_assessment_scheme_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_scheme")),
        sa.UniqueConstraint("key", "version", name=op.f("uq_assessment_scheme_key_version")),
    )
    op.create_table(
        "bank_holiday_override",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "nation",
            sa.Enum("ENG", "WLS", "SCT", "NIR", name="nation", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("is_holiday", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_holiday_override")),
        sa.UniqueConstraint("nation", "on", name=op.f("uq_bank_holiday_override_nation_on")),
    )
    op.create_table(
        "clock_rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column(
            "unit",
            sa.Enum(
                "hours",
                "months",
                "end_of_next_working_day",
                "on_record",
                name="clockunit",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column(
            "mode",
            sa.Enum(
                "elapsed",
                "working_days",
                "working_hours",
                name="countingmode",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("starts", sa.String(length=80), nullable=False),
        sa.Column("stops", sa.String(length=80), nullable=False),
        sa.Column("active_from", sa.Date(), nullable=False),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_clock_rule_amount")),
        sa.CheckConstraint("version > 0", name=op.f("ck_clock_rule_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock_rule")),
        sa.UniqueConstraint("key", "version", name=op.f("uq_clock_rule_key_version")),
    )
    op.create_table(
        "form_definition",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("active_from", sa.Date(), nullable=False),
        sa.CheckConstraint("version > 0", name=op.f("ck_form_definition_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_definition")),
        sa.UniqueConstraint("key", "version", name=op.f("uq_form_definition_key_version")),
    )
    op.create_table(
        "reporting_criterion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(length=300), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("suggested_by", sa.JSON(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active_from", sa.Date(), nullable=False),
        sa.CheckConstraint("version > 0", name=op.f("ck_reporting_criterion_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reporting_criterion")),
        sa.UniqueConstraint("key", "version", name=op.f("uq_reporting_criterion_key_version")),
    )
    op.create_table(
        "rule_set",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("active_from", sa.Date(), nullable=False),
        sa.CheckConstraint("version > 0", name=op.f("ck_rule_set_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_set")),
        sa.UniqueConstraint("key", "version", name=op.f("uq_rule_set_key_version")),
    )
    op.create_table(
        "substance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("substance_class", sa.String(length=40), nullable=False),
        sa.Column("mda_class", sa.String(length=1), nullable=True),
        sa.Column("controlled_on", sa.Date(), nullable=True),
        sa.Column("controlled_before", sa.Date(), nullable=True),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("novel", sa.Boolean(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint("mda_class IN ('A', 'B', 'C')", name=op.f("ck_substance_mda_class")),
        sa.CheckConstraint("controlled_on IS NULL OR controlled_before IS NULL", name=op.f("ck_substance_one_date")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_substance")),
        sa.UniqueConstraint("name", name=op.f("uq_substance_name")),
    )
    op.create_table(
        "substance_alias",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("substance_id", sa.Integer(), nullable=False),
        sa.Column("alias", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["substance_id"], ["substance.id"], name=op.f("fk_substance_alias_substance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_substance_alias")),
        sa.UniqueConstraint("substance_id", "alias", name=op.f("uq_substance_alias_substance_id_alias")),
    )
    op.create_index("ix_substance_alias_alias", "substance_alias", ["alias"], unique=False)
    op.create_table(
        "advice_block_signature",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("advice_block_id", sa.Integer(), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=False),
        sa.Column("panel_id", sa.Integer(), nullable=False),
        sa.Column("signed_by_id", sa.Integer(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["advice_block_id"], ["advice_block.id"], name=op.f("fk_advice_block_signature_advice_block_id")
        ),
        sa.ForeignKeyConstraint(["panel_id"], ["panel.id"], name=op.f("fk_advice_block_signature_panel_id")),
        sa.ForeignKeyConstraint(
            ["partnership_id"], ["partnership.id"], name=op.f("fk_advice_block_signature_partnership_id")
        ),
        sa.ForeignKeyConstraint(["signed_by_id"], ["user.id"], name=op.f("fk_advice_block_signature_signed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_advice_block_signature")),
        sa.UniqueConstraint(
            "advice_block_id",
            "partnership_id",
            "signed_by_id",
            name=op.f("uq_advice_block_signature_advice_block_id_partnership_id_signed_by_id"),
        ),
    )
