"""The profile of type and activity: copied once, each its own afterwards (D1, D2)."""

import pytest

from app.extensions import write_transaction
from app.settings.models import Environment
from app.settings.uit import uit_settings_for_update
from app.uitdatabank.editing import create_activity
from app.uitdatabank.problems import ProfileRefused
from app.uitdatabank.profiles import (
    ChosenLocation,
    ChosenOrganizer,
    ProfileData,
    profile_of,
    profile_of_type,
    save_profile,
    save_type_profile,
)
from tests.making import days_from_now, make_activity, make_type
from tests.uitdatabank.support import connect


@pytest.fixture(autouse=True)
def _connected(app):
    connect()


def made(kind):
    from app.activities.editing import DateData, data_from_type

    dates = (DateData(days_from_now(9, 9), days_from_now(9, 16)),)
    return create_activity(kind.id, data_from_type(kind, "Boskamp", dates=dates))


def test_a_new_type_begins_with_the_defaults_of_the_settings():
    with write_transaction():
        uit_settings_for_update().registration_link_default = True
    profile = profile_of_type(make_type())
    assert profile.postal_code == "9995" and profile.registration_link
    assert profile.id is None, "nothing is stored by looking"


def test_an_activity_takes_over_its_type_once_and_is_then_its_own():
    kind = make_type()
    location = ChosenLocation("place", "Speelplein", "Kastanjelaan 8")
    save_type_profile(
        kind.id, ProfileData(location=location, labels=("bos",), link_phone="09 1234567")
    )
    activity = made(kind)
    save_type_profile(kind.id, ProfileData(labels=("zee",)))
    profile = profile_of(activity)
    assert (profile.location_name, profile.labels) == ("Speelplein", ["bos"])
    assert profile.link_phone == "", "falls back on the type, so that it follows it"
    save_profile(activity.id, ProfileData(labels=("hei",)))
    assert profile_of_type(kind).labels == ["zee"] and profile_of(activity).labels == ["hei"]


def test_choosing_in_another_environment_lets_the_other_choice_go():
    activity = make_activity()
    both = ProfileData(
        location=ChosenLocation("place", "Speelplein"),
        organizer=ChosenOrganizer("organizer", "Jeugddienst"),
    )
    save_profile(activity.id, both)
    connect(Environment.TEST)
    save_profile(activity.id, ProfileData(location=ChosenLocation("other", "Sporthal")))
    profile = profile_of(activity)
    assert profile.environment is Environment.TEST
    assert (profile.location_id, profile.organizer_id) == ("other", "")


def test_what_is_wrong_is_refused_by_the_use_case_too():
    activity = make_activity()
    with pytest.raises(ProfileRefused) as refused:
        save_profile(activity.id, ProfileData(postal_code="99950", link_email="x", link_phone="y"))
    fields = [problem.field for problem in refused.value.problems]
    assert fields == ["postal_code", "link_email", "link_phone"]
