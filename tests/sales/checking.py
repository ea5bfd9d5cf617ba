"""What must never break (DESIGN), looked up in the database and at the sandbox."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import event, func, select, update

from app.activities.models import PlacePool
from app.clock import now
from app.extensions import Base, db, write_transaction
from app.sales.ledger_audit import audit_ledger, audit_now
from app.sales.models import (
    Basket,
    BasketLine,
    BasketState,
    ChangeState,
    LineChange,
    LineState,
    Order,
    OrderLine,
    OrderState,
)
from app.sales.reconciler import reconcile
from app.settings.models import Environment, EnvironmentSettings
from app.settings.uit import uit_settings_for_update
from app.uitpas.models import EntryState, LedgerFinding, PassClaim, UitpasEntry
from tests.sales.conftest import ProcessKilled, Publiq
from tests.sales.household import Household

LINE_REF = re.compile(r"\((\w+)\)$")
MOST_TRANSACTIONS = 80
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


def kill_everywhere(
    publiq: Publiq,
    prepare: Callable[[Household], object],
    act: Callable[[Household], object],
    every: int | None = None,
) -> None:
    """Do something as often as it has transactions, and die at another one each time."""
    on_sqlite = db.engine.dialect.name == "sqlite"
    for number in range(1, MOST_TRANSACTIONS, every or (1 if on_sqlite else 3)):
        start_anew(publiq)
        home = Household()
        prepare(home)
        db.session.remove()
        with killed_at_transaction(number) as died:
            act(home)
        heal(publiq)
        check_after_healing(publiq)
        if not died:
            assert number > 3, "nothing was killed"
            return
    pytest.fail("more transactions than a use case should need")


def let_time_pass() -> None:
    """All that was sent was sent long ago, and no lease is held any more."""
    with write_transaction() as session:
        hour_ago = now() - timedelta(hours=1)
        session.execute(
            update(UitpasEntry).where(UitpasEntry.sent_at.is_not(None)).values(sent_at=hour_ago)
        )
        session.execute(
            update(UitpasEntry)
            .where(UitpasEntry.undo_sent_at.is_not(None))
            .values(undo_sent_at=hour_ago)
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
    _check_changes()
    states = set(db.session.scalars(select(UitpasEntry.state)))
    assert states <= AT_REST, states
    db.session.rollback()


def check_audit() -> None:
    """The nightly audit agrees that nothing differs, however long ago it all was."""
    with write_transaction() as session:
        session.execute(update(UitpasEntry).values(changed_at=now() - timedelta(hours=1)))
    audit_now()
    audit_ledger()
    found = db.session.scalars(
        select(LedgerFinding.kind).where(LedgerFinding.resolved_at.is_(None))
    ).all()
    assert found == [], found
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
    counted.update(
        db.session.scalars(
            select(LineChange.held_pool_id).where(LineChange.held_pool_id.is_not(None))
        )
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


def _check_changes() -> None:
    """Every change has ended; only one that lost its benefit left a price that has no reason."""
    assert (
        db.session.scalars(select(LineChange.id).where(LineChange.ended_at.is_(None))).all() == []
    )
    assert (
        db.session.scalars(select(LineChange.id).where(LineChange.held_pool_id.is_not(None))).all()
        == []
    ), "places held by a change that has ended"
    kept = set(
        db.session.scalars(
            select(LineChange.new_line_id).where(LineChange.state == ChangeState.WITHOUT)
        )
    )
    cheaper = db.session.scalars(
        select(OrderLine.id)
        .join(Order)
        .where(
            OrderLine.state == LineState.LIVE,
            Order.state == OrderState.CONFIRMED,
            OrderLine.benefit_kind.is_(None),
            OrderLine.price != OrderLine.regular_price,
        )
    )
    assert set(cheaper) <= kept, "a price without a benefit"


def _check_sales(publiq: Publiq) -> None:
    live: dict[str, list[dict]] = {}
    for sale in publiq.live_sales():
        found = LINE_REF.search(sale["regularPriceLabel"])
        assert found, sale
        live.setdefault(found.group(1), []).append(sale)
    coupons = Counter(
        (sale["uitpasNumber"], sale["tariff"]["id"])
        for sale in publiq.live_sales()
        if sale["tariff"]["type"] == "COUPON"
    )
    assert all(count == 1 for count in coupons.values()), "a coupon used twice"
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
