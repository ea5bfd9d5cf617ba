"""Ticket sales at UiTPAS: registering, looking up what was lost, and undoing.

Each intent is committed before its call and each outcome after it. A sale is posted once; what
may have arrived is looked up, never sent again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

from sqlalchemy import select

from app.clock import now
from app.extensions import db, end_read, write_transaction
from app.publiq.errors import PubliqError
from app.publiq.uitpas import SaleWish, TicketSale
from app.settings.connections import NotConnected, publiq_client
from app.settings.publiq_errors import explain
from app.uitpas.ledger import (
    LedgerEvent,
    entries_of_order,
    lease,
    locked_entry,
    move,
    note,
)
from app.uitpas.models import EntryState, UitpasEntry

FIRST_PAUSE = timedelta(seconds=20)
LONGEST_PAUSE = timedelta(hours=1)
SURELY_ARRIVED = timedelta(seconds=60)
"""After this long, a sale that publiq's list does not show was never registered."""


NOT_ARRIVED = "not-arrived"
"""The problem of an entry that publiq's list did not show a minute after it was sent."""


class SaleOutcome(Enum):
    """How registering the sales of an order ended."""

    SOLD = "sold"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    NOTHING_TO_DO = "nothing to do"


@dataclass
class SaleResult:
    """The outcome; refusals by line_ref, or under '' where publiq named no line."""

    outcome: SaleOutcome
    refusals: dict[str, str] = field(default_factory=dict)


def register_sales(order_id: int) -> SaleResult:
    """One POST /ticket-sales for all planned sales of an order (all or nothing).

    Outside any transaction. Only the first caller sends: the step from planned to registering is
    committed before the call.
    """
    with write_transaction() as session:
        entries = [
            entry
            for entry in entries_of_order(order_id, lock=True)
            if entry.state is EntryState.PLANNED
        ]
        for entry in entries:
            move(session, entry, LedgerEvent.SEND)
            entry.sent_at = now()
            entry.attempts += 1
        wishes = [_wish(entry) for entry in entries]
        environment = entries[0].environment if entries else None
    if environment is None:
        return SaleResult(SaleOutcome.NOTHING_TO_DO)
    try:
        client = publiq_client(environment, purpose="verkoop registreren")
        end_read()
        sales = client.uitpas.register_ticket_sales(wishes)
    except NotConnected as error:
        return _refuse(order_id, {"": str(error)}, "niet verbonden")
    except PubliqError as error:
        if error.may_have_arrived:
            return _lose(order_id, error)
        return _refuse(order_id, _named(error, wishes), error.problem, error)
    return book(order_id, sales)


def book(order_id: int, sales: Sequence[TicketSale]) -> SaleResult:
    """Write the ids and prices that publiq answered."""
    with write_transaction() as session:
        entries = [
            entry
            for entry in entries_of_order(order_id, lock=True)
            if entry.state in {EntryState.REGISTERING, EntryState.UNKNOWN}
        ]
        matched = _match(entries, sales)
        missing = [entry for entry in entries if entry.id not in matched]
        for entry in entries:
            sale = matched.get(entry.id)
            if sale is None:
                if entry.state is EntryState.REGISTERING:
                    move(session, entry, LedgerEvent.LOSE, "staat niet in het antwoord")
                continue
            entry.external_id = sale.id
            entry.price = sale.price
            move(session, entry, LedgerEvent.BOOK)
    return SaleResult(SaleOutcome.UNKNOWN if missing else SaleOutcome.SOLD)


def _match(entries: Sequence[UitpasEntry], sales: Sequence[TicketSale]) -> dict[int, TicketSale]:
    """The sale of each entry, by entry id: exactly by regularPriceLabel, which names the line.

    The label is optional in publiq's answer. A sale without one goes to a line with the same
    pass, tariff, event and price, each to one line only; such lines are interchangeable.
    """
    by_label = {sale.regular_price_label: sale for sale in sales if sale.regular_price_label}
    unlabelled = [sale for sale in sales if not sale.regular_price_label]
    matched = {}
    for entry in entries:
        sale = by_label.get(entry.regular_price_label)
        if sale is None:
            sale = next((item for item in unlabelled if _fits(entry, item)), None)
            if sale is None:
                continue
            unlabelled.remove(sale)
        matched[entry.id] = sale
    return matched


def _fits(entry: UitpasEntry, sale: TicketSale) -> bool:
    return (entry.uitpas_number, entry.tariff_id, entry.event_id, entry.regular_price) == (
        sale.uitpas_number,
        sale.tariff_id,
        sale.event_id,
        sale.regular_price,
    )


def look_up_sales(order_id: int) -> SaleResult:
    """Look in publiq's list for sales whose answer was lost (GET /ticket-sales).

    Found: booked. Not found after a minute: refused, for then they never arrived. Else unknown,
    to be looked up again later. Outside any transaction.
    """
    entries = [e for e in entries_of_order(order_id) if e.state is EntryState.UNKNOWN]
    if not entries:
        return SaleResult(SaleOutcome.NOTHING_TO_DO)
    labels = {entry.regular_price_label for entry in entries}
    events = {(entry.environment, entry.event_id) for entry in entries}
    asked_at = now()
    try:
        found = []
        for environment, event_id in sorted(events, key=lambda pair: pair[1]):
            client = publiq_client(environment, purpose="verkoop opzoeken")
            end_read()
            for page in client.uitpas.ticket_sales_of_event(event_id):
                found += [sale for sale in page if sale.regular_price_label in labels]
    except (PubliqError, NotConnected) as error:
        _look_up_failed(order_id, error)
        return SaleResult(SaleOutcome.UNKNOWN)
    if found:
        result = book(order_id, found)
        if result.outcome is SaleOutcome.SOLD:
            return result
    return _not_found(order_id, asked_at)


