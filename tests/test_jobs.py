"""The queue is only a wake-up: when it is away, what was written is found by the clock."""

import sqlite3
from typing import NoReturn

import psycopg
import pytest
from flask import Flask
from redis.exceptions import ConnectionError as RedisAway
from sqlalchemy.exc import OperationalError

from app import jobs


@pytest.mark.parametrize(
    "error",
    [sqlite3.OperationalError("locked"), psycopg.OperationalError("away"), RedisAway(), OSError()],
    ids=lambda error: type(error).__module__,
)
def test_a_queue_that_is_away_does_not_spoil_what_was_just_done(
    app: Flask, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def refuse() -> NoReturn:
        raise error

    monkeypatch.setitem(app.extensions["queue_tasks"], "mails", refuse)
    jobs.wake("mails")


def test_a_database_that_is_away_for_a_moment_does_not_stop_the_consumer(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_args: object, **_kwargs: object) -> NoReturn:
        raise OperationalError("select", {}, sqlite3.OperationalError("locked"))

    monkeypatch.setattr(jobs, "take_lease", away)
    assert jobs._is_leader(app, True)
    assert not jobs._is_leader(app, False)
