"""Rate limits counted in our own database, so that every process counts together.

Each count is one statement in a transaction of its own: the request's session is not touched.
"""

import time
from typing import Any

from limits.storage import Storage
from sqlalchemy import CursorResult, text
from sqlalchemy.exc import SQLAlchemyError

from app.encryption import keyring
from app.extensions import db

ADD = text(
    "INSERT INTO rate_count (key, count, expires_at) VALUES (:key, :amount, :ends) "
    "ON CONFLICT (key) DO UPDATE SET "
    "count = CASE WHEN rate_count.expires_at <= :now THEN :amount "
    "ELSE rate_count.count + :amount END, "
    "expires_at = CASE WHEN rate_count.expires_at <= :now THEN :ends "
    "ELSE rate_count.expires_at END RETURNING count"
)
READ = text("SELECT count, expires_at FROM rate_count WHERE key = :key AND expires_at > :now")
FORGET = text("DELETE FROM rate_count WHERE key = :key")
FORGET_ALL = text("DELETE FROM rate_count")
CLEAN = text("DELETE FROM rate_count WHERE expires_at <= :now")


class DatabaseStorage(Storage):
    """The storage of Flask-Limiter that LOKET_RATELIMIT_URL leaves unset."""

    STORAGE_SCHEME = ["database"]

    @property
    def base_exceptions(self) -> type[Exception]:
        """What may go wrong underneath."""
        return SQLAlchemyError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count one more; the first of a period sets its end, ``expiry`` seconds away."""
        moment = time.time()
        values = {"amount": amount, "now": moment, "ends": moment + expiry}
        return int(_run(ADD, key, **values)[0][0])

    def get(self, key: str) -> int:
        """The count of the running period."""
        rows = _run(READ, key, now=time.time())
        return int(rows[0][0]) if rows else 0

    def get_expiry(self, key: str) -> float:
        """When the running period ends, in seconds since 1970."""
        rows = _run(READ, key, now=time.time())
        return float(rows[0][1]) if rows else time.time()

    def check(self) -> bool:
        """Whether the database answers."""
        try:
            _run(READ, "", now=0)
        except SQLAlchemyError:
            return False
        return True

    def reset(self) -> int | None:
        """Forget every count."""
        with _apart() as connection:
            return connection.execute(FORGET_ALL).rowcount

    def clear(self, key: str) -> None:
        """Forget one count."""
        _run(FORGET, key)


def clean_rate_counts() -> int:
    """Each night: forget the periods that are over; returns how many."""
    with _apart() as connection:
        return connection.execute(CLEAN, {"now": time.time()}).rowcount


def _run(statement: Any, key: str, **values: object) -> list[Any]:
    with _apart() as connection:
        result: CursorResult[Any] = connection.execute(
            statement, {"key": keyring.fingerprint(key), **values}
        )
        return list(result) if result.returns_rows else []


def _apart():  # noqa: ANN202 - the engine's own context manager
    return db.engine.execution_options(sqlite_begin="IMMEDIATE").begin()
