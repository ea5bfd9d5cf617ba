"""A card that was replaced since its number was kept: the number that publiq gives wins (P1)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import select

from app.extensions import _l, db, end_read, write_transaction
from app.people.models import Person
from app.people.numbers import IdentifierKind, PassIdentifier
from app.people.passes import PassLookup, PassOutcome, check_pass, find_pass, find_replaced
from app.sales.basket import lock_basket, open_basket
from app.uitpas.benefits import BenefitAnswer, BenefitAsk, ask_benefits

OTHER_CARD = frozenset(
    {
        "uitpas/invalid-uitpas-number",
        "uitpas/passholder-not-found",
        "uitpas/pass-not-found",
        "uitpas/invalid-card",
        "uitpas/invalid-card-status",
    }
)
"""publiq's answers after which the card may have been replaced by another."""


def follow_replaced(
    customer_id: int, answers: Mapping[int, BenefitAnswer], **basket_of: Any
) -> dict[int, PassLookup]:
    """Ask about every card that was refused, and go on with the number of the new one.

    ``answers`` are by line id, ``basket_of`` says whose basket as for ``open_basket()``. Returns
    by person id whose card was replaced; person and lines have the new number, and their benefits
    are to be asked anew. Outside any transaction.
    """
    basket = open_basket(customer_id, **basket_of)
    refused = {
        line.person_id
        for line in (basket.lines if basket else [])
        if line.person_id is not None
        and line.id in answers
        and answers[line.id].problem in OTHER_CARD
    }
    end_read()
    newer = find_replaced(refused)
    if not newer:
        return {}
    with write_transaction() as session:
        basket = lock_basket(session, customer_id, **basket_of)
        for line in basket.lines if basket else []:
            look_up = newer.get(line.person_id or 0)
            if look_up is not None and line.uitpas_number == look_up.replaced:
                line.uitpas_number = look_up.number
    return newer


UNTOLD = _l("UiTPAS antwoordt nu niet op de vraag of deze kaart vervangen is. Probeer het straks.")


class CardUntold(Exception):
    """publiq does not tell now whether the card was replaced."""


@dataclass(frozen=True)
class NewCard:
    """The card that came in the place of the one with which was sold."""

    number: str = field(repr=False)
    old: str = field(repr=False)
    is_kept: bool
    """Whether its number stands with the person of the line."""
    look_up: PassLookup | None = None
    """publiq's answer, where it was publiq that gave the number."""


def ask_following(
    ask: BenefitAsk, person_id: int | None, *, by_staff: bool = False
) -> tuple[BenefitAnswer, NewCard | None]:
    """What the pass of an earlier sale gives; of a card that was replaced, what the new one gives.

    ``person_id`` is the person of that sale's line. Outside any transaction.
    """
    answer = ask_benefits([ask])[ask.key]
    if answer.problem not in OTHER_CARD:
        return answer, None
    try:
        card = card_since(ask.uitpas_number, person_id, by_staff=by_staff)
    except CardUntold:
        return replace(answer, answered=False, message="", sentence=str(UNTOLD)), None
    if card is None:
        return answer, None
    return ask_benefits([replace(ask, uitpas_number=card.number)])[ask.key], card


def card_since(number: str, person_id: int | None, *, by_staff: bool = False) -> NewCard | None:
    """The card that came in the place of one with which was sold; None where publiq tells none.

    Raises CardUntold when publiq does not answer that. The person whose number it is gets the new
    one. Where the old number finds nothing that works
    and another stands with the person, that is the one. Outside any transaction.
    """
    own = db.session.scalar(select(Person.uitpas_number).where(Person.id == person_id))
    end_read()
    if person_id is not None and own == number:
        look_up = _told(check_pass(person_id, by_staff=by_staff))
        if look_up.replaced is None or look_up.number is None:
            return None
        return NewCard(look_up.number, number, True, look_up)
    identifier = PassIdentifier(IdentifierKind.NUMBER, number)
    look_up = _told(find_pass(identifier, "", for_public=False))
    if look_up.number not in (None, number):
        return NewCard(look_up.number, number, look_up.number == own, look_up)
    if own and look_up.outcome in (PassOutcome.NOT_FOUND, PassOutcome.BLOCKED):
        return NewCard(own, number, True)
    return None


def _told(look_up: PassLookup) -> PassLookup:
    if look_up.outcome in (PassOutcome.UNREACHABLE, PassOutcome.BUSY):
        raise CardUntold
    return look_up
