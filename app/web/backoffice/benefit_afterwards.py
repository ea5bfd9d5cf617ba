"""Back office, Voordeel achteraf: a pass, what UiTPAS offers now, and adding it (C8)."""

from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from flask import abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app import jobs
from app.extensions import end_read
from app.formats import money
from app.people.models import Person
from app.people.numbers import NumberProblem
from app.people.passes import check_pass
from app.sales.afterwards import (
    BenefitRefusal,
    add_benefit,
    benefit_problems,
    offers_afterwards,
)
from app.sales.cancelling import find_line
from app.sales.change_steps import Changed
from app.sales.changes import MoneyFollows, money_follows
from app.sales.models import ChangeState, OrderLine
from app.sales.problems import ChangeRefused, SaleProblem
from app.settings.privacy import insz_allowed
from app.uitpas.benefits import BenefitAnswer, Offer
from app.web import words
from app.web.access import Access, allow, needs
from app.web.backoffice import backoffice
from app.web.backoffice.staff_numbers import NoNumberFound, number_for_staff
from app.web.forms import strip
from app.web.money_words import follows_in_words
from app.web.pages import PageError, page
from app.web.pass_answers import flash_messages, flash_replaced

NUMBER_FIRST = "Vul een UiTPAS-nummer in en kijk het na."
NEW_CARD = "Deze kaart is vervangen. We vroegen UiTPAS naar de nieuwe."
CHOOSE_ONE = "Kies een voordeel."


@dataclass
class Asked:
    """What was typed and what UiTPAS answered to it."""

    typed: str = ""
    number: str = ""
    """The pass that was asked about; empty while none was."""
    chosen: str = ""
    answer: BenefitAnswer | None = None
    errors: list[PageError] = field(default_factory=list)
    call_id: int | None = None
    """The logged call by which publiq gave no number for what was typed."""

    def error_at(self, name: str) -> str | None:
        """The sentence at a field."""
        return next((sentence for at, sentence in self.errors if at == name), None)


@backoffice.get("/inschrijvingen/<line_ref>/voordeel")
@allow(Access.ADMIN, Access.CASHIER)
@needs("uitpas")
def benefit_afterwards(line_ref: str) -> Response:
    """What the person's own pass gives now, or a field for a number."""
    line = _line_or_404(line_ref)
    asked = Asked(typed=(line.person.uitpas_number or "") if line.person else "")
    problems = benefit_problems(line)
    if line.person and asked.typed and not problems:
        asked.typed = _own_pass(line.person, asked.typed)
        _ask(line, asked, asked.typed)
    return _page(line, asked, problems)


@backoffice.post("/inschrijvingen/<line_ref>/voordeel")
@allow(Access.ADMIN, Access.CASHIER)
@needs("uitpas")
def add_benefit_afterwards(line_ref: str) -> Response:
    """Ask about the number that was typed, or add what was chosen.

    By POST: a pass number must not stand in an address.
    """
    line = _line_or_404(line_ref)
    problems = benefit_problems(line)
    asked = Asked(typed=strip(request.form.get("number", ""))[:200])
    if problems:
        return _page(line, asked, problems)
    if request.form.get("doe") != "toevoegen":
        _look_up(line, asked)
        return _page(line, asked, problems)
    return _add(line, asked)


