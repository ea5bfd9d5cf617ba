"""Sold out, free again, cancelled and postponed reach the event by themselves (D14)."""

from datetime import timedelta

import pytest
import requests
from sqlalchemy import null, select, update

from app.activities.date_states import DateState
from app.activities.models import Activity, ActivityState, Module, PlacePool
from app.activities.schedule import Opening, WeeklySchedule, written_schedule
from app.clock import now, today
from app.extensions import db, write_transaction
from app.publiq.entry import EntryApi
from app.settings.models import Environment, PubliqCall
from app.settings.uit import uit_settings_for_update
from app.uitdatabank.availability import find_changes, push_availability
from app.uitdatabank.editing import change_date, change_state
from app.uitdatabank.models import EventLink, LinkState
from app.uitdatabank.publishing import link_of, look_up_lost_publications, publish
from tests.making import days_from_now, make_type
from tests.queries import count_queries
from tests.uitdatabank.support import (
    connect,
    event_at_publiq,
    fault,
    no_faults,
    ready_activity,
    token,
)

SPANS = [(days_from_now(day, 9), days_from_now(day, 16)) for day in (20, 21, 22)]


@pytest.fixture(autouse=True)
def _connected(app):
    connect()


class Killed(BaseException):
    """As if the power went."""


def published(title="Winterbos-kamp", **fields):
    activity = ready_activity(title, **fields)
    assert publish(activity.id).ok
    return activity


def fill_up(activity, taken=None, position=0):
    """Sell everything, or so many places, of one pool."""
    with write_transaction() as session:
        pool = session.get(Activity, activity.id).pools[position]
        pool.taken = pool.capacity if taken is None else taken


def later(seconds=31):
    """As if the last push was so long ago."""
    with write_transaction() as session:
        for link in session.scalars(select(EventLink)):
            if link.availability_next_at:
                link.availability_next_at -= timedelta(seconds=seconds)


def calls(operation):
    rows = db.session.scalars(select(PubliqCall).where(PubliqCall.operation == operation))
    return list(rows)


def at_publiq(sandbox_url, activity):
    """Of each date there: (status, reason, sold out)."""
    event = event_at_publiq(sandbox_url, link_of(activity.id).event_id)
    return [
        (
            date["status"]["type"],
            date["status"].get("reason", {}).get("nl", ""),
            date["bookingAvailability"]["type"] == "Unavailable",
        )
        for date in event["subEvent"]
    ]


def test_sold_out_and_free_again_reach_the_event(sandbox_url):
    activity = published()
    assert push_availability() is None, "nothing changed since it was published"
    fill_up(activity)
    push_availability()
    assert at_publiq(sandbox_url, activity) == [("Available", "", True)]
    fill_up(activity, 19)
    later()
    push_availability()
    assert at_publiq(sandbox_url, activity) == [("Available", "", False)]
    assert len(calls("event-bookingAvailability-put")) == 2
    assert find_changes() == []


def test_what_changed_meanwhile_waits_half_a_minute_and_is_one_request(sandbox_url):
    activity = published()
    fill_up(activity)
    push_availability()
    for taken in (19, 17, 18):
        fill_up(activity, taken)
        waits_until = push_availability()
        assert waits_until and waits_until > now()
    assert at_publiq(sandbox_url, activity) == [("Available", "", True)]
    later()
    push_availability()
    assert at_publiq(sandbox_url, activity) == [("Available", "", False)]
    assert len(calls("event-bookingAvailability-put")) == 2


def test_one_date_of_several_is_patched_alone(sandbox_url):
    kind = make_type(module=Module.TICKETING)
    activity = published(activity_type=kind, dates=SPANS)
    fill_up(activity, position=1)
    push_availability()
    assert [full for _, _, full in at_publiq(sandbox_url, activity)] == [False, True, False]
    (call,) = calls("event-subEvent-patch")
    assert call.request_body.count('"id"') == 1


def test_a_date_that_is_cancelled_postponed_and_restored_follows(sandbox_url):
    activity = published(dates=SPANS)
    first, second, _third = activity.dates
    change_date(activity.id, first.id, DateState.CANCELLED, "Lesgever ziek")
    change_date(activity.id, second.id, DateState.POSTPONED, "Zaal dubbel geboekt")
    push_availability()
    assert at_publiq(sandbox_url, activity) == [
        ("Unavailable", "Lesgever ziek", True),
        ("TemporarilyUnavailable", "Zaal dubbel geboekt", True),
        ("Available", "", False),
    ]
    change_date(activity.id, first.id, DateState.AS_PLANNED)
    later()
    push_availability()
    assert at_publiq(sandbox_url, activity)[0] == ("Available", "", False)


