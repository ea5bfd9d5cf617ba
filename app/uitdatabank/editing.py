"""Changing activities and types together with what follows at UiTdatabank: profile and status.

The web calls these instead of activities.editing, so that the stored status never lags behind.
"""

from app.activities import date_states, editing, groups, series, types
from app.activities.date_states import DateState
from app.activities.editing import ActivityData
from app.activities.groups import GroupData
from app.activities.models import Activity, ActivityState, ActivityType
from app.activities.series import Made, SeriesData
from app.activities.types import TypeData
from app.extensions import write_transaction
from app.uitdatabank.profiles import ProfileData, copy_profile, give_profiles
from app.uitdatabank.status import refresh_status, refresh_status_of_many

__all__ = [
    "change_date",
    "change_state",
    "create_activity",
    "create_series",
    "refresh_activity",
    "save_activity",
    "save_group",
    "save_type",
]


def create_activity(activity_type_id: int, data: ActivityData) -> Activity:
    """Make an activity with the profile of its type (D2) and its status.

    Raises ActivityRefused, LookupError for an unknown type.
    """
    with write_transaction() as session:
        activity_id = editing.create_activity(activity_type_id, data)
        activity = session.get_one(Activity, activity_id)
        copy_profile(session.get_one(ActivityType, activity_type_id), activity)
        refresh_status(session, activity_id)
    return activity


def create_series(
    activity_type_id: int, data: SeriesData, profile: ProfileData | None = None
) -> Made:
    """Make activities by formula, each with the profile of its type and what was filled in (D7).

    Without ``profile`` they take over that of the type alone. A second press of the button gives
    what the first one made. Raises ActivityRefused, ProfileRefused, LookupError.
    """
    with write_transaction() as session:
        made = series.create_series(activity_type_id, data)
        if not made.repeated:
            kind = session.get_one(ActivityType, activity_type_id)
            give_profiles(kind, made.activity_ids, profile)
            refresh_status_of_many(session, made.activity_ids)
    return made


def save_activity(activity_id: int, data: ActivityData) -> None:
    """Keep what was changed of an activity, and its status. Raises ActivityRefused, LookupError."""
    with write_transaction() as session:
        editing.update_activity(activity_id, data)
        refresh_status(session, activity_id)


def change_state(activity_id: int, state: ActivityState, reason: str = "") -> None:
    """Put an activity online, back to draft, postpone or cancel it, and keep its status.

    Raises ActivityRefused, LookupError.
    """
    with write_transaction() as session:
        editing.set_state(activity_id, state, reason)
        refresh_status(session, activity_id)


def change_date(activity_id: int, date_id: int, wanted: DateState, reason: str = "") -> None:
    """Cancel, postpone or restore one date, and keep the status.

    Raises ActivityRefused, LookupError.
    """
    with write_transaction() as session:
        date_states.change_date(activity_id, date_id, wanted, reason)
        refresh_status(session, activity_id)


def refresh_activity(activity_id: int) -> None:
    """Compute the status after a change of dates, prices or places, in the same transaction."""
    with write_transaction() as session:
        refresh_status(session, activity_id)


def save_type(activity_type_id: int | None, data: TypeData) -> ActivityType:
    """Keep a type, a new one where the id is None. Raises ActivityRefused, LookupError.

    The statuses of its activities follow by the job refresh_statuses(), within a minute.
    """
    return types.update_type(activity_type_id, data)


def save_group(group_id: int | None, data: GroupData) -> int:
    """Keep a group, and the status of the activities that it gave another period; returns its id.

    Raises ActivityRefused, LookupError.
    """
    with write_transaction() as session:
        saved = groups.save_group(group_id, data)
        if saved.changed_ids:
            refresh_status_of_many(session, saved.changed_ids)
    return saved.group_id
