"""Back office: handing over what is kept of somebody, and erasing it; for admins (Privacy)."""

from flask import abort, flash, redirect, url_for
from werkzeug.wrappers import Response
from wtforms import BooleanField, StringField
from wtforms.validators import Length

from app.people.customers import find_customer
from app.people.models import Customer, Person
from app.people.persons import get_person
from app.people.problems import PersonRefused
from app.sales.erasing import erase_customer as forget_customer
from app.sales.erasing import erase_person as forget_person
from app.sales.erasing import preview_erasing
from app.sales.personal_data import hand_over, personal_data
from app.settings.privacy import insz_allowed
from app.web.access import Access, allow
from app.web.backoffice import backoffice
from app.web.forms import Form, Required
from app.web.pages import page
from app.web.person_forms import show_problems
from app.web.personal_data import as_file, readable

REASON_LENGTH = Length(max=500, message="Kort de reden in tot 500 tekens.")


class HandOverForm(Form):
    """Why the data leave, and whether register numbers go along."""

    reason = StringField(
        "Reden", [Required("Vul in waarom je deze gegevens meegeeft."), REASON_LENGTH]
    )
    with_insz = BooleanField("Met de rijksregisternummers")


class EraseForm(Form):
    """Why somebody is erased."""

    reason = StringField("Reden", [Required("Vul in waarom je deze gegevens wist."), REASON_LENGTH])


@backoffice.route("/klanten/<int:customer_id>/persoonsgegevens", methods=["GET", "POST"])
@allow(Access.ADMIN)
def customer_data(customer_id: int) -> Response:
    """Everything that is kept of a customer, on paper or as a file."""
    return _data_page(_customer(customer_id), None)


@backoffice.route("/gezinsleden/<int:person_id>/persoonsgegevens", methods=["GET", "POST"])
@allow(Access.ADMIN)
def person_data(person_id: int) -> Response:
    """Everything that is kept of one person."""
    person = _person(person_id)
    return _data_page(person.customer, person)


@backoffice.route("/klanten/<int:customer_id>/wissen", methods=["GET", "POST"])
@allow(Access.ADMIN)
def erase_customer(customer_id: int) -> Response:
    """Explain what erasing a customer does, or why it cannot be done now; then do it."""
    return _erase_page(_customer(customer_id), None)


@backoffice.route("/gezinsleden/<int:person_id>/wissen", methods=["GET", "POST"])
@allow(Access.ADMIN)
def erase_person(person_id: int) -> Response:
    """The same for one person of a family."""
    person = _person(person_id)
    return _erase_page(person.customer, person)


def _customer(customer_id: int) -> Customer:
    return find_customer(customer_id) or abort(404)


def _person(person_id: int) -> Person:
    return get_person(person_id) or abort(404)


def _data_page(customer: Customer, person: Person | None) -> Response:
    form, person_id = HandOverForm(), person.id if person else None
    if form.validate_on_submit():
        whole = bool(form.with_insz.data) and insz_allowed()
        data = hand_over(customer.id, person_id, form.reason.data or "", whole_insz=whole)
        if data is None:
            abort(404)
        return as_file(data)
    return page(
        "backoffice/personal_data.html",
        forms=[form],
        form=form,
        customer=customer,
        person=person,
        data=readable(personal_data(customer.id, person_id)),
    )


def _erase_page(customer: Customer, person: Person | None) -> Response:
    form, errors = EraseForm(), []
    customer_id, person_id = customer.id, person.id if person else None
    name = person.name if person else customer.name
    if form.validate_on_submit():
        try:
            if person_id is None:
                forget_customer(customer_id, form.reason.data or "")
                return _gone(name, url_for("backoffice.customers"))
            forget_person(customer_id, person_id, form.reason.data or "")
            return _gone(name, url_for("backoffice.customer", customer_id=customer_id))
        except PersonRefused as refused:
            errors = show_problems(form, refused.problems)
        except LookupError:
            abort(404)
    return page(
        "backoffice/erase.html",
        forms=[form],
        errors=errors,
        form=form,
        customer=customer,
        person=person,
        name=name,
        erasure=preview_erasing(customer_id, person_id) or abort(404),
    )


def _gone(name: str, onward: str) -> Response:
    flash(f"De gegevens van {name} zijn gewist. De bedragen zijn bewaard.", "success")
    return redirect(onward, 303)
