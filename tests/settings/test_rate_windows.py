"""Rate limits in our own database count for all processes together, in a window that moves."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.settings.models import RateWindow
from app.settings.rate_windows import DatabaseStorage, clean_rate_windows


def test_a_try_counts_for_exactly_the_length_of_the_window(app: Flask) -> None:
    storage = DatabaseStorage()
    started = time.time()
    with time_machine.travel(started, tick=False) as clock:
        assert [storage.acquire_entry("sign-in/a", 3, 60) for _ in range(4)] == [
            True,
            True,
            True,
            False,
        ]
        assert storage.get_moving_window("sign-in/a", 3, 60) == (pytest.approx(started), 3)
        clock.shift(59)
        assert not storage.acquire_entry("sign-in/a", 3, 60)
        clock.shift(2)
        assert storage.get_moving_window("sign-in/a", 3, 60)[1] == 0
        assert storage.acquire_entry("sign-in/a", 3, 60)


def test_no_hour_holds_more_than_ten_tries_however_they_are_spread(app: Flask) -> None:
    storage = DatabaseStorage()
    with time_machine.travel(time.time(), tick=False) as clock:
        assert storage.acquire_entry("pass/1", 10, 3600)
        clock.shift(3590)
        assert [storage.acquire_entry("pass/1", 10, 3600) for _ in range(9)] == [True] * 9
        clock.shift(20)
        assert [storage.acquire_entry("pass/1", 10, 3600) for _ in range(3)] == [
            True,
            False,
            False,
        ]


def test_of_tries_at_the_same_moment_no_more_pass_than_the_limit(app: Flask) -> None:
    def try_once(_number: int) -> bool:
        with app.app_context():
            return DatabaseStorage().acquire_entry("sign-in/b", 10, 60)

    with ThreadPoolExecutor(8) as pool:
        passed = list(pool.map(try_once, range(24)))
    assert passed.count(True) == 10


def test_tries_without_a_limit_are_counted_and_end_with_the_last(app: Flask) -> None:
    storage = DatabaseStorage()
    with time_machine.travel(time.time(), tick=False) as clock:
        assert (storage.get("mail"), storage.get_expiry("mail")) == (0, time.time())
        assert [storage.incr("mail", 60) for _ in range(3)] == [1, 2, 3]
        assert (storage.get("mail"), storage.get_expiry("mail")) == (3, time.time() + 60)
        clock.shift(61)
        assert storage.get("mail") == 0
        assert storage.incr("mail", 60) == 1


def test_the_key_of_a_limit_is_not_readable_in_the_database(app: Flask) -> None:
    DatabaseStorage().acquire_entry("sign-in/sofie@gezin.example", 3, 60)
    assert "sofie" not in db.session.scalars(select(RateWindow.key)).one()


def test_windows_that_are_over_are_cleaned_and_one_key_can_be_forgotten(app: Flask) -> None:
    storage = DatabaseStorage()
    with time_machine.travel(time.time() - 120):
        storage.acquire_entry("old", 3, 60)
    storage.acquire_entry("new", 3, 60)
    assert clean_rate_windows() == 1
    storage.clear("new")
    assert storage.get_moving_window("new", 3, 60)[1] == 0
