"""Cancelling a line: preview, money, place, and the undo at UiTPAS that never blocks (R7)."""

from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.activities.models import Activity
from app.activities.places import give_back
from app.clock import now, today
from app.columns import CENT
from app.extensions import _t, db, write_transaction
from app.formats import day, money
from app.payments.models import PaymentRequest, Refund
from app.payments.requests import lock_request, lower_request
from app.sales.models import LineState, Order, OrderLine, OrderState
from app.sales.notices import tell_cancelled
from app.sales.problems import CancelRefused, SaleProblem
from app.sales.settling import OrderEvent, lock_order, move_order
from app.sales.terms import last_day_to_cancel, refund_percent
from app.settings.audit import record
from app.uitpas.ledger import LedgerEvent, entries_of_lines, move
from app.uitpas.models import EntryState
from app.uitpas.selling import undo_sales_of_order

ZERO = Decimal("0.00")


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


@dataclass(frozen=True)
class Cancelled:
    """What cancelling did."""

    order_number: str
    refund: Decimal
    undone: bool | None
    """Whether the sale at UiTPAS is undone: None where there was none, False when it waits."""


def cancellation_preview(line: OrderLine, *, by_staff: bool) -> Preview:
    """Money, place and UiTPAS for one line of an order with its payment request loaded."""
    until = last_day_to_cancel(line.activity)
    refund, kept, falls = _money(line)
    entry = entries_of_lines([line.line_ref]).get(line.line_ref)
    return Preview(
        line=line,
        until=until,
        refund=refund,
        kept=kept,
        claim_falls=falls,
        undoes_sale=entry is not None and entry.state is EntryState.REGISTERED,
        problems=_problems(line, until, by_staff),
    )


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
    if by_staff and not reason.strip():
        raise CancelRefused([SaleProblem(_t("Geef een reden op."), field="reason")])
    with write_transaction() as session:
        line = find_line(line_ref, customer_id)
        if line is None:
            raise CancelRefused([SaleProblem(_t("Deze inschrijving bestaat niet."))])
        order = lock_order(session, line.order_id)
        if order.payment_request_id is not None:
            # joined to the order it is as old as the statement; a payment may have come since
            lock_request(session, order.payment_request_id)
        line = next(item for item in order.lines if item.line_ref == line_ref)
        problems = _problems(line, last_day_to_cancel(line.activity), by_staff)
        if problems:
            raise CancelRefused(problems)
        _refund, _kept, falls = _money(line)
        refund = _cancel(session, order, line, reason.strip(), account_id)
        amount = refund.amount if refund else ZERO
        wished = _undo_at_uitpas(session, line)
        tell_cancelled(
            order,
            line,
            refund=amount,
            claim_falls=falls,
            undoes_sale=wished,
            by_staff=by_staff,
        )
        if by_staff:
            _record(order, line, reason.strip())
        order_id, number = order.id, order.number
    undone = undo_sales_of_order(order_id) if wished else None
    return Cancelled(number, amount, undone)


def _cancel(
    session: Session, order: Order, line: OrderLine, reason: str, account_id: int | None
) -> Refund | None:
    _refund, kept, _falls = _money(line)
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
    return lower_request(session, order.payment_request, owed, f"{order.number}, {what}")


def _undo_at_uitpas(session: Session, line: OrderLine) -> bool:
    entry = entries_of_lines([line.line_ref]).get(line.line_ref)
    if entry is None or entry.state is not EntryState.REGISTERED:
        return False
    move(session, entry, LedgerEvent.UNDO, "geannuleerd")
    return True


def _money(line: OrderLine) -> tuple[Decimal, Decimal, Decimal]:
    """(goes back, paid but kept, need not be paid any more), in euro.

    Of an unpaid line the whole claim falls; of a paid one the type says what goes back.
    """
    request = line.order.payment_request
    if request is None or line.price == ZERO:
        return ZERO, ZERO, ZERO
    open_amount = max(request.open_amount, ZERO)
    unpaid = min(open_amount, line.price)
    paid = line.price - unpaid
    percent = Decimal(refund_percent(line.activity))
    refund = (paid * percent / 100).quantize(CENT, rounding=ROUND_HALF_UP)
    return refund, paid - refund, unpaid


def _problems(line: OrderLine, until: date | None, by_staff: bool) -> list[SaleProblem]:
    if line.order.state is OrderState.OPEN:
        return [
            SaleProblem(_t("Deze bestelling wacht nog op UiTPAS. Probeer het over een minuut."))
        ]
    if line.state is LineState.CANCELLED or line.order.state is not OrderState.CONFIRMED:
        return [SaleProblem(_t("Deze inschrijving is al geannuleerd."), kind="done")]
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
