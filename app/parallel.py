"""Several calls to publiq at once, each in a thread with a database session of its own."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any, TypeVar

from flask import current_app

from app.extensions import db

Key = TypeVar("Key")
Value = TypeVar("Value")
AT_ONCE = 4


def in_parallel(work: Mapping[Key, Callable[[], Value]]) -> dict[Key, Value]:
    """Do each piece of work, at most four at once, and return the results under the same keys.

    An error of one is raised after all have ended. The caller's session must be outside any
    transaction, for a thread that writes would wait for it for ever on SQLite.
    """
    if len(work) <= 1:
        return {key: piece() for key, piece in work.items()}
    app = current_app._get_current_object()  # type: ignore[attr-defined]

    def run(piece: Callable[[], Value]) -> Value:
        with app.app_context():
            try:
                return piece()
            finally:
                db.session.remove()

    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        futures: dict[Key, Any] = {
            key: pool.submit(copy_context().run, run, piece) for key, piece in work.items()
        }
    return {key: future.result() for key, future in futures.items()}
