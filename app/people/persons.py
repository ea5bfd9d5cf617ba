"""The persons of a customer: family members and contacts (C2, P1, P4)."""

from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import contains_eager

from app.clock import today
from app.encryption import keyring
from app.extensions import _l, db, write_transaction
from app.people.models import Customer, Person
from app.people.numbers import (
    InszProblem,
    UitpasNumberProblem,
    read_insz,
    read_uitpas_number,
)
from app.people.problems import PersonProblem, PersonRefused
from app.settings.audit import record
from app.settings.privacy import insz_allowed

__all__ = [
    "EARLIEST_BIRTH",
    "PersonData",
    "PersonRefused",
    "UitpasNumberProblem",
    "add_person",
    "find_person",
    "get_person",
    "person_problems",
    "persons_of",
    "read_uitpas_number",
    "remove_person",
    "subject_of",
    "update_person",
]

EARLIEST_BIRTH = date(1900, 1, 1)
MOST_PERSONS = 30
KEEP = None


@dataclass(frozen=True)
class PersonData:
    """What is typed about a person.

    ``insz`` None keeps what was stored, an empty text removes it; it is never shown again. While
    register numbers may not be used, what was stored is kept whatever was typed.
    """

    first_name: str
    last_name: str
    birth_date: date | None
    insz: str | None = field(default=KEEP, repr=False)
    uitpas_number: str = field(default="", repr=False)
    own_postal_code: str = ""


def person_problems(
    customer_id: int, data: PersonData, person_id: int | None = None
) -> list[PersonProblem]:
    """Why this person cannot be saved so, each with its field."""
    problems = []
    if not data.first_name.strip():
        problems.append(PersonProblem(str(_l("Vul een voornaam in.")), "first_name"))
    problems += _birth_problems(data.birth_date)
    problems += _number_problems(data)
    if data.insz and insz_allowed() and not any(problem.field == "insz" for problem in problems):
        double = _same_insz(customer_id, read_insz(data.insz), person_id)
        if double is not None:
            sentence = _l("Dit rijksregisternummer staat al bij %(name)s.", name=double.first_name)
            problems.append(PersonProblem(str(sentence), "insz"))
    return problems


def add_person(customer_id: int, data: PersonData, *, by_staff: bool = False) -> Person:
    """Add somebody to a customer's family; the last name is the customer's unless another is given.

    Raises PersonRefused.
    """
    try:
        with write_transaction() as session:
            customer = session.get_one(Customer, customer_id)
            problems = person_problems(customer_id, data)
            if len(customer.persons) >= MOST_PERSONS:
                problems.append(
                    PersonProblem(str(_l("Er staan al 30 personen in dit gezin.")), "first_name")
                )
            if problems:
                raise PersonRefused(problems)
            with_insz = insz_allowed()
            person = Person(customer=customer, first_name="", last_name="")
            _fill(person, data, customer, with_insz)
            session.add(person)
            session.flush()
            if by_staff:
                record("gezinslid toegevoegd", **subject_of(person))
            return person
    except IntegrityError:
        raise _double_insz() from None


def update_person(
    customer_id: int, person_id: int, data: PersonData, *, by_staff: bool = False
) -> Person:
    """Change a person of this customer. Raises PersonRefused, LookupError for another's person."""
    try:
        with write_transaction() as session:
            person = find_person(customer_id, person_id)
            if person is None:
                raise LookupError("person")
            problems = person_problems(customer_id, data, person_id)
            if problems:
                raise PersonRefused(problems)
            before = _known(person)
            _fill(person, data, person.customer, insz_allowed())
            session.flush()
            after = _known(person)
            changed = sorted(name for name in after if after[name] != before[name])
            if by_staff and changed:
                record("gezinslid gewijzigd", **subject_of(person), detail={"velden": changed})
            return person
    except IntegrityError:
        raise _double_insz() from None


