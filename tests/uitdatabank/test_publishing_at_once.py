"""Clerks who press 'Publiceren' at the same moment end with one event (invariant 5)."""

import threading

import pytest
from sqlalchemy import select

from app.extensions import db
from app.settings.models import PubliqCall
from app.uitdatabank.models import EventLink
from app.uitdatabank.publishing import Outcome, publish
from tests.uitdatabank.support import connect, events_named, ready_activity


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
