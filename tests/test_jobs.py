"""The queue is only a wake-up: when it is away, what was written is found by the clock."""

import sqlite3
from typing import NoReturn

import psycopg
import pytest
from flask import Flask
from redis.exceptions import ConnectionError as RedisAway
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from app import jobs
from app.activities.models import PlacePool
from app.extensions import db, write_transaction
from app.jobs import run_job
from app.uitdatabank.models import ItemState, LinkState, PublicationItem
from app.uitdatabank.publishing import link_of, publish
from app.uitdatabank.runs import start_run
from tests.uitdatabank.support import connect, fault, later, ready_activity


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


def test_a_push_that_must_wait_half_a_minute_is_asked_for_again(app, sandbox_url):
    """So that what changed just after a push still reaches publiq within the minute."""
    connect()
    activity = ready_activity()
    assert publish(activity.id).ok
    with write_transaction() as session:
        session.execute(update(PlacePool).values(taken=PlacePool.capacity))
    queue = app.extensions["queue"]
    assert not [task for task in queue.pending() if task.eta]
    assert run_job("availability")
    (again,) = [task for task in queue.pending() if task.eta]
    assert again.name == "job-availability"


def test_a_publication_that_was_lost_in_a_run_is_looked_for_before_the_next_minute(
    app: Flask, sandbox_url: str
) -> None:
    connect()
    activity = ready_activity()
    fault(sandbox_url, "POST /events", "antwoord-kwijt")
    start_run([activity.id])
    assert run_job("runs")
    queue = app.extensions["queue"]
    assert [task.name for task in queue.pending() if task.eta] == ["job-publications"]
    later(11)
    assert run_job("publications")
    assert queue.pending()[-1].name == "job-runs", "the run ends as the look-up says"
    assert run_job("runs")
    assert link_of(activity.id).state is LinkState.PUBLISHED
    assert db.session.scalars(select(PublicationItem.state)).all() == [ItemState.DONE]


def test_a_lost_publication_that_cannot_be_looked_for_waits_for_the_minute(
    app: Flask, sandbox_url: str
) -> None:
    """Else the job would wake itself time after time while publiq is away."""
    connect()
    fault(sandbox_url, "POST /events", "antwoord-kwijt")
    publish(ready_activity().id)
    fault(sandbox_url, "search", "plat", count=5)
    later(11)
    assert run_job("publications")
    assert app.extensions["queue"].pending() == []


def test_a_job_that_takes_long_is_not_begun_again_by_another_thread_of_the_same_process(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else each minute would take another of the queue's few threads, and mails would wait."""
    began: list[bool] = []

    def slow() -> None:
        if not began:
            began.append(True)
            began.append(run_job("reconcile"))  # the minute that passes meanwhile

    when, lease = jobs.JOBS["reconcile"][1:]
    monkeypatch.setitem(jobs.JOBS, "reconcile", (slow, when, lease))
    assert run_job("reconcile")
    assert began == [True, False]
    assert run_job("reconcile")


def test_mails_and_places_have_a_thread_while_every_other_job_waits_for_publiq() -> None:
    assert frozenset(jobs.JOBS) >= jobs.ASKING_PUBLIQ
    assert not jobs.ASKING_PUBLIQ & {"mails", "holds", "privacy", "statuses"}
    spare = jobs.WORKERS - len(jobs.ASKING_PUBLIQ)
    assert spare >= 2
