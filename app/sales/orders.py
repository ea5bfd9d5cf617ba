"""Finding orders and registrations, for the customer and for the back office (C12, R6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from app.activities.models import Activity, group_activity
from app.clock import from_local
from app.extensions import Pagination, db
from app.payments.models import PaymentRequest, Refund
from app.sales.models import LineState, Order, OrderLine, OrderState

PAGE_SIZE = 50


@dataclass(frozen=True)
class OrderFilter:
    """Filters of the overview of orders."""

    text: str = ""
    state: OrderState | None = None
    customer_id: int | None = None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class RegistrationFilter:
    """Filters of the overview of registrations."""

    text: str = ""
    activity_id: int | None = None
    activity_type_id: int | None = None
    group_id: int | None = None
    with_benefit: bool | None = None
    with_cancelled: bool = False


def orders_of_customer(customer_id: int) -> Sequence[Order]:
    """All orders that are or were anything, the newest first, with what their pages show."""
    return db.session.scalars(
        _with_lines(
            select(Order)
            .where(Order.customer_id == customer_id, Order.state != OrderState.LAPSED)
            .order_by(Order.created_at.desc())
        )
    ).all()


def order_for_customer(customer_id: int, number: str) -> Order | None:
    """One order of this customer; another's is not found."""
    return db.session.scalar(
        _with_lines(select(Order).where(Order.customer_id == customer_id, Order.number == number))
    )


def find_order(number: str) -> Order | None:
    """One order, for staff."""
    return db.session.scalar(_with_lines(select(Order).where(Order.number == number)))


def latest_order_number(customer_id: int) -> str | None:
    """The number of the customer's newest order that did not lapse."""
    return db.session.scalar(
        select(Order.number)
        .where(Order.customer_id == customer_id, Order.state != OrderState.LAPSED)
        .order_by(Order.id.desc())
        .limit(1)
    )


def refunds_to_pay() -> list[tuple[Refund, Order]]:
    """What is still to go back with the order it belongs to, the oldest first."""
    rows = db.session.execute(
        select(Refund, Order)
        .join(PaymentRequest, PaymentRequest.id == Refund.request_id)
        .join(Order, Order.payment_request_id == PaymentRequest.id)
        .where(Refund.paid_at.is_(None))
        .order_by(Refund.created_at)
    )
    return [(refund, order) for refund, order in rows]


def search_orders(wanted: OrderFilter, page: int = 1) -> Pagination:
    """Orders by name, e-mail, number or structured communication, the newest first."""
    query = select(Order).outerjoin(Order.payment_request)
    if wanted.text:
        query = query.where(_order_text(wanted.text))
    if wanted.state is not None:
        query = query.where(Order.state == wanted.state)
    if wanted.customer_id is not None:
        query = query.where(Order.customer_id == wanted.customer_id)
    if wanted.since is not None:
        query = query.where(Order.created_at >= _start_of(wanted.since))
    if wanted.until is not None:
        query = query.where(Order.created_at < _start_of(wanted.until + timedelta(days=1)))
    ordered = _with_lines(query.order_by(Order.created_at.desc(), Order.id.desc()))
    return db.paginate(ordered, page=page, per_page=PAGE_SIZE, error_out=False)


def registrations_overview(wanted: RegistrationFilter, page: int = 1) -> Pagination:
    """Registrations with participant, activity, order and benefit; no query per row (R6)."""
    query = registrations_query(wanted).options(
        contains_eager(OrderLine.order).joinedload(Order.customer),
        contains_eager(OrderLine.activity).joinedload(Activity.activity_type),
        joinedload(OrderLine.person),
    )
    return db.paginate(query, page=page, per_page=PAGE_SIZE, error_out=False)


def registrations_query(wanted: RegistrationFilter) -> Select[tuple[OrderLine]]:
    """Lines with their order and activity joined, by activity and then by name."""
    query = select(OrderLine).join(OrderLine.order).join(OrderLine.activity)
    if wanted.with_cancelled:
        query = query.where(Order.state != OrderState.LAPSED)
    else:
        query = query.where(
            OrderLine.state == LineState.LIVE,
            Order.state.in_([OrderState.OPEN, OrderState.CONFIRMED]),
        )
    if wanted.text:
        pattern = f"%{_escaped(wanted.text)}%"
        query = query.where(
            or_(
                OrderLine.participant_name.ilike(pattern, escape="\\"),
                Order.contact_name.ilike(pattern, escape="\\"),
                Order.number.ilike(pattern, escape="\\"),
            )
        )
    if wanted.activity_id is not None:
        query = query.where(OrderLine.activity_id == wanted.activity_id)
    if wanted.activity_type_id is not None:
        query = query.where(Activity.activity_type_id == wanted.activity_type_id)
    if wanted.group_id is not None:
        members = select(group_activity.c.activity_id).where(
            group_activity.c.group_id == wanted.group_id
        )
        query = query.where(OrderLine.activity_id.in_(members))
    if wanted.with_benefit is not None:
        chosen = OrderLine.benefit_kind
        query = query.where(chosen.is_not(None) if wanted.with_benefit else chosen.is_(None))
    return query.order_by(
        Activity.first_start,
        Activity.title,
        Activity.id,
        OrderLine.participant_name,
        OrderLine.id,
    )


def _order_text(text: str) -> Any:
    pattern = f"%{_escaped(text)}%"
    digits = "".join(character for character in text if character.isdigit())
    conditions = [
        Order.contact_name.ilike(pattern, escape="\\"),
        Order.contact_email.ilike(pattern, escape="\\"),
        Order.number.ilike(pattern, escape="\\"),
    ]
    if len(digits) == 12:
        conditions.append(PaymentRequest.communication == digits)
    return or_(*conditions)


def _with_lines(query: Select[tuple[Order]]) -> Select[tuple[Order]]:
    return query.options(
        selectinload(Order.lines).options(
            joinedload(OrderLine.person),
            joinedload(OrderLine.date),
            joinedload(OrderLine.activity).options(
                joinedload(Activity.activity_type), selectinload(Activity.dates)
            ),
        ),
        joinedload(Order.payment_request).options(
            selectinload(PaymentRequest.payments), selectinload(PaymentRequest.refunds)
        ),
        joinedload(Order.customer),
        joinedload(Order.created_by),
    )


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _start_of(day: date) -> datetime:
    return from_local(day, time.min)
