"""Fixtures for the whole suite: an application per test, on SQLite or PostgreSQL, and a sandbox."""

import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import create_engine, make_url, text

from app import create_app
from app.config import read_configuration
from app.extensions import db
from tests.browser_like import BrowserLike
from tests.playwright_browser import browser as browser

# A machine with much to do is slow, which is no fault of what is tested.
settings.register_profile("vrijloket", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("vrijloket")

KEY = "a-key-for-tests-only-0123456789abcdef"
POSTGRESQL = os.environ.get("LOKET_TEST_POSTGRESQL", "postgresql+psycopg://127.0.0.1:5432/postgres")


def postgresql_available() -> bool:
    """Whether a server answers where LOKET_TEST_POSTGRESQL says."""
    try:
        with create_engine(POSTGRESQL, connect_args={"connect_timeout": 3}).connect():
            return True
    except Exception:  # noqa: BLE001 - whatever is wrong, the server is not usable
        return False


@pytest.fixture(scope="session")
def postgresql_template() -> Iterator[str]:
    """The name of a database with all tables, to be copied for each test."""
    if not postgresql_available():
        if os.environ.get("CI") == "true":
            pytest.fail("PostgreSQL does not answer; .ci/run installs and starts it")
        pytest.skip("install and start PostgreSQL, or set LOKET_TEST_POSTGRESQL")
    name = f"loket_template_{uuid4().hex[:10]}"
    _admin(f"CREATE DATABASE {name}")
    engine = create_engine(_database_url(name))
    _create_tables(engine)
    engine.dispose()
    yield name
    _admin(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _create_tables(engine) -> None:
    from app import models
    from app.extensions import Base

    assert models.ALL_MODELS
    Base.metadata.create_all(engine)


def _admin(statement: str) -> None:
    engine = create_engine(POSTGRESQL, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def _database_url(name: str) -> str:
    return make_url(POSTGRESQL).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def _postgresql_database(postgresql_template: str) -> Iterator[str]:
    name = f"loket_{uuid4().hex[:12]}"
    _admin(f"CREATE DATABASE {name} TEMPLATE {postgresql_template}")
    yield name
    _admin(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


# Emptying one database is many times quicker than copying one for each test. Whoever a test
# left behind, a thread or a killed process, loses its connection first.
EMPTY = text("""
DO $$
DECLARE
    relation record;
    filled boolean;
BEGIN
    PERFORM pg_terminate_backend(pid, 5000) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid();
    SET LOCAL session_replication_role = replica;
    FOR relation IN SELECT relname FROM pg_class
        WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %I)', relation.relname) INTO filled;
        IF filled THEN
            EXECUTE format('DELETE FROM %I', relation.relname);
        END IF;
    END LOOP;
    FOR relation IN SELECT sequencename FROM pg_sequences
        WHERE schemaname = 'public' AND last_value IS NOT NULL
    LOOP
        EXECUTE format('ALTER SEQUENCE %I RESTART', relation.sequencename);
    END LOOP;
END $$
""")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database with all tables, on each engine in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'loket.sqlite'}"
    url = _database_url(request.getfixturevalue("_postgresql_database"))
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(EMPTY)
    engine.dispose()
    return url


@pytest.fixture
def app(database_url: str, tmp_path: Path, sandbox_url: str) -> Iterator[Flask]:
    """The application as configured for a municipality, with the sandbox as publiq."""
    application = make_application(database_url, tmp_path, sandbox_url)
    with application.app_context():
        yield application
        db.session.remove()
        db.engine.dispose()


class CompiledTemplates(BytecodeCache):
    """Templates that were compiled for an earlier application: a third of the time of all tests."""

    def __init__(self) -> None:
        self._compiled: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Jinja asks for what it compiled before; a changed template has another checksum."""
        if bucket.key in self._compiled:
            bucket.bytecode_from_string(self._compiled[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Jinja has compiled one."""
        self._compiled[bucket.key] = bucket.bytecode_to_string()


TEMPLATES = CompiledTemplates()


def make_application(database_url: str, folder: Path, sandbox_url: str) -> Flask:
    """An application on this database; where the file of SQLite is missing, it gets its tables."""
    configuration = read_configuration(
        {
            "LOKET_DATABASE_URL": database_url,
            "LOKET_SECRET_KEY": KEY,
            "LOKET_PUBLIC_URL": "http://localhost",
            "LOKET_INSTANCE": str(folder / "instance"),
            "LOKET_SANDBOX_URL": sandbox_url,
        }
    )
    file = make_url(database_url).database if database_url.startswith("sqlite") else None
    if file is not None and not Path(file).exists():
        Path(file).write_bytes(_sqlite_with_tables())
    application = create_app(replace(configuration), testing=True)
    application.jinja_env.bytecode_cache = TEMPLATES
    application.test_client_class = BrowserLike
    application.config["RATELIMIT_ENABLED"] = True
    return application


@cache
def _sqlite_with_tables() -> bytes:
    """The file of an empty database with all tables: copying it is quicker than making it."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "loket.sqlite"
        engine = create_engine(f"sqlite:///{path}")
        _create_tables(engine)
        engine.dispose()
        return path.read_bytes()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser that has not signed in; CSRF stays on, see tests/browser_like.py."""
    return app.test_client()


@pytest.fixture(scope="session")
def _sandbox_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    from app.sandbox import create_sandbox
    from app.sandbox.serving import make_sandbox_server

    path = tmp_path_factory.mktemp("sandbox") / "sandbox.sqlite"
    server = make_sandbox_server(create_sandbox(str(path), delay_seconds=0), 0)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


@pytest.fixture
def sandbox_url(_sandbox_server: str) -> str:
    """The address of a running sandbox, set back to its first state."""
    import requests

    requests.post(f"{_sandbox_server}/sandbox/opnieuw", timeout=10)
    return _sandbox_server
