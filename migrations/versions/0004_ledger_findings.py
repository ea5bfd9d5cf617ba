"""findings of the ledger's audit, and what was done by itself

Revision: 0004; follows 0003.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

FILTERED = (
    ("ix_uitpas_entry_event_id", ["event_id"]),
    ("ix_uitpas_entry_external_id", ["external_id"]),
    ("ix_uitpas_entry_created_at", ["created_at"]),
    ("ix_uitpas_entry_environment_id", ["environment", "id"]),
    ("ix_uitpas_entry_kind_id", ["kind", "id"]),
)


def _choice(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=30)


def _environment() -> sa.Enum:
    return _choice("environment", "production", "test", "sandbox")


def upgrade() -> None:
    op.create_table(
        "event_audit",
        sa.Column("environment", _environment(), nullable=False),
        sa.Column("event_id", sa.String(length=100), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("problem", sa.String(length=200), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("ours", sa.Integer(), nullable=False),
        sa.Column("by_others", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("environment", "event_id", name=op.f("pk_event_audit")),
    )
    with op.batch_alter_table("event_audit", schema=None) as batch_op:
        batch_op.create_index("ix_event_audit_next_at", ["next_at"], unique=False)
        batch_op.create_index("ix_event_audit_problem", ["problem"], unique=False)

    op.create_table(
        "ledger_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", _choice("kind", "reconcile", "audit"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_name", sa.String(length=254), nullable=False),
        sa.Column("done", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_run")),
    )
    with op.batch_alter_table("ledger_run", schema=None) as batch_op:
        batch_op.create_index("ix_ledger_run_started_at", ["started_at"], unique=False)

    op.create_table(
        "ledger_finding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("environment", _environment(), nullable=False),
        sa.Column("event_id", sa.String(length=100), nullable=False),
        sa.Column(
            "kind",
            _choice(
                "kind",
                "missing there",
                "still there",
                "price differs",
                "unknown here",
                "double",
                "maybe ours",
            ),
            nullable=False,
        ),
        sa.Column("reference", sa.String(length=100), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=True),
        sa.Column("external_id", sa.String(length=100), nullable=False),
        sa.Column(
            "price_there",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
        ),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("account_name", sa.String(length=254), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["uitpas_entry.id"],
            name=op.f("fk_ledger_finding_entry_id_uitpas_entry"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_finding")),
    )
    with op.batch_alter_table("ledger_finding", schema=None) as batch_op:
        batch_op.create_index("ix_ledger_finding_entry_id", ["entry_id"], unique=False)
        batch_op.create_index(
            "ix_ledger_finding_resolved_at", ["resolved_at", "accepted_at"], unique=False
        )
        batch_op.create_index(
            "uq_ledger_finding_open",
            ["environment", "event_id", "kind", "reference"],
            unique=True,
            sqlite_where=sa.text("resolved_at IS NULL"),
            postgresql_where=sa.text("resolved_at IS NULL"),
        )

    with op.batch_alter_table("uitpas_entry_event", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("account_name", sa.String(length=254), nullable=False, server_default="")
        )

    with op.batch_alter_table("uitpas_entry", schema=None) as batch_op:
        batch_op.add_column(sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE uitpas_entry SET changed_at = created_at")
    with op.batch_alter_table("uitpas_entry", schema=None) as batch_op:
        batch_op.alter_column(
            "changed_at", existing_type=sa.DateTime(timezone=True), nullable=False
        )
        for name, columns in FILTERED:
            batch_op.create_index(name, columns, unique=False)


def downgrade() -> None:
    with op.batch_alter_table("uitpas_entry", schema=None) as batch_op:
        for name, _columns in FILTERED:
            batch_op.drop_index(name)
        batch_op.drop_column("changed_at")

    with op.batch_alter_table("uitpas_entry_event", schema=None) as batch_op:
        batch_op.drop_column("account_name")

    op.drop_table("ledger_finding")
    op.drop_table("ledger_run")
    op.drop_table("event_audit")
