"""What people are told of their orders: mails in the outbox, in the transaction of the change."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from sqlalchemy import select

from app.activities.agenda_words import schedule_words
from app.activities.schedule import schedule_of
from app.extensions import _t, db
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
    order_on_behalf_not_completed,
)
from app.mail.outbox import Attachment, put_mail
from app.payments.models import PaymentMethod
from app.people.models import Account
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
        lines=[mail_line(line, places) for line in order.live_lines],
        total=order.total,
        payment=payment_words(order),
        mine_url=public_url(f"/mijn/bestellingen/{order.number}"),
        sender=sender(),
    )
    calendar = calendar_of(order, public_host(), places).decode()
    attachment = Attachment(f"{order.number}.ics", "text/calendar", calendar)
    put_mail("confirmation", order.contact_email, *confirmation(told), [attachment])


def tell_cancelled(
    order: Order,
    lines: Sequence[OrderLine],
    *,
    refund: Decimal,
    claim_falls: Decimal,
    undoes_sale: bool,
    by_staff: bool,
) -> None:
    """Lines were cancelled together; amounts in euro (R7)."""
    places = places_of(line.activity_id for line in lines)
    told = Cancellation(
        number=order.number,
        name=order.contact_name,
        line=mail_line(lines[0], places),
        others=[mail_line(line, places) for line in lines[1:]],
        reason=lines[0].cancel_reason if by_staff else "",
        claim_falls=claim_falls,
        refund=refund,
        uitpas="under way" if undoes_sale else "",
        mine_url=public_url("/mijn"),
        sender=sender(),
        by_staff=by_staff,
    )
    put_mail("cancellation", order.contact_email, *cancellation(told))


def tell_not_completed(order: Order) -> None:
    """The order fell through after its owner had gone; who made it on behalf is told instead."""
    if order.created_by is not None:
        _tell_maker(order, order.created_by)
        return
    places = places_of(line.activity_id for line in order.lines)
    told = NotCompleted(
        number=order.number,
        name=order.contact_name,
        lines=[mail_line(line, places) for line in order.lines],
        reason=order.message,
        basket_url=public_url("/mandje"),
        sender=sender(),
    )
    put_mail("order_not_completed", order.contact_email, *order_not_completed(told))


def _tell_maker(order: Order, maker: Account) -> None:
    told = order_on_behalf_not_completed(
        order.number,
        maker.name,
        order.message,
        public_url(f"/beheer/klanten/{order.customer_id}/inschrijven/mandje"),
        sender(),
    )
    put_mail("order_not_completed", maker.email, *told)


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


def mail_line(line: OrderLine, places: dict[int, str]) -> MailLine:
    """A line in the words of a mail; ``places`` as of ``places_of()``."""
    return MailLine(
        participant=line.participant_name,
        activity=line.activity.title,
        dates=_dates_in_words(line),
        place=places.get(line.activity_id, ""),
        price=line.price,
        regular_price=line.regular_price,
        benefit=line.benefit_name,
        cancel_until=last_day_to_cancel(line.activity),
    )


def _dates_in_words(line: OrderLine) -> list[str]:
    """Each date that goes on, or the weekly schedule; a postponed date says so."""
    schedule = None if line.date else schedule_of(line.activity)
    if schedule is not None:
        return schedule_words(schedule)
    dates = [line.date] if line.date else line.activity.dates
    return [
        _t("%(when)s (uitgesteld)", when=when) if item.postponed_at else when
        for item, when in ((one, period(one.starts_at, one.ends_at)) for one in dates)
        if not item.cancelled_at
    ]


def payment_words(order: Order) -> PaymentWords | None:
    """How what is still open of an order is paid; None where there is no claim."""
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


def sender() -> Sender:
    """Who signs: the municipality."""
    municipality = get_municipality()
    return Sender(
        municipality.name, municipality.department_name, municipality.email, municipality.phone
    )
