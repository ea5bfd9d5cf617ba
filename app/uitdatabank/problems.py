"""What stands in the way of a publication, said in Dutch."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One thing that is missing or wrong.

    ``sentence`` fits in 'Voor je publiceert, ontbreekt nog: …' when it tells what is missing, and
    is a whole sentence when publiq refused. ``field`` is the id of the field it concerns, empty
    when it concerns none of the tab UiTdatabank.
    """

    sentence: str
    field: str = ""
    general: str = ""
    """The id of the field on the tab Algemeen, where it concerns one of those."""


class ProfileRefused(Exception):
    """The data of the tab UiTdatabank cannot be saved; ``problems`` say why."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(problem.sentence for problem in problems))
        self.problems = problems


class ProfileChanged(Exception):  # noqa: N818 - states what happened
    """A colleague saved the same tab in the meantime; ``version`` is what stands there now."""

    def __init__(self, version: int) -> None:
        super().__init__(f"version {version}")
        self.version = version
