"""The staff's list of activities: filtered, sorted, paged, in a fixed number of queries (D11)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from typing import Any

from flask_sqlalchemy.pagination import Pagination
from sqlalchemy import ColumnElement, Select, func, or_, select
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
from app.extensions import db

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
    """One page of rows; two queries, however many activities there are."""

    def _query_items(self) -> list[ActivityRow]:
        filters: ActivityFilters = self._query_args["filters"]
        rows = db.session.execute(_sorted(filters).limit(self.per_page).offset(self._query_offset))
        return [ActivityRow(row.Activity, row.taken or 0, row.capacity or 0) for row in rows]

    def _query_count(self) -> int:
        query = select(func.count()).select_from(Activity)
        return db.session.scalar(_filtered(query, self._query_args["filters"])) or 0


def find_activities(filters: ActivityFilters, page: int = 1) -> ActivityPage:
    """The rows of one page; a page beyond the last is empty."""
    return ActivityPage(page=max(page, 1), per_page=PER_PAGE, error_out=False, filters=filters)


def count_by_status(filters: ActivityFilters) -> dict[UitStatus, int]:
    """How many there are in each UiT status under the other filters; one query."""
    query = select(Activity.uit_status, func.count()).select_from(Activity)
    rows = db.session.execute(
        _filtered(query, replace(filters, statuses=())).group_by(Activity.uit_status)
    )
    counts = dict.fromkeys(UitStatus, 0)
    counts.update(dict(rows.all()))
    return counts


def _filtered(query: Select[Any], filters: ActivityFilters) -> Select[Any]:
    return (
        query.join(ActivityType, ActivityType.id == Activity.activity_type_id)
        .outerjoin(Series, Series.id == Activity.series_id)
        .where(*_conditions(filters))
    )


def _conditions(filters: ActivityFilters) -> Iterable[ColumnElement[bool]]:
    for word in filters.text.split():
        yield or_(
            Activity.title.icontains(word, autoescape=True),
            ActivityType.name.icontains(word, autoescape=True),
            Series.title.icontains(word, autoescape=True),
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
        yield ActivityType.module == filters.module
    if filters.state is not None:
        yield Activity.state == filters.state
    if filters.statuses:
        yield Activity.uit_status.in_(filters.statuses)


def _sorted(filters: ActivityFilters) -> Select[Any]:
    places = (
        select(
            PlacePool.activity_id,
            func.sum(PlacePool.taken).label("taken"),
            func.sum(PlacePool.capacity).label("capacity"),
        )
        .group_by(PlacePool.activity_id)
        .subquery()
    )
    share = func.coalesce(1.0 * places.c.taken / func.nullif(places.c.capacity, 0), 0.0)
    columns: dict[str, Any] = {
        "titel": func.lower(Activity.title),
        "type": func.lower(ActivityType.name),
        "datum": Activity.first_start,
        "bezet": share,
        "status": Activity.uit_status,
    }
    column = columns.get(filters.sort.removeprefix("-"), Activity.first_start)
    order = column.desc() if filters.sort.startswith("-") else column.asc()
    query = select(Activity, places.c.taken, places.c.capacity).options(
        joinedload(Activity.activity_type)
    )
    return (
        _filtered(query, filters)
        .outerjoin(places, places.c.activity_id == Activity.id)
        .order_by(order, Activity.first_start, Activity.id)
    )
