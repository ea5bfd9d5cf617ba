"""Registrations: the overview as a spreadsheet, exactly as it is filtered; for admins only (R6)."""

from collections.abc import Iterator

from flask import abort
from werkzeug.wrappers import Response

from app.extensions import write_transaction
from app.payments.models import PaymentRequest
from app.people.searching import looks_like_insz
from app.sales.exporting import exported_registrations
from app.sales.models import LineState, OrderLine, OrderState
from app.sales.orders import RegistrationFilter
from app.settings.audit import record
from app.settings.uit import get_modules
from app.web import words
from app.web.access import Access, allow
from app.web.backoffice import backoffice
from app.web.backoffice.registrations import read_filters
from app.web.exports import EXPORTS, Column, Kind, Row
from app.web.insz_addresses import insz_not_here

COLUMNS = (
    Column("Deelnemer", width=28),
    Column("Geboortedatum", Kind.DAY, 14),
    Column("Activiteit", width=36),
    Column("Activiteittype", width=24),
    Column("Begint", Kind.MOMENT),
    Column("Klant", width=28),
    Column("E-mail", width=30),
    Column("Telefoon"),
    Column("Bestelling", width=14),
    Column("Besteld op", Kind.MOMENT),
    Column("Status"),
    Column("Reden van annuleren", width=30),
    Column("Prijscategorie", width=20),
    Column("Gewone prijs", Kind.MONEY, 12),
    Column("Prijs", Kind.MONEY, 12),
    Column("Bestelling betaald", width=14),
)
OF_UITPAS = (
    Column("Voordeel"),
    Column("Tarief", width=30),
    Column("UiTPAS-ticket-id", width=38),
)


@backoffice.get("/inschrijvingen/export.<kind>")
@allow(Access.ADMIN)
def export_registrations(kind: str) -> Response:
    """All pages of the overview in one file, as filtered; that it was taken is written down."""
    write = EXPORTS.get(kind) or abort(404)
    wanted, with_uitpas = read_filters(), get_modules().uitpas
    if looks_like_insz(wanted.text):
        return insz_not_here("backoffice.registrations")
    with write_transaction():
        record("inschrijvingen geëxporteerd", detail={"soort": kind})
    columns = (*COLUMNS, *OF_UITPAS) if with_uitpas else COLUMNS
    return write("inschrijvingen", columns, _rows(wanted, with_uitpas=with_uitpas))


def _rows(wanted: RegistrationFilter, *, with_uitpas: bool) -> Iterator[Row]:
    for line, ticket_id in exported_registrations(wanted):
        yield (*_values(line), *(_of_uitpas(line, ticket_id) if with_uitpas else ()))


def _values(line: OrderLine) -> Row:
    order, person = line.order, line.person
    return (
        line.participant_name,
        person.birth_date if person else None,
        line.activity.title,
        line.activity.activity_type.name,
        line.activity.first_start,
        order.contact_name,
        order.contact_email,
        order.customer.phone if order.customer else "",
        order.number,
        order.created_at,
        _state(line),
        line.cancel_reason,
        line.category_name,
        line.regular_price,
        line.price,
        _paid(order.payment_request),
    )


def _state(line: OrderLine) -> str:
    if line.state is LineState.LIVE and line.order.state is not OrderState.CONFIRMED:
        return words.ORDER_STATES[line.order.state]
    return words.LINE_STATES[line.state]


def _paid(request: PaymentRequest | None) -> str:
    """Whether nothing of the whole order is open any more."""
    return "ja" if request is None or request.open_amount <= 0 else "nee"


def _of_uitpas(line: OrderLine, ticket_id: str) -> Row:
    kind = words.BENEFIT_KINDS[line.benefit_kind] if line.benefit_kind else ""
    return kind, line.benefit_name, ticket_id
