"""Everything that is kept of a customer or of one person, to be read or taken along (Privacy)."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from app.clock import local, now
from app.extensions import db, write_transaction
from app.formats import masked_insz
from app.mail.models import MailMessage
from app.mail.retention import mails_to
from app.payments.models import PaymentRequest
from app.people.customers import find_customer
from app.people.insz import show_insz
from app.people.models import Account, Customer, PassCheckItem, Person, TariffStatus
from app.people.pass_checks import checks_of
from app.people.problems import PersonProblem, PersonRefused
from app.sales.basket import open_baskets
from app.sales.models import LineState, Order, OrderLine, OrderState
from app.sales.overriding import override_words
from app.settings.audit import entries_about, record
from app.settings.calls import calls_of
from app.settings.models import AuditEntry, PubliqCall
from app.settings.municipality import get_municipality
from app.settings.privacy import insz_allowed
from app.uitpas.ledger import entries_of_lines
from app.uitpas.models import UitpasEntry

Data = dict[str, Any]
"""Dutch names with texts, numbers, lists of Data, or Data: what a person can read."""
STATUSES = {
    TariffStatus.ACTIVE: "actief",
    TariffStatus.EXPIRED: "vervallen",
    TariffStatus.NONE: "geen",
    TariffStatus.UNKNOWN: "niet gekend",
}
ORDER_STATES = {
    OrderState.OPEN: "wacht op UiTPAS",
    OrderState.CONFIRMED: "bevestigd",
    OrderState.CANCELLED: "geannuleerd",
    OrderState.LAPSED: "niet doorgegaan",
}
METHODS = {"desk": "aan het loket", "transfer": "overschrijving", "online": "online"}
MEANS = {"cash": "contant", "terminal": "bankkaart", "transfer": "overschrijving"}
TAKEN_ALONG = "gedownload door de klant zelf"
WHY = "Vul in waarom je deze gegevens meegeeft, bijvoorbeeld: op vraag van de ouder."


def personal_data(
    customer_id: int, person_id: int | None = None, *, whole_insz: bool = False
) -> Data | None:
    """What is kept of a customer, or of one person of it; None for who is not there.

    Register numbers are masked, unless they are for whom they belong to (``whole_insz``).
    """
    customer = find_customer(customer_id)
    if customer is None:
        return None
    persons = [one for one in customer.persons if person_id in (None, one.id)]
    if person_id is not None and not persons:
        return None
    orders = orders_of_customer(customer_id, person_id)
    data: Data = {
        "gemeente": get_municipality().name,
        "opgemaakt op": _moment(now()),
    }
    if person_id is None:
        data["klant"] = _customer(customer)
        data["aanmelding"] = _account(customer)
    checks = checks_of([person.id for person in persons])
    data["gezinsleden"] = [_person(person, whole_insz, checks) for person in persons]
    data["mandje"] = _basket(customer_id, person_id)
    data["bestellingen"] = _all_orders(orders, person_id)
    if person_id is None:
        data["mails"] = [_mail(mail) for mail in mails_to(_addresses(customer, orders))]
        if customer.account is not None:
            data["oproepen bij UiTPAS"] = [_call(call) for call in calls_of(customer.account.id)]
    data["logboek"] = _audit(customer_id if person_id is None else None, persons, orders)
    return data


def hand_over(
    customer_id: int, person_id: int | None, reason: str, *, whole_insz: bool
) -> Data | None:
    """The same for an admin who hands it over; written down with the reason.

    Raises PersonRefused without a reason.
    """
    if not reason.strip():
        raise PersonRefused([PersonProblem(WHY, "reason")])
    with write_transaction():
        customer = find_customer(customer_id)
        data = personal_data(customer_id, person_id, whole_insz=whole_insz)
        if customer is None or data is None:
            return None
        names = {one.id: one.name for one in customer.persons}
        if whole_insz:
            _show_numbers(customer, person_id, reason.strip())
        record(
            "persoonsgegevens meegegeven",
            subject_kind="customer" if person_id is None else "person",
            subject_id=customer_id if person_id is None else person_id,
            subject_label=customer.name if person_id is None else names[person_id],
            reason=reason.strip(),
            detail={"rijksregisternummers": whole_insz},
        )
        return data


def take_along(customer_id: int) -> Data | None:
    """The same for the customer, as a file with whole register numbers; written down.

    Each number that is shown is a look at it, whoever looks (invariant 6).
    """
    with write_transaction():
        customer = find_customer(customer_id)
        data = personal_data(customer_id, whole_insz=True)
        if customer is None or data is None:
            return None
        shown = _show_numbers(customer, None, TAKEN_ALONG)
        record(
            "eigen gegevens gedownload",
            subject_kind="customer",
            subject_id=customer_id,
            subject_label=customer.name,
            detail={"rijksregisternummers": shown},
        )
        return data


def _show_numbers(customer: Customer, person_id: int | None, reason: str) -> int:
    """Write down that register numbers are shown; returns how many."""
    if not insz_allowed():
        return 0
    wanted = [one for one in customer.persons if person_id in (None, one.id)]
    return sum(bool(show_insz(one, reason)) for one in wanted)


def _customer(customer: Customer) -> Data:
    return {
        "voornaam": customer.first_name,
        "naam": customer.last_name,
        "e-mail": customer.email,
        "telefoon": customer.phone,
        "straat": customer.street,
        "postcode": customer.postal_code,
        "plaats": customer.locality,
        "klant sinds": _moment(customer.created_at),
    }


def _addresses(customer: Customer, orders: Iterable[Order]) -> set[str]:
    """The address of the customer now, and those of earlier that are nobody else's by now."""
    own = customer.account.email if customer.account else ""
    earlier = {customer.email.lower(), *(order.contact_email.lower() for order in orders)}
    earlier -= {own, ""}
    others = select(func.lower(Customer.email)).where(
        func.lower(Customer.email).in_(earlier), Customer.id != customer.id
    )
    accounts = select(Account.email).where(Account.email.in_(earlier))
    taken = {*db.session.scalars(others), *db.session.scalars(accounts)}
    return {own} | (earlier - taken)


