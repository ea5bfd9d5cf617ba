"""Publishing many activities at once (D8): once each, and every result is told."""

import pytest
from sqlalchemy import select

from app.activities.models import Activity, UitStatus
from app.extensions import db, write_transaction
from app.settings.actor import clear_actor, set_actor
from app.settings.models import AuditEntry, Environment, PubliqCall
from app.settings.uit import uit_settings_for_update
from app.uitdatabank.lost import look_up_lost_publications
from app.uitdatabank.models import EventLink, ItemState, PublicationRun
from app.uitdatabank.publishing import publish
from app.uitdatabank.runs import start_run, stop_run, try_again
from app.uitdatabank.sweeping import publish_due_items
from tests.signing_in import make_account
from tests.uitdatabank.running import (
    ask,
    calls,
    events_at_publiq,
    items,
    let_time_pass,
    ready_series,
    states,
)
from tests.uitdatabank.support import connect, fault, no_faults, ready_activity


@pytest.fixture(autouse=True)
def _connected(app):
    connect()


def test_all_activities_of_a_run_are_published_with_one_call_each_and_one_token(app, sandbox_url):
    ids = ready_series(12)
    run_id = ask(ids)
    assert publish_due_items() == 12
    assert states(run_id) == {ItemState.DONE: 12}
    assert calls("event-post") == 12
    assert (calls("place-get"), calls("organizer-get"), calls("token")) == (1, 1, 1)
    assert set(events_at_publiq(sandbox_url).values()) >= {1}
    assert all(events_at_publiq(sandbox_url)[f"Kamp {number}"] == 1 for number in range(1, 13))
    assert db.session.get(PublicationRun, run_id).finished_at is not None
    assert set(db.session.scalars(select(Activity.uit_status))) == {UitStatus.PUBLISHED}


def test_what_was_seen_minutes_ago_is_not_asked_again_in_bulk_but_always_by_the_button(app):
    first, *others = ready_series(4)
    publish(first)
    run_id = ask(others)
    publish_due_items()
    assert states(run_id) == {ItemState.DONE: 3}
    assert (calls("place-get"), calls("organizer-get")) == (1, 1)
    publish(others[0])
    assert (calls("place-get"), calls("organizer-get")) == (2, 2)


def test_the_log_and_the_link_name_who_asked(app):
    account = make_account("hilde@gemeente.example", ["admin"], first_name="Hilde")
    set_actor(account.id, account.name)
    run_id = ask(ready_series(2))
    clear_actor()
    publish_due_items()
    assert set(db.session.scalars(select(PubliqCall.account_name))) == {"Hilde Peeters"}
    assert set(db.session.scalars(select(EventLink.published_by))) == {"Hilde Peeters"}
    actions = db.session.scalars(
        select(AuditEntry.action).where(AuditEntry.subject_id == str(run_id))
    ).all()
    assert "Publiceren in bulk gevraagd" in actions


def test_an_activity_in_another_run_is_not_added_twice_and_it_is_said_where_it_stands(app):
    set_actor(None, "Hilde")
    ids = ready_series(3)
    first = ask(ids[:2])
    set_actor(None, "Jan")
    asked = start_run(ids)
    clear_actor()
    assert asked.count == 1
    assert {item.activity_id for item in asked.elsewhere} == set(ids[:2])
    assert all(item.run_id == first for item in asked.elsewhere)
    assert "Staat al in de wachtrij van Hilde om" in asked.elsewhere[0].sentence
    assert asked.run_id is not None
    told = [item.sentence for item in items(asked.run_id) if item.state is ItemState.STOPPED]
    assert len(told) == 2 and "Hilde" in told[0]
    publish_due_items()
    assert calls("event-post") == 3


def test_a_run_of_activities_that_all_wait_elsewhere_is_none(app):
    ids = ready_series(2)
    ask(ids)
    again = start_run(ids)
    assert (again.run_id, again.count, len(again.elsewhere)) == (None, 0, 2)
    assert len(db.session.scalars(select(PublicationRun)).all()) == 1


def test_an_activity_that_was_published_may_be_asked_for_again(app):
    ids = ready_series(2)
    ask(ids)
    publish_due_items()
    run_id = ask(ids)
    publish_due_items()
    assert [item.outcome for item in items(run_id)] == ["updated", "updated"]
    assert calls("event-post") == 2