def test_a_cancelled_activity_is_told_in_one_go_and_is_open_again_when_it_goes_on(sandbox_url):
    activity = published(dates=SPANS)
    change_state(activity.id, ActivityState.POSTPONED, "Storm")
    push_availability()
    assert set(at_publiq(sandbox_url, activity)) == {("TemporarilyUnavailable", "Storm", True)}
    assert len(calls("event-status-put")) == 1 and not calls("event-subEvent-patch")
    change_state(activity.id, ActivityState.ONLINE)
    later()
    push_availability()
    assert set(at_publiq(sandbox_url, activity)) == {("Available", "", False)}


def test_a_weekly_schedule_gets_its_status_only(sandbox_url):
    week = WeeklySchedule(today(), today() + timedelta(days=60), (Opening((2,), *_hours()),))
    activity = ready_activity(schedule=written_schedule(week))
    assert publish(activity.id).ok
    fill_up(activity)
    assert find_changes() == []
    change_state(activity.id, ActivityState.CANCELLED, "Te weinig deelnemers")
    push_availability()
    event = event_at_publiq(sandbox_url, link_of(activity.id).event_id)
    assert event["status"] == {"type": "Unavailable", "reason": {"nl": "Te weinig deelnemers"}}
    assert not calls("event-bookingAvailability-put")


def _hours():
    from datetime import time

    return time(14), time(16)


def test_the_last_date_cancelled_after_the_others_are_over_is_still_told(sandbox_url):
    spans = [(days_from_now(-3, 9), days_from_now(-3, 16)), SPANS[0]]
    activity = published(dates=spans)
    change_date(activity.id, activity.dates[1].id, DateState.CANCELLED, "Te warm")
    assert db.session.get(Activity, activity.id).last_end < now()
    push_availability()
    assert at_publiq(sandbox_url, activity)[1] == ("Unavailable", "Te warm", True)


def test_an_event_in_an_environment_that_is_not_active_is_told_too(sandbox_url):
    activity = published()
    with write_transaction():
        uit_settings_for_update().active_environment = Environment.TEST
    fill_up(activity)
    push_availability()
    event_id = link_of(activity.id, Environment.SANDBOX).event_id
    event = event_at_publiq(sandbox_url, event_id)
    assert event["bookingAvailability"] == {"type": "Unavailable"}


def test_nothing_is_pushed_while_a_publication_is_under_way_or_the_module_is_off(sandbox_url):
    activity = published()
    fill_up(activity)
    with write_transaction() as session:
        session.execute(update(EventLink).values(state=LinkState.SENDING, sent_at=now()))
    push_availability()
    with write_transaction() as session:
        session.execute(update(EventLink).values(state=LinkState.PUBLISHED))
        uit_settings_for_update().uitdatabank_on = False
    push_availability()
    assert at_publiq(sandbox_url, activity) == [("Available", "", False)]


@pytest.mark.parametrize("kind", ["antwoord-kwijt", "fout-500", "verbroken", "plat"])
def test_whatever_goes_wrong_it_is_sent_again_after_a_pause(sandbox_url, kind):
    activity = published()
    fill_up(activity)
    fault(sandbox_url, "PUT /events/{id}/booking-availability", kind)
    push_availability()
    link = link_of(activity.id)
    assert link.availability_tries == 1 and link.availability_error
    assert link.availability_next_at > now()
    later()
    push_availability()
    assert at_publiq(sandbox_url, activity) == [("Available", "", True)]
    link = link_of(activity.id)
    assert (link.availability_tries, link.availability_error) == (0, "")


def test_the_pauses_grow_and_publiqs_own_wish_is_honoured(sandbox_url):
    activity = published()
    fill_up(activity)
    fault(sandbox_url, "io", "plat", count=None)
    pauses = []
    for _ in range(4):
        began = now()
        push_availability()
        pauses.append((link_of(activity.id).availability_next_at - began).total_seconds())
        later(4000)
    assert pauses == sorted(pauses) and pauses[-1] > 4 * pauses[0] - 5
    no_faults(sandbox_url)
    fault(sandbox_url, "io", "te-vaak", seconds=900)
    began = now()
    push_availability()
    assert (link_of(activity.id).availability_next_at - began).total_seconds() >= 899


def test_when_publiq_asks_to_slow_down_the_others_wait_for_the_next_round(sandbox_url):
    many = [published(f"Kamp {number}") for number in range(6)]
    for activity in many:
        fill_up(activity)
    fault(sandbox_url, "io", "te-vaak", count=None)
    push_availability()
    tried = [link_of(activity.id).availability_tries for activity in many]
    assert sum(tried) == 3, "one small batch, and no more"
    no_faults(sandbox_url)
    later(3600)
    push_availability()
    assert all(at_publiq(sandbox_url, one) == [("Available", "", True)] for one in many)


