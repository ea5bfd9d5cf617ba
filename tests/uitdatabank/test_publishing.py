"""Publishing one activity: once, whatever goes wrong (D3, D4, D12, D13; invariant 5)."""

from datetime import timedelta

import pytest
import requests
import time_machine
from sqlalchemy import select

from app.activities.models import ActivityState, UitStatus
from app.clock import now
from app.extensions import db, write_transaction
from app.settings.models import Environment, PubliqCall
from app.settings.uit import uit_settings_for_update
from app.uitdatabank.attention import Matter, needing_attention
from app.uitdatabank.links import LinkRefused
from app.uitdatabank.models import EventLink, LinkState, UitProfile
from app.uitdatabank.outcomes import NO_PARTNER, Outcome
from app.uitdatabank.publishing import (
    benefits_possible,
    delete_link,
    link_of,
    look_up_lost_publications,
    publish,
    published_event,
)
from app.uitdatabank.status import refresh_status
from tests.uitdatabank.support import (
    CLUB,
    connect,
    event_at_publiq,
    events_named,
    fault,
    later,
    no_faults,
    organizer_id,
    place_id,
    ready_activity,
    token,
)


@pytest.fixture(autouse=True)
def _connected(app):
    connect()


def posts() -> int:
    calls = db.session.scalars(select(PubliqCall).where(PubliqCall.operation == "event-post"))
    return len(list(calls))


def test_publishing_makes_an_event_and_publishing_again_updates_the_same_one(app, sandbox_url):
    activity = ready_activity()
    first = publish(activity.id)
    assert first.outcome is Outcome.PUBLISHED, first
    link = link_of(activity.id)
    assert link.state is LinkState.PUBLISHED
    assert link.published_at and link.first_published_at == link.published_at
    assert activity.uit_status is UitStatus.PUBLISHED
    with write_transaction() as session:
        session.get(UitProfile, 1).description = "Breng laarzen mee."
    second = publish(activity.id)
    assert second.outcome is Outcome.UPDATED, second
    assert second.event_id == first.event_id
    at_publiq = event_at_publiq(sandbox_url, first.event_id)
    assert at_publiq["description"]["nl"] == "Breng laarzen mee."
    assert posts() == 1


def test_an_update_keeps_what_others_added_and_takes_the_theme_away(app, sandbox_url):
    activity = ready_activity()
    event_id = publish(activity.id).event_id
    headers = token(sandbox_url)
    address = f"{sandbox_url}/io/events/{event_id}"
    for path, body in (
        ("/name/fr", {"name": "Stage d'hiver"}),
        ("/labels/natuur", None),
        ("/labels/winterkamp", None),
    ):
        answer = requests.put(address + path, json=body, headers=headers, timeout=10)
        assert answer.status_code == 204, answer.text
    with write_transaction() as session:
        profile = session.get(UitProfile, 1)
        profile.theme, profile.labels = "", ["sneeuw"]
    assert publish(activity.id).outcome is Outcome.UPDATED
    at_publiq = event_at_publiq(sandbox_url, event_id)
    assert at_publiq["name"] == {"nl": "Winterbos-kamp", "fr": "Stage d'hiver"}
    assert {"natuur", "sneeuw"} <= set(at_publiq["labels"])
    assert [term["domain"] for term in at_publiq["terms"]] == ["eventtype"]


def test_a_lost_answer_ends_with_one_event(app, sandbox_url):
    activity = ready_activity()
    fault(sandbox_url, "POST /events", "antwoord-kwijt")
    lost = publish(activity.id)
    assert lost.outcome is Outcome.UNKNOWN
    assert link_of(activity.id).state is LinkState.UNKNOWN
    assert publish(activity.id).outcome is Outcome.UNKNOWN, "nobody publishes while we look"
    assert look_up_lost_publications() == 0, "not before ten seconds"
    later(11)
    assert look_up_lost_publications() == 1
    link = link_of(activity.id)
    assert link.state is LinkState.PUBLISHED and link.event_id
    assert activity.uit_status is UitStatus.PUBLISHED
    assert publish(activity.id).event_id == link.event_id
    assert len(events_named(sandbox_url, "Winterbos-kamp")) == 1


