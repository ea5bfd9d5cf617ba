"""The reconciler: finishes or undoes what a failure left behind between two commits.

It sells nothing that the customer has not seen. Rows younger than twice the longest time-out are
left alone, for their request may still be under way; each step is one that may be repeated.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.clock import now
from app.extensions import db, end_read, write_transaction
from app.publiq.errors import PubliqError
from app.publiq.transport import Timeouts
from app.sales.models import LineState, Order, OrderLine, OrderState
from app.sales.notices import tell_not_completed
from app.sales.settling import return_to_basket, settle_order
from app.settings.connections import NotConnected, publiq_client
from app.uitpas.ledger import LedgerEvent, entries_of_order, move
from app.uitpas.models import EntryState, PassClaim, UitpasEntry
from app.uitpas.selling import NOT_ARRIVED, SaleOutcome, look_up_sales, undo_sale

AT_ONCE = 200
"""Orders a run takes on; the next minute takes the rest."""
LATE_FOR = timedelta(days=1)
LATE_PAUSE = timedelta(minutes=10)
"""For a day, a sale that seemed never to have arrived is looked for again with this pause."""

log = logging.getLogger(__name__)


def longest_wait() -> timedelta:
    """Twice the longest time-out of a call."""
    return timedelta(seconds=2 * Timeouts().longest_call)


@dataclass
class Report:
    """What a run did, for the log and for the one who ran it by hand."""

    confirmed: list[int] = field(default_factory=list)
    returned: list[int] = field(default_factory=list)
    undone: list[int] = field(default_factory=list)
    waiting: list[int] = field(default_factory=list)

    def lines(self) -> list[str]:
        """One Dutch sentence for each kind of outcome."""
        return [
            f"{len(self.confirmed)} bestelling(en) bevestigd.",
            f"{len(self.returned)} bestelling(en) terug naar het mandje.",
            f"{len(self.undone)} verkoop/verkopen bij UiTPAS ongedaan gemaakt.",
            f"{len(self.waiting)} wachten nog op UiTPAS.",
        ]


def reconcile(min_age_seconds: float | None = None) -> Report:
    """One run over all that is due; ``min_age_seconds`` replaces the usual age of a row."""
    age = longest_wait() if min_age_seconds is None else timedelta(seconds=min_age_seconds)
    forced = min_age_seconds is not None
    report = Report()
    _mark_lost(now() - age)
    for order_id in _open_orders(now() - age):
        _finish_or_return(order_id, report, forced)
    _catch_late_arrivals(forced)
    _follow_dead_lines()
    for entry_id in _to_undo(forced):
        (report.undone if undo_sale(entry_id) else report.waiting).append(entry_id)
    _drop_stale_claims()
    return report


def _mark_lost(before: datetime) -> None:
    """What was being sent when its process died is unknown, like a lost answer."""
    with write_transaction() as session:
        for entry in session.scalars(
            select(UitpasEntry)
            .where(UitpasEntry.state == EntryState.REGISTERING, UitpasEntry.sent_at <= before)
            .with_for_update(skip_locked=True)
        ):
            move(session, entry, LedgerEvent.LOSE, "het antwoord kwam nooit aan")


def _open_orders(before: datetime) -> Sequence[int]:
    return db.session.scalars(
        select(Order.id)
        .where(Order.state == OrderState.OPEN, Order.created_at <= before)
        .order_by(Order.id)
        .limit(AT_ONCE)
    ).all()


def _finish_or_return(order_id: int, report: Report, forced: bool) -> None:
    entries = entries_of_order(order_id)
    unknown = [entry for entry in entries if entry.state is EntryState.UNKNOWN]
    planned = any(entry.state is EntryState.PLANNED for entry in entries)
    due = [entry for entry in unknown if forced or entry.next_try_at <= now()]
    end_read()
    if due:
        sale = look_up_sales(order_id)
        if sale.outcome is SaleOutcome.REFUSED:
            _return(order_id, report)
            return
    if planned and not unknown:
        _return(order_id, report)
        return
    state = settle_order(order_id)
    if state is OrderState.CONFIRMED:
        report.confirmed.append(order_id)
    elif state is OrderState.LAPSED:
        report.returned.append(order_id)
        _tell(order_id)
    else:
        report.waiting.append(order_id)


def _return(order_id: int, report: Report) -> None:
    if return_to_basket(order_id, {}):
        report.returned.append(order_id)
        _tell(order_id)


def _tell(order_id: int) -> None:
    """Nobody sits before the page any more: say by mail that the order fell through."""
    with write_transaction() as session:
        tell_not_completed(session.get_one(Order, order_id))


def _catch_late_arrivals(forced: bool) -> None:
    """A sale that arrived at UiTPAS after we had given it up is undone."""
    query = select(UitpasEntry).where(
        UitpasEntry.state == EntryState.REFUSED,
        UitpasEntry.problem == NOT_ARRIVED,
        UitpasEntry.sent_at > now() - LATE_FOR,
    )
    if not forced:
        query = query.where(UitpasEntry.next_try_at <= now())
    entries = db.session.scalars(query.limit(AT_ONCE)).all()
    end_read()
    for entry in entries:
        _look_for_late_arrival(entry)


def _look_for_late_arrival(entry: UitpasEntry) -> None:
    try:
        client = publiq_client(entry.environment, purpose="verkoop nakijken")
        end_read()
        sale = next(
            (
                found
                for page in client.uitpas.ticket_sales_of_event(entry.event_id)
                for found in page
                if found.regular_price_label == entry.regular_price_label
            ),
            None,
        )
    except (PubliqError, NotConnected) as error:
        log.warning("late look-up of ledger entry %s: %s", entry.id, type(error).__name__)
        return
    with write_transaction() as session:
        fresh = session.get_one(UitpasEntry, entry.id, with_for_update=True)
        if fresh.state is not EntryState.REFUSED:
            return
        fresh.next_try_at = now() + LATE_PAUSE
        if sale is not None:
            fresh.external_id = sale.id
            fresh.price = sale.price
            move(session, fresh, LedgerEvent.FOUND_LATE, "kwam te laat aan bij UiTPAS")


def _follow_dead_lines() -> None:
    """A registered sale whose line does not stand any more is to be undone."""
    with write_transaction() as session:
        for entry in session.scalars(
            select(UitpasEntry)
            .where(UitpasEntry.state == EntryState.REGISTERED, ~_line_stands())
            .with_for_update(skip_locked=True)
        ):
            move(session, entry, LedgerEvent.UNDO, "de lijn staat niet meer")


def _line_stands() -> exists:
    return exists().where(
        OrderLine.line_ref == UitpasEntry.line_ref,
        OrderLine.state == LineState.LIVE,
        OrderLine.order_id == Order.id,
        Order.state.in_([OrderState.OPEN, OrderState.CONFIRMED]),
    )


def _to_undo(forced: bool) -> Sequence[int]:
    query = select(UitpasEntry.id).where(UitpasEntry.state == EntryState.CANCELLING)
    if not forced:
        query = query.where(UitpasEntry.next_try_at <= now())
    return db.session.scalars(query.order_by(UitpasEntry.id).limit(AT_ONCE)).all()


def _drop_stale_claims() -> None:
    """Claims of orders that are open no more."""
    with write_transaction() as session:
        _delete_claims(session)


def _delete_claims(session: Session) -> None:
    stale = session.scalars(
        select(PassClaim).where(
            ~exists().where(Order.id == PassClaim.order_id, Order.state == OrderState.OPEN)
        )
    )
    for claim in stale:
        session.delete(claim)
