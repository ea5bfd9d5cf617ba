"""What stands in which environment, for whoever is about to work in another one (DESIGN)."""

from dataclasses import dataclass

from sqlalchemy import func, or_, select

from app.activities.models import Activity
from app.clock import now
from app.extensions import db
from app.settings.models import Environment
from app.uitdatabank.models import EventLink, UitProfile


@dataclass(frozen=True)
class Published:
    """How many activities to come have an event in an environment, and how many have none."""

    environment: Environment
    published: int
    to_choose_again: int
    """Activities to come whose location or organizer was chosen in another environment."""


def published_where() -> list[Published]:
    """For each environment; two queries."""
    to_come = or_(Activity.last_end.is_(None), Activity.last_end > now())
    events = dict(
        db.session.execute(
            select(EventLink.environment, func.count())
            .join(Activity, Activity.id == EventLink.activity_id)
            .where(EventLink.event_id.is_not(None), to_come)
            .group_by(EventLink.environment)
        )
        .tuples()
        .all()
    )
    chosen = dict(
        db.session.execute(
            select(UitProfile.environment, func.count())
            .join(Activity, Activity.id == UitProfile.activity_id)
            .where(
                UitProfile.environment.is_not(None),
                or_(UitProfile.location_id != "", UitProfile.organizer_id != ""),
                to_come,
            )
            .group_by(UitProfile.environment)
        )
        .tuples()
        .all()
    )
    total = sum(chosen.values())
    return [
        Published(
            environment=environment,
            published=events.get(environment, 0),
            to_choose_again=total - chosen.get(environment, 0),
        )
        for environment in Environment
    ]
