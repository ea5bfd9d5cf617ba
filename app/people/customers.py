"""Customers: finding, making and changing them, with or without account or e-mail (C2)."""

from dataclasses import dataclass

from sqlalchemy import Select, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload, selectinload

from app.extensions import _l, db, write_transaction
from app.people.models import Account, Customer, Person
from app.people.problems import AccountProblem, PersonProblem, PersonRefused
from app.people.sessions import account_by_email, checked_email
from app.settings.audit import record

EMAIL_TAKEN = _l("Met dit e-mailadres meldt iemand anders zich al aan.")
_SEARCHED = (
    Customer.first_name,
    Customer.last_name,
    Customer.email,
    Customer.phone,
    Customer.locality,
)


@dataclass(frozen=True)
class CustomerData:
    """What is known of a customer; only the name is needed. ``email`` None keeps it as it is."""

    first_name: str
    last_name: str
    email: str | None = ""
    phone: str = ""
    street: str = ""
    postal_code: str = ""
    locality: str = ""


def find_customer(customer_id: int) -> Customer | None:
    """A customer with account and persons, or None."""
    return db.session.scalar(
        select(Customer)
        .where(Customer.id == customer_id)
        .options(joinedload(Customer.account), selectinload(Customer.persons))
    )


def search_customers(text: str = "") -> Select[tuple[Customer]]:
    """Customers by name, with account and persons; every word must be found somewhere."""
    query = (
        select(Customer)
        .options(joinedload(Customer.account), selectinload(Customer.persons).defer(Person.insz))
        .order_by(Customer.last_name, Customer.first_name, Customer.id)
    )
    for word in text.split():
        query = query.where(or_(*(column.icontains(word, autoescape=True) for column in _SEARCHED)))
    return query


def make_customer(data: CustomerData) -> Customer:
    """A customer made by staff, without account. Raises PersonRefused."""
    with write_transaction() as session:
        email = _email_of(data)
        customer = Customer(first_name="", last_name="", email=email or "")
        _fill(customer, data)
        session.add(customer)
        session.flush()
        record("klant gemaakt", **_subject(customer))
        return customer


def update_customer(customer_id: int, data: CustomerData, *, by_staff: bool = True) -> Customer:
    """Change a customer; a new e-mail address is also the one its account signs in with.

    Raises PersonRefused.
    """
    try:
        with write_transaction() as session:
            customer = session.get_one(Customer, customer_id)
            before = _known(customer)
            email = _email_of(data)
            if email is not None and email != customer.email:
                _change_email(customer, email)
            _fill(customer, data)
            session.flush()
            changed = sorted(
                name for name, value in _known(customer).items() if value != before[name]
            )
            if by_staff and changed:
                record("klant gewijzigd", **_subject(customer), detail={"velden": changed})
            return customer
    except IntegrityError:
        raise PersonRefused([PersonProblem(str(EMAIL_TAKEN), "email")]) from None


def customer_of_account(account_id: int, data: CustomerData) -> Customer:
    """The customer of an account with these details; made where it is missing (staff who buy)."""
    with write_transaction() as session:
        # the account's row is what two tabs share before there is a customer
        account = session.scalars(
            select(Account).where(Account.id == account_id).with_for_update(of=Account)
        ).one()
        customer = account.customer
        if customer is None:
            customer = Customer(account=account, first_name="", last_name="", email=account.email)
            session.add(customer)
        _fill(customer, data)
        account.name = customer.name
        session.flush()
        return customer


def _email_of(data: CustomerData) -> str | None:
    if not data.email:
        return data.email
    try:
        return checked_email(data.email)
    except AccountProblem as problem:
        raise PersonRefused([PersonProblem(problem.sentence, "email")]) from None


def _change_email(customer: Customer, email: str) -> None:
    account = customer.account
    if account is not None:
        if not email:
            sentence = _l("Deze klant meldt zich aan met dit e-mailadres: het kan niet leeg zijn.")
            raise PersonRefused([PersonProblem(str(sentence), "email")])
        other = account_by_email(email)
        if other is not None and other.id != account.id:
            raise PersonRefused([PersonProblem(str(EMAIL_TAKEN), "email")])
        account.email = email
    customer.email = email


def _fill(customer: Customer, data: CustomerData) -> None:
    customer.first_name = data.first_name.strip()
    customer.last_name = data.last_name.strip()
    customer.phone = data.phone.strip()
    customer.street = data.street.strip()
    customer.postal_code = data.postal_code.strip()
    customer.locality = data.locality.strip()


def _known(customer: Customer) -> dict[str, str]:
    return {
        "voornaam": customer.first_name,
        "naam": customer.last_name,
        "e-mailadres": customer.email,
        "telefoon": customer.phone,
        "straat": customer.street,
        "postcode": customer.postal_code,
        "gemeente": customer.locality,
    }


def _subject(customer: Customer) -> dict[str, str]:
    return {
        "subject_kind": "customer",
        "subject_id": str(customer.id),
        "subject_label": customer.name,
    }
