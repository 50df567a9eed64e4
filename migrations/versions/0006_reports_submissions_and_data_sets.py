"""reports, IATI, sessions, submissions and data sets"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "dataset_releases",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("licence", sa.String(length=40), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("k", sa.Integer(), nullable=False),
        sa.Column("levels", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("check", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("groups", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["made_by_id"], ["users.id"], name=op.f("fk_dataset_releases_made_by_id")),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name=op.f("fk_dataset_releases_programme_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dataset_releases")),
        sa.UniqueConstraint("programme_id", "number", name=op.f("uq_dataset_releases_programme_id_number")),
    )
    op.create_table(
        "iati_details",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("organisation_ref", sa.String(length=100), nullable=False),
        sa.Column("organisation_name", sa.String(length=200), nullable=False),
        sa.Column("organisation_type", sa.String(length=2), nullable=False),
        sa.Column("sector", sa.String(length=5), nullable=False),
        sa.Column("aid_type", sa.String(length=3), nullable=False),
        sa.Column("collaboration", sa.String(length=1), nullable=False),
        sa.Column("flow", sa.String(length=2), nullable=False),
        sa.Column("finance", sa.String(length=4), nullable=False),
        sa.Column("tied", sa.String(length=1), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("sdgs", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("contact_name", sa.String(length=200), nullable=False),
        sa.Column("contact_email", sa.String(length=320), nullable=False),
        sa.Column("website", sa.String(length=300), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name=op.f("fk_iati_details_programme_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_iati_details")),
        sa.UniqueConstraint("programme_id", name=op.f("uq_iati_details_programme_id")),
    )
    op.create_table(
        "partner_identities",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("ref", sa.String(length=100), nullable=False),
        sa.Column("type", sa.String(length=2), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name=op.f("fk_partner_identities_programme_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_identities")),
        sa.UniqueConstraint("programme_id", "name", name=op.f("uq_partner_identities_programme_id_name")),
    )
    op.create_table(
        "public_pages",
        sa.Column("programme_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("may_be_found", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name=op.f("fk_public_pages_programme_id")
        ),
        sa.PrimaryKeyConstraint("programme_id", name=op.f("pk_public_pages")),
    )
    op.create_table(
        "reference_files",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("activities", sa.Integer(), nullable=False),
        sa.Column("warnings", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["read_by_id"], ["users.id"], name=op.f("fk_reference_files_read_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reference_files")),
    )
    with op.batch_alter_table("reference_files", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reference_files_sha256"), ["sha256"], unique=False)

    op.create_table(
        "submissions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=True),
        sa.Column("texts", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("languages", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("labels", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("proposed", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("unplaced", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("draft", "handed_in", "discarded", name="submissionstate", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("form_id", sa.String(length=40), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.Column("handed_in_on", sa.Date(), nullable=True),
        sa.Column("handed_in_by_id", sa.Integer(), nullable=True),
        sa.Column("address", sa.String(length=500), nullable=False),
        sa.Column("figures", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["changed_by_id"], ["users.id"], name=op.f("fk_submissions_changed_by_id")),
        sa.ForeignKeyConstraint(
            ["handed_in_by_id"], ["users.id"], name=op.f("fk_submissions_handed_in_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name=op.f("fk_submissions_programme_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submissions")),
        sa.UniqueConstraint("form_id", name=op.f("uq_submissions_form_id")),
    )
    with op.batch_alter_table("submissions", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_submissions_programme_id_state"), ["programme_id", "state"], unique=False
        )

    op.create_table(
        "year_budgets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=16, scale=2), nullable=False),
        sa.Column("is_committed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name=op.f("fk_year_budgets_programme_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_year_budgets")),
        sa.UniqueConstraint("programme_id", "year", name=op.f("uq_year_budgets_programme_id_year")),
    )
    op.create_table(
        "reference_activities",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("identifier", sa.String(length=500), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("is_latest", sa.Boolean(), nullable=False),
        sa.Column("publisher_ref", sa.String(length=500), nullable=False),
        sa.Column("publisher", sa.String(length=300), nullable=False),
        sa.Column("title", sa.String(length=500), nullable=False),
        sa.Column("titles", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("descriptions", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("status", sa.String(length=2), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("countries", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("regions", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("sectors", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("sdgs", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("indicators", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["reference_files.id"], name=op.f("fk_reference_activities_file_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reference_activities")),
        sa.UniqueConstraint("identifier", "version", name=op.f("uq_reference_activities_identifier_version")),
    )
    with op.batch_alter_table("reference_activities", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reference_activities_file_id"), ["file_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_reference_activities_is_latest_publisher_title_id"),
            ["is_latest", "publisher", "title", "id"],
            unique=False,
        )

    op.create_table(
        "agenda_sessions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cohort_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("speaker", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohorts.id"], name=op.f("fk_agenda_sessions_cohort_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agenda_sessions")),
        sa.UniqueConstraint(
            "cohort_id", "held_on", "title", name=op.f("uq_agenda_sessions_cohort_id_held_on_title")
        ),
    )
    op.create_table(
        "reference_indicators",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("result_type", sa.String(length=2), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("measure", sa.String(length=2), nullable=False),
        sa.Column("is_ascending", sa.Boolean(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("titles", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("sdgs", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("baselines", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("periods", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"],
            ["reference_activities.id"],
            name=op.f("fk_reference_indicators_activity_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reference_indicators")),
    )
    with op.batch_alter_table("reference_indicators", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_reference_indicators_activity_id_position"),
            ["activity_id", "position"],
            unique=False,
        )

    op.create_table(
        "reports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("cohort_id", sa.Integer(), nullable=True),
        sa.Column("first_year", sa.Integer(), nullable=True),
        sa.Column("last_year", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
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
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "published",
                "replaced",
                "withdrawn",
                name="reportstate",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("replaces_id", sa.Integer(), nullable=True),
        sa.Column("corrects", sa.Text(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("begun_by_id", sa.Integer(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_by_id", sa.Integer(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_because", sa.Text(), nullable=False),
        sa.Column("frozen", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=True),
        sa.Column("form_id", sa.String(length=22), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["begun_by_id"], ["users.id"], name=op.f("fk_reports_begun_by_id")),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohorts.id"], name=op.f("fk_reports_cohort_id")),
        sa.ForeignKeyConstraint(["programme_id"], ["programmes.id"], name=op.f("fk_reports_programme_id")),
        sa.ForeignKeyConstraint(["published_by_id"], ["users.id"], name=op.f("fk_reports_published_by_id")),
        sa.ForeignKeyConstraint(["replaces_id"], ["reports.id"], name=op.f("fk_reports_replaces_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
        sa.UniqueConstraint("form_id", name=op.f("uq_reports_form_id")),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_reports_replaces_id")),
    )
    with op.batch_alter_table("reports", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reports_cohort_id"), ["cohort_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_reports_programme_id_published_at"), ["programme_id", "published_at"], unique=False
        )

    op.create_table(
        "reference_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("indicator_id", sa.Integer(), nullable=False),
        sa.Column("frame_indicator_id", sa.Integer(), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("linked_by_id", sa.Integer(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["frame_indicator_id"],
            ["frame_indicators.id"],
            name=op.f("fk_reference_links_frame_indicator_id"),
        ),
        sa.ForeignKeyConstraint(
            ["indicator_id"],
            ["reference_indicators.id"],
            name=op.f("fk_reference_links_indicator_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["linked_by_id"], ["users.id"], name=op.f("fk_reference_links_linked_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reference_links")),
    )
    with op.batch_alter_table("reference_links", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_reference_links_frame_indicator_id"), ["frame_indicator_id"], unique=False
        )
        batch_op.create_index(
            "uq_reference_links_open",
            ["indicator_id", "frame_indicator_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "report_sections",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_told", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["report_id"], ["reports.id"], name=op.f("fk_report_sections_report_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_sections")),
        sa.UniqueConstraint("report_id", "key", name=op.f("uq_report_sections_report_id_key")),
    )
    op.create_table(
        "counted_parts",
        sa.Column("wave_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("responses", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("figures", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("cells", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(
            ["wave_id"], ["waves.id"], name=op.f("fk_counted_parts_wave_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("wave_id", "number", name=op.f("pk_counted_parts")),
    )
    op.create_table(
        "earlier_report_texts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("section_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["section_id"],
            ["report_sections.id"],
            name=op.f("fk_earlier_report_texts_section_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["written_by_id"], ["users.id"], name=op.f("fk_earlier_report_texts_written_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_earlier_report_texts")),
    )
    with op.batch_alter_table("earlier_report_texts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_earlier_report_texts_section_id"), ["section_id"], unique=False)

    op.create_table(
        "report_texts",
        sa.Column("section_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["section_id"],
            ["report_sections.id"],
            name=op.f("fk_report_texts_section_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["written_by_id"], ["users.id"], name=op.f("fk_report_texts_written_by_id")),
        sa.PrimaryKeyConstraint("section_id", name=op.f("pk_report_texts")),
    )
    op.create_table(
        "report_quotes",
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("answer_id", sa.Integer(), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["answer_id"], ["answers.id"], name=op.f("fk_report_quotes_answer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["reports.id"], name=op.f("fk_report_quotes_report_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("report_id", "answer_id", name=op.f("pk_report_quotes")),
    )
    with op.batch_alter_table("report_quotes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_report_quotes_answer_id"), ["answer_id"], unique=False)

    op.drop_table("counted_waves")
    with op.batch_alter_table("action_plans", schema=None) as batch_op:
        batch_op.add_column(sa.Column("session_id", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_action_plans_session_id"), ["session_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_action_plans_session_id"), "agenda_sessions", ["session_id"], ["id"]
        )

    with op.batch_alter_table("audit_entries", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_entries_subject_subject_id_id"))
        batch_op.create_index(
            batch_op.f("ix_audit_entries_subject_subject_id_id_verb_at"),
            ["subject", "subject_id", "id", "verb", "at"],
            unique=False,
        )

    with op.batch_alter_table("invitations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_invitations_wave_id_state"))
        batch_op.create_index(
            batch_op.f("ix_invitations_wave_id_state_answered_at"),
            ["wave_id", "state", "answered_at"],
            unique=False,
        )

    with op.batch_alter_table("promises", schema=None) as batch_op:
        batch_op.add_column(sa.Column("form_id", sa.String(length=22), nullable=True))
        batch_op.create_unique_constraint(batch_op.f("uq_promises_form_id"), ["form_id"])

    with op.batch_alter_table("responses", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_responses_wave_id_state_saved_at"))
        batch_op.create_index(
            batch_op.f("ix_responses_wave_id_state_id_saved_at"),
            ["wave_id", "state", "id", "saved_at"],
            unique=False,
        )


def downgrade() -> None:
    with op.batch_alter_table("responses", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_responses_wave_id_state_id_saved_at"))
        batch_op.create_index(
            batch_op.f("ix_responses_wave_id_state_saved_at"), ["wave_id", "state", "saved_at"], unique=False
        )

    with op.batch_alter_table("promises", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_promises_form_id"), type_="unique")
        batch_op.drop_column("form_id")

    with op.batch_alter_table("invitations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_invitations_wave_id_state_answered_at"))
        batch_op.create_index(batch_op.f("ix_invitations_wave_id_state"), ["wave_id", "state"], unique=False)

    with op.batch_alter_table("audit_entries", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_entries_subject_subject_id_id_verb_at"))
        batch_op.create_index(
            batch_op.f("ix_audit_entries_subject_subject_id_id"),
            ["subject", "subject_id", "id"],
            unique=False,
        )

    with op.batch_alter_table("action_plans", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_action_plans_session_id"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_action_plans_session_id"))
        batch_op.drop_column("session_id")

    op.create_table(
        "counted_waves",
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("stamp", sa.String(length=60), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcomes", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("figures", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("cells", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(
            ["wave_id"], ["waves.id"], name=op.f("fk_counted_waves_wave_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("wave_id", name=op.f("pk_counted_waves")),
    )
    with op.batch_alter_table("report_quotes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_report_quotes_answer_id"))

    op.drop_table("report_quotes")
    op.drop_table("report_texts")
    with op.batch_alter_table("earlier_report_texts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_earlier_report_texts_section_id"))

    op.drop_table("earlier_report_texts")
    op.drop_table("counted_parts")
    op.drop_table("report_sections")
    with op.batch_alter_table("reference_links", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_reference_links_open",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_reference_links_frame_indicator_id"))

    op.drop_table("reference_links")
    with op.batch_alter_table("reports", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reports_programme_id_published_at"))
        batch_op.drop_index(batch_op.f("ix_reports_cohort_id"))

    op.drop_table("reports")
    with op.batch_alter_table("reference_indicators", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reference_indicators_activity_id_position"))

    op.drop_table("reference_indicators")
    op.drop_table("agenda_sessions")
    with op.batch_alter_table("reference_activities", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reference_activities_is_latest_publisher_title_id"))
        batch_op.drop_index(batch_op.f("ix_reference_activities_file_id"))

    op.drop_table("reference_activities")
    op.drop_table("year_budgets")
    with op.batch_alter_table("submissions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_submissions_programme_id_state"))

    op.drop_table("submissions")
    with op.batch_alter_table("reference_files", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reference_files_sha256"))

    op.drop_table("reference_files")
    op.drop_table("public_pages")
    op.drop_table("partner_identities")
    op.drop_table("iati_details")
    op.drop_table("dataset_releases")
