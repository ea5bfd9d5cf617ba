"""What must never break (DESIGN), looked up in the database and at the sandbox."""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal

from sqlalchemy import event, func, select, update

from app.activities.models import PlacePool
from app.clock import now
from app.extensions import Base, db, write_transaction
from app.sales.models import (
    Basket,
    BasketLine,
    BasketState,
    LineState,
    Order,
    OrderLine,
    OrderState,
)
from app.sales.reconciler import reconcile
from app.settings.models import Environment, EnvironmentSettings
from app.settings.uit import uit_settings_for_update
from app.uitpas.models import EntryState, PassClaim, UitpasEntry
from tests.sales.conftest import ProcessKilled, Publiq

LINE_REF = re.compile(r"\((\w+)\)$")
STANDING = (OrderState.OPEN, OrderState.CONFIRMED)
AT_REST = {
    EntryState.REGISTERED,
    EntryState.CANCELLED,
    EntryState.REFUSED,
    EntryState.DROPPED,
    EntryState.KEPT,
}


@contextmanager
def killed_at_transaction(number: int) -> Iterator[list[int]]:
    """The process dies where its so manieth transaction would begin, so between two commits.

    Gives a list that holds the number once it died.
    """
    begun = 0
    died: list[int] = []

    def count(*_args: object) -> None:
        nonlocal begun
        begun += 1
        if begun == number and not died:
            died.append(number)
            raise ProcessKilled

    sessions = db.session.session_factory
    event.listen(sessions, "after_begin", count)
    try:
        yield died
    except ProcessKilled:
        pass
    finally:
        event.remove(sessions, "after_begin", count)
        db.session.remove()


def start_anew(publiq: Publiq) -> None:
    """An empty database, connected to a sandbox in its first state."""
    import requests

    db.session.remove()
    requests.post(f"{publiq.url}/sandbox/opnieuw", timeout=10)
    with write_transaction() as session:
        for table in reversed(Base.metadata.sorted_tables):
            session.execute(table.delete())
    db.session.remove()
    with write_transaction() as session:
        uit_settings_for_update().active_environment = Environment.SANDBOX
        session.add(
            EnvironmentSettings(
                environment=Environment.SANDBOX, client_id="demo", client_secret="demo"
            )
        )


def let_time_pass() -> None:
    """All that was sent was sent long ago, and no lease is held any more."""
    with write_transaction() as session:
        hour_ago = now() - timedelta(hours=1)
        session.execute(
            update(UitpasEntry).where(UitpasEntry.sent_at.is_not(None)).values(sent_at=hour_ago)
        )
        session.execute(update(UitpasEntry).values(lease_until=None))


def heal(publiq: Publiq) -> None:
    """publiq answers again, time passes and the reconciler runs."""
    publiq.heal()
    let_time_pass()
    reconcile(min_age_seconds=0)


def check_after_healing(publiq: Publiq) -> None:
    """Invariants 1, 2 and 3, once everything is reconciled."""
    db.session.rollback()
    db.session.expire_all()
    _check_sales(publiq)
    check_places()
    _check_money()
    assert db.session.scalar(select(func.count(PassClaim.id))) == 0, "stale claims"
    still_open = db.session.scalars(select(Order.id).where(Order.state == OrderState.OPEN)).all()
    assert still_open == [], "orders that stay open"
    states = set(db.session.scalars(select(UitpasEntry.state)))
    assert states <= AT_REST, states
    db.session.rollback()


def check_places() -> None:
    """Every pool counts the live lines and the held ones, and never more than its capacity."""
    counted = Counter(
        db.session.scalars(
            select(OrderLine.pool_id)
            .join(Order)
            .where(OrderLine.state == LineState.LIVE, Order.state.in_(STANDING))
        )
    )
    counted.update(
        db.session.scalars(select(BasketLine.pool_id).join(Basket).where(BasketLine.holding))
    )
    for pool_id, taken, capacity in db.session.execute(
        select(PlacePool.id, PlacePool.taken, PlacePool.capacity)
    ):
        assert taken == counted[pool_id], f"pool {pool_id}: {taken} taken, {counted[pool_id]} used"
        assert taken <= capacity
    ordered = select(func.count(BasketLine.id)).join(Basket).where(BasketLine.holding)
    assert db.session.scalar(ordered.where(Basket.state == BasketState.ORDERED)) == 0
    forever = ordered.where(Basket.held_until.is_(None))
    assert db.session.scalar(forever) == 0, "places held without a clock"


def _check_sales(publiq: Publiq) -> None:
    live: dict[str, list[dict]] = {}
    for sale in publiq.live_sales():
        found = LINE_REF.search(sale["regularPriceLabel"])
        assert found, sale
        live.setdefault(found.group(1), []).append(sale)
    entries = {entry.line_ref: entry for entry in db.session.scalars(select(UitpasEntry))}
    discounted = set()
    for line in db.session.scalars(
        select(OrderLine)
        .join(Order)
        .where(OrderLine.state == LineState.LIVE, Order.state == OrderState.CONFIRMED)
        .where(OrderLine.benefit_kind.is_not(None))
    ):
        discounted.add(line.line_ref)
        sales = live.get(line.line_ref, [])
        assert len(sales) == 1, f"line {line.line_ref} has {len(sales)} sales"
        assert entries[line.line_ref].external_id == sales[0]["id"]
        assert line.price == Decimal(str(sales[0]["tariff"]["price"]))
    assert set(live) <= discounted, "a sale at UiTPAS without a live line"


def _check_money() -> None:
    for order in db.session.scalars(select(Order)):
        request = order.payment_request
        if order.state is OrderState.LAPSED:
            assert request is None
        if request is not None:
            assert request.amount == order.total, order.number
            assert request.open_amount >= 0, f"{order.number}: paid and not given back"
