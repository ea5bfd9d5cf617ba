"""What activities say of their place and content, for pages; shared by all audiences."""

from collections.abc import Iterable

from sqlalchemy import select

from app.extensions import db
from app.uitdatabank.models import UitProfile


def profiles_of(activity_ids: Iterable[int]) -> dict[int, UitProfile]:
    """The UiT profiles by activity, in one query."""
    rows = db.session.scalars(
        select(UitProfile).where(UitProfile.activity_id.in_(list(activity_ids)))
    )
    return {row.activity_id: row for row in rows if row.activity_id is not None}


def place_names(activity_ids: Iterable[int]) -> dict[int, str]:
    """Where each activity is, by its id; those without a place are left out."""
    found = profiles_of(activity_ids)
    return {key: profile.location_name for key, profile in found.items() if profile.location_name}
