"""Why something about an activity or a registration is refused: said at its field, and obeyed."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One reason: its kind for code, its Dutch sentence for people, and the field it concerns.

    Fields of rows are written as the forms write them: ``dates-0-ends_on``.
    """

    kind: str
    sentence: str
    field: str = ""


class ActivityRefused(Exception):
    """A type or an activity was not saved; ``problems`` say why."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(problem.sentence for problem in problems))
        self.problems = list(problems)
