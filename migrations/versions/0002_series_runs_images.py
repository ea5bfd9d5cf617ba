"""series, runs, images and what publiq was told

Revision: 0002; follows 0001.
"""

import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def _one_of(*values: str) -> str:
    return f"state IN ({', '.join(repr(value) for value in values)})"


def _let_equal_values_follow() -> None:
    """What equals its basis follows it: an activity's profile its type's, a type's the settings'.

    Where nothing is stored of a type, its activities were made from the settings.
    """
    columns = (
        "id",
        "activity_id",
        "activity_type_id",
        "environment",
        "postal_code",
        "location_id",
        "organizer_id",
        "event_type",
        "theme",
        "labels",
        "audience",
        "registration_link",
    )
    connection = op.get_bind()
    table = sa.table("uit_profile", *(sa.column(name) for name in columns))
    profiles = connection.execute(sa.select(table)).mappings().all()
    type_of = {
        row.id: row.activity_type_id
        for row in connection.execute(sa.text("SELECT id, activity_type_id FROM activity"))
    }
    settings = connection.execute(
        sa.text("SELECT default_postal_code, registration_link_default FROM uit_settings")
    ).first()
    plain = dict.fromkeys(columns, "") | {
        "environment": None,
        "audience": "everyone",
        "labels": "[]",
        "postal_code": settings[0] if settings else "",
        "registration_link": bool(settings[1]) if settings else False,
    }
    of_types = {row["activity_type_id"]: row for row in profiles if row["activity_type_id"]}
    changes = []
    for row in profiles:
        if row["activity_type_id"]:
            names_followed = _equal(_of_settings(row), _of_settings(plain))
        else:
            basis = of_types.get(type_of[row["activity_id"]], plain)
            names_followed = _equal(_of_type(row), _of_type(basis))
        changes.append({"id": row["id"], "follows": json.dumps(names_followed)})
    if changes:
        connection.execute(
            sa.text("UPDATE uit_profile SET follows = :follows WHERE id = :id"), changes
        )


def _equal(own: dict[str, object], basis: dict[str, object]) -> list[str]:
    return [name for name in own if own[name] == basis[name]]


def _of_settings(row: Mapping[str, Any]) -> dict[str, object]:
    return {
        "postal_code": row["postal_code"],
        "registration_link": bool(row["registration_link"]),
    }


def _of_type(row: Mapping[str, Any]) -> dict[str, object]:
    location, organizer, labels = row["location_id"], row["organizer_id"], row["labels"]
    labels = json.loads(labels) if isinstance(labels, str) else labels
    return {
        "location": (row["environment"] if location else None, row["postal_code"], location),
        "organizer": (row["environment"] if organizer else None, organizer),
        "event_type": row["event_type"],
        "theme": row["theme"],
        "labels": sorted(label.casefold() for label in labels),
        "audience": row["audience"],
        "registration_link": bool(row["registration_link"]),
        "image": None,
    }


