"""Which routes take more than others: only those that take a picture."""

from typing import Any

from flask import Flask, request

from app.uitdatabank.pictures import LARGEST_FILE

LARGE_BODIES = frozenset(
    {
        "backoffice.save_activity_uit",
        "backoffice.save_activity_type_uit",
        "backoffice.create_series",
    }
)
UPLOAD_LIMIT = LARGEST_FILE + 2 * 1024 * 1024
"""Bytes: the largest picture, and what is typed beside it."""


def setup_body_limits(app: Flask) -> None:
    """Before anything looks into the body, the check of the CSRF token included."""

    @app.url_value_preprocessor
    def _allow(endpoint: str | None, _values: dict[str, Any] | None) -> None:
        if endpoint in LARGE_BODIES:
            request.max_content_length = UPLOAD_LIMIT
