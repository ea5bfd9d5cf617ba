"""Why something cannot be sold: said on the page, and obeyed by the use case."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class SaleProblem:
    """One reason, with its Dutch sentence and where it belongs."""

    sentence: str
    field: str = ""
    kind: str = ""
    activity_id: int | None = None
    person_id: int | None = None
    line_id: int | None = None
    entry_id: int | None = None
    """The entry of the ledger where a person decides, for what waits for that."""
    call_id: int | None = None
    """The row of the log of calls, where publiq said so; for staff."""


class SaleRefused(Exception):
    """What was asked cannot be done; ``problems`` say why."""

    def __init__(self, problems: Sequence[SaleProblem]) -> None:
        super().__init__("; ".join(problem.sentence for problem in problems))
        self.problems = list(problems)


class BasketRefused(SaleRefused):
    """Nothing was put in the basket."""


class BenefitRefused(SaleRefused):
    """The benefits were not chosen."""


class CancelRefused(SaleRefused):
    """The line was not cancelled."""


class ChangeRefused(SaleRefused):
    """Nothing was changed about the line."""
