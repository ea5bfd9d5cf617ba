"""The nightly check: what was changed, deleted or turned down at UiTdatabank is noticed (D14)."""

from datetime import timedelta

import pytest
import requests
from sqlalchemy import select, update

from app.activities.models import Activity
from app.clock import now
from app.extensions import db, write_transaction
from app.settings.models import Environment, PubliqCall
from app.settings.uit import uit_settings_for_update
from app.uitdatabank.attention import Matter, matters_of, needing_attention
from app.uitdatabank.checking import check_with_publiq
from app.uitdatabank.models import EventLink, ReferenceKind, ReferenceState, UitReference
from app.uitdatabank.publishing import link_of, publish
from tests.making import days_from_now
from tests.uitdatabank.support import (
    BOOMHUT,
    connect,
    fault,
    no_faults,
    organizer_id,
    place_id,
    ready_activity,
    token,
)

LORK = "Sporthal De Lork"


@pytest.fixture(autouse=True)
def _connected(app):
    connect()


def published(title="Winterbos-kamp", **fields):
    activity = ready_activity(title, **fields)
    assert publish(activity.id).ok
    return activity


def by_hand(sandbox_url, activity, action, text=""):
    event_id = link_of(activity.id, Environment.SANDBOX).event_id
    answer = requests.post(
        f"{sandbox_url}/sandbox/events/{event_id}",
        json={"action": action, "text": text},
        timeout=10,
    )
    assert answer.status_code == 200, answer.text


def at_place(sandbox_url, name, **fields):
    address = f"{sandbox_url}/sandbox/locaties/{place_id(name)}"
    assert requests.post(address, json=fields, timeout=10).status_code == 200


def yesterday():
    """As if everything was looked at the day before."""
    with write_transaction() as session:
        session.execute(update(EventLink).values(checked_at=now() - timedelta(days=1)))
        session.execute(update(UitReference).values(checked_at=now() - timedelta(days=1)))


def gets(operation="event-get"):
    return len(
        db.session.scalars(select(PubliqCall.id).where(PubliqCall.operation == operation)).all()
    )


def reference(name=BOOMHUT, kind=ReferenceKind.PLACE):
    key = place_id(name) if kind is ReferenceKind.PLACE else organizer_id(name)
    return db.session.get(UitReference, (Environment.SANDBOX, kind, key), populate_existing=True)


def test_an_event_as_we_sent_it_is_nothing_to_look_at(sandbox_url):
    activity = published()
    check_with_publiq()
    link = link_of(activity.id)
    assert link.checked_at and link.differences == [] and matters_of(link) == []
    assert needing_attention(Environment.SANDBOX, None).total == 0


def test_what_somebody_changed_there_is_kept_with_both_values(sandbox_url):
    activity = published()
    by_hand(sandbox_url, activity, "title", "Ander kamp")
    by_hand(sandbox_url, activity, "audience", "members")
    by_hand(sandbox_url, activity, "label", "natuur")
    check_with_publiq()
    link = link_of(activity.id)
    assert [one["part"] for one in link.differences] == ["titel", "doelpubliek"]
    assert link.differences[0]["theirs"] == "Ander kamp"
    assert matters_of(link) == [Matter.CHANGED]
    assert [one.id for one in needing_attention(Environment.SANDBOX, Matter.CHANGED).items] == [
        link.id
    ]
    assert publish(activity.id).ok
    assert link_of(activity.id).differences == []


@pytest.mark.parametrize(
    ("action", "matter"), [("delete", Matter.DELETED), ("reject", Matter.REJECTED)]
)
def test_a_deleted_or_rejected_event_is_noticed(sandbox_url, action, matter):
    activity = published()
    by_hand(sandbox_url, activity, action)
    check_with_publiq()
    assert matters_of(link_of(activity.id)) == [matter]
    assert needing_attention(Environment.SANDBOX, matter).total == 1


def test_a_date_that_was_cancelled_there_by_hand_is_drift(sandbox_url):
    activity = published()
    by_hand(sandbox_url, activity, "cancel", "Iemand vergiste zich")
    check_with_publiq()
    (one,) = link_of(activity.id).differences
    assert one["part"] == "doorgaan en plaatsen"
    assert "geannuleerd (Iemand vergiste zich)" in one["theirs"]


def test_what_was_looked_at_since_midnight_is_left_alone(sandbox_url):
    published()
    check_with_publiq()
    before = gets()
    check_with_publiq()
    assert gets() == before
    yesterday()
    check_with_publiq()
    assert gets() == before + 1


