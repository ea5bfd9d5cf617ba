"""The dates of an activity in the words of a poster; shared by all audiences."""

from collections.abc import Sequence
from datetime import date, timedelta

from babel.dates import format_date

from app.activities.agenda_words import (
    schedule_days_words,
    schedule_exceptions,
    schedule_hours_words,
    schedule_words,
)
from app.activities.models import Activity, ActivityDate, ActivityState
from app.activities.schedule import schedule_of
from app.clock import local, now, today
from app.formats import LOCALE, day, hour, period

NOT_ON = "Gaat niet door"
POSTPONED = "Uitgesteld"

FEW = 4
"""Up to so many loose days are named one by one."""
SOON = timedelta(days=300)
"""Within this time a day without its year can only be one day."""


def standing_dates(activity: Activity) -> list[ActivityDate]:
    """The dates that go on: neither cancelled nor postponed."""
    return [item for item in activity.dates if not (item.cancelled_at or item.postponed_at)]


def days_in_words(activity: Activity, *, year: bool | None = None) -> str:
    """'21 tot 24 december', '23, 24 en 30 december' or '10 woensdagen vanaf 6 januari'.

    Of a weekly schedule 'elke woensdag van 6 januari tot 24 maart'. The year is named where
    ``year`` says so, or where it is not obvious.
    """
    schedule = schedule_of(activity)
    if schedule is not None:
        named = schedule.last_day - today() > SOON if year is None else year
        return schedule_days_words(schedule, year=named)
    days = _days(activity)
    if not days:
        return "nog geen data"
    named = days[-1] - today() > SOON if year is None else year
    if len(days) == 1:
        return _long(days[0], named)
    if _follow_up(days):
        return _range(days[0], days[-1], named)
    if len(days) <= FEW:
        return _list(days, named)
    return _repeated(days, named)


def exact_days_in_words(activity: Activity) -> str:
    """'ma 21 tot do 24 december 2026': with weekdays and year, for a page or a ticket."""
    days = _days(activity)
    if activity.schedule is None and len(days) > 1 and _follow_up(days):
        first, last = days[0], days[-1]
        start = format_date(first, "EEE d" if _same_month(first, last) else "EEE d MMMM", LOCALE)
        return f"{start} tot {format_date(last, 'EEE d MMMM y', LOCALE)}".replace(".", "")
    return days_in_words(activity, year=True)


def hours_in_words(activity: Activity) -> str:
    """'9 tot 16 uur', or that the hours differ."""
    schedule = schedule_of(activity)
    if schedule is not None:
        return schedule_hours_words(schedule)
    dates = _to_show(activity)
    spans = {(hour(item.starts_at), hour(item.ends_at)) for item in dates}
    if not spans:
        return ""
    if len(spans) > 1:
        return "uren verschillen per dag"
    start, end = spans.pop()
    return f"{start} uur" if start == end else f"{start} tot {end} uur"


def when_in_words(activity: Activity) -> str:
    """Days and hours together: '21 tot 24 december, 9 tot 16 uur'."""
    return ", ".join(part for part in (days_in_words(activity), hours_in_words(activity)) if part)


def number_of_days(activity: Activity) -> str:
    """'4 dagen' or '1 dag'."""
    schedule = schedule_of(activity)
    count = len(_days(activity) if schedule is None else schedule.open_days())
    return "1 dag" if count == 1 else f"{count} dagen"


def all_dates_in_words(activity: Activity) -> list[str]:
    """Each date that goes on with its hours, or the whole weekly schedule, a line each."""
    schedule = schedule_of(activity)
    if schedule is None:
        return [period(item.starts_at, item.ends_at) for item in _to_show(activity)]
    if len(schedule.openings) == 1:
        return schedule_exceptions(schedule)  # the rest stands above already
    return schedule_words(schedule)[1:]


def state_in_words(activity: Activity) -> str:
    """'Gaat niet door' or 'Uitgesteld', with the reason; empty where all is as planned."""
    words = {ActivityState.CANCELLED: NOT_ON, ActivityState.POSTPONED: POSTPONED}
    found = words.get(activity.state, "")
    return _because(found, activity.state_reason) if found else ""


def changes_in_words(activity: Activity) -> list[str]:
    """What does not go on as planned: the whole activity, or each of its dates that does not."""
    whole = state_in_words(activity)
    if whole:
        return [whole]
    return [
        f"{day(item.starts_at)}: "
        f"{_because(NOT_ON if item.cancelled_at else POSTPONED, item.status_reason, lower=True)}"
        for item in activity.dates
        if item.cancelled_at or item.postponed_at
    ]


def is_over(activity: Activity) -> bool:
    """Whether the last date has passed."""
    return activity.last_end is not None and activity.last_end <= now()


def _because(words: str, reason: str, *, lower: bool = False) -> str:
    words = words.lower() if lower else words
    return f"{words}: {reason.strip()}" if reason.strip() else words


def _to_show(activity: Activity) -> list[ActivityDate]:
    """The dates that go on; where all are postponed, those that were planned."""
    return standing_dates(activity) or [item for item in activity.dates if not item.cancelled_at]


def _days(activity: Activity) -> list[date]:
    return sorted({local(item.starts_at).date() for item in _to_show(activity)})


def _follow_up(days: Sequence[date]) -> bool:
    return (days[-1] - days[0]).days == len(days) - 1


def _same_month(first: date, last: date) -> bool:
    return (first.year, first.month) == (last.year, last.month)


def _long(day: date, year: bool) -> str:
    return format_date(day, "EEEE d MMMM y" if year else "EEEE d MMMM", LOCALE)


def _short(day: date, year: bool) -> str:
    return format_date(day, "d MMMM y" if year else "d MMMM", LOCALE)


def _range(first: date, last: date, year: bool) -> str:
    start = str(first.day) if _same_month(first, last) else _short(first, False)
    return f"{start} tot {_short(last, year)}"


def _list(days: Sequence[date], year: bool) -> str:
    """Days of one month share its name: '23, 24, 30 en 31 december'."""
    words = [
        str(day.day) if _same_month(day, following) else _short(day, False)
        for day, following in zip(days, days[1:], strict=False)
    ]
    return f"{', '.join(words)} en {_short(days[-1], year)}"


def _repeated(days: Sequence[date], year: bool) -> str:
    weekdays = {day.weekday() for day in days}
    if len(weekdays) == 1:
        name = format_date(days[0], "EEEE", LOCALE)
        return f"{len(days)} {name}en vanaf {_short(days[0], year)}"
    return f"{len(days)} dagen tussen {_short(days[0], False)} en {_short(days[-1], year)}"
