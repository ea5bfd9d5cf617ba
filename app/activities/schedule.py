"""A weekly schedule: fixed hours between two dates, with closed and adjusted days (6.1.5, D14).

What publiq calls a periodic calendar. Pure values; an activity keeps them as JSON.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from app.activities.models import Activity
from app.clock import from_local

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Opening:
    """Hours on some days of the week; 0 is Monday. Hours are those of the clock in Brussels."""

    weekdays: tuple[int, ...]
    opens: time
    closes: time


@dataclass(frozen=True)
class ClosedDays:
    """Days on which nothing takes place; both days count."""

    first_day: date
    last_day: date
    reason: str = ""


@dataclass(frozen=True)
class AdjustedDays:
    """Days with other hours; both days count."""

    first_day: date
    last_day: date
    openings: tuple[Opening, ...]
    reason: str = ""


@dataclass(frozen=True)
class WeeklySchedule:
    """The hours of every week from the first day to the last one."""

    first_day: date
    last_day: date
    openings: tuple[Opening, ...]
    closed: tuple[ClosedDays, ...] = ()
    adjusted: tuple[AdjustedDays, ...] = ()

    def hours_on(self, day: date) -> list[Opening]:
        """The openings of a day, in their order; closed days win over adjusted ones."""
        if not self.first_day <= day <= self.last_day:
            return []
        if any(item.first_day <= day <= item.last_day for item in self.closed):
            return []
        openings = self.openings
        for item in self.adjusted:
            if item.first_day <= day <= item.last_day:
                openings = item.openings
        found = [item for item in openings if day.weekday() in item.weekdays]
        return sorted(found, key=lambda item: (item.opens, item.closes))

    def open_days(self) -> list[date]:
        """Every day on which something takes place."""
        count = (self.last_day - self.first_day).days + 1
        days = (self.first_day + ONE_DAY * n for n in range(count))
        return [day for day in days if self.hours_on(day)]

    def span(self) -> tuple[datetime, datetime] | None:
        """The first start and the last end, in UTC; None where no day is open."""
        days = self.open_days()
        if not days:
            return None
        last = max(item.closes for item in self.hours_on(days[-1]))
        return from_local(days[0], self.hours_on(days[0])[0].opens), from_local(days[-1], last)


def schedule_of(activity: Activity) -> WeeklySchedule | None:
    """The weekly schedule of an activity; None for one that has dates."""
    return None if activity.schedule is None else read_schedule(activity.schedule)


def read_schedule(stored: Mapping[str, Any]) -> WeeklySchedule:
    """The schedule that ``written_schedule`` wrote."""
    return WeeklySchedule(
        first_day=date.fromisoformat(stored["first_day"]),
        last_day=date.fromisoformat(stored["last_day"]),
        openings=_openings(stored["openings"]),
        closed=tuple(
            ClosedDays(
                date.fromisoformat(item["first_day"]),
                date.fromisoformat(item["last_day"]),
                item["reason"],
            )
            for item in stored["closed"]
        ),
        adjusted=tuple(
            AdjustedDays(
                date.fromisoformat(item["first_day"]),
                date.fromisoformat(item["last_day"]),
                _openings(item["openings"]),
                item["reason"],
            )
            for item in stored["adjusted"]
        ),
    )


def written_schedule(schedule: WeeklySchedule) -> dict[str, Any]:
    """A schedule as an activity keeps it."""
    return {
        **_days(schedule),
        "openings": [_opening(item) for item in schedule.openings],
        "closed": [{**_days(item), "reason": item.reason} for item in schedule.closed],
        "adjusted": [
            {
                **_days(item),
                "reason": item.reason,
                "openings": [_opening(hours) for hours in item.openings],
            }
            for item in schedule.adjusted
        ],
    }


def _openings(stored: list[dict[str, Any]]) -> tuple[Opening, ...]:
    return tuple(
        Opening(
            tuple(item["weekdays"]),
            time.fromisoformat(item["opens"]),
            time.fromisoformat(item["closes"]),
        )
        for item in stored
    )


def _opening(item: Opening) -> dict[str, Any]:
    return {
        "weekdays": list(item.weekdays),
        "opens": item.opens.isoformat("minutes"),
        "closes": item.closes.isoformat("minutes"),
    }


def _days(item: WeeklySchedule | ClosedDays | AdjustedDays) -> dict[str, str]:
    return {"first_day": item.first_day.isoformat(), "last_day": item.last_day.isoformat()}
