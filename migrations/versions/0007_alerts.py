"""Alerts, their versions and signatures, lists, deliveries and acknowledgements."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "alert",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=30), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "one_off", "standing", "relay", name="alertkind", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "unissued",
                "active",
                "expired",
                "withdrawn",
                "superseded",
                "evaluated",
                name="alertstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("exercise", sa.Boolean(), nullable=False),
        sa.Column("police_sensitive", sa.Boolean(), nullable=False),
        sa.Column("published_example", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by_id"], ["user.id"], name=op.f("fk_alert_created_by_id")),
        sa.ForeignKeyConstraint(["partnership_id"], ["partnership.id"], name=op.f("fk_alert_partnership_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
        sa.UniqueConstraint("id", "exercise", name=op.f("uq_alert_id_exercise")),
        sa.UniqueConstraint("reference", name=op.f("uq_alert_reference")),
    )
    op.create_index("ix_alert_list", "alert", ["partnership_id", "state", "created_at"], unique=False)
    op.create_table(
        "distribution_list",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=30), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "network",
                "at_risk_agencies",
                "clinical",
                name="listkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("exercise", sa.Boolean(), nullable=False),
        sa.Column("archived", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["partnership_id"], ["partnership.id"], name=op.f("fk_distribution_list_partnership_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_distribution_list")),
        sa.UniqueConstraint("id", "exercise", name=op.f("uq_distribution_list_id_exercise")),
        sa.UniqueConstraint("partnership_id", "name", name=op.f("uq_distribution_list_partnership_id_name")),
        sa.UniqueConstraint("reference", name=op.f("uq_distribution_list_reference")),
    )
    op.create_table(
        "alert_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alert_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "original",
                "update",
                "extension",
                "correction",
                "withdrawal",
                name="versionkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "awaiting_sign_off",
                "scheduled",
                "sending",
                "sent",
                "cancelled",
                name="versionstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("exercise", sa.Boolean(), nullable=False),
        sa.Column(
            "level",
            sa.Enum(
                "information", "amber", "red", name="alertlevel", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column(
            "audience",
            sa.Enum(
                "professionals",
                "at_risk_agencies",
                "public",
                name="audience",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
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
        sa.Column("headline", sa.String(length=90), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("send_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("returned_reason", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("audience_count", sa.Integer(), nullable=True),
        sa.Column(
            "ef8",
            sa.Enum("yes", "no", "unsure", name="efficacyanswer", native_enum=False, create_constraint=True, length=40),
            nullable=True,
        ),
        sa.Column("ef8_resolution", sa.Text(), nullable=False),
        sa.Column("ef8_resolved_by_id", sa.Integer(), nullable=True),
        sa.Column(
            "withdrawal_reason",
            sa.Enum(
                "contained",
                "no_longer_circulating",
                "not_confirmed",
                "wrong",
                "identifies_someone",
                "overturned",
                "sent_in_error",
                name="withdrawalreason",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("release_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind <> 'withdrawal' OR withdrawal_reason IS NOT NULL", name=op.f("ck_alert_version_withdrawal")
        ),
        sa.CheckConstraint(
            "state = 'draft' OR state = 'cancelled' OR digest IS NOT NULL", name=op.f("ck_alert_version_digest")
        ),
        sa.CheckConstraint(
            "state NOT IN ('scheduled', 'sending', 'sent') OR release_at IS NOT NULL",
            name=op.f("ck_alert_version_send_time"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('sending', 'sent') OR released_at IS NOT NULL", name=op.f("ck_alert_version_released")
        ),
        sa.ForeignKeyConstraint(
            ["alert_id", "exercise"], ["alert.id", "alert.exercise"], name="fk_alert_version_alert"
        ),
        sa.ForeignKeyConstraint(["author_id"], ["user.id"], name=op.f("fk_alert_version_author_id")),
        sa.ForeignKeyConstraint(["ef8_resolved_by_id"], ["user.id"], name=op.f("fk_alert_version_ef8_resolved_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_version")),
        sa.UniqueConstraint("alert_id", "number", name=op.f("uq_alert_version_alert_id_number")),
        sa.UniqueConstraint("id", "author_id", name=op.f("uq_alert_version_id_author_id")),
        sa.UniqueConstraint("id", "exercise", name=op.f("uq_alert_version_id_exercise")),
    )
    op.create_index("ix_alert_version_due", "alert_version", ["state", "release_at"], unique=False)
    op.create_index(
        "uq_alert_version_being_written",
        "alert_version",
        ["alert_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('draft', 'awaiting_sign_off', 'scheduled')"),
        postgresql_where=sa.text("state IN ('draft', 'awaiting_sign_off', 'scheduled')"),
    )
    op.create_table(
        "recipient",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.Column("exercise", sa.Boolean(), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("normalised", sa.String(length=254), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=True),
        sa.Column("role", sa.String(length=80), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_recipient_agency_id")),
        sa.ForeignKeyConstraint(
            ["list_id", "exercise"], ["distribution_list.id", "distribution_list.exercise"], name="fk_recipient_list"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recipient")),
        sa.UniqueConstraint("id", "exercise", name=op.f("uq_recipient_id_exercise")),
        sa.UniqueConstraint("list_id", "normalised", name=op.f("uq_recipient_list_id_normalised")),
    )
    op.create_index("ix_recipient_agency", "recipient", ["agency_id"], unique=False)
    op.create_table(
        "alert_signal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alert_id", sa.Integer(), nullable=False),
        sa.Column("signal_id", sa.Integer(), nullable=False),
        sa.Column("exercise", sa.Boolean(), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("linked_by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["alert_id", "exercise"], ["alert.id", "alert.exercise"], name="fk_alert_signal_alert"),
        sa.ForeignKeyConstraint(["linked_by_id"], ["user.id"], name=op.f("fk_alert_signal_linked_by_id")),
        sa.ForeignKeyConstraint(
            ["signal_id", "exercise"], ["signal.id", "signal.exercise"], name="fk_alert_signal_signal"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_signal")),
        sa.UniqueConstraint("alert_id", "signal_id", name=op.f("uq_alert_signal_alert_id_signal_id")),
    )
    op.create_table(
        "alert_submitted_text",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alert_version_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_version_id"], ["alert_version.id"], name=op.f("fk_alert_submitted_text_alert_version_id")
        ),
        sa.ForeignKeyConstraint(["submitted_by_id"], ["user.id"], name=op.f("fk_alert_submitted_text_submitted_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_submitted_text")),
    )
    op.create_index("ix_alert_submitted_text_version", "alert_submitted_text", ["alert_version_id"], unique=False)
    op.create_table(
        "alert_version_block",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alert_version_id", sa.Integer(), nullable=False),
        sa.Column("advice_block_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["advice_block_id"], ["advice_block.id"], name=op.f("fk_alert_version_block_advice_block_id")
        ),
        sa.ForeignKeyConstraint(
            ["alert_version_id"], ["alert_version.id"], name=op.f("fk_alert_version_block_alert_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_version_block")),
        sa.UniqueConstraint(
            "alert_version_id", "advice_block_id", name=op.f("uq_alert_version_block_alert_version_id_advice_block_id")
        ),
    )
    op.create_table(
        "alert_version_list",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alert_version_id", sa.Integer(), nullable=False),
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.Column("exercise", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_version_id", "exercise"],
            ["alert_version.id", "alert_version.exercise"],
            name="fk_version_list_version",
        ),
        sa.ForeignKeyConstraint(
            ["list_id", "exercise"], ["distribution_list.id", "distribution_list.exercise"], name="fk_version_list_list"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_version_list")),
        sa.UniqueConstraint("alert_version_id", "list_id", name=op.f("uq_alert_version_list_alert_version_id_list_id")),
    )
    op.create_table(
        "alert_version_writer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alert_version_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_version_id"], ["alert_version.id"], name=op.f("fk_alert_version_writer_alert_version_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_alert_version_writer_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_version_writer")),
        sa.UniqueConstraint(
            "alert_version_id", "user_id", name=op.f("uq_alert_version_writer_alert_version_id_user_id")
        ),
    )
    op.create_table(
        "delivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alert_version_id", sa.Integer(), nullable=False),
        sa.Column("recipient_id", sa.Integer(), nullable=True),
        sa.Column("exercise", sa.Boolean(), nullable=False),
        sa.Column(
            "channel",
            sa.Enum("email", name="channel", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("normalised", sa.String(length=254), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "queued",
                "sending",
                "sent",
                "delivered",
                "bounced",
                "failed",
                "unknown",
                "cancelled",
                name="deliverystate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("message_id", sa.String(length=200), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("worker_id", sa.Integer(), nullable=True),
        sa.Column("lost_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reply_code", sa.Integer(), nullable=True),
        sa.CheckConstraint("state <> 'queued' OR next_attempt_at IS NOT NULL", name=op.f("ck_delivery_queued")),
        sa.CheckConstraint(
            "state NOT IN ('sending', 'unknown') OR worker_id IS NOT NULL", name=op.f("ck_delivery_claimed")
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_delivery_agency_id")),
        sa.ForeignKeyConstraint(
            ["alert_version_id", "exercise"], ["alert_version.id", "alert_version.exercise"], name="fk_delivery_version"
        ),
        sa.ForeignKeyConstraint(
            ["recipient_id", "exercise"], ["recipient.id", "recipient.exercise"], name="fk_delivery_recipient"
        ),
        sa.ForeignKeyConstraint(["worker_id"], ["worker.id"], name=op.f("fk_delivery_worker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint(
            "alert_version_id", "normalised", "channel", name=op.f("uq_delivery_alert_version_id_normalised_channel")
        ),
        sa.UniqueConstraint("message_id", name=op.f("uq_delivery_message_id")),
    )
    op.create_index("ix_delivery_address", "delivery", ["normalised"], unique=False)
    op.create_index("ix_delivery_due", "delivery", ["state", "next_attempt_at"], unique=False)
    op.create_index("ix_delivery_worker", "delivery", ["worker_id", "state"], unique=False)
    op.create_table(
        "sign_off",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alert_version_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("signed_by_id", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "coordinator",
                "chair",
                "deputy_chair",
                "panel_member",
                "approver",
                "communications",
                "dph",
                "sro",
                "board_reader",
                "analyst",
                "ig_lead",
                "on_call",
                "family_liaison",
                "admin",
                "submitter",
                "agency_representative",
                "agency_lead",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("void_reason", sa.String(length=200), nullable=False),
        sa.CheckConstraint("(voided_at IS NULL) = (void_reason = '')", name=op.f("ck_sign_off_voided")),
        sa.CheckConstraint("signed_by_id <> author_id", name=op.f("ck_sign_off_not_the_author")),
        sa.ForeignKeyConstraint(
            ["alert_version_id", "author_id"],
            ["alert_version.id", "alert_version.author_id"],
            name="fk_sign_off_version",
        ),
        sa.ForeignKeyConstraint(["signed_by_id"], ["user.id"], name=op.f("fk_sign_off_signed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_off")),
    )
    op.create_index(
        "uq_sign_off_in_force",
        "sign_off",
        ["alert_version_id", "signed_by_id"],
        unique=True,
        sqlite_where=sa.text("voided_at IS NULL"),
        postgresql_where=sa.text("voided_at IS NULL"),
    )
    op.create_table(
        "acknowledgement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "none",
                "read_confirmed",
                "acted",
                name="acknowledgementstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "action",
            sa.Enum(
                "told_clients",
                "told_staff",
                "ordered_naloxone",
                "nothing_needed",
                name="actiontaken",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("passed_on", sa.Integer(), nullable=True),
        sa.Column("acted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"], name=op.f("fk_acknowledgement_delivery_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acknowledgement")),
        sa.UniqueConstraint("delivery_id", name=op.f("uq_acknowledgement_delivery_id")),
    )
