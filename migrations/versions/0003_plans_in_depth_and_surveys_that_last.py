"""plans in depth and surveys that last"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB


revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


JSON = sa.JSON().with_variant(JSONB(), "postgresql")

# What the new columns say of rows that were there before them.
LATEST = (
    "UPDATE {table} SET is_latest = true WHERE id IN (SELECT id FROM (SELECT r.id, row_number() OVER"
    " (PARTITION BY r.{line} ORDER BY u.reported_at DESC, u.id DESC) AS place FROM {table} r"
    " JOIN progress_updates u ON u.id = r.update_id WHERE u.reported_at IS NOT NULL) AS ranked WHERE place = 1)"
)
GOES_ON = "p.state IN ('approved', 'in_progress') AND l.left_open > 0"
HEARD = "coalesce((SELECT max(u.reported_at) FROM progress_updates u WHERE u.plan_id = p.id), p.submitted_at)"
STANDINGS = f"""
    INSERT INTO plan_standings (plan_id, programme_id, cohort_id, country, heard_at, silent_since, due_on,
        unbegun_since, lines, lines_done, lines_blocked, lines_unverified)
    SELECT p.id, t.programme_id, e.cohort_id, e.country, {HEARD},
        CASE WHEN {GOES_ON} THEN {HEARD} END, CASE WHEN {GOES_ON} THEN l.due_on END,
        CASE WHEN {GOES_ON} AND l.begun = 0 THEN p.approved_at END,
        coalesce(l.every_line, 0), coalesce(l.done, 0), CASE WHEN {GOES_ON} THEN l.blocked ELSE 0 END,
        CASE WHEN p.state <> 'stopped' THEN coalesce(l.done, 0) ELSE 0 END
    FROM action_plans p JOIN enrolments e ON e.id = p.enrolment_id JOIN cohorts c ON c.id = e.cohort_id
        JOIN themes t ON t.id = c.theme_id LEFT JOIN (
            SELECT plan_id, count(*) AS every_line,
                sum(CASE WHEN state NOT IN ('done', 'dropped', 'handed_over') THEN 1 ELSE 0 END) AS left_open,
                sum(CASE WHEN state <> 'not_started' THEN 1 ELSE 0 END) AS begun,
                sum(CASE WHEN state = 'done' THEN 1 ELSE 0 END) AS done,
                sum(CASE WHEN state = 'blocked' THEN 1 ELSE 0 END) AS blocked,
                min(CASE WHEN state NOT IN ('done', 'dropped', 'handed_over') THEN due_on END) AS due_on
            FROM activities WHERE removed_at IS NULL AND what <> '' GROUP BY plan_id
        ) l ON l.plan_id = p.id
    WHERE p.submitted_at IS NOT NULL"""
CATCH_UP = (
    LATEST.format(table="activity_reports", line="activity_id"),
    LATEST.format(table="indicator_values", line="indicator_id"),
    "UPDATE activity_reports SET evidence = 'explained' WHERE note <> ''",
    "INSERT INTO evidence_steps (report_id, level, is_undo, how, by_id, by_name, note, taken_at)"
    " SELECT r.id, 'explained', false, u.source, u.recorded_by_id, '', '', u.reported_at FROM activity_reports r"
    " JOIN progress_updates u ON u.id = r.update_id WHERE r.note <> '' AND u.reported_at IS NOT NULL",
    STANDINGS,
    "UPDATE outgoing_emails SET reader = (SELECT 'participant:' || e.participant_id FROM invitations i"
    " JOIN enrolments e ON e.id = i.enrolment_id WHERE i.id = CAST(substr(outgoing_emails.about, 12) AS INTEGER))"
    " WHERE about LIKE 'invitation:%'",
)
FIRST_ANSWERED = (
    "UPDATE survey_versions SET first_answered_at = (SELECT {day} FROM responses r"
    " JOIN waves w ON w.id = r.wave_id WHERE w.survey_version_id = survey_versions.id)"
)
# What the older schema has no place for.
UNKNOWN = "item <> '' OR response_id IN (SELECT id FROM responses WHERE wave_id IS NULL)"
REVIEWED = f"SELECT id FROM comment_reviews WHERE answer_id IN (SELECT id FROM answers WHERE {UNKNOWN})"
FORGET = (
    f"DELETE FROM comment_tags WHERE review_id IN ({REVIEWED})",
    f"DELETE FROM comment_reviews WHERE answer_id IN (SELECT id FROM answers WHERE {UNKNOWN})",
    f"DELETE FROM answers WHERE {UNKNOWN}",
    "DELETE FROM archived_responses",
    "DELETE FROM responses WHERE wave_id IS NULL",
)


def upgrade() -> None:
    op.create_table(
        "file_contents",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_file_contents")),
    )
    op.create_table(
        "reference_frames",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column(
            "kind", sa.Enum("sdg", "goals", name="framekind", native_enum=False, length=40), nullable=False
        ),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reference_frames")),
        sa.UniqueConstraint("key", name=op.f("uq_reference_frames_key")),
    )
    op.create_table(
        "bank_questions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column(
            "level",
            sa.Enum(
                "reaction", "learning", "behaviour", "results", name="level", native_enum=False, length=40
            ),
            nullable=False,
        ),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name=op.f("fk_bank_questions_programme_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_questions")),
        sa.UniqueConstraint("programme_id", "key", name=op.f("uq_bank_questions_programme_id_key")),
    )
    op.create_table(
        "frame_items",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("frame_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("heading", sa.String(length=200), nullable=False),
        sa.Column("text", sa.String(length=300), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_offered", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["frame_id"], ["reference_frames.id"], name=op.f("fk_frame_items_frame_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_frame_items")),
        sa.UniqueConstraint("frame_id", "code", name=op.f("uq_frame_items_frame_id_code")),
    )
    op.create_table(
        "stored_files",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uploaded_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["sha256"], ["file_contents.sha256"], name=op.f("fk_stored_files_sha256")),
        sa.ForeignKeyConstraint(
            ["uploaded_by_id"], ["users.id"], name=op.f("fk_stored_files_uploaded_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stored_files")),
    )
    with op.batch_alter_table("stored_files", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stored_files_sha256"), ["sha256"], unique=False)

    op.create_table(
        "bank_wordings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("wording", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("hint", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("options", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["question_id"],
            ["bank_questions.id"],
            name=op.f("fk_bank_wordings_question_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["written_by_id"], ["users.id"], name=op.f("fk_bank_wordings_written_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_wordings")),
        sa.UniqueConstraint("question_id", "number", name=op.f("uq_bank_wordings_question_id_number")),
    )
    op.create_table(
        "host_solutions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("host_id", sa.Integer(), nullable=False),
        sa.Column(
            "blocker",
            sa.Enum(
                "finance",
                "technology",
                "market",
                "skills",
                "authority",
                "staff",
                "policy",
                "supplies",
                "environment",
                "security",
                "job_change",
                "other",
                name="blocker",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("agreed_on", sa.Date(), nullable=False),
        sa.Column("agreed_by", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["host_id"], ["hosts.id"], name=op.f("fk_host_solutions_host_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_host_solutions")),
        sa.UniqueConstraint("host_id", "blocker", name=op.f("uq_host_solutions_host_id_blocker")),
    )
    op.create_table(
        "materials",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=True),
        sa.Column("blockers", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("languages", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["added_by_id"], ["users.id"], name=op.f("fk_materials_added_by_id")),
        sa.ForeignKeyConstraint(["file_id"], ["stored_files.id"], name=op.f("fk_materials_file_id")),
        sa.ForeignKeyConstraint(["programme_id"], ["programmes.id"], name=op.f("fk_materials_programme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_materials")),
    )
    with op.batch_alter_table("materials", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_materials_programme_id"), ["programme_id"], unique=False)

    op.create_table(
        "archive_drafts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("cohort_id", sa.Integer(), nullable=True),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("mapping", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohorts.id"], name=op.f("fk_archive_drafts_cohort_id")),
        sa.ForeignKeyConstraint(["made_by_id"], ["users.id"], name=op.f("fk_archive_drafts_made_by_id")),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name=op.f("fk_archive_drafts_programme_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archive_drafts")),
    )
    with op.batch_alter_table("archive_drafts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_archive_drafts_programme_id"), ["programme_id"], unique=False)

    op.create_table(
        "archives",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("survey_version_id", sa.Integer(), nullable=False),
        sa.Column("cohort_id", sa.Integer(), nullable=True),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("file_hash", sa.String(length=64), nullable=False),
        sa.Column("mapping", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("collected_from", sa.Date(), nullable=True),
        sa.Column("collected_to", sa.Date(), nullable=True),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("brought_in_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("brought_in_by_id", sa.Integer(), nullable=True),
        sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("present", sa.String(length=80), nullable=True),
        sa.ForeignKeyConstraint(
            ["brought_in_by_id"], ["users.id"], name=op.f("fk_archives_brought_in_by_id")
        ),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohorts.id"], name=op.f("fk_archives_cohort_id")),
        sa.ForeignKeyConstraint(
            ["survey_version_id"], ["survey_versions.id"], name=op.f("fk_archives_survey_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archives")),
        sa.UniqueConstraint("present", name=op.f("uq_archives_present")),
    )
    with op.batch_alter_table("archives", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_archives_cohort_id"), ["cohort_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_archives_survey_version_id"), ["survey_version_id"], unique=False
        )

    op.create_table(
        "survey_sections",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("hint", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("relevant", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["survey_sections.id"],
            name=op.f("fk_survey_sections_parent_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["survey_versions.id"],
            name=op.f("fk_survey_sections_version_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_sections")),
        sa.UniqueConstraint("version_id", "key", name=op.f("uq_survey_sections_version_id_key")),
    )
    op.create_table(
        "due_notices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolments.id"], name=op.f("fk_due_notices_enrolment_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_due_notices")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_due_notices_token_hash")),
    )
    with op.batch_alter_table("due_notices", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_due_notices_enrolment_id"), ["enrolment_id"], unique=False)

    op.create_table(
        "note_cards",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=True),
        sa.Column("wants_contact", sa.Boolean(), nullable=False),
        sa.Column("contact_given_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("form_id", sa.String(length=22), nullable=True),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolments.id"], name=op.f("fk_note_cards_enrolment_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["file_id"], ["stored_files.id"], name=op.f("fk_note_cards_file_id")),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["site_visits.id"], name=op.f("fk_note_cards_visit_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note_cards")),
        sa.UniqueConstraint("form_id", name=op.f("uq_note_cards_form_id")),
    )
    with op.batch_alter_table("note_cards", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_note_cards_enrolment_id_written_at"), ["enrolment_id", "written_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_note_cards_visit_id"), ["visit_id"], unique=False)

    op.create_table(
        "objectives",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["action_plans.id"], name=op.f("fk_objectives_plan_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objectives")),
    )
    with op.batch_alter_table("objectives", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_objectives_plan_id_position"), ["plan_id", "position"], unique=False
        )

    op.create_table(
        "plan_standings",
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("cohort_id", sa.Integer(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("silent_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("unbegun_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("lines_done", sa.Integer(), nullable=False),
        sa.Column("lines_blocked", sa.Integer(), nullable=False),
        sa.Column("lines_unverified", sa.Integer(), nullable=False),
        sa.Column("open_cases", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_plan_standings_owner_id")),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["action_plans.id"], name=op.f("fk_plan_standings_plan_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("plan_id", name=op.f("pk_plan_standings")),
    )
    with op.batch_alter_table("plan_standings", schema=None) as batch_op:
        batch_op.create_index(
            "ix_plan_standings_counts",
            [
                "programme_id",
                "country",
                "cohort_id",
                "owner_id",
                "silent_since",
                "due_on",
                "unbegun_since",
                "lines_blocked",
                "lines_unverified",
                "open_cases",
            ],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_plan_standings_due_on_plan_id"), ["due_on", "plan_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_plan_standings_heard_at_plan_id"), ["heard_at", "plan_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_plan_standings_silent_since_plan_id"), ["silent_since", "plan_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_plan_standings_unbegun_since_plan_id"), ["unbegun_since", "plan_id"], unique=False
        )

    op.create_table(
        "risks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("risk", sa.Text(), nullable=False),
        sa.Column("response", sa.Text(), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["action_plans.id"], name=op.f("fk_risks_plan_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_risks")),
    )
    with op.batch_alter_table("risks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_risks_plan_id_position"), ["plan_id", "position"], unique=False)

    op.create_table(
        "sealed_boxes",
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("slips", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["wave_id"], ["waves.id"], name=op.f("fk_sealed_boxes_wave_id")),
        sa.PrimaryKeyConstraint("wave_id", name=op.f("pk_sealed_boxes")),
    )
    op.create_table(
        "supervisor_checks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("form_id", sa.String(length=22), nullable=True),
        sa.ForeignKeyConstraint(["asked_by_id"], ["users.id"], name=op.f("fk_supervisor_checks_asked_by_id")),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["action_plans.id"], name=op.f("fk_supervisor_checks_plan_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supervisor_checks")),
        sa.UniqueConstraint("form_id", name=op.f("uq_supervisor_checks_form_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_supervisor_checks_token_hash")),
    )
    with op.batch_alter_table("supervisor_checks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_supervisor_checks_plan_id"), ["plan_id"], unique=False)

    op.create_table(
        "email_replies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("raw_hash", sa.String(length=64), nullable=False),
        sa.Column("invitation_id", sa.Integer(), nullable=False),
        sa.Column("email_id", sa.Integer(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sender", sa.String(length=320), nullable=False),
        sa.Column("message_id", sa.String(length=255), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "waits",
                "replaced",
                "unclear",
                "asked",
                "stopped",
                "stranger",
                "unwanted",
                "too_late",
                "anonymous",
                "by_hand",
                name="outcome",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("wish", sa.String(length=20), nullable=True),
        sa.Column("said", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("unclear", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("is_renumbered", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["email_id"], ["outgoing_emails.id"], name=op.f("fk_email_replies_email_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["invitation_id"],
            ["invitations.id"],
            name=op.f("fk_email_replies_invitation_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_email_replies")),
        sa.UniqueConstraint("raw_hash", name=op.f("uq_email_replies_raw_hash")),
    )
    with op.batch_alter_table("email_replies", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_email_replies_email_id"), ["email_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_email_replies_invitation_id_received_at"),
            ["invitation_id", "received_at"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_email_replies_outcome_received_at"), ["outcome", "received_at"], unique=False
        )

    op.create_table(
        "proposals",
        sa.Column("invitation_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "source",
            sa.Enum(
                "self",
                "phone",
                "email",
                "file",
                "supervisor",
                "document",
                "visit",
                name="source",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("fields", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["invitations.id"], name=op.f("fk_proposals_invitation_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("invitation_id", name=op.f("pk_proposals")),
    )
    op.create_table(
        "supervisor_agreements",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("plan_version_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_undelivered", sa.Boolean(), nullable=False),
        sa.Column(
            "answer",
            sa.Enum("agreed", "not_yet", name="supervisorword", native_enum=False, length=40),
            nullable=True,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("form_id", sa.String(length=22), nullable=True),
        sa.ForeignKeyConstraint(
            ["plan_id"],
            ["action_plans.id"],
            name=op.f("fk_supervisor_agreements_plan_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["plan_version_id"],
            ["plan_versions.id"],
            name=op.f("fk_supervisor_agreements_plan_version_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supervisor_agreements")),
        sa.UniqueConstraint("form_id", name=op.f("uq_supervisor_agreements_form_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_supervisor_agreements_token_hash")),
    )
    with op.batch_alter_table("supervisor_agreements", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_supervisor_agreements_plan_id"), ["plan_id"], unique=False)

    op.create_table(
        "archived_responses",
        sa.Column("response_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("archive_id", sa.Integer(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("respondent", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["archive_id"], ["archives.id"], name=op.f("fk_archived_responses_archive_id")
        ),
        sa.ForeignKeyConstraint(
            ["response_id"],
            ["responses.id"],
            name=op.f("fk_archived_responses_response_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("response_id", name=op.f("pk_archived_responses")),
        sa.UniqueConstraint("archive_id", "row", name=op.f("uq_archived_responses_archive_id_row")),
    )
    with op.batch_alter_table("archived_responses", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_archived_responses_respondent"), ["respondent"], unique=False)

    op.create_table(
        "due_lines",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column(
            "what",
            sa.Enum("activity", "first_step", name="duewhat", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activities.id"], name=op.f("fk_due_lines_activity_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["due_notices.id"], name=op.f("fk_due_lines_notice_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_due_lines")),
        sa.UniqueConstraint(
            "activity_id", "what", "due_on", name=op.f("uq_due_lines_activity_id_what_due_on")
        ),
    )
    with op.batch_alter_table("due_lines", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_due_lines_notice_id"), ["notice_id"], unique=False)

    op.create_table(
        "evidence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("update_id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=True),
        sa.Column("indicator_id", sa.Integer(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum("photo", "file", "link", name="evidencekind", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("file_id", sa.Integer(), nullable=True),
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column("caption", sa.String(length=300), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activities.id"], name=op.f("fk_evidence_activity_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["file_id"], ["stored_files.id"], name=op.f("fk_evidence_file_id")),
        sa.ForeignKeyConstraint(
            ["indicator_id"], ["indicators.id"], name=op.f("fk_evidence_indicator_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["update_id"], ["progress_updates.id"], name=op.f("fk_evidence_update_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
    )
    with op.batch_alter_table("evidence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_evidence_update_id"), ["update_id"], unique=False)

    op.create_table(
        "peer_consents",
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("is_given", sa.Boolean(), nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activities.id"], name=op.f("fk_peer_consents_activity_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("activity_id", name=op.f("pk_peer_consents")),
    )
    op.create_table(
        "evidence_steps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=True),
        sa.Column("value_id", sa.Integer(), nullable=True),
        sa.Column(
            "level",
            sa.Enum(
                "claimed",
                "explained",
                "documented",
                "confirmed",
                "verified",
                name="evidencelevel",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("is_undo", sa.Boolean(), nullable=False),
        sa.Column(
            "how",
            sa.Enum(
                "self",
                "phone",
                "email",
                "file",
                "supervisor",
                "document",
                "visit",
                name="source",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(report_id IS NULL) <> (value_id IS NULL)", name=op.f("ck_evidence_steps_one_line")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_evidence_steps_by_id")),
        sa.ForeignKeyConstraint(
            ["report_id"],
            ["activity_reports.id"],
            name=op.f("fk_evidence_steps_report_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["value_id"], ["indicator_values.id"], name=op.f("fk_evidence_steps_value_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_steps")),
    )
    with op.batch_alter_table("evidence_steps", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_evidence_steps_report_id"), ["report_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_evidence_steps_value_id"), ["value_id"], unique=False)

    op.create_table(
        "help_cases",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=True),
        sa.Column(
            "blocker",
            sa.Enum(
                "finance",
                "technology",
                "market",
                "skills",
                "authority",
                "staff",
                "policy",
                "supplies",
                "environment",
                "security",
                "job_change",
                "other",
                name="blocker",
                native_enum=False,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("wish", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "in_hand",
                "answered",
                "solved",
                "not_possible",
                name="casestate",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("helped", sa.Text(), nullable=False),
        sa.Column("form_id", sa.String(length=22), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activities.id"], name=op.f("fk_help_cases_activity_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_help_cases_owner_id")),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["action_plans.id"], name=op.f("fk_help_cases_plan_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["activity_reports.id"], name=op.f("fk_help_cases_report_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_help_cases")),
        sa.UniqueConstraint("form_id", name=op.f("uq_help_cases_form_id")),
        sa.UniqueConstraint("report_id", name=op.f("uq_help_cases_report_id")),
    )
    with op.batch_alter_table("help_cases", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_help_cases_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_help_cases_plan_id"), ["plan_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_help_cases_state_due_on_id"), ["state", "due_on", "id"], unique=False
        )
        batch_op.create_index(
            "uq_help_cases_live",
            ["activity_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('open', 'in_hand')"),
            postgresql_where=sa.text("state IN ('open', 'in_hand')"),
        )

    op.create_table(
        "supervisor_answers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("check_id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=True),
        sa.Column("value_id", sa.Integer(), nullable=True),
        sa.Column(
            "said",
            sa.Enum("yes", "partly", "no", "unknown", name="confirmation", native_enum=False, length=40),
            nullable=True,
        ),
        sa.CheckConstraint(
            "(report_id IS NULL) <> (value_id IS NULL)", name=op.f("ck_supervisor_answers_one_line")
        ),
        sa.ForeignKeyConstraint(
            ["check_id"],
            ["supervisor_checks.id"],
            name=op.f("fk_supervisor_answers_check_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["report_id"],
            ["activity_reports.id"],
            name=op.f("fk_supervisor_answers_report_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["value_id"],
            ["indicator_values.id"],
            name=op.f("fk_supervisor_answers_value_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supervisor_answers")),
    )
    with op.batch_alter_table("supervisor_answers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_supervisor_answers_check_id"), ["check_id"], unique=False)

    op.create_table(
        "case_notes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("form_id", sa.String(length=22), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_case_notes_by_id")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["help_cases.id"], name=op.f("fk_case_notes_case_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_notes")),
        sa.UniqueConstraint("form_id", name=op.f("uq_case_notes_form_id")),
    )
    with op.batch_alter_table("case_notes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_notes_case_id"), ["case_id"], unique=False)

    with op.batch_alter_table("action_plans", schema=None) as batch_op:
        batch_op.add_column(sa.Column("beneficiaries", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("support_wanted", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(
            sa.Column(
                "sdg_targets",
                sa.JSON().with_variant(JSONB(), "postgresql"),
                nullable=False,
                server_default="[]",
            )
        )
        batch_op.add_column(
            sa.Column(
                "frame_goals",
                sa.JSON().with_variant(JSONB(), "postgresql"),
                nullable=False,
                server_default="[]",
            )
        )

    with op.batch_alter_table("activities", schema=None) as batch_op:
        batch_op.add_column(sa.Column("objective_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("note_card_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("partners", sa.String(length=300), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("payer", sa.String(length=200), nullable=False, server_default=""))
        batch_op.create_foreign_key(
            batch_op.f("fk_activities_note_card_id"),
            "note_cards",
            ["note_card_id"],
            ["id"],
            ondelete="SET NULL",
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_activities_objective_id"),
            "objectives",
            ["objective_id"],
            ["id"],
            ondelete="SET NULL",
        )

    with op.batch_alter_table("activity_reports", schema=None) as batch_op:
        batch_op.add_column(sa.Column("percent", sa.Integer(), nullable=True))
        batch_op.add_column(
            sa.Column(
                "blocker",
                sa.Enum(
                    "finance",
                    "technology",
                    "market",
                    "skills",
                    "authority",
                    "staff",
                    "policy",
                    "supplies",
                    "environment",
                    "security",
                    "job_change",
                    "other",
                    name="blocker",
                    native_enum=False,
                    length=40,
                ),
                nullable=True,
            )
        )
        batch_op.add_column(sa.Column("wants_help", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("help_text", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(
            sa.Column(
                "evidence",
                sa.Enum(
                    "claimed",
                    "explained",
                    "documented",
                    "confirmed",
                    "verified",
                    name="evidencelevel",
                    native_enum=False,
                    length=40,
                ),
                nullable=False,
                server_default="claimed",
            )
        )
        batch_op.add_column(sa.Column("is_latest", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.create_index(
            "uq_activity_reports_latest",
            ["activity_id"],
            unique=True,
            sqlite_where=sa.text("is_latest"),
            postgresql_where=sa.text("is_latest"),
        )

    with op.batch_alter_table("answers", schema=None) as batch_op:
        batch_op.add_column(sa.Column("item", sa.String(length=60), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("file_id", sa.Integer(), nullable=True))
        batch_op.drop_constraint(batch_op.f("uq_answers_response_id_question_id_choice"), type_="unique")
        batch_op.create_index(batch_op.f("ix_answers_file_id"), ["file_id"], unique=False)
        batch_op.create_unique_constraint(
            batch_op.f("uq_answers_response_id_question_id_item_choice"),
            ["response_id", "question_id", "item", "choice"],
        )
        batch_op.create_foreign_key(batch_op.f("fk_answers_file_id"), "stored_files", ["file_id"], ["id"])

    with op.batch_alter_table("indicator_values", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "parts", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False, server_default="{}"
            )
        )
        batch_op.add_column(sa.Column("note", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("is_latest", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.create_index(
            "uq_indicator_values_latest",
            ["indicator_id"],
            unique=True,
            sqlite_where=sa.text("is_latest"),
            postgresql_where=sa.text("is_latest"),
        )

    with op.batch_alter_table("indicators", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "disaggregation",
                sa.Enum(
                    "none", "sex", "firm_kind", "age", name="disaggregation", native_enum=False, length=40
                ),
                nullable=False,
                server_default="none",
            )
        )
        batch_op.add_column(sa.Column("counted_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("evidence", sa.Text(), nullable=False, server_default=""))

    with op.batch_alter_table("invitations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("sent_with", sa.String(length=22), nullable=True))

    with op.batch_alter_table("outgoing_emails", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reader", sa.String(length=80), nullable=True))
        batch_op.create_index(
            "ix_outgoing_emails_reader",
            ["reader", "state"],
            unique=False,
            sqlite_where=sa.text("reader IS NOT NULL"),
            postgresql_where=sa.text("reader IS NOT NULL"),
        )

    with op.batch_alter_table("plan_comments", schema=None) as batch_op:
        batch_op.add_column(sa.Column("objective_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("risk_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("field", sa.String(length=40), nullable=False, server_default=""))
        batch_op.create_foreign_key(
            batch_op.f("fk_plan_comments_risk_id"), "risks", ["risk_id"], ["id"], ondelete="SET NULL"
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_plan_comments_objective_id"),
            "objectives",
            ["objective_id"],
            ["id"],
            ondelete="SET NULL",
        )

    with op.batch_alter_table("progress_updates", schema=None) as batch_op:
        batch_op.add_column(sa.Column("corrects_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_progress_updates_corrects_id"), "progress_updates", ["corrects_id"], ["id"]
        )

    with op.batch_alter_table("questions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("section_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("relevant", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("required_if", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("constraint", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(
            sa.Column(
                "constraint_text",
                sa.JSON().with_variant(JSONB(), "postgresql"),
                nullable=False,
                server_default="{}",
            )
        )
        batch_op.add_column(sa.Column("calculation", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("choice_filter", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("appearance", sa.String(length=120), nullable=False, server_default=""))
        batch_op.create_foreign_key(
            batch_op.f("fk_questions_section_id"), "survey_sections", ["section_id"], ["id"]
        )

    with op.batch_alter_table("responses", schema=None) as batch_op:
        batch_op.add_column(sa.Column("told_on", sa.Date(), nullable=True))
        batch_op.add_column(
            sa.Column(
                "touched", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False, server_default="{}"
            )
        )
        batch_op.alter_column("wave_id", existing_type=sa.INTEGER(), nullable=True)

    with op.batch_alter_table("survey_versions", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("asked_elsewhere", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch_op.add_column(sa.Column("first_answered_at", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))

    with op.batch_alter_table("surveys", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "audience",
                sa.Enum("alumni", "supervisors", "hosts", name="audience", native_enum=False, length=40),
                server_default="alumni",
                nullable=False,
            )
        )

    for change in CATCH_UP:
        op.execute(change)
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    first = "min(r.saved_at)"
    op.execute(FIRST_ANSWERED.format(day=f"date({first})" if is_sqlite else f"CAST({first} AS date)"))
    _fill_bank(op.get_bind())


def _fill_bank(connection: sa.Connection) -> None:
    """Every key that was published, with its words of each version in which they changed."""
    columns = "SELECT s.programme_id, q.key, q.kind, q.level, q.wording, q.hint, q.options, v.published_at, s.title, v.number"
    published = sa.text(
        f"{columns} FROM questions q JOIN survey_versions v ON v.id = q.version_id"
        " JOIN surveys s ON s.id = v.survey_id WHERE v.published_at IS NOT NULL ORDER BY v.published_at, v.id, q.position"
    ).columns(wording=JSON, hint=JSON, options=JSON, published_at=sa.DateTime(timezone=True))
    kinds = ("id", "programme_id", "key", "kind", "level", "made_at", "version")
    entries = sa.table("bank_questions", *map(sa.column, kinds))
    words = sa.table(
        "bank_wordings",
        *map(sa.column, ("question_id", "number", "why", "written_at")),
        *(sa.column(name, JSON) for name in ("wording", "hint", "options")),
    )
    known: dict[tuple[int, str], tuple[int, str]] = {}
    latest: dict[int, tuple[int, object]] = {}
    for row in connection.execute(published).all():
        place = (row.programme_id, row.key)
        if place not in known:
            facts = {"programme_id": row.programme_id, "key": row.key, "kind": row.kind, "level": row.level}
            facts |= {"made_at": row.published_at, "version": 1}
            made = connection.execute(sa.insert(entries).values(**facts).returning(entries.c.id))
            known[place] = made.scalar_one(), row.kind
        entry, kind = known[place]
        said = (row.wording, row.hint, row.options)
        number, before = latest.get(entry, (0, None))
        if kind != row.kind or said == before:
            continue
        latest[entry] = number + 1, said
        connection.execute(
            sa.insert(words).values(
                question_id=entry,
                number=number + 1,
                wording=row.wording,
                hint=row.hint,
                options=row.options,
                why=f"{row.title}, version {row.number}",
                written_at=row.published_at,
            )
        )


def downgrade() -> None:
    for change in FORGET:
        op.execute(change)
    with op.batch_alter_table("surveys", schema=None) as batch_op:
        batch_op.drop_column("audience")

    with op.batch_alter_table("survey_versions", schema=None) as batch_op:
        batch_op.drop_column("version")
        batch_op.drop_column("first_answered_at")
        batch_op.drop_column("asked_elsewhere")

    with op.batch_alter_table("responses", schema=None) as batch_op:
        batch_op.alter_column("wave_id", existing_type=sa.INTEGER(), nullable=False)
        batch_op.drop_column("touched")
        batch_op.drop_column("told_on")

    with op.batch_alter_table("questions", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_questions_section_id"), type_="foreignkey")
        batch_op.drop_column("appearance")
        batch_op.drop_column("choice_filter")
        batch_op.drop_column("calculation")
        batch_op.drop_column("constraint_text")
        batch_op.drop_column("constraint")
        batch_op.drop_column("required_if")
        batch_op.drop_column("relevant")
        batch_op.drop_column("section_id")

    with op.batch_alter_table("progress_updates", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_progress_updates_corrects_id"), type_="foreignkey")
        batch_op.drop_column("corrects_id")

    with op.batch_alter_table("plan_comments", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_plan_comments_objective_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_plan_comments_risk_id"), type_="foreignkey")
        batch_op.drop_column("field")
        batch_op.drop_column("risk_id")
        batch_op.drop_column("objective_id")

    with op.batch_alter_table("outgoing_emails", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_outgoing_emails_reader",
            sqlite_where=sa.text("reader IS NOT NULL"),
            postgresql_where=sa.text("reader IS NOT NULL"),
        )
        batch_op.drop_column("reader")

    with op.batch_alter_table("invitations", schema=None) as batch_op:
        batch_op.drop_column("sent_with")

    with op.batch_alter_table("indicators", schema=None) as batch_op:
        batch_op.drop_column("evidence")
        batch_op.drop_column("counted_on")
        batch_op.drop_column("disaggregation")

    with op.batch_alter_table("indicator_values", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_indicator_values_latest",
            sqlite_where=sa.text("is_latest"),
            postgresql_where=sa.text("is_latest"),
        )
        batch_op.drop_column("is_latest")
        batch_op.drop_column("note")
        batch_op.drop_column("parts")

    with op.batch_alter_table("answers", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_answers_file_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("uq_answers_response_id_question_id_item_choice"), type_="unique")
        batch_op.drop_index(batch_op.f("ix_answers_file_id"))
        batch_op.create_unique_constraint(
            batch_op.f("uq_answers_response_id_question_id_choice"), ["response_id", "question_id", "choice"]
        )
        batch_op.drop_column("file_id")
        batch_op.drop_column("item")

    with op.batch_alter_table("activity_reports", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_activity_reports_latest",
            sqlite_where=sa.text("is_latest"),
            postgresql_where=sa.text("is_latest"),
        )
        batch_op.drop_column("is_latest")
        batch_op.drop_column("evidence")
        batch_op.drop_column("help_text")
        batch_op.drop_column("wants_help")
        batch_op.drop_column("blocker")
        batch_op.drop_column("percent")

    with op.batch_alter_table("activities", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_activities_objective_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_activities_note_card_id"), type_="foreignkey")
        batch_op.drop_column("payer")
        batch_op.drop_column("partners")
        batch_op.drop_column("note_card_id")
        batch_op.drop_column("objective_id")

    with op.batch_alter_table("action_plans", schema=None) as batch_op:
        batch_op.drop_column("frame_goals")
        batch_op.drop_column("sdg_targets")
        batch_op.drop_column("support_wanted")
        batch_op.drop_column("beneficiaries")

    with op.batch_alter_table("case_notes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_notes_case_id"))

    op.drop_table("case_notes")
    with op.batch_alter_table("supervisor_answers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_supervisor_answers_check_id"))

    op.drop_table("supervisor_answers")
    with op.batch_alter_table("help_cases", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_help_cases_live",
            sqlite_where=sa.text("state IN ('open', 'in_hand')"),
            postgresql_where=sa.text("state IN ('open', 'in_hand')"),
        )
        batch_op.drop_index(batch_op.f("ix_help_cases_state_due_on_id"))
        batch_op.drop_index(batch_op.f("ix_help_cases_plan_id"))
        batch_op.drop_index(batch_op.f("ix_help_cases_owner_id"))

    op.drop_table("help_cases")
    with op.batch_alter_table("evidence_steps", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_evidence_steps_value_id"))
        batch_op.drop_index(batch_op.f("ix_evidence_steps_report_id"))

    op.drop_table("evidence_steps")
    op.drop_table("peer_consents")
    with op.batch_alter_table("evidence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_evidence_update_id"))

    op.drop_table("evidence")
    with op.batch_alter_table("due_lines", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_due_lines_notice_id"))

    op.drop_table("due_lines")
    with op.batch_alter_table("archived_responses", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_archived_responses_respondent"))

    op.drop_table("archived_responses")
    with op.batch_alter_table("supervisor_agreements", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_supervisor_agreements_plan_id"))

    op.drop_table("supervisor_agreements")
    op.drop_table("proposals")
    with op.batch_alter_table("email_replies", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_email_replies_outcome_received_at"))
        batch_op.drop_index(batch_op.f("ix_email_replies_invitation_id_received_at"))
        batch_op.drop_index(batch_op.f("ix_email_replies_email_id"))

    op.drop_table("email_replies")
    with op.batch_alter_table("supervisor_checks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_supervisor_checks_plan_id"))

    op.drop_table("supervisor_checks")
    op.drop_table("sealed_boxes")
    with op.batch_alter_table("risks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_risks_plan_id_position"))

    op.drop_table("risks")
    with op.batch_alter_table("plan_standings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_plan_standings_unbegun_since_plan_id"))
        batch_op.drop_index(batch_op.f("ix_plan_standings_silent_since_plan_id"))
        batch_op.drop_index(batch_op.f("ix_plan_standings_heard_at_plan_id"))
        batch_op.drop_index(batch_op.f("ix_plan_standings_due_on_plan_id"))
        batch_op.drop_index("ix_plan_standings_counts")

    op.drop_table("plan_standings")
    with op.batch_alter_table("objectives", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_objectives_plan_id_position"))

    op.drop_table("objectives")
    with op.batch_alter_table("note_cards", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_note_cards_visit_id"))
        batch_op.drop_index(batch_op.f("ix_note_cards_enrolment_id_written_at"))

    op.drop_table("note_cards")
    with op.batch_alter_table("due_notices", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_due_notices_enrolment_id"))

    op.drop_table("due_notices")
    op.drop_table("survey_sections")
    with op.batch_alter_table("archives", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_archives_survey_version_id"))
        batch_op.drop_index(batch_op.f("ix_archives_cohort_id"))

    op.drop_table("archives")
    with op.batch_alter_table("archive_drafts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_archive_drafts_programme_id"))

    op.drop_table("archive_drafts")
    with op.batch_alter_table("materials", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_materials_programme_id"))

    op.drop_table("materials")
    op.drop_table("host_solutions")
    op.drop_table("bank_wordings")
    with op.batch_alter_table("stored_files", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_stored_files_sha256"))

    op.drop_table("stored_files")
    op.drop_table("frame_items")
    op.drop_table("bank_questions")
    op.drop_table("reference_frames")
    op.drop_table("file_contents")
