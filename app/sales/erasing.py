"""Erasing a person or a whole customer: orders become nameless, amounts stay (Privacy).

Refused while something still counts on them: a registration to come, an order that waits, money
to be paid or paid back, a ledger entry under way.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.clock import now
from app.extensions import _t, db, write_transaction
from app.formats import money
from app.mail.retention import forget_mails, mails_to
from app.payments.models import PaymentRequest
from app.payments.retention import forget_words
from app.people.customers import find_customer
from app.people.models import Customer, Person
from app.people.persons import find_person
from app.people.problems import PersonProblem, PersonRefused
from app.sales.basket import lock_all_baskets, lock_customer
from app.sales.changes import BUSY, forget_change_words, orders_being_changed
from app.sales.holds import drop_baskets_made_by, give_back_lines
from app.sales.leaving import leaving_problems
from app.sales.models import Basket, LineState, Order, OrderLine, OrderState
from app.sales.personal_data import orders_of_customer
from app.settings.audit import ERASED, forget_actor, forget_subjects, record
from app.settings.calls import forget_caller
from app.uitpas.attention import attention_to
from app.uitpas.models import UitpasEntry
from app.uitpas.retention import entries_under_way, forget_numbers
from app.uitpas.retention import forget_words as forget_ledger_words

ZERO = Decimal("0.00")


@dataclass(frozen=True)
class Erasure:
    """What erasing would do, for the page that explains it; the amount in euro stays."""

    problems: list[PersonProblem]
    persons: list[str]
    orders: int
    registrations: int
    amount: Decimal
    mails: int
    loses_account: bool


def preview_erasing(customer_id: int, person_id: int | None = None) -> Erasure | None:
    """What erasing this customer, or one person of it, would do; None for who is not there."""
    customer = find_customer(customer_id)
    person = find_person(customer_id, person_id) if person_id is not None else None
    if customer is None or (person_id is not None and person is None):
        return None
    orders = orders_of_customer(customer_id, person_id)
    lines = _lines(orders, person_id)
    account = customer.account
    return Erasure(
        problems=_problems(customer, person, orders),
        persons=[one.name for one in ([person] if person else customer.persons)],
        orders=len(orders),
        registrations=len(lines),
        amount=sum((line.price for line in lines if line.state is LineState.LIVE), ZERO),
        mails=0 if person else len(mails_to(_addresses(customer, orders))),
        loses_account=person is None and account is not None and not account.is_staff,
    )


def erase_customer(customer_id: int, reason: str) -> None:
    """Forget a customer: persons, account, mails and names on orders; amounts stay.

    A member of staff keeps the account. Raises PersonRefused, LookupError when there is none.
    """
    _need_reason(reason)
    with write_transaction() as session:
        known = _lock_orders(session, customer_id)
        baskets = _lock(session, customer_id)
        customer = find_customer(customer_id)
        if customer is None:
            raise LookupError("customer")
        orders = orders_of_customer(customer_id, None)
        _refuse(_arrived(known, orders) or _problems(customer, None, orders))
        give_back_lines(session, [line for basket in baskets for line in basket.lines])
        persons = [person.id for person in customer.persons]
        _forget_lines(session, _lines(orders, None))
        for order in orders:
            order.customer_id = None
            order.contact_name, order.contact_email, order.message = ERASED, "", ""
        forget_mails(session, _addresses(customer, orders))
        forget_subjects(session, "customer", [customer_id])
        forget_subjects(session, "person", persons)
        _forget_words(session, orders)
        account = customer.account
        session.flush()
        session.delete(customer)
        if account is not None and not account.is_staff:
            forget_actor(session, account.id)
            forget_caller(session, account.id)
            drop_baskets_made_by(session, account.id)
            session.flush()
            session.delete(account)
        record(
            "klant gewist",
            subject_kind="customer",
            subject_id=customer_id,
            subject_label=ERASED,
            reason=reason.strip(),
            detail={"bestellingen": len(orders), "gezinsleden": len(persons)},
        )


def erase_person(customer_id: int, person_id: int, reason: str) -> None:
    """Forget one person of a customer: numbers, and the name on registrations; amounts stay.

    Raises PersonRefused, LookupError when there is none.
    """
    _need_reason(reason)
    with write_transaction() as session:
        known = _lock_orders(session, customer_id)
        _lock(session, customer_id)
        customer, person = find_customer(customer_id), find_person(customer_id, person_id)
        if customer is None or person is None:
            raise LookupError("person")
        orders = orders_of_customer(customer_id, person_id)
        _refuse(_arrived(known, orders) or _problems(customer, person, orders))
        _forget_lines(session, _lines(orders, person_id))
        forget_mails(session, _addresses(customer, orders), naming=person.first_name)
        forget_subjects(session, "person", [person_id])
        _forget_words(session, orders)
        session.flush()
        session.delete(person)
        record(
            "gezinslid gewist",
            subject_kind="person",
            subject_id=person_id,
            subject_label=ERASED,
            reason=reason.strip(),
            detail={"inschrijvingen": len(orders)},
        )


def _lock_orders(session: Session, customer_id: int) -> set[int]:
    """Keep everybody off who cancels or pays something of these orders; returns which they are.

    Orders come before baskets and the customer, as wherever both are locked.
    """
    mine = Order.customer_id == customer_id
    ids = session.scalars(select(Order.id).where(mine).order_by(Order.id).with_for_update()).all()
    claims = select(Order.payment_request_id).where(mine)
    for model, condition in (
        (PaymentRequest, PaymentRequest.id.in_(claims)),
        (UitpasEntry, UitpasEntry.order_id.in_(ids)),
    ):
        session.execute(select(model.id).where(condition).order_by(model.id).with_for_update())
    return set(ids)


def _arrived(known: set[int], orders: Sequence[Order]) -> list[PersonProblem]:
    """An order that was written while we waited for the others is not ours to look at."""
    if known.issuperset(order.id for order in orders):
        return []
    sentence = _t("Er kwam net een bestelling bij. Probeer het over een minuut opnieuw.")
    return [PersonProblem(sentence)]


def _lock(session: Session, customer_id: int) -> list[Basket]:
    """Keep everybody off who puts something in a basket or makes an order of it.

    An order is written while its basket is locked, and names the customer: so the baskets first,
    and then the customer against new rows that name it.
    """
    lock_customer(session, customer_id)
    baskets = lock_all_baskets(session, customer_id)
    session.execute(select(Customer.id).where(Customer.id == customer_id).with_for_update())
    return baskets


def _need_reason(reason: str) -> None:
    if not reason.strip():
        sentence = _t("Vul in waarom je deze gegevens wist, bijvoorbeeld: op vraag van de ouder.")
        raise PersonRefused([PersonProblem(sentence, "reason")])


def _refuse(problems: list[PersonProblem]) -> None:
    if problems:
        raise PersonRefused(problems)


def _lines(orders: Sequence[Order], person_id: int | None) -> list[OrderLine]:
    return [
        line
        for order in orders
        for line in order.lines
        if person_id is None or line.person_id == person_id
    ]


def _addresses(customer: Customer, orders: Sequence[Order]) -> set[str]:
    """The customer's own addresses, without those that another customer has too."""
    own = {customer.email.lower(), *(order.contact_email.lower() for order in orders)} - {""}
    if customer.account is not None:
        own.add(customer.account.email)
    shared = db.session.scalars(
        select(Customer.email).where(Customer.email.in_(own), Customer.id != customer.id)
    )
    return own - {email.lower() for email in shared}


