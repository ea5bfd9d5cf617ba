"""Back office: the benefit of each line of a basket that staff fill for a customer (R2, R3)."""

from typing import Any

from flask import abort, flash, redirect, request
from werkzeug.wrappers import Response

from app.people.models import Person
from app.people.numbers import NumberProblem
from app.people.passes import keep_found
from app.people.sharing import sharing_notices
from app.sales.basket import open_basket
from app.sales.benefit_choice import LineOffers, choose_benefits, offers_for, use_number
from app.sales.problems import BenefitRefused
from app.settings.publiq_errors import call_of
from app.web.access import Access, allow, needs
from app.web.backoffice import backoffice
from app.web.backoffice.on_behalf import customer_or_404, flow_addresses, fragment, staff_id
from app.web.backoffice.staff_numbers import number_for_staff
from app.web.forms import strip
from app.web.pass_answers import flash_messages, flash_replaced
from app.web.registering_steps import benefit_totals, benefits_page, posted_benefits


@backoffice.get("/klanten/<int:customer_id>/inschrijven/voordelen")
@allow(Access.ADMIN, Access.CASHIER)
@needs("uitpas")
def staff_benefits(customer_id: int) -> Response:
    """Step 2: as publiq offers them now."""
    customer_or_404(customer_id)
    return _page(customer_id, offers_for(customer_id, made_by_id=staff_id()))


@backoffice.post("/klanten/<int:customer_id>/inschrijven/voordelen")
@allow(Access.ADMIN, Access.CASHIER)
@needs("uitpas")
def choose_staff_benefits(customer_id: int) -> Response:
    """Settle what was chosen, and go to the basket."""
    customer_or_404(customer_id)
    try:
        choose_benefits(customer_id, posted_benefits(), made_by_id=staff_id())
    except BenefitRefused as refused:
        errors = {problem.line_id: problem.sentence for problem in refused.problems}
        return _page(
            customer_id, _offers_again(customer_id), errors=errors, chosen=posted_benefits()
        )
    return redirect(flow_addresses(customer_id).basket, code=303)


@backoffice.post("/klanten/<int:customer_id>/inschrijven/voordelen/totaal")
@allow(Access.ADMIN, Access.CASHIER)
@needs("uitpas")
def staff_benefits_total(customer_id: int) -> str:
    """What the basket costs with what is chosen now; asks nobody."""
    customer_or_404(customer_id)
    basket = open_basket(customer_id, made_by_id=staff_id())
    return fragment("registering/_benefits_total.html", **benefit_totals(basket, posted_benefits()))


@backoffice.post("/klanten/<int:customer_id>/inschrijven/voordelen/<int:line_id>/nummer")
@allow(Access.ADMIN, Access.CASHIER)
@needs("uitpas")
def use_staff_number(customer_id: int, line_id: int) -> Response:
    """Use a number for a person, or what a number is found by; only the number is kept (P1).

    Not counted against the limits of the public.
    """
    customer_or_404(customer_id)
    person = _person_of_line(customer_id, line_id)
    typed = strip(request.form.get(f"nummer-{line_id}", ""))[:200]
    person_id, first_name = person.id, person.first_name
    try:
        number, look_up = number_for_staff(typed, first_name)
        changed = use_number(customer_id, line_id, number, made_by_id=staff_id())
    except NumberProblem as problem:
        call_id = call_of(problem)
        return _number_refused(customer_id, line_id, typed, problem.sentence, call_id)
    except BenefitRefused as refused:
        said = refused.problems[0]
        return _number_refused(customer_id, line_id, typed, said.sentence, said.call_id)
    if not changed:
        abort(404)
    if look_up is not None and look_up.found:
        keep_found(person_id, look_up)
        flash_replaced(look_up)
        flash_messages(look_up)
    for notice in sharing_notices(_person_of_line(customer_id, line_id)):
        flash(notice, "warn")
    _keep_others(customer_id, changed)
    return redirect(f"{flow_addresses(customer_id).benefits}#lijn-{line_id}", code=303)


def _person_of_line(customer_id: int, line_id: int) -> Person:
    """Whom a line of this clerk's basket is for; another's line is not found."""
    basket = open_basket(customer_id, made_by_id=staff_id())
    lines = basket.lines if basket is not None else []
    return next((one.person for one in lines if one.id == line_id and one.person), None) or abort(
        404
    )


def _keep_others(customer_id: int, changed: frozenset[int]) -> None:
    """Settle what was chosen for the others, so that looking up a number loses nothing."""
    posted = posted_benefits().items()
    others = {key: value for key, value in posted if key not in changed and value}
    try:
        choose_benefits(customer_id, others, made_by_id=staff_id())
    except BenefitRefused:
        flash("Kijk na welk voordeel je voor de anderen kiest.", "info")


def _number_refused(
    customer_id: int, line_id: int, typed: str, sentence: str, call_id: int | None
) -> Response:
    """The page once more. A register number that was typed goes back to its sender only."""
    return _page(
        customer_id,
        _offers_again(customer_id),
        number_errors={line_id: sentence},
        number_calls={line_id: call_id},
        typed={line_id: typed},
        chosen=posted_benefits(),
    )


def _offers_again(customer_id: int) -> list[LineOffers]:
    """For a page that is shown again: nothing is asked anew, what was said before is repeated."""
    return offers_for(customer_id, None, made_by_id=staff_id())


def _page(customer_id: int, items: list[LineOffers], **context: Any) -> Response:
    basket = open_basket(customer_id, made_by_id=staff_id())
    context.setdefault("number_calls", {})
    return benefits_page(
        "backoffice/register_benefits.html",
        flow_addresses(customer_id),
        basket,
        items,
        customer=customer_or_404(customer_id),
        for_staff=True,
        **context,
    )
