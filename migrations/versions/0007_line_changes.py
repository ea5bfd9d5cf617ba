"""moving a registration, and a benefit afterwards

Revision: 0007; follows 0006.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "line_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("new_line_id", sa.Integer(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "benefit",
                "move",
                "regular price",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "undoing",
                "selling",
                "clearing",
                "restoring",
                "done",
                "plain",
                "refused",
                "returned",
                "without",
                "called off",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("from_activity_id", sa.Integer(), nullable=False),
        sa.Column("to_activity_id", sa.Integer(), nullable=False),
        sa.Column("held_pool_id", sa.Integer(), nullable=True),
        sa.Column("price_category_id", sa.Integer(), nullable=True),
        sa.Column("category_name", sa.String(length=90), nullable=False),
        sa.Column(
            "regular_price", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
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
            nullable=True,
        ),
        sa.Column("event_id", sa.String(length=100), nullable=True),
        sa.Column(
            "agreed_price", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("plain_agreed", sa.Boolean(), nullable=False),
        sa.Column("wish_ref", sa.String(length=12), nullable=True),
        sa.Column("earlier_ref", sa.String(length=12), nullable=True),
        sa.Column(
            "old_price", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("new_price", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("account_name", sa.String(length=254), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_line_change_account_id_account"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["from_activity_id"],
            ["activity.id"],
            name=op.f("fk_line_change_from_activity_id_activity"),
        ),
        sa.ForeignKeyConstraint(
            ["held_pool_id"], ["place_pool.id"], name=op.f("fk_line_change_held_pool_id_place_pool")
        ),
        sa.ForeignKeyConstraint(
            ["line_id"],
            ["order_line.id"],
            name=op.f("fk_line_change_line_id_order_line"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["new_line_id"],
            ["order_line.id"],
            name=op.f("fk_line_change_new_line_id_order_line"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["customer_order.id"],
            name=op.f("fk_line_change_order_id_customer_order"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["price_category_id"],
            ["price_category.id"],
            name=op.f("fk_line_change_price_category_id_price_category"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["to_activity_id"], ["activity.id"], name=op.f("fk_line_change_to_activity_id_activity")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_change")),
    )
    with op.batch_alter_table("line_change", schema=None) as batch_op:
        batch_op.create_index("ix_line_change_order_id", ["order_id"], unique=False)
        batch_op.create_index("ix_line_change_line_id", ["line_id"], unique=False)
        batch_op.create_index("ix_line_change_new_line_id", ["new_line_id"], unique=False)
        batch_op.create_index("ix_line_change_wish_ref", ["wish_ref"], unique=False)
        batch_op.create_index(
            "uq_line_change_open",
            ["order_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )


def downgrade() -> None:
    with op.batch_alter_table("line_change", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_line_change_open",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.drop_index("ix_line_change_wish_ref")
        batch_op.drop_index("ix_line_change_new_line_id")
        batch_op.drop_index("ix_line_change_line_id")
        batch_op.drop_index("ix_line_change_order_id")

    op.drop_table("line_change")