def test_an_event_of_the_same_name_and_hour_elsewhere_is_not_taken_for_the_lost_one(
    app, sandbox_url
):
    never_arrived = ready_activity("Turnen")
    lork = {"location_id": place_id("Sporthal De Lork"), "location_name": "Sporthal De Lork"}
    stored = ready_activity("Turnen", profile=lork)
    fault(sandbox_url, "POST /events", "verbroken")
    publish(never_arrived.id)
    no_faults(sandbox_url)
    fault(sandbox_url, "POST /events", "antwoord-kwijt")
    publish(stored.id)
    for seconds in (11, 60, 300):
        later(seconds)
        look_up_lost_publications()
    assert link_of(never_arrived.id).event_id is None
    (url,) = events_named(sandbox_url, "Turnen")
    assert url.endswith(link_of(stored.id).event_id)


def test_what_was_not_found_three_times_may_be_published_again_with_a_warning(app, sandbox_url):
    activity = ready_activity()
    fault(sandbox_url, "POST /events", "antwoord-kwijt")
    publish(activity.id)
    with write_transaction() as session:  # as if publiq never got it
        link = session.scalar(select(EventLink))
        link.sent_body = {**link.sent_body, "name": {"nl": "Iets heel anders"}}
    for seconds in (11, 60, 300):
        later(seconds)
        assert look_up_lost_publications() == 0
    link = link_of(activity.id)
    assert link.state is LinkState.FAILED
    assert "Kijk het eerst na bij UiTdatabank" in link.last_error
    assert publish(activity.id).outcome is Outcome.PUBLISHED


def test_an_event_that_appears_late_is_found_before_it_is_sent_again(app, sandbox_url):
    activity = ready_activity()
    fault(sandbox_url, "POST /events", "antwoord-kwijt")
    publish(activity.id)
    with write_transaction() as session:
        link = session.scalar(select(EventLink))
        link.state, link.searches = LinkState.FAILED, 3
    assert publish(activity.id).outcome is Outcome.UPDATED
    assert len(events_named(sandbox_url, "Winterbos-kamp")) == 1


def test_a_search_that_fails_does_not_count(app, sandbox_url):
    activity = ready_activity()
    fault(sandbox_url, "POST /events", "antwoord-kwijt")
    publish(activity.id)
    later(11)
    fault(sandbox_url, "search", "plat", count=5)
    assert look_up_lost_publications() == 0
    assert link_of(activity.id).searches == 0
    no_faults(sandbox_url)
    assert look_up_lost_publications() == 1


@pytest.mark.parametrize("sent", [False, True])
def test_a_process_killed_while_publishing_leaves_no_second_event(
    app, sandbox_url, sent, monkeypatch
):
    from app.publiq.entry import EntryApi

    activity = ready_activity()
    really = EntryApi.create_event

    def killed(self, body, purpose=None):
        if sent:
            really(self, body, purpose)
        raise KeyboardInterrupt

    monkeypatch.setattr(EntryApi, "create_event", killed)
    with pytest.raises(KeyboardInterrupt):
        publish(activity.id)
    monkeypatch.undo()
    assert publish(activity.id).outcome is Outcome.BUSY
    later(300)
    look_up_lost_publications()
    later(300)
    look_up_lost_publications()
    look_up_lost_publications()
    link = link_of(activity.id)
    assert link.state is (LinkState.PUBLISHED if sent else LinkState.FAILED)
    assert publish(activity.id).ok
    assert len(events_named(sandbox_url, "Winterbos-kamp")) == 1


