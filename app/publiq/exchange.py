"""One HTTP request and what came of it, whatever came of it."""

from __future__ import annotations

import ssl
import time
from dataclasses import dataclass, field
from enum import Enum
from http.cookiejar import DefaultCookiePolicy

import requests
import urllib3.exceptions
from requests.structures import CaseInsensitiveDict

# The largest honest answer is a page of 500 ticket sales, far below this.
LARGEST_ANSWER = 10 * 1024 * 1024

# Kept open to each of publiq's services, for pages and jobs together.
CONNECTIONS = 32


@dataclass(frozen=True)
class Timeouts:
    """Seconds to wait: for a connection, for the next bytes, and for a whole answer.

    `total` is also how long after the start of a call its request may still be sent.
    """

    connect: float = 3.05
    read: float = 8.0
    total: float = 12.0

    @property
    def longest_call(self) -> float:
        """Seconds after which no call that was started can still do something at publiq."""
        return 2 * self.total + self.connect + self.read


class Failure(Enum):
    """Why there is no answer."""

    NOT_SENT = "no connection"
    CONNECT_TIMED_OUT = "no connection in time"
    BROKEN = "connection broken"
    TIMED_OUT = "no answer in time"
    TOO_LARGE = "answer too large"

    @property
    def never_arrived(self) -> bool:
        """Whether publiq cannot have seen the request."""
        return self in (Failure.NOT_SENT, Failure.CONNECT_TIMED_OUT)


@dataclass(frozen=True)
class Answer:
    """What came back, or the failure instead of it; `duration_ms` covers both."""

    duration_ms: int
    status: int | None = None
    headers: CaseInsensitiveDict[str] = field(default_factory=CaseInsensitiveDict)
    content: bytes = field(default=b"", repr=False)
    failure: Failure | None = None


def new_session() -> requests.Session:
    """A session for Transport: no cookies kept, safe to share between threads."""
    session = requests.Session()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    for scheme in ("https://", "http://"):
        session.mount(scheme, requests.adapters.HTTPAdapter(pool_maxsize=CONNECTIONS))
    session.headers["User-Agent"] = "Vrijloket"
    session.headers["Accept"] = "application/json, application/problem+json, */*;q=0.1"
    return session


def exchange(
    session: requests.Session, prepared: requests.PreparedRequest, timeouts: Timeouts
) -> Answer:
    """Sends the request once and reads the whole answer. Never raises for the network's sake.

    What the network libraries raise holds the address, which may hold a register number; so it
    ends here and leaves no trace in a chain of exceptions.
    """
    started = time.monotonic()
    settings = session.merge_environment_settings(prepared.url, {}, True, None, None)
    failure: Failure | None = None
    status, headers, content = None, CaseInsensitiveDict(), b""
    try:
        response = session.send(
            prepared,
            timeout=(timeouts.connect, timeouts.read),
            allow_redirects=False,
            **{**settings, "stream": True},
        )
        try:
            status, headers = response.status_code, response.headers
            content, failure = _read(response, started + timeouts.connect + timeouts.total)
        finally:
            response.close()
    except requests.RequestException as error:
        failure = _failure(error)
    except urllib3.exceptions.HTTPError as error:
        failure = _failure(error)
    duration_ms = round((time.monotonic() - started) * 1000)
    if failure is not None:
        return Answer(duration_ms, failure=failure)
    return Answer(duration_ms, status, headers, content)


def _read(response: requests.Response, deadline: float) -> tuple[bytes, Failure | None]:
    """The body, read as it arrives, so that a server that drips cannot hold a thread."""
    parts: list[bytes] = []
    size = 0
    while chunk := response.raw.read1(65536, decode_content=True):
        parts.append(chunk)
        size += len(chunk)
        if size > LARGEST_ANSWER:
            return b"", Failure.TOO_LARGE
        if time.monotonic() > deadline:
            return b"", Failure.TIMED_OUT
    return b"".join(parts), None


def _failure(error: BaseException) -> Failure:
    if isinstance(error, requests.ConnectTimeout):
        return Failure.CONNECT_TIMED_OUT
    if isinstance(error, (requests.ReadTimeout, urllib3.exceptions.ReadTimeoutError)):
        return Failure.TIMED_OUT
    causes = _causes(error)
    if any(isinstance(cause, urllib3.exceptions.NewConnectionError) for cause in causes):
        return Failure.NOT_SENT
    # The certificate is checked before anything of the request is sent.
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return Failure.NOT_SENT
    if isinstance(error, ValueError) and isinstance(error, requests.RequestException):
        # An address or header that cannot be sent at all.
        return Failure.NOT_SENT
    if isinstance(error, requests.exceptions.ProxyError):
        return Failure.NOT_SENT
    return Failure.BROKEN


def _causes(error: BaseException) -> list[BaseException]:
    """The error and all it was made of: the libraries pack them in args, reason and cause."""
    found: list[BaseException] = []
    queue: list[object] = [error]
    while queue and len(found) < 20:
        item = queue.pop()
        if not isinstance(item, BaseException) or item in found:
            continue
        found.append(item)
        queue += [*item.args, getattr(item, "reason", None), item.__cause__, item.__context__]
    return found
