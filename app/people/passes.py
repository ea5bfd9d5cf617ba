"""Looking up UiTPAS numbers at publiq and keeping the social tariff's status (P1, P2, P3, R2)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import partial

from sqlalchemy import select

from app.clock import now
from app.extensions import _l, db, end_read, write_transaction
from app.parallel import in_parallel
from app.people.models import Person, TariffStatus
from app.people.numbers import names_fit
from app.publiq.errors import (
    PubliqAuthenticationFailed,
    PubliqError,
    PubliqForbidden,
    PubliqNotFound,
    PubliqRefused,
)
from app.publiq.uitpas import Pass
from app.settings.connections import NotConnected, publiq_client

PURPOSE_FIND = "UiTPAS-nummer zoeken"
PURPOSE_CHECK = "UiTPAS nakijken"
NO_ANSWER = _l(
    "UiTPAS antwoordt nu niet. Probeer het straks opnieuw, of ga verder zonder voordeel."
)
NOT_ALLOWED = _l("We kunnen bij UiTPAS nu geen nummers opzoeken. Vul het nummer van de kaart in.")
NONE_KNOWN = _l("UiTPAS kent geen kaart bij dit rijksregisternummer.")
NUMBER_UNKNOWN = _l("UiTPAS kent dit nummer niet. Kijk het nummer na.")
NO_INSZ = _l("Vul eerst het rijksregisternummer in en bewaar het. Dan kunnen we zoeken.")
OTHER_NAME = _l(
    "Bij dit rijksregisternummer staat een andere voornaam. "
    "Kijk de voornaam en het rijksregisternummer na."
)
NOT_USABLE = _l("Deze UiTPAS is geblokkeerd of nog niet geregistreerd.")
FOUND = _l("Gevonden.")
TOO_OFTEN = _l("Je zocht al vaak op. Probeer het over een uur, of vul het nummer van de kaart in.")
STATUSES = {
    "ACTIVE": TariffStatus.ACTIVE,
    "EXPIRED": TariffStatus.EXPIRED,
    "NONE": TariffStatus.NONE,
}


class PassOutcome(StrEnum):
    """How a look-up ended."""

    FOUND = "found"
    NOT_FOUND = "not_found"
    NO_INSZ = "no_insz"
    NAME_DIFFERS = "name_differs"
    BLOCKED = "blocked"
    UNREACHABLE = "unreachable"
    FORBIDDEN = "forbidden"
    TOO_OFTEN = "too_often"


@dataclass(frozen=True)
class PassLookup:
    """What became of a look-up.

    ``messages`` are publiq's, word for word, for the person; ``sentence`` is ours where publiq
    gave none. ``points`` are publiq's at this moment and are not kept.
    """

    outcome: PassOutcome
    number: str | None = field(default=None, repr=False)
    messages: tuple[str, ...] = field(default=(), repr=False)
    sentence: str = ""
    points: int | None = field(default=None, repr=False)

    @property
    def found(self) -> bool:
        """Whether there is a number to use."""
        return self.outcome is PassOutcome.FOUND


@dataclass(frozen=True)
class _Wanted:
    """A person as far as a look-up needs it, loaded before the call."""

    first_name: str
    insz: str | None = field(repr=False)
    uitpas_number: str | None = field(repr=False)


def look_up_pass_by_insz(person_id: int) -> PassLookup:
    """Find the number by INSZ and keep it with the person, if the first names fit (P2).

    Outside any transaction; the answer is written in one of its own.
    """
    wanted = _wanted(person_id)
    if wanted is None or wanted.insz is None:
        return PassLookup(PassOutcome.NO_INSZ, sentence=str(NO_INSZ))
    answer = _ask(wanted.insz, PURPOSE_FIND, unknown=str(NONE_KNOWN))
    if isinstance(answer, PassLookup):
        return answer
    if not names_fit(wanted.first_name, answer.first_name):
        return PassLookup(PassOutcome.NAME_DIFFERS, sentence=str(OTHER_NAME))
    _keep(person_id, wanted, answer)
    return _found(answer)


def check_pass(person_id: int) -> PassLookup:
    """Ask publiq about the person's number and keep the status with its moment (P1, P3)."""
    wanted = _wanted(person_id)
    if wanted is None or wanted.uitpas_number is None:
        return PassLookup(PassOutcome.NOT_FOUND, sentence=str(NUMBER_UNKNOWN))
    answer = _ask(wanted.uitpas_number, PURPOSE_CHECK, unknown=str(NUMBER_UNKNOWN))
    if not isinstance(answer, PassLookup):
        _keep(person_id, wanted, answer)
        return _found(answer)
    if answer.outcome in (PassOutcome.NOT_FOUND, PassOutcome.BLOCKED):
        _keep(person_id, wanted, None)
    return answer


