"""How values in publiq's answers are read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

CENT = Decimal("0.01")
_BRUSSELS = ZoneInfo("Europe/Brussels")


def localized(value: Any, main_language: str | None = None) -> Any:
    """What a map of languages holds: in its main language, else in Dutch, else the first.

    Something that is no map is given back as it is, since older documents hold plain text.
    """
    if not isinstance(value, Mapping):
        return value
    for language in (main_language, "nl"):
        if language and value.get(language):
            return value[language]
    return next(iter(value.values()), None)


def text_of(value: Any, main_language: str | None = None) -> str:
    """The text in a map of languages; empty where there is none."""
    found = localized(value, main_language)
    return found.strip() if isinstance(found, str) else ""


def address_of(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """The address of a place or organizer, flat; publiq gives it per language or flat."""
    address = item.get("address")
    if isinstance(address, Mapping) and "postalCode" not in address:
        address = localized(address, item.get("mainLanguage"))
    return address if isinstance(address, Mapping) else {}


def id_of(url: str) -> str:
    """The id at the end of an `@id`. Raises ValueError when there is none."""
    last = urlsplit(url).path.rstrip("/").rpartition("/")[2]
    if not last:
        raise ValueError("an address without an id")
    return last


def identifier_of(value: Any) -> str:
    """An id as text; UiTPAS gives texts or numbers. Raises ValueError for anything else."""
    if isinstance(value, bool) or not isinstance(value, (str, int)) or value == "":
        raise ValueError("not an id")
    return str(value)


def money(value: Any) -> Decimal:
    """An amount in euro with two places, from a JSON number.

    Raises ValueError for anything else: publiq documents numbers, never text.
    """
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise ValueError("an amount is a number")
    return Decimal(value).quantize(CENT, ROUND_HALF_UP)


def amount(value: Decimal) -> Decimal:
    """An amount in euro as it is sent: two places. Raises ValueError if it is not one."""
    value = Decimal(value)
    if not value.is_finite() or value < 0 or value != value.quantize(CENT):
        raise ValueError("An amount for publiq is in euro and cents, zero or more")
    return value.quantize(CENT)


def moment(value: Any) -> datetime | None:
    """An aware moment in UTC, or None when absent or unreadable.

    publiq's own examples leave out the offset, which then means local time in Belgium.
    """
    if not isinstance(value, str):
        return None
    try:
        read = datetime.fromisoformat(value)
    except ValueError:
        return None
    if read.tzinfo is None:
        read = read.replace(tzinfo=_BRUSSELS)
    try:
        return read.astimezone(UTC)
    except OverflowError:
        return None


def members(body: Any) -> list[Mapping[str, Any]]:
    """The items of a page of results. Raises ValueError when it is no such page."""
    found = body["member"]
    if not isinstance(found, list):
        raise ValueError("a page without a list of members")
    return [item for item in found if isinstance(item, Mapping)]
