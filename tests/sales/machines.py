"""How state machines of hypothesis are run here: the same steps each time, as long as it takes.

With LOKET_TEST_EXAMPLES they take so many runs of each machine, other ones every time.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

import requests
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from app.publiq.exchange import Timeouts
from tests.sales.conftest import Publiq

PATIENCE = 0.4
"""Seconds that our client waits while something is slow."""
TOO_LONG = 0.9
ARRIVES = 1.2
"""Seconds after which the sandbox has also carried out what it was slow with."""
SLOW = ("traag", "antwoord-te-laat")
"""Time-outs: carried out when we have given it up, and carried out at once."""


def run_machine(
    machine: type[RuleBasedStateMachine], publiq: Publiq, *, examples: int, steps: int
) -> None:
    """So many runs of at most so many steps each; the machine finds the sandbox as ``publiq``."""
    longer = os.environ.get("LOKET_TEST_EXAMPLES")
    run_state_machine_as_test(
        type("Machine", (machine,), {"publiq": publiq}),
        settings=settings(
            max_examples=int(longer) if longer else examples,
            stateful_step_count=steps,
            derandomize=not longer,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
            database=None,
            print_blob=False,
        ),
    )


class SlowSandbox:
    """Time-outs among the faults, that cost little and end before time is said to pass."""

    def __init__(self, publiq: Publiq) -> None:
        self.publiq = publiq
        self._arrived_at = 0.0

    def fault(self, operation: str, kind: str, **fields: object) -> None:
        """Switch a fault on for one call; a slow one lasts longer than we wait."""
        seconds = {"seconds": TOO_LONG} if kind in SLOW else {}
        self.publiq.fault(operation, kind, **seconds, **fields)

    @contextmanager
    def impatient(self) -> Iterator[None]:
        """While a slow fault is on our client waits only a moment, also for what is not slow."""
        url = f"{self.publiq.url}/sandbox/storingen?format=json"
        if not any(fault["kind"] in SLOW for fault in requests.get(url, timeout=30).json()):
            yield
            return
        usual = Timeouts.__init__.__defaults__
        Timeouts.__init__.__defaults__ = (PATIENCE, PATIENCE, PATIENCE * 2)
        try:
            yield
        finally:
            Timeouts.__init__.__defaults__ = usual
            self._arrived_at = time.monotonic() + ARRIVES

    def let_arrive(self) -> None:
        """Wait until all that we gave up has been carried out: no call lasts an hour."""
        time.sleep(max(0.0, self._arrived_at - time.monotonic()))
