"""How migrations run: on SQLite in batch mode, and with foreign keys off while tables move.

With foreign keys on, recreating a parent table empties its children (ON DELETE CASCADE). The
pragma does nothing inside a transaction, so it goes to the driver before Alembic begins one.
"""

from alembic import context
from flask import current_app

from app.columns import Encrypted, Money, UtcDateTime
from app.extensions import db

PLAIN = {
    Encrypted: "sa.Text()",
    UtcDateTime: "sa.DateTime(timezone=True)",
    Money: "sa.BigInteger().with_variant(sa.Integer(), 'sqlite')",
}
"""Migrations name the database's own types: they must still run when our classes have changed."""


def plain_type(kind, item, _autogen_context):
    """How one of our column types is written in a new migration."""
    return PLAIN.get(type(item), False) if kind == "type" else False


def run_migrations() -> None:
    """Bring the database of the application to the version asked for."""
    if context.is_offline_mode():
        raise SystemExit("Migrations need the database: set LOKET_DATABASE_URL.")
    options = dict(current_app.extensions["migrate"].configure_args)
    with db.engine.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        if sqlite:
            _foreign_keys(connection, "OFF")
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_item=plain_type,
            **options,
        )
        with context.begin_transaction():
            context.run_migrations()
        if sqlite:
            _check_foreign_keys(connection)
            _foreign_keys(connection, "ON")


def _foreign_keys(connection, state: str) -> None:
    connection.connection.dbapi_connection.execute(f"PRAGMA foreign_keys={state}")


def _check_foreign_keys(connection) -> None:
    broken = connection.connection.dbapi_connection.execute("PRAGMA foreign_key_check").fetchall()
    if broken:
        raise RuntimeError(f"rows without their parent after migrating: {broken[:5]}")


run_migrations()