def test_a_process_killed_before_anything_left_needs_no_look_up(app, sandbox_url, monkeypatch):
    from app.uitdatabank import publishing

    activity = ready_activity()

    def killed(*_args):
        raise KeyboardInterrupt

    monkeypatch.setattr(publishing, "_renew", killed)
    with pytest.raises(KeyboardInterrupt):
        publish(activity.id)
    monkeypatch.undo()
    assert publish(activity.id).outcome is Outcome.BUSY
    later(300)
    look_up_lost_publications()
    link = link_of(activity.id)
    assert link.state is LinkState.FAILED and "voor er iets verstuurd was" in link.last_error
    assert publish(activity.id).outcome is Outcome.PUBLISHED
    assert len(events_named(sandbox_url, "Winterbos-kamp")) == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"organizer_id": "11111111-2222-4333-8444-555555555555"}, "organizer"),
        ({"location_id": "11111111-2222-4333-8444-555555555555"}, "location"),
    ],
)
def test_what_publiq_does_not_know_is_named_and_never_posted(app, changes, field):
    activity = ready_activity(profile=changes)
    refused = publish(activity.id)
    assert refused.outcome is Outcome.REFUSED
    assert [problem.field for problem in refused.problems] == [field]
    assert "bestaat niet meer bij UiTdatabank" in refused.sentence
    assert posts() == 0
    assert activity.uit_status is UitStatus.COMPLETE


def test_a_deleted_organizer_is_not_published_with(app):
    from app.sandbox.seed_uitdatabank import DELETED_ORGANIZER

    activity = ready_activity(profile={"organizer_id": DELETED_ORGANIZER})
    assert publish(activity.id).outcome is Outcome.REFUSED
    assert posts() == 0


def test_two_clerks_at_once_send_one_request(app, sandbox_url):
    activity = ready_activity()
    with write_transaction() as session:
        session.add(
            EventLink(
                activity_id=activity.id,
                environment=Environment.SANDBOX,
                state=LinkState.SENDING,
                sent_at=now(),
            )
        )
    assert publish(activity.id).outcome is Outcome.BUSY
    assert posts() == 0


def test_what_is_incomplete_is_not_sent(app):
    activity = ready_activity(profile={"description": "", "location_id": ""})
    refused = publish(activity.id)
    assert refused.outcome is Outcome.INCOMPLETE
    assert refused.sentence == "Voor je publiceert, ontbreekt nog: een omschrijving en een locatie."
    assert {problem.field for problem in refused.problems} == {"description", "location"}
    assert not db.session.scalars(select(PubliqCall)).all()


def test_publiq_being_away_is_said_and_loses_nothing(app, sandbox_url):
    activity = ready_activity()
    fault(sandbox_url, "io", "plat", count=9)
    failed = publish(activity.id)
    assert failed.outcome is Outcome.FAILED
    assert failed.sentence == "UiTdatabank antwoordt nu niet. Probeer het straks opnieuw."
    assert failed.call_id
    link = link_of(activity.id)
    assert link.state is LinkState.FAILED and link.last_call_id == failed.call_id
    no_faults(sandbox_url)
    assert publish(activity.id).outcome is Outcome.PUBLISHED


def test_a_first_publication_that_publiq_refuses_may_be_sent_again_at_once(app, sandbox_url):
    activity = ready_activity()
    fault(sandbox_url, "POST /events", "geweigerd", problem="auth/forbidden")
    refused = publish(activity.id)
    assert refused.outcome is Outcome.REFUSED
    link = link_of(activity.id)
    assert link.state is LinkState.FAILED and link.last_call_id == refused.call_id
    assert publish(activity.id).outcome is Outcome.PUBLISHED


def test_a_lost_answer_to_an_update_may_simply_be_sent_again(app, sandbox_url):
    activity = ready_activity()
    event_id = publish(activity.id).event_id
    fault(sandbox_url, "PUT /events/{id}", "antwoord-kwijt")
    assert publish(activity.id).outcome is Outcome.FAILED
    assert publish(activity.id).event_id == event_id
    assert posts() == 1


def test_without_credentials_the_sentence_says_where_to_fill_them_in(app):
    activity = ready_activity()
    with write_transaction():
        uit_settings_for_update().active_environment = Environment.TEST
    assert "UiT-instellingen" in publish(activity.id).sentence


def test_an_event_deleted_at_publiq_is_said_and_its_link_can_be_forgotten(app, sandbox_url):
    activity = ready_activity()
    event_id = publish(activity.id).event_id
    address = f"{sandbox_url}/io/events/{event_id}"
    requests.delete(address, headers=token(sandbox_url), timeout=10)
    gone = publish(activity.id)
    assert gone.outcome is Outcome.GONE
    assert "Verwijder de link" in gone.sentence
    delete_link(activity.id)
    assert published_event(activity) is None
    assert activity.uit_status is UitStatus.COMPLETE
    again = publish(activity.id)
    assert again.outcome is Outcome.PUBLISHED and again.event_id != event_id


