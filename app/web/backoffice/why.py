"""Back office, 'Waarom geen kansentarief?': a pass, an activity, and the answer in plain Dutch."""

from dataclasses import dataclass, field
from typing import Any

from flask import request
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from app.activities.models import Activity
from app.extensions import db
from app.formats import day, masked_pass_number
from app.people.models import Person
from app.people.numbers import (
    IdentifierKind,
    NumberProblem,
    UitpasNumber,
    UitpasNumberProblem,
    read_identifier,
    read_uitpas_number,
)
from app.people.persons import get_person
from app.people.searching import PersonFilter, search_persons
from app.sales.models import OrderLine
from app.uitpas.asking_why import Explanation, why_no_tariff
from app.uitpas.models import UitpasEntry
from app.uitpas.reasons import ASIDE, MENDERS
from app.web.access import Access, allow, needs
from app.web.arguments import number_argument, text_argument
from app.web.backoffice import backoffice
from app.web.number_field import typed_hint
from app.web.pages import PageError, page

FOUND = 10
SHORTEST = 3
ONLY_A_NUMBER = (
    "Hier kan enkel het UiTPAS-nummer zelf: 13 cijfers, op de voorkant van de kaart. "
    "Of zoek het gezinslid."
)


@dataclass
class Question:
    """What somebody filled in, as it goes back into the form."""

    number: str = ""
    person: Person | None = None
    person_text: str = ""
    activity: Activity | None = None
    activity_text: str = ""
    warning: str = ""
    errors: list[PageError] = field(default_factory=list)

    @property
    def pass_number(self) -> str | None:
        """The number typed, else that of the person."""
        if self.number:
            return self.number
        return self.person.uitpas_number if self.person else None

    def error_at(self, name: str) -> str | None:
        """The sentence at a field."""
        return next((sentence for at, sentence in self.errors if at == name), None)


@backoffice.get("/uitpas/waarom")
@allow(Access.ADMIN, Access.CASHIER)
@needs("uitpas")
def why() -> Response:
    """The form, filled in by the page one came from: an activity, a person, a registration."""
    question = Question()
    line_ref = text_argument("inschrijving")
    if line_ref:
        _from_registration(question, line_ref)
    activity_id, person_id = number_argument("activiteit"), number_argument("gezinslid")
    if activity_id:
        question.activity = db.session.get(Activity, activity_id)
    if person_id:
        question.person = get_person(person_id)
    return _why_page(question)


@backoffice.post("/uitpas/waarom")
@allow(Access.ADMIN, Access.CASHIER)
@needs("uitpas")
def ask_why() -> Response:
    """The answer, or the results of a search for browsers without script.

    By POST: a pass number must not stand in an address.
    """
    question = _read(request.form)
    pressed = request.form.get("zoek")
    if pressed:
        results = {
            "person": _persons(question.person_text) if pressed == "person" else None,
            "activity": _activities(question.activity_text) if pressed == "activity" else None,
        }
        question.errors = []
        return _why_page(question, results=results)
    if question.errors:
        return _why_page(question)
    assert question.activity is not None
    postal_code = question.person.postal_code if question.person else None
    answer = why_no_tariff(question.activity.id, question.pass_number, postal_code)
    return _why_page(question, answer)


@backoffice.post("/uitpas/waarom/nummer")
@allow(Access.ADMIN, Access.CASHIER)
@needs("uitpas")
def check_why_number() -> str:
    """What is wrong with a number that is being typed; asks nobody and keeps nothing."""
    return typed_hint(_read_number)


@backoffice.post("/uitpas/waarom/gezinsleden")
@allow(Access.ADMIN, Access.CASHIER)
@needs("uitpas")
def search_why_persons() -> Response:
    """Live search: persons by name or pass number, which must not stand in an address."""
    words = request.form.get("person", "").replace("\x00", "").strip()[:200]
    return _results(words, "gezinsleden", _persons)