def _account(customer: Customer) -> Data:
    account = customer.account
    if account is None:
        return {}
    return {
        "e-mail": account.email,
        "naam": account.name,
        "gemaakt op": _moment(account.created_at),
        "wachtwoord gewijzigd op": _moment(account.password_changed_at),
        "geblokkeerd op": _moment(account.blocked_at),
    }


def _person(person: Person, whole_insz: bool, checks: Sequence[PassCheckItem]) -> Data:
    data: Data = {
        "voornaam": person.first_name,
        "naam": person.last_name,
        "geboortedatum": _day(person.birth_date),
        "postcode": person.postal_code,
        "UiTPAS-nummer": person.uitpas_number or "",
        "kansentarief": STATUSES[person.tariff_status],
        "kansentarief tot": _moment(person.tariff_until),
        "nagekeken op": _moment(person.tariff_checked_at),
        "toegevoegd op": _moment(person.created_at),
    }
    if insz_allowed() and person.insz_unreadable:
        data["rijksregisternummer"] = "niet leesbaar"
    elif insz_allowed():
        insz = person.insz or ""
        data["rijksregisternummer"] = insz if whole_insz else masked_insz(insz)
    elif person.insz_fingerprint is not None:
        data["rijksregisternummer"] = "versleuteld bewaard, wordt niet gebruikt"
    data["nagekeken bij UiTPAS"] = [
        {
            "op": _moment(check.ended_at),
            "uitslag": check.sentence,
            "wat UiTPAS zei": " ".join(text for _level, text in check.messages),
        }
        for check in checks
        if check.person_id == person.id
    ]
    return data


def _basket(customer_id: int, person_id: int | None) -> list[Data]:
    return [
        {
            "activiteit": line.activity.title,
            "voor": line.person.name if line.person else "",
            "prijs": _euro(line.price),
            "UiTPAS-nummer": line.uitpas_number or "",
        }
        for basket in open_baskets(customer_id)
        for line in basket.lines
        if person_id in (None, line.person_id)
    ]


