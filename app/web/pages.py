"""Answering with a page: one way for errors, and one for HTMX fragments."""

from collections.abc import Iterable, Sequence
from typing import Any

from flask import Response, make_response, render_template, request
from wtforms import FieldList, Form, FormField

PageError = tuple[str, str]


def form_errors(*forms: Form) -> list[PageError]:
    """Every error of the forms as (id of the field, sentence), in the order of the page."""
    found: list[PageError] = []
    for form in forms:
        found.extend((form.form_errors and [("", str(e)) for e in form.form_errors]) or [])
        for field in form:
            found.extend(_field_errors(field))
    return found


def _field_errors(field: Any) -> Iterable[PageError]:
    if isinstance(field, FormField):
        for inner in field.form:
            yield from _field_errors(inner)
    elif isinstance(field, FieldList):
        for entry in field.entries:
            yield from _field_errors(entry)
        for error in field.errors:
            if isinstance(error, str):
                yield field.id, error
    else:
        for error in field.errors:
            yield field.id, str(error)


def page(
    template: str,
    *,
    forms: Sequence[Form] = (),
    errors: Sequence[PageError] = (),
    status: int | None = None,
    **context: Any,
) -> Response:
    """Render a page; with errors it answers 422 and the layout shows the summary.

    ``errors`` adds problems of a use case, each (id of the field it concerns or '', sentence); an
    address, beginning with a slash, stands for a field on another page.
    """
    page_errors = [*form_errors(*forms), *errors]
    body = render_template(template, page_errors=page_errors, **context)
    return make_response(body, status or (422 if page_errors else 200))


def is_fragment() -> bool:
    """Whether HTMX asks for a part of the page (and not for its history)."""
    return bool(request.headers.get("HX-Request")) and not request.headers.get(
        "HX-History-Restore-Request"
    )
