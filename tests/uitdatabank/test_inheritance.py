"""What an activity follows of its type and a type of the settings, and passing changes on (D2)."""

import pytest
from sqlalchemy import select

from app.activities.models import ActivityState, UitStatus
from app.clock import now
from app.extensions import db, write_transaction
from app.settings.models import AuditEntry, Environment
from app.settings.uit import uit_settings_for_update
from app.uitdatabank.editing import change_state, create_activity
from app.uitdatabank.inheritance import FROM_TYPE, Bond, inherited
from app.uitdatabank.links import link_of
from app.uitdatabank.models import EventLink
from app.uitdatabank.passing_on import PassingOnRefused, leave, pass_on, pending_change
from app.uitdatabank.problems import ProfileChanged, ProfileRefused
from app.uitdatabank.profiles import (
    ChosenLocation,
    ChosenOrganizer,
    ProfileData,
    basis_of,
    data_of,
    profile_of,
    profile_of_type,
    save_profile,
    save_type_profile,
)
from app.uitdatabank.publishing import publish
from tests.making import days_from_now, make_type
from tests.queries import count_queries
from tests.uitdatabank.support import (
    BOOMHUT,
    CAMP,
    VRIJE_TIJD,
    connect,
    organizer_id,
    place_id,
)

TYPE = ProfileData(
    postal_code="9995",
    location=ChosenLocation(place_id(), BOOMHUT, "Kastanjelaan 8, 9995 Zonnewende"),
    organizer=ChosenOrganizer(organizer_id(), VRIJE_TIJD, True),
    event_type=CAMP,
    labels=("bos",),
)


@pytest.fixture(autouse=True)
def _connected(app):
    connect()


def made(kind, title="Boskamp", days=9):
    from app.activities.editing import DateData, data_from_type

    dates = (DateData(days_from_now(days, 9), days_from_now(days, 16)),)
    return create_activity(kind.id, data_from_type(kind, title, dates=dates))


def kind_with(**changes):
    kind = make_type()
    save_type_profile(kind.id, ProfileData(**{**vars(TYPE), **changes}))
    return kind


def change_type(kind, **changes):
    save_type_profile(kind.id, ProfileData(**{**vars(TYPE), **changes}))


def change(activity, **changes):
    before = data_of(profile_of(activity), Environment.SANDBOX)
    save_profile(activity.id, ProfileData(**{**vars(before), **changes}))


def freeze_organizer(activity):
    with write_transaction() as session:
        session.add(
            EventLink(
                activity_id=activity.id,
                environment=Environment.SANDBOX,
                event_id="event",
                organizer_id=organizer_id(),
                organizer_fixed_at=now(),
            )
        )


def test_a_new_activity_follows_its_type_in_everything_that_was_copied():
    activity = made(kind_with())
    assert profile_of(activity).follows == list(FROM_TYPE)


def test_what_is_changed_is_followed_no_more_and_follows_again_when_it_is_equal_again():
    activity = made(kind_with())
    change(activity, labels=("zee",), audience=profile_of(activity).audience)
    profile = profile_of(activity)
    assert set(FROM_TYPE) - set(profile.follows) == {"labels"}
    marks = inherited(profile, basis_of(profile))
    assert (marks["labels"].bond, marks["location"].bond) == (Bond.OWN, Bond.FOLLOWS)
    change(activity, labels=("BOS",))
    assert profile_of(activity).follows == list(FROM_TYPE), "capitals make no difference"


def test_what_follows_goes_on_following_when_something_else_is_saved():
    kind = kind_with()
    activity = made(kind)
    change_type(kind, labels=("hei",))
    change(activity, description="Een week in het bos.")
    profile = profile_of(activity)
    assert "labels" in profile.follows and profile.labels == ["bos"]
    assert inherited(profile, basis_of(profile))["labels"].bond is Bond.OUTDATED
    assert pending_change(kind.id).names == ("labels",)


def test_a_type_follows_the_settings():
    kind = kind_with()
    profile = profile_of_type(kind)
    assert profile.follows == ["postal_code", "registration_link"]
    with write_transaction():
        uit_settings_for_update().default_postal_code = "9000"
    assert inherited(profile, basis_of(profile))["postal_code"].bond is Bond.OUTDATED
    change_type(kind, postal_code="9050")
    assert profile_of_type(kind).follows == ["registration_link"]


def test_a_change_of_the_type_reaches_who_follows_it_and_nobody_else():
    kind = kind_with()
    follows, own, other = made(kind, "Volgt"), made(kind, "Eigen"), made(kind_with(), "Ander type")
    change(own, labels=("zee",))
    change_type(kind, labels=("hei", "ven"))
    pending = pending_change(kind.id)
    assert [(one.title, one.names) for one in pending.followers] == [("Volgt", ("labels",))]
    pass_on(kind.id, pending.version)
    labels = [profile_of(one).labels for one in (follows, own, other)]
    assert labels == [["hei", "ven"], ["zee"], ["bos"]]
    assert pending_change(kind.id).followers == ()
    assert profile_of(follows).follows == list(FROM_TYPE)


