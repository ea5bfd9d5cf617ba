"""Looking in publiq's list of sales for what was lost; never sending it again.

It takes a permission of its own, TICKETSALES_SEARCH. Without it, or when the list cannot tell our
sale from another's, the entry stays unknown and a person is asked to look in the UiTPAS-balie.
"""

from collections.abc import Container, Iterable
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.clock import now
from app.extensions import _t, db, end_read, write_transaction
from app.publiq.errors import PubliqError, PubliqForbidden
from app.publiq.uitpas import TicketSale
from app.settings.connections import NotConnected, publiq_client
from app.settings.models import Environment
from app.uitpas.ledger import LedgerEvent, entries_of_order, move, note
from app.uitpas.matching import find_back
from app.uitpas.models import EntryState, UitpasEntry
from app.uitpas.retrying import FIRST_PAUSE, call_id_of, next_try, said_to_staff, try_later
from app.uitpas.selling import SaleOutcome, SaleResult, book_found

SURELY_ARRIVED = timedelta(seconds=60)
"""After this long, a sale that publiq's list does not show was never registered."""
NOT_ARRIVED = "not-arrived"
"""The problem of an entry that publiq's list did not show a minute after it was sent."""
SEARCH_FORBIDDEN = "search-forbidden"
"""The problem of an unknown entry that we may not look up."""
AMBIGUOUS = "ambiguous"
"""The problem of an unknown entry to which several sales at publiq, or too few, could belong."""


def look_up_sales(order_id: int) -> SaleResult:
    """Look in publiq's list for sales whose answer was lost (GET /ticket-sales).

    Found: booked. Not found after a minute: refused, for then they never arrived. Else unknown,
    to be looked up again later. Outside any transaction.
    """
    entries = [e for e in entries_of_order(order_id) if e.state is EntryState.UNKNOWN]
    if not entries:
        return SaleResult(SaleOutcome.NOTHING_TO_DO)
    asked_at = now()
    try:
        listed = [
            sale
            for environment, event_id in sorted(
                {(entry.environment, entry.event_id) for entry in entries}, key=lambda pair: pair[1]
            )
            for sale in sales_of_event(environment, event_id, "verkoop opzoeken")
        ]
    except PubliqForbidden as error:
        _ask_a_person(order_id, error)
        return SaleResult(SaleOutcome.UNKNOWN)
    except (PubliqError, NotConnected) as error:
        _look_up_failed(order_id, error)
        return SaleResult(SaleOutcome.UNKNOWN)
    known = known_ids(entries[0].environment, (sale.id for sale in listed))
    found = find_back(entries, listed, known)
    if found.sales:
        book_found(order_id, found.sales)
    if found.doubtful:
        _in_doubt(order_id, found.doubtful)
    return _what_remains(order_id, asked_at, found.doubtful)


def sales_of_event(environment: Environment, event_id: str, purpose: str) -> list[TicketSale]:
    """publiq's list of live sales of an event, each sale once. Outside any transaction.

    Raises PubliqError, NotConnected.
    """
    client = publiq_client(environment, purpose=purpose)
    end_read()
    listed: dict[str, TicketSale] = {}
    for page in client.uitpas.ticket_sales_of_event(event_id):
        # the list may change between two pages, so that one of them comes twice
        listed.update({sale.id: sale for sale in page})
    return list(listed.values())


def known_ids(environment: Environment, sale_ids: Iterable[str]) -> set[str]:
    """Those of publiq's sales that our ledger has an entry for."""
    found = db.session.scalars(
        select(UitpasEntry.external_id).where(
            UitpasEntry.environment == environment, UitpasEntry.external_id.in_(list(sale_ids))
        )
    ).all()
    end_read()
    return {sale_id for sale_id in found if sale_id}


def _what_remains(order_id: int, asked_at: datetime, doubtful: Container[int]) -> SaleResult:
    """What the list did not show was never registered, once that is sure."""
    with write_transaction() as session:
        entries = [
            entry
            for entry in entries_of_order(order_id, lock=True)
            if entry.state is EntryState.UNKNOWN
        ]
        if not entries:
            return SaleResult(SaleOutcome.SOLD)
        missing = [entry for entry in entries if entry.id not in doubtful]
        sent_at = max((entry.sent_at or entry.created_at for entry in entries), default=asked_at)
        surely = asked_at - sent_at > SURELY_ARRIVED
        for entry in missing:
            entry.problem = entry.message = ""
            if surely:
                entry.problem = NOT_ARRIVED
                move(session, entry, LedgerEvent.REFUSE, _t("UiTPAS heeft deze verkoop niet"))
            else:
                entry.next_try_at = now() + FIRST_PAUSE
    refused = surely and len(missing) == len(entries)
    return SaleResult(SaleOutcome.REFUSED if refused else SaleOutcome.UNKNOWN)


def _look_up_failed(order_id: int, error: Exception) -> None:
    with write_transaction() as session:
        for entry in entries_of_order(order_id, lock=True):
            if entry.state is EntryState.UNKNOWN:
                entry.attempts += 1
                entry.problem = ""
                try_later(session, entry, error)


def _ask_a_person(order_id: int, error: PubliqForbidden) -> None:
    """We may not look; the permission may still come, so that it is asked again, seldom."""
    with write_transaction() as session:
        for entry in entries_of_order(order_id, lock=True):
            if entry.state is EntryState.UNKNOWN:
                entry.attempts += 1
                entry.problem = SEARCH_FORBIDDEN
                entry.last_call_id = call_id_of(error) or entry.last_call_id
                entry.next_try_at = next_try(entry.attempts, error)
                _tell(
                    session,
                    entry,
                    _t(
                        "We mogen de lijst met verkopen bij UiTPAS niet bekijken. Iemand moet "
                        "nakijken of deze verkoop er staat. (%(said)s)",
                        said=said_to_staff(error),
                    ),
                )


def _in_doubt(order_id: int, doubtful: dict[int, list[TicketSale]]) -> None:
    with write_transaction() as session:
        for entry in entries_of_order(order_id, lock=True):
            if entry.state is EntryState.UNKNOWN and entry.id in doubtful:
                entry.attempts += 1
                entry.problem = AMBIGUOUS
                entry.next_try_at = next_try(entry.attempts)
                ids = ", ".join(sorted(sale.id for sale in doubtful[entry.id]))
                _tell(
                    session,
                    entry,
                    _t(
                        "Bij UiTPAS staan verkopen die van deze lijn kunnen zijn, maar zonder onze "
                        "referentie: %(ids)s. Iemand moet nakijken welke.",
                        ids=ids,
                    ),
                )


def _tell(session: Session, entry: UitpasEntry, words: str) -> None:
    if entry.message != words:
        note(session, entry, words)
    entry.message = words
