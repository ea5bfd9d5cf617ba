"""The public offer: what is online or postponed and not over, a series as one (C1)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from slugify import slugify
from sqlalchemy import ColumnElement, Select, case, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from app.activities.models import Activity, ActivityState, ActivityType, PlacePool, Series
from app.clock import from_local, now
from app.extensions import Pagination, db

CARDS_PER_PAGE = 36
ONLINE = ActivityState.ONLINE
SORTS = ("datum", "naam", "plaatsen")


@dataclass(frozen=True)
class OfferFilters:
    """What somebody looks for; what is empty does not filter. Ages in full years."""

    text: str = ""
    youngest: int | None = None
    oldest: int | None = None
    since: date | None = None
    until: date | None = None
    type_ids: tuple[int, ...] = ()
    with_places: bool = False
    only_ids: tuple[int, ...] | None = None
    """Only these activities, for a rule that another room knows."""
    sort: str = SORTS[0]


@dataclass(frozen=True)
class OfferCard:
    """One activity, or the activities of a series that can be chosen separately."""

    activities: Sequence[Activity] = field(repr=False)

    @property
    def first(self) -> Activity:
        """The one that begins first."""
        return self.activities[0]

    @property
    def is_series(self) -> bool:
        """Whether there is something to choose from."""
        return len(self.activities) > 1

    @property
    def title(self) -> str:
        """Of the series where there is a choice, else of the activity."""
        series = self.first.series
        return series.title if self.is_series and series is not None else self.first.title

    @property
    def cheapest(self) -> Decimal | None:
        """The lowest price, in euro; None where no price is known."""
        return min(self._prices(), default=None)

    @property
    def price_differs(self) -> bool:
        """Whether not everybody pays the same."""
        return len(set(self._prices())) > 1

    @property
    def left(self) -> int:
        """Places that are neither sold nor held, of what is not postponed."""
        return sum(places_left(one) for one in self.activities if one.state is ONLINE)

    def _prices(self) -> list[Decimal]:
        return [item.price for one in self.activities for item in one.price_categories]


class OfferPage(Pagination):
    """One page of cards; three queries, however many activities there are."""

    def _query_items(self) -> list[OfferCard]:
        filters: OfferFilters = self._query_args["filters"]
        keys = db.session.scalars(
            _sorted(_groups(filters), filters.sort).limit(self.per_page).offset(self._query_offset)
        ).all()
        return _load_cards(keys)

    def _query_count(self) -> int:
        groups = _groups(self._query_args["filters"]).subquery()
        return db.session.scalar(select(func.count()).select_from(groups)) or 0


def search_offer(filters: OfferFilters, page: int = 1) -> OfferPage:
    """The cards of one page; a page beyond the last is empty."""
    return OfferPage(page=max(page, 1), per_page=CARDS_PER_PAGE, error_out=False, filters=filters)


def online_ids() -> list[int]:
    """Everything that is in the offer now."""
    return list(db.session.scalars(select(Activity.id).where(*_visible())))


def offered_types() -> list[tuple[int, str]]:
    """(id, name) of the types of which something is in the offer, by name."""
    rows = db.session.execute(
        select(ActivityType.id, ActivityType.name)
        .join(Activity, Activity.activity_type_id == ActivityType.id)
        .where(*_visible())
        .distinct()
        .order_by(ActivityType.name)
    )
    return [(row.id, row.name) for row in rows]


def public_activity(activity_id: int) -> Activity | None:
    """An activity that the public may see, cancelled ones included; None for a draft."""
    return db.session.scalar(
        _with_all(select(Activity)).where(
            Activity.id == activity_id, Activity.state != ActivityState.DRAFT
        )
    )


def chosen_together(activity: Activity) -> list[Activity]:
    """The activities on the page of this one: of its series what is not over, itself included."""
    if activity.series_id is None:
        return [activity]
    found = db.session.scalars(
        _with_all(select(Activity))
        .where(
            Activity.series_id == activity.series_id,
            Activity.state != ActivityState.DRAFT,
            or_(Activity.last_end > now(), Activity.id == activity.id),
        )
        .order_by(Activity.first_start, Activity.id)
    )
    return list(found)


def places_left(activity: Activity) -> int:
    """Places that are neither sold nor held, over all its pools."""
    return sum(max(pool.left, 0) for pool in activity.pools)


def slug_of(activity: Activity) -> str:
    """The readable part of an activity's address; only the id counts."""
    return slugify(activity.title, max_length=60, word_boundary=True) or "activiteit"


