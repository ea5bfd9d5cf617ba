"""What people are told of their orders: mails in the outbox, in the transaction of the change."""

from collections.abc import Iterable
from decimal import Decimal

from sqlalchemy import select

from app.extensions import db
from app.formats import period
from app.mail.messages import (
    Cancellation,
    Confirmation,
    MailLine,
    NotCompleted,
    PaymentWords,
    Sender,
    cancellation,
    confirmation,
    order_not_completed,
)
from app.mail.outbox import Attachment, put_mail
from app.payments.models import PaymentMethod
from app.sales.ics import calendar_of
from app.sales.models import Order, OrderLine
from app.sales.terms import last_day_to_cancel
from app.settings.municipality import get_municipality
from app.settings.public_address import public_host, public_url
from app.uitdatabank.models import UitProfile


def tell_confirmed(order: Order) -> None:
    """The confirmation, with the dates as a calendar file (C3)."""
    places = places_of(line.activity_id for line in order.live_lines)
    told = Confirmation(
        number=order.number,
        name=order.contact_name,
        lines=[_mail_line(line, places) for line in order.live_lines],
        total=order.total,
        payment=_payment_words(order),
        mine_url=public_url(f"/mijn/bestellingen/{order.number}"),
        sender=_sender(),
    )
    calendar = calendar_of(order, public_host(), places).decode()
    attachment = Attachment(f"{order.number}.ics", "text/calendar", calendar)
    put_mail("confirmation", order.contact_email, *confirmation(told), [attachment])


def tell_cancelled(
    order: Order,
    line: OrderLine,
    *,
    refund: Decimal,
    claim_falls: Decimal,
    undoes_sale: bool,
    by_staff: bool,
) -> None:
    """A line was cancelled; amounts in euro (R7)."""
    told = Cancellation(
        number=order.number,
        name=order.contact_name,
        line=_mail_line(line, places_of([line.activity_id])),
        reason=line.cancel_reason if by_staff else "",
        claim_falls=claim_falls,
        refund=refund,
        uitpas="under way" if undoes_sale else "",
        mine_url=public_url("/mijn"),
        sender=_sender(),
        by_staff=by_staff,
    )
    put_mail("cancellation", order.contact_email, *cancellation(told))


def tell_not_completed(order: Order) -> None:
    """The order fell through after its owner had gone."""
    places = places_of(line.activity_id for line in order.lines)
    told = NotCompleted(
        number=order.number,
        name=order.contact_name,
        lines=[_mail_line(line, places) for line in order.lines],
        reason=order.message,
        basket_url=public_url("/mandje"),
        sender=_sender(),
    )
    put_mail("order_not_completed", order.contact_email, *order_not_completed(told))


def places_of(activity_ids: Iterable[int]) -> dict[int, str]:
    """Where each activity takes place, in words, by activity id; one query."""
    rows = db.session.execute(
        select(UitProfile.activity_id, UitProfile.location_name, UitProfile.location_address).where(
            UitProfile.activity_id.in_(set(activity_ids))
        )
    )
    return {
        row.activity_id: ", ".join(filter(None, (row.location_name, row.location_address)))
        for row in rows
    }


def _mail_line(line: OrderLine, places: dict[int, str]) -> MailLine:
    dates = [line.date] if line.date else line.activity.dates
    return MailLine(
        participant=line.participant_name,
        activity=line.activity.title,
        dates=[period(item.starts_at, item.ends_at) for item in dates if not item.cancelled_at],
        place=places.get(line.activity_id, ""),
        price=line.price,
        regular_price=line.regular_price,
        benefit=line.benefit_name,
        cancel_until=last_day_to_cancel(line.activity),
    )


def _payment_words(order: Order) -> PaymentWords | None:
    request = order.payment_request
    if request is None:
        return None
    municipality = get_municipality()
    return PaymentWords(
        amount=request.open_amount,
        at_desk=request.method is PaymentMethod.DESK,
        communication=request.communication,
        iban=municipality.iban,
        account_holder=municipality.account_holder or municipality.name,
        due_at=request.due_at,
    )


def _sender() -> Sender:
    municipality = get_municipality()
    return Sender(
        municipality.name, municipality.department_name, municipality.email, municipality.phone
    )
