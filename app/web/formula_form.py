"""The form that makes activities by formula, and its preview of all dates (D7).

The preview is a part of the form: each day is a box, and a hidden field says what each day was
when it was shown. So a box that was ticked or unticked keeps its meaning when the formula changes.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel.dates import format_date
from wtforms import BooleanField, HiddenField, RadioField, SelectMultipleField
from wtforms.validators import AnyOf

from app.activities.agenda_words import formula_words, hours_words
from app.activities.formula import (
    MOST_DAYS,
    DayKind,
    Formula,
    FormulaDay,
    Holiday,
    days_of,
    double_day_problem,
    with_day,
)
from app.activities.models import Module
from app.activities.problems import Problem
from app.activities.series import SeriesData, SeriesKind
from app.clock import today
from app.extensions import _t
from app.formats import LOCALE
from app.web.activity_forms import ActivityForm
from app.web.arguments import read_day
from app.web.forms import Required
from app.web.moment_fields import CountField, DayField, HourField
from app.web.schedule_form import WeekdaysField

KIND_WORDS = {
    SeriesKind.SEPARATE: "Elke datum apart in te schrijven",
    SeriesKind.TOGETHER: "Reeks met vaste groep",
    SeriesKind.WEEKLY: "Weekschema",
}
KIND_NOTES = {
    SeriesKind.SEPARATE.value: "Ouders kiezen zelf welke data. Elke datum wordt een activiteit met "
    "eigen plaatsen, en een eigen event in UiTdatabank.",
    SeriesKind.TOGETHER.value: "Wie inschrijft, doet alle data mee. Het wordt één activiteit, en "
    "één event met verschillende data.",
    SeriesKind.WEEKLY.value: "Vaste uren per week, zoals een speelplein. Wie inschrijft, kan de "
    "hele periode komen. UiTdatabank toont de uren per weekdag, zonder lijst van data, en kan daar "
    "niet tonen dat het volzet is.",
}
TICKET_NOTES = {
    SeriesKind.SEPARATE.value: "Elke datum wordt een activiteit met eigen plaatsen, en een eigen "
    "event in UiTdatabank.",
    SeriesKind.TOGETHER.value: "Het wordt één activiteit, en één event met verschillende data. Een "
    "ticket geldt voor één datum, en elke datum heeft eigen plaatsen.",
}
NO_SCHEDULE = (
    "Een weekschema kan niet bij Ticketing: een ticket geldt voor één datum, en een weekschema "
    "heeft geen aparte data."
)
CODES = {
    DayKind.REGULAR: "r",
    DayKind.ADDED: "a",
    DayKind.LEFT_OUT: "l",
    DayKind.HOLIDAY: "h",
}
SHOWN = re.compile(r"(\d{4}-\d{2}-\d{2})([ralh])")
OPEN_UP_TO = 60
"""With more days than this the months of the preview start folded."""


class BoxesField(SelectMultipleField):
    """Boxes that the preview draws; ``data`` is the list of what was ticked."""

    def pre_validate(self, form: Any) -> None:
        """What was never on the page means nothing, and is not looked at."""


class FormulaForm(ActivityForm):
    """Activities by formula: the tab Algemeen, with a formula in place of dates."""

    dates = None
    version = None
    kind = RadioField(
        "Hoe schrijf je in?",
        [AnyOf([kind.value for kind in SeriesKind], "Kies hoe mensen zich inschrijven.")],
        choices=[(kind.value, words) for kind, words in KIND_WORDS.items()],
        default=SeriesKind.SEPARATE.value,
        validate_choice=False,
    )
    weekdays = WeekdaysField(
        "Dagen van de week", [Required("Duid minstens één dag van de week aan.")]
    )
    starts = HourField("Van", [Required("Vul het beginuur in.")])
    ends = HourField("Tot", [Required("Vul het einduur in.")])
    since = DayField("Eerste dag", [Required("Kies de eerste dag.")])
    until = DayField("Laatste dag", [Required("Kies de laatste dag.")])
    every = CountField("Om de hoeveel weken", [Required("Vul 1 in voor elke week.")], default=1)
    skip_holidays = BooleanField("Sla de schoolvakanties over")
    extra_day = DayField("Nog een dag")
    closes_days = CountField("Of: zoveel dagen voor elke datum")
    closes_days_at = HourField("Sluitingsuur")
    shown = HiddenField()
    day = BoxesField("Data")

    FORMULA = ("kind", "weekdays", "starts", "ends", "since", "until", "every", "extra_day")

    def offer_kinds(self, module: Module) -> None:
        """A weekly schedule cannot be sold by ticket."""
        if module is Module.TICKETING:
            self.kind.choices = self.kind.choices[:2]

    def formula_is_readable(self) -> bool:
        """Check the fields of the formula alone, for the preview; the rest may wait."""
        readable = [self[name].validate(self) for name in self.FORMULA]  # each says its own
        return all(readable)

    def chosen_kind(self) -> SeriesKind:
        """What the formula is to make."""
        return SeriesKind(self.kind.data)

    def read_formula(self, holidays: Sequence[Holiday]) -> Formula:
        """The formula with what was ticked and unticked in the preview; its fields are readable."""
        left_out, added = self._exceptions()
        return Formula(
            weekdays=tuple(self.weekdays.data),
            starts=self.starts.data,
            ends=self.ends.data,
            since=self.since.data,
            until=self.until.data,
            every=self.every.data,
            holidays=tuple(holidays),
            left_out=left_out,
            added=added,
        )

    def add_extra_day(self, formula: Formula) -> tuple[Formula, list[Problem]]:
        """The formula with the day that was typed to be added; the field is empty then."""
        day = self.extra_day.data
        if day is None:
            return formula, []
        try:
            formula = with_day(formula, day)
        except ValueError:
            return formula, [double_day_problem(day)]
        self.extra_day.data, self.extra_day.typed = None, ""
        return formula, []

    def read_series(self, formula: Formula) -> SeriesData:
        """Everything that was filled in; what could not be read counts as something harmless."""
        return SeriesData(
            kind=self.chosen_kind(),
            formula=formula,
            activity=self.read(),
            closes_days_before=self.closes_days.data,
            closes_at=self.closes_days_at.data,
        )

    def validate(self, extra_validators: Any = None) -> bool:
        valid = super().validate(extra_validators)
        if self.closes_days_at.data is not None and self.closes_days.data is None:
            if not self.closes_days.errors:
                self.closes_days.errors = ["Vul ook het aantal dagen in."]
            valid = False
        return valid

    def has_shown(self, formula: Formula) -> bool:
        """Whether the preview that was looked at has exactly the dates of this formula."""
        seen = {day for day, _code in self._shown() if day.isoformat() in set(self.day.data or ())}
        return seen == {item.day for item in days_of(formula) if item.takes_place}

    def _exceptions(self) -> tuple[tuple[date, ...], tuple[date, ...]]:
        """Which days were left out and which were added, by the boxes of the preview."""
        ticked = set(self.day.data or ())
        left_out, added = [], []
        for day, code in self._shown():
            chosen = day.isoformat() in ticked
            if code in "rl" and not chosen:
                left_out.append(day)
            elif code in "ha" and chosen:
                added.append(day)
        return tuple(left_out), tuple(added)

    def _shown(self) -> list[tuple[date, str]]:
        found = []
        for text, code in SHOWN.findall(self.shown.data or "")[:MOST_DAYS]:
            try:
                found.append((read_day(text), code))
            except ValueError:
                continue  # never came from the page
        return found


@dataclass(frozen=True)
class PreviewDay:
    """One box of the preview."""

    value: str
    label: str
    checked: bool
    note: str


@dataclass(frozen=True)
class PreviewMonth:
    """The days of one month, and how many of them take place."""

    label: str
    days: Sequence[PreviewDay]

    @property
    def count(self) -> int:
        """How many take place."""
        return sum(day.checked for day in self.days)

    @property
    def words(self) -> str:
        """'4 data, 1 overgeslagen'."""
        skipped = len(self.days) - self.count
        return dates_words(self.count) + (f", {skipped} overgeslagen" if skipped else "")


@dataclass(frozen=True)
class Preview:
    """All dates of a formula as the page shows them before anything is saved."""

    words: str
    hours: str
    months: Sequence[PreviewMonth]
    shown: str
    past: int

    @property
    def count(self) -> int:
        """How many take place."""
        return sum(month.count for month in self.months)

    @property
    def skipped(self) -> int:
        """How many are left out."""
        return sum(len(month.days) for month in self.months) - self.count

    @property
    def opened(self) -> bool:
        """Whether the months stand open."""
        return self.count + self.skipped <= OPEN_UP_TO


def preview_of(formula: Formula) -> Preview:
    """The preview of a formula that has no problems."""
    days = days_of(formula)
    months: dict[tuple[int, int], list[FormulaDay]] = {}
    for item in days:
        months.setdefault((item.day.year, item.day.month), []).append(item)
    hours = hours_words(formula.starts, formula.ends)
    return Preview(
        words=formula_words(formula),
        hours=f"{hours} de volgende dag" if formula.after_midnight else hours,
        months=[_month(items) for items in months.values()],
        shown=",".join(f"{item.day.isoformat()}{CODES[item.kind]}" for item in days),
        past=sum(item.takes_place and item.day < today() for item in days),
    )


def dates_words(count: int) -> str:
    """'1 datum' or '8 data'."""
    return "1 datum" if count == 1 else f"{count} data"


def _month(items: Sequence[FormulaDay]) -> PreviewMonth:
    return PreviewMonth(
        format_date(items[0].day, "MMMM y", LOCALE), [_preview_day(item) for item in items]
    )


def _preview_day(item: FormulaDay) -> PreviewDay:
    notes = {
        DayKind.REGULAR: "",
        DayKind.ADDED: _t("toegevoegd"),
        DayKind.LEFT_OUT: _t("overgeslagen"),
        DayKind.HOLIDAY: _t("overgeslagen: %(name)s", name=item.reason),
    }
    label = format_date(item.day, "EEEE d MMMM", LOCALE)
    return PreviewDay(item.day.isoformat(), label, item.takes_place, notes[item.kind])
