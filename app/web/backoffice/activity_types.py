"""Activity types: the list and the form (C1)."""

from contextlib import nullcontext
from typing import Any

from flask import abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.activities.models import ActivityType
from app.activities.problems import ActivityRefused
from app.activities.types import (
    activities_per_type,
    all_types,
    get_type,
    prices_of,
    type_problems,
    type_version,
)
from app.uitdatabank.editing import save_type
from app.web.access import Access, allow
from app.web.activity_forms import MODULE_WORDS, TypeForm, show_problems, type_values
from app.web.backoffice import backoffice
from app.web.conflicts import Conflict, type_conflict
from app.web.form_rows import pressed_row_button, renumbered, rows_changed
from app.web.left_standing_notes import telling_left_standing_of_type
from app.web.pages import PageError, is_fragment, page


@backoffice.get("/activiteittypes")
@allow(Access.ADMIN)
def activity_types() -> Response:
    """All types with their prices and how many activities there are of each."""
    return page(
        "backoffice/activity_types.html",
        types=all_types(),
        counts=activities_per_type(),
        module_words=MODULE_WORDS,
    )


@backoffice.get("/activiteittypes/nieuw")
@allow(Access.ADMIN)
def new_activity_type() -> Response:
    """An empty form, with one row for a price."""
    return _form_page(TypeForm(formdata=None, prices=[{"name": "Basistarief"}]), None)


@backoffice.post("/activiteittypes/nieuw")
@allow(Access.ADMIN)
def create_activity_type() -> Response:
    """Save a new type, or change its rows."""
    return _handle(None)


@backoffice.get("/activiteittypes/<int:type_id>")
@allow(Access.ADMIN)
def edit_activity_type(type_id: int) -> Response:
    """The form of a type, tab Algemeen."""
    found = _found(type_id)
    values = type_values(found, prices_of(found))
    return _form_page(TypeForm(formdata=None, **values), found)


@backoffice.post("/activiteittypes/<int:type_id>")
@allow(Access.ADMIN)
def save_activity_type(type_id: int) -> Response:
    """Save a type, or change the rows of its form."""
    return _handle(_found(type_id))


def _handle(found: ActivityType | None) -> Response:
    pressed = pressed_row_button()
    if pressed is not None:
        return _form_page(TypeForm(formdata=rows_changed(pressed)), found, pressed=pressed)
    form = TypeForm(formdata=renumbered())
    errors: list[PageError] = []
    conflict = None
    if not form.validate():
        errors = _show_also(form)
    else:
        try:
            saved = _saved(found, form)
        except ActivityRefused as refused:
            errors = show_problems(form, refused.problems)
            if found and any(problem.kind == "version" for problem in refused.problems):
                found = _found(found.id)
                form.version.data = type_version(found)
                conflict = type_conflict(form, found, form.read())
        else:
            return redirect(url_for(".edit_activity_type", type_id=saved.id), 303)
    return _form_page(form, found, errors=errors, checked=True, conflict=conflict)


def _saved(found: ActivityType | None, form: TypeForm) -> ActivityType:
    """The type as it is kept, and said so. Raises ActivityRefused."""
    with telling_left_standing_of_type(found.id) if found else nullcontext():
        saved = save_type(found.id if found else None, form.read())
        flash(f"Activiteittype ‘{saved.name}’ is bewaard.", "success")
    return saved


def _show_also(form: TypeForm) -> list[PageError]:
    """Beside what cannot be read: what is wrong with the rest, so that all is said at once."""
    return show_problems(form, type_problems(form.read()))


def _form_page(
    form: TypeForm,
    found: ActivityType | None,
    *,
    pressed: tuple[str, int] | None = None,
    errors: list[PageError] | None = None,
    checked: bool = False,
    conflict: Conflict | None = None,
) -> Response:
    context: dict[str, Any] = {"form": form, "type": found, "pressed": pressed}
    if pressed is not None and is_fragment():
        return page("backoffice/_price_rows.html", **context)
    return page(
        "backoffice/activity_type_form.html",
        forms=[form] if checked else (),
        errors=errors or (),
        form_url=request.path,
        conflict=conflict,
        **context,
    )


def _found(type_id: int) -> ActivityType:
    found = get_type(type_id)
    if found is None:
        abort(404)
    return found
