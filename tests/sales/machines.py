"""How state machines of hypothesis are run here: the same steps each time, as long as it takes."""

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from tests.sales.conftest import Publiq


def run_machine(
    machine: type[RuleBasedStateMachine], publiq: Publiq, *, examples: int, steps: int
) -> None:
    """So many runs of at most so many steps each; the machine finds the sandbox as ``publiq``."""
    run_state_machine_as_test(
        type("Machine", (machine,), {"publiq": publiq}),
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            derandomize=True,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
            database=None,
            print_blob=False,
        ),
    )
