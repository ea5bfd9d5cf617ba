"""Rows of fields that a form may have more or fewer of, also without JavaScript.

Every change of rows happens on what was sent, before a form reads it; so nothing typed is lost.
"""

import re

from flask import request
from werkzeug.datastructures import MultiDict

KINDS = ("date", "price", "opening", "closing", "exception")
"""Each has a button 'add_…', a button 'remove_…', and a list that bears its plural."""
ROW_BUTTONS = tuple(f"{action}_{kind}" for kind in KINDS for action in ("add", "remove"))
ROW_KEY = "{}-{}-{}"
"""Name of the list, place of the row from 0, name of the field."""
TAKEN_OVER = {"date": ("starts", "ends"), "opening": ("opens", "closes")}
"""What a new row has in common with the one before it."""

Row = dict[str, list[str]]


def pressed_row_button() -> tuple[str, int] | None:
    """Which button for rows was pressed, and for which row (counted from 0)."""
    for name in ROW_BUTTONS:
        value = request.form.get(name)
        if value is not None:
            return name, number(value) or 0
    return None


def rows_changed(pressed: tuple[str, int]) -> MultiDict[str, str]:
    """The form as typed, with a row more or less."""
    name, index = pressed
    action, _, kind = name.partition("_")
    prefix = f"{kind}s"
    rows = _rows(request.form, prefix)
    if action == "remove":
        rows = [row for place, row in enumerate(rows) if place != index]
    else:
        taken_over = TAKEN_OVER.get(kind, ()) if rows else ()
        rows.append({name: rows[-1].get(name, [""]) for name in taken_over})
    return _with_rows(request.form, prefix, rows)


def renumbered(sent: MultiDict[str, str] | None = None) -> MultiDict[str, str]:
    """The form as sent, its rows counted from 0 without gaps, so that problems find them."""
    form: MultiDict[str, str] = request.form if sent is None else sent
    for kind in KINDS:
        form = _with_rows(form, f"{kind}s", _rows(form, f"{kind}s"))
    return form


def number(text: str | None) -> int | None:
    """A whole number from a hidden field, or None."""
    return int(text) if text and text.isdecimal() and len(text) < 10 else None


def _rows(form: MultiDict[str, str], prefix: str) -> list[Row]:
    found: dict[int, Row] = {}
    for key, values in form.lists():
        match = re.fullmatch(rf"{prefix}-(\d{{1,4}})-(\w+)", key)
        if match:
            found.setdefault(int(match[1]), {})[match[2]] = values
    return [found[index] for index in sorted(found)]


def _with_rows(form: MultiDict[str, str], prefix: str, rows: list[Row]) -> MultiDict[str, str]:
    pairs = [pair for pair in form.items(multi=True) if not pair[0].startswith(f"{prefix}-")]
    for index, row in enumerate(rows):
        fields = {"known_id": [""], **row}
        pairs += [
            (ROW_KEY.format(prefix, index, name), value)
            for name, values in fields.items()
            for value in values
        ]
    return MultiDict(pairs)
