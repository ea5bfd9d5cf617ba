"""Cancelling a line or all of an order: preview, money, places, and the undo at UiTPAS (R7).

UiTPAS being away never blocks: what is to be undone there waits in the ledger.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.activities.models import Activity
from app.activities.places import give_back, lock_pools
from app.clock import now, today
from app.columns import CENT
from app.extensions import _t, db, write_transaction
from app.formats import day, money
from app.payments.models import PaymentRequest, Refund
from app.payments.requests import adjust_request, lock_request
from app.publiq.redaction import redact_text
from app.sales.changes import call_off, gone_sentence, open_change
from app.sales.models import LineState, Order, OrderLine, OrderState
from app.sales.notices import tell_cancelled
from app.sales.problems import CancelRefused, SaleProblem
from app.sales.settling import OrderEvent, lock_order, move_order
from app.sales.terms import last_day_to_cancel, refund_percent
from app.sales.waiting import waiting_problems
from app.settings.audit import record
from app.uitpas.ledger import LedgerEvent, entries_of_lines, move
from app.uitpas.models import EntryState
from app.uitpas.undoing import undo_sales_of_order

ZERO = Decimal("0.00")
STANDS_OR_MAY = {
    EntryState.REGISTERING,
    EntryState.REGISTERED,
    EntryState.UNKNOWN,
    EntryState.CANCELLING,
}
"""A sale that stands at UiTPAS, or may: it is undone with its line."""


@dataclass
class Preview:
    """What cancelling a line does, before anybody confirms it."""

    line: OrderLine
    until: date | None
    """The last day on which the customer may cancel."""
    refund: Decimal
    """What goes back, in euro."""
    kept: Decimal
    """What was paid and does not go back, in euro."""
    claim_falls: Decimal
    """What need not be paid any more, in euro."""
    undoes_sale: bool
    problems: list[SaleProblem] = field(default_factory=list)

    @property
    def allowed(self) -> bool:
        """Whether the one who looks may cancel."""
        return not self.problems


@dataclass
class OrderPreview:
    """What cancelling all lines of an order together does; amounts in euro."""

    order: Order
    lines: list[Preview]
    problems: list[SaleProblem]

    @property
    def allowed(self) -> bool:
        """Whether the one who looks may cancel them all."""
        return not self.problems

    @property
    def refund(self) -> Decimal:
        """What goes back."""
        return sum((line.refund for line in self.lines), ZERO)

    @property
    def kept(self) -> Decimal:
        """What was paid and does not go back."""
        return sum((line.kept for line in self.lines), ZERO)

    @property
    def claim_falls(self) -> Decimal:
        """What need not be paid any more."""
        return sum((line.claim_falls for line in self.lines), ZERO)

    @property
    def undoes_sale(self) -> bool:
        """Whether anything is undone at UiTPAS."""
        return any(line.undoes_sale for line in self.lines)


@dataclass(frozen=True)
class Cancelled:
    """What cancelling did."""

    order_number: str
    refund: Decimal
    undone: bool | None
    """Whether the sale at UiTPAS is undone: None where there was none, False when it waits."""


def cancellation_preview(line: OrderLine, *, by_staff: bool) -> Preview:
    """Money, place and UiTPAS for one line of an order with its payment request loaded."""
    return _previews(line.order, [line], by_staff)[0]


def order_preview(order: Order, *, by_staff: bool) -> OrderPreview:
    """The same for every line that stands, cancelled together; no query per line."""
    lines = order.live_lines
    previews = _previews(order, lines, by_staff)
    problems = _all_problems(lines, by_staff)
    if not lines:
        problems = [SaleProblem(_t("Alles is hier al geannuleerd."), kind="done")]
    return OrderPreview(order, previews, problems)


def _previews(order: Order, lines: Sequence[OrderLine], by_staff: bool) -> list[Preview]:
    wishes = _wishes(order, lines)
    entries = entries_of_lines(ref for refs in wishes.values() for ref in refs)
    waits = waiting_problems(order, by_staff=by_staff)
    found = []
    for line, (refund, kept, falls) in zip(lines, _money_of_all(order, lines), strict=True):
        until = last_day_to_cancel(line.activity)
        of_line = [entries[ref] for ref in wishes[line.id] if ref in entries]
        found.append(
            Preview(
                line=line,
                until=until,
                refund=refund,
                kept=kept,
                claim_falls=falls,
                undoes_sale=any(entry.state in STANDS_OR_MAY for entry in of_line),
                problems=waits or _problems(line, until, by_staff),
            )
        )
    return found


def find_line(line_ref: str, customer_id: int | None = None) -> OrderLine | None:
    """A line with all that its pages show; of that customer where one is given."""
    query = (
        select(OrderLine)
        .join(Order)
        .where(OrderLine.line_ref == line_ref)
        .options(
            joinedload(OrderLine.order)
            .joinedload(Order.payment_request)
            .options(selectinload(PaymentRequest.payments), selectinload(PaymentRequest.refunds)),
            joinedload(OrderLine.order).selectinload(Order.lines),
            joinedload(OrderLine.person),
            joinedload(OrderLine.activity).options(
                joinedload(Activity.activity_type), selectinload(Activity.dates)
            ),
        )
    )
    if customer_id is not None:
        query = query.where(Order.customer_id == customer_id)
    return db.session.scalar(query)


def cancel_line(
    line_ref: str,
    reason: str,
    *,
    customer_id: int | None = None,
    account_id: int | None = None,
    by_staff: bool = False,
) -> Cancelled:
    """Cancel one line: the place returns, the claim falls, the sale is to be undone; then undo it.

    Staff give a reason and may cancel after the last day. Raises CancelRefused. UiTPAS being away
    only means that the ledger undoes the sale later.
    """
    line = find_line(line_ref, customer_id)
    if line is None:
        raise CancelRefused([SaleProblem(_t("Deze inschrijving bestaat niet."))])
    return _carry_out(line.order_id, line_ref, _canceller(reason, account_id, by_staff))


def cancel_order(
    number: str,
    reason: str,
    *,
    customer_id: int | None = None,
    account_id: int | None = None,
    by_staff: bool = False,
) -> Cancelled:
    """Cancel every line that stands, all or none, as ``cancel_line()`` does for one.

    Raises CancelRefused: the problems name the line that cannot be cancelled.
    """
    query = select(Order.id).where(Order.number == number)
    if customer_id is not None:
        query = query.where(Order.customer_id == customer_id)
    order_id = db.session.scalar(query)
    if order_id is None:
        raise CancelRefused([SaleProblem(_t("Deze bestelling bestaat niet."))])
    return _carry_out(order_id, None, _canceller(reason, account_id, by_staff))


@dataclass(frozen=True)
class Canceller:
    """Who cancels, and why."""

    reason: str
    account_id: int | None
    by_staff: bool


def _canceller(reason: str, account_id: int | None, by_staff: bool) -> Canceller:
    """The reason stays with the line and is mailed, so that it holds nobody's numbers."""
    return Canceller(redact_text(reason.strip()), account_id, by_staff)


