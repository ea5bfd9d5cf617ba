"""The dates of an order as a calendar file."""

from collections.abc import Iterator
from datetime import date, datetime, time

from dateutil.rrule import WEEKLY, rrule
from icalendar import Calendar, Event

from app.activities.models import ActivityState
from app.activities.schedule import Opening, WeeklySchedule, schedule_of
from app.clock import BRUSSELS, from_local, local, now
from app.sales.models import Order, OrderLine

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
OFF = (ActivityState.CANCELLED, ActivityState.POSTPONED)


def calendar_of(order: Order, host: str, places: dict[int, str]) -> bytes:
    """One event for each date of each line that stands; ``places`` by activity id.

    A weekly schedule is an event that returns each week, with its exceptions. What is cancelled
    or postponed is not there.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Vrijloket//NL")
    calendar.add("version", "2.0")
    for line in order.live_lines:
        if line.activity.state not in OFF:
            for event in _events(line, host, places.get(line.activity_id, "")):
                calendar.add_component(event)
    calendar.add_missing_timezones()
    return calendar.to_ical()


def _events(line: OrderLine, host: str, place: str) -> Iterator[Event]:
    schedule = None if line.date else schedule_of(line.activity)
    if schedule is not None:
        yield from _weekly_events(line, schedule, host, place)
        return
    for item in [line.date] if line.date else line.activity.dates:
        if not (item.cancelled_at or item.postponed_at):
            span = local(item.starts_at), local(item.ends_at)
            yield _event(line, f"{item.id}@{host}", span, place)


def _weekly_events(
    line: OrderLine, schedule: WeeklySchedule, host: str, place: str
) -> Iterator[Event]:
    """For each opening one event that returns, and one for each of the adjusted hours."""
    for number, opening in enumerate(schedule.openings):
        days = _days_of(opening, schedule.first_day, schedule.last_day)
        if not days:
            continue
        event = _event(line, f"w{number}@{host}", _span(days[0], opening), place)
        last = from_local(schedule.last_day, time(23, 59, 59))
        by_day = [DAYS[weekday] for weekday in sorted(set(opening.weekdays))]
        event.add("rrule", {"freq": "weekly", "byday": by_day, "until": last, "wkst": "MO"})
        skipped = [day for day in days if opening not in schedule.hours_on(day)]
        if skipped:
            event.add("exdate", [_span(day, opening)[0] for day in skipped])
        yield event
    for number, adjusted in enumerate(schedule.adjusted):
        for opening in adjusted.openings:
            if opening in schedule.openings:
                continue  # returns every week already
            for day in _days_of(opening, adjusted.first_day, adjusted.last_day):
                if opening in schedule.hours_on(day):
                    uid = f"a{number}-{day:%Y%m%d}-{opening.opens:%H%M}@{host}"
                    yield _event(line, uid, _span(day, opening), place)


def _days_of(opening: Opening, first: date, last: date) -> list[date]:
    """The days between two days on which an opening would be, exceptions apart."""
    moments = rrule(
        WEEKLY,
        byweekday=sorted(set(opening.weekdays)),
        dtstart=datetime.combine(first, time()),
        until=datetime.combine(last, time()),
    )
    return [moment.date() for moment in moments]


def _span(day: date, opening: Opening) -> tuple[datetime, datetime]:
    """The hours of an opening on a day, as a clock in Brussels shows them."""
    return (
        datetime.combine(day, opening.opens, tzinfo=BRUSSELS),
        datetime.combine(day, opening.closes, tzinfo=BRUSSELS),
    )


def _event(line: OrderLine, uid: str, span: tuple[datetime, datetime], place: str) -> Event:
    event = Event()
    event.add("uid", f"{line.line_ref}-{uid}")
    event.add("summary", f"{line.activity.title} ({line.participant_name})")
    event.add("dtstart", span[0])
    event.add("dtend", span[1])
    event.add("dtstamp", now())
    if place:
        event.add("location", place)
    return event
