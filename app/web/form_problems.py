"""Showing at its field what a use case refused."""

from collections.abc import Iterable
from typing import Any, Protocol

from wtforms import Form


class Problem(Protocol):
    """A Dutch sentence, and the name of the field it belongs to ('' for none)."""

    sentence: Any
    field: str


def show_problems(form: Form, problems: Iterable[Problem]) -> None:
    """Put each sentence at its field, or above the form where it has none there."""
    for problem in problems:
        sentence = str(problem.sentence)
        if problem.field in form:
            form[problem.field].errors = [*form[problem.field].errors, sentence]
        else:
            form.form_errors.append(sentence)
