"""Fields for days, hours and whole numbers that keep what was typed, also when it cannot be."""

import re
from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any

from babel.dates import get_month_names
from wtforms import StringField
from wtforms.widgets import TextInput

from app.clock import from_local, local
from app.formats import LOCALE

ISO_DAY = re.compile(r"^(\d{4})-(\d{1,2})-(\d{1,2})$")
DUTCH_DAY = re.compile(r"^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})$")
HOUR = re.compile(r"^(\d{1,2})(?:[:.uh](\d{2})?)?(?::\d{2})?$")
FIRST_YEAR, LAST_YEAR = 1900, 2200


class _RightType(TextInput):
    """The browser's own picker, unless it would wipe out what was typed."""

    def __init__(self, input_type: str) -> None:
        super().__init__()
        self.picker = input_type

    def __call__(self, field: Any, **kwargs: Any) -> Any:
        kwargs.setdefault("type", "text" if field.unreadable else self.picker)
        return super().__call__(field, **kwargs)


class _TypedField(StringField):
    """Text that stands for a value; ``data`` is None where it is empty or cannot be read."""

    unreadable = False
    typed = ""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.unreadable, self.data = False, None
        self.typed = valuelist[0].strip() if valuelist else ""
        if not self.typed:
            return
        try:
            self.data = self.read(self.typed)
        except ValueError:
            self.unreadable = True
            raise

    def _value(self) -> str:
        if self.typed and self.data is None:
            return self.typed
        return "" if self.data is None else self.write(self.data)

    read: Callable[[str], Any]
    """The value of the text; raises ValueError with the Dutch sentence. Each kind has its own."""

    def write(self, value: Any) -> str:
        """The text for the value."""
        return str(value)


class DayField(_TypedField):
    """A date, from the browser's picker or typed as 3/03/2027."""

    widget = _RightType("date")

    def read(self, text: str) -> date:
        iso, dutch = ISO_DAY.match(text), DUTCH_DAY.match(text)
        if iso:
            year, month, day = (int(part) for part in iso.groups())
        elif dutch:
            day, month, year = (int(part) for part in dutch.groups())
        else:
            raise ValueError("Typ een datum met dag, maand en jaar, zoals 3/03/2027.")
        if not FIRST_YEAR <= year <= LAST_YEAR or not 1 <= month <= 12:
            raise ValueError("Typ een datum met dag, maand en jaar, zoals 3/03/2027.")
        try:
            return date(year, month, day)
        except ValueError:
            name = get_month_names("wide", locale=LOCALE)[month]
            raise ValueError(
                f"{day} {name} {year} bestaat niet. Kies een dag van de kalender."
            ) from None

    def write(self, value: date) -> str:
        return value.isoformat()


class HourField(_TypedField):
    """A time of day, from the browser's picker or typed as 9, 9.30 or 9u30."""

    widget = _RightType("time")

    def read(self, text: str) -> time:
        found = HOUR.match(text)
        if found is None or int(found[1]) > 23 or int(found[2] or 0) > 59:
            raise ValueError("Typ een uur, zoals 9:00 of 13:30.")
        return time(int(found[1]), int(found[2] or 0))

    def write(self, value: time) -> str:
        return f"{value.hour:02d}:{value.minute:02d}"


class CountField(_TypedField):
    """A whole number, zero or more."""

    widget = TextInput()

    def read(self, text: str) -> int:
        digits = text.replace(" ", "")
        if digits.startswith("-") and digits[1:].isdecimal():
            raise ValueError("Dit getal kan niet onder nul zijn.")
        if not re.fullmatch(r"[0-9]{1,9}", digits):
            raise ValueError("Typ een geheel getal, zoals 12.")
        return int(digits)


def clock_problem(day: date, at: time) -> str:
    """Why a clock in Brussels never shows this hour on this day; empty where it does."""
    back = local(from_local(day, at))
    if (back.date(), back.time().replace(tzinfo=None)) == (day, at):
        return ""
    return (
        "Dit uur bestaat niet op die dag: dan gaat de klok een uur vooruit, van 2 naar 3 uur. "
        "Kies een ander uur."
    )


def next_day(day: date) -> date:
    """The day after."""
    return day + timedelta(days=1)
