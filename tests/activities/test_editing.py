"""Making and changing activities: their rules, dates, pools, prices and versions."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from app.activities.editing import (
    ActivityData,
    DateData,
    activity_data_problems,
    create_activity,
    data_from_type,
    get_activity,
    set_state,
    update_activity,
)
from app.activities.models import Activity, ActivityState, Module
from app.activities.places import registration_pool, take_places
from app.activities.problems import ActivityRefused
from app.activities.types import PriceData, prices_of
from app.clock import from_local
from app.extensions import db, write_transaction
from app.settings.models import AuditEntry
from tests.making import make_type

PRICE = PriceData("Basis", Decimal("60.00"))


def span(day: date, start: int = 9, end: int = 16, until: date | None = None) -> DateData:
    return DateData(from_local(day, time(start)), from_local(until or day, time(end)))


DAY = span(date(2027, 3, 3))
DATA = ActivityData(title="Kamp", dates=(DAY,), prices=(PRICE,), capacity=20)


def problem_at(data: ActivityData, name: str) -> str:
    return {problem.field: problem.sentence for problem in activity_data_problems(data)}[name]


def make(data: ActivityData = DATA, module: Module = Module.REGISTRATION) -> Activity:
    return get_activity(create_activity(make_type(module=module).id, data))


def saved(activity: Activity) -> ActivityData:
    """The activity as its form would send it back."""
    return ActivityData(
        title=activity.title,
        dates=tuple(DateData(item.starts_at, item.ends_at, item.id) for item in activity.dates),
        prices=prices_of(activity),
        capacity=activity.pools[0].capacity,
        version=activity.version,
    )


def test_good_data_has_no_problems() -> None:
    assert activity_data_problems(DATA) == []


def test_an_end_date_before_the_start_date_names_the_first_day_that_can_be() -> None:
    early = replace(DATA, dates=(span(date(2027, 3, 3), until=date(2027, 3, 2)),))
    assert problem_at(early, "dates-0-ends_on") == (
        "De einddatum valt voor de startdatum. Kies een datum vanaf 3 maart 2027."
    )


def test_an_end_before_the_start_on_the_same_day_names_the_hour() -> None:
    wrong = replace(DATA, dates=(DAY, span(date(2027, 3, 4), 14, 12)))
    assert "na 14 uur" in problem_at(wrong, "dates-1-ends")


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"title": "  "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"dates": ()}, "dates"),
        ({"dates": (DAY, DAY)}, "dates-1-day"),
        ({"capacity": 0}, "capacity"),
        ({"capacity": 100_001}, "capacity"),
        ({"min_age": 12, "max_age": 6}, "max_age"),
        ({"min_age": 121}, "min_age"),
        ({"prices": ()}, "prices"),
        ({"prices": (PRICE, replace(PRICE, name="basis"))}, "prices-1-name"),
        ({"prices": (replace(PRICE, price=Decimal("-1")),)}, "prices-0-price"),
        (
            {
                "registration_opens_at": from_local(date(2027, 2, 2), time(9)),
                "registration_closes_at": from_local(date(2027, 2, 1), time(9)),
            },
            "closes_on",
        ),
    ],
)
def test_each_mistake_is_said_at_its_field(changes: dict, name: str) -> None:
    assert problem_at(replace(DATA, **changes), name)


@given(
    start=st.datetimes(datetime(2027, 1, 1), datetime(2027, 12, 31)),  # noqa: DTZ001 - a clock
    minutes=st.integers(-5000, 5000),
)
def test_a_date_is_accepted_exactly_when_it_does_not_end_before_it_starts(
    start: datetime, minutes: int
) -> None:
    begin = from_local(start.date(), start.time())
    data = replace(DATA, dates=(DateData(begin, begin + timedelta(minutes=minutes)),))
    assert (activity_data_problems(data) == []) == (minutes >= 0)


def test_an_activity_gets_one_pool_for_registrations(app: Flask) -> None:
    activity = make(replace(DATA, dates=(DAY, span(date(2027, 3, 4)))))
    assert registration_pool(activity).capacity == 20
    assert len(activity.pools) == 1
    assert activity.first_start == DAY.starts_at
    assert activity.last_end == from_local(date(2027, 3, 4), time(16))


def test_ticketing_gets_a_pool_for_each_date_also_when_one_is_added(app: Flask) -> None:
    activity = make(module=Module.TICKETING)
    data = saved(activity)
    update_activity(
        activity.id, replace(data, dates=(*data.dates, span(date(2027, 3, 4))), capacity=30)
    )
    activity = get_activity(activity.id)
    assert {pool.date_id: pool.capacity for pool in activity.pools} == {
        item.id: 30 for item in activity.dates
    }


def test_a_date_with_tickets_cannot_be_taken_away(app: Flask) -> None:
    activity = make(replace(DATA, dates=(DAY, span(date(2027, 3, 4)))), Module.TICKETING)
    with write_transaction() as session:
        take_places(session, activity.pools[1].id)
    data = saved(get_activity(activity.id))
    with pytest.raises(ActivityRefused) as refused:
        update_activity(activity.id, replace(data, dates=data.dates[:1]))
    assert refused.value.problems[0].field == "dates"
    update_activity(activity.id, replace(data, dates=data.dates[1:]))
    assert len(get_activity(activity.id).pools) == 1


def test_dates_and_prices_keep_their_rows_when_they_change(app: Flask) -> None:
    activity = make()
    date_id, price_id = activity.dates[0].id, activity.price_categories[0].id
    data = saved(activity)
    update_activity(
        activity.id,
        replace(
            data,
            dates=(replace(data.dates[0], ends_at=from_local(date(2027, 3, 3), time(17))),),
            prices=(PriceData("Inwoners", Decimal("40.00"), ("9000",)), data.prices[0]),
        ),
    )
    activity = get_activity(activity.id)
    assert activity.dates[0].id == date_id
    assert [item.name for item in activity.price_categories] == ["Inwoners", "Basis"]
    assert activity.price_categories[1].id == price_id
    assert activity.last_end == from_local(date(2027, 3, 3), time(17))


def test_a_capacity_below_what_is_taken_is_refused_and_changes_nothing(app: Flask) -> None:
    activity = make()
    with write_transaction() as session:
        take_places(session, registration_pool(activity).id, 5)
    with pytest.raises(ActivityRefused):
        update_activity(activity.id, replace(saved(activity), capacity=4, title="Anders"))
    activity = get_activity(activity.id)
    assert (activity.title, registration_pool(activity).capacity) == ("Kamp", 20)


def test_the_second_of_two_clerks_is_told(app: Flask) -> None:
    activity = make()
    data = saved(activity)
    update_activity(activity.id, replace(data, title="Van de eerste"))
    with pytest.raises(ActivityRefused) as refused:
        update_activity(activity.id, replace(data, title="Van de tweede"))
    assert [problem.kind for problem in refused.value.problems] == ["version"]
    assert get_activity(activity.id).title == "Van de eerste"


def test_cancelling_asks_a_reason_and_stands_in_the_audit_trail(app: Flask) -> None:
    activity = make()
    with pytest.raises(ActivityRefused):
        set_state(activity.id, ActivityState.CANCELLED, " ")
    set_state(activity.id, ActivityState.CANCELLED, "Te weinig begeleiders")
    assert get_activity(activity.id).state_reason == "Te weinig begeleiders"
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert (entry.action, entry.reason) == ("activiteit geannuleerd", "Te weinig begeleiders")


def test_a_new_activity_takes_over_what_its_type_says(app: Flask) -> None:
    kind = make_type(
        default_capacity=12, min_age=6, max_age=9, prices=[("Inwoners", "40.00", ["9000"])]
    )
    data = data_from_type(kind, "Kamp", dates=(DAY,))
    activity = get_activity(create_activity(kind.id, data))
    assert (activity.min_age, activity.max_age) == (6, 9)
    assert registration_pool(activity).capacity == 12
    (category,) = activity.price_categories
    assert (category.name, category.price, category.postal_codes) == (
        "Inwoners",
        Decimal("40.00"),
        ["9000"],
    )
    assert kind.price_categories[0].id != category.id
