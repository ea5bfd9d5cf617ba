"""Places that baskets hold, and giving back those whose time is over (C3)."""

from collections import Counter
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session, selectinload

from app.activities.places import give_back, take_places
from app.clock import now
from app.extensions import db, write_transaction
from app.sales.models import Basket, BasketLine, BasketState

HOLD = timedelta(minutes=15)
EXTENSION = timedelta(minutes=5)
MOST_EXTENSIONS = 10
EXTENDABLE_IN = timedelta(minutes=1)
AFTER_REFUSAL = timedelta(minutes=5)
"""A basket that returns from finishing has at least this long."""
LONGEST = HOLD + EXTENSION * MOST_EXTENSIONS
"""Adding to a basket renews its clock, but never beyond this since the first place."""


def take_or_free(session: Session, pool_id: int) -> bool:
    """Take one place; a pool that is full first gets back what lapsed baskets held."""
    if take_places(session, pool_id):
        return True
    return free_lapsed(session, pool_id) > 0 and take_places(session, pool_id)


def free_lapsed(session: Session, pool_id: int) -> int:
    """Give back the places of this pool that lapsed baskets still held; returns how many."""
    lines = session.scalars(
        select(BasketLine)
        .join(Basket)
        .where(
            BasketLine.pool_id == pool_id,
            BasketLine.holding,
            Basket.state == BasketState.OPEN,
            Basket.held_until < now(),
        )
        .with_for_update(of=Basket, skip_locked=True)
    ).all()
    freed = 0
    for line in lines:
        changed = session.execute(
            update(BasketLine)
            .where(BasketLine.id == line.id, BasketLine.holding)
            .values(holding=False)
        )
        freed += changed.rowcount
    if freed:
        give_back(session, pool_id, freed)
    return freed


def release_lapsed_holds() -> int:
    """Every minute: give back what lapsed baskets hold, pool by pool; returns how many places."""
    pools = db.session.scalars(
        select(BasketLine.pool_id)
        .join(Basket)
        .where(BasketLine.holding, Basket.state == BasketState.OPEN, Basket.held_until < now())
        .distinct()
    ).all()
    freed = 0
    for pool_id in sorted(pools):
        with write_transaction() as session:
            freed += free_lapsed(session, pool_id)
    return freed


def give_back_lines(session: Session, lines: list[BasketLine]) -> None:
    """Give back the places that these lines hold, in the order of the pools."""
    held = Counter(line.pool_id for line in lines if line.holding)
    for pool_id in sorted(held):
        give_back(session, pool_id, held[pool_id])
    for line in lines:
        line.holding = False


def drop_baskets_made_by(session: Session, account_id: int) -> None:
    """Drop what somebody who is no longer of the staff left in baskets of customers."""
    baskets = session.scalars(
        select(Basket)
        .where(Basket.made_by_id == account_id, Basket.state == BasketState.OPEN)
        .options(selectinload(Basket.lines))
        .order_by(Basket.id)
        .with_for_update(of=Basket)
    ).all()
    give_back_lines(session, [line for basket in baskets for line in basket.lines])
    for basket in baskets:
        session.delete(basket)


def start_or_renew_clock(basket: Basket) -> None:
    """The basket took a place: fifteen minutes from now, within the longest hold."""
    moment = now()
    if basket.hold_started_at is None or not is_held(basket):
        basket.hold_started_at = moment
        basket.extensions = 0
    latest = basket.hold_started_at + LONGEST
    renewed = min(moment + HOLD, latest)
    basket.held_until = max(basket.held_until or renewed, renewed)


def is_held(basket: Basket) -> bool:
    """Whether the basket's places are still held."""
    return basket.held_until is not None and basket.held_until > now()


def extendable_from(basket: Basket) -> datetime | None:
    """From when one press gives five minutes more; None when it no longer can."""
    if basket.held_until is None or basket.extensions >= MOST_EXTENSIONS:
        return None
    return basket.held_until - EXTENDABLE_IN
