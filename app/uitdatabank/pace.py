"""How fast many publications go: several at once, and slower as soon as publiq has trouble."""

import threading
import time

FIRST_PAUSE = 5.0
LONGEST_PAUSE = 300.0
SPEEDS_UP_AFTER = 10
"""Publications that go well before one more may be under way at once."""


class Pace:
    """How many may be under way at once, and how long to wait after trouble; for one process.

    Safe to share between threads; all times are in seconds.
    """

    def __init__(self, at_once: int) -> None:
        self.at_once = at_once
        self.limit = at_once
        self._lock = threading.Lock()
        self._next_pause = FIRST_PAUSE
        self._slowed_at = float("-inf")
        self._pause = 0.0
        self._went_well = 0
        self.published = 0
        """How many went well in all."""
        self.troubles = 0
        """How often it slowed down since something last went well."""

    def may_work(self, place: int) -> bool:
        """Whether the thread at this place, from 0, may begin something."""
        return place < self.limit

    def went_well(self) -> None:
        """A publication that ended as it should."""
        with self._lock:
            self._next_pause = FIRST_PAUSE
            self.troubles = 0
            self.published += 1
            self._went_well += 1
            if self._went_well >= SPEEDS_UP_AFTER and self.limit < self.at_once:
                self.limit += 1
                self._went_well = 0

    def trouble(self, began: float, retry_after: float | None = None) -> float:
        """publiq asks to slow down, or does not answer. Returns how long to wait from now.

        ``began`` is when the call did, by time.monotonic(). Calls that were under way together
        slow down once; how long publiq says to wait always counts.
        """
        with self._lock:
            moment = time.monotonic()
            self._went_well = 0
            if began >= self._slowed_at:
                self.troubles += 1
                self.limit = max(1, self.limit // 2)
                self._pause = self._next_pause
                self._next_pause = min(2 * self._next_pause, LONGEST_PAUSE)
                self._slowed_at = moment
            elif retry_after is None:
                return max(0.0, self._pause - (moment - self._slowed_at))
            return self._pause if retry_after is None else retry_after
