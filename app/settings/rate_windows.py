"""Rate limits kept in our own database, so that every process counts together.

The window moves: 'ten an hour' holds for any sixty minutes, not for each hour of the clock.
Each try is a transaction of its own: the request's session is not touched.
"""

import json
import sys
import time
from typing import Any

from limits.storage import MovingWindowSupport, Storage
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.encryption import keyring
from app.extensions import db

# The update that changes nothing locks the row: tries at the same moment wait for one another.
LOCK = text(
    "INSERT INTO rate_window (key, moments, expires_at) VALUES (:key, '[]', :now) "
    "ON CONFLICT (key) DO UPDATE SET key = excluded.key RETURNING moments"
)
WRITE = text("UPDATE rate_window SET moments = :moments, expires_at = :ends WHERE key = :key")
READ = text("SELECT moments, expires_at FROM rate_window WHERE key = :key")
FORGET = text("DELETE FROM rate_window WHERE key = :key")
FORGET_ALL = text("DELETE FROM rate_window")
CLEAN = text("DELETE FROM rate_window WHERE expires_at <= :now")


class DatabaseStorage(Storage, MovingWindowSupport):
    """The storage of Flask-Limiter that LOKET_RATELIMIT_URL leaves unset."""

    STORAGE_SCHEME = ["database"]

    @property
    def base_exceptions(self) -> type[Exception]:
        """What may go wrong underneath."""
        return SQLAlchemyError

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Note ``amount`` tries, unless the last ``expiry`` seconds would hold over ``limit``."""
        hidden, moment = keyring.fingerprint(key), time.time()
        with _apart() as connection:
            stored = connection.execute(LOCK, {"key": hidden, "now": moment}).scalar_one()
            recent = _recent(stored, moment - expiry)
            if len(recent) + amount > limit:
                return False
            values = {
                "key": hidden,
                "moments": json.dumps([*recent, *[moment] * amount]),
                "ends": moment + expiry,
            }
            connection.execute(WRITE, values)
        return True

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """When the oldest try that still counts was, and how many count."""
        moment = time.time()
        recent = _recent(self._kept(key)[0], moment - expiry)
        return (recent[0] if recent else moment), len(recent)

    def check(self) -> bool:
        """Whether the database answers."""
        try:
            with _apart() as connection:
                connection.execute(READ, {"key": ""})
        except SQLAlchemyError:
            return False
        return True

    def reset(self) -> int | None:
        """Forget every try."""
        with _apart() as connection:
            return connection.execute(FORGET_ALL).rowcount

    def clear(self, key: str) -> None:
        """Forget the tries of one key."""
        with _apart() as connection:
            connection.execute(FORGET, {"key": keyring.fingerprint(key)})

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Note ``amount`` tries without any limit; how many the last ``expiry`` seconds hold."""
        self.acquire_entry(key, sys.maxsize, expiry, amount)
        return self.get_moving_window(key, sys.maxsize, expiry)[1]

    def get(self, key: str) -> int:
        """How many tries are kept; 0 once the last of them no longer counts."""
        stored, ends = self._kept(key)
        return len(json.loads(stored)) if ends > time.time() else 0

    def get_expiry(self, key: str) -> float:
        """When the last try no longer counts, in seconds since 1970; now where there is none."""
        return max(self._kept(key)[1], time.time())

    def _kept(self, key: str) -> tuple[str, float]:
        with _apart() as connection:
            row = connection.execute(READ, {"key": keyring.fingerprint(key)}).first()
        return (row.moments, row.expires_at) if row else ("[]", 0.0)


def clean_rate_windows() -> int:
    """Each night: forget the tries that no longer count; returns of how many keys."""
    with _apart() as connection:
        return connection.execute(CLEAN, {"now": time.time()}).rowcount


def _recent(stored: str, since: float) -> list[float]:
    return [moment for moment in json.loads(stored) if moment > since]


def _apart() -> Any:
    """A transaction of its own; as an engine's context manager it gives a Connection."""
    return db.engine.execution_options(sqlite_begin="IMMEDIATE").begin()
