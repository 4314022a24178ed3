"""Reviews of deaths: notifications, identities, decisions, requests, returns, chronology, sittings and findings.

The table of cases was laid with its reference only, so that evidence could point at it; here it gets its state, its key
and its sealed content. A case that somebody wrote by hand before there was any page for it starts as notified.
"""

from secrets import token_hex
from uuid import uuid4

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


STATES = (
    "notified",
    "triage",
    "out_of_scope",
    "in_scope_not_selected",
    "selected",
    "info_requested",
    "info_ready",
    "pack_draft",
    "listed",
    "in_panel",
    "deferred",
    "findings_draft",
    "accuracy_check",
    "signed_off",
    "actions_open",
    "closed",
    "reopened",
    "retained",
    "destroyed",
)


def _widen_cases() -> None:
    with op.batch_alter_table("review_case") as table:
        table.add_column(sa.Column("uuid", sa.String(length=36), nullable=True))
        table.add_column(sa.Column("row_key", sa.String(length=32), nullable=True))
        table.add_column(sa.Column("panel_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("state", sa.String(length=40), nullable=False, server_default="notified"))
        table.add_column(sa.Column("limbs", sa.JSON(), nullable=False, server_default="[]"))
        table.add_column(sa.Column("moved_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("destroyed_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("facts_sealed", sa.LargeBinary(), nullable=True))
        table.add_column(sa.Column("no_learning_sealed", sa.LargeBinary(), nullable=True))
        table.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    _fill_cases()
    with op.batch_alter_table("review_case") as table:
        table.alter_column("uuid", existing_type=sa.String(length=36), nullable=False)
        table.alter_column("row_key", existing_type=sa.String(length=32), nullable=False)
        table.alter_column("panel_id", existing_type=sa.Integer(), nullable=False)
        table.alter_column("moved_at", existing_type=sa.DateTime(timezone=True), nullable=False)
        for column, kind in (("state", sa.String(length=40)), ("limbs", sa.JSON()), ("version", sa.Integer())):
            table.alter_column(column, existing_type=kind, server_default=None)
        table.create_unique_constraint(op.f("uq_review_case_uuid"), ["uuid"])
        table.create_unique_constraint(op.f("uq_review_case_row_key"), ["row_key"])
        table.create_foreign_key(op.f("fk_review_case_panel_id"), "panel", ["panel_id"], ["id"])
        listed = ", ".join(f"'{state}'" for state in STATES)
        table.create_check_constraint(op.f("ck_review_case_casestate"), f"state IN ({listed})")
        table.create_check_constraint(
            op.f("ck_review_case_destroyed"), "(state = 'destroyed') = (destroyed_at IS NOT NULL)"
        )
        table.create_check_constraint(
            op.f("ck_review_case_stub"),
            "state <> 'destroyed' OR (facts_sealed IS NULL AND no_learning_sealed IS NULL)",
        )
        table.create_index("ix_review_case_state", ["partnership_id", "state"])


def _fill_cases() -> None:
    cases = sa.table(
        "review_case",
        *(sa.column(name) for name in ("id", "uuid", "row_key", "panel_id", "moved_at")),
        sa.column("opened_at"),
        sa.column("partnership_id"),
    )
    panels = sa.table("panel", sa.column("id"), sa.column("partnership_id"), sa.column("kind"))
    connection = op.get_bind()
    for row in connection.execute(sa.select(cases.c.id, cases.c.partnership_id)).all():
        panel = sa.select(sa.func.min(panels.c.id)).where(
            panels.c.partnership_id == row.partnership_id, panels.c.kind == "review"
        )
        connection.execute(
            cases.update()
            .where(cases.c.id == row.id)
            .values(
                uuid=str(uuid4()), row_key=token_hex(16), panel_id=panel.scalar_subquery(), moved_at=cases.c.opened_at
            )
        )


def upgrade() -> None:
    """Widen the table of cases and create the tables around it."""
    _widen_cases()
    op.create_table(
        "panel_meeting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=30), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=False),
        sa.Column("panel_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "planned",
                "pack_ready",
                "held",
                "minuted",
                "cancelled",
                name="meetingstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("statement_id", sa.Integer(), nullable=False),
        sa.Column("planned_by_id", sa.Integer(), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("minuted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_reason", sa.String(length=500), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'cancelled') = (cancelled_at IS NOT NULL)", name=op.f("ck_panel_meeting_cancelled")
        ),
        sa.CheckConstraint(
            "(state IN ('held', 'minuted')) = (held_at IS NOT NULL)", name=op.f("ck_panel_meeting_held")
        ),
        sa.CheckConstraint("(state = 'minuted') = (minuted_at IS NOT NULL)", name=op.f("ck_panel_meeting_minuted")),
        sa.ForeignKeyConstraint(["panel_id"], ["panel.id"], name=op.f("fk_panel_meeting_panel_id")),
        sa.ForeignKeyConstraint(["partnership_id"], ["partnership.id"], name=op.f("fk_panel_meeting_partnership_id")),
        sa.ForeignKeyConstraint(["planned_by_id"], ["user.id"], name=op.f("fk_panel_meeting_planned_by_id")),
        sa.ForeignKeyConstraint(["statement_id"], ["rule_set.id"], name=op.f("fk_panel_meeting_statement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_panel_meeting")),
        sa.UniqueConstraint("reference", name=op.f("uq_panel_meeting_reference")),
    )
    op.create_index("ix_panel_meeting_starts", "panel_meeting", ["partnership_id", "starts_at"], unique=False)
    op.create_table(
        "case_move",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column(
            "action",
            sa.Enum(
                "start_case_triage",
                "exclude",
                "not_select",
                "select",
                "reconsider",
                "request_info",
                "complete_info",
                "draft_pack",
                "list_case",
                "open_panel",
                "defer",
                "draft_findings",
                "check_accuracy",
                "sign_off",
                "open_actions",
                "close",
                "reopen",
                "back_to_info",
                "back_to_pack",
                "back_to_findings",
                "retain",
                "destroy",
                name="caseaction",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("from_state", sa.String(length=40), nullable=False),
        sa.Column("to_state", sa.String(length=40), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("moved_by_id", sa.Integer(), nullable=True),
        sa.Column("case_uuid", sa.String(length=36), nullable=False),
        sa.Column("row_key", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["review_case.id"], name=op.f("fk_case_move_case_id")),
        sa.ForeignKeyConstraint(["moved_by_id"], ["user.id"], name=op.f("fk_case_move_moved_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_move")),
        sa.UniqueConstraint("row_key", name=op.f("uq_case_move_row_key")),
    )
    op.create_index(op.f("ix_case_move_case_id"), "case_move", ["case_id"], unique=False)
    op.create_index(op.f("ix_case_move_case_uuid"), "case_move", ["case_uuid"], unique=False)
    op.create_table(
        "case_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("accuracy_reason_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_by_id", sa.Integer(), nullable=False),
        sa.Column("case_uuid", sa.String(length=36), nullable=False),
        sa.Column("row_key", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["review_case.id"], name=op.f("fk_case_version_case_id")),
        sa.ForeignKeyConstraint(["signed_by_id"], ["user.id"], name=op.f("fk_case_version_signed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_version")),
        sa.UniqueConstraint("case_id", "number", name=op.f("uq_case_version_case_id_number")),
        sa.UniqueConstraint("row_key", name=op.f("uq_case_version_row_key")),
    )
    op.create_index(op.f("ix_case_version_case_uuid"), "case_version", ["case_uuid"], unique=False)
    op.create_table(
        "confidentiality_acceptance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("statement_id", sa.Integer(), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["panel_meeting.id"], name=op.f("fk_confidentiality_acceptance_meeting_id")
        ),
        sa.ForeignKeyConstraint(
            ["statement_id"], ["rule_set.id"], name=op.f("fk_confidentiality_acceptance_statement_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_confidentiality_acceptance_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_confidentiality_acceptance")),
        sa.UniqueConstraint("meeting_id", "user_id", name=op.f("uq_confidentiality_acceptance_meeting_id_user_id")),
    )
    op.create_table(
        "contributory_factor",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=True),
        sa.Column("rules_id", sa.Integer(), nullable=False),
        sa.Column("domain_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("influence_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("modifiable_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("case_uuid", sa.String(length=36), nullable=False),
        sa.Column("row_key", sa.String(length=32), nullable=False),
        sa.CheckConstraint(
            "(removed_at IS NULL) = (removed_by_id IS NULL)", name=op.f("ck_contributory_factor_removed")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["review_case.id"], name=op.f("fk_contributory_factor_case_id")),
        sa.ForeignKeyConstraint(["meeting_id"], ["panel_meeting.id"], name=op.f("fk_contributory_factor_meeting_id")),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["user.id"], name=op.f("fk_contributory_factor_recorded_by_id")),
        sa.ForeignKeyConstraint(["removed_by_id"], ["user.id"], name=op.f("fk_contributory_factor_removed_by_id")),
        sa.ForeignKeyConstraint(["rules_id"], ["rule_set.id"], name=op.f("fk_contributory_factor_rules_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contributory_factor")),
        sa.UniqueConstraint("row_key", name=op.f("uq_contributory_factor_row_key")),
    )
    op.create_index(op.f("ix_contributory_factor_case_id"), "contributory_factor", ["case_id"], unique=False)
    op.create_index(op.f("ix_contributory_factor_case_uuid"), "contributory_factor", ["case_uuid"], unique=False)
    op.create_table(
        "death_notification",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=30), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("signal_id", sa.Integer(), nullable=True),
        sa.Column("agency_id", sa.Integer(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "received",
                "attached",
                "out_of_scope",
                "withdrawn",
                name="notificationstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("sources", sa.JSON(), nullable=False),
        sa.Column("form_token", sa.String(length=64), nullable=False),
        sa.Column("death_day_index", sa.String(length=64), nullable=False),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("notified_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("notified_by_id", sa.Integer(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by_id", sa.Integer(), nullable=True),
        sa.Column("risk_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("risk_settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("risk_settled_by_id", sa.Integer(), nullable=True),
        sa.Column("risk_note_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("case_uuid", sa.String(length=36), nullable=False),
        sa.Column("row_key", sa.String(length=32), nullable=False),
        sa.CheckConstraint("(state = 'attached') = (case_id IS NOT NULL)", name=op.f("ck_death_notification_attached")),
        sa.CheckConstraint("(state = 'received') = (settled_at IS NULL)", name=op.f("ck_death_notification_settled")),
        sa.CheckConstraint(
            "(risk_settled_at IS NULL) = (risk_settled_by_id IS NULL)",
            name=op.f("ck_death_notification_risk_settled"),
        ),
        sa.CheckConstraint(
            "risk_settled_at IS NULL OR risk_due_at IS NOT NULL", name=op.f("ck_death_notification_risk")
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_death_notification_agency_id")),
        sa.ForeignKeyConstraint(["case_id"], ["review_case.id"], name=op.f("fk_death_notification_case_id")),
        sa.ForeignKeyConstraint(["notified_by_id"], ["user.id"], name=op.f("fk_death_notification_notified_by_id")),
        sa.ForeignKeyConstraint(
            ["partnership_id"], ["partnership.id"], name=op.f("fk_death_notification_partnership_id")
        ),
        sa.ForeignKeyConstraint(
            ["risk_settled_by_id"], ["user.id"], name=op.f("fk_death_notification_risk_settled_by_id")
        ),
        sa.ForeignKeyConstraint(["settled_by_id"], ["user.id"], name=op.f("fk_death_notification_settled_by_id")),
        sa.ForeignKeyConstraint(["signal_id"], ["signal.id"], name=op.f("fk_death_notification_signal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_death_notification")),
        sa.UniqueConstraint("form_token", name=op.f("uq_death_notification_form_token")),
        sa.UniqueConstraint("reference", name=op.f("uq_death_notification_reference")),
        sa.UniqueConstraint("row_key", name=op.f("uq_death_notification_row_key")),
    )
    op.create_index(op.f("ix_death_notification_case_id"), "death_notification", ["case_id"], unique=False)
    op.create_index(op.f("ix_death_notification_case_uuid"), "death_notification", ["case_uuid"], unique=False)
    op.create_index(
        "ix_death_notification_day", "death_notification", ["partnership_id", "death_day_index"], unique=False
    )
    op.create_index("ix_death_notification_state", "death_notification", ["partnership_id", "state"], unique=False)
    op.create_table(
        "declaration_of_interest",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "none",
                "involved_in_care",
                "line_manages",
                "family_or_friend",
                "commercial",
                "media",
                name="conflictkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("declared_by_id", sa.Integer(), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("case_uuid", sa.String(length=36), nullable=False),
        sa.Column("row_key", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["review_case.id"], name=op.f("fk_declaration_of_interest_case_id")),
        sa.ForeignKeyConstraint(
            ["declared_by_id"], ["user.id"], name=op.f("fk_declaration_of_interest_declared_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["panel_meeting.id"], name=op.f("fk_declaration_of_interest_meeting_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_declaration_of_interest_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_declaration_of_interest")),
        sa.UniqueConstraint("row_key", name=op.f("uq_declaration_of_interest_row_key")),
    )
    op.create_index(
        op.f("ix_declaration_of_interest_case_uuid"), "declaration_of_interest", ["case_uuid"], unique=False
    )
    op.create_index("ix_declaration_of_interest_user", "declaration_of_interest", ["user_id"], unique=False)
    op.create_index(
        "uq_declaration_of_interest_standing",
        "declaration_of_interest",
        ["case_id", "user_id"],
        unique=True,
        sqlite_where=sa.text("replaced_at IS NULL"),
        postgresql_where=sa.text("replaced_at IS NULL"),
    )
    op.create_table(
        "destruction_record",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=30), nullable=False),
        sa.Column("record_classes", sa.JSON(), nullable=False),
        sa.Column("authority", sa.String(length=300), nullable=False),
        sa.Column("rule_id", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proposed_by_id", sa.Integer(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by_id", sa.Integer(), nullable=True),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused_by_id", sa.Integer(), nullable=True),
        sa.Column("refusal_reason", sa.String(length=300), nullable=False),
        sa.Column("data_keys", sa.JSON(), nullable=False),
        sa.Column("keys_gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "keys_gone_at IS NULL OR approved_at IS NOT NULL", name=op.f("ck_destruction_record_keys_gone")
        ),
        sa.CheckConstraint(
            "(approved_at IS NULL) = (approved_by_id IS NULL)", name=op.f("ck_destruction_record_approved")
        ),
        sa.CheckConstraint(
            "(refused_at IS NULL) = (refused_by_id IS NULL)", name=op.f("ck_destruction_record_refused")
        ),
        sa.CheckConstraint("approved_at IS NULL OR refused_at IS NULL", name=op.f("ck_destruction_record_one_answer")),
        sa.CheckConstraint(
            "approved_by_id IS NULL OR approved_by_id <> proposed_by_id", name=op.f("ck_destruction_record_two_people")
        ),
        sa.ForeignKeyConstraint(["approved_by_id"], ["user.id"], name=op.f("fk_destruction_record_approved_by_id")),
        sa.ForeignKeyConstraint(["case_id"], ["review_case.id"], name=op.f("fk_destruction_record_case_id")),
        sa.ForeignKeyConstraint(
            ["partnership_id"], ["partnership.id"], name=op.f("fk_destruction_record_partnership_id")
        ),
        sa.ForeignKeyConstraint(["proposed_by_id"], ["user.id"], name=op.f("fk_destruction_record_proposed_by_id")),
        sa.ForeignKeyConstraint(["refused_by_id"], ["user.id"], name=op.f("fk_destruction_record_refused_by_id")),
        sa.ForeignKeyConstraint(["rule_id"], ["rule_set.id"], name=op.f("fk_destruction_record_rule_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_destruction_record")),
    )
    op.create_index(
        "uq_destruction_record_open",
        "destruction_record",
        ["case_id"],
        unique=True,
        sqlite_where=sa.text("refused_at IS NULL"),
        postgresql_where=sa.text("refused_at IS NULL"),
    )
    op.create_table(
        "information_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=30), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("form_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "sent",
                "opened",
                "returned",
                "declined",
                "waived",
                "cancelled",
                name="requeststate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("matching", sa.JSON(), nullable=False),
        sa.Column("asked_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("chased", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("case_uuid", sa.String(length=36), nullable=False),
        sa.Column("row_key", sa.String(length=32), nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'cancelled') OR sent_at IS NOT NULL", name=op.f("ck_information_request_sent")
        ),
        sa.CheckConstraint(
            "state NOT IN ('returned', 'declined', 'waived', 'cancelled') OR ended_at IS NOT NULL",
            name=op.f("ck_information_request_ended"),
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_information_request_agency_id")),
        sa.ForeignKeyConstraint(["case_id"], ["review_case.id"], name=op.f("fk_information_request_case_id")),
        sa.ForeignKeyConstraint(["form_id"], ["form_definition.id"], name=op.f("fk_information_request_form_id")),
        sa.ForeignKeyConstraint(["made_by_id"], ["user.id"], name=op.f("fk_information_request_made_by_id")),
        sa.ForeignKeyConstraint(
            ["partnership_id"], ["partnership.id"], name=op.f("fk_information_request_partnership_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_information_request")),
        sa.UniqueConstraint("reference", name=op.f("uq_information_request_reference")),
        sa.UniqueConstraint("row_key", name=op.f("uq_information_request_row_key")),
    )
    op.create_index("ix_information_request_agency", "information_request", ["agency_id", "state"], unique=False)
    op.create_index(op.f("ix_information_request_case_uuid"), "information_request", ["case_uuid"], unique=False)
    op.create_index(
        "uq_information_request_standing",
        "information_request",
        ["case_id", "agency_id"],
        unique=True,
        sqlite_where=sa.text("state <> 'cancelled'"),
        postgresql_where=sa.text("state <> 'cancelled'"),
    )
    op.create_table(
        "request_move",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column(
            "action",
            sa.Enum(
                "send_request",
                "open_request",
                "return",
                "decline",
                "waive",
                "cancel",
                "ask_again",
                "chase_request",
                "move_due",
                "correct_return",
                name="requestaction",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("moved_by_id", sa.Integer(), nullable=False),
        sa.Column("case_uuid", sa.String(length=36), nullable=False),
        sa.Column("row_key", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["moved_by_id"], ["user.id"], name=op.f("fk_request_move_moved_by_id")),
        sa.ForeignKeyConstraint(["request_id"], ["information_request.id"], name=op.f("fk_request_move_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_move")),
        sa.UniqueConstraint("row_key", name=op.f("uq_request_move_row_key")),
    )
    op.create_index(op.f("ix_request_move_case_uuid"), "request_move", ["case_uuid"], unique=False)
    op.create_index(op.f("ix_request_move_request_id"), "request_move", ["request_id"], unique=False)
    op.create_table(
        "meeting_attendance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column(
            "presence",
            sa.Enum(
                "invited",
                "attended",
                "apologies",
                name="presence",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("scribe", sa.Boolean(), nullable=False),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["panel_meeting.id"], name=op.f("fk_meeting_attendance_meeting_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_meeting_attendance_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_attendance")),
        sa.UniqueConstraint("meeting_id", "user_id", name=op.f("uq_meeting_attendance_meeting_id_user_id")),
    )
    op.create_table(
        "meeting_case",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=False),
        sa.Column("taken_off_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_off_by_id", sa.Integer(), nullable=True),
        sa.Column("decision_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("case_uuid", sa.String(length=36), nullable=False),
        sa.Column("row_key", sa.String(length=32), nullable=False),
        sa.CheckConstraint(
            "(taken_off_at IS NULL) = (taken_off_by_id IS NULL)", name=op.f("ck_meeting_case_taken_off")
        ),
        sa.ForeignKeyConstraint(["added_by_id"], ["user.id"], name=op.f("fk_meeting_case_added_by_id")),
        sa.ForeignKeyConstraint(["case_id"], ["review_case.id"], name=op.f("fk_meeting_case_case_id")),
        sa.ForeignKeyConstraint(["meeting_id"], ["panel_meeting.id"], name=op.f("fk_meeting_case_meeting_id")),
        sa.ForeignKeyConstraint(["taken_off_by_id"], ["user.id"], name=op.f("fk_meeting_case_taken_off_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_case")),
        sa.UniqueConstraint("meeting_id", "case_id", name=op.f("uq_meeting_case_meeting_id_case_id")),
        sa.UniqueConstraint("row_key", name=op.f("uq_meeting_case_row_key")),
    )
    op.create_index(op.f("ix_meeting_case_case_id"), "meeting_case", ["case_id"], unique=False)
    op.create_index(op.f("ix_meeting_case_case_uuid"), "meeting_case", ["case_uuid"], unique=False)
    op.create_table(
        "pack_read",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["review_case.id"], name=op.f("fk_pack_read_case_id")),
        sa.ForeignKeyConstraint(["meeting_id"], ["panel_meeting.id"], name=op.f("fk_pack_read_meeting_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_pack_read_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pack_read")),
        sa.UniqueConstraint("meeting_id", "case_id", "user_id", name=op.f("uq_pack_read_meeting_id_case_id_user_id")),
    )
    op.create_table(
        "side_flag",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "parallel_process_hold",
                "inquest_open",
                "family_contact_hold",
                "restricted_case",
                "legal_hold",
                name="flagkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("raised_by_id", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        sa.Column("end_reason_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("case_uuid", sa.String(length=36), nullable=False),
        sa.Column("row_key", sa.String(length=32), nullable=False),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by_id IS NULL)", name=op.f("ck_side_flag_ended")),
        sa.ForeignKeyConstraint(["case_id"], ["review_case.id"], name=op.f("fk_side_flag_case_id")),
        sa.ForeignKeyConstraint(["ended_by_id"], ["user.id"], name=op.f("fk_side_flag_ended_by_id")),
        sa.ForeignKeyConstraint(["raised_by_id"], ["user.id"], name=op.f("fk_side_flag_raised_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_side_flag")),
        sa.UniqueConstraint("row_key", name=op.f("uq_side_flag_row_key")),
    )
    op.create_index(op.f("ix_side_flag_case_uuid"), "side_flag", ["case_uuid"], unique=False)
    op.create_index(
        "uq_side_flag_standing",
        "side_flag",
        ["case_id", "kind"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "triage_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "notified",
                "triage",
                "out_of_scope",
                "in_scope_not_selected",
                "selected",
                "info_requested",
                "info_ready",
                "pack_draft",
                "listed",
                "in_panel",
                "deferred",
                "findings_draft",
                "accuracy_check",
                "signed_off",
                "actions_open",
                "closed",
                "reopened",
                "retained",
                "destroyed",
                name="casestate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("limbs", sa.JSON(), nullable=False),
        sa.Column("criterion_basis", sa.String(length=20), nullable=False),
        sa.Column("settings_id", sa.Integer(), nullable=False),
        sa.Column("facts_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("explanation_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=False),
        sa.Column("case_uuid", sa.String(length=36), nullable=False),
        sa.Column("row_key", sa.String(length=32), nullable=False),
        sa.CheckConstraint("criterion_basis IN ('suspected', 'confirmed')", name=op.f("ck_triage_decision_basis")),
        sa.CheckConstraint(
            "outcome IN ('out_of_scope', 'in_scope_not_selected', 'selected')", name=op.f("ck_triage_decision_outcome")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["review_case.id"], name=op.f("fk_triage_decision_case_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["user.id"], name=op.f("fk_triage_decision_decided_by_id")),
        sa.ForeignKeyConstraint(["settings_id"], ["rule_set.id"], name=op.f("fk_triage_decision_settings_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_triage_decision")),
        sa.UniqueConstraint("case_id", "number", name=op.f("uq_triage_decision_case_id_number")),
        sa.UniqueConstraint("row_key", name=op.f("uq_triage_decision_row_key")),
    )
    op.create_index(op.f("ix_triage_decision_case_uuid"), "triage_decision", ["case_uuid"], unique=False)
    op.create_table(
        "agency_return",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "complete",
                "partial",
                "nil",
                "declined",
                name="return_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by_id", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("case_uuid", sa.String(length=36), nullable=False),
        sa.Column("row_key", sa.String(length=32), nullable=False),
        sa.CheckConstraint("(sent_at IS NULL) = (kind IS NULL)", name=op.f("ck_agency_return_sent_kind")),
        sa.ForeignKeyConstraint(["request_id"], ["information_request.id"], name=op.f("fk_agency_return_request_id")),
        sa.ForeignKeyConstraint(["saved_by_id"], ["user.id"], name=op.f("fk_agency_return_saved_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency_return")),
        sa.UniqueConstraint("request_id", "number", name=op.f("uq_agency_return_request_id_number")),
        sa.UniqueConstraint("row_key", name=op.f("uq_agency_return_row_key")),
    )
    op.create_index(op.f("ix_agency_return_case_uuid"), "agency_return", ["case_uuid"], unique=False)
    op.create_table(
        "chronology_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=True),
        sa.Column("agency_id", sa.Integer(), nullable=True),
        sa.Column("happened_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("details_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("case_uuid", sa.String(length=36), nullable=False),
        sa.Column("row_key", sa.String(length=32), nullable=False),
        sa.CheckConstraint("(removed_at IS NULL) = (removed_by_id IS NULL)", name=op.f("ck_chronology_entry_removed")),
        sa.ForeignKeyConstraint(["added_by_id"], ["user.id"], name=op.f("fk_chronology_entry_added_by_id")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_chronology_entry_agency_id")),
        sa.ForeignKeyConstraint(["case_id"], ["review_case.id"], name=op.f("fk_chronology_entry_case_id")),
        sa.ForeignKeyConstraint(["removed_by_id"], ["user.id"], name=op.f("fk_chronology_entry_removed_by_id")),
        sa.ForeignKeyConstraint(
            ["request_id"], ["information_request.id"], name=op.f("fk_chronology_entry_request_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chronology_entry")),
        sa.UniqueConstraint("row_key", name=op.f("uq_chronology_entry_row_key")),
    )
    op.create_index(op.f("ix_chronology_entry_case_id"), "chronology_entry", ["case_id"], unique=False)
    op.create_index(op.f("ix_chronology_entry_case_uuid"), "chronology_entry", ["case_uuid"], unique=False)
    op.create_index(op.f("ix_chronology_entry_request_id"), "chronology_entry", ["request_id"], unique=False)
    op.create_table(
        "chronology_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("happened_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("details_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=False),
        sa.Column("case_uuid", sa.String(length=36), nullable=False),
        sa.Column("row_key", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["changed_by_id"], ["user.id"], name=op.f("fk_chronology_change_changed_by_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["chronology_entry.id"], name=op.f("fk_chronology_change_entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chronology_change")),
        sa.UniqueConstraint("row_key", name=op.f("uq_chronology_change_row_key")),
    )
    op.create_index(op.f("ix_chronology_change_case_uuid"), "chronology_change", ["case_uuid"], unique=False)
    op.create_index(op.f("ix_chronology_change_entry_id"), "chronology_change", ["entry_id"], unique=False)
    op.create_table(
        "identity_record",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=False),
        sa.Column("notification_id", sa.Integer(), nullable=False),
        sa.Column("details_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("nhs_index", sa.String(length=64), nullable=False),
        sa.Column("birth_index", sa.String(length=64), nullable=False),
        sa.Column("surname_index", sa.String(length=64), nullable=False),
        sa.Column("forename_index", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("row_key", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["notification_id"], ["death_notification.id"], name=op.f("fk_identity_record_notification_id")
        ),
        sa.ForeignKeyConstraint(["partnership_id"], ["partnership.id"], name=op.f("fk_identity_record_partnership_id")),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["user.id"], name=op.f("fk_identity_record_recorded_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_record")),
        sa.UniqueConstraint("notification_id", name=op.f("uq_identity_record_notification_id")),
        sa.UniqueConstraint("row_key", name=op.f("uq_identity_record_row_key")),
        sa.UniqueConstraint("uuid", name=op.f("uq_identity_record_uuid")),
    )
    op.create_index("ix_identity_record_birth", "identity_record", ["partnership_id", "birth_index"], unique=False)
    op.create_index("ix_identity_record_nhs", "identity_record", ["partnership_id", "nhs_index"], unique=False)
    _refuse("case_version", "UPDATE", "TRUE", "a signed version never changes")
    _refuse("case_version", "INSERT", CONFLICTED, "who has an interest in a case does not sign it")
    _refuse("review_case", "UPDATE", HELD, "a case under a hold is not destroyed")


CONFLICTED = (
    "EXISTS (SELECT 1 FROM declaration_of_interest d WHERE d.case_id = NEW.case_id AND d.user_id = NEW.signed_by_id"
    " AND d.replaced_at IS NULL AND d.kind <> 'none')"
)
HELD = (
    "NEW.state = 'destroyed' AND EXISTS (SELECT 1 FROM side_flag f WHERE f.case_id = NEW.id AND f.ended_at IS NULL"
    " AND f.kind IN ('legal_hold', 'inquest_open', 'parallel_process_hold'))"
)


def _refuse(table: str, statement: str, when: str, why: str) -> None:
    """Make the database itself refuse what no use case may ever do."""
    name = f"{table}_{statement.lower()}_refused"
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {statement} ON {table} WHEN {when} BEGIN SELECT RAISE(ABORT, '{why}'); END"
        )
        return
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN IF {when} THEN RAISE EXCEPTION '{why}'; END IF; RETURN NEW; END $$"
    )
    op.execute(f"CREATE TRIGGER {name} BEFORE {statement} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")
