"""Shop: registering in steps; 1 who, and whether UiTPAS is used, 2 the benefit of each (R1-R3)."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app.activities.models import Activity, ActivityState, Module
from app.activities.offer import chosen_together, places_left, public_activity, slug_of
from app.formats import ages
from app.people.models import Person
from app.sales.basket import Choice, add_to_basket, open_basket
from app.sales.benefit_choice import LineOffers, choose_benefits, offers_for, use_number
from app.sales.choice_problems import registration_problems_for
from app.sales.problems import BasketRefused, BenefitRefused
from app.settings.uit import get_modules
from app.uitdatabank.publishing import benefits_possible
from app.web.access import Access, allow, needs
from app.web.customers import customer_details_first, own_customer_id
from app.web.dates import exact_days_in_words, hours_in_words, is_over
from app.web.pages import page
from app.web.places import profiles_of
from app.web.registering_steps import (
    USES_UITPAS,
    WHO,
    StepOne,
    benefit_totals,
    benefits_page,
    option,
    posted_benefits,
    read_choices,
    show_problems,
    uitpas_sentence,
)
from app.web.shop import shop
from app.web.shop.flow import flow_addresses
from app.web.shop.typed_numbers import NumberRefused, keep_and_say, number_for_line
from app.web.throttling import may_look_up_pass, may_repeat_look_up


@shop.get("/aanbod/<int:activity_id>-<slug>/inschrijven")
@allow(Access.SIGNED_IN)
def register_who(activity_id: int, slug: str) -> Response | str:
    """Step 1: which persons, and whether UiTPAS is used."""
    if current_user.customer is None:
        return customer_details_first()
    activity = _activity_to_register(activity_id)
    if slug != slug_of(activity):
        return redirect(_step_url(activity), code=301)
    step = _step_one(activity, read_choices(request.args.getlist("keuze")))
    return page("shop/register_who.html", **_context(step))


@shop.post("/aanbod/<int:activity_id>-<slug>/inschrijven")
@allow(Access.CUSTOMER)
def register(activity_id: int, slug: str) -> Response:
    """Put who was ticked in the basket; their places are held from now."""
    activity = _activity_to_register(activity_id)
    step = _posted_step(activity)
    uses_uitpas = USES_UITPAS.get(step.uses_uitpas)
    if step.asks_uitpas and uses_uitpas is None:
        step.uitpas_error = "Kies of je een UiTPAS gebruikt."
    chosen = [Choice(item.activity.id, item.person.id) for item in step.chosen]
    if not step.uitpas_error and chosen:
        try:
            result = add_to_basket(own_customer_id(), chosen, uses_uitpas=bool(uses_uitpas))
        except BasketRefused as refused:
            step = _posted_step(activity)
            show_problems(step, refused.problems)
        else:
            return redirect(
                url_for("shop.benefits" if result.needs_benefit else "shop.basket"), code=303
            )
    if not chosen:
        step.who_error = "Kies minstens één persoon."
        step.errors.append((WHO, step.who_error))
    if step.uitpas_error:
        step.errors.append(("uitpas-ja", step.uitpas_error))
    return page("shop/register_who.html", errors=step.errors, **_context(step))


@shop.post("/aanbod/<int:activity_id>-<slug>/inschrijven/totaal")
@allow(Access.CUSTOMER)
def register_total(activity_id: int, slug: str) -> str:
    """The ticket beside step 1, for what is ticked now."""
    step = _posted_step(_activity_to_register(activity_id))
    return render_template("shop/_register_total.html", fragment=True, **_context(step))


@shop.get("/mandje/voordelen")
@allow(Access.CUSTOMER)
@needs("uitpas")
def benefits() -> Response:
    """Step 2: the benefit of each line that uses a UiTPAS, as publiq offers them now."""
    return _benefits_page(_offers(_may_look_up))


@shop.post("/mandje/voordelen")
@allow(Access.CUSTOMER)
@needs("uitpas")
def choose() -> Response:
    """Settle what was chosen, and go to the basket."""
    try:
        choose_benefits(own_customer_id(), posted_benefits())
    except BenefitRefused as refused:
        errors = {problem.line_id: problem.sentence for problem in refused.problems}
        items = _offers(None)
        return _benefits_page(items, errors=errors, chosen=posted_benefits())
    return redirect(url_for("shop.basket"), code=303)


@shop.post("/mandje/voordelen/totaal")
@allow(Access.CUSTOMER)
@needs("uitpas")
def benefits_total() -> str:
    """The ticket beside step 2, for what is chosen now; asks nobody."""
    return render_template(
        "registering/_benefits_total.html",
        fragment=True,
        **benefit_totals(open_basket(own_customer_id()), posted_benefits()),
    )


@shop.post("/mandje/voordelen/<int:line_id>/nummer")
@allow(Access.CUSTOMER)
@needs("uitpas")
def use_pass_number(line_id: int) -> Response:
    """Use a typed UiTPAS number for a person, once publiq says that it knows it."""
    typed = request.form.get(f"nummer-{line_id}", "")
    try:
        given = number_for_line(typed, line_id)
        changed = use_number(own_customer_id(), line_id, given.number)
    except NumberRefused as refused:
        return _number_refused(line_id, typed, refused.sentence)
    except BenefitRefused as refused:
        return _number_refused(line_id, typed, refused.problems[0].sentence)
    if not changed:
        abort(404)
    keep_and_say(line_id, given)
    posted = posted_benefits().items()
    others = {key: value for key, value in posted if key not in changed and value}
    try:
        choose_benefits(own_customer_id(), others)
    except BenefitRefused:
        flash("Kijk na welk voordeel je voor de anderen kiest.", "info")
    return redirect(url_for("shop.benefits", _anchor=f"lijn-{line_id}"), code=303)


def _number_refused(line_id: int, typed: str, sentence: str) -> Response:
    return _benefits_page(
        _offers(None),
        number_errors={line_id: sentence},
        typed={line_id: typed},
        chosen=posted_benefits(),
    )


def _offers(may_look_up: Callable[[], bool] | None) -> list[LineOffers]:
    account_id = current_user.account.id
    return offers_for(
        own_customer_id(), may_look_up, may_repeat=lambda: may_repeat_look_up(account_id)
    )


def _may_look_up() -> bool:
    """Whether a missing number may be looked up by INSZ; each counts (invariant 7)."""
    return may_look_up_pass(current_user.account.id)


def _activity_to_register(activity_id: int) -> Activity:
    activity = public_activity(activity_id)
    if activity is None or activity.activity_type.module is not Module.REGISTRATION:
        abort(404)
    return activity


def _step_url(activity: Activity) -> str:
    return url_for("shop.register_who", activity_id=activity.id, slug=slug_of(activity))


def _posted_step(activity: Activity) -> StepOne:
    step = _step_one(activity, read_choices(request.form.getlist("keuze")))
    step.uses_uitpas = request.form.get("uitpas", "")
    return step


def _step_one(activity: Activity, ticked: set[tuple[int, int]]) -> StepOne:
    customer = current_user.customer
    activities = [one for one in chosen_together(activity) if _is_on(one)] or [activity]
    persons: Sequence[Person] = customer.persons
    problems = registration_problems_for(
        customer.id, [one.id for one in activities], [person.id for person in persons]
    )
    options = {
        one.id: [
            option(one, person, problems.get((one.id, person.id), []), ticked) for person in persons
        ]
        for one in activities
    }
    return StepOne(activity, activities, options, _asks_uitpas(activities))


def _asks_uitpas(activities: Sequence[Activity]) -> bool:
    """Whether a UiTPAS can give something for any of these: not where nothing is to be paid."""
    worth = [
        one.id
        for one in activities
        if _is_on(one) and any(category.price for category in one.price_categories)
    ]
    return bool(benefits_possible(worth))


def _is_on(activity: Activity) -> bool:
    return activity.state is ActivityState.ONLINE and not is_over(activity)


def _context(step: StepOne) -> dict[str, Any]:
    activity = step.activity
    profile = profiles_of([activity.id]).get(activity.id)
    several = len(step.activities) > 1
    title = activity.series.title if several and activity.series else activity.title
    return {
        "step": step,
        "title": title,
        "several": several,
        "when": exact_days_in_words(activity),
        "hours": hours_in_words(activity),
        "place": profile.location_name if profile is not None else "",
        "days_of": exact_days_in_words,
        "left_of": places_left,
        "for_ages": ages(activity.min_age, activity.max_age),
        "sentence": uitpas_sentence(coupons=get_modules().coupons, rewards=False),
        "back_url": url_for("shop.activity", activity_id=activity.id, slug=slug_of(activity)),
        "total_url": url_for(
            "shop.register_total", activity_id=activity.id, slug=slug_of(activity)
        ),
        "here": _step_url(activity),
    }


def _benefits_page(items: list[LineOffers], **context: Any) -> Response:
    """``context`` as for ``benefits_page()`` of the steps."""
    return benefits_page(
        "shop/benefits.html",
        flow_addresses(),
        open_basket(own_customer_id()),
        items,
        step_one_url=_step_url(items[0].line.activity) if items else "",
        **context,
    )
