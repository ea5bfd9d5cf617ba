"""The queue in each of its forms, with a real worker that is killed in the middle of a run."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask

from app import create_app, jobs
from app.config import read_configuration
from app.extensions import db
from app.uitdatabank.models import ItemState
from app.uitdatabank.runs import try_again
from tests.conftest import KEY, make_application
from tests.uitdatabank.running import (
    ask,
    calls,
    events_at_publiq,
    let_time_pass,
    ready_series,
    states,
)
from tests.uitdatabank.support import connect, fault, no_faults

COUNT = 18
PATIENCE = 90
ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis server of our own."""
    program = shutil.which("redis-server")
    if program is None:
        if os.environ.get("CI") == "true":
            pytest.fail("redis-server is missing; .ci/run installs it")
        pytest.skip("install redis-server")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("redis")
    server = subprocess.Popen(
        [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)],
        stdout=subprocess.DEVNULL,
    )
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            break
        except OSError:
            time.sleep(0.1)
    yield f"redis://127.0.0.1:{port}/0"
    server.terminate()
    server.wait(timeout=10)


@dataclass
class Machine:
    """A configuration with its web process (here) and its worker (a process of its own)."""

    environ: dict[str, str]
    web: Flask

    def start_worker(self) -> subprocess.Popen:
        return subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", "wsgi", "worker"],
            cwd=ROOT,
            env={**os.environ, **self.environ, "FLASK_SKIP_DOTENV": "1"},
            stderr=subprocess.DEVNULL,
        )

    def wake(self, name: str) -> None:
        with self.web.app_context():
            jobs.wake(name)


@pytest.fixture(
    params=[("embedded", "sqlite"), ("redis", "postgresql"), ("postgresql", "postgresql")],
    ids=["embedded", "redis", "postgresql"],
)
def form(request: pytest.FixtureRequest) -> str:
    """How the queue is kept; each with the database that goes with it."""
    return request.param[0]


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path, form: str) -> Iterator[str]:
    """SQLite beside the embedded queue, PostgreSQL beside those of several machines."""
    from tests import conftest

    if form == "embedded":
        yield f"sqlite:///{tmp_path / 'loket.sqlite'}"
        return
    template = request.getfixturevalue("postgresql_template")
    name = f"{template}_{form}"
    conftest._admin(f"CREATE DATABASE {name} TEMPLATE {template}")
    yield conftest._database_url(name)
    conftest._admin(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture
def machine(
    request: pytest.FixtureRequest, form: str, database_url: str, tmp_path: Path, sandbox_url: str
) -> Iterator[Machine]:
    """The application as its administrator configured it, with all tables and credentials."""
    plain = database_url.replace("postgresql+psycopg:", "postgresql:")
    queue = {"embedded": "embedded", "postgresql": plain}.get(form)
    environ = {
        "LOKET_DATABASE_URL": plain,
        "LOKET_SECRET_KEY": KEY,
        "LOKET_PUBLIC_URL": "http://localhost",
        "LOKET_INSTANCE": str(tmp_path / "instance"),
        "LOKET_SANDBOX_URL": sandbox_url,
        "LOKET_QUEUE": queue or request.getfixturevalue("redis_url"),
    }
    looking = make_application(database_url, tmp_path, sandbox_url)
    web = create_app(read_configuration(environ))
    with looking.app_context():
        connect()
        yield Machine(environ, web)
        db.session.remove()
        db.engine.dispose()
    with web.app_context():
        db.engine.dispose()


def wait_until(what: str, done) -> None:
    began = time.monotonic()
    while not done():
        assert time.monotonic() - began < PATIENCE, f"not in time: {what}"
        time.sleep(0.1)


def posted(sandbox_url: str) -> int:
    """How many events publiq holds so far."""
    return sum(n for name, n in events_at_publiq(sandbox_url).items() if name.startswith("Kamp "))


def test_a_worker_killed_in_the_middle_of_a_run_and_started_again_publishes_all_once(
    machine: Machine, sandbox_url: str
) -> None:
    run_id = ask(ready_series(COUNT))
    fault(sandbox_url, "POST /events", "traag", seconds=0.3, count=1000)
    worker = machine.start_worker()
    try:
        machine.wake("runs")
        wait_until("some events", lambda: posted(sandbox_url) >= COUNT // 3)
        worker.send_signal(signal.SIGKILL)
        worker.wait(timeout=10)
        time.sleep(0.5)  # what was on its way arrives
        assert posted(sandbox_url) < COUNT, "killed too late to prove anything"
        assert states(run_id)[ItemState.DONE] < COUNT
        no_faults(sandbox_url)
        let_time_pass()
        worker = machine.start_worker()
        _until_all_is_known(machine, run_id)
        if states(run_id)[ItemState.FAILED]:  # lost and not found back: a person tries again
            try_again(run_id)
            machine.wake("runs")
        wait_until("all published", lambda: states(run_id) == {ItemState.DONE: COUNT})
    finally:
        worker.kill()
        worker.wait(timeout=10)
    events = events_at_publiq(sandbox_url)
    assert {events[f"Kamp {number}"] for number in range(1, COUNT + 1)} == {1}


def _until_all_is_known(machine: Machine, run_id: int) -> None:
    """What the clock would do in the next minutes, without waiting for them."""
    machine.wake("runs")
    began = time.monotonic()
    while states(run_id)[ItemState.WAITING] + states(run_id)[ItemState.SENDING]:
        assert time.monotonic() - began < PATIENCE, states(run_id)
        time.sleep(2)
        let_time_pass(310)
        machine.wake("publications")
        time.sleep(1)
        machine.wake("runs")


@pytest.mark.parametrize("workers", [2])
def test_workers_share_a_run_and_ask_for_a_token_each_at_most(
    machine: Machine, sandbox_url: str, workers: int
) -> None:
    run_id = ask(ready_series(COUNT))
    fault(sandbox_url, "POST /events", "traag", seconds=0.3, count=1000)
    started = [machine.start_worker() for _ in range(workers)]
    try:
        for _ in range(2 * workers):
            machine.wake("runs")
        wait_until("all published", lambda: states(run_id) == {ItemState.DONE: COUNT})
    finally:
        for worker in started:
            worker.kill()
            worker.wait(timeout=10)
        no_faults(sandbox_url)
    assert calls("event-post") == COUNT
    assert calls("token") <= workers
    events = events_at_publiq(sandbox_url)
    assert {events[f"Kamp {number}"] for number in range(1, COUNT + 1)} == {1}


def test_the_health_page_says_how_the_queue_is_kept(machine: Machine, form: str) -> None:
    answer = machine.web.test_client().get("/gezond")
    assert answer.status_code == 200
    assert answer.json["queue"]["kind"] == form
