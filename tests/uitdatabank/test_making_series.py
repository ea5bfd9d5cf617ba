"""Activities by formula: three kinds, each with places, prices, tab and status, all or nothing."""

import time as clock
from dataclasses import replace
from datetime import date, time, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.activities.editing import ActivityData, get_activity
from app.activities.formula import Formula, Holiday, read_formula
from app.activities.models import (
    Activity,
    ActivityDate,
    ActivityState,
    ActivityType,
    Module,
    PlacePool,
    PriceCategory,
    Series,
    UitStatus,
)
from app.activities.problems import ActivityRefused
from app.activities.schedule import schedule_of
from app.activities.series import SeriesData, SeriesKind, series_problems
from app.activities.types import PriceData
from app.clock import from_local, local
from app.extensions import Base, db, write_transaction
from app.settings.models import AuditEntry, Environment
from app.uitdatabank.editing import create_series
from app.uitdatabank.models import UitProfile
from app.uitdatabank.problems import ProfileRefused
from app.uitdatabank.profiles import ChosenLocation, ChosenOrganizer, ProfileData
from tests.making import make_type
from tests.queries import count_queries
from tests.uitdatabank.support import CAMP, connect, organizer_id, place_id

SUMMER = Formula((2,), time(9), time(16), date(2027, 7, 7), date(2027, 8, 25))
"""Eight Wednesdays."""
DATA = ActivityData(
    title="Speelplein",
    dates=(),
    prices=(PriceData("Basis", Decimal("6.00")), PriceData("Lid", Decimal("4.00"), ("9995",))),
    capacity=30,
    min_age=6,
)
SEPARATE = SeriesData(SeriesKind.SEPARATE, SUMMER, DATA)
PROFILE = ProfileData(
    postal_code="9995",
    location=ChosenLocation(place_id(), "Speelplein De Boomhut", "Kastanjelaan 8"),
    organizer=ChosenOrganizer(organizer_id(), "Vrije Tijd", True),
    event_type=CAMP,
    labels=("zomer",),
    description="Een dag buiten spelen.",
)


