"""The form of an activity with a weekly schedule: hours, closed days, adjusted days (6.1.5)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from babel.dates import get_day_names
from wtforms import FieldList, FormField, SelectMultipleField, TextAreaField
from wtforms.widgets import CheckboxInput, ListWidget

from app.activities.editing import ActivityData
from app.activities.models import Activity
from app.activities.schedule import (
    AdjustedDays,
    ClosedDays,
    Opening,
    WeeklySchedule,
    schedule_of,
)
from app.activities.schedule_rules import untidy, weekdays_between
from app.activities.types import PriceData
from app.formats import LOCALE
from app.web.activity_forms import ActivityForm, Row, activity_values
from app.web.forms import Required
from app.web.moment_fields import DayField, HourField

DAY_NAMES = sorted(get_day_names("wide", locale=LOCALE).items())
"""(number, name), from Monday on."""


class WeekdaysField(SelectMultipleField):
    """A box for each day of the week; ``data`` is a list of numbers, 0 is Monday."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def __init__(self, label: str = "", validators: Any = None, **kwargs: Any) -> None:
        super().__init__(label, validators, choices=DAY_NAMES, coerce=_weekday, **kwargs)

    def pre_validate(self, form: Any) -> None:
        """What was never a box of the page was left out when it was read."""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = sorted({int(value) for value in valuelist if value in set("0123456")})


class OpeningRow(Row):
    """Hours on some days of the week."""

    weekdays = WeekdaysField(
        "Dagen van de week", [Required("Duid minstens één dag van de week aan.")]
    )
    opens = HourField("Van", [Required("Vul het beginuur in.")])
    closes = HourField("Tot", [Required("Vul het einduur in.")])

    def read(self) -> Opening:
        """The row as an opening."""
        return Opening(tuple(self.weekdays.data), self.opens.data, self.closes.data)


class ClosingRow(Row):
    """Days on which nothing takes place; the last one is empty for a single day."""

    first_day = DayField("Eerste dag", [Required("Kies een dag.")])
    last_day = DayField("Laatste dag")
    reason = TextAreaField("Reden")

    def span(self) -> tuple[date, date]:
        """The first and the last day."""
        return self.first_day.data, self.last_day.data or self.first_day.data

    def read(self) -> ClosedDays:
        """The row as closed days."""
        return ClosedDays(*self.span(), self.reason.data or "")


class ExceptionRow(ClosingRow):
    """Days with other hours; without weekdays they hold for every day."""

    weekdays = WeekdaysField("Dagen van de week")
    opens = HourField("Van", [Required("Vul het beginuur in.")])
    closes = HourField("Tot", [Required("Vul het einduur in.")])

    def read(self) -> AdjustedDays:  # type: ignore[override]
        """The row as adjusted days with one opening."""
        first, last = self.span()
        weekdays = tuple(self.weekdays.data) or weekdays_between(first, max(first, last))
        opening = Opening(weekdays, self.opens.data, self.closes.data)
        return AdjustedDays(first, last, (opening,), self.reason.data or "")


class ScheduledActivityForm(ActivityForm):
    """An activity, tab Algemeen, with a weekly schedule in place of its dates."""

    dates = None
    first_day = DayField("Eerste dag", [Required("Kies de eerste dag.")])
    last_day = DayField("Laatste dag", [Required("Kies de laatste dag.")])
    openings = FieldList(FormField(OpeningRow), label="Uren")
    closings = FieldList(FormField(ClosingRow), label="Gesloten dagen")
    exceptions = FieldList(FormField(ExceptionRow), label="Aangepaste dagen")

    def read(self, known: Activity | None = None) -> ActivityData:
        """What was filled in; without a schedule where a part of it cannot be read."""
        return replace(super().read(known), schedule=self._schedule())

    def schedule_is_readable(self) -> bool:
        """Whether every part of the schedule can be read."""
        parts = (self.first_day, self.last_day, self.openings, self.closings, self.exceptions)
        return not any(part.errors for part in parts)

    def _schedule(self) -> WeeklySchedule | None:
        if not self.schedule_is_readable():
            return None
        return WeeklySchedule(
            first_day=self.first_day.data,
            last_day=self.last_day.data,
            openings=tuple(entry.form.read() for entry in self.openings),
            closed=tuple(entry.form.read() for entry in self.closings),
            adjusted=tuple(entry.form.read() for entry in self.exceptions),
        )


def scheduled_values(activity: Activity, prices: Sequence[PriceData]) -> dict[str, Any]:
    """A stored activity with its schedule as the form shows it."""
    schedule = schedule_of(activity)
    assert schedule is not None
    return {
        **activity_values(activity, prices),
        "first_day": schedule.first_day,
        "last_day": schedule.last_day,
        "openings": [_opening(item) for item in schedule.openings],
        "closings": [_days(item) for item in schedule.closed],
        "exceptions": [_adjusted(item) for item in untidy(schedule)],
    }


def _opening(item: Opening) -> dict[str, Any]:
    return {"weekdays": list(item.weekdays), "opens": item.opens, "closes": item.closes}


def _days(item: ClosedDays | AdjustedDays) -> dict[str, Any]:
    last: date | None = None if item.last_day == item.first_day else item.last_day
    return {"first_day": item.first_day, "last_day": last, "reason": item.reason}


def _adjusted(item: AdjustedDays) -> dict[str, Any]:
    shown = {**_days(item), **_opening(item.openings[0])}
    if tuple(shown["weekdays"]) == weekdays_between(item.first_day, item.last_day):
        shown["weekdays"] = []
    return shown


def _weekday(value: Any) -> int:
    return int(value)
