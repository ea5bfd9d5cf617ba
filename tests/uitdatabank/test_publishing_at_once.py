"""Clerks who press 'Publiceren' at the same moment end with one event (invariant 5)."""

import threading
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.extensions import db, write_transaction
from app.settings.models import PubliqCall
from app.uitdatabank.models import EventLink, LinkState
from app.uitdatabank.publishing import Outcome, link_of, look_up_lost_publications, publish
from tests.uitdatabank.support import (
    connect,
    events_named,
    fault,
    later,
    no_faults,
    ready_activity,
)


@pytest.mark.parametrize("clerks", [6])
def test_many_clerks_at_once_send_one_event(app, sandbox_url, clerks):
    connect()
    activity_id = ready_activity("Kamp voor velen").id
    db.session.rollback()
    begin = threading.Barrier(clerks)
    outcomes = []

    def press():
        with app.app_context():
            begin.wait()
            outcomes.append(publish(activity_id).outcome)
            db.session.remove()

    threads = [threading.Thread(target=press) for _ in range(clerks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == clerks
    assert outcomes.count(Outcome.PUBLISHED) == 1
    assert set(outcomes) <= {Outcome.PUBLISHED, Outcome.UPDATED, Outcome.BUSY}
    posts = select(PubliqCall).where(PubliqCall.operation == "event-post")
    assert len(db.session.scalars(posts).all()) == 1
    assert len(db.session.scalars(select(EventLink)).all()) == 1
    assert len(events_named(sandbox_url, "Kamp voor velen")) == 1


def test_two_look_ups_at_once_give_one_event_to_one_activity(app, sandbox_url):
    """The same name, hour and place twice, and only one of the two reached publiq."""
    lost = two_of_which_one_arrived(sandbox_url)
    later(11)
    at_once(app, sandbox_url, *[look_up_lost_publications] * 2)
    links = [link_of(activity_id) for activity_id in lost]
    assert sorted(link.event_id is None for link in links) == [False, True]
    assert {link.state for link in links} == {LinkState.PUBLISHED, LinkState.UNKNOWN}


def test_two_publications_at_once_bring_one_event_up_to_date_for_one_activity(app, sandbox_url):
    first, second = two_of_which_one_arrived(sandbox_url)
    with write_transaction() as session:
        session.execute(update(EventLink).values(state=LinkState.FAILED, searches=3))
    at_once(app, sandbox_url, lambda: publish(first), lambda: publish(second))
    assert link_of(first).event_id != link_of(second).event_id
    assert {link_of(first).state, link_of(second).state} == {LinkState.PUBLISHED}
    assert len(events_named(sandbox_url, "Turnen")) == 2


def two_of_which_one_arrived(sandbox_url: str) -> list[int]:
    connect()
    ids = []
    for kind in ("antwoord-kwijt", "verbroken"):
        activity = ready_activity("Turnen")
        fault(sandbox_url, "POST /events", kind)
        publish(activity.id)
        no_faults(sandbox_url)
        ids.append(activity.id)
    assert len(events_named(sandbox_url, "Turnen")) == 1
    return ids


def at_once(app: Flask, sandbox_url: str, *uses: Callable[[], object]) -> None:
    """Each in a thread of its own, and none is answered before all have asked publiq."""
    fault(sandbox_url, "search", "traag", count=len(uses), seconds=1)
    db.session.rollback()
    begin = threading.Barrier(len(uses))

    def work(use: Callable[[], object]) -> None:
        with app.app_context():
            begin.wait()
            use()
            db.session.remove()

    threads = [threading.Thread(target=work, args=(use,)) for use in uses]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
