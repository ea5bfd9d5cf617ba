"""Reading filters from the query of an address; nonsense is left out, never an error page."""

from datetime import date
from enum import Enum
from typing import TypeVar

from flask import request

Kind = TypeVar("Kind", bound=Enum)


def text_argument(name: str) -> str:
    """What somebody typed to search, without white space around it."""
    return request.args.get(name, "").replace("\x00", "").strip()[:200]  # PostgreSQL takes no NUL


def number_argument(name: str) -> int | None:
    """A whole number, or None."""
    value = request.args.get(name, "").strip()
    return int(value) if value.isdigit() and len(value) < 10 else None


def page_argument() -> int:
    """The page asked for, from 1."""
    return max(1, number_argument("pagina") or 1)


def date_argument(name: str) -> date | None:
    """A date as date fields send it (2027-01-31), or None."""
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


def choice_argument(name: str, kind: type[Kind]) -> Kind | None:
    """A member of an enumeration by its value, or None."""
    try:
        return kind(request.args.get(name, ""))
    except ValueError:
        return None


def flag_argument(name: str) -> bool:
    """Whether a box was ticked."""
    return request.args.get(name, "") not in {"", "0", "nee"}
