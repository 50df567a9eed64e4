"""figures of feedback and impact"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB


revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

STANDING = "UPDATE plan_standings SET state = (SELECT p.state FROM action_plans p WHERE p.id = plan_standings.plan_id)"


def upgrade() -> None:
    op.create_table(
        "country_standings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "group",
            sa.Enum("ldc", "colombo_plan", name="countrygroup", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_country_standings")),
        sa.UniqueConstraint(
            "group", "country", "valid_from", name=op.f("uq_country_standings_group_country_valid_from")
        ),
    )
    op.create_table(
        "monitoring_rounds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("frame_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["frame_id"],
            ["reference_frames.id"],
            name=op.f("fk_monitoring_rounds_frame_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_monitoring_rounds")),
        sa.UniqueConstraint("frame_id", "name", name=op.f("uq_monitoring_rounds_frame_id_name")),
    )
    op.create_table(
        "publications",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
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
        sa.Column("first_year", sa.Integer(), nullable=True),
        sa.Column("last_year", sa.Integer(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by_id", sa.Integer(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name=op.f("fk_publications_programme_id")
        ),
        sa.ForeignKeyConstraint(
            ["published_by_id"], ["users.id"], name=op.f("fk_publications_published_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publications")),
    )
    with op.batch_alter_table("publications", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_publications_programme_id"), ["programme_id"], unique=False)

    op.create_table(
        "frame_indicators",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("frame_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=True),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column(
            "rank", sa.Enum("main", "operational", name="rank", native_enum=False, length=40), nullable=False
        ),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("unit", sa.String(length=60), nullable=False),
        sa.Column("numerator", sa.String(length=300), nullable=False),
        sa.Column("denominator", sa.String(length=300), nullable=False),
        sa.Column("counted_in", sa.String(length=60), nullable=False),
        sa.Column("also_called", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("frequency", sa.String(length=60), nullable=False),
        sa.Column("gap", sa.Text(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_offered", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["frame_id"],
            ["reference_frames.id"],
            name=op.f("fk_frame_indicators_frame_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["frame_items.id"], name=op.f("fk_frame_indicators_item_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_frame_indicators")),
        sa.UniqueConstraint("frame_id", "code", name=op.f("uq_frame_indicators_frame_id_code")),
    )
    op.create_table(
        "frame_lines",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("frame_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=True),
        sa.Column("indicator_id", sa.Integer(), nullable=True),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("text", sa.String(length=300), nullable=False),
        sa.Column("champion", sa.String(length=2), nullable=False),
        sa.Column("partners", sa.String(length=300), nullable=False),
        sa.Column("status", sa.String(length=60), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("reported_on", sa.Date(), nullable=True),
        sa.Column("report_due_on", sa.Date(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_offered", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["frame_id"], ["reference_frames.id"], name=op.f("fk_frame_lines_frame_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["indicator_id"],
            ["frame_indicators.id"],
            name=op.f("fk_frame_lines_indicator_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["frame_items.id"], name=op.f("fk_frame_lines_item_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_frame_lines")),
        sa.UniqueConstraint("frame_id", "code", name=op.f("uq_frame_lines_frame_id_code")),
    )
    op.create_table(
        "frame_values",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("indicator_id", sa.Integer(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("value", sa.Numeric(precision=18, scale=4), nullable=True),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("definition", sa.String(length=300), nullable=False),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.Column("comparability", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["indicator_id"],
            ["frame_indicators.id"],
            name=op.f("fk_frame_values_indicator_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["users.id"], name=op.f("fk_frame_values_recorded_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["round_id"], ["monitoring_rounds.id"], name=op.f("fk_frame_values_round_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_frame_values")),
    )
    with op.batch_alter_table("frame_values", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_frame_values_round_id_indicator_id_country_id"),
            ["round_id", "indicator_id", "country", "id"],
            unique=False,
        )

    op.create_table(
        "counted_waves",
        sa.Column("wave_id", sa.Integer(), autoincrement=False, nullable=False),
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
    op.create_table(
        "feeds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("indicator_id", sa.Integer(), nullable=False),
        sa.Column("frame_indicator_id", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("same_unit", sa.String(length=300), nullable=False),
        sa.Column("counted_as", sa.String(length=120), nullable=False),
        sa.Column("contribution", sa.Text(), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("linked_by_id", sa.Integer(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["frame_indicator_id"], ["frame_indicators.id"], name=op.f("fk_feeds_frame_indicator_id")
        ),
        sa.ForeignKeyConstraint(
            ["indicator_id"], ["indicators.id"], name=op.f("fk_feeds_indicator_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["linked_by_id"], ["users.id"], name=op.f("fk_feeds_linked_by_id")),
        sa.ForeignKeyConstraint(["programme_id"], ["programmes.id"], name=op.f("fk_feeds_programme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feeds")),
    )
    with op.batch_alter_table("feeds", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_feeds_indicator_id"), ["indicator_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_feeds_programme_id_frame_indicator_id"),
            ["programme_id", "frame_indicator_id"],
            unique=False,
        )
        batch_op.create_index(
            "uq_feeds_open",
            ["indicator_id", "frame_indicator_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    with op.batch_alter_table("enrolments", schema=None) as batch_op:
        batch_op.create_index(
            "ix_enrolments_reach", ["cohort_id", "country", "state", "participant_id"], unique=False
        )

    with op.batch_alter_table("plan_standings", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "state",
                sa.Enum(
                    "draft",
                    "submitted",
                    "returned",
                    "approved",
                    "in_progress",
                    "done",
                    "stopped",
                    name="planstate",
                    native_enum=False,
                    length=40,
                ),
                server_default="submitted",
                nullable=False,
            )
        )
        batch_op.create_index(
            batch_op.f("ix_plan_standings_programme_id_cohort_id_country_state"),
            ["programme_id", "cohort_id", "country", "state"],
            unique=False,
        )

    with op.batch_alter_table("reference_frames", schema=None) as batch_op:
        batch_op.add_column(sa.Column("follows", sa.String(length=40), server_default="", nullable=False))

    with op.batch_alter_table("responses", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_responses_wave_id_state"))
        batch_op.create_index(
            batch_op.f("ix_responses_wave_id_state_saved_at"), ["wave_id", "state", "saved_at"], unique=False
        )

    op.execute(STANDING)


def downgrade() -> None:
    with op.batch_alter_table("responses", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_responses_wave_id_state_saved_at"))
        batch_op.create_index(batch_op.f("ix_responses_wave_id_state"), ["wave_id", "state"], unique=False)

    with op.batch_alter_table("reference_frames", schema=None) as batch_op:
        batch_op.drop_column("follows")

    with op.batch_alter_table("plan_standings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_plan_standings_programme_id_cohort_id_country_state"))
        batch_op.drop_column("state")

    with op.batch_alter_table("enrolments", schema=None) as batch_op:
        batch_op.drop_index("ix_enrolments_reach")

    with op.batch_alter_table("feeds", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_feeds_open",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_feeds_programme_id_frame_indicator_id"))
        batch_op.drop_index(batch_op.f("ix_feeds_indicator_id"))

    op.drop_table("feeds")
    op.drop_table("counted_waves")
    with op.batch_alter_table("frame_values", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_frame_values_round_id_indicator_id_country_id"))

    op.drop_table("frame_values")
    op.drop_table("frame_lines")
    op.drop_table("frame_indicators")
    with op.batch_alter_table("publications", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_publications_programme_id"))

    op.drop_table("publications")
    op.drop_table("monitoring_rounds")
    op.drop_table("country_standings")
