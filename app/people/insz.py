"""Register numbers: shown with a reason, found by exact match, forgotten (invariant 6)."""

from datetime import timedelta

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import contains_eager

from app.clock import now
from app.encryption import keyring
from app.extensions import _l, db, end_read, write_transaction
from app.people.models import Person
from app.people.numbers import InszProblem, read_insz
from app.people.persons import get_person, subject_of
from app.people.problems import PersonProblem, PersonRefused
from app.settings.audit import record
from app.settings.privacy import insz_allowed

BATCH = 500
"""Rows changed in one transaction, so that nobody waits long for the database."""
SAME_USE = timedelta(hours=12)
"""Several look-ups on one day are one use: the term counts in months."""


def reveal_insz(person_id: int, reason: str) -> str | None:
    """The register number in full, for an admin who says why; that is written down.

    None where there is none, or where none may be used. Raises PersonRefused without a reason.
    """
    if not reason.strip():
        raise PersonRefused(
            [PersonProblem(str(_l("Vul in waarom je het nummer nodig hebt.")), "reason")]
        )
    with write_transaction():
        person = get_person(person_id)
        if person is None or not person.insz or not insz_allowed():
            return None
        return show_insz(person, reason.strip())


def show_insz(person: Person, reason: str) -> str:
    """The register number in full, written down; inside a transaction.

    Empty where there is none, or none that can be read: then nothing is shown.
    """
    if not person.insz:
        return ""
    person.insz_used_at = now()
    record("rijksregisternummer getoond", **subject_of(person), reason=reason)
    return person.insz


def find_by_insz(typed: str) -> list[Person]:
    """Everybody with exactly this register number, for an admin; each search is written down.

    Found by the keyed hash: the number itself cannot be searched. Raises PersonRefused.
    """
    if not typed.strip():
        raise PersonRefused(
            [PersonProblem(str(_l("Vul het rijksregisternummer in dat je zoekt.")), "insz")]
        )
    try:
        digits = read_insz(typed)
    except InszProblem as problem:
        raise PersonRefused([PersonProblem(problem.sentence, "insz")]) from None
    with write_transaction() as session:
        if not insz_allowed():
            return []
        found = session.scalars(
            select(Person)
            .join(Person.customer)
            .where(Person.insz_fingerprint == keyring.fingerprint(digits))
            .options(contains_eager(Person.customer))
            .order_by(Person.id)
        ).all()
        for person in found:
            record("gezocht op rijksregisternummer", **subject_of(person))
        if not found:
            record("gezocht op rijksregisternummer", detail={"gevonden": 0})
        return list(found)


def note_insz_use(person_id: int) -> None:
    """A look-up by the register number begins: its term runs from now."""
    used_at = db.session.scalar(select(Person.insz_used_at).where(Person.id == person_id))
    if used_at is not None and used_at > now() - SAME_USE:
        end_read()
        return
    with write_transaction() as session:
        session.execute(
            update(Person)
            .where(Person.id == person_id, Person.insz.is_not(None))
            .values(insz_used_at=now())
        )


def count_insz() -> int:
    """How many persons have a register number."""
    return db.session.scalar(select(func.count(Person.id)).where(_HAS_INSZ)) or 0


def erase_every_insz() -> int:
    """Forget all register numbers, in batches; returns how many. UiTPAS numbers stay."""
    gone = 0
    while done := forget_insz(BATCH):
        gone += done
    if gone:
        with write_transaction():
            record(
                "rijksregisternummers gewist", subject_kind="instellingen", detail={"aantal": gone}
            )
    return gone


def forget_insz(most: int, *conditions: object) -> int:
    """Forget at most so many register numbers that fit the conditions; returns how many."""
    with write_transaction() as session:
        wanted = select(Person.id).where(_HAS_INSZ, *conditions).limit(most)
        return session.execute(
            update(Person)
            .where(Person.id.in_(wanted))
            .values(insz=None, insz_fingerprint=None, insz_used_at=None)
            .execution_options(synchronize_session=False)
        ).rowcount


_HAS_INSZ = or_(Person.insz.is_not(None), Person.insz_fingerprint.is_not(None))