def remove_person(customer_id: int, person_id: int, *, by_staff: bool = False) -> bool:
    """Take a person out of the family; False when it is not of this customer.

    What was registered keeps the name. Whoever calls this looks first whether a basket or a
    registration still counts on the person.
    """
    with write_transaction() as session:
        person = find_person(customer_id, person_id)
        if person is None:
            return False
        if by_staff:
            record("gezinslid verwijderd", **subject_of(person))
        session.delete(person)
        return True


def find_person(customer_id: int, person_id: int) -> Person | None:
    """A person by id and owner together; None for a stranger's."""
    return db.session.scalar(
        select(Person)
        .join(Person.customer)
        .where(Person.id == person_id, Person.customer_id == customer_id)
        .options(contains_eager(Person.customer))
    )


def get_person(person_id: int) -> Person | None:
    """Anybody's person, with its customer: for staff only."""
    return db.session.scalar(
        select(Person)
        .join(Person.customer)
        .where(Person.id == person_id)
        .options(contains_eager(Person.customer))
    )


def persons_of(customer_id: int) -> list[Person]:
    """The family of a customer, the youngest last."""
    return list(
        db.session.scalars(
            select(Person)
            .join(Person.customer)
            .where(Person.customer_id == customer_id)
            .options(contains_eager(Person.customer))
            .order_by(Person.birth_date, Person.first_name, Person.id)
        )
    )


def _fill(person: Person, data: PersonData, customer: Customer, with_insz: bool) -> None:
    person.first_name = data.first_name.strip()
    person.last_name = data.last_name.strip() or customer.last_name
    person.birth_date = data.birth_date
    person.own_postal_code = data.own_postal_code.strip()
    if data.insz is not KEEP and with_insz:
        person.insz = read_insz(data.insz) if data.insz.strip() else None
    typed = data.uitpas_number.strip()
    person.uitpas_number = read_uitpas_number(typed).digits if typed else None


def _known(person: Person) -> dict[str, object]:
    return {
        "voornaam": person.first_name,
        "naam": person.last_name,
        "geboortedatum": person.birth_date,
        "postcode": person.own_postal_code,
        "rijksregisternummer": person.insz_fingerprint,
        "UiTPAS-nummer": person.uitpas_number,
    }


def subject_of(person: Person) -> dict[str, str]:
    """Whom an entry of the audit trail is about."""
    return {
        "subject_kind": "person",
        "subject_id": str(person.id),
        "subject_label": person.name,
    }


def _birth_problems(birth_date: date | None) -> list[PersonProblem]:
    if birth_date is None:
        sentence = _l("Vul een geboortedatum in, zoals 21/03/2018.")
    elif birth_date > today():
        sentence = _l("Deze geboortedatum ligt in de toekomst. Kijk het jaar na.")
    elif birth_date < EARLIEST_BIRTH:
        sentence = _l("Deze geboortedatum ligt voor 1900. Kijk het jaar na.")
    else:
        return []
    return [PersonProblem(str(sentence), "birth_date")]


def _number_problems(data: PersonData) -> list[PersonProblem]:
    problems = []
    if data.insz and data.insz.strip() and insz_allowed():
        try:
            read_insz(data.insz)
        except InszProblem as problem:
            problems.append(PersonProblem(problem.sentence, "insz"))
    if data.uitpas_number.strip():
        try:
            read_uitpas_number(data.uitpas_number)
        except UitpasNumberProblem as problem:
            problems.append(PersonProblem(problem.sentence, "uitpas_number"))
    return problems


def _same_insz(customer_id: int, insz: str, person_id: int | None) -> Person | None:
    return db.session.scalar(
        select(Person).where(
            Person.customer_id == customer_id,
            Person.insz_fingerprint == keyring.fingerprint(insz),
            Person.id != (person_id or 0),
        )
    )


def _double_insz() -> PersonRefused:
    """Two tabs at once: the database kept the second out."""
    sentence = _l("Dit rijksregisternummer staat al bij iemand van dit gezin.")
    return PersonRefused([PersonProblem(str(sentence), "insz")])
