"""Back office: registering on behalf of a customer; who, for what, and beyond which rules (R1)."""

from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app.activities.models import Activity, Module
from app.activities.offer import places_left, public_activity
from app.activities.registering import activity_problems
from app.activities.registrable import search_registrable
from app.extensions import db
from app.formats import ages
from app.people.customers import find_customer, search_customers
from app.people.models import Customer
from app.people.searching import looks_like_insz
from app.sales.basket import add_to_basket, count_lines
from app.sales.choice_problems import registration_problems_for
from app.sales.overriding import unsettled_problems
from app.sales.problems import BasketRefused, SaleProblem
from app.settings.uit import get_modules
from app.uitdatabank.links import benefits_possible
from app.web.access import Access, allow
from app.web.arguments import number_argument, page_argument, text_argument
from app.web.backoffice import backoffice
from app.web.backoffice.on_behalf_form import (
    StaffStep,
    read_staff_choices,
    show_staff_problems,
    staff_option,
)
from app.web.dates import exact_days_in_words, hours_in_words
from app.web.insz_addresses import insz_not_here
from app.web.pages import page
from app.web.registering_steps import USES_UITPAS, WHO, FlowAddresses, uitpas_sentence

PAGE_SIZE = 25


@backoffice.get("/inschrijvingen/nieuw")
@allow(Access.ADMIN, Access.CASHIER)
def register_somebody() -> Response:
    """For whom: the customer, known or new. From an activity, or from the desk."""
    text = text_argument("zoeken")
    if looks_like_insz(text):
        return insz_not_here("backoffice.register_somebody")
    activity_id = number_argument("activiteit")
    activity = _activity(activity_id) if activity_id else None
    found = (
        db.paginate(
            search_customers(text), page=page_argument(), per_page=PAGE_SIZE, error_out=False
        )
        if text
        else None
    )
    return page(
        "backoffice/register_somebody.html",
        text=text,
        found=found,
        activity=activity,
        when=exact_days_in_words,
    )


@backoffice.get("/klanten/<int:customer_id>/inschrijven")
@allow(Access.ADMIN, Access.CASHIER)
def register_for(customer_id: int) -> Response:
    """For what: every activity that goes on, also where parents cannot register any more."""
    customer = customer_or_404(customer_id)
    text = text_argument("zoeken")
    found = db.paginate(
        search_registrable(text), page=page_argument(), per_page=PAGE_SIZE, error_out=False
    )
    return page(
        "backoffice/register_for.html",
        customer=customer,
        text=text,
        found=found,
        when=exact_days_in_words,
        left_of=places_left,
        closed_of=_closed_words,
        ages_of=lambda one: ages(one.min_age, one.max_age),
        at=flow_addresses(customer_id),
        in_basket=count_lines(customer_id, made_by_id=staff_id()),
    )


@backoffice.get("/klanten/<int:customer_id>/inschrijven/<int:activity_id>")
@allow(Access.ADMIN, Access.CASHIER)
def register_persons(customer_id: int, activity_id: int) -> Response:
    """Step 1: who, at which price, and why where a rule is in the way."""
    customer = customer_or_404(customer_id)
    activity = _activity(activity_id)
    return _persons_page(customer, _step(customer, activity))


