"""The overview of activities as rows for a spreadsheet: all that is filtered (D11)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from sqlalchemy import Select, select

from app.activities.models import (
    Activity,
    ActivityDate,
    ActivityState,
    ActivityType,
    Module,
    PriceCategory,
    Series,
    UitStatus,
)
from app.activities.overview import ActivityFilters, filtered, in_order, places_of
from app.extensions import db
from app.settings.uit import active_environment
from app.uitdatabank.facts import load_subjects, read_surroundings
from app.uitdatabank.missing import missing_for_publication
from app.uitdatabank.models import EventLink, UitProfile

BATCH = 500
"""Incomplete activities of which is looked up at once what they miss."""


@dataclass(frozen=True)
class ExportedActivity:
    """One activity with all that its row says; moments are in UTC, prices in euro."""

    id: int
    title: str
    type_name: str
    module: Module
    series_title: str
    state: ActivityState
    first_start: datetime | None
    last_end: datetime | None
    dates: Sequence[tuple[datetime, datetime]]
    taken: int
    capacity: int
    prices: Sequence[tuple[str, Decimal]]
    uit_status: UitStatus
    missing: Sequence[str]
    location: str
    organizer: str
    event_id: str
    published_at: datetime | None


def exported_activities(filters: ActivityFilters) -> list[ExportedActivity]:
    """Everything that fits the filters; six queries, and nine for each batch of incomplete ones."""
    rows = db.session.execute(_main(filters)).all()
    dates = _by_activity(
        _of_filtered(
            select(ActivityDate.activity_id, ActivityDate.starts_at, ActivityDate.ends_at),
            ActivityDate.activity_id,
            filters,
        ).order_by(ActivityDate.starts_at)
    )
    prices = _by_activity(
        _of_filtered(
            select(PriceCategory.activity_id, PriceCategory.name, PriceCategory.price),
            PriceCategory.activity_id,
            filters,
        ).order_by(PriceCategory.position)
    )
    places = places_of(_ids(filters))
    missing = _missing([row.id for row in rows if row.uit_status is UitStatus.INCOMPLETE])
    return [
        ExportedActivity(
            id=row.id,
            title=row.title,
            type_name=row.type_name,
            module=row.module,
            series_title=row.series_title or "",
            state=row.state,
            first_start=row.first_start,
            last_end=row.last_end,
            dates=dates.get(row.id, ()),
            taken=places.get(row.id, (0, 0))[0],
            capacity=places.get(row.id, (0, 0))[1],
            prices=prices.get(row.id, ()),
            uit_status=row.uit_status,
            missing=missing.get(row.id, ()),
            location=row.location_name or "",
            organizer=row.organizer_name or "",
            event_id=row.event_id or "",
            published_at=row.published_at,
        )
        for row in rows
    ]


def _main(filters: ActivityFilters) -> Select[Any]:
    """One row an activity; type and series under names of their own, as filters join them too."""
    kind, series = ActivityType.__table__.alias("kind"), Series.__table__.alias("of_series")
    query = (
        select(
            Activity.id,
            Activity.title,
            Activity.state,
            Activity.first_start,
            Activity.last_end,
            Activity.uit_status,
            kind.c.name.label("type_name"),
            kind.c.module,
            series.c.title.label("series_title"),
            UitProfile.location_name,
            UitProfile.organizer_name,
            EventLink.event_id,
            EventLink.published_at,
        )
        .select_from(Activity)
        .join(kind, kind.c.id == Activity.activity_type_id)
        .outerjoin(series, series.c.id == Activity.series_id)
        .outerjoin(UitProfile, UitProfile.activity_id == Activity.id)
        .outerjoin(
            EventLink,
            (EventLink.activity_id == Activity.id)
            & (EventLink.environment == active_environment()),
        )
    )
    return in_order(query, filters)


def _ids(filters: ActivityFilters) -> Select[tuple[int]]:
    return filtered(select(Activity.id), filters)


def _of_filtered(query: Select[Any], key: Any, filters: ActivityFilters) -> Select[Any]:
    return query.where(key.in_(_ids(filters)))


def _by_activity(query: Select[Any]) -> dict[int, list[tuple[Any, ...]]]:
    found: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for row in db.session.execute(query):
        found[row[0]].append(tuple(row[1:]))
    return found


def _missing(activity_ids: Iterable[int]) -> dict[int, list[str]]:
    """What each of these misses, in words."""
    found: dict[int, list[str]] = {}
    surroundings, to_do = read_surroundings(), iter(activity_ids)
    while ids := list(islice(to_do, BATCH)):
        for subject in load_subjects(db.session(), ids, surroundings.environment):
            problems = missing_for_publication(subject, surroundings)
            found[subject.activity.id] = [problem.sentence for problem in problems]
    return found
