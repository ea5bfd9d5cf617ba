"""What the dashboard counts, in a fixed number of queries (C5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import Select, func, literal, or_, select, union_all

from app.activities.models import Activity, ActivityState, PlacePool, UitStatus
from app.clock import from_local, now, today
from app.extensions import db
from app.payments.models import Refund
from app.sales.models import (
    Basket,
    BasketLine,
    BasketState,
    LineKind,
    LineState,
    Order,
    OrderLine,
    OrderState,
)
from app.settings.models import Environment
from app.uitdatabank.attention import Matter, in_sight, matter_is, matters
from app.uitdatabank.models import EventLink
from app.uitpas.models import BenefitKind

SHOWN = 5
NEARLY_FULL = 0.75


@dataclass(frozen=True)
class Titles:
    """Activities that need somebody: how many, and the first few as (id, title)."""

    count: int
    first: list[tuple[int, str]]


@dataclass(frozen=True)
class FillingUp:
    """An activity with few places left."""

    id: int
    title: str
    first_start: datetime
    taken: int
    capacity: int
    in_baskets: int


@dataclass(frozen=True)
class WeekFigures:
    """Registrations since Monday."""

    registered: int
    with_social_tariff: int
    in_baskets: int


def with_matters(environment: Environment) -> dict[Matter, Titles]:
    """Activities to come, by what is the matter with their event (D12, D14); one query."""
    known = matters()
    parts = [
        select(
            literal(matter.value).label("matter"),
            Activity.id,
            Activity.title,
            func.count().over().label("count"),
        )
        .join(EventLink, EventLink.activity_id == Activity.id)
        .where(in_sight(environment), matter_is(matter))
        .order_by(Activity.first_start, Activity.id)
        .limit(SHOWN)
        .subquery()
        for matter in known
    ]
    rows = db.session.execute(union_all(*(select(part) for part in parts))).all()
    found = {matter: Titles(0, []) for matter in known}
    for name, activity_id, title, count in rows:
        matter = Matter(name)
        found[matter] = Titles(count, [*found[matter].first, (activity_id, title)])
    return found


def online_in_status(status: UitStatus) -> Titles:
    """Activities the public sees that stand so at UiTdatabank, and are still to come."""
    return _titles(
        select(Activity.id, Activity.title).where(
            Activity.state == ActivityState.ONLINE,
            Activity.uit_status == status,
            Activity.last_end > now(),
        )
    )


def count_statuses() -> dict[UitStatus, int]:
    """How many activities that are not over stand how at UiTdatabank."""
    not_over = or_(Activity.last_end.is_(None), Activity.last_end >= from_local(today(), time()))
    rows = db.session.execute(
        select(Activity.uit_status, func.count(Activity.id))
        .where(not_over)
        .group_by(Activity.uit_status)
    )
    return {row[0]: row[1] for row in rows}


def week_figures() -> WeekFigures:
    """What was registered since Monday and still stands, and what lies in baskets now."""
    monday = today() - timedelta(days=today().weekday())
    registered, social = db.session.execute(
        select(
            func.count(OrderLine.id),
            func.count(OrderLine.id).filter(OrderLine.benefit_kind == BenefitKind.SOCIAL_TARIFF),
        )
        .join(Order, Order.id == OrderLine.order_id)
        .where(
            OrderLine.kind == LineKind.REGISTRATION,
            OrderLine.state == LineState.LIVE,
            Order.state == OrderState.CONFIRMED,
            Order.confirmed_at >= from_local(monday, time()),
        )
    ).one()
    held = db.session.scalar(
        select(func.count(BasketLine.id))
        .join(Basket, Basket.id == BasketLine.basket_id)
        .where(Basket.state == BasketState.OPEN, BasketLine.holding.is_(True))
    )
    return WeekFigures(registered, social, held or 0)


def filling_up() -> list[FillingUp]:
    """The activities to come with the fewest places left, fullest first; two queries."""
    taken, capacity = func.sum(PlacePool.taken), func.sum(PlacePool.capacity)
    rows = db.session.execute(
        select(Activity.id, Activity.title, Activity.first_start, taken, capacity)
        .join(PlacePool, PlacePool.activity_id == Activity.id)
        .where(
            Activity.state == ActivityState.ONLINE,
            Activity.first_start > now(),
        )
        .group_by(Activity.id, Activity.title, Activity.first_start)
        .having(capacity > 0, taken >= capacity * NEARLY_FULL)
        .order_by((taken * 1.0 / capacity).desc(), Activity.first_start)
        .limit(SHOWN)
    ).all()
    held = _held([row[0] for row in rows])
    return [FillingUp(*row, held.get(row[0], 0)) for row in rows]


def count_refunds_due() -> int:
    """How many refunds nobody has paid back yet."""
    return db.session.scalar(select(func.count(Refund.id)).where(Refund.paid_at.is_(None))) or 0


def _titles(query: Select[tuple[int, str]]) -> Titles:
    """Counts all and names a few, in one query."""
    rows = db.session.execute(
        query.add_columns(func.count().over())
        .order_by(Activity.first_start, Activity.id)
        .limit(SHOWN)
    ).all()
    return Titles(rows[0][2] if rows else 0, [(row[0], row[1]) for row in rows])


def _held(activity_ids: Sequence[int]) -> dict[int, int]:
    if not activity_ids:
        return {}
    rows = db.session.execute(
        select(BasketLine.activity_id, func.count(BasketLine.id))
        .join(Basket, Basket.id == BasketLine.basket_id)
        .where(
            BasketLine.activity_id.in_(activity_ids),
            BasketLine.holding.is_(True),
            Basket.state == BasketState.OPEN,
        )
        .group_by(BasketLine.activity_id)
    )
    return {row[0]: row[1] for row in rows}
