"""Places in pools: taken and given back by conditional UPDATEs, so that none is sold twice (C1).

At all times ``taken <= capacity``. Staff go beyond by ``take_beyond()``, which raises a full pool
by the one place that it takes. A raise is for nobody else: ``raised > 0`` only while the pool is
full, and the first place that comes back, whosever it was, takes a raise away instead of becoming
free. Two CHECKs guard both.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, case, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.util import identity_key

from app.activities.models import Activity, ActivityDate, Module, PlacePool
from app.activities.problems import ActivityRefused, Problem
from app.extensions import _t, write_transaction

LARGEST_CAPACITY = 100_000


class PlacesMiscounted(RuntimeError):
    """More places are given back than were taken: a mistake in the code that calls."""


def take_places(session: Session, pool_id: int, n: int = 1) -> bool:
    """Take ``n`` places at once if they are left; whether they were taken.

    One statement decides, whatever other writers do at the same moment (invariant 1). The pool
    may still count holds that lapsed: the sales room frees these first.
    """
    if n < 1:
        raise ValueError("at least one place")
    return _change(session, pool_id, n, PlacePool.taken + n <= PlacePool.capacity)


def take_beyond(session: Session, pool_id: int) -> int | None:
    """Take one place, also of a pool that is full: then the pool grows by exactly that place.

    Returns the capacity that the pool got, or None where a place was left. For staff who give a
    reason, which the caller writes in the audit trail in the same transaction (invariant 1).
    """
    grows = case((PlacePool.taken >= PlacePool.capacity, 1), else_=0)
    changed = session.execute(
        update(PlacePool)
        .where(PlacePool.id == pool_id)
        .values(
            capacity=PlacePool.capacity + grows,
            raised=PlacePool.raised + grows,
            taken=PlacePool.taken + 1,
        )
        .returning(PlacePool.capacity, PlacePool.raised)
        .execution_options(synchronize_session=False)
    ).one()
    _look_again(session, pool_id)
    return changed.capacity if changed.raised else None


def give_back(session: Session, pool_id: int, n: int = 1) -> None:
    """Give back ``n`` places that were taken; what staff raised beyond the capacity goes first.

    Raises PlacesMiscounted when so many were not taken.
    """
    if n < 1:
        raise ValueError("at least one place")
    shrinks = case((PlacePool.raised < n, PlacePool.raised), else_=n)
    if not _change(
        session,
        pool_id,
        -n,
        PlacePool.taken >= n,
        capacity=PlacePool.capacity - shrinks,
        raised=PlacePool.raised - shrinks,
    ):
        raise PlacesMiscounted(f"pool {pool_id}: {n} given back")


def lock_pools(session: Session, pool_ids: Iterable[int]) -> None:
    """Lock several pools in the one order that everybody keeps, so that nobody waits in a ring.

    For who takes or gives back in more than one go.
    """
    session.execute(
        select(PlacePool.id)
        .where(PlacePool.id.in_(set(pool_ids)))
        .order_by(PlacePool.id)
        .with_for_update(key_share=True)
    )


def set_capacity(pool_id: int, capacity: int, *, field: str = "capacity") -> None:
    """Make a pool this large. Raises ActivityRefused below what is sold and held.

    A capacity that somebody sets anew holds no raise any more: it is what the activity has.
    """
    with write_transaction() as session:
        changed = session.execute(
            update(PlacePool)
            .where(PlacePool.id == pool_id, PlacePool.taken <= capacity)
            .values(
                capacity=capacity,
                raised=case((PlacePool.capacity == capacity, PlacePool.raised), else_=0),
            )
            .execution_options(synchronize_session=False)
        )
        _look_again(session, pool_id)
        if changed.rowcount == 0:
            pool = session.get_one(PlacePool, pool_id)
            raise ActivityRefused([capacity_problem(pool.taken, field)])


def capacity_problem(taken: int, field: str = "capacity") -> Problem:
    """The sentence for a capacity below what is sold and held."""
    if taken == 1:
        sentence = _t("Er is al 1 plaats ingenomen of vastgehouden. Kies 1 of meer.")
    else:
        sentence = _t(
            "Er zijn al %(taken)s plaatsen ingenomen of vastgehouden. Kies %(taken)s of meer.",
            taken=taken,
        )
    return Problem("capacity", sentence, field)


def registration_pool(activity: Activity) -> PlacePool:
    """The pool from which registrations take: the one without date and without zone.

    Raises LookupError for an activity that has none, as those of Ticketing.
    """
    for pool in activity.pools:
        if pool.date_id is None and pool.zone_id is None:
            return pool
    raise LookupError(f"activity {activity.id} has no pool for registrations")


def date_pool(activity: Activity, date_id: int) -> PlacePool | None:
    """The pool from which tickets of a date without zones take."""
    for pool in activity.pools:
        if pool.date_id == date_id and pool.zone_id is None:
            return pool
    return None


def capacity_of(activity: Activity) -> int:
    """What the form shows as capacity: of the activity, or of its largest date for Ticketing."""
    return max((pool.capacity for pool in activity.pools if pool.zone_id is None), default=0)


def taken_of(activity: Activity) -> int:
    """What is sold and held in the fullest pool: no capacity may be lower."""
    return max((pool.taken for pool in activity.pools if pool.zone_id is None), default=0)


def places_taken(activity: Activity) -> int:
    """Places sold and held over all pools."""
    return sum(pool.taken for pool in activity.pools)


def make_missing_pools(session: Session, activity: Activity, module: Module, capacity: int) -> None:
    """Give the activity the pools it must have: one, or for Ticketing one for each date.

    The dates must have their ids.
    """
    if module is Module.REGISTRATION:
        if not any(pool.date_id is None and pool.zone_id is None for pool in activity.pools):
            activity.pools.append(PlacePool(capacity=capacity))
    else:
        for date in activity.dates:
            if not _has_pool(activity, date):
                activity.pools.append(PlacePool(date_id=date.id, capacity=capacity))
    session.flush()


def _has_pool(activity: Activity, date: ActivityDate) -> bool:
    return any(pool.date_id == date.id for pool in activity.pools)


def _change(
    session: Session, pool_id: int, by: int, condition: ColumnElement[bool], **also: Any
) -> bool:
    changed = session.execute(
        update(PlacePool)
        .where(PlacePool.id == pool_id, condition)
        .values(taken=PlacePool.taken + by, **also)
        .execution_options(synchronize_session=False)
    )
    _look_again(session, pool_id)
    return changed.rowcount == 1


def _look_again(session: Session, pool_id: int) -> None:
    """A pool that was loaded shows what the database now says, also after the commit."""
    pool = session.identity_map.get(identity_key(PlacePool, pool_id))
    if pool is not None:
        session.refresh(pool, ["capacity", "taken", "raised"])
