"""What is the matter with the events of activities at UiTdatabank, for dashboard, list and tab."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from sqlalchemy import ColumnElement, Select, Text, cast, or_, select
from sqlalchemy.orm import contains_eager

from app.activities.models import Activity
from app.extensions import Pagination, db
from app.settings.calls import last_failures
from app.settings.models import Environment
from app.uitdatabank.availability import PURPOSE, still_to_come
from app.uitdatabank.left_standing import is_left_standing, why_left_standing
from app.uitdatabank.links import REMOTE_DELETED, REMOTE_GONE, REMOTE_REJECTED
from app.uitdatabank.models import EventLink, ReferenceKind, ReferenceState, UitProfile
from app.uitdatabank.references import known_reference

PAGE_SIZE = 50
FAILING_AFTER = 3
"""So often may a push fail before somebody should look; publiq is away now and then."""


class Matter(Enum):
    """What can be the matter with an event."""

    DELETED = "verwijderd"
    REJECTED = "afgekeurd"
    CHANGED = "gewijzigd"
    NOT_TOLD = "niet-doorgegeven"
    LEFT_STANDING = "staat-er-nog"


def matter_is(matter: Matter) -> ColumnElement[bool]:
    """The links with which this is the matter; the query joins their activities."""
    return {
        Matter.DELETED: EventLink.remote_status.in_((REMOTE_DELETED, REMOTE_GONE)),
        Matter.REJECTED: EventLink.remote_status == REMOTE_REJECTED,
        Matter.CHANGED: cast(EventLink.differences, Text) != "[]",
        Matter.NOT_TOLD: EventLink.availability_tries >= FAILING_AFTER,
        Matter.LEFT_STANDING: is_left_standing(),
    }[matter]


def matters_of(link: EventLink) -> list[Matter]:
    """All that is the matter with one event, the worst first."""
    found = {
        Matter.DELETED: link.remote_status in (REMOTE_DELETED, REMOTE_GONE),
        Matter.REJECTED: link.remote_status == REMOTE_REJECTED,
        Matter.CHANGED: bool(link.differences),
        Matter.NOT_TOLD: bool(link.availability_error),
        Matter.LEFT_STANDING: bool(why_left_standing(link.activity, link)),
    }
    return [matter for matter, is_so in found.items() if is_so and link.event_id]


def failed_pushes(links: Iterable[EventLink]) -> dict[int, int]:
    """Which logged call left places or status of an event untold: call by link; one query."""
    found: dict[int, int] = {}
    untold = [link for link in links if link.availability_error]
    for environment in {link.environment for link in untold}:
        mine = {link.activity_id: link.id for link in untold if link.environment is environment}
        failures = last_failures(environment, mine, PURPOSE)
        found |= {mine[activity_id]: call_id for activity_id, call_id in failures.items()}
    return found


def needing_attention(environment: Environment, matter: Matter | None, page: int = 1) -> Pagination:
    """A page of links with which something is the matter, their activities and types loaded."""
    wanted = or_(*map(matter_is, Matter)) if matter is None else matter_is(matter)
    query: Select[tuple[EventLink]] = (
        select(EventLink)
        .join(EventLink.activity)
        .options(contains_eager(EventLink.activity).joinedload(Activity.activity_type))
        .where(
            EventLink.environment == environment,
            EventLink.event_id.is_not(None),
            still_to_come(),
            wanted,
        )
        .order_by(Activity.first_start, EventLink.id)
    )
    return db.paginate(query, page=page, per_page=PAGE_SIZE, error_out=False)


@dataclass(frozen=True)
class Lost:
    """A location or organizer of one activity that publiq no longer has."""

    kind: ReferenceKind
    publiq_id: str
    name: str
    merged: bool


def lost_references(profile: UitProfile, environment: Environment) -> list[Lost]:
    """Which of an activity's location and organizer are gone or merged, as we last saw."""
    if profile.environment is not environment:
        return []
    found = []
    for kind, publiq_id, name in (
        (ReferenceKind.PLACE, profile.location_id, profile.location_name),
        (ReferenceKind.ORGANIZER, profile.organizer_id, profile.organizer_name),
    ):
        known = known_reference(environment, kind, publiq_id) if publiq_id else None
        if known is not None and known.state is not ReferenceState.ALIVE:
            merged = known.state is ReferenceState.MERGED
            found.append(Lost(kind, publiq_id, name or known.name, merged))
    return found
