"""The migrations make the same tables as the models, on both databases, from nothing."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import CheckConstraint, Enum, inspect

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
