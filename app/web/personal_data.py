"""What is kept of somebody: as a page to read, and as a file to take along."""

import json
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flask import Response

from app.clock import BRUSSELS, today
from app.formats import communication, day, moment, money, pass_number
from app.sales.personal_data import Data


def _money(text: str) -> str:
    return money(Decimal(text))


def _moment(text: str) -> str:
    return moment(datetime.fromisoformat(text).replace(tzinfo=BRUSSELS))


AS_READ: dict[str, Callable[[str], str]] = {
    "prijs": _money,
    "gewone prijs": _money,
    "bedrag": _money,
    "mededeling": communication,
    "UiTPAS-nummer": pass_number,
    "geboortedatum": lambda text: day(date.fromisoformat(text)),
    "op": _moment,
    "tot": _moment,
    "sinds": _moment,
}
"""How what stands under a name, or under one that ends in this word, is written on a page."""


def readable(data: Data | None) -> Data | None:
    """The same as people in Flanders write it: the file keeps what programs read."""
    if data is None:
        return None
    return {name: _readable(name, value) for name, value in data.items()}


def as_file(data: Data) -> Response:
    """The data as JSON that people and programs can read."""
    answer = Response(
        json.dumps(data, ensure_ascii=False, indent=2), content_type="application/json"
    )
    name = f"persoonsgegevens-{today().isoformat()}.json"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _readable(name: str, value: Any) -> Any:
    if isinstance(value, dict):
        return readable(value)
    if isinstance(value, list):
        return [readable(one) for one in value]
    if not isinstance(value, str) or not value:
        return value
    write = AS_READ.get(name) or AS_READ.get(name.split()[-1])
    return write(value) if write else value
