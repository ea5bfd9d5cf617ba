"""Short ways to a confirmed line, and to what a change of it left."""

from decimal import Decimal

from sqlalchemy import select

from app.activities.models import Activity, PlacePool
from app.extensions import db, end_read
from app.payments.models import PaymentMeans
from app.payments.requests import register_payment
from app.people.models import Person
from app.sales.afterwards import add_benefit, benefit_problems, offers_afterwards
from app.sales.cancelling import find_line
from app.sales.change_steps import Changed
from app.sales.models import LineChange, LineState, Order, OrderLine
from app.uitpas.models import EntryState, UitpasEntry
from tests.sales.conftest import Family, Publiq
from tests.sales.meanwhile import choose, finish_now, put

SALE, FIND, UNDO = "POST /ticket-sales", "GET /ticket-sales", "DELETE /ticket-sales/{id}"
TARIFFS = "GET /tariffs"


def register(family: Family, activity: Activity, person: Person, *, uitpas: bool) -> str:
    """A confirmed line of this person; returns its reference."""
    put(family, activity, person, uitpas=uitpas)
    if uitpas:
        choose(family)
    order_id = finish_now(family).order_id
    reference = db.session.scalar(select(OrderLine.line_ref).where(OrderLine.order_id == order_id))
    end_read()
    assert reference is not None
    return reference


def line_of(reference: str) -> OrderLine:
    """The line as the database has it now."""
    db.session.rollback()
    db.session.expire_all()
    found = find_line(reference)
    assert found is not None
    assert found.order.payment_request is None or found.order.payment_request.refunds is not None
    end_read()
    return found


def live_line() -> OrderLine:
    """The only line that stands."""
    db.session.rollback()
    reference = db.session.scalars(
        select(OrderLine.line_ref).where(OrderLine.state == LineState.LIVE)
    ).one()
    return line_of(reference)


def change() -> LineChange:
    """The newest change."""
    db.session.rollback()
    found = db.session.scalars(select(LineChange).order_by(LineChange.id.desc()).limit(1)).one()
    db.session.refresh(found)
    end_read()
    return found


def states() -> list[EntryState]:
    """Of the ledger's entries, the oldest first."""
    db.session.rollback()
    found = db.session.scalars(
        select(UitpasEntry).order_by(UitpasEntry.id).execution_options(populate_existing=True)
    ).all()
    end_read()
    return [entry.state for entry in found]


def taken(activity: Activity) -> int:
    """Places of an activity that are sold or held."""
    db.session.rollback()
    found = db.session.scalar(select(PlacePool.taken).where(PlacePool.activity_id == activity.id))
    end_read()
    return found


def offer_of(reference: str, number: str) -> tuple[str, Decimal]:
    """The first benefit that publiq offers afterwards: its id and its price."""
    line = line_of(reference)
    assert benefit_problems(line) == []
    end_read()
    offer = offers_afterwards(line, number).offers[0]
    return offer.id, offer.price


def add(reference: str, number: str) -> Changed:
    """Add the first benefit that publiq offers, at the price it says."""
    return add_benefit(reference, number, *offer_of(reference, number))


def price_there(publiq: Publiq) -> Decimal:
    """The price of the only live sale."""
    (sale,) = publiq.live_sales()
    return Decimal(str(sale["tariff"]["price"]))


def pay(order: Order, euro: str) -> None:
    """So much was paid in cash."""
    assert order.payment_request_id is not None
    register_payment(order.payment_request_id, Decimal(euro), PaymentMeans.CASH, None)
