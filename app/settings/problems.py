"""What is wrong with settings that somebody typed: a sentence and the field it concerns."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SettingProblem:
    """One thing to change, in Dutch, and the name of the field in the form."""

    sentence: str
    field: str = ""


class SettingsRefused(Exception):
    """The settings were not saved; ``problems`` say why."""

    def __init__(self, problems: list[SettingProblem]) -> None:
        super().__init__("; ".join(problem.sentence for problem in problems))
        self.problems = problems
