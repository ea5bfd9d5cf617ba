"""Events that stay at UiTdatabank although nobody finds or keeps the activity here any more.

A published activity that is turned back to concept, or for which 'publiceren in UiT' is switched
off, keeps its event: only a person knows whether it must go. So it is said in the same words
wherever a clerk does so or meets it: tab, publishing, bulk changes, dashboard and list.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from sqlalchemy import ColumnElement, not_, or_, select
from sqlalchemy.orm import joinedload

from app.activities.models import Activity, ActivityState, ActivityType
from app.extensions import _l, db
from app.settings.uit import active_environment, get_modules
from app.uitdatabank.links import NOT_THERE, at_publiq
from app.uitdatabank.models import EventLink


class Why(Enum):
    """Why an event that stands at UiTdatabank is not ours to keep, or leads nowhere."""

    DRAFT = "concept"
    SWITCHED_OFF = "uit"
    TYPE_SWITCHED_OFF = "type uit"


TITLES = {
    Why.DRAFT: _l("Bezoekers vinden deze activiteit niet op je site"),
    Why.SWITCHED_OFF: _l("Dit event staat nog in UiTdatabank"),
    Why.TYPE_SWITCHED_OFF: _l("Dit event staat nog in UiTdatabank"),
}
FACTS = {
    Why.DRAFT: _l(
        "Ze staat in UiTdatabank, maar hier is ze een concept: bezoekers vinden haar niet op je "
        "site, en wie daar op de knop van de registratielink drukt, vindt niets."
    ),
    Why.SWITCHED_OFF: _l(
        "Ze staat in UiTdatabank, maar ‘Publiceren in UiT’ staat uit: we houden het event daar "
        "niet meer bij."
    ),
    Why.TYPE_SWITCHED_OFF: _l(
        "Ze staat in UiTdatabank, maar ‘Publiceren in UiT’ staat uit bij haar activiteittype: we "
        "houden het event daar niet meer bij."
    ),
}
"""What stands there, as a sentence about an activity that was named just before."""
REMEDIES = {
    Why.DRAFT: _l("Zet ze weer online, of verwijder het event bij UiTdatabank."),
    Why.SWITCHED_OFF: _l("Moet het daar weg, verwijder dan het event bij UiTdatabank."),
    Why.TYPE_SWITCHED_OFF: _l("Moet het daar weg, verwijder dan het event bij UiTdatabank."),
}


def sentence_of(why: Why) -> str:
    """The fact and its remedy, two Dutch sentences."""
    return f"{FACTS[why]} {REMEDIES[why]}"


@dataclass(frozen=True)
class Standing:
    """An activity whose event stays, and why."""

    activity_id: int
    title: str
    event_id: str
    whys: tuple[Why, ...]


def stands(link: EventLink | None) -> bool:
    """Whether the event stands at UiTdatabank, as far as we know; as ``at_publiq`` in SQL."""
    return link is not None and link.event_id is not None and link.remote_status not in NOT_THERE


def whys_of(activity: Activity) -> tuple[Why, ...]:
    """Why an event of this activity would be left standing; its type is loaded."""
    found = []
    if not activity.activity_type.publish_in_uit:
        found.append(Why.TYPE_SWITCHED_OFF)
    elif not activity.publish_in_uit:
        found.append(Why.SWITCHED_OFF)
    if activity.state is ActivityState.DRAFT:
        found.append(Why.DRAFT)
    return tuple(found)


def why_left_standing(activity: Activity, link: EventLink | None) -> tuple[Why, ...]:
    """Why the event of an activity stays although it should be looked at; empty when it is fine."""
    return whys_of(activity) if stands(link) else ()


def is_left_standing() -> ColumnElement[bool]:
    """The same for a query over links joined with their activities."""
    off = select(ActivityType.id).where(not_(ActivityType.publish_in_uit))
    return (
        or_(
            Activity.state == ActivityState.DRAFT,
            not_(Activity.publish_in_uit),
            Activity.activity_type_id.in_(off),
        )
        & at_publiq()
    )


def events_standing(activity_ids: Iterable[int]) -> dict[int, str]:
    """The event ids of those of these activities that stand at UiTdatabank; one query.

    In the active environment; none while the module UiTdatabank is off.
    """
    ids = list(activity_ids)
    if not ids or not get_modules().uitdatabank:
        return {}
    rows = db.session.execute(
        select(EventLink.activity_id, EventLink.event_id).where(
            EventLink.activity_id.in_(ids),
            EventLink.environment == active_environment(),
            at_publiq(),
        )
    )
    return {row.activity_id: row.event_id for row in rows}


def left_standing(
    activity_ids: Iterable[int] | None = None, *, type_id: int | None = None
) -> list[Standing]:
    """Which of these activities, or of this type, have an event that stays; one query.

    In the active environment, the soonest first; none while the module UiTdatabank is off.
    """
    if not get_modules().uitdatabank:
        return []
    query = (
        select(Activity, EventLink.event_id)
        .join(EventLink, EventLink.activity_id == Activity.id)
        .options(joinedload(Activity.activity_type))
        .where(EventLink.environment == active_environment(), is_left_standing())
        .order_by(Activity.first_start, Activity.id)
    )
    if activity_ids is not None:
        query = query.where(Activity.id.in_(list(activity_ids)))
    if type_id is not None:
        query = query.where(Activity.activity_type_id == type_id)
    return [
        Standing(activity.id, activity.title, event_id, whys_of(activity))
        for activity, event_id in db.session.execute(query)
    ]
