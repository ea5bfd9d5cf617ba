"""A UiTPAS number that a parent types while registering, or a register number in its place."""

from dataclasses import dataclass

from flask import abort, flash
from flask_login import current_user

from app.people.models import Person
from app.people.numbers import (
    IdentifierKind,
    NumberProblem,
    read_identifier,
)
from app.people.passes import PassLookup, PassOutcome, find_pass, keep_found
from app.sales.basket import open_basket
from app.settings.privacy import insz_allowed
from app.web.customers import own_customer_id
from app.web.pass_answers import flash_messages, flash_replaced
from app.web.throttling import may_look_up_pass

TOO_MANY_NUMBERS = (
    "Je liet al veel nummers nakijken. Probeer het over een uur opnieuw, "
    "of ga verder zonder voordeel."
)

ASKED_LATER = frozenset({PassOutcome.FORBIDDEN, PassOutcome.UNREACHABLE, PassOutcome.BUSY})
"""Where the pass could not be asked, the number is still asked for its tariffs."""


class NumberRefused(Exception):
    """The number cannot be used; ``sentence`` stands at its field."""

    def __init__(self, sentence: str) -> None:
        super().__init__("number")
        self.sentence = sentence


@dataclass(frozen=True)
class NumberGiven:
    """The thirteen digits to use, and what UiTPAS said of their pass where it answered."""

    number: str
    look_up: PassLookup | None = None


def number_for_line(typed: str, line_id: int) -> NumberGiven:
    """The number of the pass; a register number, or one of a card that was replaced, gives it.

    Counts as a look-up by the public. Raises NumberRefused, with publiq's words where it gave any.
    """
    try:
        given = read_identifier(typed, insz=insz_allowed(), cards=False)
    except NumberProblem as problem:
        raise NumberRefused(problem.sentence) from None
    if not may_look_up_pass(current_user.account.id):
        raise NumberRefused(TOO_MANY_NUMBERS)
    is_number = given.kind is IdentifierKind.NUMBER
    found = find_pass(given, person_of_line(line_id).first_name, for_public=True)
    if found.number is not None:
        return NumberGiven(found.number, found)
    if given.warning:
        flash(given.warning, "warn")
    if is_number and found.outcome in ASKED_LATER:  # the tariffs of this number will tell
        return NumberGiven(given.value)
    said = " ".join(message.text for message in found.messages)
    raise NumberRefused(found.sentence or said)


def keep_and_say(line_id: int, given: NumberGiven) -> None:
    """Keep what UiTPAS said with the person who now has the number, and say what is to be known.

    Of a group's pass, of a card that was replaced, and of somebody else with the same number;
    nothing of who holds it.
    """
    person = person_of_line(line_id)
    if given.look_up is not None:
        keep_found(person.id, given.look_up)
        flash_replaced(given.look_up)
        flash_messages(given.look_up)


def person_of_line(line_id: int) -> Person:
    """Whom a line of the own basket is for; another's line is not found."""
    basket = open_basket(own_customer_id())
    lines = basket.lines if basket is not None else []
    person = next((line.person for line in lines if line.id == line_id), None)
    return person or abort(404)
