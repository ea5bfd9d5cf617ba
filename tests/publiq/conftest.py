"""Fixtures of the client's tests."""

import pytest
import responses as responses_library

from app.publiq import Publiq
from app.publiq.tokens import MemoryTokenStore
from app.publiq.transport import Transport
from tests.publiq.support import MisbehavingServer, Recorder, answer_token, make_transport


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch):
    monkeypatch.setattr("app.publiq.transport.PAUSE", 0)


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def tokens() -> MemoryTokenStore:
    return MemoryTokenStore()


@pytest.fixture
def transport(recorder, tokens) -> Transport:
    return make_transport(recorder, tokens=tokens)


@pytest.fixture
def publiq(transport) -> Publiq:
    return Publiq(transport)


@pytest.fixture
def http():
    """Answers only what a test announced, and fails when something announced was not asked."""
    with responses_library.RequestsMock() as mock:
        yield mock


@pytest.fixture
def signed_in(http):
    """publiq with a token for whoever asks."""
    answer_token(http)
    return http


@pytest.fixture
def misbehaving():
    servers = []

    def start(*behaviours) -> MisbehavingServer:
        server = MisbehavingServer(*behaviours)
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.stop()
