"""Waiting for a colleague who is saving the same activity at the same moment."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.activities.models import Activity


def locked_activity(session: Session, activity_id: int) -> Activity:
    """The activity, read anew and locked until the commit. Raises LookupError."""
    activity = session.scalar(
        select(Activity)
        .where(Activity.id == activity_id)
        # not against who adds a line that names the activity: those hold a pool we may want
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if activity is None:
        raise LookupError(f"no activity {activity_id}")
    return activity
