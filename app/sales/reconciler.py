"""The reconciler: finishes or undoes what a failure left behind between two commits.

It sells nothing that the customer has not seen. Rows younger than twice the longest time-out are
left alone, for their request may still be under way; each step is one that may be repeated.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from sqlalchemy import ColumnElement, delete, exists, or_, select
from sqlalchemy.exc import OperationalError

from app.activities.places import PlacesMiscounted
from app.clock import now
from app.extensions import _t, db, end_read, write_transaction
from app.publiq.errors import PubliqError
from app.publiq.transport import Timeouts
from app.publiq.uitpas import TicketSale
from app.sales import changes
from app.sales.change_steps import resume_change
from app.sales.models import ChangeState, LineChange, LineState, Order, OrderLine, OrderState
from app.sales.settling import ImpossibleStep, return_to_basket, settle_order
from app.settings.connections import NotConnected
from app.settings.models import Environment
from app.uitpas import ledger
from app.uitpas.ledger import LedgerEvent, entries_of_order, locked_entry, move
from app.uitpas.looking_up import NOT_ARRIVED, look_up_sales, sales_of_event
from app.uitpas.models import EntryState, PassClaim, RunKind, UitpasEntry
from app.uitpas.retrying import next_try
from app.uitpas.runs import remember_run
from app.uitpas.selling import SaleOutcome
from app.uitpas.undoing import found_late, undo_sale

AT_ONCE = 200
"""Orders a run takes on; the next minute takes the rest."""
RUN = timedelta(minutes=3)
"""So long a run begins new work, where every call lasts its longest; its lease lasts longer."""
BY_HAND = timedelta(seconds=20)
"""The same for a run that somebody waits for before a page."""
LATE_FOR = timedelta(days=1)
"""For a day, a sale that seemed never to have arrived is looked for again, ever less often."""

STUCK = (
    ImpossibleStep,
    changes.ImpossibleStep,
    ledger.ImpossibleStep,
    PlacesMiscounted,
    OperationalError,
)

Item = TypeVar("Item")
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
    late: list[int] = field(default_factory=list)
    """Entries whose sale arrived at UiTPAS after we had given it up."""
    changed: list[int] = field(default_factory=list)
    """Changes of a line (a move, a benefit afterwards) that were brought to their end."""
    waiting: list[int] = field(default_factory=list)
    until: datetime = datetime.max.replace(tzinfo=UTC)
    """From when it begins nothing new any more."""
    is_cut: bool = False
    """Whether its time was over before all was done; the next run goes on."""

    def in_time(self, items: Iterable[Item]) -> Iterator[Item]:
        """The items as long as there is time."""
        for item in items:
            if now() > self.until:
                self.is_cut = True
                return
            yield item

    @property
    def done(self) -> dict[str, list[int]]:
        """What was done, by kind; empty when nothing was."""
        kinds = ("confirmed", "returned", "undone", "late", "changed")
        return {name: getattr(self, name) for name in kinds if getattr(self, name)}

    def lines(self) -> list[str]:
        """One Dutch sentence for each kind of outcome that there was."""
        counted = (
            (self.confirmed, _t("1 bestelling bevestigd."), _t("%(n)s bestellingen bevestigd.")),
            (
                self.returned,
                _t("1 bestelling terug naar het mandje."),
                _t("%(n)s bestellingen terug naar het mandje."),
            ),
            (
                self.undone,
                _t("1 verkoop bij UiTPAS ongedaan gemaakt."),
                _t("%(n)s verkopen bij UiTPAS ongedaan gemaakt."),
            ),
            (
                self.changed,
                _t("1 wijziging van een inschrijving afgerond."),
                _t("%(n)s wijzigingen van een inschrijving afgerond."),
            ),
            (self.waiting, _t("1 wacht nog op UiTPAS."), _t("%(n)s wachten nog op UiTPAS.")),
        )
        said = [
            one if len(ids) == 1 else many.replace("%(n)s", str(len(ids)))
            for ids, one, many in counted
            if ids
        ]
        if self.is_cut:
            said.append(_t("Het duurt lang. De rest gaat vanzelf verder."))
        return said or [_t("Er was niets te doen.")]


def reconcile(min_age_seconds: float | None = None, *, by_hand: bool = False) -> Report:
    """One run over all that is due; ``min_age_seconds`` replaces the usual age of a row.

    Whoever asks for it does not wait for the pauses between tries, nor long for the page. A run
    that did something, or that somebody asked for, is remembered for the ledger's page.
    """
    started_at = now()
    report = Report(until=started_at + (BY_HAND if by_hand else RUN))
    _run(report, min_age_seconds, forced=by_hand or min_age_seconds is not None)
    if report.done or by_hand:
        remember_run(RunKind.RECONCILE, started_at, {**report.done, "waiting": report.waiting})
    return report


def _run(report: Report, min_age_seconds: float | None, *, forced: bool) -> None:
    age = longest_wait() if min_age_seconds is None else timedelta(seconds=min_age_seconds)
    _mark_lost(now() - age)
    for order_id in report.in_time(_open_orders(now() - age, forced)):
        try:
            _finish_or_return(order_id, report, forced)
        except STUCK:  # a person has to look; the others go on
            log.exception("order %s cannot be reconciled", order_id)
            report.waiting.append(order_id)
    for order_id in report.in_time(_strays(forced)):
        look_up_sales(order_id)
    _catch_late_arrivals(report, forced)
    for change_id in report.in_time(_open_changes(now() - age, forced)):
        try:
            ended = resume_change(change_id, forced=forced) not in changes.UNDER_WAY
            (report.changed if ended else report.waiting).append(change_id)
        except STUCK:
            log.exception("change %s cannot be resumed", change_id)
            report.waiting.append(change_id)
            db.session.rollback()
    _follow_dead_lines()
    for entry_id in report.in_time(_to_undo(forced)):
        (report.undone if undo_sale(entry_id) else report.waiting).append(entry_id)
    _drop_stale_claims()


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


def _open_changes(before: datetime, forced: bool) -> Sequence[int]:
    """Changes of a line whose process died, or that wait for UiTPAS."""
    query = select(LineChange.id).where(
        LineChange.ended_at.is_(None), LineChange.touched_at <= before
    )
    if not forced:
        query = query.where(LineChange.next_try_at <= now())
    found = db.session.scalars(query.order_by(LineChange.id).limit(AT_ONCE)).all()
    end_read()
    return found


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


def _catch_late_arrivals(report: Report, forced: bool) -> None:
    """Sales that arrived at UiTPAS after we had given them up are to be undone."""
    query = select(UitpasEntry).where(
        UitpasEntry.state == EntryState.REFUSED,
        UitpasEntry.problem == NOT_ARRIVED,
        UitpasEntry.sent_at > now() - LATE_FOR,
    )
    if not forced:
        query = query.where(UitpasEntry.next_try_at <= now())
    by_event: dict[tuple[Environment, str], list[UitpasEntry]] = defaultdict(list)
    for entry in db.session.scalars(query.order_by(UitpasEntry.id).limit(AT_ONCE)):
        by_event[entry.environment, entry.event_id].append(entry)
    end_read()
    for (environment, event_id), entries in report.in_time(by_event.items()):
        report.late += _look_for_late_arrivals(environment, event_id, entries)


def _look_for_late_arrivals(
    environment: Environment, event_id: str, entries: Sequence[UitpasEntry]
) -> list[int]:
    """Only by our own label: a sale without one may be another desk's, so the audit tells of it."""
    error: Exception | None = None
    by_label: dict[str, TicketSale] = {}
    try:
        for sale in sales_of_event(environment, event_id, "verkoop nakijken"):
            by_label[sale.regular_price_label] = sale
    except (PubliqError, NotConnected) as failure:
        error = failure
        log.warning("late look-up for an event: %s", type(failure).__name__)
    found = []
    for entry in entries:
        with write_transaction() as session:
            fresh = locked_entry(session, entry.id)
            if fresh.state is not EntryState.REFUSED:
                continue
            fresh.attempts += 1
            fresh.next_try_at = next_try(fresh.attempts, error)
            late = by_label.get(entry.regular_price_label)
            if late is not None:
                found_late(session, fresh, late)
                found.append(fresh.id)
    return found


