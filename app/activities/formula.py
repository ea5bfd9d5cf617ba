"""Dates by formula: every week on these days between two days, with exceptions (D7).

Pure functions. Days and hours are those of the clock in Brussels and become moments last, so that
9 o'clock stays 9 o'clock across the change to summer time.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import Enum
from itertools import islice
from typing import Any

from dateutil.rrule import MO, WEEKLY, rrule

from app.activities.dates import MOST_DATES
from app.activities.problems import Problem
from app.clock import from_local, times_shown
from app.extensions import _t
from app.formats import hour, long_day

ONE_DAY = timedelta(days=1)
MOST_WEEKS = 52
"""Longest interval between two weeks of a formula."""
MOST_DAYS = 2 * MOST_DATES
"""So many days of a formula are looked at, those that are left out included."""


@dataclass(frozen=True)
class Holiday:
    """Days without school; both days count."""

    name: str
    first_day: date
    last_day: date


@dataclass(frozen=True)
class Formula:
    """Every ``every`` weeks on ``weekdays`` (0 is Monday) from ``since`` up to ``until`` included.

    An end before the start is an end after midnight, on the next day. ``holidays`` are left out,
    and ``left_out``; ``added`` takes place whatever the rest says.
    """

    weekdays: tuple[int, ...]
    starts: time
    ends: time
    since: date
    until: date
    every: int = 1
    holidays: tuple[Holiday, ...] = ()
    left_out: tuple[date, ...] = ()
    added: tuple[date, ...] = ()

    @property
    def after_midnight(self) -> bool:
        """Whether each date ends on the day after it begins."""
        return self.ends < self.starts


class DayKind(Enum):
    """Why a day stands in a formula, or does not."""

    REGULAR = "regular"
    ADDED = "added"
    LEFT_OUT = "left out"
    HOLIDAY = "holiday"


@dataclass(frozen=True)
class FormulaDay:
    """One day that a formula speaks of; ``reason`` is the name of the holiday."""

    day: date
    kind: DayKind
    reason: str = ""

    @property
    def takes_place(self) -> bool:
        """Whether there is a date on this day."""
        return self.kind in (DayKind.REGULAR, DayKind.ADDED)


def days_of(formula: Formula) -> list[FormulaDay]:
    """Every day of the formula in order, those that are left out too; at most MOST_DAYS.

    What was left out by hand stays so inside a holiday; what was added by hand wins from both.
    """
    found = {day: _looked_at(formula, day) for day in islice(_regular(formula), MOST_DAYS)}
    for day in formula.added:
        if day not in found or not found[day].takes_place:
            found[day] = FormulaDay(day, DayKind.ADDED)
    return [found[day] for day in sorted(found)]


def dates_of(formula: Formula) -> list[tuple[datetime, datetime]]:
    """Start and end of every date, in UTC."""
    return [span_on(formula, item.day) for item in days_of(formula) if item.takes_place]


def span_on(formula: Formula, day: date) -> tuple[datetime, datetime]:
    """Start and end of the date on a day, in UTC."""
    last = day + ONE_DAY if formula.after_midnight else day
    return from_local(day, formula.starts), from_local(last, formula.ends)


def formula_problems(formula: Formula) -> list[Problem]:
    """What is wrong with a formula; empty when it gives between 1 and MOST_DATES good dates."""
    return _rule_problems(formula) or _number_problems(formula) or _clock_problems(formula)


def with_day(formula: Formula, day: date) -> Formula:
    """The formula with a date on this day too. Raises ValueError where there is one already."""
    present = {item.day: item for item in days_of(formula)}
    if day in present and present[day].takes_place:
        raise ValueError(f"{day} takes place already")
    left_out = tuple(one for one in formula.left_out if one != day)
    if day in present and present[day].kind is DayKind.LEFT_OUT:
        again = replace(formula, left_out=left_out)
        if any(item.day == day and item.takes_place for item in days_of(again)):
            return again
    return replace(formula, left_out=left_out, added=tuple(sorted({*formula.added, day})))


def double_day_problem(day: date) -> Problem:
    """The sentence for a day that is added and takes place already."""
    sentence = _t("Op %(day)s is er al een datum. Kies een andere dag.", day=long_day(day))
    return Problem("double", sentence, "extra_day")


def written_formula(formula: Formula) -> dict[str, Any]:
    """A formula as a series keeps it."""
    return {
        "weekdays": sorted(set(formula.weekdays)),
        "starts": formula.starts.isoformat("minutes"),
        "ends": formula.ends.isoformat("minutes"),
        "since": formula.since.isoformat(),
        "until": formula.until.isoformat(),
        "every": formula.every,
        "holidays": [
            [item.name, item.first_day.isoformat(), item.last_day.isoformat()]
            for item in formula.holidays
        ],
        "left_out": [day.isoformat() for day in sorted(set(formula.left_out))],
        "added": [day.isoformat() for day in sorted(set(formula.added))],
    }


def read_formula(stored: Mapping[str, Any]) -> Formula:
    """The formula that ``written_formula`` wrote."""
    return Formula(
        weekdays=tuple(stored["weekdays"]),
        starts=time.fromisoformat(stored["starts"]),
        ends=time.fromisoformat(stored["ends"]),
        since=date.fromisoformat(stored["since"]),
        until=date.fromisoformat(stored["until"]),
        every=stored["every"],
        holidays=tuple(
            Holiday(name, date.fromisoformat(first), date.fromisoformat(last))
            for name, first, last in stored["holidays"]
        ),
        left_out=_read_days(stored["left_out"]),
        added=_read_days(stored["added"]),
    )


def _read_days(stored: Iterable[str]) -> tuple[date, ...]:
    return tuple(date.fromisoformat(text) for text in stored)


def _regular(formula: Formula) -> Iterator[date]:
    """The days of the rule alone; weeks are counted from that of the first of them."""
    first = _first_day(formula)
    if first is None:
        return iter(())
    days = rrule(
        WEEKLY,
        interval=formula.every,
        byweekday=sorted(set(formula.weekdays)),
        wkst=MO,
        dtstart=datetime.combine(first, time()),
        until=datetime.combine(formula.until, time()),
    )
    return (moment.date() for moment in days)


def _first_day(formula: Formula) -> date | None:
    week = (formula.since + ONE_DAY * n for n in range(7))
    return next((day for day in week if day.weekday() in formula.weekdays), None)


def _looked_at(formula: Formula, day: date) -> FormulaDay:
    if day in formula.left_out:
        return FormulaDay(day, DayKind.LEFT_OUT)
    for holiday in formula.holidays:
        if holiday.first_day <= day <= holiday.last_day:
            return FormulaDay(day, DayKind.HOLIDAY, holiday.name)
    return FormulaDay(day, DayKind.REGULAR)


def _rule_problems(formula: Formula) -> list[Problem]:
    found = []
    if not formula.weekdays:
        sentence = _t("Duid minstens één dag van de week aan.")
        found.append(Problem("missing", sentence, "weekdays"))
    if formula.until < formula.since:
        sentence = _t(
            "De laatste dag valt voor de eerste. Kies een dag vanaf %(day)s.",
            day=_plain(formula.since),
        )
        found.append(Problem("order", sentence, "until"))
    if not 1 <= formula.every <= MOST_WEEKS:
        sentence = _t("Kies een aantal weken van 1 tot %(most)s.", most=MOST_WEEKS)
        found.append(Problem("range", sentence, "every"))
    if formula.starts == formula.ends:
        sentence = _t("Het einduur is het beginuur. Kies een ander einduur.")
        found.append(Problem("order", sentence, "ends"))
    return found


def _number_problems(formula: Formula) -> list[Problem]:
    days = days_of(formula)
    standing = sum(item.takes_place for item in days)
    if standing > MOST_DATES or len(days) >= MOST_DAYS:
        sentence = _t(
            "Dat zijn meer dan %(most)s data. Kies een vroegere laatste dag of minder dagen per "
            "week.",
            most=MOST_DATES,
        )
        return [Problem("range", sentence, "until")]
    if not days:
        sentence = _t(
            "Tussen die twee dagen valt geen enkele van de dagen die je aanduidde. Kies een latere "
            "laatste dag of een andere dag van de week."
        )
        return [Problem("none", sentence, "until")]
    if not standing and all(item.kind is DayKind.HOLIDAY for item in days):
        sentence = _t(
            "Alle data vallen in een schoolvakantie. Kies een langere periode, of sla de "
            "schoolvakanties niet over."
        )
        return [Problem("none", sentence, "skip_holidays")]
    if not standing:
        sentence = _t("Er blijft geen enkele datum over. Duid minstens één datum aan.")
        return [Problem("none", sentence, "day")]
    return []


def _clock_problems(formula: Formula) -> list[Problem]:
    """Hours that a clock skips or shows twice, at the change to or from summer time."""
    found: dict[str, Problem] = {}
    for item in days_of(formula):
        if not item.takes_place:
            continue
        last = item.day + ONE_DAY if formula.after_midnight else item.day
        for field, day, at in (("starts", item.day, formula.starts), ("ends", last, formula.ends)):
            sentence = _clock_sentence(day, at)
            if sentence and field not in found:
                found[field] = Problem("clock", sentence, field)
    return list(found.values())


def _clock_sentence(day: date, at: time) -> str:
    shown = times_shown(day, at)
    if shown == 0:
        return _t(
            "Op %(day)s bestaat %(hour)s uur niet: dan gaat de klok van 2 naar 3 uur. Kies een "
            "ander uur, of haal het vinkje bij die datum weg.",
            day=long_day(day),
            hour=hour(at),
        )
    if shown == 2:
        return _t(
            "Op %(day)s komt %(hour)s uur twee keer voor: dan gaat de klok van 3 terug naar 2 uur. "
            "Kies een ander uur, of haal het vinkje bij die datum weg.",
            day=long_day(day),
            hour=hour(at),
        )
    return ""


def _plain(day: date) -> str:
    """'3 maart 2027', without the weekday."""
    return long_day(day).split(" ", 1)[1]
