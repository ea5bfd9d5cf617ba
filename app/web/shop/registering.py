"""Shop: registering in steps; 1 who, and whether UiTPAS is used, 2 the benefit of each (R1-R3)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app.activities.models import Activity, ActivityState, Module
from app.activities.offer import chosen_together, places_left, public_activity, slug_of
from app.activities.prices import cheapest_category
from app.activities.registering import age_on
from app.clock import local
from app.formats import ages
from app.people.models import Person
from app.people.numbers import UitpasNumberProblem, read_uitpas_number
from app.sales.basket import (
    Choice,
    add_to_basket,
    open_basket,
    registration_problems_for,
)
from app.sales.benefit_choice import LineOffers, choose_benefits, offers_for, use_number
from app.sales.problems import BasketRefused, BenefitRefused, SaleProblem
from app.settings.uit import get_modules
from app.uitdatabank.publishing import benefits_possible
from app.uitpas.benefits import Offer
from app.web.access import Access, allow
from app.web.customers import customer_details_first, own_customer_id
from app.web.dates import exact_days_in_words, hours_in_words, is_over
from app.web.pages import PageError, page
from app.web.places import profiles_of
from app.web.shop import shop
from app.web.throttling import may_look_up_pass

ZERO = Decimal("0.00")
USES_UITPAS = {"ja": True, "nee": False}
TOO_MANY_NUMBERS = (
    "Je liet al veel nummers nakijken. Probeer het over een uur opnieuw, "
    "of ga verder zonder voordeel."
)
WHO = "wie"
"""Id of the part of the page where the persons are chosen."""


@dataclass
class Option:
    """One person for one activity, as the page offers it."""

    activity: Activity
    person: Person
    price: Decimal | None
    problems: list[str]
    chosen: bool
    error: str = ""

    @property
    def value(self) -> str:
        """What the box sends."""
        return f"{self.activity.id}-{self.person.id}"

    @property
    def age(self) -> str:
        """The age on the first date, in words; empty where the birth date is unknown."""
        if self.person.birth_date is None or self.activity.first_start is None:
            return ""
        return f"{age_on(self.person.birth_date, local(self.activity.first_start).date())} jaar"


@dataclass
class StepOne:
    """Everything the first step shows."""

    activity: Activity
    activities: list[Activity]
    options: dict[int, list[Option]]
    asks_uitpas: bool
    uses_uitpas: str = ""
    errors: list[PageError] = field(default_factory=list)
    activity_errors: dict[int, str] = field(default_factory=dict)
    uitpas_error: str = ""

    @property
    def chosen(self) -> list[Option]:
        """What is ticked."""
        return [item for items in self.options.values() for item in items if item.chosen]

    @property
    def total(self) -> Decimal:
        """The price of what is ticked, before any benefit, in euro."""
        return sum((item.price or ZERO for item in self.chosen), ZERO)


@shop.get("/aanbod/<int:activity_id>-<slug>/inschrijven")
@allow(Access.SIGNED_IN)
def register_who(activity_id: int, slug: str) -> Response | str:
    """Step 1: which persons, and whether UiTPAS is used."""
    if current_user.customer is None:
        return customer_details_first()
    activity = _activity_to_register(activity_id)
    if slug != slug_of(activity):
        return redirect(_step_url(activity), code=301)
    step = _step_one(activity, _read_choices(request.args.getlist("keuze")))
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
            _show_problems(step, refused.problems)
        else:
            return redirect(
                url_for("shop.benefits" if result.needs_benefit else "shop.basket"), code=303
            )
    if not chosen:
        step.errors.append((WHO, "Kies minstens één persoon."))
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
def benefits() -> Response:
    """Step 2: the benefit of each line that uses a UiTPAS, as publiq offers them now."""
    return _benefits_page(offers_for(own_customer_id(), _may_look_up))


@shop.post("/mandje/voordelen")
@allow(Access.CUSTOMER)
def choose() -> Response:
    """Settle what was chosen, and go to the basket."""
    try:
        choose_benefits(own_customer_id(), _posted_benefits())
    except BenefitRefused as refused:
        errors = {problem.line_id: problem.sentence for problem in refused.problems}
        items = offers_for(own_customer_id(), _looks_up_nothing)
        return _benefits_page(items, errors=errors, chosen=_posted_benefits())
    return redirect(url_for("shop.basket"), code=303)


@shop.post("/mandje/voordelen/totaal")
@allow(Access.CUSTOMER)
def benefits_total() -> str:
    """The ticket beside step 2, for what is chosen now; asks nobody."""
    totals = _benefit_totals(_posted_benefits())
    return render_template("shop/_benefits_total.html", fragment=True, **totals)


@shop.post("/mandje/voordelen/<int:line_id>/nummer")
@allow(Access.CUSTOMER)
def use_pass_number(line_id: int) -> Response:
    """Use a typed UiTPAS number for a person, once publiq says that it knows it."""
    typed = request.form.get(f"nummer-{line_id}", "")
    try:
        number = read_uitpas_number(typed)
    except UitpasNumberProblem as problem:
        return _number_refused(line_id, typed, problem.sentence)
    if not may_look_up_pass(current_user.account.id):
        return _number_refused(line_id, typed, TOO_MANY_NUMBERS)
    if number.warning:
        flash(number.warning, "warn")
    try:
        changed = use_number(own_customer_id(), line_id, number.digits)
    except BenefitRefused as refused:
        return _number_refused(line_id, typed, refused.problems[0].sentence)
    if not changed:
        abort(404)
    posted = _posted_benefits().items()
    others = {key: value for key, value in posted if key not in changed and value}
    try:
        choose_benefits(own_customer_id(), others)
    except BenefitRefused:
        flash("Kijk na welk voordeel je voor de anderen kiest.", "info")
    return redirect(url_for("shop.benefits", _anchor=f"lijn-{line_id}"), code=303)


def _number_refused(line_id: int, typed: str, sentence: str) -> Response:
    return _benefits_page(
        offers_for(own_customer_id(), _looks_up_nothing),
        number_errors={line_id: sentence},
        typed={line_id: typed},
        chosen=_posted_benefits(),
    )


def _may_look_up() -> bool:
    """Whether a missing number may be looked up by INSZ; each counts (invariant 7)."""
    return may_look_up_pass(current_user.account.id)


def _looks_up_nothing() -> bool:
    """For a page that is shown again: what was not found before, is not asked anew."""
    return False


def uitpas_sentence(*, coupons: bool, rewards: bool) -> str:
    """Why one would use a UiTPAS, in the wording of the manual's 4.3 that fits what is on."""
    words = "Gebruik UiTPASnummer om recht te hebben op kansentarief"
    if coupons and rewards:
        return f"{words} of gebruik te maken van coupons of omruilvoordeel"
    if coupons:
        return f"{words} of gebruik te maken van coupons"
    if rewards:
        return f"{words} of gebruik te maken van omruilvoordeel"
    return words


