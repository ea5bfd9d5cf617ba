"""For every test: activity types, activities, customers and persons in the database."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from app.activities.models import (
    Activity,
    ActivityDate,
    ActivityState,
    ActivityType,
    Module,
    PlacePool,
    PriceCategory,
)
from app.clock import from_local, today
from app.extensions import write_transaction
from app.people.models import Customer, Person
from app.settings.models import ONLY_ROW, PrivacySettings

Price = tuple[str, str, Sequence[str]]
PRICES: Sequence[Price] = (("Basistarief", "60.00", ()),)
_numbers = count(1)


def days_from_now(days: int, hours: int = 9, minutes: int = 0) -> datetime:
    """The moment, in UTC, at which the clock in Brussels shows this hour so many days away."""
    return from_local(today() + timedelta(days=days), time(hours, minutes))


def make_type(
    name: str | None = None, *, prices: Sequence[Price] = PRICES, **fields: Any
) -> ActivityType:
    """An activity type for registrations, with one price of 60 euro; name of its own."""
    with write_transaction() as session:
        made = ActivityType(
            name=name or f"Kamp {next(_numbers)}",
            module=fields.pop("module", Module.REGISTRATION),
            **fields,
        )
        made.price_categories = price_categories(prices)
        session.add(made)
        session.flush()
        return made


def make_activity(
    title: str = "Winterbos-kamp",
    *,
    activity_type: ActivityType | None = None,
    dates: Sequence[tuple[datetime, datetime]] | None = None,
    capacity: int = 20,
    taken: int = 0,
    prices: Sequence[Price] = PRICES,
    state: ActivityState = ActivityState.ONLINE,
    **fields: Any,
) -> Activity:
    """An activity that is online; without dates it takes place in thirty days, 9 to 16 hours.

    Places come in one pool, or in one for each date where the type is one of Ticketing.
    """
    kind = activity_type or make_type()
    spans = dates or [(days_from_now(30, 9), days_from_now(30, 16))]
    with write_transaction() as session:
        made = Activity(
            title=title,
            activity_type_id=kind.id,
            state=state,
            first_start=min(start for start, _ in spans),
            last_end=max(end for _, end in spans),
            **fields,
        )
        made.dates = [ActivityDate(starts_at=start, ends_at=end) for start, end in spans]
        made.price_categories = price_categories(prices)
        session.add(made)
        session.flush()
        of_dates = [item.id for item in made.dates] if kind.module is Module.TICKETING else [None]
        made.pools = [
            PlacePool(capacity=capacity, taken=taken, date_id=date_id) for date_id in of_dates
        ]
        session.flush()
        assert made.activity_type and (made.series is None or made.series)
        return made


def price_categories(prices: Sequence[Price]) -> list[PriceCategory]:
    """Categories in this order, each from (name, euro as text, postcodes)."""
    return [
        PriceCategory(position=place, name=name, price=Decimal(euro), postal_codes=list(codes))
        for place, (name, euro, codes) in enumerate(prices)
    ]


def make_customer(first_name: str = "Sofie", last_name: str = "Peeters", **fields: Any) -> Customer:
    """A customer without an account, living in 9000."""
    with write_transaction() as session:
        made = Customer(
            first_name=first_name,
            last_name=last_name,
            **{"postal_code": "9000", "email": "sofie@gezin.example", **fields},
        )
        session.add(made)
        session.flush()
        return made


def make_person(
    customer: Customer | int,
    first_name: str = "Lou",
    last_name: str = "Peeters",
    birth_date: date | None = date(2018, 5, 4),
    **fields: Any,
) -> Person:
    """A child of this customer, without INSZ and without UiTPAS number unless given."""
    with write_transaction() as session:
        made = Person(
            customer_id=customer if isinstance(customer, int) else customer.id,
            first_name=first_name,
            last_name=last_name,
            birth_date=birth_date,
            **fields,
        )
        session.add(made)
        session.flush()
        assert made.customer
        return made


def utc(year: int, month: int, day: int, hours: int = 0, minutes: int = 0) -> datetime:
    """A moment in UTC."""
    return datetime(year, month, day, hours, minutes, tzinfo=UTC)


GROUND = "wet van 8 augustus 1983"


def allow_insz(ground: str = GROUND) -> None:
    """Register numbers may be used, on this legal ground; an empty one switches them off."""
    with write_transaction() as session:
        session.merge(
            PrivacySettings(
                id=ONLY_ROW,
                insz_on=bool(ground),
                insz_ground=ground,
                insz_months=24,
                tariff_months=3,
                guest_pass_months=13,
            )
        )
