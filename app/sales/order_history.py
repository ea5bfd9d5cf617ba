"""What happened to one registration, from the order to its cancellation (R6)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.extensions import _t, db
from app.formats import money
from app.people.models import Account
from app.sales.models import LineState, Order, OrderLine, OrderState


@dataclass(frozen=True)
class HistoryStep:
    """One thing that happened: when, what in Dutch, why where that was said, and by whom."""

    at: datetime
    what: str
    note: str = ""
    by: str = ""


def history_of_line(line: OrderLine) -> list[HistoryStep]:
    """The history of a line with its order, payments and refunds loaded, the oldest first.

    Money is the order's: it may be for other registrations too. One query, for the names.
    """
    order, request = line.order, line.order.payment_request
    payments = list(request.payments) if request else []
    refunds = list(request.refunds) if request else []
    names = _names(
        [order.created_by_id, line.cancelled_by_id]
        + [payment.account_id for payment in payments]
        + [refund.paid_by_id for refund in refunds]
    )
    steps = [HistoryStep(order.created_at, _t("Besteld"), by=names.get(order.created_by_id, ""))]
    steps += _ended(order)
    for payment in payments:
        what = _t("Betaling van %(amount)s", amount=money(payment.amount))
        steps.append(HistoryStep(payment.at, what, payment.note, names.get(payment.account_id, "")))
    if line.state is LineState.CANCELLED and line.cancelled_at is not None:
        by = names.get(line.cancelled_by_id, "")
        steps.append(HistoryStep(line.cancelled_at, _t("Geannuleerd"), line.cancel_reason, by))
    for refund in refunds:
        what = _t("%(amount)s is terug te betalen", amount=money(refund.amount))
        steps.append(HistoryStep(refund.created_at, what, refund.reason))
        if refund.paid_at is not None:
            what = _t("%(amount)s is terugbetaald", amount=money(refund.amount))
            steps.append(HistoryStep(refund.paid_at, what, by=names.get(refund.paid_by_id, "")))
    return sorted(steps, key=lambda step: step.at)  # stable: what comes first above stays first


def _ended(order: Order) -> list[HistoryStep]:
    """How the order went on: confirmed, or not gone through."""
    steps = []
    if order.confirmed_at is not None:
        steps.append(HistoryStep(order.confirmed_at, _t("Bevestigd")))
    if order.state is OrderState.LAPSED and order.ended_at is not None:
        steps.append(HistoryStep(order.ended_at, _t("Niet doorgegaan"), order.message))
    return steps


def _names(account_ids: Iterable[int | None]) -> dict[int | None, str]:
    """Name, or else address, of these accounts."""
    wanted = {key for key in account_ids if key is not None}
    if not wanted:
        return {}
    rows = db.session.execute(
        select(Account.id, Account.name, Account.email).where(Account.id.in_(wanted))
    )
    return {row.id: row.name or row.email for row in rows}
