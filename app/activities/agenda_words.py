"""Formulas and weekly schedules in Dutch: what stands on pages, in mails and in previews."""

from collections.abc import Iterable, Sequence
from datetime import date, time

from babel.dates import format_date, get_day_names

from app.activities.formula import Formula, days_of
from app.activities.schedule import Opening, WeeklySchedule
from app.extensions import _t
from app.formats import LOCALE, day_span, hour

FEW = 4
"""Up to so many single days are named one by one."""
WORKDAYS = (0, 1, 2, 3, 4)
ALL_DAYS = (0, 1, 2, 3, 4, 5, 6)


def weekday_words(weekdays: Iterable[int]) -> str:
    """'woensdag', 'maandag en woensdag', 'weekdag' or 'dag', for use behind 'elke'."""
    chosen = tuple(sorted(set(weekdays)))
    if chosen == ALL_DAYS:
        return _t("dag")
    if chosen == WORKDAYS:
        return _t("weekdag")
    names = get_day_names("wide", locale=LOCALE)
    return _and([names[number] for number in chosen])


def formula_words(formula: Formula) -> str:
    """'Elke woensdag van 6 januari tot 24 maart 2027, behalve 10 februari'."""
    days = weekday_words(formula.weekdays)
    if formula.every == 1:
        start = _t("Elke %(days)s", days=days)
    elif formula.every == 2:
        start = _t("Om de twee weken op %(days)s", days=days)
    else:
        start = _t("Om de %(every)s weken op %(days)s", every=formula.every, days=days)
    span = span_words(formula.since, formula.until)
    hours = hours_words(formula.starts, formula.ends)
    rest = "".join((_exceptions(formula), _additions(formula)))
    return _t(
        "%(start)s %(span)s, %(hours)s%(rest)s", start=start, span=span, hours=hours, rest=rest
    )


def span_words(first: date, last: date, *, year: bool = True) -> str:
    """'van 6 januari tot 24 maart 2027'; both years where they differ, none where not asked."""
    with_first = year and first.year != last.year
    return _t("van %(first)s tot %(last)s", first=_day(first, with_first), last=_day(last, year))


def hours_words(starts: time, ends: time) -> str:
    """'13.30 tot 16 uur'."""
    return _t("%(starts)s tot %(ends)s uur", starts=hour(starts), ends=hour(ends))


def schedule_days_words(schedule: WeeklySchedule, *, year: bool = True) -> str:
    """'elke woensdag van 6 januari tot 24 maart 2027'."""
    weekdays = {number for item in schedule.openings for number in item.weekdays}
    span = span_words(schedule.first_day, schedule.last_day, year=year)
    return _t("elke %(days)s %(span)s", days=weekday_words(weekdays), span=span)


def schedule_hours_words(schedule: WeeklySchedule) -> str:
    """'9 tot 16 uur', or that the hours differ from day to day."""
    hours = {_hours_on(schedule.openings, number) for number in _weekdays(schedule.openings)}
    return hours.pop() if len(hours) == 1 else _t("uren verschillen per dag")


def schedule_week(schedule: WeeklySchedule) -> list[tuple[str, str]]:
    """Of each day of the week with hours: its name and its hours, in their order."""
    names = get_day_names("wide", locale=LOCALE)
    return [
        (names[number], _hours_on(schedule.openings, number))
        for number in _weekdays(schedule.openings)
    ]


def schedule_exceptions(schedule: WeeklySchedule) -> list[str]:
    """The closed and adjusted days of a schedule in the order of the calendar, a sentence each."""
    found = [
        (
            item.first_day,
            _t("Gesloten %(days)s", days=day_span(item.first_day, item.last_day)),
            item,
        )
        for item in schedule.closed
    ]
    for item in schedule.adjusted:
        days = day_span(item.first_day, item.last_day)
        hours = _and(
            list(dict.fromkeys(hours_words(one.opens, one.closes) for one in item.openings))
        )
        words = _t("Andere uren %(days)s: %(hours)s", days=days, hours=hours)
        found.append((item.first_day, words, item))
    return [
        _t("%(words)s (%(reason)s).", words=words, reason=item.reason.strip())
        if item.reason.strip()
        else f"{words}."
        for _first, words, item in sorted(found, key=lambda one: one[0])
    ]


def schedule_words(schedule: WeeklySchedule) -> list[str]:
    """A whole schedule as lines: the weeks, the hours of each day where they differ, exceptions."""
    days, week = schedule_days_words(schedule), schedule_week(schedule)
    hours = {words for _name, words in week}
    if len(hours) == 1:
        return [f"{days}, {hours.pop()}", *schedule_exceptions(schedule)]
    return [days, *(f"{name}: {words}" for name, words in week), *schedule_exceptions(schedule)]


def _weekdays(openings: Sequence[Opening]) -> list[int]:
    return sorted({number for item in openings for number in item.weekdays})


def _hours_on(openings: Sequence[Opening], weekday: int) -> str:
    of_day = sorted((item.opens, item.closes) for item in openings if weekday in item.weekdays)
    return _and([hours_words(opens, closes) for opens, closes in of_day])


def _exceptions(formula: Formula) -> str:
    single = [_day(item.day, False) for item in days_of(formula) if item.day in formula.left_out]
    in_holidays = any(item.reason for item in days_of(formula))
    if not single and not in_holidays:
        return ""
    if not in_holidays:
        return _t(", behalve %(days)s", days=_few(single))
    if not single:
        return _t(", behalve in de schoolvakanties")
    return _t(", behalve in de schoolvakanties en op %(days)s", days=_few(single))


def _additions(formula: Formula) -> str:
    if not formula.added:
        return ""
    return _t(", en ook op %(days)s", days=_few([_day(day, False) for day in formula.added]))


def _few(days: list[str]) -> str:
    if len(days) <= FEW:
        return _and(days)
    some = ", ".join(days[: FEW - 1])
    return _t("%(some)s en nog %(count)s dagen", some=some, count=len(days) - FEW + 1)


def _day(day: date, year: bool) -> str:
    return format_date(day, "d MMMM y" if year else "d MMMM", LOCALE)


def _and(words: list[str]) -> str:
    if len(words) < 2:
        return "".join(words)
    return _t("%(some)s en %(last)s", some=", ".join(words[:-1]), last=words[-1])
