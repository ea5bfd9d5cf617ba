"""baskets that staff fill, and going beyond capacity, age or period with a reason

Revision: 0006; follows 0005.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

OPEN = "state = 'open'"
OF_CUSTOMER = f"{OPEN} AND made_by_id IS NULL"
OF_STAFF = f"{OPEN} AND made_by_id IS NOT NULL"


def upgrade() -> None:
    with op.batch_alter_table("basket", schema=None) as batch_op:
        batch_op.add_column(sa.Column("made_by_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            op.f("fk_basket_made_by_id_account"),
            "account",
            ["made_by_id"],
            ["id"],
            ondelete="CASCADE",
        )
        batch_op.drop_index("uq_basket_open")
    with op.batch_alter_table("basket", schema=None) as batch_op:
        batch_op.create_index("ix_basket_made_by_id", ["made_by_id"], unique=False)
        _unique(batch_op, "uq_basket_open", ["customer_id"], OF_CUSTOMER)
        _unique(batch_op, "uq_basket_open_made_by", ["customer_id", "made_by_id"], OF_STAFF)
    for table in ("basket_line", "order_line"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(
                sa.Column("overridden", sa.JSON(), nullable=False, server_default="[]")
            )
            batch_op.add_column(
                sa.Column("override_reason", sa.Text(), nullable=False, server_default="")
            )
    with op.batch_alter_table("place_pool", schema=None) as batch_op:
        batch_op.add_column(sa.Column("raised", sa.Integer(), nullable=False, server_default="0"))
        batch_op.create_check_constraint(
            op.f("ck_place_pool_raised_only_when_full"),
            "raised >= 0 AND (raised = 0 OR taken = capacity)",
        )


def downgrade() -> None:
    """What staff were filling is lost: before, a customer had one open basket."""
    with op.batch_alter_table("place_pool", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_place_pool_raised_only_when_full"), type_="check")
        batch_op.drop_column("raised")
    for table in ("order_line", "basket_line"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column("override_reason")
            batch_op.drop_column("overridden")
    op.execute(
        "UPDATE place_pool SET taken = taken - (SELECT count(*) FROM basket_line JOIN basket"
        " ON basket.id = basket_line.basket_id WHERE basket_line.pool_id = place_pool.id"
        " AND basket_line.holding AND basket.made_by_id IS NOT NULL AND basket.state = 'open')"
    )
    op.execute(
        "DELETE FROM basket_line WHERE basket_id IN"
        " (SELECT id FROM basket WHERE made_by_id IS NOT NULL AND state = 'open')"
    )
    op.execute("DELETE FROM basket WHERE made_by_id IS NOT NULL AND state = 'open'")
    with op.batch_alter_table("basket", schema=None) as batch_op:
        batch_op.drop_index("uq_basket_open_made_by")
        batch_op.drop_index("uq_basket_open")
        batch_op.drop_index("ix_basket_made_by_id")
        batch_op.drop_constraint(op.f("fk_basket_made_by_id_account"), type_="foreignkey")
        batch_op.drop_column("made_by_id")
    with op.batch_alter_table("basket", schema=None) as batch_op:
        _unique(batch_op, "uq_basket_open", ["customer_id"], OPEN)


def _unique(batch_op: object, name: str, columns: list[str], where: str) -> None:
    batch_op.create_index(
        name,
        columns,
        unique=True,
        sqlite_where=sa.text(where),
        postgresql_where=sa.text(where),
    )
