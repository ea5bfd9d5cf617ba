"""The order lines that ever wished a UiTPAS benefit, for an outside audit (DESIGN: Commands)."""

from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.sales.models import LineState, Order, OrderLine, OrderState
from app.uitpas.models import EntryState, UitpasEntry


def export_ledger() -> list[dict[str, Any]]:
    """One object for each wish, oldest first; prices in euro."""
    rows = db.session.execute(
        select(UitpasEntry, OrderLine, Order)
        .join(OrderLine, OrderLine.line_ref == UitpasEntry.line_ref)
        .join(Order, Order.id == OrderLine.order_id)
        .order_by(UitpasEntry.id)
    )
    return [_as_json(entry, line, order) for entry, line, order in rows]


def _as_json(entry: UitpasEntry, line: OrderLine, order: Order) -> dict[str, Any]:
    booked = entry.price if entry.price is not None else line.price
    return {
        "line_ref": line.line_ref,
        "status": _status(line, order),
        "uitpas_number": entry.uitpas_number,
        "event_id": entry.event_id,
        "kind": line.benefit_kind.value if line.benefit_kind else "none",
        "external_id": entry.external_id,
        "price": float(booked) if booked is not None else None,
        "kept": entry.state is EntryState.KEPT,
    }


def _status(line: OrderLine, order: Order) -> str:
    if order.state is OrderState.OPEN:
        return "pending"
    if order.state is OrderState.CONFIRMED and line.state is LineState.LIVE:
        return "confirmed"
    return "cancelled"
