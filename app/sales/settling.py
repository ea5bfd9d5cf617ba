"""What an order becomes: confirmed when its sales stand, or back to the basket when they do not."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.activities.places import give_back
from app.clock import now
from app.extensions import _l, write_transaction
from app.payments.models import PaymentMethod, PaymentRequest
from app.payments.requests import new_request
from app.sales.basket import lock_customer
from app.sales.holds import AFTER_REFUSAL
from app.sales.models import (
    Basket,
    BasketLine,
    BasketState,
    LineState,
    Order,
    OrderLine,
    OrderState,
)
from app.sales.notices import tell_confirmed, tell_not_completed
from app.sales.problems import SaleProblem
from app.uitpas.ledger import LedgerEvent, entries_of_order, move, release_claims
from app.uitpas.models import EntryState, UitpasEntry

TRANSFER_TERM = timedelta(days=14)
ZERO = Decimal("0.00")


class OrderEvent(Enum):
    """What can happen to an order."""

    CONFIRM = "confirm"
    LAPSE = "lapse"
    CANCEL = "cancel"


STATES: dict[tuple[OrderState, OrderEvent], OrderState] = {
    (OrderState.OPEN, OrderEvent.CONFIRM): OrderState.CONFIRMED,
    (OrderState.OPEN, OrderEvent.LAPSE): OrderState.LAPSED,
    (OrderState.CONFIRMED, OrderEvent.CANCEL): OrderState.CANCELLED,
}


class ImpossibleStep(RuntimeError):
    """An order was asked for a step that its table does not hold."""


def move_order(order: Order, event: OrderEvent) -> None:
    """Take one step of the table. Raises ImpossibleStep when the table holds no such step."""
    target = STATES.get((order.state, event))
    if target is None:
        raise ImpossibleStep(f"{event.value} in state {order.state.value}")
    order.state = target
    if target is OrderState.CONFIRMED:
        order.confirmed_at = now()
    else:
        order.ended_at = now()


def confirm_order(session: Session, order: Order) -> None:
    """The order stands: prices as publiq booked them, the claim for payment, the mail.

    Inside the caller's transaction.
    """
    entries = {entry.line_ref: entry for entry in entries_of_order(order.id)}
    for line in order.lines:
        entry = entries.get(line.line_ref)
        if entry is not None and entry.price is not None:
            line.price = entry.price
    move_order(order, OrderEvent.CONFIRM)
    if order.total > ZERO:
        order.payment_request = new_claim(session, order, order.total)
    release_claims(session, order.id)
    session.flush()
    tell_confirmed(order)


def new_claim(session: Session, order: Order, amount: Decimal) -> PaymentRequest:
    """A claim of so many euro in the way that the order is paid, or else at the desk."""
    method = order.payment_method or PaymentMethod.DESK
    return new_request(session, amount, method, transfer_term(method))


def transfer_term(method: PaymentMethod) -> datetime | None:
    """Until when a transfer of a claim made now may take; None for the other ways."""
    return now() + TRANSFER_TERM if method is PaymentMethod.TRANSFER else None


def settle_order(order_id: int, *, tell: bool = False) -> OrderState:
    """Confirm an open order whose sales all stand, or return one whose sales do not.

    Harmless when repeated; an order that still waits for UiTPAS stays open. ``tell`` as for
    ``return_to_basket()``.
    """
    with write_transaction() as session:
        order = lock_order(session, order_id)
        if order.state is not OrderState.OPEN:
            return order.state
        entries = entries_of_order(order_id, lock=True)
        states = {entry.state for entry in entries}
        if states <= {EntryState.REGISTERED}:
            dearer = [entry for entry in entries if _is_dearer(entry)]
            if not dearer:
                confirm_order(session, order)
                return order.state
            refusals = {entry.line_ref: str(DEARER) for entry in dearer}
        elif states & {EntryState.PLANNED, *UNDER_WAY}:
            return order.state
        else:
            refusals = {entry.line_ref: entry.message for entry in entries if entry.message}
    return_to_basket(order_id, refusals, tell=tell)
    return OrderState.LAPSED


UNDER_WAY = {EntryState.REGISTERING, EntryState.UNKNOWN}
"""A sale that may stand at UiTPAS without our knowing."""
DEARER = _l(
    "UiTPAS vroeg bij het afronden een hogere prijs dan je zag. Er is niets aangerekend: "
    "kies je voordeel opnieuw."
)


def return_to_basket(
    order_id: int, refusals: Mapping[str, str], *, tell: bool = False
) -> list[SaleProblem]:
    """Nothing was sold: the order lapses, its basket returns with its places and five minutes.

    ``refusals`` holds the sentence for each line_ref that publiq named, or under '' for all.
    ``tell`` also mails it, for nobody sits before the page any more. What was registered
    nevertheless is to be undone. Harmless when repeated; no problems means that nothing was done,
    as for an order with a sale under way: that one may still be sold.
    """
    problems: list[SaleProblem] = []
    with write_transaction() as session:
        order = lock_order(session, order_id)
        if order.state is not OrderState.OPEN:
            return []
        entries = entries_of_order(order_id, lock=True)
        if any(entry.state in UNDER_WAY for entry in entries):
            return []
        for entry in entries:
            if entry.state is EntryState.REGISTERED:
                move(session, entry, LedgerEvent.UNDO, "de bestelling ging niet door")
            elif entry.state is EntryState.PLANNED:
                move(session, entry, LedgerEvent.DROP, "nooit verstuurd")
        move_order(order, OrderEvent.LAPSE)
        release_claims(session, order_id)
        order.message = refusals.get("", "") or str(NOT_SOLD)
        for line in order.lines:
            line.state = LineState.CANCELLED
            line.cancelled_at = now()
            line.cancel_reason = "niet afgerond"
        if tell:
            tell_not_completed(order)
        if order.customer_id is not None:
            lock_customer(session, order.customer_id)
        basket = _reopen_basket(session, order)
        if basket is None:
            return [SaleProblem(order.message)]
        sentences = _by_choice(order, refusals)
        basket.message = "" if sentences else order.message
        for line in basket.lines:
            line.message = sentences.get((line.activity_id, line.person_id), "")
            if line.message:
                problems.append(SaleProblem(line.message, line_id=line.id))
        return problems or [SaleProblem(order.message)]


NOT_SOLD = _l(
    "UiTPAS kon je voordelen niet registreren. Er is niets aangerekend en je plaatsen liggen nog "
    "vast. Rond opnieuw af."
)


def lock_order(session: Session, order_id: int) -> Order:
    """The order with its lines, locked for this transaction."""
    return session.scalars(
        select(Order)
        .where(Order.id == order_id)
        .options(
            selectinload(Order.lines).options(
                joinedload(OrderLine.activity), joinedload(OrderLine.person)
            ),
            joinedload(Order.payment_request),
        )
        .with_for_update(of=Order)
        .execution_options(populate_existing=True)
    ).one()


def _is_dearer(entry: UitpasEntry) -> bool:
    return entry.price is not None and entry.price > entry.wished_price


def _by_choice(order: Order, refusals: Mapping[str, str]) -> dict[tuple[int, int | None], str]:
    """The sentence for each (activity, person) whose line publiq named."""
    return {
        (line.activity_id, line.person_id): refusals[line.line_ref]
        for line in order.lines
        if refusals.get(line.line_ref)
    }


def _reopen_basket(session: Session, order: Order) -> Basket | None:
    """The basket as it was, its places its own again; None when it is gone.

    A customer who meanwhile began another basket gets these lines in that one. Places of lines
    that the basket has no more, because their person left, are given back.
    """
    old = session.scalar(
        select(Basket)
        .where(Basket.id == order.basket_id, Basket.state == BasketState.ORDERED)
        .options(selectinload(Basket.lines))
        .with_for_update(of=Basket)
        .execution_options(populate_existing=True)
    )
    _give_back_others(session, order, old.lines if old is not None else [])
    if old is None or not old.lines:
        return None
    for line in old.lines:
        line.holding = True
        if line.tariff_id:
            line.offers = []
    newer = session.scalar(
        select(Basket)
        .where(
            Basket.customer_id == old.customer_id,
            Basket.made_by_id == old.made_by_id,
            Basket.state == BasketState.OPEN,
        )
        .options(selectinload(Basket.lines))
        .with_for_update(of=Basket)
        .execution_options(populate_existing=True)
    )
    until = now() + AFTER_REFUSAL
    if newer is None:
        old.state = BasketState.OPEN
        old.order_id = None
        old.held_until = max(old.held_until or until, until)
        return old
    _move_lines(old, newer)
    newer.held_until = max(newer.held_until or until, until)
    newer.hold_started_at = newer.hold_started_at or now()
    return newer


def _move_lines(old: Basket, newer: Basket) -> None:
    returning: list[BasketLine] = list(old.lines)
    for line in returning:
        line.basket = newer


def _give_back_others(session: Session, order: Order, returning: Sequence[BasketLine]) -> None:
    """The places of the order that no line of the basket takes over."""
    left = Counter(line.pool_id for line in order.lines)
    left.subtract(line.pool_id for line in returning)
    for pool_id in sorted(left):
        if left[pool_id] > 0:
            give_back(session, pool_id, left[pool_id])
