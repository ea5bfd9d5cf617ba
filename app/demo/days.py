"""When things happen in Zonnewende: counted from the day on which the demo was first filled."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache

from app.activities.formula import Formula
from app.activities.schedule import AdjustedDays, ClosedDays, Opening, WeeklySchedule
from app.clock import from_local, local

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = range(7)
CAMP_DAYS = 4
FIRST_CAMP_AFTER = 14
"""Days: a camp whose registrations are still open."""
WEEK = timedelta(days=7)

Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Camp:
    """Four days in the school holiday week with this number, the first to come being 0."""

    week: int
    starts: time = time(9)
    ends: time = time(16)

    def spans(self, begin: date) -> list[Span]:
        """The dates, as moments in UTC."""
        monday = holiday_weeks(begin + timedelta(days=FIRST_CAMP_AFTER))[self.week]
        days = [monday + timedelta(days=number) for number in range(5)]
        open_days = [day for day in days if day not in bank_holidays(day.year)]
        return [_span(day, self.starts, self.ends) for day in open_days[:CAMP_DAYS]]


@dataclass(frozen=True)
class Weekly:
    """Lessons on one weekday, not in school holidays; the first at least so many days ahead."""

    weekday: int
    lessons: int
    starts: time
    ends: time
    after_days: int = 10

    def spans(self, begin: date) -> list[Span]:
        """The dates, as moments in UTC."""
        day = _next(self.weekday, begin + timedelta(days=self.after_days))
        found: list[Span] = []
        while len(found) < self.lessons:
            if not _is_free(day):
                found.append(_span(day, self.starts, self.ends))
            day += WEEK
        return found


@dataclass(frozen=True)
class Once:
    """One weekday, so many weeks ahead, with the next days of the same week where wanted.

    Moves a week on while it falls in a school holiday; negative weeks are past, and stay.
    """

    weekday: int
    weeks: int
    starts: time
    ends: time
    days: int = 1

    def spans(self, begin: date) -> list[Span]:
        """The dates, as moments in UTC."""
        first = _next(self.weekday, begin + WEEK * self.weeks)
        while self.weeks > 0 and _is_free(first):
            first += WEEK
        return [
            _span(first + timedelta(days=number), self.starts, self.ends)
            for number in range(self.days)
        ]


@dataclass(frozen=True)
class OpenAllSummer:
    """The same hours on every weekday of the summer holidays, but later on the last one."""

    opens: time
    closes: time
    last_day_closes: time
    last_day_reason: str

    def schedule(self, begin: date) -> WeeklySchedule:
        """The weekly schedule; bank holidays are closed."""
        first, last = summer_holidays(begin)
        days = tuple(range(SATURDAY))
        free = [day for day in sorted(bank_holidays(first.year)) if first <= day <= last]
        return WeeklySchedule(
            first_day=first,
            last_day=last,
            openings=(Opening(days, self.opens, self.closes),),
            closed=tuple(ClosedDays(day, day, "Feestdag") for day in free if day.weekday() in days),
            adjusted=(
                AdjustedDays(
                    last,
                    last,
                    (Opening((last.weekday(),), self.opens, self.last_day_closes),),
                    self.last_day_reason,
                ),
            ),
        )


When = Camp | Weekly | Once | OpenAllSummer


def summer_holidays(begin: date) -> tuple[date, date]:
    """The first Monday and the last Friday of the next July and August that still lie ahead."""
    year = begin.year if begin < date(begin.year, 6, 1) else begin.year + 1
    last = date(year, 8, 31)
    return _next(MONDAY, date(year, 7, 1)), last - timedelta(days=(last.weekday() - FRIDAY) % 7)


def summer_formula(begin: date, weekday: int, times: int, starts: time, ends: time) -> Formula:
    """So many weeks of next summer; for a bank holiday, a week more at the beginning."""
    first = _next(weekday, date(summer_holidays(begin)[0].year, 7, 1))
    until = first + WEEK * (times - 1)
    days = [first + WEEK * number for number in range(times)]
    free = tuple(day for day in days if day in bank_holidays(day.year))
    since = first - WEEK * len(free)
    return Formula((weekday,), starts, ends, since, until, left_out=free)


def holiday_weeks(after: date) -> list[date]:
    """The Mondays of the Flemish school holidays that begin on this day or later, for two years."""
    mondays = [monday for year in (after.year, after.year + 1) for monday in _holidays_of(year)]
    return [monday for monday in sorted(mondays) if monday >= after]


def evening_before(first: datetime, days: int) -> datetime:
    """17 uur, so many days before the first date: when registrations close."""
    return from_local(local(first).date() - timedelta(days=days), time(17))


@cache
def bank_holidays(year: int) -> frozenset[date]:
    """The days on which nothing takes place in Belgium."""
    fixed = ((1, 1), (5, 1), (7, 21), (8, 15), (11, 1), (11, 11), (12, 25))
    easter = easter_sunday(year)
    moving = {easter + timedelta(days=number) for number in (1, 39, 50)}
    return frozenset({date(year, month, day) for month, day in fixed} | moving)


@cache
def easter_sunday(year: int) -> date:
    """Easter by the Gregorian computus."""
    golden = year % 19
    century, rest = divmod(year, 100)
    epact = 19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15
    epact %= 30
    weekday = (32 + 2 * (century % 4) + 2 * (rest // 4) - epact - rest % 4) % 7
    shift = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * shift + 114, 31)
    return date(year, month, day + 1)


@cache
def _holidays_of(year: int) -> tuple[date, ...]:
    """Autumn and Christmas, carnival, Easter and summer, as the Flemish government sets them."""
    easter = easter_sunday(year)
    autumn = _monday_of(date(year, 11, 1))
    christmas = _monday_of(date(year, 12, 25))
    if date(year, 11, 1).weekday() == SUNDAY:
        autumn += WEEK
    if date(year, 12, 25).weekday() >= SATURDAY:
        christmas += WEEK
    if easter.month == 3:
        spring = easter + timedelta(days=1)
    elif easter > date(year, 4, 15):
        spring = easter - timedelta(days=13)
    else:
        spring = _next(MONDAY, date(year, 4, 1))
    summer = _next(MONDAY, date(year, 7, 1))
    return (
        easter - timedelta(days=48),
        spring,
        spring + WEEK,
        *(summer + WEEK * number for number in range(8)),
        autumn,
        christmas,
        christmas + WEEK,
    )


def _is_free(day: date) -> bool:
    """Whether there is no lesson that day: a bank holiday or a school holiday."""
    return day in bank_holidays(day.year) or _monday_of(day) in {
        monday for year in (day.year - 1, day.year) for monday in _holidays_of(year)
    }


def _monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _next(weekday: int, day: date) -> date:
    """The first such weekday on this day or after it."""
    return day + timedelta(days=(weekday - day.weekday()) % 7)


def _span(day: date, starts: time, ends: time) -> Span:
    return from_local(day, starts), from_local(day, ends)
