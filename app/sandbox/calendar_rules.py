"""What publiq refuses in the calendar of an event: dates, opening hours, status, availability."""

import re
from datetime import date

from app.sandbox import moments

TYPES = ("single", "multiple", "periodic", "permanent")
STATUSES = ("Available", "TemporarilyUnavailable", "Unavailable")
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
TIME = re.compile(r"^([01]?\d|2[0-3]):[0-5]\d$")
DAY = re.compile(r"^\d{4}-\d{2}-\d{2}$")
TOO_EARLY = "endDate should not be before startDate"


def moment(value, pointer, found):
    """The moment, or None after adding what is wrong with it."""
    try:
        return moments.read(value)
    except (ValueError, TypeError):
        found.append((pointer, "The data must match the 'date-time' format"))
        return None


def day(value, pointer, found):
    """Whether the value is a calendar day, YYYY-MM-DD."""
    if isinstance(value, str) and DAY.match(value):
        try:
            date.fromisoformat(value)
            return True
        except ValueError:
            pass
    found.append((pointer, "The data must match the 'date' format"))
    return False


def calendar(body, found):
    """Check everything of an event body, or of PUT …/calendar, that has to do with time."""
    kind = body.get("calendarType")
    if kind not in TYPES:
        found.append(("/calendarType", "The data should match one item from enum"))
        return
    if kind in ("single", "multiple"):
        if not isinstance(body.get("subEvent"), list):
            found.append(("/", "The required properties (subEvent) are missing"))
        elif not body["subEvent"]:
            found.append(("/subEvent", "Array should have at least 1 items, 0 found"))
        else:
            for index, sub_event in enumerate(body["subEvent"]):
                _sub_event(sub_event, f"/subEvent/{index}", found)
    if kind == "periodic":
        missing = [name for name in ("startDate", "endDate") if body.get(name) is None]
        if missing:
            found.append(("/", f"The required properties ({', '.join(missing)}) are missing"))
        else:
            span(body, "", found)
    if kind in ("periodic", "permanent"):
        opening_hours(body.get("openingHours"), "/openingHours", found)
        special_days(body, found)
    if body.get("status") is not None:
        status(body["status"], "/status", found)
    if body.get("bookingAvailability") is not None:
        top_availability(body["bookingAvailability"], kind, "/bookingAvailability", found)


def span(value, pointer, found):
    """startDate and endDate of the event, a sub-event or a period."""
    start = moment(value.get("startDate"), pointer + "/startDate", found)
    end = moment(value.get("endDate"), pointer + "/endDate", found)
    if start and end and end < start:
        found.append((pointer + "/endDate", TOO_EARLY))


def _sub_event(value, pointer, found):
    if not isinstance(value, dict):
        found.append((pointer, "The data must match the type: object"))
        return
    missing = [name for name in ("startDate", "endDate") if value.get(name) is None]
    if missing:
        found.append((pointer, f"The required properties ({', '.join(missing)}) are missing"))
    else:
        span(value, pointer, found)
    sub_event_details(value, pointer, found)


def sub_event_details(value, pointer, found):
    """What a date carries besides its moments; also all that a PATCH may send."""
    if value.get("status") is not None:
        status(value["status"], pointer + "/status", found)
    if value.get("bookingAvailability") is not None:
        availability(value["bookingAvailability"], pointer + "/bookingAvailability", found)
    if value.get("childcare") is not None:
        childcare(value["childcare"], pointer + "/childcare", found)
    if not isinstance(value.get("overnight", False), bool):
        found.append((pointer + "/overnight", "The data must match the type: boolean"))


def status(value, pointer, found):
    if not isinstance(value, dict) or value.get("type") not in STATUSES:
        found.append((pointer + "/type", "The data should match one item from enum"))
        return
    reason = value.get("reason")
    if reason is None:
        return
    if not isinstance(reason, dict):
        found.append((pointer + "/reason", "The data must match the type: object"))
        return
    for language, text in reason.items():
        if not isinstance(text, str) or not text.strip():
            found.append((f"{pointer}/reason/{language}", "Given string should not be empty."))


def availability(value, pointer, found):
    """Availability of one date: a type or what remains, and never more left than there is."""
    if not isinstance(value, dict) or not {"type", "remainingCapacity"} & set(value):
        found.append((pointer, "The required properties (type) are missing"))
        return
    if value.get("type") not in (None, "Available", "Unavailable"):
        found.append((pointer + "/type", "The data should match one item from enum"))
    counts = [_count(value, name, pointer, found) for name in ("capacity", "remainingCapacity")]
    if None not in counts and counts[1] > counts[0]:
        found.append((pointer, "remainingCapacity must be less than or equal to capacity"))


def top_availability(value, kind, pointer, found):
    if not isinstance(value, dict) or value.get("type") not in ("Available", "Unavailable"):
        found.append((pointer + "/type", "The data should match one item from enum"))
        return
    if "remainingCapacity" in value:
        found.append((pointer + "/remainingCapacity", "remainingCapacity is not allowed here"))
    if "capacity" in value:
        _count(value, "capacity", pointer, found)
        if kind in ("periodic", "permanent"):
            found.append((pointer + "/capacity", f"capacity is not allowed on {kind} events"))


def _count(value, name, pointer, found):
    if name not in value:
        return None
    count = value[name]
    if isinstance(count, bool) or not isinstance(count, int) or count < 0:
        found.append((f"{pointer}/{name}", "The data must match the type: integer, 0 or more"))
        return None
    return count


def childcare(value, pointer, found):
    for name in ("start", "end"):
        if name in value and not (isinstance(value[name], str) and TIME.match(value[name])):
            found.append((f"{pointer}/{name}", "The string should match pattern: " + TIME.pattern))


def opening_hours(value, pointer, found):
    for index, hours in enumerate(value or []):
        here = f"{pointer}/{index}"
        for name in ("opens", "closes"):
            if not (isinstance(hours.get(name), str) and TIME.match(hours[name])):
                found.append((f"{here}/{name}", "The string should match pattern: " + TIME.pattern))
        days = hours.get("dayOfWeek")
        if not days or len(set(days)) != len(days) or set(days) - set(DAYS):
            found.append((here + "/dayOfWeek", "The data should match one item from enum"))
        if hours.get("childcare") is not None:
            childcare(hours["childcare"], here + "/childcare", found)


def special_days(body, found):
    """Closed days and adjusted days of a periodic or permanent calendar."""
    adjusted = []
    for name in ("openingHoursClosedDays", "openingHoursAdjustedDays"):
        for index, entry in enumerate(body.get(name) or []):
            here = f"/{name}/{index}"
            dates = [
                entry.get(key) for key in ("startDate", "endDate")
                if day(entry.get(key), f"{here}/{key}", found)
            ]  # fmt: skip
            if len(dates) < 2:
                continue
            if dates[0] > dates[1]:
                found.append((here + "/endDate", TOO_EARLY))
            if name == "openingHoursAdjustedDays":
                if not entry.get("openingHours"):
                    found.append((here, "The required properties (openingHours) are missing"))
                opening_hours(entry.get("openingHours"), here + "/openingHours", found)
                if any(dates[0] <= end and start <= dates[1] for start, end in adjusted):
                    found.append((here, "openingHoursAdjustedDays should not overlap"))
                adjusted.append(dates)
