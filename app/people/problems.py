"""Why something about a person or an account is refused: said at its field, and obeyed."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class PersonProblem:
    """One reason, with its Dutch sentence and the field it belongs to."""

    sentence: str
    field: str = ""


class PersonRefused(Exception):
    """A customer or a person was not saved; ``problems`` say why."""

    def __init__(self, problems: Sequence[PersonProblem]) -> None:
        super().__init__("; ".join(problem.field for problem in problems))
        self.problems = list(problems)


class AccountProblem(Exception):
    """An account cannot be made or changed so; the text is the Dutch sentence for its field."""

    def __init__(self, sentence: object, field: str = "") -> None:
        super().__init__(str(sentence))
        self.sentence = str(sentence)
        self.field = field
