"""Attendance lists: who comes on a date of an activity (R6, C7).

Nothing of money or of a benefit is read here, so that no list can show it: a child with a
kansentarief looks like every other child.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from app.activities.models import Activity, ActivityDate, Module
from app.activities.registering import age_on
from app.activities.schedule import schedule_of
from app.clock import local, today
from app.extensions import db
from app.formats import day as day_words
from app.formats import hour, period
from app.people.models import Customer, Person
from app.sales.models import LineState, Order, OrderLine, OrderState


@dataclass(frozen=True)
class AttendanceDay:
    """A day of an activity: what stands for it in an address, when it is, and whether it goes on.

    ``date_id`` is None for a day of a weekly schedule.
    """

    key: str
    day: date
    words: str
    date_id: int | None = None
    goes_on: bool = True


@dataclass(frozen=True)
class Attendant:
    """Somebody who comes; age in full years on that day, None where no birth date is known."""

    name: str
    age: int | None
    phone: str


def attendance_days(activity: Activity) -> list[AttendanceDay]:
    """The days for which there is a list, the first first; the dates must be loaded."""
    schedule = schedule_of(activity)
    if schedule is None:
        return [_of_date(item) for item in activity.dates]
    days = []
    for open_day in schedule.open_days():
        hours = ", ".join(
            f"{hour(item.opens)} tot {hour(item.closes)} uur"
            for item in schedule.hours_on(open_day)
        )
        days.append(
            AttendanceDay(open_day.isoformat(), open_day, f"{day_words(open_day)}, {hours}")
        )
    return days


def day_to_show(days: Sequence[AttendanceDay], key: str = "") -> AttendanceDay | None:
    """The day that was asked for, else the next one that goes on, else the last one."""
    asked = next((one for one in days if one.key == key), None)
    if asked is not None:
        return asked
    coming = (one for one in days if one.goes_on and one.day >= today())
    return next(coming, days[-1] if days else None)


def attendants(activity: Activity, day: AttendanceDay) -> list[Attendant]:
    """Who comes on that day, by name: a registration is for all days, a ticket for its own.

    Only what is confirmed; one query.
    """
    rows = db.session.execute(
        select(OrderLine.participant_name, Person.birth_date, Customer.phone)
        .join(Order, Order.id == OrderLine.order_id)
        .outerjoin(Person, Person.id == OrderLine.person_id)
        .outerjoin(Customer, Customer.id == Order.customer_id)
        .where(*_standing(activity, day), Order.state == OrderState.CONFIRMED)
    )
    found = [
        Attendant(
            row.participant_name,
            age_on(row.birth_date, day.day) if row.birth_date else None,
            row.phone or "",
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: (one.name.casefold(), one.phone))


def count_unconfirmed(activity: Activity, day: AttendanceDay) -> int:
    """Registrations whose order is not confirmed yet: they hold a place, and are on no list."""
    query = (
        select(func.count(OrderLine.id))
        .join(Order, Order.id == OrderLine.order_id)
        .where(*_standing(activity, day), Order.state == OrderState.OPEN)
    )
    return db.session.scalar(query) or 0


def _standing(activity: Activity, day: AttendanceDay) -> list:
    conditions = [OrderLine.activity_id == activity.id, OrderLine.state == LineState.LIVE]
    if activity.activity_type.module is Module.TICKETING:
        conditions.append(OrderLine.date_id == day.date_id)
    return conditions


def _of_date(item: ActivityDate) -> AttendanceDay:
    return AttendanceDay(
        key=str(item.id),
        day=local(item.starts_at).date(),
        words=period(item.starts_at, item.ends_at),
        date_id=item.id,
        goes_on=not (item.cancelled_at or item.postponed_at),
    )
