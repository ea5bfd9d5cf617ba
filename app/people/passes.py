"""Looking up UiTPAS numbers at publiq and keeping the social tariff's status (P1, P2, P3, R2)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import partial
from types import MappingProxyType

from sqlalchemy import select

from app.clock import now
from app.extensions import _t, db, end_read, write_transaction
from app.formats import masked_pass_number
from app.parallel import in_parallel
from app.people.insz import note_insz_use
from app.people.models import Person, TariffStatus
from app.people.numbers import IdentifierKind, PassIdentifier, names_fit
from app.people.pass_sentences import (
    ASK_AT_DESK,
    BUSY,
    CARD_SENTENCES,
    FOUND,
    INSZ_UNREADABLE,
    INSZ_UNREADABLE_HERE,
    MAY_NOT_CHECK,
    NO_ANSWER,
    NO_INSZ,
    NO_NUMBER,
    NOBODY_HAS_IT,
    NONE_KNOWN,
    NOT_ALLOWED,
    NOT_CHECKED,
    NOT_USABLE,
    NUMBER_UNKNOWN,
    OTHER_NAME,
    TICKETS_NOT_TOLD,
    TICKETS_UNKNOWN,
    TOO_OFTEN,
)
from app.people.persons import subject_of
from app.publiq.errors import (
    PubliqAuthenticationFailed,
    PubliqBusy,
    PubliqError,
    PubliqForbidden,
    PubliqNotFound,
    PubliqRefused,
)
from app.publiq.uitpas import Message, Pass
from app.settings.audit import record
from app.settings.connections import NotConnected, publiq_client
from app.settings.privacy import insz_allowed
from app.settings.publiq_errors import call_of

PURPOSE_FIND = "UiTPAS-nummer zoeken"
PURPOSE_CHECK = "UiTPAS nakijken"
PURPOSE_GROUP = "groepspas nakijken"
GROUP = "GROUP"
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
    BUSY = "busy"
    FORBIDDEN = "forbidden"
    TOO_OFTEN = "too_often"
    FAILED = "failed"


@dataclass(frozen=True)
class PassLookup:
    """What became of a look-up.

    ``messages`` are publiq's, word for word and with their level, for the person; ``sentence`` is
    ours where publiq gave none. ``points`` and ``tickets`` (those a group pass still has, in
    words) are publiq's at this moment and are not kept. ``replaced`` is the number the person had
    before publiq gave another. ``wait`` is in seconds, where publiq asked us to.
    """

    outcome: PassOutcome
    number: str | None = field(default=None, repr=False)
    messages: tuple[Message, ...] = field(default=(), repr=False)
    sentence: str = ""
    points: int | None = field(default=None, repr=False)
    call_id: int | None = None
    """The row of the log of calls, where UiTPAS refused or gave no answer; for admins only."""
    is_group: bool = False
    tickets: str = ""
    replaced: str | None = field(default=None, repr=False)
    wait: float | None = None
    answer: Pass | None = field(default=None, repr=False)

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


def look_up_pass_by_insz(person_id: int, *, for_public: bool = False) -> PassLookup:
    """Find the number by INSZ and keep it with the person, if the first names fit (P2).

    Outside any transaction; the answer is written in one of its own.
    """
    wanted = _wanted(person_id)
    if wanted is None or wanted.insz is None:
        return PassLookup(PassOutcome.NO_INSZ, sentence=str(NO_INSZ))
    if not wanted.insz:
        sentence = INSZ_UNREADABLE_HERE if for_public else INSZ_UNREADABLE
        return PassLookup(PassOutcome.NO_INSZ, sentence=str(sentence))
    note_insz_use(person_id)
    answer = _ask(wanted.insz, PURPOSE_FIND, unknown=str(NONE_KNOWN))
    if isinstance(answer, PassLookup):
        return answer
    if not names_fit(wanted.first_name, answer.first_name):
        return _name_differs(for_public)
    return _kept(person_id, wanted, answer)


def find_pass(identifier: PassIdentifier, first_name: str, *, for_public: bool) -> PassLookup:
    """Find the number behind what was typed or scanned; keeps nothing of it (P1).

    A register number, as such or in a barcode, only gives a number whose first name fits. Outside
    any transaction; keep_found() writes the status once the person with the number is saved.
    """
    end_read()
    unknown = NONE_KNOWN if identifier.names_somebody else NUMBER_UNKNOWN
    answer = _ask(identifier.value, PURPOSE_FIND, unknown=str(unknown))
    if isinstance(answer, PassLookup):
        return answer
    if identifier.names_somebody and not names_fit(first_name, answer.first_name):
        return _name_differs(for_public)
    is_new = identifier.kind is IdentifierKind.NUMBER and identifier.value != answer.uitpas_number
    return replace(_found(answer), replaced=identifier.value if is_new else None)


def keep_found(person_id: int, look_up: PassLookup) -> None:
    """Write what find_pass() heard with the person who got that number."""
    with write_transaction() as session:
        person = session.scalar(select(Person).where(Person.id == person_id).with_for_update())
        if look_up.answer is None or person is None or person.uitpas_number != look_up.number:
            return
        _fill_status(person, look_up.answer)


def check_pass(person_id: int, *, by_staff: bool = False) -> PassLookup:
    """Ask publiq about the person's number and keep the status with its moment (P1, P3).

    A card that was replaced is followed: the number publiq answers wins. For staff the card that
    came in the place of a blocked one is found by INSZ as well, and of a group pass what remains.
    """
    wanted = _wanted(person_id)
    if wanted is None or wanted.uitpas_number is None:
        return PassLookup(PassOutcome.NOT_FOUND, sentence=str(NO_NUMBER))
    answer = _ask(wanted.uitpas_number, PURPOSE_CHECK, unknown=str(NUMBER_UNKNOWN))
    if isinstance(answer, PassLookup):
        if answer.outcome not in (PassOutcome.NOT_FOUND, PassOutcome.BLOCKED):
            return answer
        newer = _newer_card(person_id, wanted) if by_staff else None
        if newer is None:
            _keep(person_id, wanted, None)
            return answer
        answer = newer
    look_up = _kept(person_id, wanted, answer)
    if by_staff and look_up.is_group:
        return replace(look_up, tickets=_tickets_left(answer.uitpas_number))
    return look_up


def find_missing_numbers(
    person_ids: Iterable[int],
    may_ask: Callable[[], bool] | None = lambda: True,
    *,
    for_public: bool = True,
    kept: Mapping[int, PassLookup] = MappingProxyType({}),
) -> dict[int, PassLookup]:
    """Look up by INSZ who has no number yet, several at once (R2); who has one keeps it.

    ``may_ask`` counts each look-up against the limits of who asks (invariant 7); without it nobody
    is asked. ``kept`` is what was answered before, by person, and is not asked anew. Outside any
    transaction. One failure does not hinder the others.
    """
    ids = sorted(set(person_ids))
    rows = db.session.execute(
        select(Person.id, Person.uitpas_number, Person.insz_fingerprint).where(Person.id.in_(ids))
    ).all()
    allowed = insz_allowed()
    end_read()
    known = {
        row.id: PassLookup(PassOutcome.FOUND, number=row.uitpas_number)
        for row in rows
        if row.uitpas_number
    }
    without = {
        row.id: PassLookup(PassOutcome.NO_INSZ, sentence=str(NO_INSZ))
        for row in rows
        if not row.uitpas_number and not (allowed and row.insz_fingerprint)
    }
    open_ids = [row.id for row in rows if row.id not in known and row.id not in without]
    told = {key: kept[key] for key in open_ids if key in kept}
    to_ask = [key for key in open_ids if key not in told] if may_ask is not None else []
    refused = {
        key: PassLookup(PassOutcome.TOO_OFTEN, sentence=str(TOO_OFTEN))
        for key in to_ask
        if may_ask is not None and not may_ask()
    }
    asked = in_parallel(
        {
            key: partial(look_up_pass_by_insz, key, for_public=for_public)
            for key in to_ask
            if key not in refused
        }
    )
    return {**known, **without, **told, **refused, **asked}


def find_replaced(person_ids: Iterable[int]) -> dict[int, PassLookup]:
    """Ask about these persons' numbers, and return whose card was replaced by another, by id.

    The new number is kept with the person. Outside any transaction; nothing typed is asked, so
    that it counts against nobody's limit.
    """
    asked = in_parallel({key: partial(check_pass, key) for key in sorted(set(person_ids))})
    return {key: look_up for key, look_up in asked.items() if look_up.replaced}


def _wanted(person_id: int) -> _Wanted | None:
    """The person as a look-up needs it; the register number only where it may be used."""
    row = db.session.execute(
        select(Person.first_name, Person.insz, Person.uitpas_number).where(Person.id == person_id)
    ).first()
    allowed = insz_allowed()
    end_read()
    if row is None:
        return None
    return _Wanted(row.first_name, row.insz if allowed else None, row.uitpas_number)


def _ask(identifier: str, purpose: str, *, unknown: str) -> Pass | PassLookup:
    try:
        return publiq_client(purpose=purpose).uitpas.find_pass(identifier)
    except (NotConnected, PubliqForbidden, PubliqAuthenticationFailed) as error:
        sentence = MAY_NOT_CHECK if purpose == PURPOSE_CHECK else NOT_ALLOWED
        return PassLookup(PassOutcome.FORBIDDEN, sentence=str(sentence), call_id=call_of(error))
    except (PubliqNotFound, PubliqRefused) as error:
        if error.problem in NOBODY_HAS_IT:
            return _refused(PassOutcome.NOT_FOUND, error, unknown)
        if error.problem.startswith("uitpas/"):
            sentence = CARD_SENTENCES.get(error.problem, NOT_USABLE)
            return _refused(PassOutcome.BLOCKED, error, str(sentence))
        # about our question, not about the card: nothing was learned of it
        sentence = NOT_CHECKED if purpose == PURPOSE_CHECK else NO_ANSWER
        return PassLookup(PassOutcome.UNREACHABLE, sentence=str(sentence), call_id=call_of(error))
    except PubliqBusy as error:
        return PassLookup(
            PassOutcome.BUSY,
            sentence=str(BUSY),
            wait=error.retry_after,
            call_id=call_of(error),
        )
    except PubliqError as error:
        sentence = NOT_CHECKED if purpose == PURPOSE_CHECK else NO_ANSWER
        return PassLookup(PassOutcome.UNREACHABLE, sentence=str(sentence), call_id=call_of(error))


def _refused(outcome: PassOutcome, error: PubliqError, sentence: str) -> PassLookup:
    said = error.end_user_message
    messages = (Message("", said),) if said else ()
    return PassLookup(
        outcome,
        messages=messages,
        sentence="" if said else sentence,
        call_id=call_of(error),
    )


def _name_differs(for_public: bool) -> PassLookup:
    sentence = ASK_AT_DESK if for_public else OTHER_NAME
    return PassLookup(PassOutcome.NAME_DIFFERS, sentence=str(sentence))


def _found(answer: Pass) -> PassLookup:
    return PassLookup(
        PassOutcome.FOUND,
        number=answer.uitpas_number,
        messages=answer.messages,
        sentence=str(FOUND),
        points=answer.points,
        is_group=answer.pass_type == GROUP,
        answer=answer,
    )


def _kept(person_id: int, asked: _Wanted, answer: Pass) -> PassLookup:
    return replace(_found(answer), replaced=_keep(person_id, asked, answer))


def _newer_card(person_id: int, wanted: _Wanted) -> Pass | None:
    """The card that came in the place of one that no longer works, by INSZ."""
    if not wanted.insz:
        return None
    note_insz_use(person_id)
    answer = _ask(wanted.insz, PURPOSE_FIND, unknown=str(NONE_KNOWN))
    if isinstance(answer, PassLookup) or answer.uitpas_number == wanted.uitpas_number:
        return None
    return answer if names_fit(wanted.first_name, answer.first_name) else None


def _tickets_left(number: str) -> str:
    try:
        group = publiq_client(purpose=PURPOSE_GROUP).uitpas.group_pass(number)
    except (NotConnected, PubliqForbidden, PubliqAuthenticationFailed):
        return str(TICKETS_NOT_TOLD)
    except PubliqError:
        return str(TICKETS_UNKNOWN)
    if group is None or group.available_tickets is None:
        return str(TICKETS_UNKNOWN)
    if group.total_tickets is None:
        return _t("Nog %(left)s tickets met kansentarief.", left=group.available_tickets)
    return _t(
        "Nog %(left)s van %(total)s tickets met kansentarief dit jaar.",
        left=group.available_tickets,
        total=group.total_tickets,
    )


def _keep(person_id: int, asked: _Wanted, answer: Pass | None) -> str | None:
    """Write what publiq said, unless the person was changed or removed meanwhile.

    Returns the number that was replaced by another, if any.
    """
    with write_transaction() as session:
        person = session.scalar(select(Person).where(Person.id == person_id).with_for_update())
        if person is None or (person.uitpas_number, person.first_name) != (
            asked.uitpas_number,
            asked.first_name,
        ):
            return None
        if asked.insz and person.insz != asked.insz:
            return None
        if answer is None:
            person.forget_tariff()
            person.tariff_checked_at = now()
            return None
        person.uitpas_number = answer.uitpas_number
        _fill_status(person, answer)
        if asked.uitpas_number in (None, answer.uitpas_number):
            return None
        record(
            "UiTPAS-nummer vervangen",
            **subject_of(person),
            detail={
                "van": masked_pass_number(asked.uitpas_number),
                "naar": masked_pass_number(answer.uitpas_number),
            },
        )
        return asked.uitpas_number


def _fill_status(person: Person, answer: Pass) -> None:
    person.is_group_pass = answer.pass_type == GROUP
    person.tariff_status = STATUSES.get(answer.social_tariff_status, TariffStatus.UNKNOWN)
    person.tariff_until = _until(answer)
    person.tariff_checked_at = now()


def _until(answer: Pass) -> datetime | None:
    """Informs only: publiq gives a period of grace in which the end is past."""
    return None if answer.social_tariff_status == "NONE" else answer.social_tariff_end