def _add(line: OrderLine, asked: Asked) -> Response:
    line_ref = line.line_ref
    asked.number = _digits(request.form.get("gevraagd", ""))
    asked.chosen = strip(request.form.get("voordeel", ""))[:100]
    shown = _amount(request.form.get(f"prijs-{asked.chosen}", ""))
    if not asked.number:
        asked.errors.append(("number", NUMBER_FIRST))
        return _page(line, asked, [])
    if not asked.chosen or shown is None:
        _ask(line, asked, asked.number)
        asked.errors.append(("voordeel", CHOOSE_ONE))
        return _page(line, asked, [])
    try:
        done = add_benefit(line_ref, asked.number, asked.chosen, shown)
    except BenefitRefusal as refusal:
        asked.answer = refusal.answer
        at = "voordeel" if refusal.answer.offers else "number"
        asked.errors += [(at, problem.sentence) for problem in refusal.problems]
        return _page(_line_or_404(line_ref), asked, [])
    except ChangeRefused as refused:
        return _page(_line_or_404(line_ref), asked, refused.problems)
    if done.state is ChangeState.REFUSED:
        line = _line_or_404(line_ref)
        _ask(line, asked, asked.number)
        asked.errors.append(("voordeel" if _offers(asked) else "number", done.message))
        return _page(line, asked, [])
    jobs.wake("mails")
    flash(*_what_was_done(done))
    return redirect(url_for("backoffice.registration", line_ref=done.line_ref), 303)


def _what_was_done(done: Changed) -> tuple[str, str]:
    if done.state is ChangeState.DONE and done.new_price is not None:
        price, old = money(done.new_price), money(done.old_price)
        return (
            "Het voordeel is geregistreerd bij UiTPAS: de prijs is nu "
            f"{price} in plaats van {old}.",
            "success",
        )
    if done.state is ChangeState.SELLING:
        return (
            "UiTPAS gaf geen antwoord. We zoeken vanzelf op of het voordeel geregistreerd is; tot "
            "dan blijft de prijs wat ze was.",
            "warn",
        )
    return ("De inschrijving is intussen geannuleerd. Er is geen voordeel toegevoegd.", "warn")


def _look_up(line: OrderLine, asked: Asked) -> None:
    """The number behind what was typed or scanned, and what that pass gives."""
    if not asked.typed:
        asked.errors.append(("number", NUMBER_FIRST))
        return
    first_name = line.person.first_name if line.person else line.participant_name.split()[0]
    try:
        number, found = number_for_staff(asked.typed, first_name)
    except NumberProblem as problem:
        asked.errors.append(("number", problem.sentence))
        asked.call_id = problem.call_id if isinstance(problem, NoNumberFound) else None
        return
    if found is not None:
        if found.replaced:
            flash(NEW_CARD, "info")
        flash_messages(found)
    asked.typed = number
    _ask(line, asked, number)


def _own_pass(person: Person, number: str) -> str:
    """The number to ask about: of a card that was replaced the new one, which is kept and said."""
    look_up = check_pass(person.id, by_staff=True)
    flash_replaced(look_up)
    flash_messages(look_up)
    return look_up.number or number


def _ask(line: OrderLine, asked: Asked, number: str) -> None:
    asked.number = number
    end_read()
    asked.answer = offers_afterwards(line, number)


def _offers(asked: Asked) -> list[Offer]:
    return asked.answer.offers if asked.answer else []


def _page(line: OrderLine, asked: Asked, problems: list[SaleProblem]) -> Response:
    money_of = {offer.id: _follows(line, offer) for offer in _offers(asked)}
    return page(
        "backoffice/benefit_afterwards.html",
        errors=asked.errors,
        line=line,
        asked=asked,
        offers=_offers(asked),
        chosen=asked.chosen or next((offer.id for offer in _offers(asked)), ""),
        money_of={key: follows_in_words(value) for key, value in money_of.items()},
        problems=problems,
        words=words,
        with_insz=insz_allowed(),
    )


def _follows(line: OrderLine, offer: Offer) -> MoneyFollows:
    return money_follows(line.order, line.price, offer.price)


def _line_or_404(line_ref: str) -> OrderLine:
    line = find_line(line_ref)
    if line is None:
        abort(404)
    return line


def _digits(text: str) -> str:
    plain = strip(text)
    return plain if plain.isascii() and plain.isdigit() and len(plain) == 13 else ""


def _amount(text: str) -> Decimal | None:
    try:
        amount = Decimal(strip(text))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None
