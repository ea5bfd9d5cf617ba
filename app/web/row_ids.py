"""Ids in addresses: what no database can hold is not found, and never an error."""

from typing import Any

from flask import Flask, abort, request
from werkzeug.routing import IntegerConverter

LARGEST_ID = 2**31 - 1
"""PostgreSQL's integer; SQLite takes more."""


class RowId(IntegerConverter):
    """``<int:…>`` in an address: the id of a row."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"max": LARGEST_ID, **kwargs})


def setup_row_ids(app: Flask) -> None:
    """Before any route is added: what ``<int:…>`` means, and that no path holds a NUL."""
    app.url_map.converters["int"] = RowId

    @app.before_request
    def _refuse_nul() -> None:
        if "\x00" in request.path:  # PostgreSQL takes none in a text
            abort(404)