def test_passing_on_keeps_the_statuses_right_and_is_written_down():
    kind = kind_with(location=ChosenLocation())
    activity = made(kind)
    change(activity, description="Een week in het bos.")
    db.session.refresh(activity)
    assert activity.uit_status is UitStatus.INCOMPLETE
    change_type(kind)
    pass_on(kind.id, pending_change(kind.id).version)
    db.session.refresh(activity)
    assert activity.uit_status is UitStatus.COMPLETE
    assert publish(activity.id).ok
    change_type(kind, labels=("hei",))
    pending = pending_change(kind.id)
    assert (len(pending.followers), pending.published) == (1, 1)
    pass_on(kind.id, pending.version)
    db.session.refresh(activity)
    assert activity.uit_status is UitStatus.CHANGED
    entry = db.session.scalars(
        select(AuditEntry).where(AuditEntry.action == "Wijziging van het type doorgegeven")
    ).all()[-1]
    assert entry.detail == {"velden": ["labels"], "activiteiten": 1}


def test_leaving_them_ends_the_offer_and_changes_nothing_else():
    kind = kind_with()
    activity = made(kind)
    change_type(kind, labels=("hei",), event_type="")
    leave(kind.id, pending_change(kind.id).version)
    profile = profile_of(activity)
    assert (profile.labels, profile.event_type) == (["bos"], CAMP)
    assert not {"labels", "event_type"} & set(profile.follows) and "location" in profile.follows
    assert pending_change(kind.id).followers == ()


def test_what_is_over_or_cancelled_is_left_alone():
    kind = kind_with()
    made(kind, "Voorbij", days=-3)
    change_state(made(kind, "Geannuleerd").id, ActivityState.CANCELLED, "Te weinig kinderen")
    change_type(kind, labels=("hei",))
    assert pending_change(kind.id).followers == ()


def test_a_type_that_was_changed_again_is_not_passed_on_unseen():
    kind = kind_with()
    activity = made(kind)
    change_type(kind, labels=("hei",))
    seen = pending_change(kind.id).version
    change_type(kind, labels=("ven",))
    for decide in (pass_on, leave):
        with pytest.raises(PassingOnRefused):
            decide(kind.id, seen)
    assert profile_of(activity).labels == ["bos"]


def test_passing_on_costs_the_same_however_many_activities_there_are():
    counts = []
    for number in (2, 12):
        kind = kind_with()
        for index in range(number):
            made(kind, f"Kamp {index}")
        change_type(kind, labels=("hei",), location=ChosenLocation("zaal", "Zaal"))
        with count_queries() as sent:
            pending = pending_change(kind.id)
        asked = len(sent)
        with count_queries() as sent:
            pass_on(kind.id, pending.version)
        counts.append((asked, len(sent)))
        assert len(pending.followers) == number
    assert counts[0] == counts[1]
    assert counts[0][0] <= 4


def test_a_type_in_another_environment_takes_its_followers_along():
    kind = kind_with()
    activity = made(kind)
    connect(Environment.TEST)
    save_type_profile(
        kind.id, ProfileData(**{**vars(TYPE), "location": ChosenLocation("test-zaal", "Zaal")})
    )
    pass_on(kind.id, pending_change(kind.id).version)
    profile = profile_of(activity)
    assert (profile.environment, profile.location_id) == (Environment.TEST, "test-zaal")
    assert profile.organizer_id == organizer_id(), "that is what the type says now"


def test_an_organizer_that_publiq_has_frozen_stays_and_says_why():
    kind = kind_with()
    activity = made(kind)
    freeze_organizer(activity)
    other = ChosenOrganizer("ander", "Een andere club")
    with pytest.raises(ProfileRefused) as refused:
        change(activity, organizer=other)
    (problem,) = refused.value.problems
    assert problem.field == "organizer" and "kan de organisator niet meer wijzigen" in (
        problem.sentence
    )
    change(activity, labels=("zee",))
    change_type(kind, organizer=other)
    assert pending_change(kind.id).followers == (), "it cannot be passed on to this one"
    assert link_of(activity.id).organizer_id == organizer_id()


def test_the_second_of_two_clerks_is_told_and_may_still_save():
    activity = made(kind_with())
    seen = profile_of(activity).version
    mine = ProfileData(**{**vars(TYPE), "labels": ("van mij",)})
    save_profile(activity.id, ProfileData(**{**vars(TYPE), "labels": ("van haar",)}), seen)
    with pytest.raises(ProfileChanged) as told:
        save_profile(activity.id, mine, seen)
    assert profile_of(activity).labels == ["van haar"], "nothing was overwritten"
    save_profile(activity.id, mine, told.value.version)
    assert profile_of(activity).labels == ["van mij"]


def test_two_clerks_who_save_the_same_need_no_warning():
    activity = made(kind_with())
    seen = profile_of(activity).version
    for _ in range(2):
        save_profile(activity.id, ProfileData(**{**vars(TYPE), "labels": ("zee",)}), seen)
    assert profile_of(activity).labels == ["zee"]


def test_the_first_profile_of_a_type_is_guarded_too():
    kind = make_type()
    save_type_profile(kind.id, TYPE, 0)
    with pytest.raises(ProfileChanged):
        save_type_profile(kind.id, ProfileData(labels=("zee",)), 0)
