"""What is the matter with the events of activities at UiTdatabank, for dashboard, list and tab."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from sqlalchemy import ColumnElement, Select, Text, and_, cast, or_, select
from sqlalchemy.orm import contains_eager

from app.activities.models import Activity, ActivityState
from app.extensions import Pagination, db
from app.settings.calls import last_failures
from app.settings.models import Environment
from app.settings.uit import get_modules
from app.uitdatabank.availability import PURPOSE, still_to_come
from app.uitdatabank.left_standing import is_left_standing, why_left_standing
from app.uitdatabank.links import REMOTE_DELETED, REMOTE_GONE, REMOTE_REJECTED, without_partner
from app.uitdatabank.models import (
    EventLink,
    LinkState,
    ReferenceKind,
    ReferenceState,
    UitProfile,
    UitReference,
)
from app.uitdatabank.references import known_reference

PAGE_SIZE = 50
FAILING_AFTER = 3
"""So often may a push fail before somebody should look; publiq is away now and then."""


class Matter(Enum):
    """What can be the matter with an event, or with publishing it."""

    FAILED = "niet-gelukt"
    DELETED = "verwijderd"
    REJECTED = "afgekeurd"
    CHANGED = "gewijzigd"
    NOT_TOLD = "niet-doorgegeven"
    NO_PARTNER = "geen-partner"
    LEFT_STANDING = "staat-er-nog"


def matters() -> list[Matter]:
    """All that is looked at; for partners of UiTPAS only while that module is on."""
    uitpas = get_modules().uitpas
    return [matter for matter in Matter if uitpas or matter is not Matter.NO_PARTNER]


def matter_is(matter: Matter) -> ColumnElement[bool]:
    """The links with which this is the matter, joined with their activities.

    Dashboard and list both look by this, so that they count the same.
    """
    return {
        Matter.FAILED: EventLink.state.in_((LinkState.FAILED, LinkState.UNKNOWN)),
        Matter.DELETED: _published(EventLink.remote_status.in_((REMOTE_DELETED, REMOTE_GONE))),
        Matter.REJECTED: _published(EventLink.remote_status == REMOTE_REJECTED),
        Matter.CHANGED: _published(cast(EventLink.differences, Text) != "[]"),
        Matter.NOT_TOLD: _published(EventLink.availability_tries >= FAILING_AFTER),
        Matter.NO_PARTNER: and_(without_partner(), Activity.state != ActivityState.CANCELLED),
        Matter.LEFT_STANDING: is_left_standing(),
    }[matter]


def in_sight(environment: Environment) -> ColumnElement[bool]:
    """The links in which anything can be the matter: of activities that are not over."""
    return and_(EventLink.environment == environment, still_to_come())


def _published(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return and_(EventLink.event_id.is_not(None), condition)


def matters_of(link: EventLink) -> list[Matter]:
    """What is the matter with one event at UiTdatabank, the worst first."""
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
    wanted = or_(*map(matter_is, matters())) if matter is None else matter_is(matter)
    query: Select[tuple[EventLink]] = (
        select(EventLink)
        .join(EventLink.activity)
        .options(contains_eager(EventLink.activity).joinedload(Activity.activity_type))
        .where(in_sight(environment), wanted)
        .order_by(Activity.first_start, EventLink.id)
    )
    return db.paginate(query, page=page, per_page=PAGE_SIZE, error_out=False)


def matters_of_links(links: Sequence[EventLink]) -> dict[int, list[Matter]]:
    """All that is the matter with each link of a list, by its id; one query."""
    known = matters()
    rows = db.session.execute(
        select(EventLink.id, *(matter_is(matter) for matter in known))
        .join(EventLink.activity)
        .where(EventLink.id.in_([link.id for link in links]))
    )
    return {
        link_id: [matter for matter, is_so in zip(known, found, strict=True) if is_so]
        for link_id, *found in rows
    }


def organizers_of_links(links: Sequence[EventLink]) -> dict[int, str]:
    """The name of the organizer with which each was published, by the id of the link; one query."""
    rows = db.session.execute(
        select(EventLink.id, UitReference.name)
        .join(
            UitReference,
            and_(
                UitReference.environment == EventLink.environment,
                UitReference.kind == ReferenceKind.ORGANIZER,
                UitReference.publiq_id == EventLink.organizer_id,
            ),
        )
        .where(EventLink.id.in_([link.id for link in links]))
    )
    return {row.id: row.name for row in rows}


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
