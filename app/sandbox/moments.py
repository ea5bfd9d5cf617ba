"""Moments as publiq writes them: stored in UTC, written with an offset."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

BRUSSELS = ZoneInfo("Europe/Brussels")
FOREVER = "2100-01-01T00:00:00+00:00"


def now():
    return datetime.now(UTC)


def written(moment):
    """ISO 8601 with offset, in UTC, to the second."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def read(text):
    """A moment of someone else. Without an offset it is Brussels time. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    if "T" not in text:
        raise ValueError("a date without a time")
    return moment if moment.tzinfo else moment.replace(tzinfo=BRUSSELS)


def period_start(period_type, moment=None):
    """First moment of the calendar period that holds `moment`; None for ABSOLUTE (no start)."""
    local = (moment or now()).astimezone(BRUSSELS)
    day = local.replace(hour=0, minute=0, second=0, microsecond=0)
    starts = {
        "DAY": day,
        "WEEK": day - timedelta(days=day.weekday()),
        "MONTH": day.replace(day=1),
        "QUARTER": day.replace(month=3 * ((day.month - 1) // 3) + 1, day=1),
        "YEAR": day.replace(month=1, day=1),
    }
    start = starts.get(period_type)
    return start.astimezone(UTC) if start else None
