"""The field of the UiTPAS number on a person's form: a number, or what a number is found by (P1).

What is typed or scanned beside a number is asked at UiTPAS once and then forgotten.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from flask import flash, render_template, request

from app.people.models import Person
from app.people.numbers import (
    IdentifierKind,
    NumberProblem,
    PassIdentifier,
    UitpasNumber,
    read_identifier,
)
from app.people.passes import PassLookup, check_pass, find_pass, keep_found
from app.people.persons import PersonData, get_person, person_problems
from app.people.problems import PersonProblem
from app.people.sharing import GROUP_PASS, sharing_notices
from app.settings.privacy import insz_allowed
from app.settings.uit import get_modules
from app.web.pass_answers import flash_check, flash_messages

FIELD = "uitpas_number"
TOO_MANY_NUMBERS = (
    "Je liet al veel nummers nakijken. Probeer het over een uur opnieuw, of laat dit veld leeg."
)
MODULE_OFF = "Vul het UiTPAS-nummer zelf in: 13 cijfers, op de voorkant van de kaart."


@dataclass(frozen=True)
class Typed:
    """What a form holds once its number is known: ready to save, or why it is not."""

    data: PersonData
    problems: list[PersonProblem]
    warning: str = ""
    look_up: PassLookup | None = None


def resolve_number(
    data: PersonData,
    customer_id: int,
    person: Person | None,
    *,
    by_staff: bool,
    may_ask: Callable[[], bool] = lambda: True,
) -> Typed:
    """Everything that is wrong with the form; and the number in the place of what finds it.

    ``may_ask`` counts a look-up against the limits of the public: a new number is one too, for
    whoever kept numbers without end would see at registering who has a kansentarief.
    """
    person_id = person.id if person is not None else None
    known = person.uitpas_number if person is not None else None
    typed = data.uitpas_number
    without = replace(data, uitpas_number="")
    problems = person_problems(customer_id, without, person_id)
    if not typed.strip():
        if known and not get_modules().uitpas:  # the form has no such field: what is kept stays
            return Typed(replace(data, uitpas_number=known), problems)
        return Typed(data, problems)
    try:
        identifier = read_identifier(typed, insz=insz_allowed(), cards=by_staff)
    except NumberProblem as problem:
        return _refused(data, [*problems, PersonProblem(problem.sentence, FIELD)])
    if problems:
        return _refused(data, problems)
    is_number = identifier.kind is IdentifierKind.NUMBER
    if is_number and (identifier.value == known or not get_modules().uitpas):
        return Typed(replace(data, uitpas_number=identifier.value), [], identifier.warning)
    if not get_modules().uitpas:
        return _refused(data, [PersonProblem(MODULE_OFF, FIELD)])
    if not may_ask():
        return _refused(data, [PersonProblem(TOO_MANY_NUMBERS, FIELD)])
    if is_number:
        return Typed(replace(data, uitpas_number=identifier.value), [], identifier.warning)
    return _found(data, identifier, by_staff)


def after_saving(person_id: int, typed: Typed, before: str | None, *, by_staff: bool) -> None:
    """Ask UiTPAS about a new number, and say on the next page what is to be known of it."""
    number, is_group = typed.data.uitpas_number, False
    if typed.look_up is not None:
        keep_found(person_id, typed.look_up)
        flash("Het UiTPAS-nummer is gevonden en bewaard.", "success")
        flash_messages(typed.look_up)
        is_group = typed.look_up.is_group
    elif number and number != before:
        if get_modules().uitpas:
            look_up = check_pass(person_id, by_staff=by_staff)
            flash_check(look_up, typed.warning)
            is_group = look_up.is_group
        elif typed.warning:
            flash(typed.warning, "warn")
    else:
        return
    if is_group:
        flash(str(GROUP_PASS), "info")
    person = get_person(person_id)
    for notice in sharing_notices(person) if person is not None else []:
        flash(notice, "warn")


def number_notices(person: Person | None) -> list[str]:
    """What stands at the field of a number that is kept: a group's, or somebody else's too."""
    if person is None or not get_modules().uitpas:
        return []
    group = [str(GROUP_PASS)] if person.is_group_pass else []
    return group + sharing_notices(person)


def number_hint(*, by_staff: bool) -> str:
    """What can be said of a typed number at once, before anything is asked or saved."""
    return typed_hint(lambda typed: read_identifier(typed, insz=insz_allowed(), cards=by_staff))


def typed_hint(read: Callable[[str], PassIdentifier | UitpasNumber]) -> str:
    """The same where ``read`` says what the field takes; a warning, which stops nobody.

    A page sends the field alone, and gives it a name of its own.
    """
    typed = next((text for name, text in request.form.items() if name != "csrf_token"), "")
    sentence, state = "", "doubt"
    if typed.strip():
        try:
            sentence = read(typed).warning
        except NumberProblem as problem:
            sentence, state = problem.sentence, "problem"
    return render_template("components/number_hint.html", sentence=sentence, state=state)


def _found(data: PersonData, identifier: PassIdentifier, by_staff: bool) -> Typed:
    look_up = find_pass(identifier, data.first_name, for_public=not by_staff)
    if look_up.found and look_up.number:
        return Typed(replace(data, uitpas_number=look_up.number), [], look_up=look_up)
    said = [message.text for message in look_up.messages]
    sentence = look_up.sentence or " ".join(said)
    return _refused(data, [PersonProblem(sentence, FIELD)])


def _refused(data: PersonData, problems: list[PersonProblem]) -> Typed:
    return Typed(data, problems)
