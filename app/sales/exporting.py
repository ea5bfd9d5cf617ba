"""The overview of registrations with all that a spreadsheet shows of each (R6).

Neither a register number nor a UiTPAS number is among it.
"""

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from app.activities.models import Activity
from app.extensions import db
from app.payments.models import PaymentRequest
from app.sales.models import Order, OrderLine
from app.sales.orders import RegistrationFilter, registrations_query
from app.uitpas.models import UitpasEntry

BATCH = 500


def exported_registrations(wanted: RegistrationFilter) -> Iterator[tuple[OrderLine, str]]:
    """Every registration of the overview, in its order, with its UiTPAS-ticket-id or ''.

    Three queries for each batch of rows.
    """
    ticket_id = (
        select(func.max(UitpasEntry.external_id))
        .where(UitpasEntry.line_ref == OrderLine.line_ref)
        .scalar_subquery()
    )
    query = (
        registrations_query(wanted)
        .add_columns(ticket_id)
        .options(
            contains_eager(OrderLine.order).options(
                joinedload(Order.customer),
                joinedload(Order.payment_request).options(
                    selectinload(PaymentRequest.payments), selectinload(PaymentRequest.refunds)
                ),
            ),
            contains_eager(OrderLine.activity).joinedload(Activity.activity_type),
            joinedload(OrderLine.person),
        )
    )
    for line, found in db.session.execute(query.execution_options(yield_per=BATCH)):
        yield line, found or ""
