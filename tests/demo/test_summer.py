"""The summer of the demo: what stands in the database, and what stands at publiq."""

from decimal import Decimal
from typing import Any

import pytest
import requests
from flask import Flask
from sqlalchemy import select

from app.activities.models import Activity
from app.clock import local
from app.demo import DOMAIN, classes, fill_demo, summer
from app.demo.days import bank_holidays
from app.extensions import db
from app.settings.models import Environment
from app.uitdatabank.models import EventLink, ItemState, PublicationItem, UitProfile
from app.uitdatabank.references_in_use import gone_references


def of_summer() -> list[Activity]:
    query = select(Activity).where(Activity.title == summer.TITLE).order_by(Activity.first_start)
    return list(db.session.scalars(query))


def event_of(activity: Activity, sandbox: str) -> dict[str, Any]:
    event_id = db.session.scalar(
        select(EventLink.event_id).where(EventLink.activity_id == activity.id)
    )
    assert event_id is not None, activity.title
    return requests.get(f"{sandbox}/sandbox/events/{event_id}?format=json", timeout=10).json()


def test_what_publiq_gives_back_reads_as_what_we_sent_but_where_somebody_changed_it(
    filled: Flask,
) -> None:
    links = db.session.scalars(select(EventLink).where(EventLink.event_id.is_not(None))).all()
    assert links
    assert all(link.checked_at is not None for link in links)
    changed_there = of_summer()[summer.CHANGED_THERE].id
    differing = {link.activity_id: link.differences for link in links if link.differences}
    assert list(differing) == [changed_there]
    (difference,) = differing[changed_there]
    assert summer.TITLE_THERE in str(difference)


def test_the_summer_of_the_demo_stands_at_publiq_as_it_went(filled: Flask) -> None:
    sandbox = filled.config["LOKET"].sandbox_url
    activities = of_summer()
    assert len(activities) == 8
    days = [local(one.first_start) for one in activities]
    assert {day.weekday() for day in days} == {2}
    assert len({day.date() for day in days}) == 8
    assert not any(day.date() in bank_holidays(day.year) for day in days)
    base = [
        next(one.price for one in activity.price_categories if one.name == "Basistarief")
        for activity in activities
    ]
    assert base == [Decimal("5.00")] * 3 + [Decimal("6.00")] * 5

    events = [event_of(one, sandbox) for one in activities]
    assert [event["priceInfo"][0]["price"] for event in events] == [5] * 3 + [6] * 5
    full = [event["bookingAvailability"]["type"] == "Unavailable" for event in events]
    going_on = [number for number in range(8) if number != summer.CANCELLED]
    assert [number for number in going_on if full[number]] == [summer.SOLD_OUT]
    assert activities[summer.SOLD_OUT].pools[0].left == 0
    statuses_there = [event["status"]["type"] for event in events]
    assert [number for number, one in enumerate(statuses_there) if one != "Available"] == [
        summer.CANCELLED
    ]
    assert events[summer.CANCELLED]["status"]["reason"] == {"nl": summer.CANCELLED_BECAUSE}
    assert all(event["mediaObject"] for event in events)
    assert [item.state for item in db.session.scalars(select(PublicationItem))] == [
        ItemState.DONE
    ] * (8 + 5)


def test_one_location_of_the_demo_is_gone_with_the_activity_that_uses_it(filled: Flask) -> None:
    (gone,) = gone_references(Environment.SANDBOX)
    assert (gone.name, gone.activities, gone.published) == (summer.MEADOW.name, 1, 1)
    last = of_summer()[summer.WITHOUT_PLACE]
    profile = db.session.scalars(select(UitProfile).where(UitProfile.activity_id == last.id)).one()
    assert profile.location_id == gone.reference.publiq_id


def test_a_weekly_schedule_and_a_postponed_show_stand_at_publiq(filled: Flask) -> None:
    sandbox = filled.config["LOKET"].sandbox_url
    playground = db.session.scalars(
        select(Activity).where(Activity.title == classes.OPEN_PLAYGROUND)
    ).one()
    event = event_of(playground, sandbox)
    assert event["calendarType"] == "periodic"
    assert event["openingHoursClosedDays"]
    assert [one["description"] for one in event["openingHoursAdjustedDays"]] == [
        {"nl": "Slotdag: 's avonds eten we samen"}
    ]
    assert event["contactPoint"]["email"] == [f"speelplein@{DOMAIN}"]
    show = db.session.scalars(select(Activity).where(Activity.title == classes.FILM)).one()
    assert event_of(show, sandbox)["status"]["type"] == "TemporarilyUnavailable"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_where_another_server_plays_publiq_nobody_changes_anything_there_by_hand(
    app: Flask, sandbox_url: str
) -> None:
    said = fill_demo()
    assert said[-1] == summer.NOT_BUNDLED
    names = {event_of(one, sandbox_url)["name"]["nl"] for one in of_summer()}
    assert names == {summer.TITLE}
    assert gone_references(Environment.SANDBOX) == []
    received = requests.get(f"{sandbox_url}/sandbox/ontvangen.json", timeout=10).json()
    assert not [one for one in received if (one["method"], one["path"]) == ("POST", "/io/places")]