def upgrade() -> None:
    op.create_table(
        "school_holiday",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.CheckConstraint("last_day >= first_day", name=op.f("ck_school_holiday_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school_holiday")),
        sa.UniqueConstraint("name", "first_day", name=op.f("uq_school_holiday_name_first_day")),
    )
    with op.batch_alter_table("school_holiday", schema=None) as batch_op:
        batch_op.create_index("ix_school_holiday_first_day", ["first_day"], unique=False)

    op.create_table(
        "uit_image",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("media_type", sa.String(length=30), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("description", sa.String(length=250), nullable=False),
        sa.Column("copyright_holder", sa.String(length=250), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_uit_image")),
    )
    op.create_table(
        "uit_reference",
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
        sa.Column(
            "kind",
            sa.Enum(
                "place",
                "organizer",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("publiq_id", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("address", sa.String(length=300), nullable=False),
        sa.Column("is_uitpas", sa.Boolean(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "alive",
                "gone",
                "merged",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("successor_id", sa.String(length=100), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("environment", "kind", "publiq_id", name=op.f("pk_uit_reference")),
    )
    with op.batch_alter_table("uit_reference", schema=None) as batch_op:
        batch_op.create_index("ix_uit_reference_state", ["environment", "state"], unique=False)

    op.create_table(
        "image_upload",
        sa.Column("image_id", sa.Integer(), nullable=False),
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
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(
            ["image_id"],
            ["uit_image.id"],
            name=op.f("fk_image_upload_image_id_uit_image"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("image_id", "environment", name=op.f("pk_image_upload")),
    )
    op.create_table(
        "publication_run",
        sa.Column("id", sa.Integer(), nullable=False),
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
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("account_name", sa.String(length=254), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_publication_run_account_id_account"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publication_run")),
    )
    with op.batch_alter_table("publication_run", schema=None) as batch_op:
        batch_op.create_index("ix_publication_run_created_at", ["created_at"], unique=False)

    op.create_table(
        "publication_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
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
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "sending",
                "done",
                "failed",
                "stopped",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("outcome", sa.String(length=30), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("warning", sa.Text(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_holder", sa.String(length=64), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["activity_id"],
            ["activity.id"],
            name=op.f("fk_publication_item_activity_id_activity"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["publication_run.id"],
            name=op.f("fk_publication_item_run_id_publication_run"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publication_item")),
        sa.UniqueConstraint(
            "run_id", "activity_id", name=op.f("uq_publication_item_run_id_activity_id")
        ),
    )
    with op.batch_alter_table("publication_item", schema=None) as batch_op:
        batch_op.create_index("ix_publication_item_activity_id", ["activity_id"], unique=False)
        batch_op.create_index(
            "ix_publication_item_state_next_try_at", ["state", "next_try_at"], unique=False
        )
        batch_op.create_index(
            "uq_publication_item_due",
            ["environment", "activity_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('waiting', 'sending')"),
            postgresql_where=sa.text("state IN ('waiting', 'sending')"),
        )

    with op.batch_alter_table("activity", schema=None) as batch_op:
        batch_op.alter_column("cancel_reason", new_column_name="state_reason")
        batch_op.add_column(sa.Column("schedule", sa.JSON(), nullable=True))
        batch_op.drop_constraint(op.f("ck_activity_state"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_activity_state"), _one_of("draft", "online", "postponed", "cancelled")
        )

    with op.batch_alter_table("activity_date", schema=None) as batch_op:
        batch_op.add_column(sa.Column("postponed_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(
            sa.Column("status_reason", sa.Text(), nullable=False, server_default="")
        )

    with op.batch_alter_table("event_link", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("organizer_fixed_at", sa.DateTime(timezone=True), nullable=True)
        )
        batch_op.add_column(sa.Column("availability_sent", sa.JSON(), nullable=True))
        batch_op.add_column(
            sa.Column("availability_next_at", sa.DateTime(timezone=True), nullable=True)
        )
        batch_op.add_column(
            sa.Column("availability_tries", sa.Integer(), nullable=False, server_default="0")
        )
        batch_op.add_column(
            sa.Column("availability_error", sa.Text(), nullable=False, server_default="")
        )
        batch_op.add_column(sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(
            sa.Column("remote_status", sa.String(length=30), nullable=False, server_default="")
        )
        batch_op.add_column(
            sa.Column("differences", sa.JSON(), nullable=False, server_default="[]")
        )

    with op.batch_alter_table("publiq_call", schema=None) as batch_op:
        batch_op.create_index(
            "ix_publiq_call_account_id_started_at", ["account_id", "started_at"], unique=False
        )

    with op.batch_alter_table("series", schema=None) as batch_op:
        batch_op.add_column(sa.Column("formula", sa.JSON(), nullable=True))

    with op.batch_alter_table("taxonomy_term", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("for_places", sa.Boolean(), nullable=False, server_default=sa.false())
        )

    with op.batch_alter_table("uit_profile", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("contact_email", sa.String(length=254), nullable=False, server_default="")
        )
        batch_op.add_column(
            sa.Column("contact_phone", sa.String(length=40), nullable=False, server_default="")
        )
        batch_op.add_column(
            sa.Column("contact_url", sa.String(length=500), nullable=False, server_default="")
        )
        batch_op.add_column(sa.Column("image_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("follows", sa.JSON(), nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
        batch_op.create_index(
            "ix_uit_profile_location_id", ["environment", "location_id"], unique=False
        )
        batch_op.create_index(
            "ix_uit_profile_organizer_id", ["environment", "organizer_id"], unique=False
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_uit_profile_image_id_uit_image"),
            "uit_image",
            ["image_id"],
            ["id"],
            ondelete="SET NULL",
        )
    _let_equal_values_follow()

    with op.batch_alter_table("uit_settings", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "exceptions_in_words", sa.Boolean(), nullable=False, server_default=sa.false()
            )
        )

    op.drop_index("ix_activity_first_start", table_name="activity")
    op.create_index(
        "ix_activity_first_start_last_end", "activity", ["first_start", "last_end"], unique=False
    )
    op.create_index(
        "ix_activity_uit_status_last_end", "activity", ["uit_status", "last_end"], unique=False
    )


def downgrade() -> None:
    op.drop_index("ix_activity_uit_status_last_end", table_name="activity")
    op.drop_index("ix_activity_first_start_last_end", table_name="activity")
    op.create_index("ix_activity_first_start", "activity", ["first_start"], unique=False)

    with op.batch_alter_table("uit_settings", schema=None) as batch_op:
        batch_op.drop_column("exceptions_in_words")

    with op.batch_alter_table("uit_profile", schema=None) as batch_op:
        batch_op.drop_constraint(
            batch_op.f("fk_uit_profile_image_id_uit_image"), type_="foreignkey"
        )
        batch_op.drop_index("ix_uit_profile_organizer_id")
        batch_op.drop_index("ix_uit_profile_location_id")
        batch_op.drop_column("version")
        batch_op.drop_column("follows")
        batch_op.drop_column("image_id")
        batch_op.drop_column("contact_url")
        batch_op.drop_column("contact_phone")
        batch_op.drop_column("contact_email")

    with op.batch_alter_table("taxonomy_term", schema=None) as batch_op:
        batch_op.drop_column("for_places")

    with op.batch_alter_table("series", schema=None) as batch_op:
        batch_op.drop_column("formula")

    with op.batch_alter_table("publiq_call", schema=None) as batch_op:
        batch_op.drop_index("ix_publiq_call_account_id_started_at")

    with op.batch_alter_table("event_link", schema=None) as batch_op:
        batch_op.drop_column("differences")
        batch_op.drop_column("remote_status")
        batch_op.drop_column("checked_at")
        batch_op.drop_column("availability_error")
        batch_op.drop_column("availability_tries")
        batch_op.drop_column("availability_next_at")
        batch_op.drop_column("availability_sent")
        batch_op.drop_column("organizer_fixed_at")

    with op.batch_alter_table("activity_date", schema=None) as batch_op:
        batch_op.drop_column("status_reason")
        batch_op.drop_column("postponed_at")

    op.execute("UPDATE activity SET state = 'cancelled' WHERE state = 'postponed'")
    with op.batch_alter_table("activity", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_activity_state"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_activity_state"), _one_of("draft", "online", "cancelled")
        )
        batch_op.drop_column("schedule")
        batch_op.alter_column("state_reason", new_column_name="cancel_reason")

    with op.batch_alter_table("publication_item", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_publication_item_due",
            sqlite_where=sa.text("state IN ('waiting', 'sending')"),
            postgresql_where=sa.text("state IN ('waiting', 'sending')"),
        )
        batch_op.drop_index("ix_publication_item_state_next_try_at")
        batch_op.drop_index("ix_publication_item_activity_id")

    op.drop_table("publication_item")
    with op.batch_alter_table("publication_run", schema=None) as batch_op:
        batch_op.drop_index("ix_publication_run_created_at")

    op.drop_table("publication_run")
    op.drop_table("image_upload")
    with op.batch_alter_table("uit_reference", schema=None) as batch_op:
        batch_op.drop_index("ix_uit_reference_state")

    op.drop_table("uit_reference")
    op.drop_table("uit_image")
    with op.batch_alter_table("school_holiday", schema=None) as batch_op:
        batch_op.drop_index("ix_school_holiday_first_day")

    op.drop_table("school_holiday")
