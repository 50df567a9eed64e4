"""supervisors and hosts are asked"""

import sqlalchemy as sa
from alembic import op


revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "voice_rounds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("schedule_id", sa.Integer(), nullable=False),
        sa.Column("survey_version_id", sa.Integer(), nullable=False),
        sa.Column(
            "audience",
            sa.Enum("alumni", "supervisors", "hosts", name="audience", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("offset_months", sa.Integer(), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "planned", "open", "closed", "cancelled", name="roundstate", native_enum=False, length=40
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["schedule_id"], ["schedules.id"], name=op.f("fk_voice_rounds_schedule_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["survey_version_id"], ["survey_versions.id"], name=op.f("fk_voice_rounds_survey_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_voice_rounds")),
        sa.UniqueConstraint(
            "schedule_id",
            "audience",
            "offset_months",
            name=op.f("uq_voice_rounds_schedule_id_audience_offset_months"),
        ),
    )
    with op.batch_alter_table("voice_rounds", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_voice_rounds_state_opens_on"), ["state", "opens_on"], unique=False
        )

    op.create_table(
        "voices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=True),
        sa.Column("visit_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "planned",
                "sent",
                "answered",
                "not_delivered",
                "declined",
                "refused",
                "closed",
                name="voicestate",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("link_number", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("told_hash", sa.String(length=64), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("look_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("response_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("(enrolment_id IS NULL) <> (visit_id IS NULL)", name=op.f("ck_voices_of_one")),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolments.id"], name=op.f("fk_voices_enrolment_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["response_id"], ["responses.id"], name=op.f("fk_voices_response_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["round_id"], ["voice_rounds.id"], name=op.f("fk_voices_round_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["site_visits.id"], name=op.f("fk_voices_visit_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_voices")),
        sa.UniqueConstraint("response_id", name=op.f("uq_voices_response_id")),
        sa.UniqueConstraint("round_id", "enrolment_id", name=op.f("uq_voices_round_id_enrolment_id")),
        sa.UniqueConstraint("round_id", "visit_id", name=op.f("uq_voices_round_id_visit_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_voices_token_hash")),
        sa.UniqueConstraint("told_hash", name=op.f("uq_voices_told_hash")),
    )
    with op.batch_alter_table("voices", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_voices_address"), ["address"], unique=False)
        batch_op.create_index(batch_op.f("ix_voices_enrolment_id"), ["enrolment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_voices_look_at_id"), ["look_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_voices_visit_id"), ["visit_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("voices", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_voices_visit_id"))
        batch_op.drop_index(batch_op.f("ix_voices_look_at_id"))
        batch_op.drop_index(batch_op.f("ix_voices_enrolment_id"))
        batch_op.drop_index(batch_op.f("ix_voices_address"))

    op.drop_table("voices")
    with op.batch_alter_table("voice_rounds", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_voice_rounds_state_opens_on"))

    op.drop_table("voice_rounds")
