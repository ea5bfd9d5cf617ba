"""The reconciler: finishes or undoes what a failure left behind between two commits.

It sells nothing that the customer has not seen. Rows younger than twice the longest time-out are
left alone, for their request may still be under way; each step is one that may be repeated.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import delete, exists, select
from sqlalchemy.exc import OperationalError

from app.activities.places import PlacesMiscounted
from app.clock import now
from app.extensions import _t, db, end_read, write_transaction
from app.publiq.errors import PubliqError
from app.publiq.transport import Timeouts
from app.sales.models import LineState, Order, OrderLine, OrderState
from app.sales.settling import ImpossibleStep, return_to_basket, settle_order
from app.settings.connections import NotConnected, publiq_client
from app.uitpas import ledger
from app.uitpas.ledger import LedgerEvent, entries_of_order, locked_entry, move
from app.uitpas.models import EntryState, PassClaim, UitpasEntry
from app.uitpas.selling import NOT_ARRIVED, SaleOutcome, look_up_sales, undo_sale

AT_ONCE = 200
"""Orders a run takes on; the next minute takes the rest."""
LATE_FOR = timedelta(days=1)
LATE_PAUSE = timedelta(minutes=10)
"""For a day, a sale that seemed never to have arrived is looked for again with this pause."""

STUCK = (ImpossibleStep, ledger.ImpossibleStep, PlacesMiscounted, OperationalError)

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
            _t("%(number)s bestelling(en) bevestigd.", number=len(self.confirmed)),
            _t("%(number)s bestelling(en) terug naar het mandje.", number=len(self.returned)),
            _t("%(number)s verkoop/verkopen bij UiTPAS ongedaan gemaakt.", number=len(self.undone)),
            _t("%(number)s wachten nog op UiTPAS.", number=len(self.waiting)),
        ]


def reconcile(min_age_seconds: float | None = None) -> Report:
    """One run over all that is due; ``min_age_seconds`` replaces the usual age of a row."""
    age = longest_wait() if min_age_seconds is None else timedelta(seconds=min_age_seconds)
    forced = min_age_seconds is not None
    report = Report()
    _mark_lost(now() - age)
    for order_id in _open_orders(now() - age, forced):
        try:
            _finish_or_return(order_id, report, forced)
        except STUCK:  # a person has to look; the others go on
            log.exception("order %s cannot be reconciled", order_id)
            report.waiting.append(order_id)
    for order_id in _strays(forced):
        look_up_sales(order_id)
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


def _open_orders(before: datetime, forced: bool) -> Sequence[int]:
    """Orders whose turn it is; those that wait for a later look-up keep nobody from theirs."""
    query = select(Order.id).where(Order.state == OrderState.OPEN, Order.created_at <= before)
    if not forced:
        query = query.where(
            ~exists().where(
                UitpasEntry.order_id == Order.id,
                UitpasEntry.state == EntryState.UNKNOWN,
                UitpasEntry.next_try_at > now(),
            )
        )
    return db.session.scalars(query.order_by(Order.id).limit(AT_ONCE)).all()


def _strays(forced: bool) -> Sequence[int]:
    """Orders that ended while a sale of theirs was unknown: it is looked up all the same."""
    query = select(UitpasEntry.order_id).where(
        UitpasEntry.state == EntryState.UNKNOWN,
        ~exists().where(Order.id == UitpasEntry.order_id, Order.state == OrderState.OPEN),
    )
    if not forced:
        query = query.where(UitpasEntry.next_try_at <= now())
    found = db.session.scalars(query.distinct().limit(AT_ONCE)).all()
    end_read()
    return found


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
    state = settle_order(order_id, tell=True)
    if state is OrderState.CONFIRMED:
        report.confirmed.append(order_id)
    elif state is OrderState.LAPSED:
        report.returned.append(order_id)
    else:
        report.waiting.append(order_id)


def _return(order_id: int, report: Report) -> None:
    done = return_to_basket(order_id, {}, tell=True)
    (report.returned if done else report.waiting).append(order_id)


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
        fresh = locked_entry(session, entry.id)
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
        session.execute(
            delete(PassClaim)
            .where(~exists().where(Order.id == PassClaim.order_id, Order.state == OrderState.OPEN))
            .execution_options(synchronize_session=False)
        )
