"""Back office: family members and contacts, and what UiTPAS says of them (P1 to P4)."""

from flask import abort, flash, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import Length

from app.extensions import db
from app.people.customers import find_customer
from app.people.models import Customer, Person
from app.people.passes import PassLookup, check_pass, look_up_pass_by_insz
from app.people.persons import (
    UitpasFilter,
    get_person,
    number_warning,
    search_persons,
    update_person,
)
from app.people.persons import add_person as add_to_family
from app.people.persons import reveal_insz as reveal
from app.people.problems import PersonRefused
from app.sales.leaving import leaving_problems
from app.sales.leaving import remove_person as take_out
from app.settings.uit import get_modules
from app.web.access import Access, allow
from app.web.arguments import choice_argument, page_argument, text_argument
from app.web.backoffice import backoffice
from app.web.forms import Form, Required
from app.web.pages import is_fragment, page
from app.web.pass_answers import (
    SAVE_FIRST,
    flash_check,
    flash_look_up,
    pass_fragment,
    pass_refusal,
)
from app.web.person_forms import TARIFF_WORDS, PersonForm, show_problems

PAGE_SIZE = 50
LOOK_UP = "zoek"
FILTERS = [
    ("", "Alle gezinsleden"),
    (UitpasFilter.HAS_NUMBER.value, "Heeft een UiTPAS-nummer"),
    (UitpasFilter.ACTIVE.value, "Kansentarief actief"),
    (UitpasFilter.EXPIRED.value, "Kansentarief vervallen"),
    (UitpasFilter.NONE.value, "Geen kansentarief gekend"),
]


class ReasonForm(Form):
    """Why an admin wants to see a register number."""

    reason = StringField(
        "Reden",
        [
            Required("Vul in waarom je het nummer nodig hebt."),
            Length(max=500, message="Kort de reden in tot 500 tekens."),
        ],
    )


@backoffice.get("/gezinsleden")
@allow(Access.ADMIN, Access.CASHIER)
def persons() -> Response:
    """Everybody who can take part, filtered on UiTPAS (P4)."""
    text, uitpas = text_argument("zoeken"), choice_argument("uitpas", UitpasFilter)
    found = db.paginate(
        search_persons(text, uitpas), page=page_argument(), per_page=PAGE_SIZE, error_out=False
    )
    return page(
        "backoffice/persons.html",
        found=found,
        text=text,
        uitpas=uitpas.value if uitpas else "",
        filter_options=FILTERS,
        tariff_words=TARIFF_WORDS,
    )


@backoffice.route("/klanten/<int:customer_id>/gezinsleden/nieuw", methods=["GET", "POST"])
@allow(Access.ADMIN, Access.CASHIER)
def new_person(customer_id: int) -> Response:
    """Add somebody to a customer's family."""
    customer = find_customer(customer_id)
    if customer is None:
        abort(404)
    form = PersonForm()
    if not form.validate_on_submit():
        if request.method == "GET":
            form.last_name.data = customer.last_name
        return _person_page(form, customer, None)
    data = form.person_data(with_insz=current_user.is_admin)
    try:
        person = add_to_family(customer_id, data, by_staff=True)
    except PersonRefused as refused:
        return _person_page(form, customer, None, show_problems(form, refused.problems))
    flash(f"{person.first_name} is toegevoegd.", "success")
    person_id, has_number = person.id, bool(person.uitpas_number)
    if has_number:
        _check_typed(person_id, number_warning(data))
    return redirect(url_for("backoffice.edit_person", person_id=person_id), 303)