def test_a_place_freed_again_while_the_answer_was_lost_is_told(sandbox_url):
    """What was sent and not answered is in doubt: 'as before' is no reason to be silent."""
    activity = published()
    fill_up(activity)
    fault(sandbox_url, "PUT /events/{id}/booking-availability", "antwoord-kwijt")
    push_availability()
    assert at_publiq(sandbox_url, activity) == [("Available", "", True)]
    fill_up(activity, 3)
    later(60)
    push_availability()
    assert at_publiq(sandbox_url, activity) == [("Available", "", False)]


@pytest.mark.parametrize(
    "point", ["publiq_client", "requests_for", "send", "_settle", "after sending"]
)
@pytest.mark.parametrize("freed", [False, True])
def test_a_process_killed_anywhere_leaves_the_truth_at_publiq(
    sandbox_url, monkeypatch, point, freed
):
    activity = published()
    fill_up(activity)

    def die(*_args, **_kwargs):
        raise Killed

    with monkeypatch.context() as patch:
        if point == "after sending":
            really = EntryApi.set_booking_availability
            patch.setattr(
                EntryApi,
                "set_booking_availability",
                lambda *args, **kwargs: (really(*args, **kwargs), die()),
            )
        else:
            patch.setattr(f"app.uitdatabank.availability.{point}", die)
        with pytest.raises(Killed):
            push_availability()
    db.session.rollback()
    if freed:
        fill_up(activity, 2)
    push_availability()
    later(121)
    push_availability()
    assert at_publiq(sandbox_url, activity) == [("Available", "", not freed)]
    assert find_changes() == []


def test_an_event_that_is_gone_is_said_and_not_tried_again(sandbox_url):
    activity = published()
    event_id = link_of(activity.id).event_id
    requests.delete(f"{sandbox_url}/io/events/{event_id}", headers=token(sandbox_url), timeout=10)
    fill_up(activity)
    push_availability()
    assert link_of(activity.id).remote_status == "DELETED"
    later(4000)
    assert push_availability() is None
    assert len(calls("event-get")) == 1


def test_cancelled_while_its_publication_was_lost_is_told_once_it_is_found(sandbox_url):
    activity = ready_activity()
    fault(sandbox_url, "POST /events", "antwoord-kwijt")
    publish(activity.id)
    change_state(activity.id, ActivityState.CANCELLED, "Lesgever ziek")
    assert push_availability() is None
    with write_transaction() as session:
        session.scalar(select(EventLink)).sent_at -= timedelta(seconds=11)
    assert look_up_lost_publications() == 1
    push_availability()
    assert at_publiq(sandbox_url, activity) == [("Unavailable", "Lesgever ziek", True)]


def test_a_publication_that_was_not_answered_leaves_nothing_taken_for_granted(sandbox_url):
    activity = published()
    fill_up(activity)
    fault(sandbox_url, "PUT /events/{id}", "antwoord-kwijt")
    assert not publish(activity.id).ok
    fill_up(activity, 1)
    push_availability()
    assert at_publiq(sandbox_url, activity) == [("Available", "", False)]


def test_a_push_under_way_when_a_publication_began_is_looked_at_once_more(sandbox_url, monkeypatch):
    """Which of the two reached publiq last nobody knows: so the event is read again."""
    activity = published()
    fill_up(activity)
    really = EntryApi.set_booking_availability

    def overtaken(self, event_id, available, purpose=None):
        monkeypatch.setattr(EntryApi, "set_booking_availability", really)
        with write_transaction() as session:
            session.execute(update(PlacePool).values(taken=4))
        assert publish(activity.id).ok
        really(self, event_id, available, purpose)  # our request arrives after the publication

    monkeypatch.setattr(EntryApi, "set_booking_availability", overtaken)
    push_availability()
    assert at_publiq(sandbox_url, activity) == [("Available", "", True)], "the old news won"
    later()
    push_availability()
    assert at_publiq(sandbox_url, activity) == [("Available", "", False)]


def test_an_event_published_before_this_was_kept_is_told_too(sandbox_url):
    activity = published()
    with write_transaction() as session:
        session.execute(update(EventLink).values(availability_sent=null()))
    fill_up(activity)
    push_availability()
    assert at_publiq(sandbox_url, activity) == [("Available", "", True)]


def test_two_jobs_at_once_send_one_request(sandbox_url, monkeypatch):
    from app.uitdatabank import availability

    activity = published()
    fill_up(activity)
    (change,) = find_changes()
    db.session.rollback()
    assert availability._push(change) is availability.Result.SENT
    assert availability._push(change) is availability.Result.SKIPPED
    assert len(calls("event-bookingAvailability-put")) == 1


def test_it_takes_as_many_queries_however_many_events_there_are(sandbox_url):
    fill_up(published("Een"))
    db.session.rollback()
    with count_queries() as few:
        assert len(find_changes()) == 1
    for number in range(6):
        fill_up(published(f"Kamp {number}", dates=SPANS))
    db.session.rollback()
    with count_queries() as many:
        assert len(find_changes()) == 7
    assert len(many) == len(few) <= 4