def find_missing_numbers(
    person_ids: Iterable[int], may_ask: Callable[[], bool] = lambda: True
) -> dict[int, PassLookup]:
    """Look up by INSZ who has no number yet, several at once (R2); who has one keeps it.

    ``may_ask`` counts each look-up against the limits of who asks (invariant 7). Outside any
    transaction. One failure does not hinder the others.
    """
    ids = sorted(set(person_ids))
    rows = db.session.execute(
        select(Person.id, Person.uitpas_number, Person.insz_fingerprint).where(Person.id.in_(ids))
    ).all()
    end_read()
    known = {
        row.id: PassLookup(PassOutcome.FOUND, number=row.uitpas_number)
        for row in rows
        if row.uitpas_number
    }
    without = {
        row.id: PassLookup(PassOutcome.NO_INSZ, sentence=str(NO_INSZ))
        for row in rows
        if not row.uitpas_number and not row.insz_fingerprint
    }
    to_ask = [row.id for row in rows if row.id not in known and row.id not in without]
    refused = {
        key: PassLookup(PassOutcome.TOO_OFTEN, sentence=str(TOO_OFTEN))
        for key in to_ask
        if not may_ask()
    }
    asked = in_parallel(
        {key: partial(look_up_pass_by_insz, key) for key in to_ask if key not in refused}
    )
    return {**known, **without, **refused, **asked}


def _wanted(person_id: int) -> _Wanted | None:
    row = db.session.execute(
        select(Person.first_name, Person.insz, Person.uitpas_number).where(Person.id == person_id)
    ).first()
    end_read()
    return None if row is None else _Wanted(*row)


def _ask(identifier: str, purpose: str, *, unknown: str) -> Pass | PassLookup:
    try:
        return publiq_client(purpose=purpose).uitpas.find_pass(identifier)
    except (NotConnected, PubliqForbidden, PubliqAuthenticationFailed):
        return PassLookup(PassOutcome.FORBIDDEN, sentence=str(NOT_ALLOWED))
    except PubliqNotFound as error:
        return _refused(PassOutcome.NOT_FOUND, error, unknown)
    except PubliqRefused as error:
        if error.problem in {"uitpas/invalid-insz-number", "uitpas/invalid-uitpas-number"}:
            return _refused(PassOutcome.NOT_FOUND, error, unknown)
        return _refused(PassOutcome.BLOCKED, error, str(NOT_USABLE))
    except PubliqError:
        return PassLookup(PassOutcome.UNREACHABLE, sentence=str(NO_ANSWER))


def _refused(outcome: PassOutcome, error: PubliqError, sentence: str) -> PassLookup:
    said = error.end_user_message
    return PassLookup(outcome, messages=(said,) if said else (), sentence="" if said else sentence)


def _found(answer: Pass) -> PassLookup:
    return PassLookup(
        PassOutcome.FOUND,
        number=answer.uitpas_number,
        messages=tuple(message.text for message in answer.messages),
        sentence=str(FOUND),
        points=answer.points,
    )


def _keep(person_id: int, asked: _Wanted, answer: Pass | None) -> None:
    """Write what publiq said, unless the person was changed or removed meanwhile."""
    with write_transaction() as session:
        person = session.scalar(select(Person).where(Person.id == person_id).with_for_update())
        if person is None or (person.insz, person.uitpas_number, person.first_name) != (
            asked.insz,
            asked.uitpas_number,
            asked.first_name,
        ):
            return
        if answer is None:
            person.forget_tariff()
        else:
            person.uitpas_number = answer.uitpas_number
            person.tariff_status = STATUSES.get(answer.social_tariff_status, TariffStatus.UNKNOWN)
            person.tariff_until = _until(answer)
        person.tariff_checked_at = now()


def _until(answer: Pass) -> datetime | None:
    """Informs only: publiq gives a period of grace in which the end is past."""
    return None if answer.social_tariff_status == "NONE" else answer.social_tariff_end