def undo_sale(entry_id: int) -> bool:
    """DELETE a ticket sale that is to be undone; a sale that is gone counts as undone.

    Returns whether it is undone now. Outside any transaction; the entry is leased, so that two
    processes do not both ask.
    """
    with write_transaction() as session:
        if not lease(session, entry_id, EntryState.CANCELLING):
            return False
        entry = locked_entry(session, entry_id)
        entry.attempts += 1
        environment, external_id = entry.environment, entry.external_id
    try:
        client = publiq_client(environment, purpose="verkoop ongedaan maken")
        end_read()
        assert external_id is not None, "only a registered sale can be cancelling"
        client.uitpas.cancel_ticket_sale(external_id)
    except (PubliqError, NotConnected) as error:
        with write_transaction() as session:
            entry = locked_entry(session, entry_id)
            if entry.state is not EntryState.CANCELLING:  # somebody else undid it meanwhile
                return entry.state is EntryState.CANCELLED
            _try_later(entry, error)
            note(session, entry, _said(error))
        return False
    with write_transaction() as session:
        entry = locked_entry(session, entry_id)
        if entry.state is EntryState.CANCELLING:
            move(session, entry, LedgerEvent.UNDONE)
    return True


def undo_sales_of_order(order_id: int) -> bool:
    """Undo now whatever of this order is to be undone; returns whether nothing is left to do."""
    ids = db.session.scalars(
        select(UitpasEntry.id).where(
            UitpasEntry.order_id == order_id, UitpasEntry.state == EntryState.CANCELLING
        )
    ).all()
    outcomes = [undo_sale(entry_id) for entry_id in ids]  # each is tried, whatever the others do
    return all(outcomes)


def _wish(entry: UitpasEntry) -> SaleWish:
    return SaleWish(
        event_id=entry.event_id,
        uitpas_number=entry.uitpas_number,
        regular_price=entry.regular_price,
        tariff_id=entry.tariff_id,
        regular_price_label=entry.regular_price_label,
    )


def _named(error: PubliqError, wishes: Sequence[SaleWish]) -> dict[str, str]:
    """The refusal under the label of the line that publiq points at, or under ''."""
    sentence = error.end_user_message or explain(error)
    pointers = [error.json_pointer, *(item.json_pointer for item in error.schema_errors)]
    for pointer in pointers:
        first = (pointer or "").strip("/").split("/")[0]
        if first.isdigit() and int(first) < len(wishes):
            return {wishes[int(first)].regular_price_label: sentence}
    return {"": sentence}


def _refuse(
    order_id: int, by_label: dict[str, str], problem: str, error: PubliqError | None = None
) -> SaleResult:
    refusals = {}
    with write_transaction() as session:
        for entry in entries_of_order(order_id, lock=True):
            # a refusal is certain, also of what was given up as lost a moment before
            if entry.state not in {EntryState.REGISTERING, EntryState.UNKNOWN}:
                continue
            sentence = by_label.get(entry.regular_price_label, "")
            entry.problem = problem
            entry.message = sentence
            entry.last_call_id = _call_id(error)
            move(session, entry, LedgerEvent.REFUSE, sentence or problem)
            if sentence:
                refusals[entry.line_ref] = sentence
    if "" in by_label:
        refusals[""] = by_label[""]
    return SaleResult(SaleOutcome.REFUSED, refusals)


def _lose(order_id: int, error: PubliqError) -> SaleResult:
    with write_transaction() as session:
        for entry in entries_of_order(order_id, lock=True):
            if entry.state is EntryState.REGISTERING:
                entry.last_call_id = _call_id(error)
                move(session, entry, LedgerEvent.LOSE, _said(error))
    return SaleResult(SaleOutcome.UNKNOWN)


def _not_found(order_id: int, asked_at: datetime) -> SaleResult:
    with write_transaction() as session:
        entries = [
            entry
            for entry in entries_of_order(order_id, lock=True)
            if entry.state is EntryState.UNKNOWN
        ]
        sent_at = max((entry.sent_at or entry.created_at for entry in entries), default=asked_at)
        surely = asked_at - sent_at > SURELY_ARRIVED
        for entry in entries:
            if surely:
                entry.problem = NOT_ARRIVED
                move(session, entry, LedgerEvent.REFUSE, "UiTPAS heeft deze verkoop niet")
            else:
                entry.next_try_at = now() + FIRST_PAUSE
    return SaleResult(SaleOutcome.REFUSED if surely else SaleOutcome.UNKNOWN)


def _look_up_failed(order_id: int, error: Exception) -> None:
    with write_transaction() as session:
        for entry in entries_of_order(order_id, lock=True):
            if entry.state is EntryState.UNKNOWN:
                entry.attempts += 1
                _try_later(entry, error)
                note(session, entry, _said(error))


def _try_later(entry: UitpasEntry, error: Exception) -> None:
    pause = min(FIRST_PAUSE * 2 ** min(entry.attempts, 12), LONGEST_PAUSE)
    entry.next_try_at = now() + pause
    entry.lease_until = None
    entry.message = _said(error)
    entry.last_call_id = _call_id(error)


def _said(error: Exception) -> str:
    return explain(error) if isinstance(error, PubliqError) else str(error)


def _call_id(error: Exception | None) -> int | None:
    call_id = getattr(error, "call_id", None)
    return call_id if isinstance(call_id, int) else None
