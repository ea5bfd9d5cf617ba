"""Changing activities and types together with what follows at UiTdatabank: profile and status.

The web calls these instead of activities.editing, so that the stored status never lags behind.
"""

from app.activities import editing, types
from app.activities.editing import ActivityData
from app.activities.models import Activity, ActivityState, ActivityType
from app.activities.types import TypeData
from app.extensions import write_transaction
from app.uitdatabank.profiles import copy_profile
from app.uitdatabank.status import refresh_status

__all__ = ["change_state", "create_activity", "refresh_activity", "save_activity", "save_type"]


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


def save_activity(activity_id: int, data: ActivityData) -> None:
    """Keep what was changed of an activity, and its status. Raises ActivityRefused, LookupError."""
    with write_transaction() as session:
        editing.update_activity(activity_id, data)
        refresh_status(session, activity_id)


def change_state(activity_id: int, state: ActivityState, reason: str = "") -> None:
    """Put an activity online, back to draft, or cancel it, and keep its status."""
    with write_transaction() as session:
        editing.set_state(activity_id, state, reason)
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