def orders_of_customer(customer_id: int, person_id: int | None) -> Sequence[Order]:
    """Orders with their lines, payments and refunds; with a person only those that have one of it.

    The first comes first; a fixed number of queries.
    """
    query = (
        select(Order)
        .where(Order.customer_id == customer_id)
        .options(
            selectinload(Order.lines).joinedload(OrderLine.activity),
            joinedload(Order.payment_request).options(
                selectinload(PaymentRequest.payments), selectinload(PaymentRequest.refunds)
            ),
        )
        .order_by(Order.id)
    )
    if person_id is not None:
        query = query.where(Order.lines.any(OrderLine.person_id == person_id))
    return db.session.scalars(query).all()


def _all_orders(orders: Sequence[Order], person_id: int | None) -> list[Data]:
    lines = [line.line_ref for order in orders for line in order.lines]
    entries = entries_of_lines(lines)
    return [_order(order, person_id, entries) for order in orders]


def _order(order: Order, person_id: int | None, entries: dict[str, UitpasEntry]) -> Data:
    data: Data = {
        "nummer": order.number,
        "gemaakt op": _moment(order.created_at),
        "stand": ORDER_STATES[order.state],
        "op naam van": order.contact_name,
        "e-mail": order.contact_email,
        "inschrijvingen": [
            _line(line, entries.get(line.line_ref))
            for line in order.lines
            if person_id in (None, line.person_id)
        ],
    }
    if person_id is None and order.payment_request is not None:
        data["betaling"] = _claim(order.payment_request)
    return data


def _line(line: OrderLine, entry: UitpasEntry | None) -> Data:
    data: Data = {
        "activiteit": line.activity.title,
        "deelnemer": line.participant_name,
        "tarief": line.category_name,
        "gewone prijs": _euro(line.regular_price),
        "prijs": _euro(line.price),
        "voordeel": line.benefit_name,
        "geannuleerd op": _moment(line.cancelled_at) if line.state is LineState.CANCELLED else "",
        "reden van annulering": line.cancel_reason,
    }
    if line.override_reason:
        words = ", ".join(override_words(line.overridden))
        data["uitzondering"] = f"{words}: {line.override_reason}"
    if entry is not None:
        data["UiTPAS-nummer"] = entry.uitpas_number
        data["UiTPAS-ticket-id"] = entry.external_id or ""
    return data


def _claim(claim: PaymentRequest) -> Data:
    return {
        "mededeling": claim.communication,
        "hoe": METHODS.get(claim.method.value, claim.method.value),
        "bedrag": _euro(claim.amount),
        "betaald": [
            {
                "op": _moment(paid.at),
                "bedrag": _euro(paid.amount),
                "met": MEANS.get(paid.means.value, paid.means.value),
            }
            for paid in claim.payments
        ],
        "terugbetaald": [
            {"op": _moment(refund.paid_at), "bedrag": _euro(refund.amount)}
            for refund in claim.refunds
        ],
    }


def _mail(mail: MailMessage) -> Data:
    return {
        "onderwerp": mail.subject,
        "naar": mail.recipient,
        "gemaakt op": _moment(mail.created_at),
        "verstuurd op": _moment(mail.sent_at),
    }


def _call(call: PubliqCall) -> Data:
    return {"op": _moment(call.started_at), "waarvoor": call.purpose}


def _audit(
    customer_id: int | None, persons: Iterable[Person], orders: Iterable[Order]
) -> list[Data]:
    """What was done to them, without the names of staff."""
    entries: list[AuditEntry] = []
    if customer_id is not None:
        entries += entries_about("customer", [customer_id])
        entries += entries_about("bestelling", [order.id for order in orders])
    entries += entries_about("person", [person.id for person in persons])
    entries.sort(key=lambda entry: entry.id)
    return [
        {
            "op": _moment(entry.at),
            "wat": entry.action,
            "over": entry.subject_label,
            "reden": entry.reason,
        }
        for entry in entries
    ]


def _moment(value: datetime | None) -> str:
    return "" if value is None else f"{local(value):%Y-%m-%d %H:%M}"


def _day(value: date | None) -> str:
    return "" if value is None else value.isoformat()


def _euro(amount: Decimal) -> str:
    return f"{amount:.2f}"
