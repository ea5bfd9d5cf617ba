"""How values are written in an address and in a body for publiq."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import quote


def segment(value: str) -> str:
    """One part of a path, safe to put in an address. Raises ValueError when it is empty."""
    if value.strip(".") == "" or not value.strip():
        raise ValueError("An id of publiq cannot be empty")
    return quote(value, safe="")


def encode(body: Any) -> bytes:
    """The body as JSON; Decimal becomes a number, never a string.

    Raises ValueError for numbers JSON does not know, TypeError for other types.
    """
    return json.dumps(body, ensure_ascii=False, allow_nan=False, default=_number).encode()


def _number(value: Any) -> float | int:
    if not isinstance(value, Decimal):
        raise TypeError(f"{type(value).__name__} has no place in a body for publiq")
    if not value.is_finite():
        raise ValueError("A number for publiq must be finite")
    return int(value) if value == value.to_integral_value() else float(value)


def pairs(params: Mapping[str, Any]) -> list[tuple[str, str]]:
    found = []
    for name, value in params.items():
        values = value if isinstance(value, (list, tuple, set, frozenset)) else [value]
        found += [(name, _parameter(item)) for item in values if item is not None]
    return found


def _parameter(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
