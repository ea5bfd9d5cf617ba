"""The five statuses and every change that moves an activity between them (D10)."""

from datetime import timedelta

import pytest

from app.activities.models import Activity, ActivityState, ActivityType, UitStatus
from app.activities.types import PriceData
from app.clock import now
from app.extensions import db, write_transaction
from app.settings.models import Environment
from app.settings.uit import uit_settings_for_update
from app.uitdatabank import editing
from app.uitdatabank.models import EventLink, LinkState, UitProfile
from app.uitdatabank.profiles import ProfileData, save_profile, save_type_profile
from app.uitdatabank.publishing import link_of, publish
from app.uitdatabank.status import refresh_all_statuses, refresh_statuses, state_of
from tests.making import days_from_now, make_activity, make_type
from tests.queries import count_queries
from tests.uitdatabank.support import connect, make_profile, ready_activity


@pytest.fixture(autouse=True)
def _connected(app):
    connect()
    refresh_statuses()


def status_of(activity):
    db.session.expire_all()
    return db.session.get(Activity, activity.id).uit_status


def missing(activity):
    return [problem.sentence for problem in state_of(activity.id).missing]


def saved(activity, **changes):
    from dataclasses import replace

    from app.activities.editing import ActivityData, DateData
    from app.activities.types import prices_of

    activity = db.session.get(Activity, activity.id)
    data = ActivityData(
        title=activity.title,
        dates=tuple(DateData(one.starts_at, one.ends_at, one.id) for one in activity.dates),
        prices=prices_of(activity),
        capacity=20,
        registration_opens_at=activity.registration_opens_at,
        min_age=activity.min_age,
        max_age=activity.max_age,
    )
    editing.save_activity(activity.id, replace(data, **changes))


def test_what_is_missing_is_named_one_by_one():
    activity = make_activity()
    assert missing(activity) == [
        "een omschrijving",
        "een locatie",
        "een organisator",
        "een thema",
    ]
    assert state_of(activity.id).status is UitStatus.INCOMPLETE


def test_an_activity_becomes_complete_then_published_then_changed_then_published_again():
    activity = ready_activity()
    assert status_of(activity) is UitStatus.COMPLETE
    publish(activity.id)
    assert status_of(activity) is UitStatus.PUBLISHED
    saved(activity, title="Zomerbos-kamp", min_age=6)
    assert status_of(activity) is UitStatus.CHANGED
    assert state_of(activity.id).changed == ["titel", "leeftijd"]
    saved(activity, title="Winterbos-kamp", min_age=None)
    assert status_of(activity) is UitStatus.PUBLISHED, "back to what stands there"
    saved(activity, prices=(PriceData("Basistarief", activity.price_categories[0].price + 5),))
    assert state_of(activity.id).changed == ["prijzen"]
    publish(activity.id)
    assert status_of(activity) is UitStatus.PUBLISHED


def test_places_and_cancellation_do_not_count_as_a_change():
    activity = ready_activity()
    publish(activity.id)
    with write_transaction() as session:
        session.get(Activity, activity.id).pools[0].taken = 20
    editing.refresh_activity(activity.id)
    assert status_of(activity) is UitStatus.PUBLISHED
    editing.change_state(activity.id, ActivityState.CANCELLED, "Te weinig volk")
    assert status_of(activity) is UitStatus.PUBLISHED


def test_only_prices_for_residents_is_incomplete():
    activity = ready_activity(prices=(("Inwoner", "40.00", ("9995",)),))
    assert missing(activity) == ["een prijs die voor iedereen geldt"]


def test_a_registration_link_needs_email_and_phone_of_activity_type_or_settings():
    kind = make_type()
    activity = ready_activity(activity_type=kind, profile={"registration_link": True})
    assert status_of(activity) is UitStatus.COMPLETE, "those of the settings"
    with write_transaction():
        settings = uit_settings_for_update()
        settings.registration_link_email = settings.registration_link_phone = ""
    refresh_statuses()
    assert status_of(activity) is UitStatus.INCOMPLETE
    assert missing(activity) == [
        "een e-mailadres bij de registratielink",
        "een telefoonnummer bij de registratielink",
    ]
    save_type_profile(kind.id, ProfileData(link_email="jeugd@zonnewende.be"))
    assert missing(activity) == ["een telefoonnummer bij de registratielink"]
    save_type_profile(
        kind.id, ProfileData(link_email="jeugd@zonnewende.be", link_phone="09 123 45 67")
    )
    assert status_of(activity) is UitStatus.INCOMPLETE, "the job has not been by"
    refresh_statuses()
    assert status_of(activity) is UitStatus.COMPLETE


