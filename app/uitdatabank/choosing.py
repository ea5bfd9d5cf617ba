"""Choosing a location in a profile from elsewhere than its form: a new place, or a remedy."""

from app.activities.models import Activity, ActivityType
from app.extensions import write_transaction
from app.uitdatabank.profiles import (
    ChosenLocation,
    choose_location,
    profile_of,
    profile_of_type,
    record_saved,
)
from app.uitdatabank.status import refresh_status


def choose_location_of_activity(
    activity_id: int, location: ChosenLocation, postal_code: str
) -> None:
    """Choose a location of the active environment for an activity; its status follows."""
    with write_transaction() as session:
        activity = session.get_one(Activity, activity_id)
        profile = profile_of(activity)
        if profile.id is None:
            profile.activity_id = activity_id
            session.add(profile)
            session.flush()
        choose_location(profile, location, postal_code)
        refresh_status(session, activity_id)
        record_saved("activiteit", activity_id, activity.title)


def choose_location_of_type(
    activity_type_id: int, location: ChosenLocation, postal_code: str
) -> None:
    """Choose a location of the active environment for a type."""
    with write_transaction() as session:
        activity_type = session.get_one(ActivityType, activity_type_id)
        profile = profile_of_type(activity_type)
        if profile.id is None:
            profile.activity_type_id = activity_type_id
            session.add(profile)
            session.flush()
        choose_location(profile, location, postal_code)
        record_saved("activiteittype", activity_type_id, activity_type.name)