def test_an_event_of_other_credentials_is_said_with_the_remedy(app, sandbox_url):
    activity = ready_activity()
    publish(activity.id)
    fault(sandbox_url, "PUT /events/{id}", "geweigerd", problem="auth/forbidden")
    refused = publish(activity.id)
    assert refused.outcome is Outcome.REFUSED
    assert "andere client id" in refused.sentence and "verwijder de link" in refused.sentence


def test_a_link_stays_while_a_publication_is_under_way(app, sandbox_url):
    activity = ready_activity()
    fault(sandbox_url, "POST /events", "antwoord-kwijt")
    publish(activity.id)
    with pytest.raises(LinkRefused):
        delete_link(activity.id)


def test_an_organizer_that_is_no_partner_gives_a_warning(app):
    activity = ready_activity(profile={"organizer_id": organizer_id(CLUB)})
    published = publish(activity.id)
    assert published.warnings == (NO_PARTNER,)
    assert not link_of(activity.id).organizer_is_uitpas
    assert without_partner_now() == [activity.id]
    partner = ready_activity("Zomerkamp")
    assert publish(partner.id).warnings == ()
    assert link_of(partner.id).organizer_is_uitpas
    assert without_partner_now() == [activity.id]


def without_partner_now() -> list[int]:
    found = needing_attention(Environment.SANDBOX, Matter.NO_PARTNER)
    return [link.activity_id for link in found.items]


def test_today_as_start_of_the_button_is_fixed_at_the_first_publication(app, sandbox_url):
    activity = ready_activity(profile={"registration_link": True})
    event_id = publish(activity.id).event_id
    info = event_at_publiq(sandbox_url, event_id)["bookingInfo"]
    assert info["urlLabel"] == {"nl": "Schrijf je in"}
    assert info["url"].endswith(f"/aanbod/{activity.id}-winterbos-kamp")
    with write_transaction() as session:
        link = session.scalar(select(EventLink))
        link.registration_opens_at -= timedelta(days=9)
        fixed = link.registration_opens_at
    publish(activity.id)
    starts = event_at_publiq(sandbox_url, event_id)["bookingInfo"]["availabilityStarts"]
    from datetime import datetime

    assert datetime.fromisoformat(starts) == fixed


def test_today_of_a_button_that_came_later_is_fixed_at_that_publication(app, sandbox_url):
    activity = ready_activity()
    publish(activity.id)
    with write_transaction() as session:
        session.scalars(select(UitProfile)).one().registration_link = True
    publish(activity.id)
    fixed = link_of(activity.id).registration_opens_at
    assert fixed is not None
    with time_machine.travel(now() + timedelta(days=1)):
        with write_transaction() as session:
            refresh_status(session, activity.id)
        db.session.expire_all()
        assert activity.uit_status is UitStatus.PUBLISHED
        publish(activity.id)
        assert link_of(activity.id).registration_opens_at == fixed


def test_a_cancelled_activity_reaches_the_event_as_cancelled(app, sandbox_url):
    from app.uitdatabank.editing import change_state

    activity = ready_activity()
    event_id = publish(activity.id).event_id
    change_state(activity.id, ActivityState.CANCELLED, "Lesgever ziek")
    assert publish(activity.id).outcome is Outcome.UPDATED
    (date,) = event_at_publiq(sandbox_url, event_id)["subEvent"]
    assert date["status"]["type"] == "Unavailable"
    assert date["status"]["reason"] == {"nl": "Lesgever ziek"}


def test_only_published_activities_can_give_benefits(app):
    published, other = ready_activity("Kamp A"), ready_activity("Kamp B")
    event_id = publish(published.id).event_id
    assert benefits_possible([published.id, other.id]) == {published.id: event_id}
    with write_transaction():
        uit_settings_for_update().uitpas_on = False
    assert benefits_possible([published.id, other.id]) == {}
    assert published_event(published) == (event_id, Environment.SANDBOX)
