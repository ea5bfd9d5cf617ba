"""A run goes slower when publiq asks so, and gives up with a reason when it does not answer."""

import time
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.clock import now
from app.extensions import db
from app.uitdatabank import pace, sweeping
from app.uitdatabank.models import EventLink, ItemState
from app.uitdatabank.pace import Pace
from app.uitdatabank.publishing import publish
from app.uitdatabank.sweeping import publish_due_items
from tests.uitdatabank.running import ask, calls, items, let_time_pass, ready_series, states
from tests.uitdatabank.support import connect, fault, no_faults, ready_activity


@pytest.fixture(autouse=True)
def _connected(app: Flask) -> None:
    connect()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The job does not wait for pauses itself; the clock's next minute does."""
    monkeypatch.setattr(sweeping, "PATIENCE", timedelta(0))


@pytest.mark.usefixtures("impatient")
def test_the_whole_run_waits_as_long_as_publiq_asks(app, sandbox_url):
    publish(ready_activity("Eerst").id)
    fault(sandbox_url, "POST /events", "te-vaak", seconds=120)
    run_id = ask(ready_series(20))
    publish_due_items()
    rows = items(run_id)
    waiting = [row for row in rows if row.state is ItemState.WAITING]
    assert waiting, "nothing waits"
    assert not [row for row in rows if row.state is ItemState.FAILED]
    for row in waiting:
        assert timedelta(seconds=60) < row.next_try_at - now() <= timedelta(seconds=120)
    assert [row.outcome for row in waiting].count("busy") == 1
    let_time_pass()
    publish_due_items()
    assert states(run_id) == {ItemState.DONE: 20}
    assert calls("event-post") == 1 + 21, "the one that was refused is sent once more"


def test_a_short_pause_is_waited_for_by_the_job_itself(app, sandbox_url):
    fault(sandbox_url, "POST /events", "te-vaak", seconds=2)
    run_id = ask(ready_series(3))
    began = time.monotonic()
    publish_due_items()
    assert states(run_id) == {ItemState.DONE: 3}
    assert time.monotonic() - began >= 2


@pytest.mark.usefixtures("impatient")
def test_a_question_that_publiq_cannot_answer_is_tried_again_and_then_fails_with_the_reason(
    app, sandbox_url
):
    fault(sandbox_url, "io", "plat", count=1000)
    run_id = ask(ready_series(3))
    for _ in range(6):
        publish_due_items()
        let_time_pass()
    rows = items(run_id)
    assert {row.state for row in rows} == {ItemState.FAILED}
    assert {row.sentence for row in rows} == {
        "UiTdatabank antwoordt nu niet. Probeer het straks opnieuw."
    }
    assert all(row.call_id for row in rows)
    no_faults(sandbox_url)


def test_when_publiq_answers_nobody_time_after_time_the_rest_fails_without_being_tried(
    app, sandbox_url, monkeypatch
):
    monkeypatch.setattr(pace, "FIRST_PAUSE", 0.2)
    fault(sandbox_url, "io", "plat", count=1000)
    run_id = ask(ready_series(30))
    publish_due_items()
    assert states(run_id) == {ItemState.FAILED: 30}
    assert calls("place-get") < 60
    assert not db.session.scalars(select(EventLink).where(EventLink.event_id.is_not(None))).all()
    no_faults(sandbox_url)


def test_pages_and_jobs_do_not_take_each_others_places_at_publiq(app: Flask):
    from app.publiq.errors import PubliqBusy
    from app.settings.connections import publiq_client

    of_jobs = publiq_client().transport._slots
    with app.test_request_context():
        of_pages = publiq_client().transport._slots
    held = [of_jobs.held("event-post") for _ in range(8)]
    for one in held:
        one.__enter__()
    taken = [of_pages.held("get-places") for _ in range(8)]
    for one in taken:
        one.__enter__()
    with pytest.raises(PubliqBusy), of_pages.held("get-places"):
        pass
    with of_jobs.held("post-ticket-sales"):
        pass  # the other jobs go on too
    for one in (*held, *taken):
        one.__exit__(None, None, None)


class TestPace:
    def test_calls_that_were_under_way_together_slow_down_once(self) -> None:
        pace = Pace(8)
        began = time.monotonic()
        assert pace.trouble(began) == 5
        assert pace.limit == 4
        assert pace.trouble(began) <= 5
        assert (pace.limit, pace.troubles) == (4, 1)

    def test_pauses_grow_until_something_goes_well(self) -> None:
        pace = Pace(8)
        pauses = [pace.trouble(time.monotonic()) for _ in range(8)]
        assert pauses == [5, 10, 20, 40, 80, 160, 300, 300]
        assert pace.limit == 1
        pace.went_well()
        assert pace.trouble(time.monotonic()) == 5

    def test_what_publiq_says_goes_before_our_own_pause(self) -> None:
        assert Pace(8).trouble(time.monotonic(), retry_after=17) == 17

    def test_it_speeds_up_again_by_and_by(self) -> None:
        pace = Pace(8)
        pace.trouble(time.monotonic())
        for _ in range(100):
            pace.went_well()
        assert pace.limit == 8
        assert not pace.may_work(8) and pace.may_work(7)
