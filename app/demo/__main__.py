"""``make demo``: the sandbox, the database, the demo's data and the web server, until Ctrl-C."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import requests

from app.config import Configuration, ConfigurationError, read_configuration
from app.demo import PASSWORD, SIGN_INS

PATIENCE = 60
"""Seconds a part may take to answer."""


class Stopped(Exception):
    """The demo cannot go on; the text says why and what to do."""


def main() -> int:
    """Start all, wait, and stop all that was started. Returns the exit code."""
    try:
        configuration = read_configuration()
    except ConfigurationError as error:
        print(f"De demo kan niet starten: {error}")
        return 1
    children: list[subprocess.Popen[bytes]] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)  # also where a shell had us ignore Ctrl-C
    try:
        _run(configuration, children)
    except Stopped as stopped:
        print(f"\n{stopped}")
        return 1
    except KeyboardInterrupt:
        print("\nDe demo stopt.")
    finally:
        _stop(children)
    return 0


def _run(configuration: Configuration, children: list[subprocess.Popen[bytes]]) -> None:
    _refuse_taken(configuration.port, "LOKET_PORT")
    _refuse_taken(configuration.sandbox_port, "LOKET_SANDBOX_PORT")
    configuration.instance_path.mkdir(parents=True, exist_ok=True)
    sandbox = configuration.bundled_sandbox_url
    children.append(_start(_sandbox_command(configuration)))
    _wait_for(f"{sandbox}/sandbox/", children[-1], "De oefenomgeving")
    _flask("init-db")
    _flask("demo-data")
    children.append(_start([sys.executable, "-m", "gunicorn", "wsgi:app"]))
    address = f"http://127.0.0.1:{configuration.port}"
    _wait_for(f"{address}/gezond", children[-1], "De website")
    _tell(address, sandbox)
    while all(child.poll() is None for child in children):
        time.sleep(0.3)
    raise Stopped("Een deel van de demo is onverwacht gestopt; hierboven staat waarom.")


def _sandbox_command(configuration: Configuration) -> list[str]:
    database = Path(configuration.instance_path) / "sandbox.sqlite"
    port = str(configuration.sandbox_port)
    return [sys.executable, "-m", "app.sandbox", "--port", port, "--database", str(database)]


def _refuse_taken(port: int, variable: str) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise Stopped(
                f"Poort {port} is al in gebruik. Stop wat er draait, of kies een andere poort: "
                f"{variable}={port + 10} make demo"
            ) from None


def _start(command: list[str]) -> subprocess.Popen[bytes]:
    # a group of its own: Ctrl-C reaches only us, and we stop the parts in order
    return subprocess.Popen(command, start_new_session=True)  # noqa: S603 - our own modules


def _flask(command: str) -> None:
    done = subprocess.run(  # noqa: S603 - our own commands
        [sys.executable, "-m", "flask", "--app", "wsgi", command],
        env={**os.environ, "FLASK_SKIP_DOTENV": "1"},
        check=False,
    )
    if done.returncode != 0:
        raise Stopped(f"De stap '{command}' is mislukt; hierboven staat waarom.")


def _wait_for(url: str, child: subprocess.Popen[bytes], name: str) -> None:
    for _ in range(PATIENCE * 5):
        if child.poll() is not None:
            raise Stopped(f"{name} is niet gestart; hierboven staat waarom.")
        try:
            if requests.get(url, timeout=2).ok:
                return
        except requests.RequestException:
            pass  # not listening yet
        time.sleep(0.2)
    raise Stopped(f"{name} antwoordt niet na {PATIENCE} seconden.")


def _tell(address: str, sandbox: str) -> None:
    width = max(len(email) for email, _what in SIGN_INS)
    print(f"\nVrijloket draait.\n\n  Aanbod       {address}/aanbod")
    print(f"  Beheer       {address}/beheer")
    print(f"  Oefenserver  {sandbox}/sandbox/  (speelt UiTdatabank en UiTPAS)\n")
    print(f"Aanmelden op {address}/aanmelden, wachtwoord: {PASSWORD}\n")
    for email, what in SIGN_INS:
        print(f"  {email:<{width}}  {what}")
    print("\nCtrl-C stopt alles; een volgende 'make demo' gaat verder met dezelfde gegevens.")
    sys.stdout.flush()


def _stop(children: list[subprocess.Popen[bytes]]) -> None:
    for child in reversed(children):
        if child.poll() is None:
            child.terminate()
    for child in reversed(children):
        try:
            child.wait(timeout=12)
        except subprocess.TimeoutExpired:
            child.kill()


def _interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
