"""Reports, submissions and data sets."""

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


def downgrade() -> None:
    with op.batch_alter_table("report_quotes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_report_quotes_answer_id"))

    op.drop_table("report_quotes")
    op.drop_table("report_texts")
    with op.batch_alter_table("earlier_report_texts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_earlier_report_texts_section_id"))

    op.drop_table("earlier_report_texts")
    op.drop_table("report_sections")
    with op.batch_alter_table("reports", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reports_programme_id_published_at"))
        batch_op.drop_index(batch_op.f("ix_reports_cohort_id"))

    op.drop_table("reports")
    with op.batch_alter_table("submissions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_submissions_programme_id_state"))

    op.drop_table("submissions")
    op.drop_table("public_pages")
    op.drop_table("dataset_releases")
