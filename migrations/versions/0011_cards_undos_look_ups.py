"""the pass that a move goes on with after its card was replaced; undos whose answer was lost

Revision: 0011; follows 0010.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("line_change", schema=None) as batch_op:
        batch_op.add_column(sa.Column("uitpas_number", sa.String(length=13), nullable=True))
    with op.batch_alter_table("uitpas_entry", schema=None) as batch_op:
        batch_op.add_column(sa.Column("undo_sent_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("uitpas_entry", schema=None) as batch_op:
        batch_op.drop_column("undo_sent_at")
    with op.batch_alter_table("line_change", schema=None) as batch_op:
        batch_op.drop_column("uitpas_number")