def test_one_that_fails_tells_why_and_leaves_the_others_alone(app):
    ids = ready_series(3)
    ids.append(ready_activity("Zonder tekst", profile={"description": ""}).id)
    run_id = ask(ids)
    publish_due_items()
    assert states(run_id) == {ItemState.DONE: 3, ItemState.FAILED: 1}
    (failed,) = [item for item in items(run_id) if item.state is ItemState.FAILED]
    assert failed.sentence == "Voor je publiceert, ontbreekt nog: een omschrijving."


def test_what_failed_is_tried_again_in_the_same_run(app, sandbox_url):
    fault(sandbox_url, "POST /events", "geweigerd", problem="auth/forbidden")
    run_id = ask(ready_series(3))
    publish_due_items()
    (failed,) = [item for item in items(run_id) if item.state is ItemState.FAILED]
    assert failed.call_id and failed.sentence
    assert try_again(run_id).count == 1
    assert db.session.get(PublicationRun, run_id).finished_at is None
    publish_due_items()
    assert states(run_id) == {ItemState.DONE: 3}
    assert try_again(run_id).count == 0, "what went well is not done again"


def test_stopping_leaves_what_has_not_begun(app):
    run_id = ask(ready_series(5))
    assert stop_run(run_id) == 5
    assert publish_due_items() == 0
    assert states(run_id) == {ItemState.STOPPED: 5}
    assert db.session.get(PublicationRun, run_id).finished_at is not None
    try_again(run_id, [items(run_id)[0].id])
    assert publish_due_items() == 1


def test_nothing_happens_while_the_module_is_off(app):
    run_id = ask(ready_series(2))
    with write_transaction():
        uit_settings_for_update().uitdatabank_on = False
    assert publish_due_items() == 0
    assert states(run_id) == {ItemState.WAITING: 2}
    with write_transaction():
        uit_settings_for_update().uitdatabank_on = True
    assert publish_due_items() == 2


def test_a_change_of_environment_meanwhile_is_said_and_nothing_is_sent(app):
    run_id = ask(ready_series(2))
    connect(Environment.TEST)
    publish_due_items()
    assert states(run_id) == {ItemState.FAILED: 2}
    assert "andere omgeving" in items(run_id)[0].sentence
    assert calls("event-post") == 0


def test_a_lost_answer_ends_as_the_look_up_says(app, sandbox_url):
    fault(sandbox_url, "POST /events", "antwoord-kwijt")
    run_id = ask(ready_series(1))
    publish_due_items()
    (item,) = items(run_id)
    assert (item.state, item.outcome) == (ItemState.WAITING, "unknown")
    assert publish_due_items() == 0, "nobody sends it again while we look"
    let_time_pass(11)
    assert look_up_lost_publications() == 1
    publish_due_items()
    (item,) = items(run_id)
    assert item.state is ItemState.DONE and "vonden het event terug" in item.sentence
    assert db.session.get(PublicationRun, run_id).finished_at is not None
    assert events_at_publiq(sandbox_url)["Kamp 1"] == 1


def test_what_was_not_found_back_fails_with_the_warning_and_may_be_tried_again(app, sandbox_url):
    fault(sandbox_url, "POST /events", "fout-500")
    run_id = ask(ready_series(1))
    publish_due_items()
    for seconds in (11, 61, 301):
        let_time_pass(seconds)
        look_up_lost_publications()
    publish_due_items()
    (item,) = items(run_id)
    assert item.state is ItemState.FAILED and "vonden het event daar niet terug" in item.sentence
    try_again(run_id)
    publish_due_items()
    assert events_at_publiq(sandbox_url)["Kamp 1"] == 1


def test_a_token_that_ends_in_the_middle_is_renewed_once(app, sandbox_url):
    run_id = ask(ready_series(9))
    publish(items(run_id)[0].activity_id)
    fault(sandbox_url, "POST /events", "verlopen-token")
    publish_due_items()
    assert states(run_id) == {ItemState.DONE: 9}
    assert calls("token") == 2
    no_faults(sandbox_url)