def public_path(activity: Activity) -> str:
    """The address of an activity below the shop's own: /aanbod/12-winterbos-kamp."""
    return f"/aanbod/{activity.id}-{slug_of(activity)}"


def _visible() -> list[ColumnElement[bool]]:
    return [Activity.state.in_((ONLINE, ActivityState.POSTPONED)), Activity.last_end > now()]


def _group_key() -> ColumnElement[int]:
    """Negative for a series, so that one number tells both apart."""
    return case((Activity.series_id.is_not(None), -Activity.series_id), else_=Activity.id)


def _left() -> Any:
    return (
        select(
            PlacePool.activity_id, func.sum(PlacePool.capacity - PlacePool.taken).label("places")
        )
        .group_by(PlacePool.activity_id)
        .subquery()
    )


def _groups(filters: OfferFilters) -> Select[Any]:
    left = _left()
    places = case((Activity.state == ONLINE, func.coalesce(left.c.places, 0)), else_=0)
    query = (
        select(
            _group_key().label("key"),
            func.min(Activity.first_start).label("first"),
            func.min(func.lower(func.coalesce(Series.title, Activity.title))).label("name"),
            func.sum(places).label("places"),
        )
        .join(ActivityType, ActivityType.id == Activity.activity_type_id)
        .outerjoin(Series, Series.id == Activity.series_id)
        .outerjoin(left, left.c.activity_id == Activity.id)
        .where(*_visible(), *_conditions(filters))
        .group_by(_group_key())
    )
    if filters.with_places:
        query = query.having(func.sum(places) > 0)
    return query


def _conditions(filters: OfferFilters) -> Iterable[ColumnElement[bool]]:
    for word in filters.text.split():
        yield or_(
            Activity.title.icontains(word, autoescape=True),
            ActivityType.name.icontains(word, autoescape=True),
            Series.title.icontains(word, autoescape=True),
        )
    if filters.oldest is not None:
        yield or_(Activity.min_age.is_(None), Activity.min_age <= filters.oldest)
    if filters.youngest is not None:
        yield or_(Activity.max_age.is_(None), Activity.max_age >= filters.youngest)
    if filters.since is not None:
        yield Activity.last_end >= _midnight(filters.since)
    if filters.until is not None:
        yield Activity.first_start < _midnight(filters.until + timedelta(days=1))
    if filters.type_ids:
        yield Activity.activity_type_id.in_(filters.type_ids)
    if filters.only_ids is not None:
        yield Activity.id.in_(filters.only_ids)


def _sorted(groups: Select[Any], sort: str) -> Select[Any]:
    table = groups.subquery()
    order = {
        "naam": [table.c.name],
        "plaatsen": [table.c.places.desc(), table.c.first],
    }.get(sort, [table.c.first, table.c.name])
    return select(table.c.key).order_by(*order, table.c.key)


def _load_cards(keys: Sequence[int]) -> list[OfferCard]:
    series = [-key for key in keys if key < 0]
    single = [key for key in keys if key > 0]
    found = db.session.scalars(
        _with_all(select(Activity))
        .where(*_visible(), or_(Activity.series_id.in_(series), Activity.id.in_(single)))
        .order_by(Activity.first_start, Activity.id)
    )
    grouped: dict[int, list[Activity]] = defaultdict(list)
    for activity in found:
        key = activity.id if activity.series_id is None else -activity.series_id
        grouped[key].append(activity)
    return [OfferCard(grouped[key]) for key in keys if key in grouped]


def _with_all(query: Select[Any]) -> Select[Any]:
    return query.options(
        joinedload(Activity.activity_type),
        joinedload(Activity.series),
        selectinload(Activity.dates),
        selectinload(Activity.price_categories),
        selectinload(Activity.pools),
    )


def _midnight(day: date) -> datetime:
    return from_local(day, time(0))
