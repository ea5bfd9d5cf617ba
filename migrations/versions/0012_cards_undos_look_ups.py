"""passes of moves whose card was replaced; undos that were lost; look-ups with publiq's own words

Revision: 0012; follows 0011.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("line_change", schema=None) as batch_op:
        batch_op.add_column(sa.Column("uitpas_number", sa.String(length=13), nullable=True))
    with op.batch_alter_table("uitpas_entry", schema=None) as batch_op:
        batch_op.add_column(sa.Column("undo_sent_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("basket_line", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("look_up_said", sa.Boolean(), nullable=False, server_default=sa.false())
        )


def downgrade() -> None:
    with op.batch_alter_table("basket_line", schema=None) as batch_op:
        batch_op.drop_column("look_up_said")
    with op.batch_alter_table("uitpas_entry", schema=None) as batch_op:
        batch_op.drop_column("undo_sent_at")
    with op.batch_alter_table("line_change", schema=None) as batch_op:
        batch_op.drop_column("uitpas_number")
