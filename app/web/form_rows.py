"""Rows of fields that a form may have more or fewer of, also without JavaScript.

Every change of rows happens on what was sent, before a form reads it; so nothing typed is lost.
"""

import re

from flask import request
from werkzeug.datastructures import MultiDict

ROW_BUTTONS = ("add_date", "remove_date", "add_price", "remove_price")
ROW_KEY = "{}-{}-{}"
"""Name of the list, place of the row from 0, name of the field."""


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
    elif kind == "date" and rows:
        rows.append({"starts": rows[-1].get("starts", ""), "ends": rows[-1].get("ends", "")})
    else:
        rows.append({})
    return _with_rows(request.form, prefix, rows)


def renumbered() -> MultiDict[str, str]:
    """The form as sent, its rows counted from 0 without gaps, so that problems find them."""
    return _with_rows(
        _with_rows(request.form, "dates", _rows(request.form, "dates")),
        "prices",
        _rows(request.form, "prices"),
    )


def number(text: str | None) -> int | None:
    """A whole number from a hidden field, or None."""
    return int(text) if text and text.isdecimal() and len(text) < 10 else None


def _rows(form: MultiDict[str, str], prefix: str) -> list[dict[str, str]]:
    found: dict[int, dict[str, str]] = {}
    for key, value in form.items():
        match = re.fullmatch(rf"{prefix}-(\d{{1,4}})-(\w+)", key)
        if match:
            found.setdefault(int(match[1]), {})[match[2]] = value
    return [found[index] for index in sorted(found)]


def _with_rows(
    form: MultiDict[str, str], prefix: str, rows: list[dict[str, str]]
) -> MultiDict[str, str]:
    pairs = [pair for pair in form.items(multi=True) if not pair[0].startswith(f"{prefix}-")]
    for index, row in enumerate(rows):
        pairs.append((ROW_KEY.format(prefix, index, "known_id"), row.get("known_id", "")))
        pairs += [
            (ROW_KEY.format(prefix, index, name), value)
            for name, value in row.items()
            if name != "known_id"
        ]
    return MultiDict(pairs)