def count(model: type[Base]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def activities() -> list[Activity]:
    ids = db.session.scalars(select(Activity.id).order_by(Activity.first_start))
    return [get_activity(one) for one in ids]


def problems(data: SeriesData, module: Module = Module.REGISTRATION) -> dict[str, str]:
    return {item.field: item.sentence for item in series_problems(data, module)}


class TestSeparate:
    def test_each_date_is_an_activity_of_its_own_with_all_that_was_filled_in(
        self, app: Flask
    ) -> None:
        connect()
        made = create_series(make_type().id, SEPARATE, PROFILE)
        found = activities()
        assert [item.id for item in found] == made.activity_ids
        assert len(found) == 8
        for one in found:
            assert (one.title, one.series_id, one.min_age) == ("Speelplein", made.series_id, 6)
            assert [item.name for item in one.price_categories] == ["Basis", "Lid"]
            assert [(pool.capacity, pool.date_id) for pool in one.pools] == [(30, None)]
            (day,) = one.dates
            assert (day.starts_at, day.ends_at) == (one.first_start, one.last_end)
            assert one.uit_status is UitStatus.COMPLETE

    def test_the_formula_is_kept_with_the_series_and_the_audit_trail_says_how_many(
        self, app: Flask
    ) -> None:
        made = create_series(make_type().id, SEPARATE, None)
        series = db.session.get(Series, made.series_id)
        assert series.title == "Speelplein"
        assert series.formula["kind"] == "separate"
        assert read_formula(series.formula) == SUMMER
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "reeks gemaakt"))
        assert entry.one().detail == {"aantal": 8}

    def test_all_get_the_tab_of_the_form_and_each_has_its_own(self, app: Flask) -> None:
        connect()
        create_series(make_type().id, SEPARATE, PROFILE)
        profiles = db.session.scalars(select(UitProfile)).all()
        assert len(profiles) == 8
        for profile in profiles:
            assert profile.description == "Een dag buiten spelen."
            assert profile.location_id == place_id()
            assert profile.labels == ["zomer"]
            assert profile.environment is Environment.SANDBOX
        with write_transaction() as session:
            session.get(UitProfile, profiles[0].id).labels.append("anders")
        assert db.session.get(UitProfile, profiles[1].id).labels == ["zomer"]

    def test_without_a_form_they_take_over_the_tab_of_their_type(self, app: Flask) -> None:
        kind = make_type()
        with write_transaction() as session:
            session.add(UitProfile(activity_type_id=kind.id, postal_code="9995", labels=["sport"]))
        create_series(kind.id, SEPARATE)
        assert {
            (item.postal_code, tuple(item.labels))
            for item in db.session.scalars(select(UitProfile).where(UitProfile.activity_id > 0))
        } == {("9995", ("sport",))}

    def test_registration_closes_some_days_before_each_date(self, app: Flask) -> None:
        create_series(make_type().id, replace(SEPARATE, closes_days_before=3, closes_at=time(12)))
        for one in activities():
            day = local(one.first_start).date() - timedelta(days=3)
            assert one.registration_closes_at == from_local(day, time(12))

    def test_zero_days_before_is_until_it_begins(self, app: Flask) -> None:
        create_series(make_type().id, replace(SEPARATE, closes_days_before=0))
        assert all(one.registration_closes_at == one.first_start for one in activities())

    def test_tickets_get_a_pool_for_the_date_of_each(self, app: Flask) -> None:
        create_series(make_type(module=Module.TICKETING).id, SEPARATE)
        for one in activities():
            assert [(pool.date_id, pool.capacity) for pool in one.pools] == [(one.dates[0].id, 30)]

    def test_nine_oclock_stays_nine_oclock_in_winter(self, app: Flask) -> None:
        formula = replace(SUMMER, until=date(2027, 12, 1))
        create_series(make_type().id, replace(SEPARATE, formula=formula))
        assert {local(one.first_start).time() for one in activities()} == {time(9)}
        assert {one.first_start.hour for one in activities()} == {7, 8}


class TestTogether:
    def test_one_activity_has_all_dates_and_one_pool(self, app: Flask) -> None:
        made = create_series(make_type().id, replace(SEPARATE, kind=SeriesKind.TOGETHER), PROFILE)
        (found,) = activities()
        assert made.activity_ids == [found.id]
        assert (len(found.dates), len(found.pools), found.series_id) == (8, 1, None)
        assert found.first_start == from_local(date(2027, 7, 7), time(9))
        assert found.last_end == from_local(date(2027, 8, 25), time(16))
        assert count(UitProfile) == 1


class TestWeekly:
    def test_one_activity_has_a_schedule_with_what_is_closed_and_no_dates(self, app: Flask) -> None:
        formula = replace(
            SUMMER,
            holidays=(Holiday("Verlof", date(2027, 7, 19), date(2027, 7, 25)),),
            added=(date(2027, 7, 8),),
        )
        create_series(
            make_type().id, replace(SEPARATE, kind=SeriesKind.WEEKLY, formula=formula), PROFILE
        )
        (found,) = activities()
        schedule = schedule_of(found)
        assert found.dates == []
        assert len(schedule.open_days()) == 8
        assert schedule.closed[0].reason == "Verlof"
        assert (found.first_start, found.last_end) == schedule.span()
        assert [pool.capacity for pool in found.pools] == [30]

    def test_it_is_refused_for_tickets_with_the_reason(self, app: Flask) -> None:
        weekly = replace(SEPARATE, kind=SeriesKind.WEEKLY)
        assert "een ticket geldt voor één datum" in problems(weekly, Module.TICKETING)["kind"]
        with pytest.raises(ActivityRefused):
            create_series(make_type(module=Module.TICKETING).id, weekly)


