"""monitors of activities, and the groups of one activity

Revision: 0008; follows 0007.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "activity_monitor",
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_activity_monitor_account_id_account"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["activity_id"],
            ["activity.id"],
            name=op.f("fk_activity_monitor_activity_id_activity"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("activity_id", "account_id", name=op.f("pk_activity_monitor")),
    )
    op.create_index("ix_activity_monitor_account_id", "activity_monitor", ["account_id"])
    op.create_index(
        "ix_registration_group_activity_activity_id", "registration_group_activity", ["activity_id"]
    )


def downgrade() -> None:
    op.drop_index("ix_registration_group_activity_activity_id", "registration_group_activity")
    op.drop_index("ix_activity_monitor_account_id", "activity_monitor")
    op.drop_table("activity_monitor")
