"""Rate limits in our own database count for all processes together."""

import time
from concurrent.futures import ThreadPoolExecutor

import time_machine
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.settings.models import RateCount
from app.settings.rate_counts import DatabaseStorage, clean_rate_counts


def test_tries_are_counted_until_the_period_ends(app: Flask) -> None:
    storage = DatabaseStorage()
    started = time.time()
    with time_machine.travel(started, tick=False) as clock:
        assert [storage.incr("sign-in/a", 60) for _ in range(3)] == [1, 2, 3]
        assert storage.get("sign-in/a") == 3
        assert abs(storage.get_expiry("sign-in/a") - (started + 60)) < 0.01
        clock.shift(61)
        assert storage.get("sign-in/a") == 0
        assert storage.incr("sign-in/a", 60) == 1


def test_tries_at_the_same_moment_are_all_counted(app: Flask) -> None:
    def try_once(_number: int) -> int:
        with app.app_context():
            return DatabaseStorage().incr("sign-in/b", 60)

    with ThreadPoolExecutor(8) as pool:
        counts = sorted(pool.map(try_once, range(24)))
    assert counts == list(range(1, 25))


def test_the_key_of_a_limit_is_not_readable_in_the_database(app: Flask) -> None:
    DatabaseStorage().incr("sign-in/sofie@gezin.example", 60)
    assert "sofie" not in db.session.scalars(select(RateCount.key)).one()


def test_periods_that_are_over_are_cleaned_and_one_count_can_be_forgotten(app: Flask) -> None:
    storage = DatabaseStorage()
    storage.incr("old", -1)
    storage.incr("new", 60)
    assert clean_rate_counts() == 1
    storage.clear("new")
    assert storage.get("new") == 0
