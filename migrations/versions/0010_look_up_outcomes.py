"""what became of a look-up by register number, kept with the line of the basket

Revision: 0010; follows 0009.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

OUTCOMES = (
    "found",
    "not_found",
    "no_insz",
    "name_differs",
    "blocked",
    "unreachable",
    "busy",
    "forbidden",
    "too_often",
    "failed",
)


def upgrade() -> None:
    words = ", ".join(f"'{outcome}'" for outcome in OUTCOMES)
    with op.batch_alter_table("basket_line", schema=None) as batch_op:
        batch_op.add_column(sa.Column("look_up_outcome", sa.String(length=30), nullable=True))
        batch_op.add_column(sa.Column("look_up_of", sa.String(length=64), nullable=True))
        batch_op.create_check_constraint(
            op.f("ck_basket_line_look_up_outcome"), f"look_up_outcome IN ({words})"
        )


def downgrade() -> None:
    with op.batch_alter_table("basket_line", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_basket_line_look_up_outcome"), type_="check")
        batch_op.drop_column("look_up_of")
        batch_op.drop_column("look_up_outcome")
