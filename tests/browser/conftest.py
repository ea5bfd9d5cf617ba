"""A live address with Chromium in front of it: our app, its database, and a sandbox with a delay.

Whatever the browser complains about (its console, the policy, an answer that should not have
been) fails the test that caused it.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask
from playwright.sync_api import Browser
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from app import create_app
from app.config import read_configuration
from app.extensions import db, write_transaction
from app.jobs import run_job
from app.people.models import Role
from app.sandbox import create_sandbox
from app.sandbox.serving import make_sandbox_server
from app.settings.models import Environment, EnvironmentSettings
from app.settings.uit import uit_settings_for_update
from tests.browser.visiting import Visitor
from tests.conftest import KEY, _create_tables
from tests.signing_in import make_account

CLIENT_ID = "vrijloket-zonnewende"
CLIENT_SECRET = "kamperfoelie-4711-boterbloem"
ARRIVES_AFTER = 0.3
"""Seconds before a new event has reached Search and UiTPAS."""
ADMIN = "beheer@gemeente.example"
POSTAL_CODE = "9995"
MUNICIPALITY = "Zonnewende"


class QuietHandler(WSGIRequestHandler):
    """Writes no line per request."""

    def log_request(self, code: Any = "-", size: Any = "-") -> None:
        """Nothing."""


@dataclass
class Sandbox:
    """What publiq's stand-in holds, and how it misbehaves."""

    url: str

    def sales(self) -> list[dict[str, Any]]:
        """Every ticket sale ever registered, newest first, with ``cancelled``."""
        return requests.get(f"{self.url}/sandbox/ticket-sales.json", timeout=10).json()

    def live_sales(self) -> list[dict[str, Any]]:
        """The ticket sales that stand."""
        return [sale for sale in self.sales() if not sale["cancelled"]]

    def fault(self, operation: str, kind: str, count: int | None = 1, **fields: object) -> None:
        """Switch a fault on, for the next so many calls; None lasts."""
        body = {"operation": operation, "kind": kind, "count": count, **fields}
        answer = requests.post(f"{self.url}/sandbox/storingen", json=body, timeout=10)
        assert answer.ok, answer.text

    def heal(self) -> None:
        """Switch all faults off."""
        requests.post(f"{self.url}/sandbox/storingen/alles-uit", json={}, timeout=10)

    def arrive(self) -> None:
        """What was on its way to Search and UiTPAS is there now."""
        requests.post(f"{self.url}/sandbox/vooruit", json={}, timeout=10)


@dataclass
class Site:
    """Our application at its live address."""

    app: Flask
    address: str

    @contextmanager
    def open_database(self) -> Iterator[None]:
        """A look or a change behind the browser's back."""
        with self.app.app_context():
            yield
            db.session.remove()

    def run_job(self, name: str) -> None:
        """What the queue would do by itself within the minute."""
        with self.open_database():
            assert run_job(name)

    def mail_subjects(self) -> list[str]:
        """The subjects of the mails that went out."""
        folder = Path(self.app.instance_path) / "mail"
        mails = [
            message_from_bytes(item.read_bytes(), policy=policy.default)
            for item in folder.rglob("*.eml")
        ]
        return [str(mail["Subject"]) for mail in mails]


@contextmanager
def _serving(server: BaseWSGIServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield
    server.shutdown()
    thread.join()
    server.server_close()


@contextmanager
def serve_sandbox(folder: Path, delay_seconds: float) -> Iterator[str]:
    """A sandbox of its own; yields its address."""
    application = create_sandbox(
        str(folder / "sandbox.sqlite"),
        delay_seconds=delay_seconds,
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
    )
    server = make_sandbox_server(application, 0)
    with _serving(server):
        yield f"http://127.0.0.1:{server.server_port}"


@pytest.fixture(scope="session")
def _slow_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serve_sandbox(tmp_path_factory.mktemp("browser"), ARRIVES_AFTER) as address:
        yield address


@pytest.fixture
def sandbox(_slow_sandbox: str) -> Sandbox:
    """The sandbox in its first state."""
    requests.post(f"{_slow_sandbox}/sandbox/opnieuw", timeout=10)
    return Sandbox(_slow_sandbox)


@contextmanager
def serve_site(database_url: str, folder: Path, sandbox_url: str) -> Iterator[Site]:
    """The application on a free port, its public address being that of the server."""
    server = make_server("127.0.0.1", 0, lambda *_: [], threaded=True, request_handler=QuietHandler)
    address = f"http://127.0.0.1:{server.server_port}"
    configuration = read_configuration(
        {
            "LOKET_DATABASE_URL": database_url,
            "LOKET_SECRET_KEY": KEY,
            "LOKET_PUBLIC_URL": address,
            "LOKET_INSTANCE": str(folder / "instance"),
            "LOKET_SANDBOX_URL": sandbox_url,
            "LOKET_SANDBOX_CLIENT_ID": CLIENT_ID,
            "LOKET_SANDBOX_CLIENT_SECRET": CLIENT_SECRET,
        }
    )
    application = create_app(configuration, testing=True)
    server.app = application
    if database_url.startswith("sqlite"):
        with application.app_context():
            _create_tables(db.engine)
    with _serving(server):
        yield Site(application, address)
    with application.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def site(database_url: str, tmp_path: Path, sandbox: Sandbox) -> Iterator[Site]:
    """The application with an empty database of its own."""
    with serve_site(database_url, tmp_path, sandbox.url) as served:
        yield served


@pytest.fixture
def admin(site: Site) -> str:
    """The e-mail address of somebody who may do everything."""
    with site.open_database():
        make_account(ADMIN, [Role.ADMIN], first_name="Hilde", last_name="De Wolf")
    return ADMIN


@pytest.fixture
def connected(site: Site) -> None:
    """The sandbox is the active environment, and we have its credentials."""
    with site.open_database(), write_transaction() as session:
        uit_settings_for_update().active_environment = Environment.SANDBOX
        session.add(
            EnvironmentSettings(
                environment=Environment.SANDBOX, client_id=CLIENT_ID, client_secret=CLIENT_SECRET
            )
        )


@pytest.fixture
def visit(browser: Browser, site: Site) -> Iterator[Callable[..., Visitor]]:
    """Somebody comes along: visit('phone') or visit('wide'), each with cookies of their own."""
    visitors: list[Visitor] = []

    def come(screen: str = "wide", **settings: Any) -> Visitor:
        visitor = Visitor(browser, site.address, screen, **settings)
        visitor.secrets.append(CLIENT_SECRET)
        visitors.append(visitor)
        return visitor

    yield come
    complaints = [line for visitor in visitors for line in visitor.complaints]
    for visitor in visitors:
        visitor.leave()
    assert not complaints, "\n".join(complaints)