def _activity_to_register(activity_id: int) -> Activity:
    activity = public_activity(activity_id)
    if activity is None or activity.activity_type.module is not Module.REGISTRATION:
        abort(404)
    return activity


def _step_url(activity: Activity) -> str:
    return url_for("shop.register_who", activity_id=activity.id, slug=slug_of(activity))


def _posted_step(activity: Activity) -> StepOne:
    step = _step_one(activity, _read_choices(request.form.getlist("keuze")))
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
            _option(one, person, problems.get((one.id, person.id), []), ticked)
            for person in persons
        ]
        for one in activities
    }
    possible = benefits_possible(list(options)) if get_modules().uitpas else {}
    return StepOne(activity, activities, options, asks_uitpas=bool(possible))


def _is_on(activity: Activity) -> bool:
    return activity.state is ActivityState.ONLINE and not is_over(activity)


def _option(
    activity: Activity,
    person: Person,
    problems: Iterable[SaleProblem],
    ticked: set[tuple[int, int]],
) -> Option:
    category = cheapest_category(activity, person.postal_code)
    sentences = [problem.sentence for problem in problems]
    return Option(
        activity=activity,
        person=person,
        price=category.price if category is not None else None,
        problems=sentences,
        chosen=(activity.id, person.id) in ticked,
    )