@backoffice.post("/klanten/<int:customer_id>/inschrijven/<int:activity_id>")
@allow(Access.ADMIN, Access.CASHIER)
def put_in_basket(customer_id: int, activity_id: int) -> Response:
    """Put who was ticked in this clerk's basket for the customer; their places are held."""
    customer = customer_or_404(customer_id)
    activity = _activity(activity_id)
    step = _step(customer, activity)
    uses_uitpas = USES_UITPAS.get(step.uses_uitpas)
    if step.asks_uitpas and uses_uitpas is None:
        step.uitpas_error = "Kies of er een UiTPAS gebruikt wordt."
    choices = [option.choice for option in step.chosen]
    if choices and not step.uitpas_error:
        try:
            result = add_to_basket(
                customer_id, choices, uses_uitpas=bool(uses_uitpas), made_by_id=staff_id()
            )
        except BasketRefused as refused:
            customer, activity = customer_or_404(customer_id), _activity(activity_id)
            step = _step(customer, activity)
            show_staff_problems(step, refused.problems)
        else:
            at = flow_addresses(customer_id)
            return redirect(at.benefits if result.needs_benefit else at.basket, code=303)
    if not choices:
        step.who_error = "Kies minstens één persoon."
        step.errors.append((WHO, step.who_error))
    if step.uitpas_error:
        show_staff_problems(step, _unsettled(step))
        step.errors.append(("uitpas-ja", step.uitpas_error))
    return _persons_page(customer, step)


def _unsettled(step: StaffStep) -> list[SaleProblem]:
    """What the basket would refuse of who is ticked, while it is not asked yet."""
    return [
        problem
        for option in step.chosen
        for problem in unsettled_problems(
            option.problems, option.choice, step.activity, option.person
        )
    ]


def staff_id() -> int:
    """The account of who is at work: whose basket it is."""
    return current_user.account.id


def customer_or_404(customer_id: int) -> Customer:
    """The customer on whose behalf; 404 where there is none."""
    return find_customer(customer_id) or abort(404)


def flow_addresses(customer_id: int) -> FlowAddresses:
    """Where the steps for this customer stand."""
    known = {"customer_id": customer_id}
    return FlowAddresses(
        basket=url_for("backoffice.staff_basket", **known),
        benefits=url_for("backoffice.staff_benefits", **known),
        benefits_total=url_for("backoffice.staff_benefits_total", **known),
        extend=url_for("backoffice.extend_staff_basket", **known),
        hold_again=url_for("backoffice.hold_staff_basket_again", **known),
        finish=url_for("backoffice.finish_for", **known),
        more=url_for("backoffice.register_for", **known),
        remove=lambda line_id: url_for(
            "backoffice.remove_from_staff_basket", line_id=line_id, **known
        ),
        number=lambda line_id: url_for("backoffice.use_staff_number", line_id=line_id, **known),
        check_number=url_for("backoffice.check_number"),
    )


def _activity(activity_id: int) -> Activity:
    found = public_activity(activity_id)
    if found is None or found.activity_type.module is not Module.REGISTRATION:
        abort(404)
    return found


def _closed_words(activity: Activity) -> str:
    """Why parents cannot register now, in words; empty where they can."""
    return " ".join(problem.sentence for problem in activity_problems(activity))


def _step(customer: Customer, activity: Activity) -> StaffStep:
    """What the page shows, with what was posted where something was."""
    problems = registration_problems_for(
        customer.id,
        [activity.id],
        [person.id for person in customer.persons],
        made_by_id=staff_id(),
    )
    ticked = read_staff_choices(activity.id)
    return StaffStep(
        activity,
        [
            staff_option(activity, person, problems.get((activity.id, person.id), []), ticked)
            for person in customer.persons
        ],
        asks_uitpas=bool(benefits_possible([activity.id])),
        uses_uitpas=request.form.get("uitpas", ""),
    )


def _persons_page(customer: Customer, step: StaffStep) -> Response:
    activity = step.activity
    return page(
        "backoffice/register_persons.html",
        errors=step.errors,
        customer=customer,
        step=step,
        at=flow_addresses(customer.id),
        **_about(activity),
    )


def _about(activity: Activity) -> dict[str, Any]:
    return {
        "when": exact_days_in_words(activity),
        "hours": hours_in_words(activity),
        "left": places_left(activity),
        "closed_words": _closed_words(activity),
        "for_ages": ages(activity.min_age, activity.max_age),
        "sentence": uitpas_sentence(coupons=get_modules().coupons, rewards=False),
    }


def fragment(template: str, **context: Any) -> str:
    """A part of a page of these steps, for HTMX."""
    return render_template(template, fragment=True, **context)
