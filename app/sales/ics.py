"""The dates of an order as a calendar file."""

from icalendar import Calendar, Event

from app.clock import local, now
from app.sales.models import Order, OrderLine


def calendar_of(order: Order, host: str, places: dict[int, str]) -> bytes:
    """One event for each date of each line that stands; ``places`` by activity id."""
    calendar = Calendar()
    calendar.add("prodid", "-//Vrijloket//NL")
    calendar.add("version", "2.0")
    for line in order.live_lines:
        for event in _events(line, host, places.get(line.activity_id, "")):
            calendar.add_component(event)
    calendar.add_missing_timezones()
    return calendar.to_ical()


def _events(line: OrderLine, host: str, place: str) -> list[Event]:
    dates = [line.date] if line.date else line.activity.dates
    events = []
    for date in dates:
        if date.cancelled_at is not None:
            continue
        event = Event()
        event.add("uid", f"{line.line_ref}-{date.id}@{host}")
        event.add("summary", f"{line.activity.title} ({line.participant_name})")
        event.add("dtstart", local(date.starts_at))
        event.add("dtend", local(date.ends_at))
        event.add("dtstamp", now())
        if place:
            event.add("location", place)
        events.append(event)
    return events