def _read_choices(values: Iterable[str]) -> set[tuple[int, int]]:
    """(activity, person) of each box; what is no pair of numbers never came from the page."""
    found = set()
    for value in values:
        activity_id, _, person_id = value.partition("-")
        if activity_id.isdecimal() and person_id.isdecimal() and len(value) < 20:
            found.add((int(activity_id), int(person_id)))
    return found


def _show_problems(step: StepOne, problems: Iterable[SaleProblem]) -> None:
    """Each problem at its person where it has one, else at its activity, else above all."""
    by_pair = {
        (item.activity.id, item.person.id): item
        for items in step.options.values()
        for item in items
    }
    for problem in problems:
        item = by_pair.get((problem.activity_id or 0, problem.person_id or 0))
        if item is not None:
            item.error = problem.sentence
            step.errors.append((f"keuze-{item.value}", problem.sentence))
        elif problem.activity_id in step.options:
            step.activity_errors[problem.activity_id or 0] = problem.sentence
            step.errors.append((f"{WHO}-{problem.activity_id}", problem.sentence))
        else:
            step.errors.append((WHO, problem.sentence))


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


def _posted_benefits() -> dict[int, str]:
    """The id of the offer by line, '' for none."""
    chosen = {}
    for name, value in request.form.items():
        line_id = name.removeprefix("voordeel-")
        if line_id != name and line_id.isdecimal() and len(line_id) < 12:
            chosen[int(line_id)] = value
    return chosen


def _benefits_page(
    items: list[LineOffers],
    *,
    errors: dict[int | None, str] | None = None,
    number_errors: dict[int, str] | None = None,
    typed: dict[int, str] | None = None,
    chosen: dict[int, str] | None = None,
) -> Response:
    if not items:  # nothing uses a UiTPAS, or its lines went meanwhile
        return redirect(url_for("shop.basket"), code=303)
    errors, number_errors = errors or {}, number_errors or {}
    selected = {item.line.id: item.selected for item in items}
    for line_id, offer_id in (chosen or {}).items():
        if line_id in selected:
            selected[line_id] = offer_id
    page_errors = [(f"voordeel-{line_id}", text) for line_id, text in errors.items()]
    page_errors += [(f"nummer-{line_id}", text) for line_id, text in number_errors.items()]
    return page(
        "shop/benefits.html",
        errors=page_errors,
        items=items,
        selected=selected,
        line_errors=errors,
        number_errors=number_errors,
        typed=typed or {},
        silent=any(not item.answered for item in items),
        days_of=exact_days_in_words,
        step_one_url=_step_url(items[0].line.activity),
        **_benefit_totals(selected),
    )


def _benefit_totals(selected: dict[int, str]) -> dict[str, Any]:
    """The lines of the basket as they would be with these choices, from what publiq offered."""
    basket = open_basket(own_customer_id())
    rows, total = [], ZERO
    for line in basket.lines if basket is not None else []:
        price, words = line.price, line.benefit_name
        if line.id in selected:
            offers = [Offer.from_json(stored) for stored in line.offers]
            offer = next((item for item in offers if item.id == selected[line.id]), None)
            price = offer.price if offer is not None else line.regular_price
            words = offer.name if offer is not None else "Geen voordeel"
        who = line.person.first_name if line.person is not None else line.category_name
        title = line.activity.title
        rows.append((who, price, f"{title}, {words}" if words else title))
        total += price
    return {"rows": rows, "total": total}
