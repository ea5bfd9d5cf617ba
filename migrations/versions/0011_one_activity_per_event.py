"""no two activities of an environment have the same event

Revision: 0011; follows 0010. Where two have, the older link keeps it; the other one says so.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

NAME = "uq_event_link_environment_event_id"
TAKEN = (
    "Dit event hoorde ook bij een andere activiteit. Kijk na bij UiTdatabank of deze activiteit "
    "er een eigen event heeft, en publiceer ze dan opnieuw."
)


def upgrade() -> None:
    op.execute(
        sa.text(
            "UPDATE event_link SET event_id = NULL, state = 'failed', remote_status = '', "
            "last_error = :taken WHERE event_id IS NOT NULL AND id NOT IN (SELECT MIN(id) "
            "FROM event_link WHERE event_id IS NOT NULL GROUP BY environment, event_id)"
        ).bindparams(taken=TAKEN)
    )
    with op.batch_alter_table("event_link", schema=None) as batch_op:
        batch_op.create_unique_constraint(NAME, ["environment", "event_id"])


def downgrade() -> None:
    with op.batch_alter_table("event_link", schema=None) as batch_op:
        batch_op.drop_constraint(NAME, type_="unique")
