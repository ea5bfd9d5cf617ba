import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

ROOT = Path(__file__).resolve().parents[2]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(port, folder):
    return subprocess.Popen(
        [sys.executable, "-m", "app.sandbox", "--port", str(port), "--database",
         str(folder / "s.sqlite")],
        cwd=ROOT,
        env=os.environ | {"LOKET_SANDBOX_CLIENT_SECRET": "eigen"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip


@pytest.fixture
def served(tmp_path):
    """A sandbox in a process of its own, and its base address."""
    port = free_port()
    process = start(port, tmp_path)
    assert "Oefenomgeving" in process.stdout.readline()
    yield process, f"http://127.0.0.1:{port}"
    if process.poll() is None:
        process.kill()
    process.communicate()


def sign_in(base):
    answer = requests.post(
        base + "/account/realms/uitid/protocol/openid-connect/token",
        data={"grant_type": "client_credentials", "client_id": "demo", "client_secret": "eigen"},
        timeout=5,
    )
    return {"Authorization": "Bearer " + answer.json()["access_token"]}


def test_it_serves_ids_of_its_own_address_and_stops_on_sigterm(served):
    process, base = served
    place = requests.get(base + "/search/places?limit=1", headers=sign_in(base), timeout=5)
    assert place.json()["member"][0]["@id"].startswith(base + "/io/places/")
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=5) == 0


def test_no_number_of_a_person_is_written_to_the_log(served):
    process, base = served
    path = "/uitpas/passes?identifier=16051411460"
    assert requests.get(base + path, headers=sign_in(base), timeout=5).ok
    process.send_signal(signal.SIGTERM)
    output, complaints = process.communicate(timeout=5)
    assert "16051411460" not in output + complaints


def test_a_lost_answer_closes_the_connection_after_the_work_was_done(served):
    _, base = served
    headers = sign_in(base)
    fault = {"operation": "GET /permissions", "kind": "antwoord-kwijt", "count": 1}
    requests.post(base + "/sandbox/storingen", json=fault, timeout=5)
    with pytest.raises(requests.ConnectionError):
        requests.get(base + "/uitpas/permissions", headers=headers, timeout=5)
    assert requests.get(base + "/uitpas/permissions", headers=headers, timeout=5).ok


def test_a_slow_call_does_not_hold_up_the_others(served):
    _, base = served
    headers = sign_in(base)
    fault = {"operation": "GET /permissions", "kind": "traag", "seconds": 3, "count": 1}
    requests.post(base + "/sandbox/storingen", json=fault, timeout=5)
    with pytest.raises(requests.Timeout):
        requests.get(base + "/uitpas/permissions", headers=headers, timeout=0.3)
    begin = time.monotonic()
    assert requests.get(base + "/uitpas/organizers", headers=headers, timeout=5).ok
    assert time.monotonic() - begin < 2


def test_a_taken_port_is_told_in_a_sentence(served, tmp_path):
    port = int(served[1].rsplit(":", 1)[1])
    second = start(port, tmp_path / "other")
    _, complaint = second.communicate(timeout=20)
    assert second.returncode == 1
    assert f"Poort {port} is al in gebruik" in complaint