def _carry_out(order_id: int, line_ref: str | None, by: Canceller) -> Cancelled:
    """Cancel that line, or all that stand, in one commit; then undo at UiTPAS what can be."""
    if by.by_staff and not by.reason:
        raise CancelRefused([SaleProblem(_t("Geef een reden op."), field="reason")])
    with write_transaction() as session:
        order = lock_order(session, order_id)
        if order.payment_request_id is not None:
            # joined to the order it is as old as the statement; a payment may have come since
            lock_request(session, order.payment_request_id)
        lines = _lines_to_cancel(order, line_ref)
        _refuse_where_needed(lines, by.by_staff)
        lock_pools(session, _pools(order, lines))
        wishes = [ref for refs in _wishes(order, lines).values() for ref in refs]
        falls = sum((part[2] for part in _money_of_all(order, lines)), ZERO)
        refunds = [_cancel(session, order, line, by.reason, by.account_id) for line in lines]
        amount = sum((refund.amount for refund in refunds if refund), ZERO)
        left = _undo_at_uitpas(session, wishes)
        tell_cancelled(
            order,
            lines,
            refund=amount,
            claim_falls=falls,
            undoes_sale=bool(left),
            by_staff=by.by_staff,
        )
        if by.by_staff:
            for line in lines:
                _record(order, line, by.reason)
        number = order.number
    return Cancelled(number, amount, _undo_now(order_id, left) if left else None)


def _undo_now(order_id: int, left: set[EntryState]) -> bool:
    """What is lost at UiTPAS is looked up first, so that it can only be undone later."""
    return undo_sales_of_order(order_id) and left <= {EntryState.CANCELLING}


def _lines_to_cancel(order: Order, line_ref: str | None) -> list[OrderLine]:
    if line_ref is None:
        return order.live_lines
    return [line for line in order.lines if line.line_ref == line_ref]


def _refuse_where_needed(lines: list[OrderLine], by_staff: bool) -> None:
    if not lines:
        raise CancelRefused([SaleProblem(_t("Alles is hier al geannuleerd."), kind="done")])
    problems = _all_problems(lines, by_staff)
    if problems:
        raise CancelRefused(problems)


