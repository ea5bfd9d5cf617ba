"""A transport with everything it needs, and a server that misbehaves as told."""

import socket
import threading
from dataclasses import dataclass, field

from app.publiq.addresses import TEST, Addresses
from app.publiq.exchange import Timeouts
from app.publiq.tokens import TOKEN_PATH, MemoryTokenStore
from app.publiq.transport import CallRecord, Transport

CLIENT_ID = "gemeente-client"
CLIENT_SECRET = "zeer-geheim-woord-42"
TOKEN_URL = TEST.account + TOKEN_PATH
EVENT = "5a0967f9-cc06-4c3c-9206-30481a767434"
PASS_NUMBER = "0900010959113"
INSZ = "83030201540"


@dataclass
class Recorder:
    """Collects what the log of calls would get; the id of a record is its place in the list."""

    records: list[CallRecord] = field(default_factory=list)

    def __call__(self, record: CallRecord) -> object:
        self.records.append(record)
        return len(self.records)

    @property
    def last(self) -> CallRecord:
        return self.records[-1]

    def operations(self) -> list[str]:
        return [record.operation for record in self.records]


def make_transport(recorder, *, addresses: Addresses = TEST, tokens=None, **others) -> Transport:
    arguments = {
        "addresses": addresses,
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "tokens": tokens if tokens is not None else MemoryTokenStore(),
        "record": recorder,
        "before_call": lambda: None,
        "slots": None,
        "timeouts": Timeouts(connect=1, read=1, total=2),
    }
    return Transport(**(arguments | others))


def answer_token(http, token="token-een", lifetime=86400):
    http.post(
        TOKEN_URL,
        json={"access_token": token, "expires_in": lifetime, "token_type": "Bearer"},
    )


class MisbehavingServer:
    """A server on loopback that answers each connection with the next of the given behaviours.

    A behaviour is bytes to send (an HTTP answer or a piece of one), or a function of the
    connection. It keeps the requests it received.
    """

    def __init__(self, *behaviours):
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._behaviours = list(behaviours)
        self.requests: list[bytes] = []
        self.released = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def _serve(self):
        for behaviour in self._behaviours:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection:
                self.requests.append(_read_request(connection))
                if callable(behaviour):
                    behaviour(self, connection)
                else:
                    connection.sendall(behaviour)

    def stop(self):
        self.released.set()
        # Closing alone would leave the thread waiting for a connection.
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(timeout=5)


def _read_request(connection) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def http_answer(body: bytes, status: str = "200 OK", content_type: str = "application/json"):
    return (
        f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    ).encode() + body


def token_answer(token: str = "token-een") -> bytes:
    return http_answer(
        f'{{"access_token": "{token}", "expires_in": 86400, "token_type": "Bearer"}}'.encode()
    )


def silence(server, connection):
    """Keeps the connection open and says nothing."""
    server.released.wait(10)


def hang_up(server, connection):
    """Closes the connection without an answer."""
