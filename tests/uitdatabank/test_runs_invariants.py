"""No activity gets two events and no row is lost, whatever dies or fails in a run (invariant 5)."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
import requests
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from app.extensions import Base, db, write_transaction
from app.uitdatabank.lost import look_up_lost_publications
from app.uitdatabank.models import EventLink, ItemState, LinkState, PublicationItem, PublicationRun
from app.uitdatabank.runs import try_again
from app.uitdatabank.sweeping import publish_due_items
from tests.conftest import make_application
from tests.uitdatabank.running import (
    ask,
    events_at_publiq,
    items,
    let_time_pass,
    ready_series,
    states,
)
from tests.uitdatabank.support import connect, fault, no_faults

FAULTS = (
    "antwoord-kwijt",
    "fout-500",
    "plat",
    "verbroken",
    "te-vaak",
    "verlopen-token",
    "geweigerd",
)
CALLS = ("POST /events", "PUT /events/{id}", "GET /events/{id}", "GET /places/{id}", "token")
MOST_TRANSACTIONS = 120


class ProcessKilled(BaseException):
    """As if the power went."""


@contextmanager
def killed_at_transaction(number: int) -> Iterator[list[int]]:
    """The process dies where its so manieth transaction would begin, all its threads with it.

    Gives a list that holds the number once it died.
    """
    begun = 0
    died: list[int] = []
    lock = threading.Lock()

    def count(*_args: object) -> None:
        nonlocal begun
        with lock:
            begun += 1
            if begun >= number:
                died.append(number)
        if died:
            raise ProcessKilled

    event.listen(Session, "after_begin", count)
    try:
        yield died
    except ProcessKilled:
        pass
    finally:
        event.remove(Session, "after_begin", count)
        db.session.remove()


def start_anew(sandbox_url: str) -> None:
    """An empty database, connected to a sandbox in its first state."""
    db.session.remove()
    requests.post(f"{sandbox_url}/sandbox/opnieuw", timeout=10)
    with write_transaction() as session:
        for table in reversed(Base.metadata.sorted_tables):
            session.execute(table.delete())
    db.session.remove()
    connect()


def heal(sandbox_url: str, run_id: int) -> None:
    """publiq answers again, time passes, the jobs run, and a person tries again what failed."""
    no_faults(sandbox_url)
    for _ in range(2):
        for seconds in (3600, 3600, 3600, 3600):
            let_time_pass(seconds)
            publish_due_items()
            look_up_lost_publications()
            publish_due_items()
        try_again(run_id)
    let_time_pass()
    publish_due_items()
    db.session.remove()


def check(sandbox_url: str, run_id: int, titles: list[str]) -> None:
    """Each activity has the one event that its link names, and each row says how it ended."""
    events = events_at_publiq(sandbox_url)
    assert {title: events[title] for title in titles} == dict.fromkeys(titles, 1)
    links = db.session.scalars(select(EventLink)).all()
    assert len(links) == len(titles)
    assert {link.state for link in links} == {LinkState.PUBLISHED}
    assert len({link.event_id for link in links}) == len(titles)
    assert states(run_id) == {ItemState.DONE: len(titles)}
    assert db.session.get(PublicationRun, run_id).finished_at is not None
    db.session.remove()


def test_a_process_killed_between_any_two_commits_of_a_run_publishes_each_activity_once(
    app: Flask, sandbox_url: str
) -> None:
    titles = ["Kamp 1", "Kamp 2"]
    on_sqlite = db.engine.dialect.name == "sqlite"
    for number in range(1, MOST_TRANSACTIONS, 2 if on_sqlite else 5):
        start_anew(sandbox_url)
        run_id = ask(ready_series(2))
        with killed_at_transaction(number) as died:
            publish_due_items()
        heal(sandbox_url, run_id)
        check(sandbox_url, run_id, titles)
        if not died:
            assert number > 10, "nothing was killed"
            return
    pytest.fail("more transactions than a run should need")


def test_faults_and_deaths_in_any_order_leave_one_event_for_each_activity(
    app: Flask, sandbox_url: str
) -> None:
    on_sqlite = db.engine.dialect.name == "sqlite"

    @settings(
        max_examples=12 if on_sqlite else 5,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(
        faults=st.lists(
            st.tuples(st.sampled_from(CALLS), st.sampled_from(FAULTS)), min_size=1, max_size=4
        ),
        killed_at=st.lists(st.integers(5, 60), max_size=3),
    )
    def trouble(faults: list[tuple[str, str]], killed_at: list[int]) -> None:
        start_anew(sandbox_url)
        run_id = ask(ready_series(4))
        for operation, kind in faults:
            problem = {"problem": "auth/forbidden"} if kind == "geweigerd" else {}
            fault(sandbox_url, operation, kind, **problem)
        for number in killed_at:
            with killed_at_transaction(number):
                publish_due_items()
            let_time_pass(3600)
        heal(sandbox_url, run_id)
        check(sandbox_url, run_id, [f"Kamp {number}" for number in range(1, 5)])

    trouble()


def test_two_processes_share_a_run_and_never_do_one_activity_twice(
    app: Flask, database_url: str, tmp_path, sandbox_url: str
) -> None:
    connect()
    fault(sandbox_url, "POST /events", "traag", seconds=0.1, count=1000)
    run_id = ask(ready_series(24))
    others = [make_application(database_url, tmp_path / name, sandbox_url) for name in "ab"]
    begin = threading.Barrier(2)
    published = []

    def sweep(application: Flask) -> None:
        with application.app_context():
            begin.wait()
            published.append(publish_due_items())
            db.session.remove()
            db.engine.dispose()

    threads = [threading.Thread(target=sweep, args=(one,)) for one in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(published) == 24, [item.sentence for item in items(run_id)]
    assert all(published), f"one did it all: {published}"
    assert states(run_id) == {ItemState.DONE: 24}
    assert {row.tries for row in items(run_id)} == {1}
    assert {events_at_publiq(sandbox_url)[f"Kamp {n}"] for n in range(1, 25)} == {1}
    no_faults(sandbox_url)


def test_two_who_ask_for_the_same_activities_at_once_end_with_each_activity_once(
    app: Flask, sandbox_url: str
) -> None:
    connect()
    ids = ready_series(10)
    db.session.remove()
    begin = threading.Barrier(4)

    def press() -> None:
        from app.uitdatabank.runs import start_run

        with app.app_context(), suppress(threading.BrokenBarrierError):
            begin.wait()
            start_run(ids)
            db.session.remove()

    threads = [threading.Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    waiting = db.session.scalars(
        select(PublicationItem.activity_id).where(PublicationItem.state == ItemState.WAITING)
    ).all()
    assert sorted(waiting) == sorted(ids)
