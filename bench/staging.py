"""What every measure stands on: a folder that goes, a sandbox, an application, a web server."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests
from flask import Flask

from app import create_app
from app.config import read_configuration
from app.extensions import Base, db, write_transaction
from app.people.accounts import make_admin
from app.settings.models import Environment, EnvironmentSettings
from app.settings.uit import uit_settings_for_update

ROOT = Path(__file__).resolve().parents[1]
LOOPBACK = "127.0.0.1"
KEY = "only-for-measuring-0123456789abcdef-0123456789"
EMAIL, PASSWORD = "meten@bench.example", "een lang wachtwoord"
POSTAL_CODE = "9995"
PATIENCE = 60
"""Seconds a part may take to answer."""


class BenchFailed(Exception):
    """A measure could not be taken; the text says why."""


@dataclass(frozen=True)
class Sandbox:
    """A running stand-in for publiq."""

    url: str

    def fault(self, operation: str, kind: str, seconds: float) -> None:
        """Make it misbehave until ``heal``."""
        body = {"operation": operation, "kind": kind, "seconds": seconds}
        requests.post(f"{self.url}/sandbox/storingen", json=body, timeout=10).raise_for_status()

    def heal(self) -> None:
        """All faults off."""
        requests.post(
            f"{self.url}/sandbox/storingen/alles-uit", json={}, timeout=10
        ).raise_for_status()

    def calls(self, path: str) -> int:
        """How often this path was asked, among the last two thousand calls."""
        found = requests.get(f"{self.url}/sandbox/ontvangen.json", timeout=30).json()
        return sum(1 for call in found if call["path"].split("?")[0].endswith(path))


@contextmanager
def running_sandbox(folder: Path) -> Iterator[Sandbox]:
    """The sandbox in a process of its own, on a free port."""
    port = free_port()
    command = [sys.executable, "-m", "app.sandbox", "--port", str(port), "--delay", "0"]
    process = _start([*command, "--database", str(folder / "sandbox.sqlite")], {})
    try:
        sandbox = Sandbox(f"http://{LOOPBACK}:{port}")
        _wait_for(f"{sandbox.url}/sandbox/", process)
        yield sandbox
    finally:
        _stop(process)


@contextmanager
def running_site(folder: Path, sandbox: Sandbox) -> Iterator[str]:
    """The web server as the product configures it, on this folder's database; its address."""
    port = free_port()
    environment = _variables(folder, sandbox.url) | {"LOKET_PORT": str(port)}
    process = _start([sys.executable, "-m", "gunicorn", "wsgi:app"], environment)
    try:
        address = f"http://{LOOPBACK}:{port}"
        _wait_for(f"{address}/gezond", process)
        yield address
    finally:
        _stop(process)


def make_application(folder: Path, sandbox_url: str = f"http://{LOOPBACK}:9") -> Flask:
    """An application on a database of its own in this folder, with one admin and credentials."""
    folder.mkdir(parents=True, exist_ok=True)
    app = create_app(read_configuration(_variables(folder, sandbox_url)))
    with app.app_context():
        Base.metadata.create_all(db.engine)
        make_admin(EMAIL, "Wie meet", PASSWORD)
        with write_transaction() as session:
            session.add(
                EnvironmentSettings(
                    environment=Environment.SANDBOX, client_id="demo", client_secret="demo"
                )
            )
            settings = uit_settings_for_update()
            settings.default_postal_code = POSTAL_CODE
            settings.registration_link_email = "vrijetijd@zonnewende.example"
            settings.registration_link_phone = "09 123 45 67"
        db.session.remove()
    return app


def free_port() -> int:
    """A port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return probe.getsockname()[1]


def _variables(folder: Path, sandbox_url: str) -> dict[str, str]:
    return {
        "LOKET_DATABASE_URL": f"sqlite:///{folder / 'loket.sqlite'}",
        "LOKET_SECRET_KEY": KEY,
        "LOKET_PUBLIC_URL": f"http://{LOOPBACK}",
        "LOKET_INSTANCE": str(folder / "instance"),
        "LOKET_SANDBOX_URL": sandbox_url,
    }


def _start(command: list[str], variables: dict[str, str]) -> subprocess.Popen[bytes]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("LOKET_")}
    return subprocess.Popen(
        command, cwd=ROOT, env=environment | variables, stdout=subprocess.DEVNULL
    )


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if process.poll() is not None:
            raise BenchFailed(f"what should answer at {url} has stopped")
        try:
            if requests.get(url, timeout=2).ok:
                return
        except requests.RequestException:
            pass  # not listening yet
        time.sleep(0.1)
    raise BenchFailed(f"nothing answers at {url}")