def _problems(
    customer: Customer, person: Person | None, orders: Sequence[Order]
) -> list[PersonProblem]:
    problems = [] if person is None else leaving_problems(person.id, person.first_name)
    if person is None:
        problems += _to_come(orders)
    for order in orders:
        problems += _open_money(order)
        if order.state is OrderState.OPEN:
            sentence = "Bestelling %(number)s wacht nog op UiTPAS. Wacht tot die afgerond is."
            problems.append(PersonProblem(_t(sentence, number=order.number)))
    if orders_being_changed(order.id for order in orders):
        problems.append(PersonProblem(str(BUSY)))
    refs = [line.line_ref for line in _lines(orders, person.id if person else None)]
    if refs and entries_under_way(UitpasEntry.line_ref.in_(refs)):
        sentence = _t(
            "Bij UiTPAS is nog iets onderweg voor deze bestellingen. Kijk in het UiTPAS-grootboek."
        )
        problems.append(PersonProblem(sentence))
    elif refs and attention_to(refs):
        sentence = _t(
            "Een verkoop van deze bestellingen klopt niet met UiTPAS. Zet dat eerst recht in het "
            "UiTPAS-grootboek: daarna is het UiTPAS-nummer er niet meer."
        )
        problems.append(PersonProblem(sentence))
    return problems


def _to_come(orders: Sequence[Order]) -> list[PersonProblem]:
    moment = now()
    return [
        PersonProblem(
            _t(
                "%(name)s is nog ingeschreven voor %(title)s. Annuleer die inschrijving eerst.",
                name=line.participant_name,
                title=line.activity.title,
            )
        )
        for order in orders
        if order.state in (OrderState.OPEN, OrderState.CONFIRMED)
        for line in order.live_lines
        if line.activity.last_end is None or line.activity.last_end > moment
    ]


def _open_money(order: Order) -> list[PersonProblem]:
    claim = order.payment_request
    if claim is None:
        return []
    if claim.open_amount > ZERO:
        sentence = "Van bestelling %(number)s is nog %(amount)s te betalen. Regel dat eerst."
        amount = claim.open_amount
    else:
        due = sum((refund.amount for refund in claim.refunds if refund.paid_at is None), ZERO)
        amount = due - claim.open_amount
        sentence = "Van bestelling %(number)s is nog %(amount)s terug te betalen. Regel dat eerst."
    if amount == ZERO:
        return []
    return [PersonProblem(_t(sentence, number=order.number, amount=money(amount)))]


def _forget_words(session: Session, orders: Sequence[Order]) -> None:
    """Empty what staff wrote about these orders, their money and their sales at UiTPAS."""
    forget_words(session, [o.payment_request_id for o in orders if o.payment_request_id])
    of_these = UitpasEntry.order_id.in_([order.id for order in orders])
    entries = session.scalars(select(UitpasEntry.id).where(of_these)).all()
    forget_ledger_words(session, entries)
    forget_subjects(session, "grootboek", entries)
    forget_subjects(session, "bestelling", [order.id for order in orders])


def _forget_lines(session: Session, lines: list[OrderLine]) -> None:
    for line in lines:
        line.person_id = None
        line.participant_name, line.cancel_reason, line.override_reason = ERASED, "", ""
    wishes = forget_change_words(session, lines)
    forget_numbers(session, wishes.union(line.line_ref for line in lines))
