"""what a holder of a UiTPAS would pay, and whether a basket was told of one

Revision: 0005; follows 0004.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def _money() -> sa.types.TypeEngine:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "indicative_tariff",
        sa.Column(
            "environment",
            sa.Enum(
                "production",
                "test",
                "sandbox",
                name="environment",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("event_id", sa.String(length=100), nullable=False),
        sa.Column("regular_price", _money(), nullable=False),
        sa.Column("price", _money(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("environment", "event_id", name=op.f("pk_indicative_tariff")),
    )
    with op.batch_alter_table("basket", schema=None) as batch_op:
        batch_op.add_column(sa.Column("tariff_told_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("basket", schema=None) as batch_op:
        batch_op.drop_column("tariff_told_at")
    op.drop_table("indicative_tariff")
