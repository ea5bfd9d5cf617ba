"""What somebody at the desk may register people for, also outside the period (R1)."""

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import joinedload, selectinload

from app.activities.models import Activity, ActivityState, ActivityType, Module, Series
from app.clock import now


def search_registrable(text: str = "") -> Select[tuple[Activity]]:
    """Activities with registrations that are online and not over, the first to begin first.

    Each word of ``text`` must stand in the title, the type or the series. Places and dates come
    along, so that a list asks nothing for each row.
    """
    query = (
        _registrable()
        .join(ActivityType, ActivityType.id == Activity.activity_type_id)
        .outerjoin(Series, Series.id == Activity.series_id)
        .where(ActivityType.module == Module.REGISTRATION)
        .order_by(Activity.first_start, Activity.id)
    )
    for word in text.split():
        query = query.where(
            or_(
                Activity.title.icontains(word, autoescape=True),
                ActivityType.name.icontains(word, autoescape=True),
                Series.title.icontains(word, autoescape=True),
            )
        )
    return query


def _registrable() -> Select[tuple[Activity]]:
    return (
        select(Activity)
        .where(Activity.state == ActivityState.ONLINE, Activity.last_end > now())
        .options(
            joinedload(Activity.activity_type),
            joinedload(Activity.series),
            selectinload(Activity.dates),
            selectinload(Activity.pools),
        )
    )
