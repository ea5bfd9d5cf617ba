"""The one place that asks the time; moments are aware and in UTC, shown in Europe/Brussels."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

BRUSSELS = ZoneInfo("Europe/Brussels")


def now() -> datetime:
    """This moment, aware, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """The date in Brussels."""
    return now().astimezone(BRUSSELS).date()


def local(moment: datetime) -> datetime:
    """The same moment as the clock in Brussels shows it."""
    return moment.astimezone(BRUSSELS)


def from_local(day: date, at: time) -> datetime:
    """The moment, in UTC, at which a Brussels clock shows this day and time."""
    return datetime.combine(day, at, tzinfo=BRUSSELS).astimezone(UTC)
