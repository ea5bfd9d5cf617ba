"""Several calls to publiq at once, each in a thread with a database session of its own."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
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


def in_crew(
    size: int, work: Callable[[int], None], beat: Callable[[], None], *, every: float
) -> None:
    """So many threads each do ``work(place)``, place from 0, until all have returned.

    Meanwhile the caller does ``beat()`` every so many seconds. The threads do not keep a process
    alive that stops. What goes wrong in one is raised after all have ended.
    """
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    failures: list[BaseException] = []

    def run(place: int) -> None:
        with app.app_context():
            try:
                work(place)
            except BaseException as error:  # noqa: BLE001 - raised below
                failures.append(error)
            finally:
                db.session.remove()

    threads = [
        threading.Thread(target=run, args=(place,), daemon=True, name=f"crew-{place}")
        for place in range(size)
    ]
    for thread in threads:
        thread.start()
    next_beat = time.monotonic() + every
    for thread in threads:
        while thread.is_alive():
            thread.join(max(0.0, next_beat - time.monotonic()))
            if time.monotonic() >= next_beat:
                beat()
                next_beat = time.monotonic() + every
    if failures:
        raise failures[0]


@contextmanager
def alone(name: str, *, patience: float) -> Iterator[bool]:
    """Whether no other thread of this process is inside under this name.

    Waits so many seconds for one that is just leaving.
    """
    lock = current_app.extensions.setdefault(f"alone_{name}", threading.Lock())
    mine = lock.acquire(timeout=patience)
    try:
        yield mine
    finally:
        if mine:
            lock.release()
