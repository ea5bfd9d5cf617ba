"""Access tokens of publiq: one per client, cached, fetched by one thread at a time (S3)."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

# Renewed this long before the end, so that a slow clock or a slow call never meets a dead token.
RENEW_BEFORE_END = timedelta(minutes=5)

TOKEN_PATH = "/realms/uitid/protocol/openid-connect/token"  # noqa: S105 - a path, no secret


@dataclass(frozen=True)
class Token:
    """A bearer token and the moment (aware, UTC) at which publiq stops taking it."""

    access_token: str = field(repr=False)
    expires_at: datetime

    def is_fresh(self, at: datetime | None = None) -> bool:
        """Whether it can be used without thinking of its end."""
        return (at or datetime.now(UTC)) < self.expires_at - RENEW_BEFORE_END

    def is_valid(self, at: datetime | None = None) -> bool:
        """Whether publiq still takes it, as far as its end tells."""
        return (at or datetime.now(UTC)) < self.expires_at


class TokenStore(Protocol):
    """Where tokens are kept; one store belongs to one environment."""

    def get(self, client_id: str) -> Token | None:
        """The token kept for this client, also when it has ended."""

    def put(self, client_id: str, token: Token) -> None:
        """Keeps the token instead of what was kept for this client."""

    def drop(self, client_id: str, access_token: str) -> None:
        """Forgets this token; a newer one of the same client stays."""


class MemoryTokenStore:
    """Tokens kept in this process only: for tests and for trying credentials not yet saved."""

    def __init__(self) -> None:
        self._tokens: dict[str, Token] = {}
        self._lock = threading.Lock()

    def get(self, client_id: str) -> Token | None:
        return self._tokens.get(client_id)

    def put(self, client_id: str, token: Token) -> None:
        with self._lock:
            self._tokens[client_id] = token

    def drop(self, client_id: str, access_token: str) -> None:
        with self._lock:
            kept = self._tokens.get(client_id)
            if kept is not None and kept.access_token == access_token:
                del self._tokens[client_id]


_locks: dict[tuple[str, str], threading.Lock] = {}
_locks_guard = threading.Lock()


def lock_of(account: str, client_id: str) -> threading.Lock:
    """The lock that lets one thread of this process fetch a token for this client.

    It outlives any one Transport, since those are made anew for every use.
    """
    with _locks_guard:
        return _locks.setdefault((account, client_id), threading.Lock())
