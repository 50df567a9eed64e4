"""sealed boxes have drawers

Slips of boxes that wait are shuffled and dealt, so that a drawer says no more than its box did.
"""

from random import SystemRandom
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

SLIPS = sa.JSON().with_variant(JSONB(), "postgresql")
FEWEST = 50  # slips in a drawer, where its box has as many

boxes = sa.table("sealed_boxes", sa.column("wave_id", sa.Integer()), sa.column("slips", SLIPS))
drawers = sa.table("sealed_drawers", sa.column("wave_id", sa.Integer()), sa.column("slips", SLIPS))


def upgrade() -> None:
    op.create_table(
        "sealed_drawers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("slips", SLIPS, nullable=False),
        sa.ForeignKeyConstraint(
            ["wave_id"], ["sealed_boxes.wave_id"], name=op.f("fk_sealed_drawers_wave_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sealed_drawers")),
    )
    with op.batch_alter_table("sealed_drawers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sealed_drawers_wave_id"), ["wave_id"], unique=False)
    connection, random = op.get_bind(), SystemRandom()
    for wave_id, slips in connection.execute(sa.select(boxes)).all():
        random.shuffle(slips)
        parts = max(1, len(slips) // FEWEST)
        for part in range(parts if slips else 0):
            connection.execute(drawers.insert().values(wave_id=wave_id, slips=slips[part::parts]))
    with op.batch_alter_table("sealed_boxes", schema=None) as batch_op:
        batch_op.drop_column("slips")


def downgrade() -> None:
    with op.batch_alter_table("sealed_boxes", schema=None) as batch_op:
        batch_op.add_column(sa.Column("slips", SLIPS, nullable=False, server_default="[]"))
    with op.batch_alter_table("sealed_boxes", schema=None) as batch_op:
        batch_op.alter_column("slips", server_default=None)
    connection, found = op.get_bind(), dict[int, list[Any]]()
    for wave_id, slips in connection.execute(sa.select(drawers)):
        found.setdefault(wave_id, []).extend(slips)
    for wave_id, slips in found.items():
        SystemRandom().shuffle(slips)
        connection.execute(boxes.update().where(boxes.c.wave_id == wave_id).values(slips=slips))
    op.drop_table("sealed_drawers")
