"""The order lines that ever wished a UiTPAS benefit, for an outside audit (DESIGN: Commands)."""

from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.sales.models import LineChange, LineState, Order, OrderLine, OrderState
from app.uitpas.models import EntryState, UitpasEntry


def export_ledger() -> list[dict[str, Any]]:
    """One object for each wish, oldest first; prices in euro.

    While a line is being moved, or gets a benefit afterwards, it is pending. A wish whose line
    never came, because it was refused, is cancelled.
    """
    rows = db.session.execute(
        select(UitpasEntry, OrderLine, Order)
        .outerjoin(OrderLine, OrderLine.line_ref == UitpasEntry.line_ref)
        .outerjoin(Order, Order.id == UitpasEntry.order_id)
        .order_by(UitpasEntry.id)
    )
    changing = _being_changed()
    return [_as_json(entry, line, order, changing) for entry, line, order in rows]


def _being_changed() -> set[str]:
    """References of lines and of wishes that a change under way is about."""
    rows = db.session.execute(
        select(OrderLine.line_ref, LineChange.wish_ref)
        .join(LineChange, LineChange.line_id == OrderLine.id)
        .where(LineChange.ended_at.is_(None))
    )
    return {reference for row in rows for reference in row if reference}


def _as_json(
    entry: UitpasEntry, line: OrderLine | None, order: Order | None, changing: set[str]
) -> dict[str, Any]:
    booked = entry.price if entry.price is not None or line is None else line.price
    pending = entry.line_ref in changing
    kind = line.benefit_kind if line is not None else None
    if kind is None and (pending or line is None):
        kind = entry.kind
    return {
        "line_ref": entry.line_ref,
        "status": "pending" if pending else _status(line, order),
        "uitpas_number": entry.uitpas_number,
        "event_id": entry.event_id,
        "kind": kind.value if kind else "none",
        "external_id": entry.external_id,
        "price": float(booked) if booked is not None else None,
        "kept": entry.state is EntryState.KEPT,
    }


def _status(line: OrderLine | None, order: Order | None) -> str:
    if line is None or order is None:
        return "cancelled"
    if order.state is OrderState.OPEN:
        return "pending"
    if order.state is OrderState.CONFIRMED and line.state is LineState.LIVE:
        return "confirmed"
    return "cancelled"
