"""Reading filters from the query of an address; nonsense is left out, never an error page."""

from collections.abc import Iterable
from datetime import date
from enum import Enum
from typing import TypeVar

from flask import request

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2200, 12, 31)
"""Days outside these have no moment in UTC, or no next day."""
LARGEST_PAGE = 10_000
Kind = TypeVar("Kind", bound=Enum)


def text_argument(name: str) -> str:
    """What somebody typed to search, without white space around it."""
    return request.args.get(name, "").replace("\x00", "").strip()[:200]  # PostgreSQL takes no NUL


def number_argument(name: str) -> int | None:
    """A whole number, or None."""
    value = request.args.get(name, "").strip()
    # '²' is a digit too, but no number
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else None


def page_argument() -> int:
    """The page asked for, from 1 up to what a database can count."""
    return min(max(1, number_argument("pagina") or 1), LARGEST_PAGE)


def date_argument(name: str) -> date | None:
    """A date as date fields send it (2027-01-31), or None."""
    try:
        return read_day(request.args.get(name, ""))
    except ValueError:
        return None


def read_day(text: str) -> date:
    """The day of '2027-01-31'. Raises ValueError, also for a day that no calendar needs."""
    day = date.fromisoformat(text.strip())
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError("a day outside the calendar")
    return day


def kept_names(names: Iterable[str]) -> list[str]:
    """The names of arguments that an address of ours may carry on.

    url_for() would take the others for its own, as ``_scheme`` and ``endpoint``.
    """
    return [name for name in names if not name.startswith("_") and name not in {"endpoint", "self"}]


def choice_argument(name: str, kind: type[Kind]) -> Kind | None:
    """A member of an enumeration by its value, or None."""
    try:
        return kind(request.args.get(name, ""))
    except ValueError:
        return None


def flag_argument(name: str) -> bool:
    """Whether a box was ticked."""
    return request.args.get(name, "") not in {"", "0", "nee"}
