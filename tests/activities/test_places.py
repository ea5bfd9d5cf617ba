"""Places: never more than the capacity, whoever asks at the same moment (invariant 1)."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.activities.models import Activity, Module, PlacePool
from app.activities.places import (
    PlacesMiscounted,
    give_back,
    registration_pool,
    set_capacity,
    take_beyond,
    take_places,
)
from app.activities.problems import ActivityRefused
from app.extensions import db, write_transaction
from tests.making import days_from_now, make_activity, make_type


def stored(pool_id: int) -> tuple[int, int]:
    """(taken, capacity) as the database has them."""
    row = db.session.execute(
        select(PlacePool.taken, PlacePool.capacity).where(PlacePool.id == pool_id)
    ).one()
    return row.taken, row.capacity


def test_of_32_writers_for_10_places_exactly_10_get_one(app: Flask) -> None:
    pool_id = registration_pool(make_activity(capacity=10)).id
    db.session.remove()
    start = Barrier(32)

    def writer(_number: int) -> bool:
        with app.app_context():
            start.wait(30)
            db.session.scalars(select(Activity)).all()  # a request reads before it writes
            with write_transaction() as session:
                return take_places(session, pool_id)

    with ThreadPoolExecutor(32) as threads:
        outcomes = list(threads.map(writer, range(32)))
    assert outcomes.count(True) == 10
    assert stored(pool_id) == (10, 10)


def test_places_are_taken_all_at_once_or_not_at_all(app: Flask) -> None:
    pool = registration_pool(make_activity(capacity=3))
    with write_transaction() as session:
        assert take_places(session, pool.id, 2)
        assert not take_places(session, pool.id, 2)
        assert take_places(session, pool.id)
    assert stored(pool.id) == (3, 3)


def test_a_pool_that_was_loaded_shows_what_was_taken(app: Flask) -> None:
    pool = registration_pool(make_activity(capacity=3))
    with write_transaction() as session:
        take_places(session, pool.id, 2)
    assert (pool.taken, pool.left) == (2, 1)


def test_what_was_given_back_can_be_taken_again(app: Flask) -> None:
    pool = registration_pool(make_activity(capacity=1, taken=1))
    with write_transaction() as session:
        give_back(session, pool.id)
        assert take_places(session, pool.id)
    assert stored(pool.id) == (1, 1)


def test_more_cannot_be_given_back_than_was_taken(app: Flask) -> None:
    pool = registration_pool(make_activity(capacity=5, taken=1))
    with pytest.raises(PlacesMiscounted), write_transaction() as session:
        give_back(session, pool.id, 2)
    assert stored(pool.id) == (1, 5)


def test_a_capacity_below_what_is_taken_is_refused_with_the_number_to_choose(app: Flask) -> None:
    pool = registration_pool(make_activity(capacity=10, taken=7))
    with pytest.raises(ActivityRefused) as refused:
        set_capacity(pool.id, 6)
    (problem,) = refused.value.problems
    assert problem.sentence == ("Er zijn al 7 plaatsen ingenomen of vastgehouden. Kies 7 of meer.")
    assert problem.field == "capacity"
    assert stored(pool.id) == (7, 10)


def test_a_capacity_may_fall_to_exactly_what_is_taken(app: Flask) -> None:
    pool = registration_pool(make_activity(capacity=10, taken=7))
    set_capacity(pool.id, 7)
    assert stored(pool.id) == (7, 7)


def test_tickets_take_from_the_pool_of_their_date(app: Flask) -> None:
    kind = make_type(module=Module.TICKETING)
    dates = [(days_from_now(n, 20), days_from_now(n, 22)) for n in (10, 11)]
    activity = make_activity(activity_type=kind, dates=dates, capacity=4)
    assert {pool.date_id for pool in activity.pools} == {item.id for item in activity.dates}
    with pytest.raises(LookupError):
        registration_pool(activity)


def raised(pool_id: int) -> int:
    """How many places staff added to go beyond, as the database has it."""
    return db.session.scalars(select(PlacePool.raised).where(PlacePool.id == pool_id)).one()


def test_going_beyond_raises_a_full_pool_by_exactly_the_place_that_it_takes(app: Flask) -> None:
    pool = registration_pool(make_activity(capacity=2, taken=1))
    with write_transaction() as session:
        assert take_beyond(session, pool.id) is None, "a place was left"
        assert take_beyond(session, pool.id) == 3
        assert not take_places(session, pool.id), "the raise is for nobody else"
    assert (stored(pool.id), raised(pool.id)) == ((3, 3), 1)
    assert (pool.capacity, pool.raised) == (3, 1)


def test_the_first_place_that_comes_back_takes_the_raise_away(app: Flask) -> None:
    pool = registration_pool(make_activity(capacity=2, taken=2))
    with write_transaction() as session:
        take_beyond(session, pool.id)
        take_beyond(session, pool.id)
    with write_transaction() as session:
        give_back(session, pool.id)
        assert not take_places(session, pool.id)
    assert (stored(pool.id), raised(pool.id)) == ((3, 3), 1)
    with write_transaction() as session:
        give_back(session, pool.id, 2)
    assert (stored(pool.id), raised(pool.id)) == ((1, 2), 0)


def test_a_capacity_that_is_set_anew_is_not_lowered_by_a_raise_of_before(app: Flask) -> None:
    pool = registration_pool(make_activity(capacity=2, taken=2))
    with write_transaction() as session:
        take_beyond(session, pool.id)
    set_capacity(pool.id, 3)
    assert raised(pool.id) == 1, "nothing was changed"
    set_capacity(pool.id, 10)
    with write_transaction() as session:
        give_back(session, pool.id)
    assert (stored(pool.id), raised(pool.id)) == ((2, 10), 0)


def test_of_clerks_who_all_go_beyond_at_once_each_raises_by_one(app: Flask) -> None:
    pool_id = registration_pool(make_activity(capacity=3, taken=1)).id
    db.session.remove()
    start = Barrier(16)

    def writer(number: int) -> bool:
        with app.app_context():
            start.wait(30)
            db.session.scalars(select(Activity)).all()
            with write_transaction() as session:
                if number % 2:
                    return take_places(session, pool_id)
                return take_beyond(session, pool_id) is None

    with ThreadPoolExecutor(16) as threads:
        ordinary = list(threads.map(writer, range(16))).count(True)
    assert ordinary == 2, "what was left went to somebody who needed no raise"
    taken, capacity = stored(pool_id)
    assert taken == capacity == 3 + raised(pool_id)
    assert raised(pool_id) <= 8


@settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["take", "beyond", "back", "set"]), st.integers(1, 4)),
        max_size=14,
    )
)
def test_whatever_staff_go_beyond_a_raise_lives_only_while_the_pool_is_full(
    app: Flask, steps: list[tuple[str, int]]
) -> None:
    pool = registration_pool(make_activity(capacity=2))
    taken, capacity, extra = 0, 2, 0
    for kind, n in steps:
        if kind == "set":
            try:
                set_capacity(pool.id, n)
            except ActivityRefused:
                assert n < taken
            else:
                extra = extra if n == capacity else 0
                capacity = n
        else:
            with write_transaction() as session:
                if kind == "take" and take_places(session, pool.id, n):
                    taken += n
                elif kind == "beyond":
                    grew = take_beyond(session, pool.id)
                    assert (grew is not None) == (taken == capacity)
                    capacity += grew is not None
                    extra += grew is not None
                    taken += 1
                elif kind == "back" and n <= taken:
                    give_back(session, pool.id, n)
                    gone = min(n, extra)
                    taken, capacity, extra = taken - n, capacity - gone, extra - gone
        assert stored(pool.id) == (taken, capacity)
        assert raised(pool.id) == extra
        assert taken <= capacity and (extra == 0 or taken == capacity)


@settings(
    max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(steps=st.lists(st.integers(-4, 6).filter(bool), max_size=12))
def test_whatever_is_taken_and_given_back_taken_stays_within_bounds(
    app: Flask, steps: list[int]
) -> None:
    pool = registration_pool(make_activity(capacity=7))
    expected = 0
    for step in steps:
        if step > 0:
            with write_transaction() as session:
                if take_places(session, pool.id, step):
                    expected += step
        elif expected + step >= 0:
            with write_transaction() as session:
                give_back(session, pool.id, -step)
            expected += step
        assert 0 <= expected <= 7
        assert stored(pool.id) == (expected, 7)
