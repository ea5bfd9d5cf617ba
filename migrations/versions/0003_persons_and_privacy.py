"""persons and privacy

Revision: 0003; follows 0002.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "privacy_settings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("insz_on", sa.Boolean(), nullable=False),
        sa.Column("insz_ground", sa.Text(), nullable=False),
        sa.Column("insz_months", sa.Integer(), nullable=False),
        sa.Column("tariff_months", sa.Integer(), nullable=False),
        sa.Column("guest_pass_months", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privacy_settings")),
    )
    op.create_table(
        "pass_check_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("account_name", sa.String(length=254), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_pass_check_run_account_id_account"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pass_check_run")),
    )
    with op.batch_alter_table("pass_check_run", schema=None) as batch_op:
        batch_op.create_index("ix_pass_check_run_created_at", ["created_at"], unique=False)

    op.create_table(
        "pass_check_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "asking",
                "done",
                "failed",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("messages", sa.JSON(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_holder", sa.String(length=64), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_pass_check_item_person_id_person"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["pass_check_run.id"],
            name=op.f("fk_pass_check_item_run_id_pass_check_run"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pass_check_item")),
        sa.UniqueConstraint(
            "run_id", "person_id", name=op.f("uq_pass_check_item_run_id_person_id")
        ),
    )
    with op.batch_alter_table("pass_check_item", schema=None) as batch_op:
        batch_op.create_index("ix_pass_check_item_person_id", ["person_id"], unique=False)
        batch_op.create_index(
            "ix_pass_check_item_state_next_try_at", ["state", "next_try_at"], unique=False
        )

    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.add_column(sa.Column("insz_used_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(
            sa.Column("is_group_pass", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch_op.create_index("ix_person_insz_used_at", ["insz_used_at"], unique=False)
        batch_op.create_index("ix_person_is_group_pass", ["is_group_pass"], unique=False)
        batch_op.create_index("ix_person_tariff_checked_at", ["tariff_checked_at"], unique=False)

    # the term of what was stored before begins now
    op.execute("UPDATE person SET insz_used_at = CURRENT_TIMESTAMP WHERE insz IS NOT NULL")
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.alter_column("is_group_pass", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_index("ix_person_tariff_checked_at")
        batch_op.drop_index("ix_person_is_group_pass")
        batch_op.drop_index("ix_person_insz_used_at")
        batch_op.drop_column("is_group_pass")
        batch_op.drop_column("insz_used_at")

    with op.batch_alter_table("pass_check_item", schema=None) as batch_op:
        batch_op.drop_index("ix_pass_check_item_state_next_try_at")
        batch_op.drop_index("ix_pass_check_item_person_id")

    op.drop_table("pass_check_item")
    with op.batch_alter_table("pass_check_run", schema=None) as batch_op:
        batch_op.drop_index("ix_pass_check_run_created_at")

    op.drop_table("pass_check_run")
    op.drop_table("privacy_settings")