@backoffice.route("/gezinsleden/<int:person_id>", methods=["GET", "POST"])
@allow(Access.ADMIN, Access.CASHIER)
def edit_person(person_id: int) -> Response:
    """Change a person; only an admin sees the field of the register number."""
    person = _person(person_id)
    form = PersonForm()
    if not form.validate_on_submit():
        if request.method == "GET":
            form.fill_from(person)
        return _person_page(form, person.customer, person)
    data = form.person_data(with_insz=current_user.is_admin)
    customer_id, before = person.customer_id, person.uitpas_number
    try:
        person = update_person(customer_id, person_id, data, by_staff=True)
    except PersonRefused as refused:
        problems = show_problems(form, refused.problems)
        return _person_page(form, person.customer, person, problems)
    name, number = person.first_name, person.uitpas_number
    flash(f"De gegevens van {name} zijn bewaard.", "success")
    if LOOK_UP in request.form:
        _need_uitpas()
        flash_look_up(name, look_up_pass_by_insz(person_id))
    elif number and number != before:
        _check_typed(person_id, number_warning(data))
    return redirect(url_for("backoffice.edit_person", person_id=person_id), 303)


@backoffice.route("/gezinsleden/<int:person_id>/verwijderen", methods=["GET", "POST"])
@allow(Access.ADMIN, Access.CASHIER)
def remove_person(person_id: int) -> Response:
    """Explain first, then take somebody out of the family."""
    person = _person(person_id)
    customer_id, name = person.customer_id, person.name
    if request.method == "GET":
        problems = leaving_problems(person_id, person.first_name)
        return page("backoffice/person_remove.html", person=person, problems=problems)
    try:
        take_out(customer_id, person_id, by_staff=True)
    except PersonRefused as refused:
        errors = [("", problem.sentence) for problem in refused.problems]
        return page("backoffice/person_remove.html", person=person, problems=[], errors=errors)
    flash(f"{name} is verwijderd.", "success")
    return redirect(url_for("backoffice.customer", customer_id=customer_id), 303)


@backoffice.post("/gezinsleden/<int:person_id>/uitpas-opzoeken")
@allow(Access.ADMIN, Access.CASHIER)
def look_up_pass(person_id: int) -> Response | str:
    """The green circle: find the number by the register number that is kept (P2)."""
    _need_uitpas()
    name = _person(person_id).first_name
    if is_fragment():
        if request.form.get("insz", "").strip():
            return pass_refusal(SAVE_FIRST)
        return pass_fragment(look_up_pass_by_insz(person_id))
    flash_look_up(name, look_up_pass_by_insz(person_id))
    return redirect(url_for("backoffice.edit_person", person_id=person_id), 303)


@backoffice.post("/gezinsleden/<int:person_id>/uitpas-vernieuwen")
@allow(Access.ADMIN, Access.CASHIER)
def refresh_pass(person_id: int) -> Response:
    """Ask UiTPAS again: the status is kept with its moment, the points are only shown (P3)."""
    _need_uitpas()
    _person(person_id)
    look_up = check_pass(person_id)
    person = _person(person_id)
    form = PersonForm(formdata=None)
    form.fill_from(person)
    return _person_page(form, person.customer, person, look_up=look_up)


@backoffice.route("/gezinsleden/<int:person_id>/rijksregisternummer", methods=["GET", "POST"])
@allow(Access.ADMIN)
def reveal_insz(person_id: int) -> Response:
    """Show a register number in full, once, with a reason that is written down."""
    person, form, insz = _person(person_id), ReasonForm(), None
    if person.insz is None:
        abort(404)
    if form.validate_on_submit():
        insz = reveal(person_id, form.reason.data)
    return page("backoffice/person_insz.html", forms=[form], form=form, person=person, insz=insz)


def _person(person_id: int) -> Person:
    person = get_person(person_id)
    if person is None:
        abort(404)
    return person


def _need_uitpas() -> None:
    if not get_modules().uitpas:
        abort(404)


def _check_typed(person_id: int, warning: str) -> None:
    if get_modules().uitpas:
        flash_check(check_pass(person_id), warning)
    elif warning:
        flash(warning, "warn")


def _person_page(
    form: PersonForm,
    customer: Customer,
    person: Person | None,
    errors: list[tuple[str, str]] | None = None,
    look_up: PassLookup | None = None,
) -> Response:
    return page(
        "backoffice/person.html",
        forms=[form],
        errors=errors or [],
        form=form,
        customer=customer,
        person=person,
        look_up=look_up,
        tariff_words=TARIFF_WORDS,
    )
