"""Calendars as publiq stores them: sorted dates, derived status, everything in UTC."""

from app.sandbox import moments

FIELDS = (
    "calendarType",
    "subEvent",
    "startDate",
    "endDate",
    "openingHours",
    "openingHoursClosedDays",
    "openingHoursAdjustedDays",
    "status",
    "bookingAvailability",
)
AVAILABLE = {"type": "Available"}


def write_calendar(document, body):
    """Replace the whole calendar. What `body` leaves out falls back to Available, as at publiq."""
    for name in FIELDS:
        document.pop(name, None)
    kind = body["calendarType"]
    document["calendarType"] = kind
    if kind in ("single", "multiple"):
        document["subEvent"] = [_sub_event(item) for item in body["subEvent"]]
        derive(document)
        return
    if kind == "periodic":
        for name in ("startDate", "endDate"):
            document[name] = _utc(body[name])
    for name in ("openingHours", "openingHoursClosedDays", "openingHoursAdjustedDays"):
        if body.get(name):
            document[name] = body[name]
    document["status"] = _status(body.get("status"))
    document["bookingAvailability"] = dict(AVAILABLE)


def _sub_event(item):
    stored = {
        "startDate": _utc(item["startDate"]),
        "endDate": _utc(item["endDate"]),
        "status": _status(item.get("status")),
        "bookingAvailability": _availability(item.get("bookingAvailability")),
    }
    for name in ("childcare", "overnight"):
        if item.get(name):
            stored[name] = item[name]
    return stored


def derive(document):
    """Sort the dates, number them, and derive what the top level says from them."""
    dates = sorted(document["subEvent"], key=lambda item: moments.read(item["startDate"]))
    for index, item in enumerate(dates):
        item["id"] = index
    document["subEvent"] = dates
    document["calendarType"] = "single" if len(dates) == 1 else "multiple"
    document["startDate"] = dates[0]["startDate"]
    document["endDate"] = max((item["endDate"] for item in dates), key=moments.read)
    types = [item["status"]["type"] for item in dates]
    for kind in ("Available", "TemporarilyUnavailable", "Unavailable"):
        if kind in types:
            reasons = [item["status"].get("reason") for item in dates]
            document["status"] = {"type": kind}
            if kind != "Available" and reasons[0] and all(r == reasons[0] for r in reasons):
                document["status"]["reason"] = reasons[0]
            break
    free = any(item["bookingAvailability"]["type"] == "Available" for item in dates)
    document["bookingAvailability"] = {"type": "Available" if free else "Unavailable"}


def change_sub_event(item, change):
    """Apply one item of PATCH …/sub-events: only what was sent changes."""
    for name in ("startDate", "endDate"):
        if change.get(name):
            item[name] = _utc(change[name])
    if change.get("status"):
        item["status"] = _status(change["status"])
    if change.get("bookingAvailability"):
        sent = dict(change["bookingAvailability"])
        if "capacity" not in sent and "capacity" in item["bookingAvailability"]:
            sent["capacity"] = item["bookingAvailability"]["capacity"]
        item["bookingAvailability"] = _availability(sent)
    for name in ("childcare", "overnight"):
        if name in change:
            item[name] = change[name]


def set_status(document, status):
    """The whole event and all its dates get this status."""
    document["status"] = _status(status)
    for item in document.get("subEvent", []):
        item["status"] = _status(status)


def set_availability(document, availability):
    """All dates follow, except those that count what remains."""
    for item in document["subEvent"]:
        if "remainingCapacity" not in item["bookingAvailability"]:
            item["bookingAvailability"] = _availability(availability)
    derive(document)


def _status(sent):
    if not sent or sent["type"] == "Available":
        return dict(AVAILABLE)
    return {key: sent[key] for key in ("type", "reason") if sent.get(key)}


def _availability(sent):
    if not sent:
        return dict(AVAILABLE)
    stored = {"type": sent.get("type", "Available")}
    if "remainingCapacity" in sent:
        stored["type"] = "Available" if sent["remainingCapacity"] > 0 else "Unavailable"
    for name in ("capacity", "remainingCapacity"):
        if name in sent:
            stored[name] = sent[name]
    return stored


def _utc(text):
    return moments.written(moments.read(text))
