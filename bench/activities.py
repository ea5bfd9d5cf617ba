"""Activities to measure with: many for the overview, and some that can be published."""

from datetime import datetime, time, timedelta
from decimal import Decimal

from sqlalchemy import insert, text

from app.activities.models import (
    Activity,
    ActivityDate,
    ActivityState,
    ActivityType,
    Module,
    PlacePool,
    PriceCategory,
    UitStatus,
)
from app.clock import from_local, today
from app.extensions import db, end_read, write_transaction
from app.settings.connections import publiq_client
from app.settings.models import Environment
from app.uitdatabank.models import UitProfile
from app.uitdatabank.status import refresh_status
from bench.staging import POSTAL_CODE, BenchFailed

AT_ONCE = 2000
TYPES = 8
CAMP = "0.57.0.0.0"


def fill_overview(count: int) -> None:
    """So many activities of all kinds and statuses, some past and most to come."""
    types = [_make_type(f"Soort {number}") for number in range(TYPES)]
    statuses = list(UitStatus)
    rows = []
    for number in range(count):
        start = _days_from_now(number * 7 % 400 - 60)
        rows.append(
            {
                "id": number + 1,
                "title": f"Activiteit {number % 977:04d}",
                "activity_type_id": types[number % TYPES],
                "state": ActivityState.ONLINE,
                "state_reason": "",
                "publish_in_uit": True,
                "uit_status": statuses[number % len(statuses)],
                "first_start": start,
                "last_end": start + timedelta(hours=6),
                "version": 1,
            }
        )
    for begin in range(0, count, AT_ONCE):
        part = rows[begin : begin + AT_ONCE]
        with write_transaction() as session:
            session.execute(insert(Activity), part)
            session.execute(
                insert(PlacePool),
                [{"activity_id": r["id"], "capacity": 20, "taken": r["id"] % 20} for r in part],
            )
    with db.engine.begin() as connection:
        connection.execute(text("ANALYZE"))


def make_publishable(count: int, title: str) -> list[int]:
    """Activities that miss nothing; their organizer and location are asked from publiq."""
    client = publiq_client(Environment.SANDBOX, purpose="meten")
    end_read()
    places = client.search.places("", POSTAL_CODE, limit=1)
    organizers = client.search.organizers("Zonnewende", limit=1)
    if not places or not organizers:
        raise BenchFailed("the sandbox has no place or organizer to publish with")
    type_id = _make_type(title)
    with write_transaction() as session:
        made = []
        for number in range(count):
            start = _days_from_now(30 + number % 200)
            activity = Activity(
                title=f"{title} {number + 1}",
                activity_type_id=type_id,
                state=ActivityState.ONLINE,
                first_start=start,
                last_end=start + timedelta(hours=6),
                dates=[ActivityDate(starts_at=start, ends_at=start + timedelta(hours=6))],
                pools=[PlacePool(capacity=20)],
                price_categories=[
                    PriceCategory(position=0, name="Basis", price=Decimal("60.00"), postal_codes=[])
                ],
            )
            session.add(activity)
            made.append(activity)
        session.flush()
        session.add_all(
            UitProfile(
                activity_id=activity.id,
                environment=Environment.SANDBOX,
                postal_code=POSTAL_CODE,
                location_id=places[0].id,
                location_name=places[0].name,
                organizer_id=organizers[0].id,
                organizer_name=organizers[0].name,
                event_type=CAMP,
                description="Een week buiten spelen.",
            )
            for activity in made
        )
        session.flush()
        for activity in made:
            refresh_status(session, activity.id)
        return [activity.id for activity in made]


def _make_type(name: str) -> int:
    with write_transaction() as session:
        made = ActivityType(name=name, module=Module.REGISTRATION)
        session.add(made)
        session.flush()
        return made.id


def _days_from_now(days: int) -> datetime:
    return from_local(today() + timedelta(days=days), time(9))