@backoffice.get("/uitpas/waarom/activiteiten")
@allow(Access.ADMIN, Access.CASHIER)
@needs("uitpas")
def search_why_activities() -> Response:
    """Live search: activities by title."""
    return _results(text_argument("activity"), "activiteiten", _activities)


def _from_registration(question: Question, line_ref: str) -> None:
    line = db.session.scalar(
        select(OrderLine)
        .where(OrderLine.line_ref == line_ref)
        .options(joinedload(OrderLine.activity), joinedload(OrderLine.person))
    )
    if line is None:
        return
    question.activity, question.person = line.activity, line.person
    if line.person is None or not line.person.uitpas_number:
        question.number = (
            db.session.scalar(
                select(UitpasEntry.uitpas_number).where(UitpasEntry.line_ref == line_ref)
            )
            or ""
        )


def _read_number(text: str) -> UitpasNumber:
    """The number; what finds one elsewhere is told apart from a number with a typing error."""
    try:
        other = read_identifier(text, insz=True, cards=True).kind is not IdentifierKind.NUMBER
    except NumberProblem:
        other = False
    if other:
        raise UitpasNumberProblem(ONLY_A_NUMBER)
    return read_uitpas_number(text)


def _read(form: MultiDict[str, str]) -> Question:
    def typed(name: str) -> str:
        return form.get(name, "").replace("\x00", "").strip()[:200]

    def chosen(name: str) -> int | None:
        value = typed(name)
        return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else None

    question = Question(
        number=typed("number"), person_text=typed("person"), activity_text=typed("activity")
    )
    person_id, activity_id = chosen("person_id"), chosen("activity_id")
    if person_id and question.person_text:
        question.person = get_person(person_id)
    if activity_id and question.activity_text:
        question.activity = db.session.get(Activity, activity_id)
    if question.number:
        try:
            number = _read_number(question.number)
        except UitpasNumberProblem as problem:
            question.errors.append(("number", problem.sentence))
        else:
            question.number, question.warning = number.digits, number.warning
    elif question.person is None:
        said = "Vul een UiTPAS-nummer in, of zoek een gezinslid en kies het uit de lijst."
        question.errors.append(("person" if question.person_text else "number", said))
    if question.activity is None:
        question.errors.append(("activity", "Zoek een activiteit en kies ze uit de lijst."))
    return question


def _persons(words: str) -> list[dict[str, Any]]:
    found = (
        db.session.scalars(search_persons(PersonFilter(words)).limit(FOUND))
        if len(words) >= SHORTEST
        else ()
    )
    return [
        {
            "id": person.id,
            "label": person.name,
            "detail": ", ".join(
                part
                for part in (
                    f"gezin {person.customer.last_name}",
                    masked_pass_number(person.uitpas_number) or "zonder UiTPAS-nummer",
                )
            ),
        }
        for person in found
    ]


def _activities(words: str) -> list[dict[str, Any]]:
    if len(words) < SHORTEST:
        return []
    query = select(Activity)
    for word in words.split():
        query = query.where(Activity.title.icontains(word, autoescape=True))
    found = db.session.scalars(query.order_by(Activity.first_start.desc()).limit(FOUND))
    return [
        {
            "id": one.id,
            "label": one.title,
            "detail": day(one.first_start) if one.first_start else "",
        }
        for one in found
    ]


def _results(words: str, noun: str, search: Any) -> Response:
    state = "too_short" if len(words) < SHORTEST else None
    return page(
        "backoffice/why_results.html", results=search(words), words=words, noun=noun, state=state
    )


def _why_page(
    question: Question,
    answer: Explanation | None = None,
    results: dict[str, Any] | None = None,
) -> Response:
    return page(
        "backoffice/why.html",
        errors=question.errors,
        question=question,
        answer=answer,
        results=results or {},
        menders=MENDERS,
        aside_kinds=ASIDE,
    )
