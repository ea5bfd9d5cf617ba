"""The overview of persons: filters on name, UiTPAS and social tariff (P4)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import contains_eager, defer

from app.clock import now
from app.extensions import db
from app.people.models import Customer, Person, TariffStatus
from app.people.numbers import INSZ_DIGITS, UITPAS_DIGITS, InszProblem, read_insz

SOON = timedelta(days=30)


class UitpasFilter(Enum):
    """How the overview looks at the number."""

    HAS_NUMBER = "nummer"
    NO_NUMBER = "zonder"
    GROUP = "groepspas"


class TariffFilter(Enum):
    """How the overview looks at the social tariff."""

    ACTIVE = "actief"
    ENDS_SOON = "verloopt"
    EXPIRED = "vervallen"
    NONE = "geen"
    UNKNOWN = "onbekend"


@dataclass(frozen=True)
class PersonFilter:
    """What to look for; a text of digits is sought in the UiTPAS number."""

    text: str = ""
    uitpas: UitpasFilter | None = None
    tariff: TariffFilter | None = None

    @property
    def is_empty(self) -> bool:
        """Whether everybody fits."""
        return self == PersonFilter()


def search_persons(wanted: PersonFilter) -> Select[tuple[Person]]:
    """Persons with their customer, by name; every word must stand in a name or be a number.

    No register number is read, let alone deciphered, for a list.
    """
    query = (
        select(Person)
        .join(Person.customer)
        .options(contains_eager(Person.customer), defer(Person.insz))
        .order_by(Person.last_name, Person.first_name, Person.id)
    )
    text = wanted.text
    digits = "".join(sign for sign in text if sign.isdigit())
    if digits and not any(sign.isalpha() for sign in text):
        query = query.where(Person.uitpas_number.contains(digits, autoescape=True))
    else:
        for word in text.split():
            query = query.where(
                or_(*(column.icontains(word, autoescape=True) for column in _NAMES))
            )
    if wanted.uitpas is not None:
        query = query.where(_UITPAS[wanted.uitpas])
    return query if wanted.tariff is None else query.where(*_tariff(wanted.tariff))


def persons_with_number(person_ids: Sequence[int]) -> list[int]:
    """Of these persons who has a UiTPAS number, in the order of their names."""
    return list(
        db.session.scalars(
            select(Person.id)
            .where(Person.id.in_(person_ids), Person.uitpas_number.is_not(None))
            .order_by(Person.last_name, Person.first_name, Person.id)
        )
    )


def looks_like_insz(text: str) -> bool:
    """Whether a register number stands in what somebody typed where it would be in an address.

    Also beside a name, and within the barcode of an identity card. Thirteen digits are a pass.
    """
    runs = [_digits(run) for run in _DIGITS_WITH_SEPARATORS.findall(text)]
    runs += [_digits(word) for word in text.split()]
    return any(
        _is_insz(run[start : start + INSZ_DIGITS])
        for run in runs
        if len(run) != UITPAS_DIGITS
        for start in range(len(run) - INSZ_DIGITS + 1)
    )


def _digits(text: str) -> str:
    return "".join(sign for sign in text if sign.isascii() and sign.isdigit())


def _is_insz(digits: str) -> bool:
    try:
        read_insz(digits)
    except InszProblem:
        return False
    return True


_DIGITS_WITH_SEPARATORS = re.compile(r"[0-9](?:[ .\-/]?[0-9])*")
_NAMES = (Person.first_name, Person.last_name, Customer.first_name, Customer.last_name)
_UITPAS = {
    UitpasFilter.HAS_NUMBER: Person.uitpas_number.is_not(None),
    UitpasFilter.NO_NUMBER: Person.uitpas_number.is_(None),
    UitpasFilter.GROUP: Person.is_group_pass,
}
_STATUSES = {
    TariffFilter.ACTIVE: TariffStatus.ACTIVE,
    TariffFilter.EXPIRED: TariffStatus.EXPIRED,
    TariffFilter.NONE: TariffStatus.NONE,
    TariffFilter.UNKNOWN: TariffStatus.UNKNOWN,
}


def _tariff(wanted: TariffFilter) -> list[Any]:
    conditions = [Person.tariff_status == _STATUSES.get(wanted, TariffStatus.ACTIVE)]
    if wanted is TariffFilter.ACTIVE:
        # as tariff_view() reads it: one that ended since it was asked is not active any more
        still = or_(
            Person.tariff_until.is_(None),
            Person.tariff_until > now(),
            Person.tariff_checked_at >= Person.tariff_until,
        )
        conditions.append(still)
    elif wanted is TariffFilter.ENDS_SOON:
        # one whose end has passed is asked again or in its period of grace: that is soon too
        conditions.append(Person.tariff_until < now() + SOON)
    return conditions
