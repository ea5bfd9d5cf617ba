"""The one place that asks the time; moments are aware and in UTC, shown in Europe/Brussels."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

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


def times_shown(day: date, at: time) -> int:
    """How often a clock in Brussels shows this hour on this day.

    0 in the hour that is skipped in spring, 2 in the one that comes twice in autumn, else 1.
    """
    moments = {
        datetime.combine(day, at.replace(fold=fold), tzinfo=BRUSSELS).astimezone(UTC)
        for fold in (0, 1)
    }
    shown = [one.astimezone(BRUSSELS).replace(tzinfo=None, fold=0) for one in moments]
    return shown.count(datetime.combine(day, at.replace(fold=0)))


def months_ago(months: int) -> datetime:
    """The moment so many calendar months before now; in a shorter month its last day."""
    return now() - relativedelta(months=months)
