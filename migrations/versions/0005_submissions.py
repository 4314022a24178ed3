"""Reports, their answers, who sent them, and the Signals that gather them."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "signal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=30), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=False),
        sa.Column("panel_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "corroborating",
                "panel_ready",
                "with_panel",
                "decided",
                "monitoring",
                "closed",
                name="signalstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "urgency",
            sa.Enum(
                "routine", "urgent", "critical", name="urgency", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("exercise", sa.Boolean(), nullable=False),
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
        sa.Column("police_sensitive", sa.Boolean(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by_id", sa.Integer(), nullable=False),
        sa.Column("skipped_round_reason", sa.Text(), nullable=False),
        sa.Column(
            "grade",
            sa.Enum("g0", "g1", "g2", "g3", "g4", name="grade", native_enum=False, create_constraint=True, length=40),
            nullable=True,
        ),
        sa.Column("starred", sa.Boolean(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closure_note", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_signal_closure")),
        sa.ForeignKeyConstraint(["opened_by_id"], ["user.id"], name=op.f("fk_signal_opened_by_id")),
        sa.ForeignKeyConstraint(["panel_id"], ["panel.id"], name=op.f("fk_signal_panel_id")),
        sa.ForeignKeyConstraint(["partnership_id"], ["partnership.id"], name=op.f("fk_signal_partnership_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signal")),
        sa.UniqueConstraint("id", "exercise", name=op.f("uq_signal_id_exercise")),
        sa.UniqueConstraint("reference", name=op.f("uq_signal_reference")),
    )
    op.create_index("ix_signal_list", "signal", ["partnership_id", "state", "opened_at"], unique=False)
    op.create_table(
        "submission",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=30), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "report",
                "update",
                "external_alert",
                name="submissionkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "depth",
            sa.Enum("short", "full", name="depth", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "received",
                "triage",
                "needs_info",
                "linked",
                "closed",
                "withdrawn",
                name="submissionstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "urgency",
            sa.Enum(
                "routine", "urgent", "critical", name="urgency", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("exercise", sa.Boolean(), nullable=False),
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
        sa.Column("police_sensitive", sa.Boolean(), nullable=False),
        sa.Column("form_definition_id", sa.Integer(), nullable=False),
        sa.Column("form_token", sa.String(length=64), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_by_id", sa.Integer(), nullable=True),
        sa.Column("agency_id", sa.Integer(), nullable=True),
        sa.Column("earlier_id", sa.Integer(), nullable=True),
        sa.Column("follow_token_hash", sa.String(length=64), nullable=True),
        sa.Column("follow_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reporting", sa.JSON(), nullable=False),
        sa.Column("danger_now", sa.Boolean(), nullable=False),
        sa.Column(
            "when_known",
            sa.Enum(
                "exact",
                "approximate",
                "ongoing",
                "not_known",
                name="whenkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("happened_from", sa.Date(), nullable=True),
        sa.Column("happened_to", sa.Date(), nullable=True),
        sa.Column(
            "happened_precision",
            sa.Enum(
                "day",
                "about",
                "month",
                "year",
                "range",
                "ongoing",
                "not_known",
                name="dateprecision",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "known_place",
            sa.Enum(
                "outside_area", "not_known", name="knownplace", native_enum=False, create_constraint=True, length=40
            ),
            nullable=True,
        ),
        sa.Column("locality_id", sa.Integer(), nullable=True),
        sa.Column("place_detail", sa.String(length=200), nullable=False),
        sa.Column("own_words", sa.Text(), nullable=False),
        sa.Column("ages", sa.JSON(), nullable=True),
        sa.Column("attended_ed", sa.Integer(), nullable=True),
        sa.Column("admitted", sa.Integer(), nullable=True),
        sa.Column("intensive_care", sa.Integer(), nullable=True),
        sa.Column("deaths_suspected", sa.Integer(), nullable=True),
        sa.Column("naloxone_given", sa.Boolean(), nullable=True),
        sa.Column("naloxone_doses", sa.Integer(), nullable=True),
        sa.Column("vulnerabilities", sa.JSON(), nullable=False),
        sa.Column(
            "how_known",
            sa.Enum(
                "saw_it",
                "affected_person",
                "someone_else",
                "record",
                "social_media",
                "lab_result",
                "not_known",
                "other",
                name="sourcekind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("triaged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("triaged_by_id", sa.Integer(), nullable=True),
        sa.Column(
            "closure_reason",
            sa.Enum(
                "out_of_scope",
                "redirected",
                "no_action",
                "feedback_sent",
                "feedback_refused",
                "no_contact",
                name="closurereason",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("closure_note", sa.Text(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawal_note", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'withdrawn') = (withdrawn_at IS NOT NULL)", name=op.f("ck_submission_withdrawal")),
        sa.CheckConstraint("state <> 'closed' OR closure_reason IS NOT NULL", name=op.f("ck_submission_closure")),
        sa.CheckConstraint(
            "state NOT IN ('linked', 'closed') OR triaged_at IS NOT NULL", name=op.f("ck_submission_triaged")
        ),
        sa.CheckConstraint("(known_place IS NULL) <> (locality_id IS NULL)", name=op.f("ck_submission_place")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_submission_agency_id")),
        sa.ForeignKeyConstraint(["earlier_id"], ["submission.id"], name=op.f("fk_submission_earlier_id")),
        sa.ForeignKeyConstraint(
            ["form_definition_id"], ["form_definition.id"], name=op.f("fk_submission_form_definition_id")
        ),
        sa.ForeignKeyConstraint(["locality_id"], ["locality.id"], name=op.f("fk_submission_locality_id")),
        sa.ForeignKeyConstraint(["partnership_id"], ["partnership.id"], name=op.f("fk_submission_partnership_id")),
        sa.ForeignKeyConstraint(["submitted_by_id"], ["user.id"], name=op.f("fk_submission_submitted_by_id")),
        sa.ForeignKeyConstraint(["triaged_by_id"], ["user.id"], name=op.f("fk_submission_triaged_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
        sa.UniqueConstraint("follow_token_hash", name=op.f("uq_submission_follow_token_hash")),
        sa.UniqueConstraint("form_token", name=op.f("uq_submission_form_token")),
        sa.UniqueConstraint("id", "exercise", name=op.f("uq_submission_id_exercise")),
        sa.UniqueConstraint("reference", name=op.f("uq_submission_reference")),
    )
    op.create_index("ix_submission_inbox", "submission", ["partnership_id", "state", "received_at"], unique=False)
    op.create_table(
        "watch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("signal_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_by_id", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["signal_id"], ["signal.id"], name=op.f("fk_watch_signal_id")),
        sa.ForeignKeyConstraint(["started_by_id"], ["user.id"], name=op.f("fk_watch_started_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watch")),
    )
    op.create_table(
        "follow_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_follow_link_submission_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_follow_link_token_hash")),
    )
    op.create_index("ix_follow_link_submission", "follow_link", ["submission_id"], unique=False)
    op.create_table(
        "recorded_move",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=True),
        sa.Column("signal_id", sa.Integer(), nullable=True),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("from_state", sa.String(length=40), nullable=False),
        sa.Column("to_state", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("(submission_id IS NULL) <> (signal_id IS NULL)", name=op.f("ck_recorded_move_one_record")),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_recorded_move_by_id")),
        sa.ForeignKeyConstraint(["signal_id"], ["signal.id"], name=op.f("fk_recorded_move_signal_id")),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_recorded_move_submission_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recorded_move")),
    )
    op.create_index("ix_recorded_move_signal", "recorded_move", ["signal_id"], unique=False)
    op.create_index("ix_recorded_move_submission", "recorded_move", ["submission_id"], unique=False)
    op.create_table(
        "reported_substance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("sold_as", sa.String(length=200), nullable=False),
        sa.Column("street_name", sa.String(length=200), nullable=False),
        sa.Column("suspected", sa.JSON(), nullable=False),
        sa.Column(
            "certainty",
            sa.Enum(
                "suspected",
                "presumptive",
                "confirmed",
                name="certainty",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_reported_substance_submission_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reported_substance")),
        sa.UniqueConstraint("submission_id", "position", name=op.f("uq_reported_substance_submission_id_position")),
    )
    op.create_table(
        "signal_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("signal_id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("exercise", sa.Boolean(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "same_batch",
                "same_event",
                "duplicate",
                "same_place_and_time",
                "first_report",
                "other",
                name="linkreason",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("linked_by_id", sa.Integer(), nullable=False),
        sa.Column("unlinked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unlinked_by_id", sa.Integer(), nullable=True),
        sa.Column("unlink_reason", sa.Text(), nullable=False),
        sa.CheckConstraint("(unlinked_at IS NULL) = (unlinked_by_id IS NULL)", name=op.f("ck_signal_link_unlinked")),
        sa.ForeignKeyConstraint(["linked_by_id"], ["user.id"], name=op.f("fk_signal_link_linked_by_id")),
        sa.ForeignKeyConstraint(
            ["signal_id", "exercise"], ["signal.id", "signal.exercise"], name="fk_signal_link_signal"
        ),
        sa.ForeignKeyConstraint(
            ["submission_id", "exercise"], ["submission.id", "submission.exercise"], name="fk_signal_link_submission"
        ),
        sa.ForeignKeyConstraint(["unlinked_by_id"], ["user.id"], name=op.f("fk_signal_link_unlinked_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signal_link")),
    )
    op.create_index("ix_signal_link_signal", "signal_link", ["signal_id"], unique=False)
    op.create_index(
        "uq_signal_link_in_force",
        "signal_link",
        ["submission_id"],
        unique=True,
        sqlite_where=sa.text("unlinked_at IS NULL"),
        postgresql_where=sa.text("unlinked_at IS NULL"),
    )
    op.create_table(
        "submission_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("question_key", sa.String(length=10), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("form_definition_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("by_submitter", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["user.id"], name=op.f("fk_submission_answer_author_id")),
        sa.ForeignKeyConstraint(
            ["form_definition_id"], ["form_definition.id"], name=op.f("fk_submission_answer_form_definition_id")
        ),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_submission_answer_submission_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission_answer")),
    )
    op.create_index(
        "ix_submission_answer_question",
        "submission_answer",
        ["submission_id", "question_key", "position"],
        unique=False,
    )
    op.create_table(
        "submission_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Boolean(), nullable=False),
        sa.Column("written_by_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_submission_message_submission_id")),
        sa.ForeignKeyConstraint(["written_by_id"], ["user.id"], name=op.f("fk_submission_message_written_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission_message")),
    )
    op.create_table(
        "submission_question",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name=op.f("ck_submission_question_answer")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["user.id"], name=op.f("fk_submission_question_asked_by_id")),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_submission_question_submission_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission_question")),
    )
    op.create_table(
        "submitter_contact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("organisation_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("contact_sealed", sa.LargeBinary(), nullable=True),
        sa.Column(
            "name_sharing",
            sa.Enum("panel", "ldis_only", name="namesharing", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("may_contact", sa.Boolean(), nullable=False),
        sa.Column("row_key", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_submitter_contact_submission_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submitter_contact")),
        sa.UniqueConstraint("row_key", name=op.f("uq_submitter_contact_row_key")),
        sa.UniqueConstraint("submission_id", name=op.f("uq_submitter_contact_submission_id")),
    )
