"""The migrations make the same tables as the models, on both databases, from nothing."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Connection,
    DateTime,
    Enum,
    Integer,
    MetaData,
    Table,
    inspect,
    text,
)

from app import create_app
from app.config import read_configuration
from app.extensions import Base, db
from tests.conftest import KEY, _admin, _database_url

MIGRATIONS = str(Path(__file__).parents[1] / "migrations")


@pytest.fixture(params=["sqlite", "postgresql"])
def bare_app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """An application whose database has no tables at all."""
    name = None
    url = f"sqlite:///{tmp_path / 'bare.sqlite'}"
    if request.param == "postgresql":
        request.getfixturevalue("postgresql_template")  # skips where there is no server
        name = f"loket_bare_{uuid4().hex[:10]}"
        _admin(f"CREATE DATABASE {name}")
        url = _database_url(name)
    application = create_app(
        read_configuration(
            {
                "LOKET_DATABASE_URL": url,
                "LOKET_SECRET_KEY": KEY,
                "LOKET_PUBLIC_URL": "http://localhost",
                "LOKET_INSTANCE": str(tmp_path / "instance"),
            }
        ),
        testing=True,
    )
    with application.app_context():
        yield application
        db.session.remove()
        db.engine.dispose()
    if name:
        _admin(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def test_upgrading_from_nothing_makes_what_the_models_say(bare_app: Flask) -> None:
    upgrade(MIGRATIONS)
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_every_choice_is_guarded_by_a_check_with_all_its_values(bare_app: Flask) -> None:
    upgrade(MIGRATIONS)
    found = inspect(db.engine)
    for table in Base.metadata.tables.values():
        checks = " ".join(check["sqltext"] for check in found.get_check_constraints(table.name))
        for column in table.columns:
            if isinstance(column.type, Enum):
                for value in column.type.enums:
                    assert f"'{value}'" in checks, f"{table.name}.{column.name}: {value}"
        named = {c.name for c in table.constraints if isinstance(c, CheckConstraint) and c.name}
        assert named <= {check["name"] for check in found.get_check_constraints(table.name)}


def test_downgrading_to_nothing_leaves_no_table(bare_app: Flask) -> None:
    upgrade(MIGRATIONS)
    downgrade(MIGRATIONS, revision="base")
    assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}


def test_profiles_of_before_follow_their_type_where_they_are_equal(bare_app: Flask) -> None:
    upgrade(MIGRATIONS, revision="0001")
    with db.engine.begin() as connection:
        fill_with_profiles(connection)
    upgrade(MIGRATIONS)
    with db.engine.connect() as connection:
        rows = connection.execute(text("SELECT id, follows, version FROM uit_profile")).all()
    follows = {row.id: row.follows for row in rows}
    follows = {
        key: json.loads(value) if isinstance(value, str) else value
        for key, value in follows.items()
    }
    assert follows[1] == ["postal_code"], "the type has the postcode of the settings"
    assert follows[2] == [
        "location",
        "organizer",
        "event_type",
        "theme",
        "labels",
        "audience",
        "registration_link",
        "image",
    ], "a copy of its type, its labels in another order"
    assert follows[3] == ["organizer", "theme", "audience", "image"]
    assert follows[4] == ["organizer", "event_type", "theme", "labels", "audience", "image"]
    assert {row.version for row in rows} == {1}


def fill_with_profiles(connection: Connection) -> None:
    """A type with a profile and two activities, and a type without a profile with one."""
    insert_row(
        connection,
        "uit_settings",
        id=1,
        default_postal_code="9000",
        registration_link_default=False,
    )
    for key in (1, 2):
        insert_row(connection, "activity_type", id=key, name=f"Kampen {key}")
    for key, type_id in ((1, 1), (2, 1), (3, 2)):
        insert_row(connection, "activity", id=key, activity_type_id=type_id, title="Kamp")
    of_type = {
        "environment": "sandbox",
        "postal_code": "9000",
        "location_id": "plein",
        "event_type": "0.57.0.0.0",
        "labels": ["bos", "Hei"],
        "audience": "everyone",
        "registration_link": True,
    }
    insert_row(connection, "uit_profile", id=1, activity_type_id=1, **of_type)
    equal = of_type | {"labels": ["hei", "bos"]}
    insert_row(connection, "uit_profile", id=2, activity_id=1, **equal)
    other = of_type | {
        "location_id": "zaal",
        "event_type": "",
        "labels": [],
        "registration_link": False,
    }
    insert_row(connection, "uit_profile", id=3, activity_id=2, **other)
    alone = {**other, "audience": "everyone", "registration_link": True}
    insert_row(connection, "uit_profile", id=4, activity_id=3, **alone)


def insert_row(connection: Connection, table_name: str, **values: object) -> None:
    """A row with these values, and something harmless in every other column that must be there."""
    table = Table(table_name, MetaData(), autoload_with=connection)
    for column in table.columns:
        if column.name not in values and not column.nullable:
            values[column.name] = harmless(connection, column)
    connection.execute(table.insert().values(values))


def harmless(connection: Connection, column: Column) -> object:
    """A value that the column takes: of a choice its first, as the check of the table says."""
    checks = inspect(connection).get_check_constraints(column.table.name)
    choices = next(
        (c["sqltext"] for c in checks if re.search(rf"\b{column.name}\b", c["sqltext"])), ""
    )
    found = re.search(r"'([a-z_]+)'", choices)
    if found:
        return found[1]
    if isinstance(column.type, Boolean):
        return True
    if isinstance(column.type, Integer):
        return 1
    if isinstance(column.type, DateTime):
        return datetime(2027, 1, 1, tzinfo=UTC)
    return [] if column.name == "labels" else ""