def test_events_of_activities_that_are_over_are_not_read(sandbox_url):
    activity = published()
    with write_transaction() as session:
        session.execute(update(Activity).values(last_end=now() - timedelta(hours=1)))
        for date in session.get(Activity, activity.id).dates:
            date.starts_at, date.ends_at = days_from_now(-2, 9), days_from_now(-2, 16)
    before = gets()
    check_with_publiq()
    assert gets() == before


def test_each_event_is_read_in_its_own_environment(sandbox_url):
    activity = published()
    by_hand(sandbox_url, activity, "title", "Ander kamp")
    with write_transaction():
        uit_settings_for_update().active_environment = Environment.TEST
    check_with_publiq()
    assert link_of(activity.id, Environment.SANDBOX).differences


def test_when_publiq_asks_to_slow_down_the_rest_is_read_later(sandbox_url):
    many = [published(f"Kamp {number}") for number in range(7)]
    fault(sandbox_url, "GET /events/{id}", "te-vaak", count=None)
    before = gets()
    check_with_publiq()
    assert gets() - before == 3, "one small batch, and no more"
    no_faults(sandbox_url)
    check_with_publiq()
    assert all(link_of(activity.id).checked_at for activity in many)


def test_one_event_that_cannot_be_read_stops_no_other(sandbox_url):
    many = [published(f"Kamp {number}") for number in range(4)]
    fault(sandbox_url, "GET /events/{id}", "fout-500")
    check_with_publiq()
    looked = [link_of(activity.id).checked_at is not None for activity in many]
    assert looked.count(False) <= 1
    check_with_publiq()
    assert all(link_of(activity.id).checked_at for activity in many)


def test_a_location_that_was_deleted_is_noticed(sandbox_url):
    published()
    at_place(sandbox_url, BOOMHUT, action="delete")
    yesterday()
    check_with_publiq()
    assert reference().state is ReferenceState.GONE and reference().name == BOOMHUT


def test_a_location_merged_into_another_is_noticed_with_its_successor(sandbox_url):
    activity = published()
    at_place(sandbox_url, BOOMHUT, action="merge", into=place_id(LORK))
    yesterday()
    check_with_publiq()
    seen = reference()
    assert (seen.state, seen.successor_id) == (ReferenceState.MERGED, place_id(LORK))
    assert reference(LORK).name == LORK, "its name can be offered"
    assert link_of(activity.id).differences == [], "to publiq it is the same place"


def test_an_event_that_publiq_itself_moved_at_publication_tells_of_a_merged_location(
    sandbox_url, monkeypatch
):
    """Where publiq's answer on the location does not say into what it was merged."""
    from app.uitdatabank import comparing, references

    monkeypatch.setattr(references, "_successor", lambda _document: "")
    monkeypatch.setattr(comparing, "_last", lambda _url: "")
    at_place(sandbox_url, BOOMHUT, action="merge", into=place_id(LORK))
    at_place(sandbox_url, BOOMHUT, action="restore")
    with_duplicate(sandbox_url)
    activity = published()
    check_with_publiq()
    seen = reference()
    assert (seen.state, seen.successor_id) == (ReferenceState.MERGED, place_id(LORK))
    assert link_of(activity.id).differences == []


def test_a_location_that_went_and_whose_events_lie_elsewhere_was_merged(sandbox_url, monkeypatch):
    """Long after the publication, and without a word of it on the location."""
    from app.uitdatabank import comparing, references

    monkeypatch.setattr(references, "_successor", lambda _document: "")
    monkeypatch.setattr(comparing, "_last", lambda _url: "")
    activity = published()
    at_place(sandbox_url, BOOMHUT, action="merge", into=place_id(LORK))
    yesterday()
    with write_transaction() as session:
        session.execute(update(EventLink).values(published_at=now() - timedelta(days=9)))
    check_with_publiq()
    assert reference().successor_id == place_id(LORK) and reference(LORK).name == LORK
    assert link_of(activity.id).differences == []
    yesterday()
    check_with_publiq()
    assert reference().state is ReferenceState.MERGED, "what was seen once is remembered"


def with_duplicate(sandbox_url):
    """The location still looks alive, and publiq replaces it all the same."""
    at_place(sandbox_url, BOOMHUT, action="merge", into=place_id(LORK), alive=True)


def test_a_deleted_event_is_not_looked_at_while_the_module_is_off(sandbox_url):
    published()
    with write_transaction():
        uit_settings_for_update().uitdatabank_on = False
    before = gets()
    assert check_with_publiq() == 0
    assert gets() == before


def test_an_event_deleted_by_a_colleague_is_found_by_its_answer_404(sandbox_url):
    activity = published()
    with write_transaction() as session:
        session.execute(update(EventLink).values(event_id="11111111-2222-4333-8444-555555555555"))
    check_with_publiq()
    assert link_of(activity.id).remote_status == "GONE"
    assert token(sandbox_url)
