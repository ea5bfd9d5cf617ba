"""The staff's list of activities: filtered, sorted, paged, in a fixed number of queries (D11)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, func, or_, select
from sqlalchemy.orm import joinedload

from app.activities.models import (
    Activity,
    ActivityState,
    ActivityType,
    Module,
    PlacePool,
    Series,
    UitStatus,
)
from app.clock import from_local
from app.extensions import Pagination, db

PER_PAGE = 50
SORTS = ("titel", "type", "datum", "bezet", "status")
PUBLISHED = (UitStatus.PUBLISHED, UitStatus.CHANGED)
"""'Gepubliceerd' includes what changed since (DESIGN: UiT status)."""


@dataclass(frozen=True)
class ActivityFilters:
    """What a clerk looks for; what is empty does not filter.

    ``sort`` is one of SORTS, with '-' before it to go down.
    """

    text: str = ""
    type_id: int | None = None
    since: date | None = None
    until: date | None = None
    module: Module | None = None
    state: ActivityState | None = None
    statuses: tuple[UitStatus, ...] = ()
    sort: str = "datum"


@dataclass(frozen=True)
class ActivityRow:
    """One line of the list: the activity (its type is loaded) and its places over all pools."""

    activity: Activity
    taken: int
    capacity: int

    @property
    def left(self) -> int:
        """Places that are neither sold nor held."""
        return max(self.capacity - self.taken, 0)


class ActivityPage(Pagination):
    """One page of rows; four queries, however many activities there are.

    First the ids, from an index where there is one; what the rows show is read for these alone.
    """

    @property
    def counts(self) -> dict[UitStatus, int]:
        """How many there are in each UiT status under the other filters."""
        return self._query_args["counts"]

    def _query_items(self) -> list[ActivityRow]:
        query = in_order(select(Activity.id), self._query_args["filters"])
        ids = db.session.scalars(query.limit(self.per_page).offset(self._query_offset)).all()
        return _rows(ids)

    def _query_count(self) -> int:
        filters: ActivityFilters = self._query_args["filters"]
        return sum(self.counts[status] for status in filters.statuses or UitStatus)


def find_activities(filters: ActivityFilters, page: int = 1) -> ActivityPage:
    """The rows of one page; a page beyond the last is empty."""
    return ActivityPage(
        page=max(page, 1),
        per_page=PER_PAGE,
        error_out=False,
        filters=filters,
        counts=count_by_status(filters),
    )


def count_by_status(filters: ActivityFilters) -> dict[UitStatus, int]:
    """How many there are in each UiT status under the other filters; one query."""
    query = select(Activity.uit_status, func.count()).select_from(Activity)
    rows = db.session.execute(
        filtered(query, replace(filters, statuses=())).group_by(Activity.uit_status)
    )
    counts = dict.fromkeys(UitStatus, 0)
    counts.update(dict(rows.all()))
    return counts


def filtered(query: Select[Any], filters: ActivityFilters) -> Select[Any]:
    """The query under these filters, without a join."""
    return query.where(*_conditions(filters))


def in_order(query: Select[Any], filters: ActivityFilters) -> Select[Any]:
    """The query under these filters, in the order that was asked."""
    key = filters.sort.removeprefix("-")
    query = filtered(query, filters)
    columns: dict[str, Any] = {
        "titel": func.lower(Activity.title),
        "type": func.lower(ActivityType.name),
        "status": Activity.uit_status,
    }
    if key == "type":
        query = query.join(ActivityType, ActivityType.id == Activity.activity_type_id)
    elif key == "bezet":
        places = _places_of_all()
        query = query.outerjoin(places, places.c.activity_id == Activity.id)
        columns[key] = func.coalesce(1.0 * places.c.taken / func.nullif(places.c.capacity, 0), 0.0)
    order = [columns[key]] if key in columns else []
    order = [*order, Activity.first_start, Activity.id]
    if filters.sort.startswith("-"):
        order[0] = order[0].desc()
    return query.order_by(*order)


def places_of(activity_ids: Sequence[int] | Select[tuple[int]]) -> dict[int, tuple[int, int]]:
    """Taken and capacity over all pools, by activity; one query."""
    rows = db.session.execute(_summed().where(PlacePool.activity_id.in_(activity_ids)))
    return {row.activity_id: (row.taken, row.capacity) for row in rows}


def _rows(ids: Sequence[int]) -> list[ActivityRow]:
    if not ids:
        return []
    activities = {
        item.id: item
        for item in db.session.scalars(
            select(Activity).where(Activity.id.in_(ids)).options(joinedload(Activity.activity_type))
        )
    }
    places = places_of(ids)
    return [
        ActivityRow(activities[key], *places.get(key, (0, 0))) for key in ids if key in activities
    ]


def _conditions(filters: ActivityFilters) -> Iterable[ColumnElement[bool]]:
    for word in filters.text.split():
        # types and series are few: they are searched once, not again for each activity
        types = select(ActivityType.id).where(ActivityType.name.icontains(word, autoescape=True))
        series = select(Series.id).where(Series.title.icontains(word, autoescape=True))
        yield or_(
            Activity.title.icontains(word, autoescape=True),
            Activity.activity_type_id.in_(types),
            Activity.series_id.in_(series),
        )
    if filters.type_id is not None:
        yield Activity.activity_type_id == filters.type_id
    if filters.since is not None:
        yield or_(
            Activity.last_end.is_(None), Activity.last_end >= from_local(filters.since, time(0))
        )
    if filters.until is not None:
        yield Activity.first_start < from_local(filters.until + timedelta(days=1), time(0))
    if filters.module is not None:
        yield Activity.activity_type_id.in_(
            select(ActivityType.id).where(ActivityType.module == filters.module)
        )
    if filters.state is not None:
        yield Activity.state == filters.state
    if filters.statuses:
        yield Activity.uit_status.in_(filters.statuses)


def _summed() -> Select[Any]:
    return select(
        PlacePool.activity_id,
        func.sum(PlacePool.taken).label("taken"),
        func.sum(PlacePool.capacity).label("capacity"),
    ).group_by(PlacePool.activity_id)


def _places_of_all() -> Subquery:
    """Only to sort by them: whoever shows places asks for those of its own rows."""
    return _summed().subquery()