def _all_problems(lines: Sequence[OrderLine], by_staff: bool) -> list[SaleProblem]:
    """Of several lines each problem says which it is about; what holds for all is said once."""
    waits = waiting_problems(lines[0].order, by_staff=by_staff) if lines else []
    if waits:
        return waits
    found: dict[str, SaleProblem] = {}
    for line in lines:
        for problem in _problems(line, last_day_to_cancel(line.activity), by_staff):
            about = problem.kind == "late" and len(lines) > 1
            who = f"{line.participant_name}, {line.activity.title}: " if about else ""
            found[who + problem.sentence] = replace(problem, sentence=who + problem.sentence)
    return list(found.values())


def _cancel(
    session: Session, order: Order, line: OrderLine, reason: str, account_id: int | None
) -> Refund | None:
    _refund, kept, _falls = _money(line)
    call_off(session, order, line)
    line.state = LineState.CANCELLED
    line.cancelled_at = now()
    line.cancel_reason = reason
    line.cancelled_by_id = account_id
    give_back(session, line.pool_id)
    if not order.live_lines:
        move_order(order, OrderEvent.CANCEL)
    if order.payment_request is None:
        return None
    # what goes back follows from what was paid and what is still owed
    owed = order.payment_request.amount - line.price + kept
    what = f"{order.contact_name}: {line.participant_name}, {line.activity.title} geannuleerd"
    return adjust_request(session, order.payment_request, owed, f"{order.number}, {what}")


def _undo_at_uitpas(session: Session, line_refs: Sequence[str]) -> set[EntryState]:
    """The sales of these wishes are to be undone; returns how they stand, those that are gone
    aside."""
    entries = entries_of_lines(line_refs).values()
    for entry in entries:
        if entry.state is EntryState.REGISTERED:
            move(session, entry, LedgerEvent.UNDO, "geannuleerd")
    return {entry.state for entry in entries} & STANDS_OR_MAY


def _wishes(order: Order, lines: Iterable[OrderLine]) -> dict[int, list[str]]:
    """The references of the wishes of each line by its id, with that of a change under way."""
    change = open_change(db.session(), order)
    found = {line.id: [line.line_ref] for line in lines}
    if change is not None and change.wish_ref and change.line_id in found:
        found[change.line_id].append(change.wish_ref)
    return found


def _pools(order: Order, lines: Iterable[OrderLine]) -> list[int]:
    """Where places come back: of the lines, and that which a change of one of them holds."""
    change = open_change(db.session(), order)
    held = change.held_pool_id if change is not None else None
    return [*(line.pool_id for line in lines), *([held] if held is not None else [])]


def _money(line: OrderLine) -> tuple[Decimal, Decimal, Decimal]:
    """(goes back, paid but kept, need not be paid any more), in euro, for one line alone."""
    return _money_of_all(line.order, [line])[0]


def _money_of_all(
    order: Order, lines: Iterable[OrderLine]
) -> list[tuple[Decimal, Decimal, Decimal]]:
    """The same for lines that are cancelled one after the other.

    Of what is unpaid the claim falls first; of what was paid the type says what goes back.
    """
    request = order.payment_request
    unpaid_left = max(request.open_amount, ZERO) if request is not None else ZERO
    found = []
    for line in lines:
        if request is None:
            found.append((ZERO, ZERO, ZERO))
            continue
        unpaid = min(unpaid_left, line.price)
        unpaid_left -= unpaid
        paid = line.price - unpaid
        percent = Decimal(refund_percent(line.activity))
        refund = (paid * percent / 100).quantize(CENT, rounding=ROUND_HALF_UP)
        found.append((refund, paid - refund, unpaid))
    return found


def _problems(line: OrderLine, until: date | None, by_staff: bool) -> list[SaleProblem]:
    """Why a line of an order that does not wait any more cannot be cancelled."""
    if line.state is LineState.CANCELLED or line.order.state is not OrderState.CONFIRMED:
        return [SaleProblem(gone_sentence(line), kind="done")]
    if by_staff:
        return []
    if until is not None and today() > until:
        return [
            SaleProblem(
                _t(
                    "Je kon tot %(day)s zelf annuleren. Bel of mail ons, dan kijken we samen.",
                    day=day(until),
                ),
                kind="late",
            )
        ]
    return []


def _record(order: Order, line: OrderLine, reason: str) -> None:
    record(
        "inschrijving geannuleerd",
        subject_kind="bestelling",
        subject_id=str(order.id),
        subject_label=f"{order.number}: {line.participant_name}, {line.activity.title}",
        reason=reason,
        detail={"prijs": money(line.price)},
    )
