"""The demo filled once, beside a sandbox of its own that no other test sets back."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from flask import Flask

from app.demo import fill_demo, registrations
from app.extensions import db
from app.sandbox import create_sandbox
from app.sandbox.serving import make_sandbox_server
from tests.conftest import make_application


@pytest.fixture(autouse=True)
def _uitpas_is_fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registrations, "UITPAS_MOMENT", 0.01)


@pytest.fixture(scope="session")
def demo_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the sandbox of the demo that was filled once."""
    path = tmp_path_factory.mktemp("demo-sandbox") / "sandbox.sqlite"
    server = make_sandbox_server(create_sandbox(str(path), delay_seconds=0), 0)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


@pytest.fixture(scope="session")
def filled_application(
    demo_sandbox: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """An application whose database was filled once, for tests that mostly read."""
    folder = tmp_path_factory.mktemp("demo")
    application = make_application(f"sqlite:///{folder / 'loket.sqlite'}", folder, demo_sandbox)
    _beside_the_sandbox(application)
    with application.app_context(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(registrations, "UITPAS_MOMENT", 0.01)
        fill_demo()
        db.session.remove()
    yield application
    with application.app_context():
        db.engine.dispose()


@pytest.fixture
def filled(filled_application: Flask) -> Iterator[Flask]:
    """The demo, to look at."""
    with filled_application.app_context():
        yield filled_application
        db.session.remove()


@pytest.fixture
def bundled(app: Flask) -> Flask:
    """An empty application beside the sandbox that comes along, as `make demo` starts it."""
    _beside_the_sandbox(app)
    return app


def _beside_the_sandbox(app: Flask) -> None:
    loket = app.config["LOKET"]
    app.config["LOKET"] = replace(loket, sandbox_port=urlsplit(loket.sandbox_url).port)