MISTAKES = [
    (replace(SEPARATE, closes_days_before=366), "closes_days", "van 0 tot 365"),
    (
        replace(SEPARATE, kind=SeriesKind.TOGETHER, closes_days_before=2),
        "closes_days",
        "enkel als elke datum apart",
    ),
    (
        replace(
            SEPARATE,
            closes_days_before=2,
            activity=replace(DATA, registration_closes_at=from_local(date(2027, 7, 1), time(9))),
        ),
        "closes_days",
        "Kies één van beide",
    ),
    (
        replace(
            SEPARATE,
            closes_days_before=5,
            activity=replace(DATA, registration_opens_at=from_local(date(2027, 7, 4), time(9))),
        ),
        "closes_days",
        "Voor woensdag 7 juli 2027 sluiten de inschrijvingen voor ze starten",
    ),
    (replace(SEPARATE, activity=replace(DATA, title=" ")), "title", "een titel"),
    (replace(SEPARATE, formula=replace(SUMMER, weekdays=())), "weekdays", "minstens één dag"),
    (
        replace(SEPARATE, activity=replace(DATA, state=ActivityState.CANCELLED)),
        "state",
        "concept of online",
    ),
    (
        replace(SEPARATE, kind=SeriesKind.WEEKLY, formula=replace(SUMMER, every=2)),
        "every",
        "elke week",
    ),
]


@pytest.mark.parametrize(("data", "field", "sentence"), MISTAKES)
def test_each_mistake_is_said_at_its_field_and_makes_nothing(
    app: Flask, data: SeriesData, field: str, sentence: str
) -> None:
    assert sentence in problems(data)[field]
    with pytest.raises(ActivityRefused):
        create_series(make_type().id, data)
    assert count(Activity) == count(Series) == 0


def test_several_mistakes_are_said_at_once(app: Flask) -> None:
    data = replace(SEPARATE, formula=replace(SUMMER, weekdays=()), activity=replace(DATA, title=""))
    assert set(problems(data)) == {"weekdays", "title"}


def test_a_mistake_in_the_tab_takes_everything_back(app: Flask) -> None:
    with pytest.raises(ProfileRefused):
        create_series(make_type().id, SEPARATE, replace(PROFILE, labels=("x",)))
    assert [count(one) for one in (Activity, Series, PlacePool, UitProfile, AuditEntry)] == [0] * 5


@pytest.mark.parametrize("kind", list(SeriesKind))
def test_a_second_press_of_the_button_finds_what_the_first_one_made(
    app: Flask, kind: SeriesKind
) -> None:
    type_id = make_type().id
    first = create_series(type_id, replace(SEPARATE, kind=kind), PROFILE)
    again = create_series(type_id, replace(SEPARATE, kind=kind), PROFILE)
    assert (again.activity_ids, again.repeated) == (first.activity_ids, True)
    assert count(UitProfile) == len(first.activity_ids)
    other = replace(SEPARATE, kind=kind, formula=replace(SUMMER, until=date(2027, 8, 18)))
    assert not create_series(type_id, other, PROFILE).repeated


def test_an_unknown_type_is_not_found(app: Flask) -> None:
    with pytest.raises(LookupError):
        create_series(987, SEPARATE)
    assert count(ActivityType) == 0


@pytest.mark.parametrize("kind", [SeriesKind.SEPARATE, SeriesKind.TOGETHER])
def test_four_hundred_dates_are_made_in_a_number_of_queries_that_does_not_grow_with_them(
    app: Flask, kind: SeriesKind
) -> None:
    connect()
    daily = replace(SUMMER, weekdays=tuple(range(7)))
    type_id = make_type().id

    def queries(dates: int) -> int:
        until = SUMMER.since + timedelta(days=dates - 1)
        data = replace(SEPARATE, kind=kind, formula=replace(daily, until=until))
        with count_queries() as sent:
            create_series(type_id, data, PROFILE)
        return len(sent)

    few = queries(20)
    begun = clock.monotonic()
    many = queries(400)
    assert clock.monotonic() - begun < 20
    assert many <= few + 20
    assert count(ActivityDate) == 420
    assert count(PriceCategory) >= 4
