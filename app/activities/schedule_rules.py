"""What a weekly schedule must be, and the schedule that a formula means (6.1.5, D7, D14).

Problems name their row as the form writes it: the row of an adjusted day holds one opening, and
rows with the same days belong together.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import combinations

from app.activities.formula import ONE_DAY, DayKind, Formula, Holiday, days_of
from app.activities.problems import Problem
from app.activities.schedule import AdjustedDays, ClosedDays, Opening, WeeklySchedule
from app.extensions import _t
from app.formats import hour, long_day

LONGEST_YEARS = 5
LONGEST_REASON = 1000
"""publiq takes no longer description of an exception."""
MOST_ROWS = 400
ALL_WEEK = (0, 1, 2, 3, 4, 5, 6)


def schedule_problems(schedule: WeeklySchedule) -> list[Problem]:
    """What is wrong with a schedule; empty when publiq takes it and something takes place."""
    found = _span_problems(schedule)
    if found:
        return found + _opening_problems(schedule)
    found = [
        *_opening_problems(schedule),
        *_exception_problems(schedule, "closings"),
        *_exception_problems(schedule, "exceptions"),
        *_adjusted_problems(schedule),
    ]
    if not found and not tidy(schedule).open_days():
        sentence = _t(
            "Tussen die twee dagen is er geen enkele dag met uren. Kies een latere laatste dag, of "
            "haal gesloten dagen weg."
        )
        found.append(Problem("none", sentence, "last_day"))
    return found


def tidy(schedule: WeeklySchedule) -> WeeklySchedule:
    """The schedule with rows of the same adjusted days as one, all in the order of the calendar."""
    merged: dict[tuple[date, date], AdjustedDays] = {}
    for item in schedule.adjusted:
        days = item.first_day, item.last_day
        before = merged.get(days)
        merged[days] = (
            item
            if before is None
            else replace(
                before,
                openings=(*before.openings, *item.openings),
                reason=before.reason or item.reason,
            )
        )
    return replace(
        schedule,
        closed=tuple(sorted(schedule.closed, key=lambda item: (item.first_day, item.last_day))),
        adjusted=tuple(merged[days] for days in sorted(merged)),
    )


def untidy(schedule: WeeklySchedule) -> list[AdjustedDays]:
    """The adjusted days with one opening each, as the rows of the form show them."""
    return [
        replace(item, openings=(opening,))
        for item in schedule.adjusted
        for opening in item.openings
    ]


def weekdays_between(first: date, last: date) -> tuple[int, ...]:
    """The weekdays that occur from one day to another, both included."""
    count = min((last - first).days + 1, len(ALL_WEEK))
    return tuple(sorted((first + ONE_DAY * n).weekday() for n in range(count)))


def schedule_of_formula(formula: Formula) -> WeeklySchedule:
    """The weekly schedule that a formula means; what is left out is closed, what is added adjusted.

    Its interval must be one week; see ``formula_schedule_problems``.
    """
    days = days_of(formula)
    first = min((item.day for item in days if item.takes_place), default=formula.since)
    last = max((item.day for item in days if item.takes_place), default=formula.until)
    first, last = min(first, formula.since), max(last, formula.until)
    standing = {item.day for item in days if item.takes_place}
    by_hand = [item.day for item in days if item.kind is DayKind.LEFT_OUT]
    closed = [ClosedDays(day, day) for day in by_hand]
    for holiday in formula.holidays:
        closed += _closed_parts(holiday, standing, first, last)
    regular = {item.day for item in days if item.day.weekday() in formula.weekdays}
    added = sorted(standing - regular)
    beyond = _beyond(formula, first, last, standing)
    return WeeklySchedule(
        first_day=first,
        last_day=last,
        openings=(Opening(tuple(sorted(set(formula.weekdays))), formula.starts, formula.ends),),
        closed=tuple(sorted([*closed, *beyond], key=lambda item: item.first_day)),
        adjusted=tuple(
            AdjustedDays(day, day, (Opening((day.weekday(),), formula.starts, formula.ends),))
            for day in added
        ),
    )


def formula_schedule_problems(formula: Formula) -> list[Problem]:
    """Why a formula cannot be a weekly schedule, at its own fields."""
    found = []
    if formula.every != 1:
        sentence = _t(
            "Een weekschema loopt elke week. Kies 1, of kies voor een reeks met vaste groep."
        )
        found.append(Problem("weekly", sentence, "every"))
    if formula.ends < formula.starts:
        sentence = _t(
            "In een weekschema eindigt een dag voor middernacht. Kies een einduur na %(hour)s uur.",
            hour=hour(formula.starts),
        )
        found.append(Problem("weekly", sentence, "ends"))
    if not found and _years_later(formula.since) < formula.until:
        found.append(_too_long(formula.since, "until"))
    return found


def _beyond(formula: Formula, first: date, last: date, standing: set[date]) -> Iterator[ClosedDays]:
    """Days that an added date outside the period brings along, and on which nothing takes place."""
    count = (last - first).days + 1
    for day in (first + ONE_DAY * n for n in range(count)):
        outside = day.weekday() in formula.weekdays and not formula.since <= day <= formula.until
        free = any(item.first_day <= day <= item.last_day for item in formula.holidays)
        if outside and day not in standing and not free:
            yield ClosedDays(day, day)


def _closed_parts(
    holiday: Holiday, standing: set[date], first: date, last: date
) -> list[ClosedDays]:
    """A holiday within the period, in parts round the days on which something takes place."""
    parts: list[ClosedDays] = []
    begin: date | None = None
    day, end = max(holiday.first_day, first), min(holiday.last_day, last)
    while day <= end:
        if day in standing:
            begin = None
        elif begin is None:
            begin = day
            parts.append(ClosedDays(day, day, holiday.name))
        else:
            parts[-1] = replace(parts[-1], last_day=day)
        day += ONE_DAY
    return parts


def _span_problems(schedule: WeeklySchedule) -> list[Problem]:
    if schedule.last_day < schedule.first_day:
        return [_order_problem(schedule.first_day, "last_day")]
    if _years_later(schedule.first_day) < schedule.last_day:
        return [_too_long(schedule.first_day, "last_day")]
    return []


def _opening_problems(schedule: WeeklySchedule) -> list[Problem]:
    if not schedule.openings:
        return [Problem("missing", _t("Voeg minstens één regel met uren toe."), "openings")]
    found = []
    for index, item in enumerate(schedule.openings):
        row = f"openings-{index}"
        if not item.weekdays:
            found.append(
                Problem("missing", _t("Duid minstens één dag van de week aan."), f"{row}-weekdays")
            )
        found += _hours_problem(item, row)
    return found or _overlaps(list(schedule.openings), "openings")


def _exception_problems(schedule: WeeklySchedule, name: str) -> list[Problem]:
    """The days and the reason of closed days or of adjusted days."""
    items = schedule.closed if name == "closings" else schedule.adjusted
    if len(items) > MOST_ROWS:
        sentence = _t("Er passen hoogstens %(most)s regels.", most=MOST_ROWS)
        return [Problem("range", sentence, name)]
    found = []
    for index, item in enumerate(items):
        row = f"{name}-{index}"
        if item.last_day < item.first_day:
            found.append(_order_problem(item.first_day, f"{row}-last_day"))
        elif item.first_day < schedule.first_day or item.first_day > schedule.last_day:
            found.append(_outside(schedule, f"{row}-first_day"))
        elif item.last_day > schedule.last_day:
            found.append(_outside(schedule, f"{row}-last_day"))
        if len(item.reason) > LONGEST_REASON:
            sentence = _t("Kort de reden in tot %(most)s tekens.", most=LONGEST_REASON)
            found.append(Problem("too_long", sentence, f"{row}-reason"))
    return found


def _adjusted_problems(schedule: WeeklySchedule) -> list[Problem]:
    """The hours of adjusted days, and that no two of them overlap, which publiq refuses."""
    found = []
    for index, item in enumerate(schedule.adjusted):
        row = f"exceptions-{index}"
        for opening in item.openings:
            found += _hours_problem(opening, row)
            if item.first_day <= item.last_day and not set(opening.weekdays) & set(
                weekdays_between(item.first_day, item.last_day)
            ):
                sentence = _t("Die dag van de week valt niet in deze periode. Kies een andere dag.")
                found.append(Problem("weekday", sentence, f"{row}-weekdays"))
    numbered = list(enumerate(schedule.adjusted))
    for (_, one), (index, other) in combinations(numbered, 2):
        same = (one.first_day, one.last_day) == (other.first_day, other.last_day)
        if not same and one.first_day <= other.last_day and other.first_day <= one.last_day:
            sentence = _t(
                "Deze dagen overlappen met andere aangepaste dagen, vanaf %(day)s. Kies andere "
                "dagen.",
                day=long_day(one.first_day),
            )
            found.append(Problem("overlap", sentence, f"exceptions-{index}-first_day"))
        elif same and _clash(one.openings[0], other.openings[0]):
            found.append(_clash_problem(one.openings[0], f"exceptions-{index}-opens"))
    return found


def _overlaps(openings: list[Opening], name: str) -> list[Problem]:
    return [
        _clash_problem(one, f"{name}-{index}-opens")
        for (_, one), (index, other) in combinations(enumerate(openings), 2)
        if _clash(one, other)
    ]


def _clash(one: Opening, other: Opening) -> bool:
    same_day = set(one.weekdays) & set(other.weekdays)
    return bool(same_day) and one.opens < other.closes and other.opens < one.closes


def _clash_problem(other: Opening, field: str) -> Problem:
    sentence = _t(
        "Deze uren overlappen op dezelfde dag met %(opens)s tot %(closes)s uur. Kies andere uren.",
        opens=hour(other.opens),
        closes=hour(other.closes),
    )
    return Problem("overlap", sentence, field)


def _hours_problem(item: Opening, row: str) -> list[Problem]:
    if item.opens < item.closes:
        return []
    sentence = _t(
        "Het einduur valt voor het beginuur. Kies een uur na %(hour)s uur.", hour=hour(item.opens)
    )
    return [Problem("order", sentence, f"{row}-closes")]


def _order_problem(first: date, field: str) -> Problem:
    sentence = _t(
        "De laatste dag valt voor de eerste. Kies een dag vanaf %(day)s.", day=_plain(first)
    )
    return Problem("order", sentence, field)


def _outside(schedule: WeeklySchedule, field: str) -> Problem:
    sentence = _t(
        "Deze dag valt buiten de periode. Kies een dag van %(first)s tot %(last)s.",
        first=_plain(schedule.first_day),
        last=_plain(schedule.last_day),
    )
    return Problem("outside", sentence, field)


def _too_long(first: date, field: str) -> Problem:
    sentence = _t(
        "Een weekschema loopt hoogstens %(years)s jaar. Kies een dag tot %(day)s.",
        years=LONGEST_YEARS,
        day=_plain(_years_later(first)),
    )
    return Problem("range", sentence, field)


def _years_later(day: date) -> date:
    """The same day five years on; 29 February becomes the 28th where it must."""
    last = 28 if (day.month, day.day) == (2, 29) else day.day
    return day.replace(year=day.year + LONGEST_YEARS, day=last)


def _plain(day: date) -> str:
    """'3 maart 2027', without the weekday."""
    return long_day(day).split(" ", 1)[1]