def test_what_was_chosen_in_another_environment_is_missing_and_published_there_is_not_here():
    activity = ready_activity()
    publish(activity.id)
    with write_transaction():
        uit_settings_for_update().active_environment = Environment.TEST
    refresh_statuses()
    assert status_of(activity) is UitStatus.INCOMPLETE
    assert missing(activity) == [
        "een locatie uit deze omgeving",
        "een organisator uit deze omgeving",
    ]
    assert link_of(activity.id) is None and link_of(activity.id, Environment.SANDBOX).event_id
    connect()
    refresh_statuses()
    assert status_of(activity) is UitStatus.PUBLISHED


@pytest.mark.parametrize("where", ["activity", "type", "module"])
def test_switched_off_is_not_applicable(where):
    kind = make_type()
    activity = ready_activity(activity_type=kind)
    with write_transaction() as session:
        if where == "activity":
            session.get(Activity, activity.id).publish_in_uit = False
        elif where == "type":
            session.get(ActivityType, kind.id).publish_in_uit = False
        else:
            uit_settings_for_update().uitdatabank_on = False
    if where == "activity":
        editing.refresh_activity(activity.id)
    else:
        refresh_statuses()
    assert status_of(activity) is UitStatus.NOT_APPLICABLE


def test_cancelled_and_never_published_is_not_applicable_and_comes_back():
    activity = ready_activity()
    editing.change_state(activity.id, ActivityState.CANCELLED, "Te weinig volk")
    assert status_of(activity) is UitStatus.NOT_APPLICABLE
    editing.change_state(activity.id, ActivityState.ONLINE)
    assert status_of(activity) is UitStatus.COMPLETE


def test_what_is_over_and_never_published_does_not_apply_and_what_was_published_stays():
    over, published = ready_activity("Voorbij"), ready_activity("Gepubliceerd")
    publish(published.id)
    with write_transaction() as session:
        for activity in (over, published):
            session.get(Activity, activity.id).last_end = now() - timedelta(hours=1)
    refresh_statuses()
    assert status_of(over) is UitStatus.NOT_APPLICABLE
    assert status_of(published) is UitStatus.PUBLISHED


def test_today_as_start_does_not_make_yesterdays_publication_changed():
    activity = ready_activity(profile={"registration_link": True})
    publish(activity.id)
    with write_transaction() as session:
        link = session.get(EventLink, link_of(activity.id).id)
        link.registration_opens_at -= timedelta(days=1)
        link.content_hash = ""
    publish(activity.id)
    assert status_of(activity) is UitStatus.PUBLISHED


def test_a_failed_or_lost_publication_is_not_published():
    activity = ready_activity()
    with write_transaction() as session:
        session.add(
            EventLink(
                activity_id=activity.id,
                environment=Environment.SANDBOX,
                state=LinkState.UNKNOWN,
            )
        )
    editing.refresh_activity(activity.id)
    assert status_of(activity) is UitStatus.COMPLETE


def test_saving_the_profile_keeps_the_status():
    activity = ready_activity()
    publish(activity.id)
    profile = db.session.query(UitProfile).filter_by(activity_id=activity.id).one()
    from app.uitdatabank.profiles import chosen_location, chosen_organizer

    data = ProfileData(
        postal_code="9995",
        location=chosen_location(profile, Environment.SANDBOX),
        organizer=chosen_organizer(profile, Environment.SANDBOX),
        event_type=profile.event_type,
        labels=("sneeuw",),
        description=profile.description,
    )
    save_profile(activity.id, data)
    assert status_of(activity) is UitStatus.CHANGED
    assert state_of(activity.id).changed == ["thema", "labels"]


def test_the_job_costs_a_few_queries_when_nothing_changed_and_batches_when_it_did():
    kind = make_type()
    many = [
        make_activity(
            f"Kamp {n}", activity_type=kind, dates=[(days_from_now(9), days_from_now(10))]
        )
        for n in range(30)
    ]
    for activity in many[:15]:
        make_profile(activity)
    refresh_statuses()
    with count_queries() as idle:
        assert refresh_statuses() == 0
    assert len(idle) <= 12, idle
    with write_transaction():
        uit_settings_for_update().registration_link_phone = "09 765 43 21"
    with count_queries() as few:
        refresh_statuses()
    with write_transaction() as session:
        for activity in many[15:]:
            session.delete(session.get(Activity, activity.id))
    with write_transaction():
        uit_settings_for_update().registration_link_phone = "09 765 43 22"
    with count_queries() as fewer:
        refresh_statuses()
    assert len(few) - len(fewer) <= 1, "no query per activity"


def test_all_statuses_can_be_computed_anew():
    activity = ready_activity()
    with write_transaction() as session:
        session.get(Activity, activity.id).uit_status = UitStatus.CHANGED
    refresh_all_statuses()
    assert status_of(activity) is UitStatus.COMPLETE
