"""large waves are counted whole

What was counted ahead is thrown away both ways; a worker counts it again within minutes.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DELETE FROM counted_parts")
    op.create_table(
        "corrected_parts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corrected_parts")),
    )
    with op.batch_alter_table("corrected_parts", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_corrected_parts_wave_id_number"), ["wave_id", "number"], unique=False
        )

    op.create_table(
        "counted_waves",
        sa.Column("wave_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scheme", sa.Integer(), nullable=False),
        sa.Column("responses", sa.Integer(), nullable=True),
        sa.Column("figures", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("cells", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(
            ["wave_id"], ["waves.id"], name=op.f("fk_counted_waves_wave_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("wave_id", name=op.f("pk_counted_waves")),
    )
    with op.batch_alter_table("counted_parts", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_counted_parts_wave_id"), type_="foreignkey")
        batch_op.create_foreign_key(
            batch_op.f("fk_counted_parts_wave_id"),
            "counted_waves",
            ["wave_id"],
            ["wave_id"],
            ondelete="CASCADE",
        )
        batch_op.drop_column("changed_at")

    with op.batch_alter_table("responses", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_responses_wave_id_state_id_saved_at"))
        batch_op.create_index(
            batch_op.f("ix_responses_wave_id_state_saved_at_id"),
            ["wave_id", "state", "saved_at", "id"],
            unique=False,
        )


def downgrade() -> None:
    op.execute("DELETE FROM counted_parts")
    with op.batch_alter_table("responses", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_responses_wave_id_state_saved_at_id"))
        batch_op.create_index(
            batch_op.f("ix_responses_wave_id_state_id_saved_at"),
            ["wave_id", "state", "id", "saved_at"],
            unique=False,
        )

    with op.batch_alter_table("counted_parts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False))
        batch_op.drop_constraint(batch_op.f("fk_counted_parts_wave_id"), type_="foreignkey")
        batch_op.create_foreign_key(
            batch_op.f("fk_counted_parts_wave_id"), "waves", ["wave_id"], ["id"], ondelete="CASCADE"
        )

    op.drop_table("counted_waves")
    with op.batch_alter_table("corrected_parts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_corrected_parts_wave_id_number"))

    op.drop_table("corrected_parts")