def _follow_dead_lines() -> None:
    """A registered sale whose line does not stand any more is to be undone."""
    with write_transaction() as session:
        for entry in session.scalars(
            select(UitpasEntry)
            .where(UitpasEntry.state == EntryState.REGISTERED, ~line_stands())
            .with_for_update(skip_locked=True)
        ):
            move(session, entry, LedgerEvent.UNDO, "de lijn staat niet meer")


def line_stands() -> ColumnElement[bool]:
    """Whether an entry's line has its benefit in an order that stands, or gets it by a change.

    A line whose benefit afterwards was refused keeps the reference of that wish, without benefit.
    """
    return or_(
        exists().where(
            OrderLine.line_ref == UitpasEntry.line_ref,
            OrderLine.state == LineState.LIVE,
            OrderLine.benefit_kind.is_not(None),
            OrderLine.order_id == Order.id,
            Order.state.in_([OrderState.OPEN, OrderState.CONFIRMED]),
        ),
        exists().where(
            LineChange.wish_ref == UitpasEntry.line_ref,
            LineChange.state.in_([ChangeState.SELLING, ChangeState.RESTORING]),
        ),
    )


def _to_undo(forced: bool) -> Sequence[int]:
    query = select(UitpasEntry.id).where(UitpasEntry.state == EntryState.CANCELLING)
    if not forced:
        query = query.where(UitpasEntry.next_try_at <= now())
    return db.session.scalars(query.order_by(UitpasEntry.id).limit(AT_ONCE)).all()


def _drop_stale_claims() -> None:
    """Claims of orders that are open no more, and of which no line is being changed."""
    with write_transaction() as session:
        session.execute(
            delete(PassClaim)
            .where(
                ~exists().where(Order.id == PassClaim.order_id, Order.state == OrderState.OPEN),
                ~exists().where(
                    LineChange.order_id == PassClaim.order_id, LineChange.ended_at.is_(None)
                ),
            )
            .execution_options(synchronize_session=False)
        )
