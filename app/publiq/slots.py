"""A limit on the threads that wait for publiq."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from app.publiq.errors import PubliqBusy


class Slots:
    """How many threads may wait for publiq at once, so that the others go on serving pages."""

    def __init__(self, limit: int) -> None:
        if limit < 1:
            raise ValueError("At least one thread must be able to call publiq")
        self._free = threading.BoundedSemaphore(limit)

    @contextmanager
    def held(self, operation: str) -> Iterator[None]:
        """Holds one slot. Raises PubliqBusy at once when all are taken; never waits."""
        if not self._free.acquire(blocking=False):
            raise PubliqBusy(operation)
        try:
            yield
        finally:
            self._free.release()


@contextmanager
def no_slot() -> Iterator[None]:
    """In place of a slot where nothing limits the calls."""
    yield
